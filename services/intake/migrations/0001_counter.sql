-- Every accepted aspiration, once. Texts are masked; the contact is not here: it goes to notify and stays there (D6).
CREATE TABLE aspirations (
    id uuid PRIMARY KEY,
    channel text NOT NULL,
    idempotency_key text NOT NULL,
    fingerprint bytea NOT NULL,         -- keyed digest of what was handed in; tells a repetition from another body
    tracking_code text NOT NULL UNIQUE,
    received_at timestamptz NOT NULL,
    title text,
    text text,                          -- null after erasure
    type text,                          -- null: the citizen chose none
    role text NOT NULL,
    session text,
    lat double precision,
    lng double precision,
    kelurahan text,
    kecamatan text,
    rw text,
    place_words text,
    photos text[] NOT NULL,
    anonymous boolean NOT NULL,
    confidential boolean NOT NULL,
    language text NOT NULL,
    contact_kind text NOT NULL,
    spoken_at timestamptz,
    UNIQUE (channel, idempotency_key)
);

-- The API keys of channel frontends. The secret itself is shown once, when the key is made.
CREATE TABLE channel_keys (
    kid text PRIMARY KEY,
    channel text NOT NULL,
    secret_sha256 bytea NOT NULL,
    per_minute integer NOT NULL CHECK (per_minute > 0),
    created_at timestamptz NOT NULL DEFAULT now(),
    revoked_at timestamptz
);
