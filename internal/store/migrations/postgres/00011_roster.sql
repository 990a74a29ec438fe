-- +goose Up
-- The sectors (界别) and groups (联络组) into which an institution divides its
-- members, in their order. People have them by name.
CREATE TABLE divisions (
    id uuid NOT NULL PRIMARY KEY,
    institution_id uuid NOT NULL REFERENCES institutions (id),
    kind text NOT NULL CHECK (kind IN ('SECTOR', 'GROUP')),
    name text NOT NULL,
    place integer NOT NULL,
    ended_at timestamptz,
    version bigint NOT NULL,
    created_at timestamptz NOT NULL,
    UNIQUE (institution_id, kind, name)
);
CREATE INDEX divisions_order ON divisions (institution_id, kind, place, id);

-- What units were called before.
CREATE TABLE unit_names (
    id uuid NOT NULL PRIMARY KEY,
    institution_id uuid NOT NULL,
    unit_id uuid NOT NULL,
    name text NOT NULL,
    until timestamptz NOT NULL,
    FOREIGN KEY (institution_id, unit_id) REFERENCES units (institution_id, id)
);
CREATE INDEX unit_names_of ON unit_names (unit_id, id);

-- +goose Down
DROP TABLE unit_names;
DROP TABLE divisions;
