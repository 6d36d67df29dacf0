-- What this service publishes. A row is written in the transaction of the state change that it tells.
-- Sent rows stay for the retention of their topic: a broker that lost its log is filled again from here (D4.6).
CREATE TABLE outbox (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    topic text NOT NULL,
    key bytea,
    value bytea,                  -- null: a tombstone
    headers text NOT NULL,        -- a JSON object of strings
    created_at timestamptz NOT NULL DEFAULT now(),
    sent_at timestamptz           -- null: not yet acknowledged by the broker
);
CREATE INDEX outbox_unsent ON outbox (id) WHERE sent_at IS NULL;
CREATE INDEX outbox_dead_letters ON outbox (id) WHERE topic LIKE '%.dlq';

-- The identity of each topic this service writes. Another id means: another log, which has nothing of ours.
CREATE TABLE known_topics (
    topic text PRIMARY KEY,
    topic_id text NOT NULL
);
