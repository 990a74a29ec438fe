-- +goose Up
-- Phrases to choose from when a form is filled in: the institution's, or those
-- that a unit keeps for itself.
CREATE TABLE phrases (
    id TEXT NOT NULL PRIMARY KEY,
    institution_id TEXT NOT NULL REFERENCES institutions (id),
    unit_id TEXT,
    purpose TEXT NOT NULL,
    category TEXT NOT NULL,
    title TEXT NOT NULL,
    body TEXT NOT NULL,
    ordinal INTEGER NOT NULL,
    version INTEGER NOT NULL,
    created_at DATETIME NOT NULL,
    updated_at DATETIME NOT NULL,
    FOREIGN KEY (institution_id, unit_id) REFERENCES units (institution_id, id)
);
CREATE INDEX phrases_of ON phrases (institution_id, unit_id, purpose, ordinal, id);

-- +goose Down
DROP TABLE phrases;
