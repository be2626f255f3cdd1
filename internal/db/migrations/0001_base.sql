-- +goose Up

-- One row: what the database knows about itself.
CREATE TABLE meta (
    id          INTEGER PRIMARY KEY CHECK (id = 1),
    database_id TEXT   NOT NULL,
    counter     BIGINT NOT NULL, -- grows with every write transaction; its twin is the counter file
    restored    BIGINT NOT NULL, -- 1: restored, copied or rolled back, and not yet recovered (I7)
    sentinel    BLOB,            -- proves the key file at start
    audit_seq   BIGINT NOT NULL DEFAULT 0, -- number of the last row of the audit, and its proof
    audit_sum   BLOB
);

CREATE TABLE setting (
    name       TEXT PRIMARY KEY,
    value      TEXT   NOT NULL,
    updated_us BIGINT NOT NULL
);

CREATE TABLE person (
    id            TEXT PRIMARY KEY,
    name          TEXT   NOT NULL UNIQUE, -- sign-in name, normalised
    display_name  TEXT   NOT NULL,
    role          TEXT   NOT NULL CHECK (role IN ('viewer', 'operator', 'buyer', 'owner')),
    password_hash TEXT   NOT NULL,        -- Argon2id, PHC format
    language      TEXT   NOT NULL,
    zone          TEXT   NOT NULL,
    theme         TEXT   NOT NULL,
    shortcuts     BIGINT NOT NULL,
    scope         TEXT   NOT NULL,
    disabled      BIGINT NOT NULL,
    created_us    BIGINT NOT NULL,
    updated_us    BIGINT NOT NULL,
    rev           BIGINT NOT NULL
);

CREATE TABLE session (
    hash           TEXT PRIMARY KEY, -- SHA-256 of the token, hex
    person_id      TEXT   NOT NULL REFERENCES person (id) ON DELETE CASCADE,
    created_us     BIGINT NOT NULL,
    seen_us        BIGINT NOT NULL,
    fresh_until_us BIGINT NOT NULL,
    address        TEXT   NOT NULL,
    browser        TEXT   NOT NULL
);
CREATE INDEX session_person ON session (person_id);

-- A browser that has signed in before. It signs nobody in.
CREATE TABLE device (
    hash      TEXT PRIMARY KEY, -- SHA-256 of the cookie, hex
    person_id TEXT   NOT NULL REFERENCES person (id) ON DELETE CASCADE,
    seen_us   BIGINT NOT NULL
);
CREATE INDEX device_person ON device (person_id);

-- One-time links: set-up and password reset.
CREATE TABLE link (
    hash       TEXT PRIMARY KEY, -- SHA-256 of the token, hex
    kind       TEXT   NOT NULL CHECK (kind IN ('setup', 'reset')),
    person_id  TEXT REFERENCES person (id) ON DELETE CASCADE,
    expires_us BIGINT NOT NULL   -- 0: does not expire
);

CREATE TABLE throttle (
    bucket   TEXT PRIMARY KEY, -- hash of what is throttled
    failures BIGINT NOT NULL,
    last_us  BIGINT NOT NULL,
    told     BIGINT NOT NULL   -- 1: the waiting is already in the audit
);
CREATE INDEX throttle_last ON throttle (last_us);

CREATE TABLE audit (
    seq         BIGINT PRIMARY KEY,
    at_us       BIGINT NOT NULL,
    person_id   TEXT   NOT NULL,
    person_name TEXT   NOT NULL,
    role        TEXT   NOT NULL,
    session_ref TEXT   NOT NULL,
    address     TEXT   NOT NULL,
    action      TEXT   NOT NULL,
    account_id  TEXT   NOT NULL,
    targets     TEXT   NOT NULL, -- JSON
    params      TEXT   NOT NULL, -- JSON
    intent      TEXT   NOT NULL,
    outcome     TEXT   NOT NULL,
    request_ids TEXT   NOT NULL, -- JSON
    prev_mac    BLOB   NOT NULL,
    mac         BLOB   NOT NULL
);
CREATE INDEX audit_person ON audit (person_id, seq);
CREATE INDEX audit_intent ON audit (intent, seq);

-- +goose StatementBegin
CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit
BEGIN
    SELECT RAISE(ABORT, 'audit rows are never changed');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit
BEGIN
    SELECT RAISE(ABORT, 'audit rows are never deleted');
END;
-- +goose StatementEnd

-- REPLACE would delete without asking the trigger above.
-- +goose StatementBegin
CREATE TRIGGER audit_only_append BEFORE INSERT ON audit
WHEN NEW.seq <> (SELECT coalesce(max(seq), 0) + 1 FROM audit)
BEGIN
    SELECT RAISE(ABORT, 'audit rows are only appended');
END;
-- +goose StatementEnd
