// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

namespace howdah::test {

/// A schema with nearly everything that a table, a routine and a type can have, for servers from that major version on.
inline std::string richSchema(int major)
{
    std::string sql = R"(
CREATE ROLE clerk NOLOGIN CONNECTION LIMIT 3;
CREATE ROLE "Odd Role" CREATEDB LOGIN VALID UNTIL '2030-01-01 00:00:00+00';
GRANT clerk TO "Odd Role" WITH ADMIN OPTION;
ALTER ROLE clerk SET search_path TO app, "Odd Schema", public;
ALTER ROLE clerk SET work_mem TO '64MB';
COMMENT ON ROLE clerk IS 'does the work';
CREATE SCHEMA app;
CREATE SCHEMA "Odd Schema" AUTHORIZATION clerk;
COMMENT ON SCHEMA app IS 'it''s the "app"';
GRANT USAGE ON SCHEMA app TO clerk;
ALTER DEFAULT PRIVILEGES IN SCHEMA app GRANT SELECT, INSERT ON TABLES TO clerk;
ALTER DEFAULT PRIVILEGES IN SCHEMA app GRANT ALL ON SEQUENCES TO clerk WITH GRANT OPTION;
CREATE EXTENSION pgcrypto WITH SCHEMA app;
CREATE TYPE app.mood AS ENUM ('sad', 'ok', 'it''s fine');
COMMENT ON TYPE app.mood IS 'how one is';
CREATE TYPE app.pair AS (a integer, b text COLLATE "C", "odd name" numeric(10,2));
COMMENT ON COLUMN app.pair.b IS 'the second';
CREATE TYPE app."select" AS RANGE (subtype = float8, subtype_diff = float8mi);
CREATE DOMAIN app.email AS text COLLATE "C" NOT NULL DEFAULT 'a@b' CONSTRAINT has_at CHECK (VALUE LIKE '%@%') CONSTRAINT short CHECK (length(VALUE) < 100);
ALTER DOMAIN app.email ADD CONSTRAINT late CHECK (VALUE <> 'x') NOT VALID;
COMMENT ON CONSTRAINT has_at ON DOMAIN app.email IS 'one at sign';
REVOKE ALL ON TYPE app.email FROM PUBLIC;
GRANT USAGE ON TYPE app.email TO clerk;
CREATE SEQUENCE app.plain;
CREATE SEQUENCE app.odd_sequence AS smallint INCREMENT BY -2 MINVALUE -30 MAXVALUE 40 START 7 CACHE 5 CYCLE;
COMMENT ON SEQUENCE app.plain IS 'counts';
GRANT USAGE ON SEQUENCE app.plain TO clerk;
CREATE FUNCTION app.add(a integer, b integer DEFAULT 1, OUT total integer, VARIADIC rest integer[] DEFAULT '{}') LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE COST 7 AS 'SELECT a + b';
CREATE FUNCTION app.body(x text) RETURNS SETOF app.pair LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 12 SET search_path TO app, "Odd Schema" SET work_mem = '8MB' AS $b$
BEGIN
    -- $$ within
    RETURN QUERY SELECT 1, 'it''s \ ' || x, 2.0;
END $b$;
CREATE FUNCTION app.tab(integer) RETURNS TABLE(one integer, two text) LANGUAGE sql AS $$ SELECT $1, 'x'::text $$;
CREATE PROCEDURE app.work(INOUT n integer) LANGUAGE plpgsql AS $$ BEGIN n := n + 1; END $$;
CREATE FUNCTION app.fires() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
CREATE FUNCTION app.on_ddl() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN NULL; END $$;
REVOKE ALL ON FUNCTION app.fires() FROM PUBLIC;
GRANT EXECUTE ON PROCEDURE app.work(integer) TO clerk WITH GRANT OPTION;
COMMENT ON FUNCTION app.tab(integer) IS 'rows';
CREATE AGGREGATE app.total(integer) (SFUNC = int4pl, STYPE = integer, INITCOND = '0', COMBINEFUNC = int4pl, PARALLEL = safe);
COMMENT ON AGGREGATE app.total(integer) IS 'adds';
CREATE AGGREGATE app.median_like(float8 ORDER BY anyelement) (SFUNC = ordered_set_transition, STYPE = internal, FINALFUNC = percentile_disc_final, FINALFUNC_EXTRA);
CREATE TABLE app.parent (id bigint GENERATED ALWAYS AS IDENTITY (START 10 INCREMENT 5) PRIMARY KEY, name text NOT NULL DEFAULT 'none', note varchar(20) COLLATE "C",
    mail app.email, feeling app.mood DEFAULT 'ok', price numeric(12,2) CHECK (price > 0), doubled numeric GENERATED ALWAYS AS (price * 2) STORED,
    CONSTRAINT differ CHECK (name <> note), CONSTRAINT unique_name UNIQUE (name) INCLUDE (note) WITH (fillfactor=80) DEFERRABLE INITIALLY DEFERRED)
    WITH (fillfactor=70, autovacuum_enabled=false, toast.autovacuum_vacuum_threshold=99);
COMMENT ON TABLE app.parent IS 'with \backslash';
COMMENT ON COLUMN app.parent.note IS 'a note';
COMMENT ON CONSTRAINT differ ON app.parent IS 'differ';
ALTER TABLE app.parent ALTER COLUMN note SET STORAGE EXTERNAL, ALTER COLUMN name SET STATISTICS 500, ALTER COLUMN price SET (n_distinct = 5);
ALTER TABLE app.parent ADD CONSTRAINT later CHECK (price < 1000) NOT VALID;
CREATE TABLE app.serials (id serial PRIMARY KEY, other smallserial, "Weird ""col" integer DEFAULT nextval('app.plain'), gone integer, tags text[] DEFAULT ARRAY['a'], at timestamptz DEFAULT now(),
    parent_id bigint REFERENCES app.parent ON DELETE CASCADE, EXCLUDE USING gist (box(point(id, id), point(id, id)) WITH &&));
ALTER TABLE app.serials DROP COLUMN gone;
ALTER TABLE app.serials ADD CONSTRAINT parent_again FOREIGN KEY (parent_id) REFERENCES app.parent (id) MATCH FULL ON UPDATE SET NULL DEFERRABLE NOT VALID;
COMMENT ON CONSTRAINT parent_again ON app.serials IS 'twice';
CREATE INDEX serials_expr ON app.serials USING btree (lower(tags[1]) COLLATE "C" text_pattern_ops DESC NULLS LAST, other) INCLUDE (at) WITH (fillfactor = 60) WHERE other > 0;
COMMENT ON INDEX app.serials_expr IS 'by tag';
ALTER INDEX app.serials_expr ALTER COLUMN 1 SET STATISTICS 77;
CREATE UNIQUE INDEX serials_other ON app.serials (other);
ALTER TABLE app.serials CLUSTER ON serials_other;
ALTER TABLE app.serials ALTER COLUMN other SET NOT NULL;
ALTER TABLE app.serials REPLICA IDENTITY USING INDEX serials_other;
CREATE STATISTICS app.serials_stats (dependencies, ndistinct) ON id, other FROM app.serials;
ALTER STATISTICS app.serials_stats SET STATISTICS 50;
COMMENT ON STATISTICS app.serials_stats IS 'together';
CREATE TABLE app.heir (extra integer, name text DEFAULT 'heir') INHERITS (app.parent);
ALTER TABLE app.heir ALTER COLUMN price SET DEFAULT 3;
CREATE UNLOGGED TABLE app.quick (v integer);
ALTER TABLE app.quick REPLICA IDENTITY FULL;
CREATE TABLE app.empty ();
CREATE TABLE app.typed OF app.pair (a WITH OPTIONS NOT NULL PRIMARY KEY, b DEFAULT 'x');
CREATE TABLE app.events (id bigint NOT NULL, at date NOT NULL, kind text NOT NULL DEFAULT 'k', CONSTRAINT kinds CHECK (kind <> ''), PRIMARY KEY (id, at, kind)) PARTITION BY RANGE (at);
CREATE TABLE app.events_1 PARTITION OF app.events FOR VALUES FROM ('2026-01-01') TO ('2026-02-01');
CREATE TABLE app.events_2 PARTITION OF app.events FOR VALUES FROM ('2026-02-01') TO ('2026-03-01') PARTITION BY LIST (kind);
CREATE TABLE app.events_2a PARTITION OF app.events_2 FOR VALUES IN ('a', 'b');
CREATE TABLE app.events_rest PARTITION OF app.events DEFAULT WITH (fillfactor=50);
CREATE INDEX events_kind ON app.events (kind);
CREATE TRIGGER events_fire BEFORE INSERT ON app.events FOR EACH ROW EXECUTE FUNCTION app.fires();
CREATE TABLE app.event_notes (id bigint, at date, kind text, FOREIGN KEY (id, at, kind) REFERENCES app.events) PARTITION BY HASH (id);
CREATE TABLE app.event_notes_0 PARTITION OF app.event_notes FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TRIGGER watch AFTER UPDATE OF name ON app.parent FOR EACH ROW WHEN (OLD.name IS DISTINCT FROM NEW.name) EXECUTE FUNCTION app.fires('a', 'b');
CREATE TRIGGER off_trigger BEFORE DELETE ON app.parent FOR EACH ROW EXECUTE FUNCTION app.fires();
ALTER TABLE app.parent DISABLE TRIGGER off_trigger;
CREATE CONSTRAINT TRIGGER checked AFTER INSERT ON app.parent DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION app.fires();
ALTER TABLE app.parent ENABLE ALWAYS TRIGGER checked;
COMMENT ON TRIGGER watch ON app.parent IS 'watches';
CREATE RULE quiet AS ON DELETE TO app.quick DO INSTEAD NOTHING;
COMMENT ON RULE quiet ON app.quick IS 'shh';
ALTER TABLE app.parent ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY sees ON app.parent FOR SELECT TO clerk, "Odd Role" USING (name = current_user);
CREATE POLICY narrow ON app.parent AS RESTRICTIVE USING (price > 1) WITH CHECK (price < 5);
COMMENT ON POLICY sees ON app.parent IS 'own rows';
GRANT SELECT, UPDATE ON app.parent TO clerk;
GRANT ALL ON app.parent TO "Odd Role" WITH GRANT OPTION;
GRANT SELECT (name, note), INSERT (name) ON app.parent TO PUBLIC;
SET SESSION AUTHORIZATION "Odd Role";
GRANT DELETE ON app.parent TO PUBLIC;
RESET SESSION AUTHORIZATION;
REVOKE TRUNCATE ON app.serials FROM CURRENT_USER;
ALTER TABLE app.quick OWNER TO clerk;
CREATE VIEW app.looks WITH (security_barrier) AS SELECT p.id, p.name AS "Name", count(*) OVER () FROM app.parent p WHERE p.price > 1;
CREATE VIEW app.checked AS SELECT id, name FROM app.parent WHERE name <> '' WITH LOCAL CHECK OPTION;
ALTER VIEW app.checked ALTER COLUMN name SET DEFAULT 'viewed';
COMMENT ON VIEW app.looks IS 'a look';
COMMENT ON COLUMN app.looks."Name" IS 'the name';
CREATE MATERIALIZED VIEW app.kept WITH (fillfactor=90) AS SELECT feeling, sum(price) AS total FROM app.parent GROUP BY feeling;
CREATE UNIQUE INDEX kept_feeling ON app.kept (feeling);
COMMENT ON MATERIALIZED VIEW app.kept IS 'kept';
ALTER MATERIALIZED VIEW app.kept OWNER TO clerk;
CREATE EVENT TRIGGER watch_ddl ON ddl_command_end WHEN TAG IN ('CREATE TABLE', 'DROP TABLE') EXECUTE FUNCTION app.on_ddl();
ALTER EVENT TRIGGER watch_ddl DISABLE;
COMMENT ON EVENT TRIGGER watch_ddl IS 'sees';
CREATE FOREIGN DATA WRAPPER far OPTIONS (mode 'x');
CREATE SERVER away TYPE 'kind' VERSION '1' FOREIGN DATA WRAPPER far OPTIONS (host 'h', "Odd" 'it''s');
GRANT USAGE ON FOREIGN SERVER away TO clerk;
CREATE USER MAPPING FOR clerk SERVER away OPTIONS ("user" 'u');
CREATE USER MAPPING FOR PUBLIC SERVER away;
CREATE FOREIGN TABLE app.distant (a integer OPTIONS (col 'A') NOT NULL, b text DEFAULT 'd') SERVER away OPTIONS (tab 't');
COMMENT ON FOREIGN TABLE app.distant IS 'far';
CREATE PUBLICATION everything FOR ALL TABLES WITH (publish = 'insert, update');
CREATE PUBLICATION few FOR TABLE ONLY app.parent, app.serials WITH (publish_via_partition_root);
COMMENT ON PUBLICATION few IS 'some';
CREATE TYPE app.tag;
CREATE FUNCTION app.tag_in(cstring) RETURNS app.tag LANGUAGE internal IMMUTABLE STRICT AS 'textin';
CREATE FUNCTION app.tag_out(app.tag) RETURNS cstring LANGUAGE internal IMMUTABLE STRICT AS 'textout';
CREATE TYPE app.tag (INPUT = app.tag_in, OUTPUT = app.tag_out, LIKE = pg_catalog.text, COLLATABLE = true, DEFAULT = 'it''s', DELIMITER = ';', CATEGORY = 'S', STORAGE = extended);
COMMENT ON TYPE app.tag IS 'a tag';
CREATE FUNCTION app.eq(integer, bigint) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT $1 = $2';
CREATE FUNCTION app.ne(integer, bigint) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT $1 <> $2';
CREATE FUNCTION app.flip(integer) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT -$1';
CREATE OPERATOR app.=== (FUNCTION = app.eq, LEFTARG = integer, RIGHTARG = bigint, NEGATOR = OPERATOR(app.!==), RESTRICT = eqsel, JOIN = eqjoinsel, HASHES, MERGES);
CREATE OPERATOR app.!== (FUNCTION = app.ne, LEFTARG = integer, RIGHTARG = bigint, NEGATOR = OPERATOR(app.===), RESTRICT = neqsel);
CREATE OPERATOR app.!! (FUNCTION = app.flip, RIGHTARG = integer);
COMMENT ON OPERATOR app.!! (NONE, integer) IS 'flips';
ALTER OPERATOR app.=== (integer, bigint) OWNER TO clerk;
CREATE FUNCTION app.downwards(integer, integer) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT btint4cmp($2, $1)';
CREATE OPERATOR CLASS app.falling FOR TYPE integer USING btree AS OPERATOR 1 >, OPERATOR 2 >=, OPERATOR 3 =, OPERATOR 4 <=, OPERATOR 5 <, FUNCTION 1 app.downwards(integer, integer);
COMMENT ON OPERATOR CLASS app.falling USING btree IS 'high first';
ALTER OPERATOR FAMILY app.falling USING btree ADD OPERATOR 1 > (integer, bigint), FUNCTION 1 (integer, bigint) btint48cmp(integer, bigint);
CREATE OPERATOR FAMILY app.alone USING hash;
COMMENT ON OPERATOR FAMILY app.alone USING hash IS 'empty';
CREATE OPERATOR CLASS app.near FOR TYPE point USING gist AS STORAGE box, OPERATOR 15 <->(point, point) FOR ORDER BY pg_catalog.float_ops,
    FUNCTION 1 gist_point_consistent(internal, point, smallint, oid, internal), FUNCTION 2 gist_box_union(internal, internal), FUNCTION 3 gist_point_compress(internal),
    FUNCTION 5 gist_box_penalty(internal, internal, internal), FUNCTION 6 gist_box_picksplit(internal, internal), FUNCTION 7 gist_box_same(box, box, internal);
CREATE FUNCTION app.mood_number(app.mood) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT 1';
CREATE CAST (app.mood AS integer) WITH FUNCTION app.mood_number(app.mood) AS ASSIGNMENT;
CREATE CAST (app.tag AS text) WITHOUT FUNCTION AS IMPLICIT;
CREATE CAST (app.tag AS json) WITH INOUT;
COMMENT ON CAST (app.tag AS text) IS 'the same bytes';
CREATE COLLATION app.plain_order (PROVIDER = libc, LOCALE = 'C');
CREATE COLLATION app.two_sided (LC_COLLATE = 'C', LC_CTYPE = 'POSIX');
COMMENT ON COLLATION app.plain_order IS 'bytes';
CREATE DEFAULT CONVERSION app.narrow FOR 'UTF8' TO 'LATIN1' FROM utf8_to_iso8859_1;
COMMENT ON CONVERSION app.narrow IS 'loses';
CREATE TEXT SEARCH PARSER app.words (START = prsd_start, GETTOKEN = prsd_nexttoken, END = prsd_end, LEXTYPES = prsd_lextype, HEADLINE = prsd_headline);
CREATE TEXT SEARCH TEMPLATE app.bare (LEXIZE = dsimple_lexize);
CREATE TEXT SEARCH TEMPLATE app.began (INIT = dsimple_init, LEXIZE = dsimple_lexize);
CREATE TEXT SEARCH DICTIONARY app."Our words" (TEMPLATE = app.began, STOPWORDS = english, ACCEPT = false);
COMMENT ON TEXT SEARCH DICTIONARY app."Our words" IS 'ours';
CREATE TEXT SEARCH CONFIGURATION app.search (PARSER = app.words);
ALTER TEXT SEARCH CONFIGURATION app.search ADD MAPPING FOR asciiword, word WITH app."Our words", simple;
ALTER TEXT SEARCH CONFIGURATION app.search OWNER TO clerk;
COMMENT ON TEXT SEARCH CONFIGURATION app.search IS 'finds';
CREATE TRANSFORM FOR integer LANGUAGE sql (FROM SQL WITH FUNCTION prsd_lextype(internal), TO SQL WITH FUNCTION int4recv(internal));
COMMENT ON TRANSFORM FOR integer LANGUAGE sql IS 'odd';
CREATE SUBSCRIPTION sub CONNECTION 'host=nowhere dbname=x' PUBLICATION a, b WITH (connect = false, slot_name = 'slot');
)";
    if (major >= 14)
        sql += R"(
CREATE FUNCTION app.atomic(a integer) RETURNS integer LANGUAGE sql BEGIN ATOMIC SELECT a + 1; SELECT count(*)::integer FROM app.parent; END;
ALTER TABLE app.parent ALTER COLUMN note SET COMPRESSION pglz;
CREATE STATISTICS app.expr_stats ON (lower(name)), note FROM app.parent;
)";
    if (major >= 15)
        sql += R"(
