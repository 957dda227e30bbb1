-- SPDX-License-Identifier: GPL-3.0-or-later
-- name: slow_pages
-- interesting: a number taken out of jsonb for every row of a partition
-- calls: 4

SELECT payload ->> 'page' AS page, count(*), max((payload ->> 'ms')::int) AS worst
FROM events
WHERE occurred_at >= '2025-11-01' AND occurred_at < '2025-12-01' AND (payload ->> 'ms')::int > 850
GROUP BY 1
ORDER BY 2 DESC
LIMIT 10;
