-- +goose Up
CREATE TABLE idempotency (
    account_id TEXT NOT NULL,
    key TEXT NOT NULL,
    route TEXT NOT NULL,
    body_hash TEXT NOT NULL,
    response TEXT NOT NULL,
    created_at DATETIME NOT NULL,
    PRIMARY KEY (account_id, key)
);
CREATE INDEX idempotency_age ON idempotency (created_at);

-- Working days differ from the week only here: holidays, and weekend days that
-- are worked instead. They are the State's, so they belong to no institution.
CREATE TABLE holidays (
    day TEXT NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('HOLIDAY', 'WORKDAY')),
    name TEXT NOT NULL
);

-- What was sealed with the keys of the installation, to notice other keys.
CREATE TABLE key_checks (
    id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    sealed BLOB NOT NULL,
    digest TEXT NOT NULL
);

-- +goose Down
DROP TABLE key_checks;
DROP TABLE holidays;
DROP TABLE idempotency;
