-- SPDX-License-Identifier: GPL-3.0-or-later
-- name: dormant_users
-- interesting: a condition that NULLs and an OR make hard to index
-- calls: 8

SELECT id, email
FROM users
WHERE newsletter AND (last_seen_at IS NULL OR last_seen_at < '2023-01-01')
ORDER BY created_at
LIMIT 100;
