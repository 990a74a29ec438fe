-- +goose Up
CREATE TABLE opinions (
    matter_id uuid NOT NULL PRIMARY KEY,
    institution_id uuid NOT NULL,
    confidentiality text NOT NULL CHECK (confidentiality IN ('PUBLIC', 'INTERNAL')),
    issue_type text NOT NULL CHECK (issue_type IN ('', 'SINGLE', 'COMPOSITE', 'SPECIAL')),
    issue_no text NOT NULL,
    signed_by text NOT NULL,
    result text NOT NULL,
    FOREIGN KEY (institution_id, matter_id) REFERENCES matters (institution_id, id)
);

-- What was handed in, and each edited text. Only a draft is written over.
CREATE TABLE opinion_versions (
    matter_id uuid NOT NULL,
    ordinal integer NOT NULL,
    institution_id uuid NOT NULL,
    source text NOT NULL CHECK (source IN ('AUTHOR', 'OFFICE')),
    title text NOT NULL,
    situation text NOT NULL,
    analysis text NOT NULL,
    advice text NOT NULL,
    note text NOT NULL,
    writer_name text NOT NULL,
    written_at timestamptz NOT NULL,
    PRIMARY KEY (matter_id, ordinal),
    FOREIGN KEY (institution_id, matter_id) REFERENCES matters (institution_id, id)
);

CREATE TABLE opinion_findings (
    matter_id uuid NOT NULL,
    ordinal integer NOT NULL,
    institution_id uuid NOT NULL,
    body text NOT NULL,
    finder_name text NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (matter_id, ordinal),
    FOREIGN KEY (institution_id, matter_id) REFERENCES matters (institution_id, id)
);

-- Where a report went and what came of it. Rows are never changed but to be
-- revoked, and to have the number that a recipient gave.
CREATE TABLE opinion_dispatches (
    matter_id uuid NOT NULL,
    ordinal integer NOT NULL,
    institution_id uuid NOT NULL,
    day date NOT NULL,
    organ text NOT NULL,
    level text NOT NULL CHECK (level IN ('TOWN', 'COUNTY', 'PREFECTURE', 'PROVINCE', 'NATION')),
    document_no text NOT NULL,
    receipt_no text NOT NULL,
    recorder_name text NOT NULL,
    recorded_at timestamptz NOT NULL,
    revoked_at timestamptz,
    revoker_name text NOT NULL,
    revoked_reason text NOT NULL,
    PRIMARY KEY (matter_id, ordinal),
    FOREIGN KEY (institution_id, matter_id) REFERENCES matters (institution_id, id)
);
CREATE INDEX opinion_dispatches_day ON opinion_dispatches (institution_id, day);

CREATE TABLE opinion_adoptions (
    matter_id uuid NOT NULL,
    ordinal integer NOT NULL,
    institution_id uuid NOT NULL,
    day date NOT NULL,
    adopter text NOT NULL,
    level text NOT NULL CHECK (level IN ('TOWN', 'COUNTY', 'PREFECTURE', 'PROVINCE', 'NATION')),
    form text NOT NULL CHECK (form IN ('WHOLE', 'PART', 'AWARD')),
    publication text NOT NULL,
    recorder_name text NOT NULL,
    recorded_at timestamptz NOT NULL,
    revoked_at timestamptz,
    revoker_name text NOT NULL,
    revoked_reason text NOT NULL,
    PRIMARY KEY (matter_id, ordinal),
    FOREIGN KEY (institution_id, matter_id) REFERENCES matters (institution_id, id)
);
CREATE INDEX opinion_adoptions_day ON opinion_adoptions (institution_id, day);

CREATE TABLE opinion_instructions (
    matter_id uuid NOT NULL,
    ordinal integer NOT NULL,
    institution_id uuid NOT NULL,
    day date NOT NULL,
    leader text NOT NULL,
    rank text NOT NULL CHECK (rank IN ('TOWN', 'COUNTY', 'PREFECTURE', 'PROVINCE', 'NATION')),
    number text NOT NULL,
    units_json text NOT NULL,
    text text NOT NULL,
    recorder_name text NOT NULL,
    recorded_at timestamptz NOT NULL,
    revoked_at timestamptz,
    revoker_name text NOT NULL,
    revoked_reason text NOT NULL,
    PRIMARY KEY (matter_id, ordinal),
    FOREIGN KEY (institution_id, matter_id) REFERENCES matters (institution_id, id)
);
CREATE INDEX opinion_instructions_day ON opinion_instructions (institution_id, day);

-- +goose Down
DROP TABLE opinion_instructions;
DROP TABLE opinion_adoptions;
DROP TABLE opinion_dispatches;
DROP TABLE opinion_findings;
DROP TABLE opinion_versions;
DROP TABLE opinions;
