-- +goose Up
CREATE TABLE counters (
    institution_id uuid NOT NULL REFERENCES institutions (id),
    kind text NOT NULL,
    scope text NOT NULL,
    value bigint NOT NULL,
    PRIMARY KEY (institution_id, kind, scope)
);

CREATE TABLE matters (
    id uuid NOT NULL PRIMARY KEY,
    institution_id uuid NOT NULL REFERENCES institutions (id),
    kind text NOT NULL,
    number text,
    title text NOT NULL,
    status text NOT NULL,
    category text NOT NULL,
    urgent boolean NOT NULL,
    visibility text NOT NULL CHECK (visibility IN ('PARTIES', 'MEMBERS')),
    source text NOT NULL CHECK (source IN ('APP', 'PAPER')),
    assignee_id uuid,
    led_by uuid,
    led_by_unit uuid,
    origin_id uuid REFERENCES matters (id),
    merged_into uuid,
    version bigint NOT NULL,
    round integer NOT NULL,
    submitted_at timestamptz NOT NULL,
    closed_at timestamptz,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
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
    matter_id uuid NOT NULL,
    ordinal integer NOT NULL,
    institution_id uuid NOT NULL,
    role text NOT NULL CHECK (role IN ('FIRST', 'CO')),
    person_id uuid,
    body_kind text NOT NULL CHECK (body_kind IN ('', 'PARTY', 'GROUP', 'SECTOR', 'PANEL', 'COMMITTEE', 'UNIT', 'STUDIO', 'INSTITUTION')),
    body_unit_id uuid,
    body_name text NOT NULL,
    consent text NOT NULL CHECK (consent IN ('NAMED', 'ASKED', 'GIVEN', 'DECLINED')),
    own_consent text,
    on_behalf_by uuid,
    via_matter_id uuid,
    name text NOT NULL,
    sector text NOT NULL,
    group_name text NOT NULL,
    term integer NOT NULL,
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
    id uuid NOT NULL PRIMARY KEY,
    institution_id uuid NOT NULL REFERENCES institutions (id),
    title text NOT NULL,
    held_on date NOT NULL,
    created_at timestamptz NOT NULL,
    UNIQUE (institution_id, id),
    UNIQUE (institution_id, held_on, title)
);

CREATE TABLE assignments (
    id uuid NOT NULL PRIMARY KEY,
    institution_id uuid NOT NULL,
    matter_id uuid NOT NULL,
    unit_id uuid NOT NULL,
    round integer NOT NULL,
    role text NOT NULL CHECK (role IN ('LEAD', 'CO', 'SEPARATE')),
    status text NOT NULL,
    letter_no text NOT NULL,
    handover_id uuid,
    urged integer NOT NULL,
    asked_days integer NOT NULL,
    asked_until date,
    extended_by integer NOT NULL,
    extended_until date,
    extensions integer NOT NULL,
    given_count integer NOT NULL,
    given_unit text NOT NULL,
    requirement text NOT NULL,
    handler_name text NOT NULL,
    contact_way text NOT NULL,
    handler_phone_sealed bytea,
    version bigint NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    UNIQUE (institution_id, id),
    UNIQUE (matter_id, round, unit_id),
    FOREIGN KEY (institution_id, matter_id) REFERENCES matters (institution_id, id),
    FOREIGN KEY (institution_id, unit_id) REFERENCES units (institution_id, id),
    FOREIGN KEY (institution_id, handover_id) REFERENCES handovers (institution_id, id)
);
CREATE INDEX assignments_handover ON assignments (handover_id, id) WHERE handover_id IS NOT NULL;
CREATE INDEX assignments_unit ON assignments (unit_id, matter_id);

CREATE TABLE events (
    id uuid NOT NULL PRIMARY KEY,
    institution_id uuid NOT NULL,
    matter_id uuid NOT NULL,
    assignment_id uuid,
    action text NOT NULL,
    label text NOT NULL,
    from_status text NOT NULL,
    to_status text NOT NULL,
    actor_id uuid,
    actor_name text NOT NULL,
    typed_by uuid,
    typed_name text NOT NULL,
    way text NOT NULL CHECK (way IN ('', 'PAPER', 'PHONE')),
    audience text NOT NULL CHECK (audience IN ('EVERYONE', 'HANDLERS', 'OFFICE')),
    comment text NOT NULL,
    acted_at timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL,
    FOREIGN KEY (institution_id, assignment_id) REFERENCES assignments (institution_id, id),
    FOREIGN KEY (institution_id, matter_id) REFERENCES matters (institution_id, id),
    FOREIGN KEY (institution_id, actor_id) REFERENCES people (institution_id, id),
    FOREIGN KEY (institution_id, typed_by) REFERENCES people (institution_id, id)
);
CREATE INDEX events_of ON events (matter_id, id);

CREATE TABLE deadlines (
    id uuid NOT NULL PRIMARY KEY,
    institution_id uuid NOT NULL,
    matter_id uuid NOT NULL,
    assignment_id uuid,
    kind text NOT NULL,
    label text NOT NULL,
    public boolean NOT NULL,
    count integer NOT NULL CHECK (count > 0),
    unit text NOT NULL CHECK (unit IN ('WORKING_DAY', 'DAY', 'HOUR', 'MONTH')),
    started_at timestamptz NOT NULL,
    due_at timestamptz NOT NULL,
    met_at timestamptz,
    FOREIGN KEY (institution_id, assignment_id) REFERENCES assignments (institution_id, id),
    FOREIGN KEY (institution_id, matter_id) REFERENCES matters (institution_id, id)
);
CREATE INDEX deadlines_of ON deadlines (matter_id);
CREATE INDEX deadlines_open ON deadlines (institution_id, due_at) WHERE met_at IS NULL;

