// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/complete/snapshot.h"

namespace howdah::complete {

namespace {

struct BuiltIn {
    const char *name, *arguments, *result;
    char kind = 'f';
};

constexpr BuiltIn functions[] = {
    {"abs", "numeric", "numeric"}, {"age", "timestamp with time zone, timestamp with time zone", "interval"},
    {"array_agg", "anynonarray", "anyarray", 'a'}, {"array_append", "anyarray, anyelement", "anyarray"},
    {"array_length", "anyarray, integer", "integer"}, {"array_position", "anyarray, anyelement", "integer"},
    {"array_remove", "anyarray, anyelement", "anyarray"}, {"array_to_string", "anyarray, text", "text"},
    {"avg", "numeric", "numeric", 'a'}, {"bit_and", "integer", "integer", 'a'}, {"bit_or", "integer", "integer", 'a'},
    {"bool_and", "boolean", "boolean", 'a'}, {"bool_or", "boolean", "boolean", 'a'}, {"btrim", "text, text", "text"},
    {"cardinality", "anyarray", "integer"}, {"ceil", "numeric", "numeric"}, {"char_length", "text", "integer"}, {"chr", "integer", "text"},
    {"clock_timestamp", "", "timestamp with time zone"}, {"concat", "VARIADIC \"any\"", "text"},
    {"concat_ws", "text, VARIADIC \"any\"", "text"}, {"count", "\"any\"", "bigint", 'a'}, {"cume_dist", "", "double precision", 'w'},
    {"current_database", "", "name"}, {"current_setting", "text, boolean", "text"}, {"currval", "regclass", "bigint"},
    {"date_part", "text, timestamp with time zone", "double precision"}, {"date_trunc", "text, timestamp with time zone", "timestamp with time zone"},
    {"dense_rank", "", "bigint", 'w'}, {"encode", "bytea, text", "text"}, {"decode", "text, text", "bytea"}, {"exp", "numeric", "numeric"},
    {"first_value", "anyelement", "anyelement", 'w'}, {"floor", "numeric", "numeric"}, {"format", "text, VARIADIC \"any\"", "text"},
    {"gen_random_uuid", "", "uuid"}, {"generate_series", "integer, integer, integer", "SETOF integer"}, {"initcap", "text", "text"},
    {"json_agg", "anyelement", "json", 'a'}, {"json_build_object", "VARIADIC \"any\"", "json"},
    {"json_object_agg", "\"any\", \"any\"", "json", 'a'}, {"jsonb_agg", "anyelement", "jsonb", 'a'},
    {"jsonb_array_elements", "from_json jsonb, OUT value jsonb", "SETOF jsonb"}, {"jsonb_build_object", "VARIADIC \"any\"", "jsonb"},
    {"jsonb_each", "from_json jsonb, OUT key text, OUT value jsonb", "SETOF record"},
    {"jsonb_each_text", "from_json jsonb, OUT key text, OUT value text", "SETOF record"}, {"jsonb_object_keys", "jsonb", "SETOF text"},
    {"jsonb_path_query", "target jsonb, path jsonpath, vars jsonb DEFAULT '{}'::jsonb, silent boolean DEFAULT false", "SETOF jsonb"},
    {"jsonb_pretty", "jsonb", "text"},
    {"jsonb_set", "jsonb_in jsonb, path text[], replacement jsonb, create_if_missing boolean DEFAULT true", "jsonb"},
    {"jsonb_typeof", "jsonb", "text"}, {"lag", "anyelement, integer, anyelement", "anyelement", 'w'}, {"last_value", "anyelement", "anyelement", 'w'},
    {"lastval", "", "bigint"}, {"lead", "anyelement, integer, anyelement", "anyelement", 'w'}, {"left", "text, integer", "text"},
    {"length", "text", "integer"}, {"ln", "numeric", "numeric"}, {"log", "numeric", "numeric"}, {"lower", "text", "text"},
    {"lpad", "text, integer, text", "text"}, {"ltrim", "text, text", "text"}, {"make_date", "year integer, month integer, day integer", "date"},
    {"make_interval",
     "years integer DEFAULT 0, months integer DEFAULT 0, weeks integer DEFAULT 0, days integer DEFAULT 0, hours integer DEFAULT 0, mins integer DEFAULT 0, secs double precision DEFAULT 0.0",
     "interval"},
    {"max", "anyelement", "anyelement", 'a'}, {"md5", "text", "text"}, {"min", "anyelement", "anyelement", 'a'}, {"mod", "integer, integer", "integer"},
    {"nextval", "regclass", "bigint"}, {"now", "", "timestamp with time zone"}, {"ntile", "integer", "integer", 'w'},
    {"percent_rank", "", "double precision", 'w'}, {"pg_backend_pid", "", "integer"}, {"pg_cancel_backend", "integer", "boolean"},
    {"pg_relation_size", "regclass", "bigint"}, {"pg_size_pretty", "bigint", "text"}, {"pg_sleep", "double precision", "void"},
    {"pg_terminate_backend", "pid integer, timeout bigint DEFAULT 0", "boolean"}, {"pg_total_relation_size", "regclass", "bigint"},
    {"power", "numeric, numeric", "numeric"}, {"quote_ident", "text", "text"}, {"quote_literal", "text", "text"}, {"random", "", "double precision"},
    {"rank", "", "bigint", 'w'}, {"regexp_matches", "text, text, text", "SETOF text[]"}, {"regexp_replace", "text, text, text, text", "text"},
    {"regexp_split_to_table", "text, text", "SETOF text"}, {"repeat", "text, integer", "text"}, {"replace", "text, text, text", "text"},
    {"reverse", "text", "text"}, {"right", "text, integer", "text"}, {"round", "numeric, integer", "numeric"}, {"row_number", "", "bigint", 'w'},
    {"row_to_json", "record", "json"}, {"rpad", "text, integer, text", "text"}, {"rtrim", "text, text", "text"},
    {"set_config", "text, text, boolean", "text"}, {"setval", "regclass, bigint, boolean", "bigint"}, {"sign", "numeric", "numeric"},
    {"split_part", "text, text, integer", "text"}, {"sqrt", "numeric", "numeric"}, {"starts_with", "text, text", "boolean"},
    {"stddev", "numeric", "numeric", 'a'}, {"string_agg", "text, text", "text", 'a'}, {"string_to_array", "text, text", "text[]"},
    {"strpos", "text, text", "integer"}, {"substr", "text, integer, integer", "text"}, {"sum", "bigint", "numeric", 'a'},
    {"to_char", "timestamp with time zone, text", "text"}, {"to_date", "text, text", "date"}, {"to_json", "anyelement", "json"},
    {"to_jsonb", "anyelement", "jsonb"}, {"to_number", "text, text", "numeric"}, {"to_timestamp", "double precision", "timestamp with time zone"},
    {"to_tsquery", "regconfig, text", "tsquery"}, {"to_tsvector", "regconfig, text", "tsvector"}, {"translate", "text, text, text", "text"},
    {"trunc", "numeric, integer", "numeric"}, {"txid_current", "", "bigint"}, {"unnest", "anyarray", "SETOF anyelement"}, {"upper", "text", "text"},
    {"variance", "numeric", "numeric", 'a'}, {"version", "", "text"},
};

constexpr std::pair<const char *, const char *> types[] = {
    {"bool", "boolean"}, {"bpchar", "character"}, {"bytea", "bytea"}, {"cidr", "cidr"}, {"date", "date"}, {"daterange", "daterange"},
    {"float4", "real"}, {"float8", "double precision"}, {"inet", "inet"}, {"int2", "smallint"}, {"int4", "integer"},
    {"int4range", "int4range"}, {"int8", "bigint"}, {"interval", "interval"}, {"json", "json"}, {"jsonb", "jsonb"},
    {"macaddr", "macaddr"}, {"money", "money"}, {"name", "name"}, {"numeric", "numeric"}, {"oid", "oid"}, {"point", "point"},
    {"regclass", "regclass"}, {"text", "text"}, {"time", "time without time zone"}, {"timestamp", "timestamp without time zone"},
    {"timestamptz", "timestamp with time zone"}, {"tsquery", "tsquery"}, {"tstzrange", "tstzrange"}, {"tsvector", "tsvector"},
    {"uuid", "uuid"}, {"varchar", "character varying"}, {"void", "void"}, {"trigger", "trigger"}, {"record", "record"}, {"xml", "xml"},
};

constexpr std::pair<const char *, const char *> settings[] = {
    {"application_name", "string"}, {"client_encoding", "string"}, {"client_min_messages", "enum"}, {"datestyle", "string"},
    {"default_transaction_isolation", "enum"}, {"default_transaction_read_only", "bool"}, {"enable_seqscan", "bool"},
    {"idle_in_transaction_session_timeout", "integer"}, {"jit", "bool"}, {"lock_timeout", "integer"}, {"maintenance_work_mem", "integer"},
    {"max_parallel_workers_per_gather", "integer"}, {"random_page_cost", "real"}, {"search_path", "string"},
    {"statement_timeout", "integer"}, {"synchronous_commit", "enum"}, {"temp_buffers", "integer"}, {"timezone", "string"},
    {"track_io_timing", "bool"}, {"work_mem", "integer"},
};

std::shared_ptr<const pg::CatalogWords> makeBuiltIns()
{
    const auto words = std::make_shared<pg::CatalogWords>();
    for (const BuiltIn &row : functions) {
        pg::CatalogFunction function;
        function.schema = "pg_catalog";
        function.name = row.name;
        function.arguments = row.arguments;
        function.result = row.result;
        function.kind = row.kind;
        words->functions.push_back(std::move(function));
    }
    for (const auto &[name, spelling] : types)
        words->types.push_back({"pg_catalog", name, spelling, 'b', {}, {}});
    for (const auto &[name, type] : settings)
        words->settings.push_back({name, type, {}, {}, {}, {}});
    words->languages = {"plpgsql", "sql"};
    words->access_methods = {"brin", "btree", "gin", "gist", "hash", "spgist"};
    return words;
}

} // namespace

std::shared_ptr<const pg::CatalogWords> builtInWords()
{
    static const std::shared_ptr<const pg::CatalogWords> words = makeBuiltIns();
    return words;
}

} // namespace howdah::complete
