-- SPDX-License-Identifier: GPL-3.0-or-later
-- name: order_by_payment_ref
-- interesting: unique in practice, declared nowhere, indexed nowhere
-- calls: 10

SELECT id, status, total
FROM orders
WHERE payment_ref = 'PAY-81dc9bdb52d04dc20036dbd8313ed055';
