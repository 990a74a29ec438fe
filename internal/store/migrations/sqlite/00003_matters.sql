-- +goose Up
CREATE TABLE counters (
    institution_id TEXT NOT NULL REFERENCES institutions (id),
    kind TEXT NOT NULL,
    scope TEXT NOT NULL,
    value INTEGER NOT NULL,
    PRIMARY KEY (institution_id, kind, scope)
);

CREATE TABLE matters (
    id TEXT NOT NULL PRIMARY KEY,
    institution_id TEXT NOT NULL REFERENCES institutions (id),
    kind TEXT NOT NULL,
    number TEXT,
    title TEXT NOT NULL,
    status TEXT NOT NULL,
    category TEXT NOT NULL,
    urgent BOOLEAN NOT NULL,
    visibility TEXT NOT NULL CHECK (visibility IN ('PARTIES', 'MEMBERS')),
    source TEXT NOT NULL CHECK (source IN ('APP', 'PAPER')),
    assignee_id TEXT,
    led_by TEXT,
    led_by_unit TEXT,
    origin_id TEXT REFERENCES matters (id),
    merged_into TEXT,
    version INTEGER NOT NULL,
    round INTEGER NOT NULL,
    submitted_at DATETIME NOT NULL,
    closed_at DATETIME,
    created_at DATETIME NOT NULL,
    updated_at DATETIME NOT NULL,
    UNIQUE (institution_id, id),
    UNIQUE (institution_id, kind, number),
    FOREIGN KEY (institution_id, merged_into) REFERENCES matters (institution_id, id),
    FOREIGN KEY (institution_id, assignee_id) REFERENCES people (institution_id, id),
    FOREIGN KEY (institution_id, led_by) REFERENCES people (institution_id, id),
    FOREIGN KEY (institution_id, led_by_unit) REFERENCES units (institution_id, id)
);
CREATE INDEX matters_merged ON matters (merged_into) WHERE merged_into IS NOT NULL;
CREATE INDEX matters_assignee ON matters (assignee_id, status) WHERE assignee_id IS NOT NULL AND closed_at IS NULL;
CREATE INDEX matters_led ON matters (led_by) WHERE led_by IS NOT NULL;
CREATE INDEX matters_led_unit ON matters (led_by_unit) WHERE led_by_unit IS NOT NULL;
CREATE INDEX matters_origin ON matters (origin_id) WHERE origin_id IS NOT NULL;
CREATE INDEX matters_title ON matters (institution_id, kind, title);
CREATE INDEX matters_list ON matters (institution_id, kind, id);
CREATE INDEX matters_status ON matters (institution_id, kind, status, id);
CREATE INDEX matters_received ON matters (institution_id, kind, submitted_at);

CREATE TABLE authors (
    matter_id TEXT NOT NULL,
    ordinal INTEGER NOT NULL,
    institution_id TEXT NOT NULL,
    role TEXT NOT NULL CHECK (role IN ('FIRST', 'CO')),
    person_id TEXT,
    body_kind TEXT NOT NULL CHECK (body_kind IN ('', 'PARTY', 'GROUP', 'SECTOR', 'PANEL', 'COMMITTEE', 'UNIT', 'STUDIO', 'INSTITUTION')),
    body_unit_id TEXT,
    body_name TEXT NOT NULL,
    consent TEXT NOT NULL CHECK (consent IN ('NAMED', 'ASKED', 'GIVEN', 'DECLINED')),
    own_consent TEXT,
    on_behalf_by TEXT,
    via_matter_id TEXT,
    name TEXT NOT NULL,
    sector TEXT NOT NULL,
    group_name TEXT NOT NULL,
    term INTEGER NOT NULL,
    PRIMARY KEY (matter_id, ordinal),
    UNIQUE (person_id, matter_id, body_kind, body_name),
    CHECK ((body_kind = '') = (body_name = '')),
    CHECK (person_id IS NOT NULL OR body_kind = 'INSTITUTION'),
    FOREIGN KEY (institution_id, matter_id) REFERENCES matters (institution_id, id),
    FOREIGN KEY (institution_id, person_id) REFERENCES people (institution_id, id),
    FOREIGN KEY (institution_id, body_unit_id) REFERENCES units (institution_id, id),
    FOREIGN KEY (institution_id, on_behalf_by) REFERENCES people (institution_id, id),
    FOREIGN KEY (institution_id, via_matter_id) REFERENCES matters (institution_id, id)
);
CREATE INDEX authors_behalf ON authors (on_behalf_by) WHERE on_behalf_by IS NOT NULL;

-- A meeting at which matters are handed over to units (交办会): the list that units
-- sign for.
CREATE TABLE handovers (
    id TEXT NOT NULL PRIMARY KEY,
    institution_id TEXT NOT NULL REFERENCES institutions (id),
    title TEXT NOT NULL,
    held_on TEXT NOT NULL,
    created_at DATETIME NOT NULL,
    UNIQUE (institution_id, id),
    UNIQUE (institution_id, held_on, title)
);

