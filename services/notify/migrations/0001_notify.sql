-- Three halves that come in any order on three topics: how to reach a citizen, what an agency says, what happened.

-- How a citizen can be reached. A row turns to kind `erased` and never back.
CREATE TABLE contacts (
    aspiration_id uuid PRIMARY KEY,
    tracking_code text NOT NULL,
    kind text NOT NULL,
    address text,
    consent boolean NOT NULL,
    language text NOT NULL
);

-- What an agency says at a `ver`. The text is forgotten once its notice is done; the row stays, so that it counts once.
CREATE TABLE answers (
    aspiration_id uuid,
    ver integer,
    text text,
    PRIMARY KEY (aspiration_id, ver)
);

-- One row per fact; those with a state other than `untold` are the notices.
CREATE TABLE notices (
    aspiration_id uuid,
    ver integer,
    fact text NOT NULL,
    correlation_id uuid NOT NULL,
    at timestamptz NOT NULL,
    received_at timestamptz NOT NULL,
    topic text,
    agency text,
    confidential boolean NOT NULL,
    due_answer_at timestamptz,
    due_resolve_at timestamptz,
    state text NOT NULL,
    kind text,                           -- of the contact it goes to, or went to
    ready_at timestamptz,
    next_at timestamptz,                 -- not to be tried before
    tries integer NOT NULL DEFAULT 0,    -- how often it was put off
    claimed_by uuid,                     -- the run of the sender that has it
    reason text,                         -- a code
    ended_at timestamptz,
    PRIMARY KEY (aspiration_id, ver)
);
CREATE INDEX notices_ready ON notices (kind, next_at) WHERE state = 'ready';
CREATE INDEX notices_claimed ON notices (claimed_by) WHERE state = 'claimed';

-- What arrived in the local mailbox, where there is one. It plays the citizens' phones and mailboxes.
CREATE TABLE mailbox (
    message_id text NOT NULL,
    aspiration_id uuid,                  -- null: a message that is not ours
    arrived_at timestamptz NOT NULL,
    kind text NOT NULL,
    address text NOT NULL,
    subject text NOT NULL,
    body text NOT NULL
);
-- A mail server delivers a double as a double, and so does this one; the other kinds are stored here and not sent at all.
CREATE UNIQUE INDEX mailbox_stored ON mailbox (message_id) WHERE kind <> 'email';
CREATE INDEX mailbox_newest ON mailbox (arrived_at DESC);
CREATE INDEX mailbox_aspiration ON mailbox (aspiration_id);