-- Whose turn it is. One row for each holder that is waited for. The rank is 0 for
-- what is urgent and else 1, so that the queue of a holder, the riskiest first,
-- is one scan of an index; so is the queue of one step.
CREATE TABLE waiting (
    id uuid NOT NULL PRIMARY KEY,
    institution_id uuid NOT NULL,
    holder text NOT NULL,
    step text NOT NULL,
    label text NOT NULL,
    matter_id uuid NOT NULL,
    assignment_id uuid,
    rank integer NOT NULL CHECK (rank IN (0, 1)),
    due_at timestamptz NOT NULL,
    FOREIGN KEY (institution_id, assignment_id) REFERENCES assignments (institution_id, id),
    FOREIGN KEY (institution_id, matter_id) REFERENCES matters (institution_id, id)
);
CREATE INDEX waiting_queue ON waiting (institution_id, holder, rank, due_at, id);
CREATE INDEX waiting_step ON waiting (institution_id, holder, step, rank, due_at, id);
CREATE INDEX waiting_of ON waiting (matter_id);

CREATE TABLE replies (
    id uuid NOT NULL PRIMARY KEY,
    institution_id uuid NOT NULL,
    matter_id uuid NOT NULL,
    assignment_id uuid NOT NULL,
    round integer NOT NULL,
    kind text NOT NULL CHECK (kind IN ('REPLY', 'OPINION')),
    outcome text NOT NULL,
    outcome_label text NOT NULL,
    current_outcome text NOT NULL,
    body text NOT NULL,
    contact_name text NOT NULL,
    contact_phone_sealed bytea,
    way text NOT NULL,
    about_id uuid,
    signer text NOT NULL,
    document_no text NOT NULL,
    public boolean NOT NULL,
    verdict text NOT NULL CHECK (verdict IN ('', 'PASSED', 'SENT_BACK')),
    submitted_at timestamptz NOT NULL,
    checked_at timestamptz,
    FOREIGN KEY (institution_id, matter_id) REFERENCES matters (institution_id, id),
    FOREIGN KEY (institution_id, assignment_id) REFERENCES assignments (institution_id, id),
    FOREIGN KEY (institution_id, about_id) REFERENCES matters (institution_id, id)
);
CREATE INDEX replies_of ON replies (matter_id, id);
CREATE INDEX replies_passed ON replies (institution_id, checked_at, id) WHERE verdict = 'PASSED';

CREATE TABLE ratings (
    id uuid NOT NULL PRIMARY KEY,
    institution_id uuid NOT NULL,
    matter_id uuid NOT NULL,
    person_id uuid,
    round integer NOT NULL,
    attitude text NOT NULL,
    result text NOT NULL,
    comment text NOT NULL,
    confirmed_at timestamptz,
    created_at timestamptz NOT NULL,
    UNIQUE (matter_id, round, person_id),
    FOREIGN KEY (institution_id, matter_id) REFERENCES matters (institution_id, id),
    FOREIGN KEY (institution_id, person_id) REFERENCES people (institution_id, id)
);

-- The two sides' marks of each other (双向评议).
CREATE TABLE assessments (
    id uuid NOT NULL PRIMARY KEY,
    institution_id uuid NOT NULL,
    matter_id uuid NOT NULL,
    assignment_id uuid,
    round integer NOT NULL,
    side text NOT NULL CHECK (side IN ('UNIT', 'AUTHOR')),
    score integer NOT NULL CHECK (score BETWEEN 0 AND 100),
    comment text NOT NULL,
    created_at timestamptz NOT NULL,
    FOREIGN KEY (institution_id, matter_id) REFERENCES matters (institution_id, id),
    FOREIGN KEY (institution_id, assignment_id) REFERENCES assignments (institution_id, id)
);
CREATE INDEX assessments_of ON assessments (matter_id, id);

-- What was handed up to whom, and what came of it there.
CREATE TABLE handups (
    id uuid NOT NULL PRIMARY KEY,
    institution_id uuid NOT NULL,
    matter_id uuid NOT NULL,
    organ text NOT NULL,
    upper_id uuid REFERENCES matters (id),
    number text NOT NULL,
    result text NOT NULL CHECK (result IN ('', 'RECEIVED', 'FILED', 'NOT_FILED', 'ADOPTED', 'ANSWERED', 'EXCELLENT')),
    handed_at timestamptz NOT NULL,
    FOREIGN KEY (institution_id, matter_id) REFERENCES matters (institution_id, id)
);
CREATE INDEX handups_of ON handups (matter_id, id);
CREATE UNIQUE INDEX handups_upper ON handups (upper_id) WHERE upper_id IS NOT NULL;

-- What those above have decided, on its way down: an outbox, empty when all is told.
CREATE TABLE feedback (
    id uuid NOT NULL PRIMARY KEY,
    institution_id uuid NOT NULL,
    matter_id uuid NOT NULL,
    organ text NOT NULL,
    action text NOT NULL,
    number text NOT NULL,
    label text NOT NULL,
    comment text NOT NULL,
    text text NOT NULL,
    event text NOT NULL,
    body text NOT NULL,
    status text NOT NULL,
    acted_at timestamptz NOT NULL,
    attempts integer NOT NULL,
    next_at timestamptz NOT NULL,
    created_at timestamptz NOT NULL,
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
