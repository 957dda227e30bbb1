-- SPDX-License-Identifier: GPL-3.0-or-later
-- title: Preparing the shop
-- seconds: 0.3

CREATE EXTENSION IF NOT EXISTS pg_stat_statements;
CREATE EXTENSION IF NOT EXISTS pg_trgm;

-- Every value comes from a hash of its row number: the same shop on every server and version, in any order of
-- loading, which random() does not give (its generator changed in PostgreSQL 15). Dropped when the load is complete.
CREATE SCHEMA seed;

-- How many rows of n to make: the setting howdah.scale, 1 unless set, shrinks the shop for tests.
CREATE FUNCTION seed.rows(n bigint) RETURNS bigint LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT greatest(10, (n * coalesce(nullif(current_setting('howdah.scale', true), ''), '1')::float8)::bigint)
$$;

-- A number from 0 to 2^31 - 1, and one from 0 to below 1.
CREATE FUNCTION seed.h(i bigint, salt bigint) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT hashint8extended(i, salt) & 2147483647
$$;
CREATE FUNCTION seed.u(i bigint, salt bigint) RETURNS float8 LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT (hashint8extended(i, salt) & 2147483647)::float8 / 2147483648::float8
$$;
CREATE FUNCTION seed.pick(list text[], i bigint, salt bigint) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT list[(1 + (hashint8extended(i, salt) & 2147483647) % cardinality(list))::int]
$$;

-- Few users place most orders and few products sell most.
CREATE FUNCTION seed.skewed(n bigint, i bigint, salt bigint) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT 1 + floor(n * power((hashint8extended(i, salt) & 2147483647)::float8 / 2147483648::float8, 2.5))::bigint
$$;

CREATE FUNCTION seed.price(product bigint) RETURNS numeric LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT (199 + (hashint8extended(product, 31) & 2147483647) % 24000)::numeric / 100
$$;

-- Words for texts: a common one now and then, rarer ones in between.
CREATE TABLE seed.words (id int PRIMARY KEY, word text NOT NULL);
INSERT INTO seed.words
SELECT ordinality, word FROM regexp_split_to_table(
    'index table query planner vacuum sequence partition replica backup restore schema column trigger view cluster '
    'latency memory buffer cache disk network server client session transaction lock snapshot commit rollback wal '
    'checkpoint archive slot publication subscription extension function procedure cursor statistics histogram cost '
    'estimate join hash merge sort aggregate window filter scan bitmap heap tuple page block tablespace role '
    'privilege policy password certificate driver pool timeout cancel retry upgrade migration release branch review '
    'deploy monitor alert dashboard metric trace log error warning report invoice order payment refund delivery '
    'parcel customer market price discount season summer winter garden kitchen bicycle mountain river harbour letter '
    'museum concert theatre recipe travel train airport forest island bridge window lamp chair basket paper pencil '
    'violin camera battery helmet jacket umbrella coffee almond lemon ginger pepper honey bread cheese olive tomato',
    '\s+') WITH ORDINALITY AS t (word, ordinality);
CREATE FUNCTION seed.words(i bigint, salt bigint, how_many int) RETURNS text LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT string_agg(w.word, ' ' ORDER BY n)
    FROM generate_series(1, how_many) AS n
    JOIN seed.words w ON w.id = 1 + floor(140 * power(seed.u(i * 1000 + n, salt), 1.6))::int
$$;
