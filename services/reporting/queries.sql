-- name: lock_writers
-- One writer at a time: a zombie, a second instance and a rebuild wait here, so that the next statement sees all they wrote.
-- Each batch is planned for tables of their present size: a plan made for small ones would read a million rows per batch.
SELECT pg_advisory_xact_lock(hashtextextended('reporting writers', 0)), set_config('plan_cache_mode', 'force_custom_plan', true)

-- name: save_facts
-- Adds new facts and moves each aspiration they touch from its old cell of the cube to its new one.
-- Facts may come in any order, doubled or again: what an aspiration is follows from all its facts, not from the last to come.
-- Returns received_at of the second facts that are new: from now on the first decision about them is counted.
WITH arrived AS (
    INSERT INTO facts
    SELECT * FROM unnest(
        $1::uuid[], $2::int[], $3::text[], $4::text[], $5::text[], $6::timestamptz[], $7::timestamptz[], $8::timestamptz[],
        $9::text[], $10::text[], $11::text[], $12::text[], $13::text[], $14::text[], $15::text[], $16::text[],
        $17::boolean[], $18::boolean[], $19::timestamptz[], $20::timestamptz[], $21::text[], $22::text[], $23::text[], $24::uuid[]
    )
    ON CONFLICT DO NOTHING
    RETURNING *
), known AS (  -- a statement does not see its own inserts, so nothing is in both halves
    SELECT * FROM facts WHERE aspiration_id = ANY($1)
    UNION ALL
    SELECT * FROM arrived
), latest AS (
    SELECT DISTINCT ON (aspiration_id) * FROM known WHERE aspiration_id IN (SELECT aspiration_id FROM arrived) ORDER BY aspiration_id, ver DESC
), moments AS (
    SELECT
        aspiration_id,
        min(at) FILTER (WHERE fact IN ('progressed', 'asked', 'answered', 'resolved', 'rejected')) AS answered_at,
        max(at) FILTER (WHERE fact IN ('answered', 'resolved')) AS resolved_at,
        (array_agg(fact ORDER BY ver DESC)
            FILTER (WHERE fact IN ('confirmed', 'closed_unconfirmed', 'rejected', 'merged', 'withdrawn')))[1] AS ending
    FROM known GROUP BY aspiration_id
), after AS (
    SELECT
        aspiration_id, (received_at AT TIME ZONE $25::text)::date AS day, coalesce(agency, '') AS agency, coalesce(topic, '') AS topic,
        coalesce(kelurahan, '') AS kelurahan, coalesce(kecamatan, '') AS kecamatan, channel, status, role,
        received_at, due_resolve_at, answered_at, resolved_at,
        CASE WHEN status IN ('closed', 'rejected', 'merged', 'withdrawn') THEN coalesce(ending, '') ELSE '' END AS ending
    FROM latest JOIN moments USING (aspiration_id)
), before AS (
    SELECT * FROM aspirations WHERE aspiration_id = ANY($1) AND aspiration_id IN (SELECT aspiration_id FROM arrived)
), saved AS (
    INSERT INTO aspirations AS a SELECT * FROM after
    ON CONFLICT (aspiration_id) DO UPDATE SET
        (day, agency, topic, kelurahan, kecamatan, channel, status, role,
         received_at, due_resolve_at, answered_at, resolved_at, ending)
        = (excluded.day, excluded.agency, excluded.topic, excluded.kelurahan, excluded.kecamatan, excluded.channel,
           excluded.status, excluded.role, excluded.received_at, excluded.due_resolve_at, excluded.answered_at,
           excluded.resolved_at, excluded.ending)
), moves AS (
    SELECT day, agency, topic, kelurahan, kecamatan, channel, status, role, sum(n)::int AS n
    FROM (
        SELECT day, agency, topic, kelurahan, kecamatan, channel, status, role, 1 AS n FROM after
        UNION ALL
        SELECT day, agency, topic, kelurahan, kecamatan, channel, status, role, -1 FROM before
    ) AS steps
    GROUP BY day, agency, topic, kelurahan, kecamatan, channel, status, role
    HAVING sum(n) <> 0
), counted AS (
    MERGE INTO cube AS c USING moves AS m
    ON (c.day, c.topic, c.agency, c.kelurahan, c.kecamatan, c.channel, c.status, c.role)
        = (m.day, m.topic, m.agency, m.kelurahan, m.kecamatan, m.channel, m.status, m.role)
    WHEN MATCHED AND c.count + m.n = 0 THEN DELETE
    WHEN MATCHED THEN UPDATE SET count = c.count + m.n
    WHEN NOT MATCHED THEN INSERT (day, agency, topic, kelurahan, kecamatan, channel, status, role, count)
        VALUES (m.day, m.agency, m.topic, m.kelurahan, m.kecamatan, m.channel, m.status, m.role, m.n)
)
SELECT received_at FROM arrived WHERE ver = 2

