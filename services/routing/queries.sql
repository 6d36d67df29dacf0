-- name: known_cases
-- Which of these aspirations have a case already.
SELECT aspiration_id FROM cases WHERE aspiration_id = ANY($1::uuid[]);

-- name: save_cases
-- Inserts or advances cases; a row moves only forward (ver), so redelivery changes nothing. Returns those that moved.
INSERT INTO cases AS c (
    aspiration_id, correlation_id, ver, status, at, received_at, channel, role, language, type, topic, agency,
    kelurahan, kecamatan, rw, anonymous, confidential, session, due_answer_at, due_resolve_at,
    returned_count, paused_days, waiting_since, status_before_wait, resolved_at, merged_into
)
SELECT * FROM unnest(
    $1::uuid[], $2::uuid[], $3::int[], $4::text[], $5::timestamptz[], $6::timestamptz[], $7::text[], $8::text[], $9::text[],
    $10::text[], $11::text[], $12::text[], $13::text[], $14::text[], $15::text[], $16::bool[], $17::bool[], $18::text[],
    $19::timestamptz[], $20::timestamptz[], $21::int[], $22::int[], $23::timestamptz[], $24::text[], $25::timestamptz[],
    $26::uuid[]
)
ON CONFLICT (aspiration_id) DO UPDATE SET (
    ver, status, at, topic, agency, kelurahan, kecamatan, due_answer_at, due_resolve_at,
    returned_count, paused_days, waiting_since, status_before_wait, resolved_at, merged_into
) = (
    excluded.ver, excluded.status, excluded.at, excluded.topic, excluded.agency, excluded.kelurahan, excluded.kecamatan,
    excluded.due_answer_at, excluded.due_resolve_at, excluded.returned_count, excluded.paused_days, excluded.waiting_since,
    excluded.status_before_wait, excluded.resolved_at, excluded.merged_into
)
WHERE c.ver < excluded.ver
RETURNING aspiration_id;

-- name: save_stories
-- The words of new aspirations. `photos` come as JSON texts.
INSERT INTO stories (aspiration_id, text, title, lat, lng, place_words, photos)
SELECT aspiration_id, text, title, lat, lng, place_words, photos::jsonb
FROM unnest($1::uuid[], $2::text[], $3::text[], $4::float8[], $5::float8[], $6::text[], $7::text[])
    AS new (aspiration_id, text, title, lat, lng, place_words, photos)
ON CONFLICT DO NOTHING;

-- name: stories
-- The words of these aspirations.
SELECT aspiration_id, text, title, lat, lng, place_words, photos FROM stories WHERE aspiration_id = ANY($1::uuid[]);

-- name: save_decisions
-- Why the machine decided so. `reason` and `alternatives` come as JSON texts.
INSERT INTO decisions (
    aspiration_id, ver, topic, agency, confidence, reason, alternatives, model, model_version, threshold
)
SELECT aspiration_id, ver, topic, agency, confidence, reason::jsonb, alternatives::jsonb, model, model_version, threshold
FROM unnest(
    $1::uuid[], $2::int[], $3::text[], $4::text[], $5::float8[], $6::text[], $7::text[], $8::text[], $9::text[], $10::float8[]
) AS new (aspiration_id, ver, topic, agency, confidence, reason, alternatives, model, model_version, threshold)
ON CONFLICT DO NOTHING;

-- name: claim_updates
-- Returns those updates that are heard for the first time; nobody else will hear them.
INSERT INTO commands (agency, update_id, aspiration_id, kind, heard_at)
SELECT *, $5::timestamptz FROM unnest($1::text[], $2::uuid[], $3::uuid[], $4::text[])
ON CONFLICT DO NOTHING
RETURNING agency, update_id;

-- name: lock_cases
-- These cases, held until the end of the transaction; in the order of their ids, so that no two transactions wait for each other.
SELECT * FROM cases WHERE aspiration_id = ANY($1::uuid[]) ORDER BY aspiration_id FOR UPDATE;

-- name: keep_replies
-- Stores replies, each once. `support` changes no case: it is heard by being counted.
INSERT INTO replies (reply_id, event_id, aspiration_id, kind, text, rating, at, heard_at)
SELECT *, CASE WHEN kind = 'support' THEN $8::timestamptz END
FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::int[], $7::timestamptz[])
    AS new (reply_id, event_id, aspiration_id, kind, text, rating, at)
ON CONFLICT DO NOTHING;

-- name: lock_cases_with_replies
-- Those of these cases about which a reply waits, held as by lock_cases.
SELECT * FROM cases
WHERE aspiration_id = ANY($1::uuid[])
    AND EXISTS (SELECT FROM replies WHERE replies.aspiration_id = cases.aspiration_id AND heard_at IS NULL)
ORDER BY aspiration_id FOR UPDATE;

-- name: waiting_replies
-- What waits about these cases, in the order in which it was said. To be asked while the cases are held: then nobody else
-- hears it.
SELECT reply_id, event_id, aspiration_id, kind, text, rating, at
FROM replies WHERE aspiration_id = ANY($1::uuid[]) AND heard_at IS NULL ORDER BY at, reply_id;

-- name: settle_replies
-- These replies have had their effect, or were refused.
UPDATE replies SET heard_at = $2 WHERE reply_id = ANY($1::uuid[]);

-- name: save_refusals
-- Illegal commands and why they were refused.
INSERT INTO refusals (sender, command_id, aspiration_id, kind, reason, at)
SELECT *, $6::timestamptz FROM unnest($1::text[], $2::uuid[], $3::uuid[], $4::text[], $5::text[])
ON CONFLICT DO NOTHING;
