-- SPDX-License-Identifier: GPL-3.0-or-later
-- name: revenue_by_month
-- interesting: reads every order and groups by an expression whose distinct values the planner cannot know
-- calls: 2

SELECT date_trunc('month', placed_at) AS month, count(*), sum(total)
FROM orders
WHERE status <> 'cancelled'
GROUP BY 1
ORDER BY 1;
