-- SPDX-License-Identifier: GPL-3.0-or-later
-- name: nearest_documents
-- interesting: cosine distance through an ivfflat index that was built too early: fast, and misses most of the true neighbours
-- calls: 20
-- vary: 1234 => 1 .. 4000
-- needs: vector

SELECT d.id, d.title
FROM documents d
ORDER BY d.embedding <=> (SELECT embedding FROM documents WHERE id = 1234)
LIMIT 10;
