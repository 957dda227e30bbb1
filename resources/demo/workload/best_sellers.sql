-- SPDX-License-Identifier: GPL-3.0-or-later
-- name: best_sellers
-- interesting: joins 2.5 million lines to products and groups them, for twenty rows
-- calls: 1

SELECT p.id, p.name, sum(i.quantity) AS sold, sum(i.quantity * i.unit_price) AS revenue
FROM order_items i
JOIN products p ON p.id = i.product_id
GROUP BY p.id
ORDER BY sold DESC
LIMIT 20;
