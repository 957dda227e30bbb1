-- SPDX-License-Identifier: GPL-3.0-or-later
-- name: last_order_of_each_user
-- interesting: DISTINCT ON sorts a year of orders; an index on (user_id, placed_at DESC) would give the order
-- calls: 3

SELECT DISTINCT ON (user_id) user_id, id, placed_at, total
FROM orders
WHERE placed_at >= '2025-10-01'
ORDER BY user_id, placed_at DESC
LIMIT 100;
