-- name: insert_aspirations
-- Stores those whose idempotency key and tracking code are both new; the others are left out of the answer.
-- Two counters that meet in the same key wait for each other in the order of the rows, so callers sort them by key.
INSERT INTO aspirations (
    id, channel, idempotency_key, fingerprint, tracking_code, received_at, title, text, type, role, session,
    lat, lng, kelurahan, kecamatan, rw, place_words, photos, anonymous, confidential, language, contact_kind, spoken_at
)
SELECT
    id, channel, idempotency_key, fingerprint, tracking_code, received_at, title, text, type, role, session,
    lat, lng, kelurahan, kecamatan, rw, place_words,
    ARRAY(SELECT json_array_elements_text(photos)),  -- unnest would flatten a list of lists
    anonymous, confidential, language, contact_kind, spoken_at
FROM unnest(
    $1::uuid[], $2::text[], $3::text[], $4::bytea[], $5::text[], $6::timestamptz[], $7::text[], $8::text[], $9::text[],
    $10::text[], $11::text[], $12::float8[], $13::float8[], $14::text[], $15::text[], $16::text[], $17::text[], $18::json[],
    $19::boolean[], $20::boolean[], $21::text[], $22::text[], $23::timestamptz[]
) AS new (
    id, channel, idempotency_key, fingerprint, tracking_code, received_at, title, text, type, role, session,
    lat, lng, kelurahan, kecamatan, rw, place_words, photos, anonymous, confidential, language, contact_kind, spoken_at
)
ON CONFLICT DO NOTHING
RETURNING id, channel, idempotency_key, fingerprint, tracking_code, received_at;

-- name: known_keys
-- What was stored before under these idempotency keys.
SELECT id, channel, idempotency_key, fingerprint, tracking_code, received_at
FROM aspirations JOIN unnest($1::text[], $2::text[]) AS asked (channel, idempotency_key) USING (channel, idempotency_key);
