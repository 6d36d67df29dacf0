-- What the tracking page reads and writes. `data` columns hold the JSON of the contract's models.

-- name: save_facts
-- Redelivery, any order and doubles within a batch change nothing.
INSERT INTO facts (aspiration_id, ver, data)
SELECT aspiration_id, ver, data::jsonb FROM unnest($1::uuid[], $2::int[], $3::text[]) AS new (aspiration_id, ver, data)
ON CONFLICT DO NOTHING;

-- name: save_answers
-- The same, by the id of the event.
INSERT INTO answers (event_id, aspiration_id, data)
SELECT event_id, aspiration_id, data::jsonb FROM unnest($1::uuid[], $2::uuid[], $3::text[]) AS new (event_id, aspiration_id, data)
ON CONFLICT DO NOTHING;

-- name: find_case
-- One aspiration by its code, without who handed it in.
SELECT id, tracking_code, received_at, channel, type, title, text, kelurahan, kecamatan, place_words, anonymous, confidential,
       contact_kind
FROM aspirations WHERE tracking_code = $1;

-- name: facts_of
-- What routing said of an aspiration, oldest first.
SELECT data::text FROM facts WHERE aspiration_id = $1 ORDER BY ver;

-- name: answers_of
-- What agencies said to its citizen.
SELECT data::text FROM answers WHERE aspiration_id = $1;

-- name: replies_of
-- What its citizen said.
SELECT data::text FROM replies WHERE aspiration_id = $1;

-- name: insert_reply
-- Gives the id back only the first time.
INSERT INTO replies (reply_id, aspiration_id, data) VALUES ($1, $2, $3::jsonb)
ON CONFLICT DO NOTHING
RETURNING reply_id;

-- name: claim_try
-- Counts a try before the PIN is compared, so that tries side by side are counted too. A window ($3) begins with its first try;
-- after $4 tries no row comes back until it ends.
INSERT INTO pin_tries AS t (aspiration_id, since, tries) VALUES ($1, $2::timestamptz, 1)
ON CONFLICT (aspiration_id) DO UPDATE
SET tries = CASE WHEN t.since + $3::interval <= $2 THEN 1 ELSE t.tries + 1 END,
    since = CASE WHEN t.since + $3::interval <= $2 THEN $2 ELSE t.since END
WHERE t.tries < $4 OR t.since + $3::interval <= $2
RETURNING tries;

-- name: give_back_try
-- The PIN was right: only wrong ones count.
UPDATE pin_tries SET tries = greatest(tries - 1, 0) WHERE aspiration_id = $1;

-- name: window_began
-- When the first try of the window was made.
SELECT since FROM pin_tries WHERE aspiration_id = $1;
