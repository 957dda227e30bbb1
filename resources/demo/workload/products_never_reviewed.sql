-- SPDX-License-Identifier: GPL-3.0-or-later
-- name: products_never_reviewed
-- interesting: NOT IN with a subquery: hashed as long as it fits work_mem, quadratic when it does not
-- calls: 3

SELECT count(*)
FROM products
WHERE id NOT IN (SELECT product_id FROM reviews);
