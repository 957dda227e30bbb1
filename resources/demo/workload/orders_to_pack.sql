-- SPDX-License-Identifier: GPL-3.0-or-later
-- name: orders_to_pack
-- interesting: a partial index on the few open orders would be a thousandth of the one on status
-- calls: 12

SELECT id, placed_at, user_id
FROM orders
WHERE status IN ('pending', 'paid') AND channel = 'shop'
ORDER BY placed_at
LIMIT 50;