-- name: save_outcomes
-- Adds new outcomes and counts them; notify ends each notification once, so a second with the same key is the same event.
WITH arrived AS (
    INSERT INTO outcomes
    SELECT * FROM unnest($1::uuid[], $2::int[], $3::text[], $4::text[], $5::text[], $6::text[], $7::timestamptz[])
    ON CONFLICT DO NOTHING
    RETURNING *
)
INSERT INTO outcome_days AS d
SELECT (at AT TIME ZONE $8::text)::date, kind, outcome, count(*) FROM arrived GROUP BY 1, 2, 3
ON CONFLICT (day, kind, outcome) DO UPDATE SET count = d.count + excluded.count

-- name: aggregates
-- The cube between two days of receipt, filtered by one value per dimension (null: any) and summed up over every dimension
-- that is not in $1. No more than $10 rows.
WITH asked AS (
    SELECT
        CASE WHEN 'day' = ANY($1::text[]) THEN day::text END AS day,
        CASE WHEN 'month' = ANY($1) THEN to_char(day, 'YYYY-MM') END AS month,
        CASE WHEN 'agency' = ANY($1) THEN agency END AS agency,
        CASE WHEN 'topic' = ANY($1) THEN topic END AS topic,
        CASE WHEN 'kelurahan' = ANY($1) THEN kelurahan END AS kelurahan,
        CASE WHEN 'kecamatan' = ANY($1) THEN kecamatan END AS kecamatan,
        CASE WHEN 'channel' = ANY($1) THEN channel END AS channel,
        CASE WHEN 'status' = ANY($1) THEN status END AS status,
        CASE WHEN 'role' = ANY($1) THEN role END AS role,
        count
    FROM cube
    WHERE ($2::date IS NULL OR day >= $2) AND ($3::date IS NULL OR day <= $3)
        AND ($4::text IS NULL OR agency = $4) AND ($5::text IS NULL OR topic = $5)
        AND ($6::text IS NULL OR kelurahan = $6) AND ($7::text IS NULL OR kecamatan = $7)
        AND ($8::text IS NULL OR channel = $8) AND ($9::text IS NULL OR status = $9) AND ($11::text IS NULL OR role = $11)
)
SELECT day, month, agency, topic, kelurahan, kecamatan, channel, status, role, sum(count) AS count FROM asked
GROUP BY day, month, agency, topic, kelurahan, kecamatan, channel, status, role
ORDER BY day, month, agency, topic, kelurahan, kecamatan, channel, status, role
LIMIT $10::int

-- name: most_voiced
-- The one of the city's topics ($2) with most aspirations received since a day; none while nothing has a topic.
SELECT topic FROM cube WHERE day >= $1::date AND topic = ANY($2::text[]) GROUP BY topic ORDER BY sum(count) DESC, topic LIMIT 1

-- name: overall
-- Aspirations of all topics received between two days, by where they stand; of one kecamatan, or all (null).
SELECT
    coalesce(sum(count) FILTER (WHERE status IN ('received', 'triage')), 0) AS sorting,
    coalesce(sum(count) FILTER (WHERE status IN ('assigned', 'accepted', 'in_progress', 'waiting_citizen')), 0) AS working,
    coalesce(sum(count) FILTER (WHERE status IN ('resolved', 'closed', 'rejected', 'merged', 'withdrawn')), 0) AS done
