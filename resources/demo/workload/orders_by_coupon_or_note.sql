-- SPDX-License-Identifier: GPL-3.0-or-later
-- name: orders_by_coupon_or_note
-- interesting: an OR over two columns, of which one has an index
-- calls: 4

SELECT id, coupon, note
FROM orders
WHERE coupon = 'SAVE20' AND placed_at >= '2025-12-01' OR payment_ref = 'PAY-155bc545f84d9652f1012ef2bdfb6eb0';
