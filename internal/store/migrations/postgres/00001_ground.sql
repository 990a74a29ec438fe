-- +goose Up
CREATE TABLE idempotency (
    account_id uuid NOT NULL,
    key text NOT NULL,
    route text NOT NULL,
    body_hash text NOT NULL,
    response text NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (account_id, key)
);
CREATE INDEX idempotency_age ON idempotency (created_at);

-- What was sealed with the keys of the installation, to notice other keys.
CREATE TABLE key_checks (
    id integer NOT NULL PRIMARY KEY CHECK (id = 1),
    sealed bytea NOT NULL,
    digest text NOT NULL
);

-- +goose Down
DROP TABLE key_checks;
DROP TABLE idempotency;
