-- +goose Up
-- What staff did and saw. A row is written in the transaction of the act with
-- its own mac; the sealer gives it its place in the chain afterwards.
CREATE TABLE audit_entries (
    id TEXT NOT NULL PRIMARY KEY,
    institution_id TEXT NOT NULL REFERENCES institutions (id),
    person_id TEXT,
    account_id TEXT,
    roles TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('ACT', 'LOOK', 'EXPORT')),
    action TEXT NOT NULL,
    subject_type TEXT NOT NULL,
    subject_id TEXT,
    acted_for TEXT,
    at DATETIME NOT NULL,
    mac BLOB NOT NULL,
    seq INTEGER,
    link BLOB
);
CREATE UNIQUE INDEX audit_entries_chain ON audit_entries (institution_id, seq) WHERE seq IS NOT NULL;
CREATE INDEX audit_entries_unsealed ON audit_entries (institution_id, id) WHERE seq IS NULL;
CREATE INDEX audit_entries_of ON audit_entries (institution_id, id);
CREATE INDEX audit_entries_person ON audit_entries (institution_id, person_id, id);
CREATE INDEX audit_entries_action ON audit_entries (institution_id, action, id);
CREATE INDEX audit_entries_subject ON audit_entries (institution_id, subject_id, id);

-- How far the chain of each institution goes.
CREATE TABLE audit_chains (
    institution_id TEXT NOT NULL PRIMARY KEY REFERENCES institutions (id),
    sealed INTEGER NOT NULL,
    head BLOB NOT NULL,
    sealed_at DATETIME NOT NULL,
    mac BLOB NOT NULL
);

-- All chains together, and the mark of the key that they are made with.
CREATE TABLE audit_totals (
    id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    key_mark TEXT NOT NULL,
    chains INTEGER NOT NULL,
    sealed INTEGER NOT NULL,
    mac BLOB NOT NULL
);

-- +goose Down
DROP TABLE audit_totals;
DROP TABLE audit_chains;
DROP TABLE audit_entries;
