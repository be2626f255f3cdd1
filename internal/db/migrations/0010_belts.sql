-- +goose Up

-- How a directory that went back in time is recognised (reliability.md §7).
ALTER TABLE meta ADD COLUMN start BIGINT NOT NULL DEFAULT 0;      -- number of the process start that has the database; one more at each
ALTER TABLE meta ADD COLUMN written_us BIGINT NOT NULL DEFAULT 0; -- of the last write transaction
ALTER TABLE meta ADD COLUMN back_us BIGINT NOT NULL DEFAULT 0;    -- since when orders at the cloud are to be looked at; 0: they were
UPDATE meta SET written_us = COALESCE((SELECT MAX(at_us) FROM audit), 0);
ALTER TABLE meta ADD COLUMN marked BIGINT NOT NULL DEFAULT 0;     -- marks that were made: 1 in the directory, 2 beside it
ALTER TABLE meta ADD COLUMN restore_due BIGINT NOT NULL DEFAULT 0; -- 1: found to be restored, and its orders were not dealt with yet
ALTER TABLE meta ADD COLUMN restored_us BIGINT NOT NULL DEFAULT 0;
ALTER TABLE meta ADD COLUMN restored_why TEXT NOT NULL DEFAULT ''; -- JSON of a message

-- Rows of before count as of an earlier process start than any that follows.
ALTER TABLE review ADD COLUMN start BIGINT NOT NULL DEFAULT 0;      -- process start that made it
ALTER TABLE review ADD COLUMN replaced_by TEXT NOT NULL DEFAULT ''; -- the review that was shown in its place, with new ids

ALTER TABLE purchase ADD COLUMN start BIGINT NOT NULL DEFAULT 0;          -- process start that confirmed it
ALTER TABLE purchase ADD COLUMN link TEXT NOT NULL DEFAULT '';            -- how the cloud's order came to be linked: '', answer, tag, name, likeness, person
ALTER TABLE purchase ADD COLUMN answered_order TEXT NOT NULL DEFAULT '';  -- the number that the purchase's answer carried
ALTER TABLE purchase ADD COLUMN restored BIGINT NOT NULL DEFAULT 0;       -- 1: queued or being sent in a database that was put back
ALTER TABLE purchase ADD COLUMN weighed TEXT NOT NULL DEFAULT '';         -- JSON: orders read in detail that are somebody else's for good
ALTER TABLE purchase ADD COLUMN unread BIGINT NOT NULL DEFAULT 0;         -- orders that the last look saw and could not read

UPDATE purchase SET link = 'answer', answered_order = cloud_order_id
    WHERE cloud_order_id <> '' AND EXISTS (SELECT 1 FROM purchase_attempt a WHERE a.purchase_id = purchase.id AND a.outcome = 'ordered');

-- Orders at the cloud that no intent here is linked to, and what was decided of them.
CREATE TABLE found_order (
    cloud_order_id  TEXT PRIMARY KEY,
    account_id      TEXT   NOT NULL, -- entry that it was seen through
    status          BIGINT NOT NULL,
    created_us      BIGINT NOT NULL,
    amount          TEXT   NOT NULL, -- '' for not known
    currency        TEXT   NOT NULL,
    quantity        BIGINT NOT NULL, -- 0: not known
    period_unit     TEXT   NOT NULL,
    period_num      BIGINT NOT NULL,
    spec            TEXT   NOT NULL, -- as printed, or the code of its resources
    region          TEXT   NOT NULL,
    names           TEXT   NOT NULL, -- JSON
    user_name       TEXT   NOT NULL,
    tag             TEXT   NOT NULL, -- value of sampan-order on its instances
    purchase_id     TEXT   NOT NULL, -- the purchase here that it resembles, '' for none
    review_id       TEXT   NOT NULL, -- the review here that it resembles, or whose tag it carries
    source          TEXT   NOT NULL CHECK (source IN ('start', 'look')),
    found_us        BIGINT NOT NULL,
    seen_us         BIGINT NOT NULL,
    decision        TEXT   NOT NULL CHECK (decision IN ('', 'belongs', 'not ours', 'cancelled')),
    decided_us      BIGINT NOT NULL,
    decided_by      TEXT   NOT NULL,
    cancel_asked_us BIGINT NOT NULL,
    cancel_asked_by TEXT   NOT NULL,
    cancel_sends    BIGINT NOT NULL,
    note            TEXT   NOT NULL, -- JSON of a message: what became of the last wish
    rev             BIGINT NOT NULL
);
CREATE INDEX found_order_open ON found_order (decision, created_us);

-- "This is an additional order", said of a request beside an order that was found.
CREATE TABLE found_answer (
    cloud_order_id TEXT   NOT NULL,
    hash           TEXT   NOT NULL, -- of the request
    person_id      TEXT   NOT NULL,
    at_us          BIGINT NOT NULL,
    PRIMARY KEY (cloud_order_id, hash)
);
