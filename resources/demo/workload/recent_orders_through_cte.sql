-- SPDX-License-Identifier: GPL-3.0-or-later
-- name: recent_orders_through_cte
-- interesting: MATERIALIZED keeps the condition out of the CTE: all of it is computed for one user
-- calls: 5
-- vary: 4711 => 1 .. 120000

WITH recent AS MATERIALIZED (
    SELECT id, user_id, placed_at, total FROM orders WHERE placed_at >= '2025-09-01'
)
SELECT * FROM recent WHERE user_id = 4711;
