-- +goose Up
CREATE TABLE institutions (
    id uuid NOT NULL PRIMARY KEY,
    parent_id uuid REFERENCES institutions (id),
    name text NOT NULL,
    level text NOT NULL CHECK (level IN ('PROVINCE', 'PREFECTURE', 'COUNTY', 'TOWN')),
    profile text NOT NULL CHECK (profile IN ('SMALL_OFFICE', 'DIVIDED')),
    created_at timestamptz NOT NULL
);

CREATE TABLE settings (
    institution_id uuid NOT NULL REFERENCES institutions (id),
    name text NOT NULL,
    value_json text NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (institution_id, name)
);

CREATE TABLE units (
    id uuid NOT NULL PRIMARY KEY,
    institution_id uuid NOT NULL REFERENCES institutions (id),
    name text NOT NULL,
    kind text NOT NULL CHECK (kind IN ('HANDLING_UNIT', 'COMMITTEE', 'OFFICE', 'SUPERVISION_OFFICE', 'LIAISON_GROUP', 'STUDY_GROUP', 'TASK_FORCE', 'PARTY', 'PEOPLE_GROUP', 'STUDIO')),
    alias text NOT NULL DEFAULT '',
    ended_at timestamptz,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL,
    UNIQUE (institution_id, id),
    UNIQUE (institution_id, name)
);

CREATE TABLE terms (
    id uuid NOT NULL PRIMARY KEY,
    institution_id uuid NOT NULL REFERENCES institutions (id),
    ordinal integer NOT NULL CHECK (ordinal > 0),
    begins date NOT NULL,
    ends date NOT NULL,
    version bigint NOT NULL DEFAULT 1,
    UNIQUE (institution_id, id),
    UNIQUE (institution_id, ordinal)
);

CREATE TABLE people (
    id uuid NOT NULL PRIMARY KEY,
    institution_id uuid NOT NULL REFERENCES institutions (id),
    name text NOT NULL,
    phone_sealed bytea,
    phone_digest text,
    position text NOT NULL,
    sector text NOT NULL,
    group_name text NOT NULL,
    term_id uuid,
    stroke_key bytea NOT NULL DEFAULT '',
    rank_order integer NOT NULL DEFAULT 1000000,
    sector_order integer NOT NULL DEFAULT 1000000,
    suspended_at timestamptz,
    version bigint NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
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
    id uuid NOT NULL PRIMARY KEY,
    institution_id uuid NOT NULL,
    person_id uuid NOT NULL,
    role text NOT NULL,
    unit_id uuid,
    term_id uuid,
    begins date NOT NULL,
    ends date,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL,
    UNIQUE (institution_id, id),
    FOREIGN KEY (institution_id, term_id) REFERENCES terms (institution_id, id),
    FOREIGN KEY (institution_id, person_id) REFERENCES people (institution_id, id),
    FOREIGN KEY (institution_id, unit_id) REFERENCES units (institution_id, id)
);
CREATE INDEX appointments_of ON appointments (person_id);
CREATE INDEX appointments_unit ON appointments (unit_id) WHERE unit_id IS NOT NULL;

CREATE TABLE accounts (
    id uuid NOT NULL PRIMARY KEY,
    open_id text NOT NULL UNIQUE,
    created_at timestamptz NOT NULL
);

CREATE TABLE bindings (
    id uuid NOT NULL PRIMARY KEY,
    institution_id uuid NOT NULL,
    account_id uuid NOT NULL REFERENCES accounts (id),
    person_id uuid NOT NULL,
    proof text NOT NULL CHECK (proof IN ('PHONE', 'INVITATION')),
    bound_at timestamptz NOT NULL,
    ended_at timestamptz,
    FOREIGN KEY (institution_id, person_id) REFERENCES people (institution_id, id)
);
-- A roster row belongs to one telephone at a time.
CREATE UNIQUE INDEX bindings_person ON bindings (person_id) WHERE ended_at IS NULL;
CREATE INDEX bindings_account ON bindings (account_id) WHERE ended_at IS NULL;

CREATE TABLE sessions (
    id uuid NOT NULL PRIMARY KEY,
    account_id uuid NOT NULL REFERENCES accounts (id),
    binding_id uuid REFERENCES bindings (id),
    token_hash text NOT NULL UNIQUE,
    device text NOT NULL,
    desk boolean NOT NULL,
    created_at timestamptz NOT NULL,
    seen_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL,
    revoked_at timestamptz
);
CREATE INDEX sessions_account ON sessions (account_id);
CREATE INDEX sessions_ends ON sessions (ends_at);

CREATE TABLE invitations (
    id uuid NOT NULL PRIMARY KEY,
    institution_id uuid NOT NULL,
    person_id uuid NOT NULL,
    code_digest text NOT NULL UNIQUE,
    code_sealed bytea,
    picture_sealed bytea,
    created_by uuid NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    used_at timestamptz,
    FOREIGN KEY (institution_id, person_id) REFERENCES people (institution_id, id)
);
CREATE INDEX invitations_person ON invitations (person_id);
CREATE INDEX invitations_of ON invitations (institution_id, id);
CREATE INDEX invitations_kept ON invitations (expires_at) WHERE code_sealed IS NOT NULL;

-- Attempts to log in and to bind, by the digest of who tried. They are counted
-- here and not in Redis, so that no restart opens the door again.
CREATE TABLE attempts (
    subject text NOT NULL,
    window_at timestamptz NOT NULL,
    count integer NOT NULL,
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
