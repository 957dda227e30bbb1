-- SPDX-License-Identifier: GPL-3.0-or-later
-- name: mark_order_paid
-- interesting: an update that finds its row by a column without index
-- calls: 5

UPDATE orders
SET status = 'paid'
WHERE payment_ref = 'PAY-81dc9bdb52d04dc20036dbd8313ed055' AND status = 'pending';
