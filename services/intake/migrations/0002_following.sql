-- What became of an aspiration, as its citizen sees it. No foreign keys: after a database was restored, facts arrive of
-- aspirations that it does not hold; they are stored all the same and are there when the aspiration is.

-- aspirations.lifecycle.v1
CREATE TABLE facts (
    aspiration_id uuid NOT NULL,
    ver int NOT NULL,
    data jsonb NOT NULL,          -- LifecycleFact
    PRIMARY KEY (aspiration_id, ver)
);

-- aspirations.answers.v1
CREATE TABLE answers (
    event_id uuid PRIMARY KEY,
    aspiration_id uuid NOT NULL,
    data jsonb NOT NULL           -- AgencyAnswered, masked by routing
);
CREATE INDEX answers_of_aspiration ON answers (aspiration_id);

-- What citizens say after handing in; published on citizens.replies.v1 in the same transaction.
CREATE TABLE replies (
    reply_id uuid PRIMARY KEY,
    aspiration_id uuid NOT NULL,
    data jsonb NOT NULL           -- CitizenReplied, masked
);
CREATE INDEX replies_of_aspiration ON replies (aspiration_id);

-- Wrong PINs of the current window. A row is a few bytes and there is at most one per aspiration: nobody need clean up.
CREATE TABLE pin_tries (
    aspiration_id uuid PRIMARY KEY,
    since timestamptz NOT NULL,   -- when the window began
    tries int NOT NULL
);
