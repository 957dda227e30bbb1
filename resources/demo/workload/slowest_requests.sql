-- SPDX-License-Identifier: GPL-3.0-or-later
-- name: slowest_requests
-- interesting: the twenty slowest of a day: a top-n sort over everything
-- calls: 3

SELECT logged_at, service, duration_ms, message
FROM logs
WHERE logged_at >= '2025-12-14' AND logged_at < '2025-12-15'
ORDER BY duration_ms DESC
LIMIT 20;
