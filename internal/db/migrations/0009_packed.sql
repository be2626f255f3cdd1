-- +goose Up

-- What the lists show of an instance, small and ready for the next start.
CREATE TABLE packed (
    n          INTEGER NOT NULL PRIMARY KEY,
    account_id TEXT    NOT NULL,
    id         TEXT    NOT NULL, -- of the instance; of a server whose instance is not known
    body       BLOB    NOT NULL,
    UNIQUE (account_id, id)
);

-- How the rows above were packed. Empty: they are not all there.
CREATE TABLE packing (packing TEXT NOT NULL);

-- What a start needs of a meter. Empty: it is made of the meter.
ALTER TABLE meter ADD COLUMN brief BLOB NOT NULL DEFAULT '';
