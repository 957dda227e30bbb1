-- SPDX-License-Identifier: GPL-3.0-or-later
-- name: products_by_attribute
-- interesting: containment in jsonb: wants a GIN index on attributes
-- calls: 16
-- vary: olive => olive | red | blue | sand

SELECT id, name, price
FROM products
WHERE attributes @> '{"color": "olive", "size": "XL", "refurbished": true}';
