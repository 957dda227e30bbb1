-- SPDX-License-Identifier: GPL-3.0-or-later
-- A statement each. Before it: its name, and what the DDL of an advised index must look like ("none": there is none).

-- case: equality => orders \(customer_id\)
SELECT * FROM orders WHERE customer_id = 4711;
-- case: range => orders \(placed\)
SELECT * FROM orders WHERE placed >= '2020-03-01' AND placed < '2020-03-02';
-- case: equality and range => orders \(region, placed\)
SELECT * FROM orders WHERE region = 3 AND placed >= '2020-03-01' AND placed < '2020-03-08';
-- case: top-n => orders \(amount\)
SELECT * FROM orders ORDER BY amount DESC LIMIT 10;
-- case: equality, sort, limit => orders \(region, placed\)
SELECT * FROM orders WHERE region = 3 ORDER BY placed DESC LIMIT 5;
-- case: three columns => orders \((region, channel|channel, region), (amount|placed)\)
SELECT * FROM orders WHERE region = 3 AND channel = 4 AND amount > 990;
-- case: covering => INCLUDE|orders \(region, amount\)
SELECT region, sum(amount) FROM orders WHERE region BETWEEN 3 AND 6 GROUP BY region;
-- case: partial => WHERE status = 'pending'
SELECT * FROM orders WHERE status = 'pending' ORDER BY placed LIMIT 100;
-- case: not deleted => WHERE deleted_at IS NOT NULL|customers \(deleted_at
SELECT * FROM customers WHERE deleted_at IS NOT NULL ORDER BY created LIMIT 20;
-- case: lower => \(\(?lower\(email\)\)
SELECT * FROM customers WHERE lower(email) = 'user77@example77.com';
-- case: date_trunc => \(\(date_trunc\('day', placed\)\)
SELECT * FROM orders WHERE date_trunc('day', placed) = timestamp '2020-05-05';
-- case: like prefix => code text_pattern_ops
SELECT * FROM orders WHERE code LIKE 'C0000123%';
-- case: like infix => USING gin \(name gin_trgm_ops\)
SELECT * FROM customers WHERE name LIKE '%abcdef%';
-- case: ilike => USING gin \(name gin_trgm_ops\)
SELECT * FROM customers WHERE name ILIKE '%ABCDE%';
-- case: regular expression => USING gin \(name gin_trgm_ops\)
SELECT * FROM customers WHERE name ~ 'abcde[0-9]';
-- case: jsonb containment => USING gin \(payload jsonb_path_ops\)
SELECT * FROM events WHERE payload @> '{"user": "4711"}';
-- case: jsonb existence => USING gin \(payload\)
SELECT * FROM events WHERE payload ? 'missing';
-- case: jsonb field => \(\(payload ->> 'user'\)\)
SELECT * FROM events WHERE payload ->> 'user' = '4711';
-- case: json path => USING gin \(payload jsonb_path_ops\)
SELECT * FROM events WHERE payload @? '$.tags[*] ? (@ == "t77")';
-- case: array => USING gin \(tags\)
SELECT * FROM documents WHERE tags @> ARRAY['tag77'];
-- case: full text => USING gin \(words\)
SELECT * FROM documents WHERE words @@ to_tsquery('simple', 'word77');
-- case: full text of an expression => USING gin \(\(to_tsvector\('simple', body\)\)\)
SELECT * FROM documents WHERE to_tsvector('simple', body) @@ to_tsquery('simple', 'word77');
-- case: range overlap => USING (gist|spgist) \(valid\)
SELECT * FROM documents WHERE valid && int4range(500, 510);
-- case: multirange => USING gist \(several\)
SELECT * FROM documents WHERE several && int4multirange(int4range(500, 510));
-- case: inet => USING (gist|spgist) \(address( inet_ops)?\)
SELECT * FROM documents WHERE address << inet '10.7.3.0/24';
-- case: nearest point => USING gist \(place\)
SELECT * FROM documents ORDER BY place <-> point '(7.2,9.1)' LIMIT 10;
-- case: in and or => orders \((customer_id|external_id)\)
SELECT * FROM orders WHERE customer_id IN (7, 8, 9) OR external_id = md5('77');
-- case: BRIN => USING brin \(at\)
SELECT sum(amount), count(*) FROM events WHERE at >= '2023-01-10' AND at < '2023-01-14';
-- case: update by key => orders \(external_id\)|USING hash \(external_id\)
UPDATE orders SET note = 'seen' WHERE external_id = md5('77');
-- case: join => orders \(customer_id\)
SELECT o.* FROM customers c JOIN orders o ON o.customer_id = c.id WHERE c.id BETWEEN 70 AND 75;
-- case: anti-join => orders \(customer_id
SELECT c.id FROM customers c WHERE c.id < 50 AND NOT EXISTS (SELECT FROM orders o WHERE o.customer_id = c.id);
-- case: top-n for each group => orders \(region, placed\)
SELECT r.region, o.* FROM generate_series(1, 20) AS r(region) CROSS JOIN LATERAL (SELECT * FROM orders o WHERE o.region = r.region ORDER BY o.placed DESC LIMIT 3) o;
-- case: DISTINCT ON => orders \(customer_id, placed DESC\)
SELECT DISTINCT ON (customer_id) customer_id, placed, amount FROM orders ORDER BY customer_id, placed DESC;
-- case: group by => orders \(customer_id\)
SELECT customer_id, count(*) FROM orders GROUP BY customer_id;
-- case: unique => orders \(code\)|USING hash \(code\)
SELECT * FROM orders WHERE code = 'C00001234';
-- case: trigram similarity => USING gin \(title gin_trgm_ops\)
SELECT * FROM documents WHERE title % md5('4711');
-- case: trigram nearest => USING gist \(title gist_trgm_ops\)
SELECT * FROM documents ORDER BY title <-> 'c4ca4238' LIMIT 5;
-- case: delete of a referenced row => orders \(customer_id\)
DELETE FROM customers WHERE id = 4711;
-- case: keyset pages => orders \(placed, id\)|orders \(placed\)
SELECT * FROM orders WHERE (placed, id) > ('2020-06-01', 7) ORDER BY placed, id LIMIT 20;
-- case: least value => orders \(amount\)
SELECT max(amount) FROM orders;
-- case: served already => none
SELECT * FROM orders WHERE id = 77;
-- case: small table => none
SELECT * FROM settings WHERE key = 'key77';
-- case: low selectivity => none
SELECT * FROM orders WHERE status = 'done';
-- case: all rows => none
SELECT sum(amount), count(note) FROM orders;
