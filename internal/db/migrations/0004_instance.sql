-- +goose Up

-- The local picture of an account's instances.
CREATE TABLE instance (
    id             TEXT   NOT NULL, -- the cloud's
    account_id     TEXT   NOT NULL,
    name           TEXT   NOT NULL,
    name_key       TEXT   NOT NULL, -- the name as it is compared and sorted
    search         TEXT   NOT NULL, -- lower case: what a search looks at
    region         TEXT   NOT NULL,
    spec           TEXT   NOT NULL,
    image          TEXT   NOT NULL,
    address        TEXT   NOT NULL,
    state          TEXT   NOT NULL,
    task_state     TEXT   NOT NULL,
    frozen         BIGINT NOT NULL,
    server_id      TEXT   NOT NULL,
    server_name    TEXT   NOT NULL,
    package_id     TEXT   NOT NULL,
    cloud_order    TEXT   NOT NULL,
    auto_renew     BIGINT NOT NULL,
    expires_us     BIGINT NOT NULL,
    expires_key    BIGINT NOT NULL, -- what is not known sorts last
    created_us     BIGINT NOT NULL,
    seen_config_us BIGINT NOT NULL,
    seen_ecs_us    BIGINT NOT NULL,
    seen_bss_us    BIGINT NOT NULL,
    updated_us     BIGINT NOT NULL,
    gone_us        BIGINT NOT NULL, -- 0: it is there
    PRIMARY KEY (account_id, id)
);
-- One index for each way to sort; a page is read from one account at a time.
CREATE INDEX instance_name ON instance (account_id, name_key, id) WHERE gone_us = 0;
CREATE INDEX instance_expires ON instance (account_id, expires_key, name_key, id) WHERE gone_us = 0;
CREATE INDEX instance_region ON instance (account_id, region, name_key, id) WHERE gone_us = 0;
CREATE INDEX instance_state ON instance (account_id, state, name_key, id) WHERE gone_us = 0;
-- A search reads this index only: it is a quarter of the table.
CREATE INDEX instance_search ON instance (account_id, search, region, state, id) WHERE gone_us = 0;
CREATE INDEX instance_id ON instance (id);
CREATE INDEX instance_order ON instance (cloud_order);
-- All figures of the overview come out of this one; so does every start's question for fresh orders that are not ready.
CREATE INDEX instance_count ON instance (account_id, region, state, auto_renew, expires_key) WHERE gone_us = 0;
CREATE INDEX instance_created ON instance (created_us) WHERE gone_us = 0;

-- How the last refresh of a source of an account went.
CREATE TABLE sync (
    account_id TEXT   NOT NULL,
    source     TEXT   NOT NULL,
    ok_us      BIGINT NOT NULL,
    tried_us   BIGINT NOT NULL,
    trouble    TEXT   NOT NULL, -- message id, '' when the last try succeeded
    code       TEXT   NOT NULL,
    PRIMARY KEY (account_id, source)
);

-- The accounts' own images, as last read.
CREATE TABLE private_image (
    account_id   TEXT   NOT NULL,
    region       TEXT   NOT NULL,
    id           TEXT   NOT NULL,
    name         TEXT   NOT NULL,
    os           TEXT   NOT NULL,
    status       TEXT   NOT NULL,
    min_disk_gib BIGINT NOT NULL,
    PRIMARY KEY (account_id, region, id)
);