CREATE TABLE assignments (
    id TEXT NOT NULL PRIMARY KEY,
    institution_id TEXT NOT NULL,
    matter_id TEXT NOT NULL,
    unit_id TEXT NOT NULL,
    round INTEGER NOT NULL,
    role TEXT NOT NULL CHECK (role IN ('LEAD', 'CO', 'SEPARATE')),
    status TEXT NOT NULL,
    letter_no TEXT NOT NULL,
    handover_id TEXT,
    urged INTEGER NOT NULL,
    asked_days INTEGER NOT NULL,
    asked_until TEXT,
    extended_by INTEGER NOT NULL,
    extended_until TEXT,
    extensions INTEGER NOT NULL,
    given_count INTEGER NOT NULL,
    given_unit TEXT NOT NULL,
    requirement TEXT NOT NULL,
    handler_name TEXT NOT NULL,
    contact_way TEXT NOT NULL,
    handler_phone_sealed BLOB,
    version INTEGER NOT NULL,
    created_at DATETIME NOT NULL,
    updated_at DATETIME NOT NULL,
    UNIQUE (institution_id, id),
    UNIQUE (matter_id, round, unit_id),
    FOREIGN KEY (institution_id, matter_id) REFERENCES matters (institution_id, id),
    FOREIGN KEY (institution_id, unit_id) REFERENCES units (institution_id, id),
    FOREIGN KEY (institution_id, handover_id) REFERENCES handovers (institution_id, id)
);
CREATE INDEX assignments_handover ON assignments (handover_id, id) WHERE handover_id IS NOT NULL;
CREATE INDEX assignments_unit ON assignments (unit_id, matter_id);

CREATE TABLE events (
    id TEXT NOT NULL PRIMARY KEY,
    institution_id TEXT NOT NULL,
    matter_id TEXT NOT NULL,
    assignment_id TEXT,
    action TEXT NOT NULL,
    label TEXT NOT NULL,
    from_status TEXT NOT NULL,
    to_status TEXT NOT NULL,
    actor_id TEXT,
    actor_name TEXT NOT NULL,
    typed_by TEXT,
    typed_name TEXT NOT NULL,
    way TEXT NOT NULL CHECK (way IN ('', 'PAPER', 'PHONE')),
    audience TEXT NOT NULL CHECK (audience IN ('EVERYONE', 'HANDLERS', 'OFFICE')),
    comment TEXT NOT NULL,
    acted_at DATETIME NOT NULL,
    recorded_at DATETIME NOT NULL,
    FOREIGN KEY (institution_id, assignment_id) REFERENCES assignments (institution_id, id),
    FOREIGN KEY (institution_id, matter_id) REFERENCES matters (institution_id, id),
    FOREIGN KEY (institution_id, actor_id) REFERENCES people (institution_id, id),
    FOREIGN KEY (institution_id, typed_by) REFERENCES people (institution_id, id)
);
CREATE INDEX events_of ON events (matter_id, id);

CREATE TABLE deadlines (
    id TEXT NOT NULL PRIMARY KEY,
    institution_id TEXT NOT NULL,
    matter_id TEXT NOT NULL,
    assignment_id TEXT,
    kind TEXT NOT NULL,
    label TEXT NOT NULL,
    public BOOLEAN NOT NULL,
    count INTEGER NOT NULL CHECK (count > 0),
    unit TEXT NOT NULL CHECK (unit IN ('WORKING_DAY', 'DAY', 'HOUR', 'MONTH')),
    started_at DATETIME NOT NULL,
    due_at DATETIME NOT NULL,
    met_at DATETIME,
    FOREIGN KEY (institution_id, assignment_id) REFERENCES assignments (institution_id, id),
    FOREIGN KEY (institution_id, matter_id) REFERENCES matters (institution_id, id)
);
CREATE INDEX deadlines_of ON deadlines (matter_id);
CREATE INDEX deadlines_open ON deadlines (institution_id, due_at) WHERE met_at IS NULL;

-- Whose turn it is. One row for each holder that is waited for. The rank is 0 for
-- what is urgent and else 1, so that the queue of a holder, the riskiest first,
-- is one scan of an index; so is the queue of one step.
CREATE TABLE waiting (
    id TEXT NOT NULL PRIMARY KEY,
    institution_id TEXT NOT NULL,
    holder TEXT NOT NULL,
    step TEXT NOT NULL,
    label TEXT NOT NULL,
    matter_id TEXT NOT NULL,
    assignment_id TEXT,
    rank INTEGER NOT NULL CHECK (rank IN (0, 1)),
    due_at DATETIME NOT NULL,
    FOREIGN KEY (institution_id, assignment_id) REFERENCES assignments (institution_id, id),
    FOREIGN KEY (institution_id, matter_id) REFERENCES matters (institution_id, id)
);
CREATE INDEX waiting_queue ON waiting (institution_id, holder, rank, due_at, id);
CREATE INDEX waiting_step ON waiting (institution_id, holder, step, rank, due_at, id);
CREATE INDEX waiting_of ON waiting (matter_id);

