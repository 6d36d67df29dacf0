-- name: add_key
-- A key with the hash of its secret.
INSERT INTO channel_keys (kid, channel, secret_sha256, per_minute) VALUES ($1, $2, $3, $4);

-- name: find_key
-- A key that may be used.
SELECT kid, channel, secret_sha256, per_minute FROM channel_keys WHERE kid = $1 AND revoked_at IS NULL;

-- name: list_keys
-- All keys, revoked ones too, in the order of their making.
SELECT kid, channel, per_minute, created_at, revoked_at FROM channel_keys ORDER BY created_at, kid;

-- name: revoke_key
-- The time of the first revocation stays.
UPDATE channel_keys SET revoked_at = coalesce(revoked_at, now()) WHERE kid = $1 RETURNING kid;
