-- +goose Up
-- What was handed in and is to be looked at by the platform's content check.
CREATE TABLE checks (
    id uuid NOT NULL PRIMARY KEY,
    institution_id uuid NOT NULL,
    kind text NOT NULL,
    matter_id uuid NOT NULL,
    attachment_id uuid,
    account_id uuid NOT NULL REFERENCES accounts (id),
    state text NOT NULL CHECK (state IN ('QUEUED', 'ABSENT', 'SENT', 'PASSED', 'REPLACED', 'MARKED', 'UNCHECKED', 'CLEARED', 'HELD')),
    suggest text NOT NULL CHECK (suggest IN ('', 'pass', 'review', 'risky')),
    label integer NOT NULL,
    trace_id text NOT NULL,
    error_code integer NOT NULL,
    attempts integer NOT NULL,
    version bigint NOT NULL,
    next_at timestamptz NOT NULL,
    gives_up_at timestamptz NOT NULL,
    created_at timestamptz NOT NULL,
    done_at timestamptz,
    UNIQUE (institution_id, id),
    FOREIGN KEY (institution_id, matter_id) REFERENCES matters (institution_id, id),
    FOREIGN KEY (institution_id, attachment_id) REFERENCES attachments (institution_id, id)
);
CREATE INDEX checks_due ON checks (next_at) WHERE state = 'QUEUED';
CREATE INDEX checks_open ON checks (gives_up_at) WHERE state IN ('QUEUED', 'ABSENT', 'SENT');
CREATE INDEX checks_absent ON checks (account_id) WHERE state = 'ABSENT';
CREATE INDEX checks_staff ON checks (institution_id, state, id) WHERE state IN ('MARKED', 'UNCHECKED', 'CLEARED', 'HELD');
CREATE INDEX checks_of ON checks (matter_id);
CREATE UNIQUE INDEX checks_picture ON checks (attachment_id) WHERE attachment_id IS NOT NULL;

-- What staff decided. Rows are only ever added.
CREATE TABLE check_decisions (
    id uuid NOT NULL PRIMARY KEY,
    institution_id uuid NOT NULL,
    check_id uuid NOT NULL,
    decided text NOT NULL CHECK (decided IN ('CLEARED', 'HELD')),
    reason text NOT NULL,
    person_id uuid NOT NULL,
    person_name text NOT NULL,
    at timestamptz NOT NULL,
    FOREIGN KEY (institution_id, check_id) REFERENCES checks (institution_id, id),
    FOREIGN KEY (institution_id, person_id) REFERENCES people (institution_id, id)
);
CREATE INDEX check_decisions_of ON check_decisions (check_id, id);

-- Joins a picture that was sent to the verdict on it; either may be known first.
CREATE TABLE media_traces (
    trace_id text NOT NULL PRIMARY KEY,
    check_id uuid REFERENCES checks (id) ON DELETE CASCADE,
    told boolean NOT NULL,
    suggest text NOT NULL,
    label integer NOT NULL,
    error_code integer NOT NULL,
    at timestamptz NOT NULL
);
CREATE INDEX media_traces_age ON media_traces (at);
CREATE INDEX media_traces_of ON media_traces (check_id);

-- +goose Down
DROP TABLE media_traces;
DROP TABLE check_decisions;
DROP TABLE checks;
