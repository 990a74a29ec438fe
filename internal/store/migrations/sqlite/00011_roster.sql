-- +goose Up
-- The sectors (界别) and groups (联络组) into which an institution divides its
-- members, in their order. People have them by name.
CREATE TABLE divisions (
    id TEXT NOT NULL PRIMARY KEY,
    institution_id TEXT NOT NULL REFERENCES institutions (id),
    kind TEXT NOT NULL CHECK (kind IN ('SECTOR', 'GROUP')),
    name TEXT NOT NULL,
    place INTEGER NOT NULL,
    ended_at DATETIME,
    version INTEGER NOT NULL,
    created_at DATETIME NOT NULL,
    UNIQUE (institution_id, kind, name)
);
CREATE INDEX divisions_order ON divisions (institution_id, kind, place, id);

-- What units were called before.
CREATE TABLE unit_names (
    id TEXT NOT NULL PRIMARY KEY,
    institution_id TEXT NOT NULL,
    unit_id TEXT NOT NULL,
    name TEXT NOT NULL,
    until DATETIME NOT NULL,
    FOREIGN KEY (institution_id, unit_id) REFERENCES units (institution_id, id)
);
CREATE INDEX unit_names_of ON unit_names (unit_id, id);

-- +goose Down
DROP TABLE unit_names;
DROP TABLE divisions;
