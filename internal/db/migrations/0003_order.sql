-- +goose Up

-- The queue: work that outlives its request. A row is worked on by whoever
-- holds the lease; every result names the lease's generation.
CREATE TABLE job (
    id             TEXT PRIMARY KEY,
    kind           TEXT   NOT NULL,
    account_id     TEXT   NOT NULL,
    person_id      TEXT   NOT NULL,
    due_us         BIGINT NOT NULL, -- 0: only when somebody nudges it
    done_us        BIGINT NOT NULL, -- 0: not done
    held           BIGINT NOT NULL,
    paused         BIGINT NOT NULL,
    tries          BIGINT NOT NULL, -- failures in a row
    nudge          BIGINT NOT NULL, -- grows when somebody wants it worked on now
    lease_owner    TEXT   NOT NULL, -- random id of a process start, '' when free
    lease_gen      BIGINT NOT NULL, -- one more with every claim
    lease_until_us BIGINT NOT NULL,
    created_us     BIGINT NOT NULL
);
CREATE INDEX job_due ON job (due_us) WHERE done_us = 0 AND due_us > 0;

CREATE TABLE job_target (
    job_id     TEXT   NOT NULL REFERENCES job (id),
    n          BIGINT NOT NULL,
    thing      TEXT   NOT NULL,
    state      TEXT   NOT NULL CHECK (state IN ('pending', 'sending', 'accepted', 'ok', 'failed', 'skipped', 'unknown', 'cancelled')),
    code       TEXT   NOT NULL,
    message    TEXT   NOT NULL, -- JSON of a message id and its values, '' for none
    request_id TEXT   NOT NULL,
    updated_us BIGINT NOT NULL,
    PRIMARY KEY (job_id, n)
);

-- The wizard's memory.
CREATE TABLE draft (
    id         TEXT PRIMARY KEY,
    person_id  TEXT   NOT NULL,
    step       TEXT   NOT NULL,
    form       TEXT   NOT NULL, -- JSON
    before     TEXT   NOT NULL, -- JSON, '' for none
    ordered_as TEXT   NOT NULL,
    repeat_of  TEXT   NOT NULL,
    created_us BIGINT NOT NULL,
    updated_us BIGINT NOT NULL,
    rev        BIGINT NOT NULL
);
CREATE INDEX draft_person ON draft (person_id, updated_us);

-- What a person was shown before they confirmed: exactly what will be sent.
CREATE TABLE review (
    id                TEXT PRIMARY KEY,
    draft_id          TEXT   NOT NULL,
    person_id         TEXT   NOT NULL,
    request           TEXT   NOT NULL, -- JSON
    hash              TEXT   NOT NULL,
    client_request_id TEXT   NOT NULL UNIQUE,
    intent_tag        TEXT   NOT NULL,
    image_name        TEXT   NOT NULL, -- spelling inside the body
    body              BLOB   NOT NULL,
    url               TEXT   NOT NULL,
    repeats           TEXT   NOT NULL,
    order_id          TEXT   NOT NULL, -- '' until confirmed
    created_us        BIGINT NOT NULL
);
CREATE UNIQUE INDEX review_tag ON review (intent_tag) WHERE intent_tag <> '';
CREATE INDEX review_created ON review (created_us);

