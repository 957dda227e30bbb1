-- SPDX-License-Identifier: GPL-3.0-or-later
-- name: running_revenue
-- interesting: a window over grouped days
-- calls: 3

SELECT day, revenue, sum(revenue) OVER (ORDER BY day) AS so_far
FROM (SELECT placed_at::date AS day, sum(total) AS revenue
      FROM orders WHERE placed_at >= '2025-07-01' GROUP BY 1) AS days
ORDER BY day;
