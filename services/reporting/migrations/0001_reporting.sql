-- All tables here are derived: `serap replay reporting` makes them anew from the log. '' in a roll-up means: not known (yet).

-- Every fact as it was told, once per (aspiration, ver).
CREATE TABLE facts (
    aspiration_id uuid NOT NULL,
    ver int NOT NULL,
    fact text NOT NULL,
    status text NOT NULL,
    prev_status text,
    prev_at timestamptz,
    at timestamptz NOT NULL,
    received_at timestamptz NOT NULL,
    channel text NOT NULL,
    type text,
    role text NOT NULL,
    topic text,
    agency text,
    kelurahan text,
    kecamatan text,
    rw text,
    anonymous boolean NOT NULL,
    confidential boolean NOT NULL,
    due_answer_at timestamptz,
    due_resolve_at timestamptz,
    actor text NOT NULL,
    reason text,
    session text,
    merged_into uuid,
    PRIMARY KEY (aspiration_id, ver)
);

-- Where each aspiration stands by its facts: the cell of the cube that counts it, and the moments its speed is judged by.
CREATE TABLE aspirations (
    aspiration_id uuid PRIMARY KEY,
    day date NOT NULL,               -- of receipt, by the city's clock
    agency text NOT NULL,
    topic text NOT NULL,
    kelurahan text NOT NULL,
    kecamatan text NOT NULL,
    channel text NOT NULL,
    status text NOT NULL,
    role text NOT NULL,
    received_at timestamptz NOT NULL,
    due_resolve_at timestamptz,
    answered_at timestamptz,         -- first word to the citizen: progress, question, result or rejection
    resolved_at timestamptz,         -- last result
    ending text NOT NULL             -- confirmed, closed_unconfirmed, rejected, merged, withdrawn; '' while it goes on
) WITH (fillfactor = 85);
CREATE INDEX aspirations_of_topic ON aspirations (topic, day)
    INCLUDE (kecamatan, agency, status, received_at, due_resolve_at, answered_at, resolved_at, ending);

-- Each aspiration once, in the cell of its latest fact.
CREATE TABLE cube (
    day date NOT NULL,
    agency text NOT NULL,
    topic text NOT NULL,
    kelurahan text NOT NULL,
    kecamatan text NOT NULL,
    channel text NOT NULL,
    status text NOT NULL,
    role text NOT NULL,
    count int NOT NULL CHECK (count > 0),
    PRIMARY KEY (day, topic, agency, kelurahan, kecamatan, channel, status, role)
);

-- How telling a citizen about one fact ended, and the same by day, kind of contact and outcome.
CREATE TABLE outcomes (
    aspiration_id uuid NOT NULL,
    ver int NOT NULL,
    fact text NOT NULL,
    kind text NOT NULL,
    outcome text NOT NULL,
    reason text,
    at timestamptz NOT NULL,
    PRIMARY KEY (aspiration_id, ver)
);
CREATE TABLE outcome_days (
    day date NOT NULL,               -- when it ended, by the city's clock
    kind text NOT NULL,
    outcome text NOT NULL,
    count int NOT NULL,
    PRIMARY KEY (day, kind, outcome)
);
