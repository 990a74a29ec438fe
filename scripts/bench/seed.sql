-- Fills the database of the bench: a province with nine counties, each with 200
-- members, three staff and twenty units, and as many matters as the setting
-- bench.matters says, handed in one after the other over the past year and
-- standing in all states. Every queue has its share of them.

SELECT setseed(0.5);

-- A UUID of version 7, as the program itself makes them.
CREATE FUNCTION bench_id(at timestamptz) RETURNS uuid LANGUAGE sql VOLATILE AS $$
    SELECT encode(set_bit(set_bit(overlay(uuid_send(gen_random_uuid())
        PLACING substring(int8send((extract(epoch FROM at) * 1000)::bigint) FROM 3) FROM 1 FOR 6), 52, 1), 53, 1), 'hex')::uuid
$$;

-- Institutions, units, people.

CREATE TEMP TABLE inst AS
    SELECT n, bench_id(now() - interval '2 years') AS id, bench_id(now() - interval '2 years') AS term_id
    FROM generate_series(1, 10) AS n;

INSERT INTO institutions (id, parent_id, name, level, profile, created_at)
    SELECT id, CASE WHEN n > 1 THEN first_value(id) OVER (ORDER BY n) END, '第' || n || '政协',
        CASE WHEN n > 1 THEN 'COUNTY' ELSE 'PROVINCE' END, 'SMALL_OFFICE', now()
    FROM inst ORDER BY n;

INSERT INTO terms (id, institution_id, ordinal, begins, ends)
    SELECT term_id, id, 11, current_date - 365, current_date + 1460 FROM inst;

CREATE TEMP TABLE unit AS
    SELECT b.n AS inst, u.n, bench_id(now() - interval '2 years') AS id, b.id AS institution_id
    FROM inst AS b, generate_series(1, 20) AS u (n);

INSERT INTO units (id, institution_id, name, kind, created_at)
    SELECT id, institution_id, '第' || n || '局', 'HANDLING_UNIT', now() FROM unit;

CREATE TEMP TABLE person AS
    SELECT b.n AS inst, p.n, bench_id(now() - interval '1 year') AS id, b.id AS institution_id,
        bench_id(now()) AS account_id, bench_id(now()) AS binding_id,
        (ARRAY['古丽娜尔·艾山', '李春山', '扎西卓玛', '欧阳敏', '买买提·吐尔逊'])[1 + p.n % 5] AS name,
        CASE p.n WHEN 201 THEN 'INFO_STAFF' WHEN 202 THEN 'PROPOSAL_STAFF' WHEN 203 THEN 'LEADER' ELSE 'MEMBER' END AS role
    FROM inst AS b, generate_series(1, 203) AS p (n);

INSERT INTO people (id, institution_id, name, phone_digest, sector, group_name, position, term_id, version, created_at, updated_at)
    SELECT p.id, p.institution_id, p.name, md5(p.id::text), '农业界', '第一联络组', '', b.term_id, 1, now(), now()
    FROM person AS p JOIN inst AS b ON b.n = p.inst;

INSERT INTO appointments (id, institution_id, person_id, role, begins, created_at)
    SELECT bench_id(now()), institution_id, id, role, current_date - 300, now() FROM person;

-- Accounts and sessions. The tokens can be guessed, by the bench.

INSERT INTO accounts (id, open_id, created_at) SELECT account_id, 'bench-' || account_id, now() FROM person;

INSERT INTO bindings (id, institution_id, account_id, person_id, proof, bound_at)
    SELECT binding_id, institution_id, account_id, id, 'PHONE', now() FROM person;

INSERT INTO sessions (id, account_id, binding_id, token_hash, device, desk, created_at, seen_at, expires_at, ends_at)
    SELECT bench_id(now()), account_id, binding_id, encode(sha256(('bench-' || inst || '-' || n)::bytea), 'hex'), '', false,
        now(), now(), now() + interval '30 days', now() + interval '180 days'
    FROM person;

-- Matters.

CREATE TEMP TABLE item AS
    SELECT g.*, bench_id(g.at) AS id, b.id AS institution_id, p.id AS author_id, p.name AS author_name,
        u.id AS unit_id, bench_id(g.at) AS assignment_id,
        CASE WHEN g.bucket < 30 THEN 'SUBMITTED' WHEN g.bucket < 45 THEN 'ACCEPTED' WHEN g.bucket < 50 THEN 'REJECTED'
            WHEN g.bucket < 75 THEN 'HANDLING' WHEN g.bucket < 85 THEN 'REPLIED' ELSE 'CLOSED' END AS status,
        '修复第' || g.n || '号路段的路灯' AS title,
        repeat('人民路中段有六盏路灯已坏两周，晚上行人不便，建议尽快修复并定期检查。', 1 + g.n % 8) AS text
    FROM (
        SELECT n, 1 + n % 10 AS inst, random() * 100 AS bucket, 1 + floor(random() * 200)::int AS author,
            1 + floor(random() * 20)::int AS unit, now() - (total.matters - n) * (interval '1 year' / total.matters) AS at
        FROM (SELECT current_setting('bench.matters')::int AS matters) AS total, generate_series(1, total.matters) AS n
    ) AS g
    JOIN inst AS b ON b.n = g.inst
    JOIN person AS p ON p.inst = g.inst AND p.n = g.author
    JOIN unit AS u ON u.inst = g.inst AND u.n = g.unit
    ORDER BY g.n;

