-- SPDX-License-Identifier: GPL-3.0-or-later
-- title: Loading address blocks and bookings
-- seconds: 2.5
-- after: 00_foundation

CREATE TABLE ip_blocks (
    network inet NOT NULL,
    country char(2) NOT NULL,
    asn int NOT NULL,
    provider text NOT NULL
);
INSERT INTO ip_blocks
SELECT set_masklen('11.0.0.0'::inet + i * 4096, 20 + (seed.h(i, 141) % 5)::int),
       seed.pick('{DE,FR,IT,ES,PL,NL,AT,SE,PT,CZ}', i / 7, 142), 64512 + seed.h(i / 7, 143) % 1000,
       'Provider ' || seed.h(i / 7, 143) % 1000
FROM generate_series(1, seed.rows(60000)) AS i;
CREATE INDEX ip_blocks_network_idx ON ip_blocks (network);
ANALYZE ip_blocks;

-- Analysed when it was small, grown forty-fold since with autovacuum off: the planner still believes in the small one.
CREATE TABLE bookings (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    room_id int NOT NULL,
    guest text NOT NULL,
    during tstzrange NOT NULL,
    guests smallint NOT NULL,
    state text NOT NULL
) WITH (autovacuum_enabled = false);
INSERT INTO bookings (room_id, guest, during, guests, state)
SELECT 1 + i % 20, 'Guest ' || i, tstzrange(starts, starts + interval '2 days', '[)'), 2, 'confirmed'
FROM (SELECT i, to_timestamp(1672531200 + i * 21600) AS starts FROM generate_series(1, seed.rows(3000)) AS i) AS made;
ANALYZE bookings;
INSERT INTO bookings (room_id, guest, during, guests, state)
SELECT 1 + i % 300, 'Guest ' || seed.h(i, 151) % 40000,
       tstzrange(starts, starts + (1 + seed.h(i, 152) % 6) * interval '1 day', '[)'),
       1 + seed.h(i, 153) % 4, seed.pick('{confirmed,confirmed,confirmed,requested,cancelled}', i, 154)
FROM (SELECT i, to_timestamp(1704067200 + 63072000 * (i::float8 / seed.rows(120000))) AS starts
      FROM generate_series(1, seed.rows(120000)) AS i) AS made;

-- Updated over and over and never vacuumed: mostly dead rows.
CREATE TABLE carts (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    user_id bigint NOT NULL,
    state text NOT NULL,
    items jsonb NOT NULL,
    updated_at timestamptz NOT NULL
) WITH (autovacuum_enabled = false);
INSERT INTO carts (user_id, state, items, updated_at)
SELECT seed.skewed(seed.rows(120000), i, 161), 'open',
       jsonb_build_array(jsonb_build_object('product_id', 1 + seed.h(i, 162) % 30000, 'quantity', 1)),
       to_timestamp(1764547200 + 2678400 * (i::float8 / seed.rows(30000)))
FROM generate_series(1, seed.rows(30000)) AS i;
CREATE INDEX carts_state_updated_at_idx ON carts (state, updated_at);
ANALYZE carts;
UPDATE carts SET updated_at = updated_at + interval '5 minutes';
UPDATE carts SET updated_at = updated_at + interval '5 minutes', state = 'abandoned' WHERE id % 10 > 2;
UPDATE carts SET updated_at = updated_at + interval '5 minutes' WHERE id % 2 = 0;

-- A serial that will run out of integers before the year is over.
CREATE TABLE invoices (
    id serial PRIMARY KEY,
    order_id bigint NOT NULL,
    issued_at timestamptz NOT NULL,
    amount numeric(12,2) NOT NULL
);
SELECT setval('invoices_id_seq', 2147470000);
INSERT INTO invoices (order_id, issued_at, amount)
SELECT i, to_timestamp(1764547200 + 400 * i), seed.price(i) FROM generate_series(1, seed.rows(5000)) AS i;
ANALYZE invoices;