CREATE TABLE replies (
    id TEXT NOT NULL PRIMARY KEY,
    institution_id TEXT NOT NULL,
    matter_id TEXT NOT NULL,
    assignment_id TEXT NOT NULL,
    round INTEGER NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('REPLY', 'OPINION')),
    outcome TEXT NOT NULL,
    outcome_label TEXT NOT NULL,
    current_outcome TEXT NOT NULL,
    body TEXT NOT NULL,
    contact_name TEXT NOT NULL,
    contact_phone_sealed BLOB,
    way TEXT NOT NULL,
    about_id TEXT,
    signer TEXT NOT NULL,
    document_no TEXT NOT NULL,
    public BOOLEAN NOT NULL,
    verdict TEXT NOT NULL CHECK (verdict IN ('', 'PASSED', 'SENT_BACK')),
    submitted_at DATETIME NOT NULL,
    checked_at DATETIME,
    FOREIGN KEY (institution_id, matter_id) REFERENCES matters (institution_id, id),
    FOREIGN KEY (institution_id, assignment_id) REFERENCES assignments (institution_id, id),
    FOREIGN KEY (institution_id, about_id) REFERENCES matters (institution_id, id)
);
CREATE INDEX replies_of ON replies (matter_id, id);
CREATE INDEX replies_passed ON replies (institution_id, checked_at, id) WHERE verdict = 'PASSED';

CREATE TABLE ratings (
    id TEXT NOT NULL PRIMARY KEY,
    institution_id TEXT NOT NULL,
    matter_id TEXT NOT NULL,
    person_id TEXT,
    round INTEGER NOT NULL,
    attitude TEXT NOT NULL,
    result TEXT NOT NULL,
    comment TEXT NOT NULL,
    confirmed_at DATETIME,
    created_at DATETIME NOT NULL,
    UNIQUE (matter_id, round, person_id),
    FOREIGN KEY (institution_id, matter_id) REFERENCES matters (institution_id, id),
    FOREIGN KEY (institution_id, person_id) REFERENCES people (institution_id, id)
);

-- The two sides' marks of each other (双向评议).
CREATE TABLE assessments (
    id TEXT NOT NULL PRIMARY KEY,
    institution_id TEXT NOT NULL,
    matter_id TEXT NOT NULL,
    assignment_id TEXT,
    round INTEGER NOT NULL,
    side TEXT NOT NULL CHECK (side IN ('UNIT', 'AUTHOR')),
    score INTEGER NOT NULL CHECK (score BETWEEN 0 AND 100),
    comment TEXT NOT NULL,
    created_at DATETIME NOT NULL,
    FOREIGN KEY (institution_id, matter_id) REFERENCES matters (institution_id, id),
    FOREIGN KEY (institution_id, assignment_id) REFERENCES assignments (institution_id, id)
);
CREATE INDEX assessments_of ON assessments (matter_id, id);

-- What was handed up to whom, and what came of it there.
CREATE TABLE handups (
    id TEXT NOT NULL PRIMARY KEY,
    institution_id TEXT NOT NULL,
    matter_id TEXT NOT NULL,
    organ TEXT NOT NULL,
    upper_id TEXT REFERENCES matters (id),
    number TEXT NOT NULL,
    result TEXT NOT NULL CHECK (result IN ('', 'RECEIVED', 'FILED', 'NOT_FILED', 'ADOPTED', 'ANSWERED', 'EXCELLENT')),
    handed_at DATETIME NOT NULL,
    FOREIGN KEY (institution_id, matter_id) REFERENCES matters (institution_id, id)
);
CREATE INDEX handups_of ON handups (matter_id, id);
CREATE UNIQUE INDEX handups_upper ON handups (upper_id) WHERE upper_id IS NOT NULL;

-- What those above have decided, on its way down: an outbox, empty when all is told.
CREATE TABLE feedback (
    id TEXT NOT NULL PRIMARY KEY,
    institution_id TEXT NOT NULL,
    matter_id TEXT NOT NULL,
    organ TEXT NOT NULL,
    action TEXT NOT NULL,
    number TEXT NOT NULL,
    label TEXT NOT NULL,
    comment TEXT NOT NULL,
    text TEXT NOT NULL,
    event TEXT NOT NULL,
    body TEXT NOT NULL,
    status TEXT NOT NULL,
    acted_at DATETIME NOT NULL,
    attempts INTEGER NOT NULL,
    next_at DATETIME NOT NULL,
    created_at DATETIME NOT NULL,
    FOREIGN KEY (institution_id, matter_id) REFERENCES matters (institution_id, id)
);
CREATE INDEX feedback_of ON feedback (matter_id, id);

-- +goose Down
DROP TABLE feedback;
DROP TABLE handups;
DROP TABLE assessments;
DROP TABLE ratings;
DROP TABLE replies;
DROP TABLE waiting;
DROP TABLE deadlines;
DROP TABLE events;
DROP TABLE assignments;
DROP TABLE handovers;
DROP TABLE authors;
DROP TABLE matters;
DROP TABLE counters;
