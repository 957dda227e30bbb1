-- SPDX-License-Identifier: GPL-3.0-or-later
-- name: orders_of_the_best_customer
-- interesting: the same statement for user 1, who has a hundred times the orders of others: skew
-- calls: 4

SELECT status, count(*), sum(total)
FROM orders
WHERE user_id = 1
GROUP BY status;
