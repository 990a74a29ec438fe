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

-- Working days differ from the week only here: holidays, and weekend days that
-- are worked instead. They are the State's, so they belong to no institution.
CREATE TABLE holidays (
    day date NOT NULL PRIMARY KEY,
    kind text NOT NULL CHECK (kind IN ('HOLIDAY', 'WORKDAY')),
    name text NOT NULL
);

-- What was sealed with the keys of the installation, to notice other keys.
CREATE TABLE key_checks (
    id integer NOT NULL PRIMARY KEY CHECK (id = 1),
    sealed bytea NOT NULL,
    digest text NOT NULL
);

-- +goose Down
DROP TABLE key_checks;
DROP TABLE holidays;
DROP TABLE idempotency;
