-- +goose Up
-- Windows in which proposals are collected: of a session of the institution (its
-- record), or of a higher body, which is named.
CREATE TABLE collections (
    id TEXT NOT NULL PRIMARY KEY,
    institution_id TEXT NOT NULL REFERENCES institutions (id),
    body TEXT NOT NULL,
    here BOOLEAN NOT NULL,
    term_id TEXT,
    session INTEGER NOT NULL CHECK (session >= 0),
    name TEXT NOT NULL,
    begins TEXT NOT NULL,
    opens TEXT,
    deadline DATETIME NOT NULL,
    note TEXT NOT NULL,
    announced_at DATETIME,
    version INTEGER NOT NULL,
    created_at DATETIME NOT NULL,
    UNIQUE (institution_id, id),
    UNIQUE (institution_id, term_id, session),
    CHECK ((body = '') = (term_id IS NOT NULL AND session > 0)),
    FOREIGN KEY (institution_id, term_id) REFERENCES terms (institution_id, id)
);
CREATE INDEX collections_begins ON collections (institution_id, begins, id);

CREATE TABLE proposals (
    matter_id TEXT NOT NULL PRIMARY KEY,
    institution_id TEXT NOT NULL,
    collection_id TEXT,
    occasion TEXT NOT NULL CHECK (occasion IN ('', 'PLENARY', 'INTERIM')),
    proposer TEXT NOT NULL CHECK (proposer IN ('INDIVIDUAL', 'JOINT', 'PARTY', 'GROUP', 'SECTOR', 'PANEL', 'COMMITTEE')),
    text_version INTEGER NOT NULL,
    public_wish BOOLEAN NOT NULL,
    units_wish TEXT NOT NULL,
    proposed_json TEXT NOT NULL,
    ground TEXT NOT NULL,
    transfer TEXT NOT NULL,
    meeting TEXT NOT NULL,
    met_on TEXT,
    filed_at DATETIME,
    published_at DATETIME,
    answer_published BOOLEAN NOT NULL,
    upper_body TEXT NOT NULL,
    upper_number TEXT NOT NULL,
    upper_answer TEXT NOT NULL,
    upper_award TEXT NOT NULL,
    FOREIGN KEY (institution_id, matter_id) REFERENCES matters (institution_id, id),
    FOREIGN KEY (institution_id, collection_id) REFERENCES collections (institution_id, id)
);
CREATE INDEX proposals_collection ON proposals (collection_id, matter_id) WHERE collection_id IS NOT NULL;
CREATE INDEX proposals_adrift ON proposals (institution_id) WHERE collection_id IS NULL;

-- Each version of what a proposal says.
CREATE TABLE proposal_texts (
    matter_id TEXT NOT NULL,
    version INTEGER NOT NULL,
    institution_id TEXT NOT NULL,
    title TEXT NOT NULL,
    situation TEXT NOT NULL,
    analysis TEXT NOT NULL,
    advice TEXT NOT NULL,
    written_by TEXT NOT NULL,
    created_at DATETIME NOT NULL,
    PRIMARY KEY (matter_id, version),
    FOREIGN KEY (institution_id, matter_id) REFERENCES matters (institution_id, id)
);

CREATE TABLE proposal_reviews (
    id TEXT NOT NULL PRIMARY KEY,
    institution_id TEXT NOT NULL,
    matter_id TEXT NOT NULL,
    stage TEXT NOT NULL CHECK (stage IN ('PRE', 'RE')),
    reviewer_id TEXT NOT NULL,
    reviewer_name TEXT NOT NULL,
    decision TEXT NOT NULL,
    ground TEXT NOT NULL,
    category TEXT NOT NULL,
    units_json TEXT NOT NULL,
    merge_with TEXT NOT NULL,
    note TEXT NOT NULL,
    blind BOOLEAN NOT NULL,
    created_at DATETIME NOT NULL,
    FOREIGN KEY (institution_id, matter_id) REFERENCES matters (institution_id, id),
    FOREIGN KEY (institution_id, reviewer_id) REFERENCES people (institution_id, id)
);
CREATE INDEX proposal_reviews_of ON proposal_reviews (matter_id, id);

CREATE TABLE proposal_translations (
    id TEXT NOT NULL PRIMARY KEY,
    institution_id TEXT NOT NULL,
    matter_id TEXT NOT NULL,
    text_version INTEGER NOT NULL,
    language TEXT NOT NULL,
    translator_id TEXT,
    translator_name TEXT NOT NULL,
    title TEXT NOT NULL,
    situation TEXT NOT NULL,
    analysis TEXT NOT NULL,
    advice TEXT NOT NULL,
    checker_name TEXT NOT NULL,
    sent_at DATETIME NOT NULL,
    handed_at DATETIME,
    checked_at DATETIME,
    FOREIGN KEY (institution_id, matter_id) REFERENCES matters (institution_id, id),
    FOREIGN KEY (institution_id, translator_id) REFERENCES people (institution_id, id)
);
CREATE INDEX proposal_translations_of ON proposal_translations (matter_id, id);

-- Marks of honour on their way: 重点提案, 优秀提案.
CREATE TABLE proposal_marks (
    matter_id TEXT NOT NULL,
    honour TEXT NOT NULL CHECK (honour IN ('KEY', 'EXCELLENT')),
    institution_id TEXT NOT NULL,
    note TEXT NOT NULL,
    meeting TEXT NOT NULL,
    nominated_at DATETIME,
    approved_at DATETIME,
    published_at DATETIME,
    PRIMARY KEY (matter_id, honour),
    FOREIGN KEY (institution_id, matter_id) REFERENCES matters (institution_id, id)
);

-- 督办: who leads it, how, in which window, and what it found.
CREATE TABLE proposal_supervisions (
    id TEXT NOT NULL PRIMARY KEY,
    institution_id TEXT NOT NULL,
    matter_id TEXT NOT NULL,
    leader TEXT NOT NULL,
    way TEXT NOT NULL,
    begins TEXT NOT NULL,
    ends TEXT NOT NULL,
    note TEXT NOT NULL,
    report TEXT NOT NULL,
    reported_at DATETIME,
    created_at DATETIME NOT NULL,
    FOREIGN KEY (institution_id, matter_id) REFERENCES matters (institution_id, id)
);
CREATE INDEX proposal_supervisions_of ON proposal_supervisions (matter_id, id);

-- +goose Down
DROP TABLE proposal_supervisions;
DROP TABLE proposal_marks;
DROP TABLE proposal_translations;
DROP TABLE proposal_reviews;
DROP TABLE proposal_texts;
DROP TABLE proposals;
DROP TABLE collections;
