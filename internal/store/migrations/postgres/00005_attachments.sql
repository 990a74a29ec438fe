-- +goose Up
CREATE TABLE attachments (
    id uuid NOT NULL PRIMARY KEY,
    institution_id uuid NOT NULL,
    uploader_id uuid,
    copy_of uuid REFERENCES attachments (id),
    sort text NOT NULL CHECK (sort IN ('PICTURE', 'FILE')),
    media_type text NOT NULL,
    name text NOT NULL,
    size bigint NOT NULL,
    digest text NOT NULL,
    width integer NOT NULL,
    height integer NOT NULL,
    held boolean NOT NULL,
    matter_id uuid,
    assignment_id uuid,
    part_id uuid,
    purpose text NOT NULL CHECK (purpose IN ('', 'MATTER', 'REPLY', 'PROGRESS', 'SCAN')),
    ordinal integer NOT NULL,
    public boolean NOT NULL,
    created_at timestamptz NOT NULL,
    referred_at timestamptz,
    removed_at timestamptz,
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
    id uuid NOT NULL PRIMARY KEY,
    created_at timestamptz NOT NULL
);
CREATE INDEX uploads_old ON uploads (created_at);

-- +goose Down
DROP TABLE uploads;
DROP TABLE attachments;
