-- SPDX-License-Identifier: GPL-3.0-or-later
-- name: orders_ranked_by_total
-- interesting: a sort of a year of orders that does not fit work_mem and spills to disk
-- calls: 2

SELECT id, country, total, rank
FROM (SELECT id, country, total, note, payment_ref, rank() OVER (PARTITION BY country ORDER BY total DESC) AS rank
      FROM orders WHERE placed_at >= '2025-01-01') AS ranked
WHERE rank <= 5;
