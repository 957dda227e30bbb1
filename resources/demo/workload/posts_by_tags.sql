-- SPDX-License-Identifier: GPL-3.0-or-later
-- name: posts_by_tags
-- interesting: array containment: wants GIN; the btree that somebody made on tags cannot serve it
-- calls: 12
-- vary: 'postgres' => 'postgres' | 'billing' | 'gifts'

SELECT id, title, score
FROM posts
WHERE tags @> ARRAY['postgres', 'speed']
ORDER BY score DESC
LIMIT 20;
