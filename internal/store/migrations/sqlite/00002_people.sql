-- +goose Up
CREATE TABLE institutions (
    id TEXT NOT NULL PRIMARY KEY,
    parent_id TEXT REFERENCES institutions (id),
    name TEXT NOT NULL,
    level TEXT NOT NULL CHECK (level IN ('PROVINCE', 'PREFECTURE', 'COUNTY', 'TOWN')),
    profile TEXT NOT NULL CHECK (profile IN ('SMALL_OFFICE', 'DIVIDED')),
    created_at DATETIME NOT NULL
);

CREATE TABLE settings (
    institution_id TEXT NOT NULL REFERENCES institutions (id),
    name TEXT NOT NULL,
    value_json TEXT NOT NULL,
    updated_at DATETIME NOT NULL,
    PRIMARY KEY (institution_id, name)
);

CREATE TABLE units (
    id TEXT NOT NULL PRIMARY KEY,
    institution_id TEXT NOT NULL REFERENCES institutions (id),
    name TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('HANDLING_UNIT', 'COMMITTEE', 'OFFICE', 'SUPERVISION_OFFICE', 'LIAISON_GROUP', 'STUDY_GROUP', 'TASK_FORCE', 'PARTY', 'PEOPLE_GROUP', 'STUDIO')),
    alias TEXT NOT NULL DEFAULT '',
    ended_at DATETIME,
    version INTEGER NOT NULL DEFAULT 1,
    created_at DATETIME NOT NULL,
    UNIQUE (institution_id, id),
    UNIQUE (institution_id, name)
);

CREATE TABLE terms (
    id TEXT NOT NULL PRIMARY KEY,
    institution_id TEXT NOT NULL REFERENCES institutions (id),
    ordinal INTEGER NOT NULL CHECK (ordinal > 0),
    begins TEXT NOT NULL,
    ends TEXT NOT NULL,
    version INTEGER NOT NULL DEFAULT 1,
    UNIQUE (institution_id, id),
    UNIQUE (institution_id, ordinal)
);

CREATE TABLE people (
    id TEXT NOT NULL PRIMARY KEY,
    institution_id TEXT NOT NULL REFERENCES institutions (id),
    name TEXT NOT NULL,
    phone_sealed BLOB,
    phone_digest TEXT,
    position TEXT NOT NULL,
    sector TEXT NOT NULL,
    group_name TEXT NOT NULL,
    term_id TEXT,
    stroke_key BLOB NOT NULL DEFAULT x'',
    rank_order INTEGER NOT NULL DEFAULT 1000000,
    sector_order INTEGER NOT NULL DEFAULT 1000000,
    suspended_at DATETIME,
    version INTEGER NOT NULL,
    created_at DATETIME NOT NULL,
    updated_at DATETIME NOT NULL,
    UNIQUE (institution_id, id),
    FOREIGN KEY (institution_id, term_id) REFERENCES terms (institution_id, id)
);
CREATE UNIQUE INDEX people_phone ON people (institution_id, phone_digest) WHERE phone_digest IS NOT NULL;
CREATE INDEX people_name ON people (institution_id, name);
-- The orders of the roster: by 姓氏笔画, by 职务, by 界别.
CREATE INDEX people_strokes ON people (institution_id, stroke_key, id);
CREATE INDEX people_ranks ON people (institution_id, rank_order, stroke_key, id);
CREATE INDEX people_sectors ON people (institution_id, sector_order, stroke_key, id);
CREATE INDEX people_by_phone ON people (phone_digest) WHERE phone_digest IS NOT NULL;

CREATE TABLE appointments (
    id TEXT NOT NULL PRIMARY KEY,
    institution_id TEXT NOT NULL,
    person_id TEXT NOT NULL,
    role TEXT NOT NULL,
    unit_id TEXT,
    term_id TEXT,
    begins TEXT NOT NULL,
    ends TEXT,
    version INTEGER NOT NULL DEFAULT 1,
    created_at DATETIME NOT NULL,
    UNIQUE (institution_id, id),
    FOREIGN KEY (institution_id, term_id) REFERENCES terms (institution_id, id),
    FOREIGN KEY (institution_id, person_id) REFERENCES people (institution_id, id),
    FOREIGN KEY (institution_id, unit_id) REFERENCES units (institution_id, id)
);
CREATE INDEX appointments_of ON appointments (person_id);
CREATE INDEX appointments_unit ON appointments (unit_id) WHERE unit_id IS NOT NULL;

CREATE TABLE accounts (
    id TEXT NOT NULL PRIMARY KEY,
    open_id TEXT NOT NULL UNIQUE,
    created_at DATETIME NOT NULL
);

CREATE TABLE bindings (
    id TEXT NOT NULL PRIMARY KEY,
    institution_id TEXT NOT NULL,
    account_id TEXT NOT NULL REFERENCES accounts (id),
    person_id TEXT NOT NULL,
    proof TEXT NOT NULL CHECK (proof IN ('PHONE', 'INVITATION')),
    bound_at DATETIME NOT NULL,
    ended_at DATETIME,
    FOREIGN KEY (institution_id, person_id) REFERENCES people (institution_id, id)
);
-- A roster row belongs to one telephone at a time.
CREATE UNIQUE INDEX bindings_person ON bindings (person_id) WHERE ended_at IS NULL;
CREATE INDEX bindings_account ON bindings (account_id) WHERE ended_at IS NULL;

CREATE TABLE sessions (
    id TEXT NOT NULL PRIMARY KEY,
    account_id TEXT NOT NULL REFERENCES accounts (id),
    binding_id TEXT REFERENCES bindings (id),
    token_hash TEXT NOT NULL UNIQUE,
    device TEXT NOT NULL,
    desk BOOLEAN NOT NULL,
    created_at DATETIME NOT NULL,
    seen_at DATETIME NOT NULL,
    expires_at DATETIME NOT NULL,
    ends_at DATETIME NOT NULL,
    revoked_at DATETIME
);
CREATE INDEX sessions_account ON sessions (account_id);
CREATE INDEX sessions_ends ON sessions (ends_at);

CREATE TABLE invitations (
    id TEXT NOT NULL PRIMARY KEY,
    institution_id TEXT NOT NULL,
    person_id TEXT NOT NULL,
    code_digest TEXT NOT NULL UNIQUE,
    code_sealed BLOB,
    picture_sealed BLOB,
    created_by TEXT NOT NULL,
    created_at DATETIME NOT NULL,
    expires_at DATETIME NOT NULL,
    used_at DATETIME,
    FOREIGN KEY (institution_id, person_id) REFERENCES people (institution_id, id)
);
CREATE INDEX invitations_person ON invitations (person_id);
CREATE INDEX invitations_of ON invitations (institution_id, id);
CREATE INDEX invitations_kept ON invitations (expires_at) WHERE code_sealed IS NOT NULL;

-- Attempts to log in and to bind, by the digest of who tried. They are counted
-- here and not in Redis, so that no restart opens the door again.
CREATE TABLE attempts (
    subject TEXT NOT NULL,
    window_at DATETIME NOT NULL,
    count INTEGER NOT NULL,
    PRIMARY KEY (subject, window_at)
);
CREATE INDEX attempts_age ON attempts (window_at);

-- +goose Down
DROP TABLE attempts;
DROP TABLE invitations;
DROP TABLE sessions;
DROP TABLE bindings;
DROP TABLE accounts;
DROP TABLE appointments;
DROP TABLE people;
DROP TABLE terms;
DROP TABLE units;
DROP TABLE settings;
DROP TABLE institutions;
