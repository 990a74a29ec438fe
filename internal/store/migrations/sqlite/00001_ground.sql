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

-- What was sealed with the keys of the installation, to notice other keys.
CREATE TABLE key_checks (
    id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    sealed BLOB NOT NULL,
    digest TEXT NOT NULL
);

-- +goose Down
DROP TABLE key_checks;
DROP TABLE idempotency;
