-- SPDX-License-Identifier: GPL-3.0-or-later
-- name: orders_of_a_user
-- interesting: orders.user_id has a foreign key and no index: every customer page reads the whole table
-- calls: 16
-- vary: 4711 => 1 .. 120000

SELECT id, placed_at, status, total
FROM orders
WHERE user_id = 4711
ORDER BY placed_at DESC;