CREATE UNIQUE INDEX quick_one ON app.quick (v) NULLS NOT DISTINCT;
CREATE UNLOGGED SEQUENCE app.unlogged_sequence;
CREATE VIEW app.invoked WITH (security_invoker=true) AS SELECT 1 AS one;
CREATE PUBLICATION chosen FOR TABLE app.serials (id, other) WHERE (other > 5);
CREATE PUBLICATION schemas FOR TABLES IN SCHEMA "Odd Schema";
)";
    if (major >= 17)
        sql += "GRANT MAINTAIN ON app.serials TO clerk;\n";
    if (major >= 18)
        sql += R"(
CREATE TABLE app.modern (id integer CONSTRAINT must NOT NULL, v integer GENERATED ALWAYS AS (id * 2) VIRTUAL, region int4range, during int4range, w integer, PRIMARY KEY (region, during WITHOUT OVERLAPS));
ALTER TABLE app.modern ADD CONSTRAINT soft CHECK (id > 0) NOT ENFORCED, ADD CONSTRAINT w_later NOT NULL w NOT VALID;
CREATE TABLE app.modern_child (own integer NOT NULL NO INHERIT) INHERITS (app.parent);
CREATE PUBLICATION generated FOR TABLE app.parent WITH (publish_generated_columns = stored);
)";
    return sql;
}

} // namespace howdah::test
