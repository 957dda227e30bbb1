-- SPDX-License-Identifier: GPL-3.0-or-later
-- name: products_by_sku_prefix
-- interesting: LIKE with a prefix cannot use the index on sku unless the collation is C or the index has text_pattern_ops
-- calls: 10
-- vary: 0123 => 0100 .. 0299

SELECT id, sku, name
FROM products
WHERE sku LIKE 'SKU-0123%'
ORDER BY sku;
