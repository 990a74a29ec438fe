-- +goose Up
CREATE TABLE attachments (
    id TEXT NOT NULL PRIMARY KEY,
    institution_id TEXT NOT NULL,
    uploader_id TEXT,
    copy_of TEXT REFERENCES attachments (id),
    sort TEXT NOT NULL CHECK (sort IN ('PICTURE', 'FILE')),
    media_type TEXT NOT NULL,
    name TEXT NOT NULL,
    size INTEGER NOT NULL,
    digest TEXT NOT NULL,
    width INTEGER NOT NULL,
    height INTEGER NOT NULL,
    held BOOLEAN NOT NULL,
    matter_id TEXT,
    assignment_id TEXT,
    part_id TEXT,
    purpose TEXT NOT NULL CHECK (purpose IN ('', 'MATTER', 'REPLY', 'PROGRESS', 'SCAN')),
    ordinal INTEGER NOT NULL,
    public BOOLEAN NOT NULL,
    created_at DATETIME NOT NULL,
    referred_at DATETIME,
    removed_at DATETIME,
    UNIQUE (institution_id, id),
    CHECK ((matter_id IS NULL) = (purpose = '')),
    FOREIGN KEY (institution_id, uploader_id) REFERENCES people (institution_id, id),
    FOREIGN KEY (institution_id, matter_id) REFERENCES matters (institution_id, id),
    FOREIGN KEY (institution_id, assignment_id) REFERENCES assignments (institution_id, id)
);
CREATE INDEX attachments_of ON attachments (matter_id) WHERE matter_id IS NOT NULL;
CREATE INDEX attachments_copies ON attachments (copy_of) WHERE copy_of IS NOT NULL;
CREATE INDEX attachments_waiting ON attachments (uploader_id) WHERE matter_id IS NULL;
CREATE INDEX attachments_old ON attachments (created_at) WHERE matter_id IS NULL;

-- Uploads whose content may lie in the bucket without an attachment.
CREATE TABLE uploads (
    id TEXT NOT NULL PRIMARY KEY,
    created_at DATETIME NOT NULL
);
CREATE INDEX uploads_old ON uploads (created_at);

-- +goose Down
DROP TABLE uploads;
DROP TABLE attachments;
