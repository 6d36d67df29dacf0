-- name: save_facts
-- Facts, each once; a later delivery of the same changes nothing.
INSERT INTO notices (aspiration_id, ver, fact, correlation_id, at, received_at, topic, agency, confidential, due_answer_at,
                     due_resolve_at, state)
SELECT * FROM unnest($1::uuid[], $2::int[], $3::text[], $4::uuid[], $5::timestamptz[], $6::timestamptz[], $7::text[], $8::text[],
                     $9::boolean[], $10::timestamptz[], $11::timestamptz[], $12::text[])
ON CONFLICT DO NOTHING

-- name: save_contacts
-- The first contact of an aspiration stays; one that was erased does not come back by redelivery.
INSERT INTO contacts (aspiration_id, tracking_code, kind, address, consent, language)
SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::boolean[], $6::text[])
ON CONFLICT DO NOTHING

-- name: erase_contacts
-- Forgets how to reach the citizens, also where the contact has not come yet.
INSERT INTO contacts (aspiration_id, tracking_code, kind, address, consent, language)
SELECT id, '', 'erased', NULL, false, 'id' FROM unnest($1::uuid[]) AS id
ON CONFLICT (aspiration_id) DO UPDATE SET (tracking_code, kind, address, consent) = ('', 'erased', NULL, false)

-- name: erase_mailbox
-- Takes the messages about these aspirations out of the local mailbox.
DELETE FROM mailbox WHERE aspiration_id = ANY($1::uuid[])

-- name: save_answers
-- Answers, each once.
INSERT INTO answers (aspiration_id, ver, text)
SELECT * FROM unnest($1::uuid[], $2::int[], $3::text[])
ON CONFLICT DO NOTHING

-- name: lock_notices
-- All notices of these aspirations, locked in one order; whoever comes second waits here and then sees what the first did.
SELECT aspiration_id, ver, fact, state, correlation_id, received_at, kind FROM notices
WHERE aspiration_id = ANY($1::uuid[])
ORDER BY aspiration_id, ver
FOR NO KEY UPDATE

-- name: contacts_of
-- How to reach these citizens, without the address.
SELECT aspiration_id, kind, address IS NOT NULL AS addressed, consent FROM contacts WHERE aspiration_id = ANY($1::uuid[])

-- name: answered
-- Which answers are there.
SELECT aspiration_id, ver FROM answers WHERE aspiration_id = ANY($1::uuid[])

-- name: make_ready
-- Notices that may be sent now.
UPDATE notices AS n SET state = 'ready', kind = u.kind, ready_at = $4, next_at = $4
FROM unnest($1::uuid[], $2::int[], $3::text[]) AS u (aspiration_id, ver, kind)
WHERE n.aspiration_id = u.aspiration_id AND n.ver = u.ver AND n.state = 'waiting'

-- name: suppress
-- Notices that end without being sent.
UPDATE notices AS n SET state = 'suppressed', kind = u.kind, reason = u.reason, ended_at = $5
FROM unnest($1::uuid[], $2::int[], $3::text[], $4::text[]) AS u (aspiration_id, ver, kind, reason)
WHERE n.aspiration_id = u.aspiration_id AND n.ver = u.ver AND n.state IN ('waiting', 'ready')

-- name: forget_answers
-- The words of an agency are kept until their notice is done, however it ended.
UPDATE answers AS a SET text = NULL
FROM notices AS n
WHERE a.aspiration_id = ANY($1::uuid[]) AND a.text IS NOT NULL AND n.aspiration_id = a.aspiration_id AND n.ver = a.ver
  AND n.state IN ('sent', 'failed', 'unknown', 'suppressed')

