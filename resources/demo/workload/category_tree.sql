-- SPDX-License-Identifier: GPL-3.0-or-later
-- name: category_tree
-- interesting: recursive, over a small table: no index would help
-- calls: 20

WITH RECURSIVE tree AS (
    SELECT id, name, 1 AS depth, name AS path FROM categories WHERE parent_id IS NULL
    UNION ALL
    SELECT c.id, c.name, t.depth + 1, t.path || ' > ' || c.name FROM categories c JOIN tree t ON c.parent_id = t.id
)
SELECT depth, count(*), max(path)
FROM tree
GROUP BY depth
ORDER BY depth;
