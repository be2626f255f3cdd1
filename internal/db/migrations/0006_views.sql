-- +goose Up

-- Searches that people saved.
CREATE TABLE saved_view (
    id         TEXT   NOT NULL PRIMARY KEY,
    person_id  TEXT   NOT NULL REFERENCES person (id) ON DELETE CASCADE,
    list       TEXT   NOT NULL CHECK (list IN ('servers', 'instances')),
    name       TEXT   NOT NULL,
    fold       TEXT   NOT NULL, -- the name in lower case
    search     TEXT   NOT NULL,
    sort       TEXT   NOT NULL,
    shared     BIGINT NOT NULL,
    updated_us BIGINT NOT NULL,
    UNIQUE (person_id, list, fold)
);

-- How people want the lists to look.
CREATE TABLE list_choice (
    person_id TEXT   NOT NULL REFERENCES person (id) ON DELETE CASCADE,
    list      TEXT   NOT NULL,
    columns   TEXT   NOT NULL, -- separated by spaces; '' = the usual ones
    roomy     BIGINT NOT NULL,
    per_page  BIGINT NOT NULL,
    PRIMARY KEY (person_id, list)
);

-- The console's own words on servers.
CREATE TABLE label (
    target TEXT NOT NULL, -- server's id, or the instance's while it has none
    label  TEXT NOT NULL,
    PRIMARY KEY (target, label)
);

-- What was selected at one moment.
CREATE TABLE selection (
    id        TEXT   NOT NULL PRIMARY KEY,
    person_id TEXT   NOT NULL REFERENCES person (id) ON DELETE CASCADE,
    list      TEXT   NOT NULL,
    source    TEXT   NOT NULL,
    search    TEXT   NOT NULL,
    ids       TEXT   NOT NULL, -- a line each
    unknown   TEXT   NOT NULL, -- a line each
    at_us     BIGINT NOT NULL
);
CREATE INDEX selection_at ON selection (at_us);
