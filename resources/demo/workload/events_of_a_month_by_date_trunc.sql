-- SPDX-License-Identifier: GPL-3.0-or-later
-- name: events_of_a_month_by_date_trunc
-- interesting: a function around the partition key: nothing is pruned, all partitions are read
-- calls: 4

SELECT count(*)
FROM events
WHERE date_trunc('month', occurred_at) = '2025-06-01';
