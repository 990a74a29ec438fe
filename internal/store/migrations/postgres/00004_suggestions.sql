-- +goose Up
CREATE TABLE suggestions (
    matter_id uuid NOT NULL PRIMARY KEY,
    institution_id uuid NOT NULL,
    body text NOT NULL,
    place text NOT NULL,
    latitude double precision,
    longitude double precision,
    route text NOT NULL,
    proposed_json text NOT NULL,
    rejection text NOT NULL,
    channel text NOT NULL,
    escalated_to text NOT NULL,
    FOREIGN KEY (institution_id, matter_id) REFERENCES matters (institution_id, id)
);

-- +goose Down
DROP TABLE suggestions;
