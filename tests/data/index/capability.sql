-- SPDX-License-Identifier: GPL-3.0-or-later
-- Tables for the cases in cases.sql: some tens of thousands of rows each, all of their values worked out from row numbers.
CREATE EXTENSION pg_trgm;
CREATE TABLE customers (
    id int PRIMARY KEY, email text NOT NULL, name text NOT NULL, city text NOT NULL, created timestamp NOT NULL, deleted_at timestamp);
INSERT INTO customers SELECT i, 'User' || i || '@example' || i % 97 || '.com', md5(i::text) || ' ' || md5((i * 7)::text), 'city ' || i % 50,
    timestamp '2020-01-01' + i * interval '37 min', CASE WHEN i % 400 = 0 THEN timestamp '2024-01-01' END FROM generate_series(1, 20000) i;
CREATE TABLE orders (
    id int PRIMARY KEY, customer_id int NOT NULL REFERENCES customers, status text NOT NULL, amount numeric(10, 2) NOT NULL, region int NOT NULL,
    channel int NOT NULL, placed timestamp NOT NULL, code text NOT NULL, external_id text NOT NULL, note text);
INSERT INTO orders SELECT i, 1 + (i * 7919::bigint) % 20000, CASE WHEN i % 200 = 0 THEN 'pending' WHEN i % 10 = 0 THEN 'open' ELSE 'done' END, (i * 31 % 100000) / 100.0,
    i % 20, i % 7, timestamp '2020-01-01' + (i * 7919::bigint % 60000) * interval '11 min', 'C' || lpad((i * 7919::bigint % 60000)::text, 8, '0'),
    md5(i::text), repeat('x', 60) FROM generate_series(1, 60000) i;
CREATE TABLE events (
    id bigint PRIMARY KEY, at timestamp NOT NULL, kind int NOT NULL, payload jsonb NOT NULL, amount numeric NOT NULL, filler text NOT NULL);
INSERT INTO events SELECT i, timestamp '2023-01-01' + i * interval '1 min', i % 9,
    jsonb_build_object('user', (i * 7919::bigint % 30000)::text, 'tags', jsonb_build_array('t' || i % 500, 'u' || i % 700), 'n', i % 1000),
    i % 333, repeat('y', 40) FROM generate_series(1, 60000) i;
CREATE TABLE documents (
    id int PRIMARY KEY, title text NOT NULL, body text NOT NULL, words tsvector NOT NULL, tags text[] NOT NULL, place point NOT NULL, address inet NOT NULL,
    valid int4range NOT NULL, several int4multirange);
INSERT INTO documents SELECT i, md5(i::text), md5((i * 3)::text) || ' word' || i % 3000 || ' term' || i % 1700, to_tsvector('simple', 'word' || i % 3000 || ' term' || i % 1700),
    ARRAY['tag' || i % 900, 'label' || i % 1100], point(i % 200, i / 200), ('10.' || i % 200 || '.' || i / 256 % 256 || '.' || i % 256)::inet,
    int4range(i, i + 5), int4multirange(int4range(i, i + 3), int4range(i + 100000, i + 100003)) FROM generate_series(1, 20000) i;
CREATE TABLE settings (key text, value text);
INSERT INTO settings SELECT 'key' || i, 'value' FROM generate_series(1, 200) i;
-- Where commits are not waited for, pages count as visible to all only once the log is written.
CHECKPOINT;
VACUUM (ANALYZE);
