-- What routing knows of one aspiration: no text, no person. A row moves only forward (ver).
CREATE TABLE cases (
    aspiration_id uuid PRIMARY KEY,
    correlation_id uuid NOT NULL,
    ver integer NOT NULL,
    status text NOT NULL,
    at timestamptz NOT NULL,
    received_at timestamptz NOT NULL,
    channel text NOT NULL,
    role text NOT NULL,
    language text NOT NULL,
    type text,
    topic text,
    agency text,
    kelurahan text,
    kecamatan text,
    rw text,
    anonymous boolean NOT NULL,
    confidential boolean NOT NULL,
    session text,
    due_answer_at timestamptz NOT NULL,
    due_resolve_at timestamptz NOT NULL,
    returned_count integer NOT NULL,
    paused_days integer NOT NULL,
    waiting_since timestamptz,
    status_before_wait text,
    resolved_at timestamptz,
    merged_into uuid
);
CREATE INDEX cases_in_triage ON cases (received_at) WHERE status = 'triage';

-- The citizen's words, for the agency that the case is assigned to next. Apart from the case, so that they can be erased.
CREATE TABLE stories (
    aspiration_id uuid PRIMARY KEY,
    text text,
    title text,
    lat double precision,
    lng double precision,
    place_words text,
    photos jsonb NOT NULL
);

-- Why the machine decided as it did, beside what officers make of it: training data later.
CREATE TABLE decisions (
    aspiration_id uuid NOT NULL,
    ver integer NOT NULL,
    topic text,
    agency text,
    confidence double precision NOT NULL,
    reason jsonb NOT NULL,        -- the words that decided, strongest first
    alternatives jsonb NOT NULL,  -- [topic, agency, confidence], the best three
    model text NOT NULL,
    model_version text NOT NULL,
    threshold double precision NOT NULL,
    PRIMARY KEY (aspiration_id, ver)
);

-- Every update of an agency that was heard, so that it is heard once. Update ids are their agency's own.
CREATE TABLE commands (
    agency text NOT NULL,
    update_id uuid NOT NULL,
    aspiration_id uuid NOT NULL,
    kind text NOT NULL,
    heard_at timestamptz NOT NULL,
    PRIMARY KEY (agency, update_id)
);

-- Every reply of a citizen. One that comes before its submission waits here.
CREATE TABLE replies (
    reply_id uuid PRIMARY KEY,
    event_id uuid NOT NULL,
    aspiration_id uuid NOT NULL,
    kind text NOT NULL,
    text text,
    rating integer,
    at timestamptz NOT NULL,
    heard_at timestamptz          -- null: waits for its case, or for the second transaction
);
CREATE INDEX replies_waiting ON replies (aspiration_id) WHERE heard_at IS NULL;
CREATE INDEX replies_support ON replies (aspiration_id) WHERE kind = 'support';

-- Illegal commands of agencies (sender: the agency's code) and citizens (sender: citizen). Their senders were told.
CREATE TABLE refusals (
    sender text NOT NULL,
    command_id uuid NOT NULL,
    aspiration_id uuid NOT NULL,
    kind text NOT NULL,
    reason text NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (sender, command_id)
);
