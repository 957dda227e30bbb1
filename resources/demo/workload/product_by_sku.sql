-- SPDX-License-Identifier: GPL-3.0-or-later
-- name: product_by_sku
-- interesting: a unique index and one row: the fastest statement of the shop
-- calls: 80
-- vary: 004711 => 010000 .. 029999

SELECT id, name, price, stock
FROM products
WHERE sku = 'SKU-004711';
