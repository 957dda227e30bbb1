-- SPDX-License-Identifier: GPL-3.0-or-later
-- name: products_by_name_part
-- interesting: LIKE with a leading wildcard: wants a trigram index
-- calls: 10
-- vary: violin 47 => violin 47 | lamp 12 | bicycle 9

SELECT id, name
FROM products
WHERE name ILIKE '%violin 47%'
LIMIT 50;
