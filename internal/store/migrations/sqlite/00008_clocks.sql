-- +goose Up
-- Working days differ from the week only here: holidays, and weekend days that
-- are worked instead. Each institution enters them for itself, those of the
-- State too: due dates change only when its own staff have confirmed.
CREATE TABLE holidays (
    institution_id TEXT NOT NULL REFERENCES institutions (id),
    day TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('HOLIDAY', 'WORKDAY')),
    name TEXT NOT NULL,
    local BOOLEAN NOT NULL,
    PRIMARY KEY (institution_id, day)
);

-- An institution whose open deadlines are being computed again, in batches.
CREATE TABLE recounts (
    institution_id TEXT NOT NULL PRIMARY KEY REFERENCES institutions (id),
    person_id TEXT NOT NULL,
    person_name TEXT NOT NULL,
    from_day TEXT NOT NULL,
    pass INTEGER NOT NULL CHECK (pass IN (1, 2)),
    after_due DATETIME NOT NULL,
    after_id TEXT NOT NULL,
    next_at DATETIME NOT NULL,
    FOREIGN KEY (institution_id, person_id) REFERENCES people (institution_id, id)
);
CREATE INDEX recounts_due ON recounts (next_at);

-- When a deadline is looked at next for a reminder, and when it runs out into an
-- act of the system.
ALTER TABLE deadlines ADD COLUMN remind_at DATETIME;
ALTER TABLE deadlines ADD COLUMN then_at DATETIME;
CREATE UNIQUE INDEX deadlines_own ON deadlines (institution_id, id);
CREATE INDEX deadlines_remind ON deadlines (remind_at) WHERE met_at IS NULL AND remind_at IS NOT NULL;
CREATE INDEX deadlines_then ON deadlines (then_at) WHERE met_at IS NULL AND then_at IS NOT NULL;

-- What was reminded of: each step of a deadline once for each date it had.
CREATE TABLE reminders (
    id TEXT NOT NULL PRIMARY KEY,
    institution_id TEXT NOT NULL,
    deadline_id TEXT NOT NULL,
    due_at DATETIME NOT NULL,
    days INTEGER NOT NULL,
    people INTEGER NOT NULL,
    fired_at DATETIME NOT NULL,
    UNIQUE (deadline_id, due_at, days),
    FOREIGN KEY (institution_id, deadline_id) REFERENCES deadlines (institution_id, id)
);

-- +goose Down
DROP TABLE reminders;
DROP INDEX deadlines_then;
DROP INDEX deadlines_remind;
DROP INDEX deadlines_own;
ALTER TABLE deadlines DROP COLUMN then_at;
ALTER TABLE deadlines DROP COLUMN remind_at;
DROP TABLE recounts;
DROP TABLE holidays;