-- name: claim
-- Takes ready notices of these kinds, oldest first, for one run of the sender. One whose contact was erased a moment ago
-- is left to be suppressed.
WITH due AS (
    SELECT n.aspiration_id, n.ver, c.address, c.language, c.tracking_code
    FROM notices AS n JOIN contacts AS c ON c.aspiration_id = n.aspiration_id AND c.kind = n.kind AND c.address IS NOT NULL
    WHERE n.state = 'ready' AND n.kind = ANY($2::text[]) AND n.next_at <= $3
    ORDER BY n.next_at
    LIMIT $4
    FOR NO KEY UPDATE OF n SKIP LOCKED
)
UPDATE notices AS n SET state = 'claimed', claimed_by = $1
FROM due LEFT JOIN answers AS a ON a.aspiration_id = due.aspiration_id AND a.ver = due.ver
WHERE n.aspiration_id = due.aspiration_id AND n.ver = due.ver
RETURNING n.aspiration_id, n.ver, n.fact, n.at, n.received_at, n.topic, n.agency, n.confidential, n.due_answer_at,
    n.due_resolve_at, n.ready_at, n.tries, n.kind, due.address, due.language, due.tracking_code, a.text AS answer,
    NOT EXISTS (SELECT FROM notices AS e WHERE e.aspiration_id = n.aspiration_id AND e.ver < n.ver AND e.state <> 'untold') AS first

-- name: end_claimed
-- How claimed notices ended; only what this run of the sender still has, so that each ends once.
UPDATE notices AS n SET state = u.outcome, reason = u.reason, ended_at = $6, claimed_by = NULL
FROM unnest($2::uuid[], $3::int[], $4::text[], $5::text[]) AS u (aspiration_id, ver, outcome, reason)
WHERE n.aspiration_id = u.aspiration_id AND n.ver = u.ver AND n.state = 'claimed' AND n.claimed_by = $1
RETURNING n.aspiration_id, n.ver, n.fact, n.correlation_id, n.kind, n.state, n.reason

-- name: release
-- Puts back what this run certainly did not send.
UPDATE notices AS n SET state = 'ready', next_at = u.next_at, tries = u.tries, claimed_by = NULL
FROM unnest($2::uuid[], $3::int[], $4::timestamptz[], $5::int[]) AS u (aspiration_id, ver, next_at, tries)
WHERE n.aspiration_id = u.aspiration_id AND n.ver = u.ver AND n.state = 'claimed' AND n.claimed_by = $1

-- name: claimed_by_others
-- What another run had in its hands when it ended: nobody knows whether it was sent.
SELECT aspiration_id, ver, claimed_by FROM notices WHERE state = 'claimed' AND claimed_by <> $1

-- name: release_own
-- What this run claimed without learning of it, because the connection broke during the commit: certainly not sent.
UPDATE notices SET state = 'ready', claimed_by = NULL WHERE state = 'claimed' AND claimed_by = $1

-- name: ready_for_nobody
-- Aspirations with a ready notice of a kind that nobody carries any more.
SELECT DISTINCT aspiration_id FROM notices WHERE state = 'ready' AND kind <> ALL($1::text[]) LIMIT 1000

-- name: put_into_mailbox
-- A message that arrived. An SMS stored once more changes nothing; an e-mail that comes twice is there twice.
-- Of what came before it no more than $8 - 1 messages stay.
WITH arrived AS (
    INSERT INTO mailbox (message_id, aspiration_id, arrived_at, kind, address, subject, body)
    VALUES ($1::text, $2::uuid, $3::timestamptz, $4::text, $5::text, $6::text, $7::text)
    ON CONFLICT DO NOTHING
    RETURNING id
)
DELETE FROM mailbox AS old USING arrived WHERE old.id <= arrived.id - $8::bigint

-- name: newest_messages
-- The newest of the mailbox, with the code to follow the aspiration where it is one of ours.
SELECT m.arrived_at, m.kind, m.address, m.subject, m.body, coalesce(c.tracking_code, '') AS tracking_code
FROM mailbox AS m LEFT JOIN contacts AS c USING (aspiration_id)
ORDER BY m.arrived_at DESC
LIMIT $1

-- name: count_messages
-- How many messages the mailbox holds.
SELECT count(*) FROM mailbox
