-- SPDX-License-Identifier: GPL-3.0-or-later
-- name: sell_product
-- interesting: a hot update by primary key; the trigger and every index on products have their share
-- calls: 60
-- vary: 4711 => 1 .. 30000

UPDATE products
SET stock = greatest(stock - 1, 0)
WHERE id = 4711;
