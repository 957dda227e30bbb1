-- SPDX-License-Identifier: GPL-3.0-or-later
-- name: products_by_jsonpath
-- interesting: a JSON path filter that GIN can serve and a btree cannot
-- calls: 6

SELECT id, name
FROM products
WHERE attributes @? '$.dimensions ? (@.w > 195 && @.h > 195)';
