-- +goose Up
CREATE TABLE inbox (
    id TEXT NOT NULL PRIMARY KEY,
    institution_id TEXT NOT NULL,
    person_id TEXT NOT NULL,
    event TEXT NOT NULL,
    matter_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    title TEXT NOT NULL,
    body TEXT NOT NULL,
    created_at DATETIME NOT NULL,
    read_at DATETIME,
    UNIQUE (institution_id, id),
    FOREIGN KEY (institution_id, person_id) REFERENCES people (institution_id, id)
);
CREATE INDEX inbox_of ON inbox (person_id, id);
CREATE INDEX inbox_unread ON inbox (person_id, id) WHERE read_at IS NULL;

CREATE TABLE pushes (
    id TEXT NOT NULL PRIMARY KEY,
    institution_id TEXT NOT NULL,
    person_id TEXT NOT NULL,
    inbox_id TEXT NOT NULL,
    event TEXT NOT NULL,
    values_json TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('HELD', 'QUEUED', 'SENT', 'READ', 'MERGED', 'NO_GRANT', 'NOT_BOUND', 'NO_TEMPLATE', 'FAILED')),
    open_id TEXT NOT NULL,
    template_id TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    error_code INTEGER NOT NULL,
    next_at DATETIME NOT NULL,
    created_at DATETIME NOT NULL,
    done_at DATETIME,
    UNIQUE (inbox_id, event),
    FOREIGN KEY (institution_id, inbox_id) REFERENCES inbox (institution_id, id),
    FOREIGN KEY (institution_id, person_id) REFERENCES people (institution_id, id)
);
CREATE INDEX pushes_due ON pushes (next_at) WHERE status = 'QUEUED';
CREATE INDEX pushes_waiting ON pushes (person_id) WHERE status = 'QUEUED';
CREATE INDEX pushes_digest ON pushes (next_at) WHERE status = 'HELD';
CREATE INDEX pushes_held ON pushes (person_id) WHERE status = 'HELD';

CREATE TABLE grants (
    open_id TEXT NOT NULL,
    template_id TEXT NOT NULL,
    balance INTEGER NOT NULL CHECK (balance >= 0),
    hinted INTEGER NOT NULL,
    confirmed INTEGER NOT NULL,
    updated_at DATETIME NOT NULL,
    PRIMARY KEY (open_id, template_id)
);

CREATE TABLE platform_events (
    id TEXT NOT NULL PRIMARY KEY,
    at DATETIME NOT NULL
);
CREATE INDEX platform_events_age ON platform_events (at);

-- What the platform refuses for a mistake of ours, until it takes it again.
CREATE TABLE template_faults (
    template_id TEXT NOT NULL PRIMARY KEY,
    event TEXT NOT NULL,
    error_code INTEGER NOT NULL,
    since DATETIME NOT NULL
);

-- 未送达: what an author has not been told, and dead letters. A row comes when a push ends unsent,
-- and goes when the message is read or sent after all; those who were told by
-- telephone stay. So the indexes of what is open are as small as the list.
CREATE TABLE undelivered (
    id TEXT NOT NULL PRIMARY KEY,
    institution_id TEXT NOT NULL,
    person_id TEXT NOT NULL,
    inbox_id TEXT NOT NULL UNIQUE,
    event TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('WATCHED', 'OPEN', 'RESENT', 'TOLD')),
    reason TEXT NOT NULL CHECK (reason IN ('NO_GRANT', 'NOT_BOUND', 'NO_TEMPLATE', 'FAILED')),
    error_code INTEGER NOT NULL,
    due_at DATETIME NOT NULL,
    told_by TEXT,
    told_at DATETIME,
    note TEXT NOT NULL,
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
