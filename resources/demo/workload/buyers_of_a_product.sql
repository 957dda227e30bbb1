-- SPDX-License-Identifier: GPL-3.0-or-later
-- name: buyers_of_a_product
-- interesting: order_items.product_id has a foreign key and no index
-- calls: 8
-- vary: 20711 => 10000 .. 30000

SELECT o.user_id, count(*), sum(i.quantity)
FROM order_items i
JOIN orders o ON o.id = i.order_id
WHERE i.product_id = 20711
GROUP BY o.user_id
ORDER BY 3 DESC
LIMIT 20;
