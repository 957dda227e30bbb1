-- SPDX-License-Identifier: GPL-3.0-or-later
-- name: latest_orders
-- interesting: the index on placed_at gives the order, so ten rows are read for ten rows shown
-- calls: 40

SELECT o.id, o.placed_at, u.full_name, o.total
FROM orders o
JOIN users u ON u.id = o.user_id
ORDER BY o.placed_at DESC
LIMIT 10;
