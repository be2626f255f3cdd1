-- +goose Up

-- The last try of each server's ports.
CREATE TABLE probe (
    server_id  TEXT   NOT NULL PRIMARY KEY, -- the cloud's
    account_id TEXT   NOT NULL,
    address    TEXT   NOT NULL, -- what was dialled; another one makes the row void
    ports      TEXT   NOT NULL, -- JSON
    trouble    TEXT   NOT NULL, -- JSON: why a port could not be tried; '' = none
    at_us      BIGINT NOT NULL
);
CREATE INDEX probe_at ON probe (at_us);
