-- SPDX-License-Identifier: GPL-3.0-or-later
-- name: nearest_documents_of_a_language
-- interesting: euclidean distance with a filter: no index has that operator class
-- calls: 8
-- vary: 1234 => 1 .. 4000
-- needs: vector

SELECT id, title
FROM documents
WHERE language = 'de'
ORDER BY embedding <-> (SELECT embedding FROM documents WHERE id = 1234)
LIMIT 10;
