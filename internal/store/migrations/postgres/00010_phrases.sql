-- +goose Up
-- Phrases to choose from when a form is filled in: the institution's, or those
-- that a unit keeps for itself.
CREATE TABLE phrases (
    id uuid NOT NULL PRIMARY KEY,
    institution_id uuid NOT NULL REFERENCES institutions (id),
    unit_id uuid,
    purpose text NOT NULL,
    category text NOT NULL,
    title text NOT NULL,
    body text NOT NULL,
    ordinal integer NOT NULL,
    version bigint NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    FOREIGN KEY (institution_id, unit_id) REFERENCES units (institution_id, id)
);
CREATE INDEX phrases_of ON phrases (institution_id, unit_id, purpose, ordinal, id);

-- +goose Down
DROP TABLE phrases;
