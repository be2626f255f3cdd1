-- +goose Up

-- A cloud account. A deleted one keeps its row, without its credential, so that
-- its id is never given out again.
CREATE TABLE account (
    id          TEXT PRIMARY KEY,
    label       TEXT   NOT NULL,
    label_key   TEXT   NOT NULL, -- the label as it is compared
    site        TEXT   NOT NULL CHECK (site IN ('intl', 'cn', 'eu', 'custom', 'sandbox')),
    credential  TEXT   NOT NULL CHECK (credential IN ('key', 'login')),
    key_hint    TEXT   NOT NULL, -- last 4 characters of the access key id, or the IAM user's name
    sealed      BLOB,            -- the credential; NULL once deleted
    endpoints   TEXT   NOT NULL, -- JSON
    state       TEXT   NOT NULL CHECK (state IN ('active', 'disabled', 'broken')),
    trouble     TEXT   NOT NULL, -- JSON of a message, '' for none
    trouble_us  BIGINT NOT NULL,
    domain_id   TEXT   NOT NULL,
    domain_name TEXT   NOT NULL,
    projects    TEXT   NOT NULL, -- JSON: region → project id
    currency    TEXT   NOT NULL,
    checks      TEXT   NOT NULL, -- JSON
    checked_us  BIGINT NOT NULL,
    rights      TEXT   NOT NULL, -- JSON
    lock_lifted TEXT   NOT NULL, -- order id whose unknown outcome an owner decided not to wait for
    created_us  BIGINT NOT NULL,
    updated_us  BIGINT NOT NULL,
    deleted_us  BIGINT NOT NULL, -- 0: not deleted
    rev         BIGINT NOT NULL
);
CREATE UNIQUE INDEX account_label ON account (label_key) WHERE deleted_us = 0;
