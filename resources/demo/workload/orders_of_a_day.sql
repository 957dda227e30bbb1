-- SPDX-License-Identifier: GPL-3.0-or-later
-- name: orders_of_a_day
-- interesting: a range on an indexed column: which of the two overlapping indexes is taken
-- calls: 20
-- vary: '2025-06-14' AND placed_at < '2025-06-15' => '2025-06-14' AND placed_at < '2025-06-15' | '2024-11-02' AND placed_at < '2024-11-03' | '2025-12-23' AND placed_at < '2025-12-24'

SELECT status, count(*), sum(total)
FROM orders
WHERE placed_at >= '2025-06-14' AND placed_at < '2025-06-15'
GROUP BY status;
