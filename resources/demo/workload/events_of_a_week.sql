-- SPDX-License-Identifier: GPL-3.0-or-later
-- name: events_of_a_week
-- interesting: bounds on the partition key: one partition of eighteen is read
-- calls: 12

SELECT kind, count(*)
FROM events
WHERE occurred_at >= '2025-06-09' AND occurred_at < '2025-06-16'
GROUP BY kind;
