-- SPDX-License-Identifier: GPL-3.0-or-later
-- name: events_of_a_user
-- interesting: no condition on the partition key, and an index on three partitions of eighteen
-- calls: 8
-- vary: 4711 => 1 .. 120000

SELECT occurred_at, kind, payload ->> 'page' AS page
FROM events
WHERE user_id = 4711
ORDER BY occurred_at DESC
LIMIT 50;
