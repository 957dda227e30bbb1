-- SPDX-License-Identifier: GPL-3.0-or-later
-- name: buyers_by_month
-- interesting: count(DISTINCT) sorts each group instead of hashing it
-- calls: 2

SELECT date_trunc('month', placed_at) AS month, count(DISTINCT user_id) AS buyers
FROM orders
WHERE placed_at >= '2025-01-01'
GROUP BY 1
ORDER BY 1;
