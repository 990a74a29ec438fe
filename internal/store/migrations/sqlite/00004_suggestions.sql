-- +goose Up
CREATE TABLE suggestions (
    matter_id TEXT NOT NULL PRIMARY KEY,
    institution_id TEXT NOT NULL,
    body TEXT NOT NULL,
    place TEXT NOT NULL,
    latitude REAL,
    longitude REAL,
    route TEXT NOT NULL,
    proposed_json TEXT NOT NULL,
    rejection TEXT NOT NULL,
    channel TEXT NOT NULL,
    escalated_to TEXT NOT NULL,
    FOREIGN KEY (institution_id, matter_id) REFERENCES matters (institution_id, id)
);

-- +goose Down
DROP TABLE suggestions;
