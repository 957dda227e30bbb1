-- SPDX-License-Identifier: GPL-3.0-or-later
-- name: search_articles
-- interesting: full text through the stored column and its GIN index: the good case
-- calls: 20
-- vary: vacuum bicycle => vacuum bicycle | tomato bridge | replica kitchen

SELECT id, title, ts_rank(search, q) AS rank
FROM articles, websearch_to_tsquery('english', 'vacuum bicycle') AS q
WHERE search @@ q
ORDER BY rank DESC
LIMIT 20;
