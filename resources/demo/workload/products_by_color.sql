-- SPDX-License-Identifier: GPL-3.0-or-later
-- name: products_by_color
-- interesting: one jsonb key compared as text: wants an index on the expression
-- calls: 10
-- vary: sand => sand | red | blue | black

SELECT count(*), avg(price)
FROM products
WHERE attributes ->> 'color' = 'sand' AND attributes ->> 'size' = 'XS';
