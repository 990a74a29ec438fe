-- +goose Up
CREATE TABLE opinions (
    matter_id TEXT NOT NULL PRIMARY KEY,
    institution_id TEXT NOT NULL,
    confidentiality TEXT NOT NULL CHECK (confidentiality IN ('PUBLIC', 'INTERNAL')),
    issue_type TEXT NOT NULL CHECK (issue_type IN ('', 'SINGLE', 'COMPOSITE', 'SPECIAL')),
    issue_no TEXT NOT NULL,
    signed_by TEXT NOT NULL,
    result TEXT NOT NULL,
    FOREIGN KEY (institution_id, matter_id) REFERENCES matters (institution_id, id)
);

-- What was handed in, and each edited text. Only a draft is written over.
CREATE TABLE opinion_versions (
    matter_id TEXT NOT NULL,
    ordinal INTEGER NOT NULL,
    institution_id TEXT NOT NULL,
    source TEXT NOT NULL CHECK (source IN ('AUTHOR', 'OFFICE')),
    title TEXT NOT NULL,
    situation TEXT NOT NULL,
    analysis TEXT NOT NULL,
    advice TEXT NOT NULL,
    note TEXT NOT NULL,
    writer_name TEXT NOT NULL,
    written_at DATETIME NOT NULL,
    PRIMARY KEY (matter_id, ordinal),
    FOREIGN KEY (institution_id, matter_id) REFERENCES matters (institution_id, id)
);

CREATE TABLE opinion_findings (
    matter_id TEXT NOT NULL,
    ordinal INTEGER NOT NULL,
    institution_id TEXT NOT NULL,
    body TEXT NOT NULL,
    finder_name TEXT NOT NULL,
    created_at DATETIME NOT NULL,
    PRIMARY KEY (matter_id, ordinal),
    FOREIGN KEY (institution_id, matter_id) REFERENCES matters (institution_id, id)
);

-- Where a report went and what came of it. Rows are never changed but to be
-- revoked, and to have the number that a recipient gave.
CREATE TABLE opinion_dispatches (
    matter_id TEXT NOT NULL,
    ordinal INTEGER NOT NULL,
    institution_id TEXT NOT NULL,
    day TEXT NOT NULL,
    organ TEXT NOT NULL,
    level TEXT NOT NULL CHECK (level IN ('TOWN', 'COUNTY', 'PREFECTURE', 'PROVINCE', 'NATION')),
    document_no TEXT NOT NULL,
    receipt_no TEXT NOT NULL,
    recorder_name TEXT NOT NULL,
    recorded_at DATETIME NOT NULL,
    revoked_at DATETIME,
    revoker_name TEXT NOT NULL,
    revoked_reason TEXT NOT NULL,
    PRIMARY KEY (matter_id, ordinal),
    FOREIGN KEY (institution_id, matter_id) REFERENCES matters (institution_id, id)
);
CREATE INDEX opinion_dispatches_day ON opinion_dispatches (institution_id, day);

CREATE TABLE opinion_adoptions (
    matter_id TEXT NOT NULL,
    ordinal INTEGER NOT NULL,
    institution_id TEXT NOT NULL,
    day TEXT NOT NULL,
    adopter TEXT NOT NULL,
    level TEXT NOT NULL CHECK (level IN ('TOWN', 'COUNTY', 'PREFECTURE', 'PROVINCE', 'NATION')),
    form TEXT NOT NULL CHECK (form IN ('WHOLE', 'PART', 'AWARD')),
    publication TEXT NOT NULL,
    recorder_name TEXT NOT NULL,
    recorded_at DATETIME NOT NULL,
    revoked_at DATETIME,
    revoker_name TEXT NOT NULL,
    revoked_reason TEXT NOT NULL,
    PRIMARY KEY (matter_id, ordinal),
    FOREIGN KEY (institution_id, matter_id) REFERENCES matters (institution_id, id)
);
CREATE INDEX opinion_adoptions_day ON opinion_adoptions (institution_id, day);

CREATE TABLE opinion_instructions (
    matter_id TEXT NOT NULL,
    ordinal INTEGER NOT NULL,
    institution_id TEXT NOT NULL,
    day TEXT NOT NULL,
    leader TEXT NOT NULL,
    rank TEXT NOT NULL CHECK (rank IN ('TOWN', 'COUNTY', 'PREFECTURE', 'PROVINCE', 'NATION')),
    number TEXT NOT NULL,
    units_json TEXT NOT NULL,
    text TEXT NOT NULL,
    recorder_name TEXT NOT NULL,
    recorded_at DATETIME NOT NULL,
    revoked_at DATETIME,
    revoker_name TEXT NOT NULL,
    revoked_reason TEXT NOT NULL,
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
