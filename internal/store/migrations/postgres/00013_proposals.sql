-- +goose Up
-- Windows in which proposals are collected: of a session of the institution (its
-- record), or of a higher body, which is named.
CREATE TABLE collections (
    id uuid NOT NULL PRIMARY KEY,
    institution_id uuid NOT NULL REFERENCES institutions (id),
    body text NOT NULL,
    here boolean NOT NULL,
    term_id uuid,
    session integer NOT NULL CHECK (session >= 0),
    name text NOT NULL,
    begins date NOT NULL,
    opens date,
    deadline timestamptz NOT NULL,
    note text NOT NULL,
    announced_at timestamptz,
    version bigint NOT NULL,
    created_at timestamptz NOT NULL,
    UNIQUE (institution_id, id),
    UNIQUE (institution_id, term_id, session),
    CHECK ((body = '') = (term_id IS NOT NULL AND session > 0)),
    FOREIGN KEY (institution_id, term_id) REFERENCES terms (institution_id, id)
);
CREATE INDEX collections_begins ON collections (institution_id, begins, id);

CREATE TABLE proposals (
    matter_id uuid NOT NULL PRIMARY KEY,
    institution_id uuid NOT NULL,
    collection_id uuid,
    occasion text NOT NULL CHECK (occasion IN ('', 'PLENARY', 'INTERIM')),
    proposer text NOT NULL CHECK (proposer IN ('INDIVIDUAL', 'JOINT', 'PARTY', 'GROUP', 'SECTOR', 'PANEL', 'COMMITTEE')),
    text_version integer NOT NULL,
    public_wish boolean NOT NULL,
    units_wish text NOT NULL,
    proposed_json text NOT NULL,
    ground text NOT NULL,
    transfer text NOT NULL,
    meeting text NOT NULL,
    met_on date,
    filed_at timestamptz,
    published_at timestamptz,
    answer_published boolean NOT NULL,
    upper_body text NOT NULL,
    upper_number text NOT NULL,
    upper_answer text NOT NULL,
    upper_award text NOT NULL,
    FOREIGN KEY (institution_id, matter_id) REFERENCES matters (institution_id, id),
    FOREIGN KEY (institution_id, collection_id) REFERENCES collections (institution_id, id)
);
CREATE INDEX proposals_collection ON proposals (collection_id, matter_id) WHERE collection_id IS NOT NULL;
CREATE INDEX proposals_adrift ON proposals (institution_id) WHERE collection_id IS NULL;

-- Each version of what a proposal says.
CREATE TABLE proposal_texts (
    matter_id uuid NOT NULL,
    version integer NOT NULL,
    institution_id uuid NOT NULL,
    title text NOT NULL,
    situation text NOT NULL,
    analysis text NOT NULL,
    advice text NOT NULL,
    written_by text NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (matter_id, version),
    FOREIGN KEY (institution_id, matter_id) REFERENCES matters (institution_id, id)
);

CREATE TABLE proposal_reviews (
    id uuid NOT NULL PRIMARY KEY,
    institution_id uuid NOT NULL,
    matter_id uuid NOT NULL,
    stage text NOT NULL CHECK (stage IN ('PRE', 'RE')),
    reviewer_id uuid NOT NULL,
    reviewer_name text NOT NULL,
    decision text NOT NULL,
    ground text NOT NULL,
    category text NOT NULL,
    units_json text NOT NULL,
    merge_with text NOT NULL,
    note text NOT NULL,
    blind boolean NOT NULL,
    created_at timestamptz NOT NULL,
    FOREIGN KEY (institution_id, matter_id) REFERENCES matters (institution_id, id),
    FOREIGN KEY (institution_id, reviewer_id) REFERENCES people (institution_id, id)
);
CREATE INDEX proposal_reviews_of ON proposal_reviews (matter_id, id);

CREATE TABLE proposal_translations (
    id uuid NOT NULL PRIMARY KEY,
    institution_id uuid NOT NULL,
    matter_id uuid NOT NULL,
    text_version integer NOT NULL,
    language text NOT NULL,
    translator_id uuid,
    translator_name text NOT NULL,
    title text NOT NULL,
    situation text NOT NULL,
    analysis text NOT NULL,
    advice text NOT NULL,
    checker_name text NOT NULL,
    sent_at timestamptz NOT NULL,
    handed_at timestamptz,
    checked_at timestamptz,
    FOREIGN KEY (institution_id, matter_id) REFERENCES matters (institution_id, id),
    FOREIGN KEY (institution_id, translator_id) REFERENCES people (institution_id, id)
);
CREATE INDEX proposal_translations_of ON proposal_translations (matter_id, id);

-- Marks of honour on their way: 重点提案, 优秀提案.
CREATE TABLE proposal_marks (
    matter_id uuid NOT NULL,
    honour text NOT NULL CHECK (honour IN ('KEY', 'EXCELLENT')),
    institution_id uuid NOT NULL,
    note text NOT NULL,
    meeting text NOT NULL,
    nominated_at timestamptz,
    approved_at timestamptz,
    published_at timestamptz,
    PRIMARY KEY (matter_id, honour),
    FOREIGN KEY (institution_id, matter_id) REFERENCES matters (institution_id, id)
);

-- 督办: who leads it, how, in which window, and what it found.
CREATE TABLE proposal_supervisions (
    id uuid NOT NULL PRIMARY KEY,
    institution_id uuid NOT NULL,
    matter_id uuid NOT NULL,
    leader text NOT NULL,
    way text NOT NULL,
    begins date NOT NULL,
    ends date NOT NULL,
    note text NOT NULL,
    report text NOT NULL,
    reported_at timestamptz,
    created_at timestamptz NOT NULL,
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
