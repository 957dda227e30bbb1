-- SPDX-License-Identifier: GPL-3.0-or-later
-- title: Loading articles and posts
-- seconds: 5
-- after: 10_users

CREATE TABLE articles (
    id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    author_id bigint NOT NULL,
    title text NOT NULL,
    body text NOT NULL,
    language text NOT NULL DEFAULT 'english',
    published_at timestamptz,
    search tsvector GENERATED ALWAYS AS (to_tsvector('english', title || ' ' || body)) STORED
);
INSERT INTO articles (author_id, title, body, published_at)
SELECT seed.skewed(seed.rows(120000), i, 121), initcap(seed.words(i, 122, 5)), seed.words(i, 123, 70),
       CASE WHEN i % 20 > 0 THEN to_timestamp(1672531200 + 94694400 * (i::float8 / seed.rows(10000))) END
FROM generate_series(1, seed.rows(10000)) AS i;
CREATE INDEX articles_search_idx ON articles USING gin (search);
ALTER TABLE articles ADD CONSTRAINT articles_author_id_fkey FOREIGN KEY (author_id) REFERENCES users (id);
ANALYZE articles;

CREATE TABLE posts (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    user_id bigint NOT NULL,
    title text NOT NULL,
    tags text[] NOT NULL DEFAULT '{}',
    score int NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL
);
INSERT INTO posts (user_id, title, tags, score, created_at)
SELECT seed.skewed(seed.rows(120000), i, 131),
       initcap(seed.pick('{question,idea,report,thanks,problem,howto}', i, 132)) || ' ' || i,
       ARRAY[seed.pick('{postgres,orders,billing,shipping,returns,gifts,mobile,search}', i, 133),
             seed.pick('{bug,feature,docs,speed,design,price}', i, 134),
             'topic-' || seed.skewed(400, i, 135)],
       seed.h(i, 136) % 300 - 20,
       to_timestamp(1672531200 + 94694400 * (i::float8 / seed.rows(100000)))
FROM generate_series(1, seed.rows(100000)) AS i;
ALTER TABLE posts ADD CONSTRAINT posts_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id);
CREATE INDEX posts_tags_btree_idx ON posts (tags);
ANALYZE posts;
