-- +goose Up
CREATE TABLE inbox (
    id uuid NOT NULL PRIMARY KEY,
    institution_id uuid NOT NULL,
    person_id uuid NOT NULL,
    event text NOT NULL,
    matter_id uuid NOT NULL,
    kind text NOT NULL,
    title text NOT NULL,
    body text NOT NULL,
    created_at timestamptz NOT NULL,
    read_at timestamptz,
    UNIQUE (institution_id, id),
    FOREIGN KEY (institution_id, person_id) REFERENCES people (institution_id, id)
);
CREATE INDEX inbox_of ON inbox (person_id, id);
CREATE INDEX inbox_unread ON inbox (person_id, id) WHERE read_at IS NULL;

CREATE TABLE pushes (
    id uuid NOT NULL PRIMARY KEY,
    institution_id uuid NOT NULL,
    person_id uuid NOT NULL,
    inbox_id uuid NOT NULL,
    event text NOT NULL,
    values_json text NOT NULL,
    status text NOT NULL CHECK (status IN ('HELD', 'QUEUED', 'SENT', 'READ', 'MERGED', 'NO_GRANT', 'NOT_BOUND', 'NO_TEMPLATE', 'FAILED')),
    open_id text NOT NULL,
    template_id text NOT NULL,
    attempts integer NOT NULL,
    error_code integer NOT NULL,
    next_at timestamptz NOT NULL,
    created_at timestamptz NOT NULL,
    done_at timestamptz,
    UNIQUE (inbox_id, event),
    FOREIGN KEY (institution_id, inbox_id) REFERENCES inbox (institution_id, id),
    FOREIGN KEY (institution_id, person_id) REFERENCES people (institution_id, id)
);
CREATE INDEX pushes_due ON pushes (next_at) WHERE status = 'QUEUED';
CREATE INDEX pushes_waiting ON pushes (person_id) WHERE status = 'QUEUED';
CREATE INDEX pushes_digest ON pushes (next_at) WHERE status = 'HELD';
CREATE INDEX pushes_held ON pushes (person_id) WHERE status = 'HELD';

CREATE TABLE grants (
    open_id text NOT NULL,
    template_id text NOT NULL,
    balance integer NOT NULL CHECK (balance >= 0),
    hinted integer NOT NULL,
    confirmed integer NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (open_id, template_id)
);

CREATE TABLE platform_events (
    id text NOT NULL PRIMARY KEY,
    at timestamptz NOT NULL
);
CREATE INDEX platform_events_age ON platform_events (at);

-- What the platform refuses for a mistake of ours, until it takes it again.
CREATE TABLE template_faults (
    template_id text NOT NULL PRIMARY KEY,
    event text NOT NULL,
    error_code integer NOT NULL,
    since timestamptz NOT NULL
);

-- 未送达: what an author has not been told, and dead letters. A row comes when a push ends unsent,
-- and goes when the message is read or sent after all; those who were told by
-- telephone stay. So the indexes of what is open are as small as the list.
CREATE TABLE undelivered (
    id uuid NOT NULL PRIMARY KEY,
    institution_id uuid NOT NULL,
    person_id uuid NOT NULL,
    inbox_id uuid NOT NULL UNIQUE,
    event text NOT NULL,
    status text NOT NULL CHECK (status IN ('WATCHED', 'OPEN', 'RESENT', 'TOLD')),
    reason text NOT NULL CHECK (reason IN ('NO_GRANT', 'NOT_BOUND', 'NO_TEMPLATE', 'FAILED')),
    error_code integer NOT NULL,
    due_at timestamptz NOT NULL,
    told_by uuid,
    told_at timestamptz,
    note text NOT NULL,
    FOREIGN KEY (institution_id, inbox_id) REFERENCES inbox (institution_id, id),
    FOREIGN KEY (institution_id, person_id) REFERENCES people (institution_id, id),
    FOREIGN KEY (institution_id, told_by) REFERENCES people (institution_id, id)
);
CREATE INDEX undelivered_open ON undelivered (institution_id, id) WHERE status = 'OPEN';
CREATE INDEX undelivered_told ON undelivered (institution_id, id) WHERE status = 'TOLD';
CREATE INDEX undelivered_watched ON undelivered (due_at) WHERE status = 'WATCHED';
CREATE INDEX undelivered_of ON undelivered (person_id) WHERE status <> 'TOLD';

-- +goose Down
DROP TABLE undelivered;
DROP TABLE template_faults;
DROP TABLE platform_events;
DROP TABLE grants;
DROP TABLE pushes;
DROP TABLE inbox;