-- An intent and all that became of it. Its column state is changed by one
-- statement only (Orders.Save).
CREATE TABLE purchase (
    id                  TEXT PRIMARY KEY,
    account_id          TEXT   NOT NULL,
    sandbox             BIGINT NOT NULL,
    person_id           TEXT   NOT NULL,
    person_name         TEXT   NOT NULL,
    review_id           TEXT   NOT NULL UNIQUE,
    request             TEXT   NOT NULL, -- JSON
    hash                TEXT   NOT NULL,
    price_key           TEXT   NOT NULL, -- equal for requests that cost the same
    name                TEXT   NOT NULL, -- of the instance
    search              TEXT   NOT NULL, -- lower case: what a search looks at
    state               TEXT   NOT NULL CHECK (state IN ('confirmed', 'sending', 'refused', 'expired', 'cancelled', 'unknown', 'needs human',
                            'not found', 'ordered', 'awaiting payment', 'paying', 'delivering', 'delivered', 'partly delivered', 'closed')),
    state_us            BIGINT NOT NULL, -- since when
    reason              TEXT   NOT NULL, -- JSON of a message, '' for none
    code                TEXT   NOT NULL,
    request_id          TEXT   NOT NULL,
    detail              TEXT   NOT NULL,
    client_request_id   TEXT   NOT NULL UNIQUE, -- of the last attempt
    intent_tag          TEXT   NOT NULL,
    cloud_order_id      TEXT   NOT NULL,
    answered_ids        TEXT   NOT NULL, -- JSON
    cloud_status        BIGINT NOT NULL,
    cloud_read_us       BIGINT NOT NULL,
    amount              TEXT   NOT NULL, -- '' for not known
    official            TEXT   NOT NULL,
    currency            TEXT   NOT NULL,
    cap                 TEXT   NOT NULL,
    cap_currency        TEXT   NOT NULL,
    pay_by_us           BIGINT NOT NULL,
    paid_us             BIGINT NOT NULL,
    pay_asked_us        BIGINT NOT NULL, -- somebody pressed Pay
    pay_asked_by        TEXT   NOT NULL,
    pay_sends           BIGINT NOT NULL,
    pay_sent_us         BIGINT NOT NULL,
    cancel_asked_us     BIGINT NOT NULL,
    cancel_asked_by     TEXT   NOT NULL,
    cancel_sends        BIGINT NOT NULL,
    delivered           TEXT   NOT NULL, -- JSON
    missing             TEXT   NOT NULL, -- JSON
    candidates          TEXT   NOT NULL, -- JSON
    expires_us          BIGINT NOT NULL,
    sent_us             BIGINT NOT NULL,
    ended_us            BIGINT NOT NULL,
    checks              BIGINT NOT NULL,
    last_check_us       BIGINT NOT NULL,
    next_check_us       BIGINT NOT NULL,
    check_until_us      BIGINT NOT NULL,
    lock_lifted         BIGINT NOT NULL,
    repeat_of           TEXT   NOT NULL,
    created_us          BIGINT NOT NULL,
    generation          BIGINT NOT NULL, -- lease generation of the claim that sent it
    rev                 BIGINT NOT NULL
);
CREATE UNIQUE INDEX purchase_cloud_order ON purchase (cloud_order_id) WHERE cloud_order_id <> '';
CREATE INDEX purchase_list ON purchase (created_us, id);
CREATE INDEX purchase_page ON purchase (account_id, created_us, id, state, person_id); -- a page of the list is found in it alone
CREATE INDEX purchase_account ON purchase (account_id, state);
CREATE INDEX purchase_state ON purchase (state, created_us, id); -- every page asks who waits for somebody
CREATE INDEX purchase_hash ON purchase (hash, created_us);
CREATE INDEX purchase_price ON purchase (price_key, created_us);

-- The timeline.
CREATE TABLE purchase_event (
    purchase_id TEXT   NOT NULL REFERENCES purchase (id),
    n           BIGINT NOT NULL,
    at_us       BIGINT NOT NULL,
    state       TEXT   NOT NULL,
    message     TEXT   NOT NULL, -- JSON
    person      TEXT   NOT NULL,
    PRIMARY KEY (purchase_id, n)
);

-- One row per send of the purchase, there before its first byte.
CREATE TABLE purchase_attempt (
    purchase_id       TEXT   NOT NULL REFERENCES purchase (id),
    n                 BIGINT NOT NULL,
    client_request_id TEXT   NOT NULL UNIQUE,
    image_name        TEXT   NOT NULL,
    body              BLOB   NOT NULL,
    url               TEXT   NOT NULL,
    sent_us           BIGINT NOT NULL,
    answered_us       BIGINT NOT NULL, -- 0: no answer recorded
    outcome           TEXT   NOT NULL, -- '', 'ordered', 'refused', 'unknown'
    status            BIGINT NOT NULL,
    code              TEXT   NOT NULL,
    request_id        TEXT   NOT NULL,
    PRIMARY KEY (purchase_id, n)
);

-- Every request and answer on the wire, without secrets and bodies.
CREATE TABLE purchase_exchange (
    purchase_id       TEXT   NOT NULL REFERENCES purchase (id),
    n                 BIGINT NOT NULL,
    at_us             BIGINT NOT NULL,
    call              TEXT   NOT NULL,
    method            TEXT   NOT NULL,
    path              TEXT   NOT NULL,
    host              TEXT   NOT NULL,
    client_request_id TEXT   NOT NULL,
    request_id        TEXT   NOT NULL,
    status            BIGINT NOT NULL,
    code              TEXT   NOT NULL,
    sent              BIGINT NOT NULL,
    took_us           BIGINT NOT NULL,
    PRIMARY KEY (purchase_id, n)
);

-- What was looked at while the outcome was unknown.
CREATE TABLE purchase_check (
    purchase_id TEXT   NOT NULL REFERENCES purchase (id),
    n           BIGINT NOT NULL,
    at_us       BIGINT NOT NULL,
    conclusive  BIGINT NOT NULL, -- 0: a listing did not answer
    orders      BIGINT NOT NULL, -- orders seen in the window
    candidates  BIGINT NOT NULL, -- of them, such as may be ours
    message     TEXT   NOT NULL, -- JSON
    PRIMARY KEY (purchase_id, n)
);

-- Every exact amount ever read from an order.
CREATE TABLE purchase_amount (
    purchase_id TEXT   NOT NULL REFERENCES purchase (id),
    at_us       BIGINT NOT NULL,
    amount      TEXT   NOT NULL,
    currency    TEXT   NOT NULL,
    PRIMARY KEY (purchase_id, at_us)
);

-- Which spelling of an image's name an account's cloud took.
CREATE TABLE spelling (
    account_id TEXT   NOT NULL,
    image_id   TEXT   NOT NULL,
    name       TEXT   NOT NULL,
    updated_us BIGINT NOT NULL,
    PRIMARY KEY (account_id, image_id)
);