INSERT INTO matters (id, institution_id, kind, number, title, status, category, urgent, visibility, source, version, round, submitted_at, closed_at, created_at, updated_at)
    SELECT id, institution_id, 'suggestion', CASE WHEN status NOT IN ('SUBMITTED', 'REJECTED') THEN '2026年第' || n || '号' END,
        title, status, 'CITY', false, 'PARTIES', 'APP', 1, CASE WHEN bucket < 50 THEN 0 ELSE 1 END, at,
        CASE WHEN status IN ('REJECTED', 'CLOSED') THEN at END, at, at
    FROM item ORDER BY n;

INSERT INTO suggestions (matter_id, institution_id, body, place, route, proposed_json, rejection, channel, escalated_to)
    SELECT id, institution_id, text, '人民路中段', '', '[]', '', '', '' FROM item ORDER BY n;

INSERT INTO authors (matter_id, ordinal, institution_id, role, person_id, body_kind, body_name, consent, name, sector, group_name, term)
    SELECT id, 1, institution_id, 'FIRST', author_id, '', '', 'GIVEN', author_name, '农业界', '第一联络组', 11 FROM item ORDER BY n;

INSERT INTO assignments (id, institution_id, matter_id, unit_id, round, role, status, letter_no, urged, asked_days, extended_by, extensions, given_count, given_unit,
    requirement, handler_name, contact_way, version, created_at, updated_at)
    SELECT assignment_id, institution_id, id, unit_id, 1, 'LEAD', CASE WHEN status = 'HANDLING' THEN 'SIGNED' ELSE 'REPLIED' END,
        '', 0, 0, 0, 0, 0, '', '请于十个工作日内答复。', '陈一帆', '', 1, at, at
    FROM item WHERE bucket >= 50 ORDER BY n;

INSERT INTO events (id, institution_id, matter_id, action, label, from_status, to_status, actor_id, actor_name, typed_by, typed_name, way, audience, comment, acted_at, recorded_at)
    SELECT bench_id(at), institution_id, id, 'submit', '提交', '', 'SUBMITTED', author_id, author_name, author_id, '', '', 'EVERYONE', '', at, at
    FROM item ORDER BY n;

INSERT INTO deadlines (id, institution_id, matter_id, kind, label, public, count, unit, started_at, due_at, met_at)
    SELECT bench_id(at), institution_id, id, 'review', '审核', true, 2, 'WORKING_DAY', at, at + interval '2 days',
        CASE WHEN bucket >= 30 THEN at END
    FROM item ORDER BY n;

INSERT INTO waiting (id, institution_id, holder, step, label, matter_id, assignment_id, rank, due_at)
    SELECT bench_id(at), institution_id,
        CASE status WHEN 'SUBMITTED' THEN 'role:INFO_STAFF' WHEN 'ACCEPTED' THEN 'role:PROPOSAL_STAFF'
            WHEN 'HANDLING' THEN 'unit:' || unit_id ELSE 'person:' || author_id END,
        'review', '审核', id, CASE WHEN status = 'HANDLING' THEN assignment_id END, 1, at + interval '2 days'
    FROM item WHERE status NOT IN ('REJECTED', 'CLOSED') ORDER BY n;

-- What the bare server has instead: one table, with the index that its list needs.

CREATE TABLE bare (
    id uuid NOT NULL PRIMARY KEY,
    institution_id uuid NOT NULL,
    author_id uuid NOT NULL,
    author text NOT NULL,
    holder text NOT NULL,
    title text NOT NULL,
    body text NOT NULL,
    category text NOT NULL,
    status text NOT NULL,
    submitted_at timestamptz NOT NULL,
    due_at timestamptz NOT NULL
);
CREATE INDEX bare_queue ON bare (institution_id, holder, due_at, id);

INSERT INTO bare (id, institution_id, author_id, author, holder, title, body, category, status, submitted_at, due_at)
    SELECT id, institution_id, author_id, author_name,
        CASE status WHEN 'SUBMITTED' THEN 'role:INFO_STAFF' WHEN 'ACCEPTED' THEN 'role:PROPOSAL_STAFF' ELSE '' END,
        title, text, 'CITY', status, at, at + interval '2 days'
    FROM item ORDER BY n;

DROP FUNCTION bench_id;
