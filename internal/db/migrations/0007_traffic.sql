-- +goose Up

-- The data packages of instances: what the last reading said.
CREATE TABLE meter (
    package_id TEXT   NOT NULL PRIMARY KEY, -- the cloud's
    account_id TEXT   NOT NULL,
    n          BIGINT NOT NULL UNIQUE,      -- short, for the samples
    item       TEXT   NOT NULL,             -- billing's id, where it is another; '' = it is not
    read_us    BIGINT NOT NULL,             -- 0: never
    unit       BIGINT NOT NULL,             -- measure_id of a reading that cannot be counted; 0: it could
    use_us     BIGINT NOT NULL,             -- usage records were read; 0: never
    last       BLOB   NOT NULL,             -- the last sample, packed; empty: none
    marks      BLOB   NOT NULL              -- some of the last eight days, packed
);
CREATE INDEX meter_account ON meter (account_id);

-- Samples, packed: a row holds those of a day, one of each hour. A fleet of
-- 10,000 has 21.6 million of them in 90 days; as rows they would fill more than a
-- gigabyte.
CREATE TABLE traffic_hours (
    meter   BIGINT NOT NULL,
    day     BIGINT NOT NULL, -- since 1970, UTC
    samples BLOB   NOT NULL,
    PRIMARY KEY (meter, day)
);
CREATE INDEX traffic_hours_day ON traffic_hours (day);

-- The last sample of each day that has left traffic_hours, by the month.
CREATE TABLE traffic_days (
    meter   BIGINT NOT NULL,
    month   BIGINT NOT NULL, -- 12 × year + month − 1, UTC
    samples BLOB   NOT NULL,
    PRIMARY KEY (meter, month)
);
CREATE INDEX traffic_days_month ON traffic_days (month);

-- What the cloud's usage records say of days before the console watched.
CREATE TABLE traffic_use (
    meter  BIGINT NOT NULL,
    day    BIGINT NOT NULL, -- since 1970, of the date in Beijing
    gb     TEXT   NOT NULL, -- decimal, as the cloud gave it
    PRIMARY KEY (meter, day)
);
