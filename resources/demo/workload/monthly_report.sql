-- SPDX-License-Identifier: GPL-3.0-or-later
-- name: monthly_report
-- interesting: reads the materialized view, which nobody has refreshed since
-- calls: 20

SELECT month, sum(orders) AS orders, sum(revenue) AS revenue
FROM monthly_revenue
GROUP BY month
ORDER BY month DESC
LIMIT 12;
