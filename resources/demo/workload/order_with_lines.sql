-- SPDX-License-Identifier: GPL-3.0-or-later
-- name: order_with_lines
-- interesting: found by primary keys alone: the good case to compare with
-- calls: 60
-- vary: 471100 => 1 .. 1000000

SELECT o.id, o.placed_at, i.line_no, p.name, i.quantity, i.unit_price
FROM orders o
JOIN order_items i ON i.order_id = o.id
JOIN products p ON p.id = i.product_id
WHERE o.id = 471100
ORDER BY i.line_no;
