-- SPDX-License-Identifier: GPL-3.0-or-later
-- name: customer_ranks
-- interesting: a function with a query inside hides its cost from the plan: time is spent in no node of its own
-- calls: 2

SELECT id, full_name, customer_rank(id)
FROM users
WHERE id BETWEEN 4711 AND 4714;
