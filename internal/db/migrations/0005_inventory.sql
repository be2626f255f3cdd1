-- +goose Up

-- What each source said last of an instance, beside what was made of it. Lists
-- are made in memory: the indexes for them go.
DROP INDEX instance_expires;
DROP INDEX instance_region;
DROP INDEX instance_state;
DROP INDEX instance_search;
DROP INDEX instance_count;
ALTER TABLE instance DROP COLUMN search;
ALTER TABLE instance DROP COLUMN expires_key;
ALTER TABLE instance ADD COLUMN listed TEXT NOT NULL DEFAULT ''; -- JSON: Config's word, '' = never listed
ALTER TABLE instance ADD COLUMN parts TEXT NOT NULL DEFAULT ''; -- JSON: what is in the package; only the page of an instance reads it
ALTER TABLE instance ADD COLUMN billed TEXT NOT NULL DEFAULT ''; -- JSON: billing's word, '' = never named
ALTER TABLE instance ADD COLUMN config_sum BIGINT NOT NULL DEFAULT 0; -- to know an answer again
ALTER TABLE instance ADD COLUMN bss_sum BIGINT NOT NULL DEFAULT 0;
ALTER TABLE instance ADD COLUMN config_lost BIGINT NOT NULL DEFAULT 0; -- 1: the last whole answer did not have it
ALTER TABLE instance ADD COLUMN bss_lost BIGINT NOT NULL DEFAULT 0;
ALTER TABLE instance ADD COLUMN missing_us BIGINT NOT NULL DEFAULT 0; -- not seen since; 0: it is where it was
ALTER TABLE instance ADD COLUMN outside TEXT NOT NULL DEFAULT ''; -- JSON: changes that the console did not make

-- What ECS said last of a server.
CREATE TABLE server (
    id          TEXT   NOT NULL, -- the cloud's
    account_id  TEXT   NOT NULL,
    instance_id TEXT   NOT NULL, -- '' = not known
    facts       TEXT   NOT NULL, -- JSON
    sum         BIGINT NOT NULL,
    seen_us     BIGINT NOT NULL,
    lost        BIGINT NOT NULL,
    missing_us  BIGINT NOT NULL,
    outside     TEXT   NOT NULL, -- JSON
    updated_us  BIGINT NOT NULL,
    gone_us     BIGINT NOT NULL, -- 0: it is there
    PRIMARY KEY (account_id, id)
);
CREATE INDEX server_instance ON server (account_id, instance_id);

-- The answers themselves, compressed, for the fold of a page.
CREATE TABLE raw_answer (
    account_id TEXT   NOT NULL,
    source     BIGINT NOT NULL, -- 0 Config, 1 ECS, 2 billing
    id         TEXT   NOT NULL, -- of the instance or server
    at_us      BIGINT NOT NULL,
    body       BLOB   NOT NULL, -- deflated JSON
    PRIMARY KEY (account_id, source, id)
);
