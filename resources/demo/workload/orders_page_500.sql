-- SPDX-License-Identifier: GPL-3.0-or-later
-- name: orders_page_500
-- interesting: OFFSET reads and throws away everything before the page
-- calls: 3
-- vary: 200000 => 50000 .. 400000

SELECT id, placed_at, total
FROM orders
ORDER BY placed_at DESC, id DESC
LIMIT 50 OFFSET 200000;
