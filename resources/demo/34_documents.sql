-- SPDX-License-Identifier: GPL-3.0-or-later
-- title: Loading documents with embeddings
-- seconds: 3.5
-- after: 00_foundation
-- needs: vector

CREATE EXTENSION IF NOT EXISTS vector;
CREATE TABLE documents (
    id int PRIMARY KEY,
    title text NOT NULL,
    topic int NOT NULL,
    language text NOT NULL,
    embedding vector(384) NOT NULL
);

-- Forty topics; a document is its topic's centre with noise around it.
CREATE FUNCTION seed.embedding(document int, topic int) RETURNS vector LANGUAGE sql STABLE AS $$
    SELECT array_agg((seed.u(topic * 1000 + d, 171) - 0.5 + 0.9 * (seed.u(document * 1000 + d, 172) - 0.5))::real
                     ORDER BY d)::vector(384)
    FROM generate_series(1, 384) AS d
$$;
INSERT INTO documents
SELECT i, initcap(seed.words(i, 174, 4)), 0, 'en', seed.embedding(i, 0)
FROM generate_series(1, least(200, seed.rows(4000))::int) AS i;
-- Built when one topic was all there was: its lists split that topic and hold everything that came later together.
SET client_min_messages = error;
CREATE INDEX documents_embedding_idx ON documents USING ivfflat (embedding vector_cosine_ops) WITH (lists = 40);
RESET client_min_messages;
INSERT INTO documents
SELECT i, initcap(seed.words(i, 174, 4)), topic, seed.pick('{en,en,en,de,fr}', i, 175), seed.embedding(i, topic)
FROM (SELECT i, (1 + seed.h(i, 173) % 39)::int AS topic
      FROM generate_series(201, seed.rows(4000)::int) AS i) AS made;
ANALYZE documents;