FROM cube WHERE day BETWEEN $1::date AND $2::date AND ($3::text IS NULL OR kecamatan = $3)

-- name: areas
-- Aspirations per kelurahan received between two days: of one topic, and of all.
SELECT kelurahan, coalesce(sum(count) FILTER (WHERE topic = $1::text), 0) AS theme, sum(count) AS total
FROM cube WHERE day BETWEEN $2::date AND $3::date AND kelurahan <> '' GROUP BY kelurahan

-- name: months
-- Aspirations of a topic by month of receipt, since a day; of one kecamatan, or all (null).
SELECT date_trunc('month', day)::date AS month, count(*) AS count
FROM aspirations WHERE topic = $1::text AND day >= $2::date AND ($3::text IS NULL OR kecamatan = $3)
GROUP BY 1 ORDER BY 1

-- name: agencies
-- Who works on a topic, of what was received between two days; '' is what nobody has yet: being sorted, or returned.
-- Overdue: still with the city after its date ($5: now). Days: median from receipt to the first word to the citizen.
SELECT
    CASE WHEN status IN ('received', 'triage') THEN '' ELSE agency END AS agency,
    count(*) AS assigned,
    count(answered_at) AS answered,
    count(*) FILTER (
        WHERE due_resolve_at < $5::timestamptz AND status IN ('received', 'triage', 'assigned', 'accepted', 'in_progress')
    ) AS overdue,
    extract(epoch FROM percentile_cont(0.5) WITHIN GROUP (ORDER BY answered_at - received_at))::float8 / 86400 AS median_days
FROM aspirations
WHERE topic = $1::text AND day BETWEEN $2::date AND $3::date AND ($4::text IS NULL OR kecamatan = $4)
GROUP BY 1 ORDER BY (CASE WHEN status IN ('received', 'triage') THEN '' ELSE agency END = ''), count(*) DESC, 1

-- name: handling
-- How a topic was handled, of what was received between two days. On time: the last result came before its date; how long
-- the citizen takes to confirm is not held against the city.
SELECT
    count(*) AS received,
    count(*) FILTER (WHERE ending = 'confirmed') AS confirmed,
    count(*) FILTER (WHERE ending = 'closed_unconfirmed') AS closed_unconfirmed,
    count(*) FILTER (WHERE ending = 'rejected') AS rejected,
    count(*) FILTER (WHERE ending IN ('confirmed', 'closed_unconfirmed') AND resolved_at <= due_resolve_at) AS closed_on_time,
    count(*) FILTER (WHERE ending IN ('confirmed', 'closed_unconfirmed')) AS closed,
    count(*) FILTER (
        WHERE due_resolve_at < $5::timestamptz AND status IN ('received', 'triage', 'assigned', 'accepted', 'in_progress')
    ) AS overdue
FROM aspirations
WHERE topic = $1::text AND day BETWEEN $2::date AND $3::date AND ($4::text IS NULL OR kecamatan = $4)

-- name: last_fact_at
-- When the youngest fact that is counted happened.
SELECT max(at) FROM facts

-- name: facts_missing_in
-- Facts of the live tables that a rebuild has not read from the log: they came after, or the log has lost them.
-- No more than $3, in the order of their keys, after the key ($1, $2).
SELECT * FROM public.facts AS live
WHERE NOT EXISTS (SELECT FROM rebuilt.facts AS f WHERE (f.aspiration_id, f.ver) = (live.aspiration_id, live.ver))
    AND (aspiration_id, ver) > ($1::uuid, $2::int)
ORDER BY aspiration_id, ver LIMIT $3

-- name: outcomes_missing_in
-- The same for outcomes.
SELECT * FROM public.outcomes AS live
WHERE NOT EXISTS (SELECT FROM rebuilt.outcomes AS o WHERE (o.aspiration_id, o.ver) = (live.aspiration_id, live.ver))
    AND (aspiration_id, ver) > ($1::uuid, $2::int)
ORDER BY aspiration_id, ver LIMIT $3
