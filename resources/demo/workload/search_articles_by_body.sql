-- SPDX-License-Identifier: GPL-3.0-or-later
-- name: search_articles_by_body
-- interesting: the same search on an expression that no index serves: every body is parsed again
-- calls: 1

SELECT id, title
FROM articles
WHERE to_tsvector('english', body) @@ to_tsquery('english', 'olive & museum')
LIMIT 20;
