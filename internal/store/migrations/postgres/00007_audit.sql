-- +goose Up
-- What staff did and saw. A row is written in the transaction of the act with
-- its own mac; the sealer gives it its place in the chain afterwards.
CREATE TABLE audit_entries (
    id uuid NOT NULL PRIMARY KEY,
    institution_id uuid NOT NULL REFERENCES institutions (id),
    person_id uuid,
    account_id uuid,
    roles text NOT NULL,
    kind text NOT NULL CHECK (kind IN ('ACT', 'LOOK', 'EXPORT')),
    action text NOT NULL,
    subject_type text NOT NULL,
    subject_id uuid,
    acted_for uuid,
    at timestamptz NOT NULL,
    mac bytea NOT NULL,
    seq bigint,
    link bytea
);
CREATE UNIQUE INDEX audit_entries_chain ON audit_entries (institution_id, seq) WHERE seq IS NOT NULL;
CREATE INDEX audit_entries_unsealed ON audit_entries (institution_id, id) WHERE seq IS NULL;
CREATE INDEX audit_entries_of ON audit_entries (institution_id, id);
CREATE INDEX audit_entries_person ON audit_entries (institution_id, person_id, id);
CREATE INDEX audit_entries_action ON audit_entries (institution_id, action, id);
CREATE INDEX audit_entries_subject ON audit_entries (institution_id, subject_id, id);

-- How far the chain of each institution goes.
CREATE TABLE audit_chains (
    institution_id uuid NOT NULL PRIMARY KEY REFERENCES institutions (id),
    sealed bigint NOT NULL,
    head bytea NOT NULL,
    sealed_at timestamptz NOT NULL,
    mac bytea NOT NULL
);

-- All chains together, and the mark of the key that they are made with.
CREATE TABLE audit_totals (
    id integer NOT NULL PRIMARY KEY CHECK (id = 1),
    key_mark text NOT NULL,
    chains bigint NOT NULL,
    sealed bigint NOT NULL,
    mac bytea NOT NULL
);

-- +goose Down
DROP TABLE audit_totals;
DROP TABLE audit_chains;
DROP TABLE audit_entries;
