// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/pg/catalog_words.h"

#include <unordered_map>

#include "core/pg/catalog_row.h"
#include "core/pg/connection.h"

namespace howdah::pg {

namespace {

// Functions that only the system calls would bury those that people call: three in four of pg_proc have an argument
// or result of type internal or cstring, or say themselves that they implement an operator.
constexpr const char *functions_sql = R"(
SELECT p.oid, n.nspname, p.proname, pg_get_function_arguments(p.oid), pg_get_function_result(p.oid), p.prokind, l.lanname, d.description
FROM pg_proc p
JOIN pg_namespace n ON n.oid = p.pronamespace
JOIN pg_language l ON l.oid = p.prolang
LEFT JOIN pg_description d ON d.objoid = p.oid AND d.classoid = 'pg_proc'::regclass AND d.objsubid = 0
WHERE (n.nspname = 'pg_catalog' OR EXISTS (SELECT FROM pg_depend e WHERE e.classid = 'pg_proc'::regclass AND e.objid = p.oid AND e.deptype = 'e'))
  AND NOT ('internal'::regtype = ANY (p.proargtypes) OR 'cstring'::regtype = ANY (p.proargtypes))
  AND p.prorettype NOT IN ('internal'::regtype, 'cstring'::regtype)
  AND coalesce(d.description, '') !~ '^(implementation of |internal |I/O|aggregate transition|less-equal-greater|hash$|sort support|btree)'
ORDER BY n.nspname, p.proname, p.pronargs, p.oid
LIMIT 20000)";

constexpr const char *relations_sql = R"(
SELECT c.oid, n.nspname, c.relname, c.relkind, d.description
FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_description d ON d.objoid = c.oid AND d.classoid = 'pg_class'::regclass AND d.objsubid = 0
WHERE n.nspname IN ('pg_catalog', 'information_schema') AND c.relkind IN ('r', 'v')
ORDER BY n.nspname, c.relname
LIMIT 2000)";

constexpr const char *columns_sql = R"(
SELECT a.attrelid, a.attname, format_type(a.atttypid, a.atttypmod), a.attnum, a.attnotnull
FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_attribute a ON a.attrelid = c.oid
WHERE n.nspname IN ('pg_catalog', 'information_schema') AND c.relkind IN ('r', 'v') AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY a.attrelid, a.attnum
LIMIT 40000)";

constexpr const char *types_sql = R"(
SELECT n.nspname, t.typname, format_type(t.oid, NULL), t.typtype,
       CASE WHEN t.typtype = 'e' THEN (SELECT array_to_string(array_agg(e.enumlabel::text ORDER BY e.enumsortorder), E'\x01')
                                       FROM pg_enum e WHERE e.enumtypid = t.oid) END,
       d.description
FROM pg_type t
JOIN pg_namespace n ON n.oid = t.typnamespace
LEFT JOIN pg_class c ON c.oid = t.typrelid
LEFT JOIN pg_description d ON d.objoid = t.oid AND d.classoid = 'pg_type'::regclass AND d.objsubid = 0
WHERE n.nspname !~ '^pg_(toast|temp)' AND t.typcategory <> 'A' AND (t.typtype <> 'c' OR c.relkind = 'c')
  AND (t.typtype <> 'p' OR t.typname IN ('trigger', 'record', 'void', 'event_trigger', 'anyelement', 'anyarray'))
ORDER BY n.nspname, t.typname
LIMIT 5000)";

constexpr const char *settings_sql = R"(
SELECT name, vartype, unit, setting, array_to_string(enumvals, E'\x01'), short_desc FROM pg_settings ORDER BY name LIMIT 2000)";

constexpr const char *roles_sql = "SELECT rolname FROM pg_roles ORDER BY rolname LIMIT 1000";
constexpr const char *available_sql = "SELECT name, default_version FROM pg_available_extensions ORDER BY name LIMIT 1000";
constexpr const char *languages_sql = "SELECT lanname FROM pg_language WHERE lanname NOT IN ('internal', 'c') ORDER BY lanname";
constexpr const char *methods_sql = "SELECT amname FROM pg_am WHERE amtype = 'i' ORDER BY amname";

template <typename Take> Result<void> each(Connection &connection, const char *sql, Take take)
{
    const auto outcome = connection.query(sql);
    if (!outcome)
        return tl::unexpected(outcome.error());
    for (std::int64_t i = 0; i < outcome->result->rowCount(); ++i) {
        CatalogRow row(*outcome->result, i);
        take(row);
    }
    return {};
}

CatalogFunction functionOf(CatalogRow &row)
{
    CatalogFunction function;
    function.oid = row.number<std::uint32_t>();
    function.schema = row.text();
    function.name = row.text();
    function.arguments = row.text();
    function.result = row.text();
    function.kind = row.letter();
    function.language = row.text();
    function.comment = row.text();
    return function;
}

Result<void> readSystemRelations(Connection &connection, CatalogWords &words)
{
    std::unordered_map<std::uint32_t, std::size_t> position;
    auto done = each(connection, relations_sql, [&](CatalogRow &row) {
        CatalogRelation relation;
        relation.oid = row.number<std::uint32_t>();
        relation.schema = row.text();
        relation.name = row.text();
        relation.kind = row.letter();
        relation.comment = row.text();
        position.emplace(relation.oid, words.system_relations.size());
        words.system_relations.push_back(std::move(relation));
    });
    if (!done)
        return done;
    return each(connection, columns_sql, [&](CatalogRow &row) {
        const auto found = position.find(row.number<std::uint32_t>());
        if (found == position.end())
            return;
        CatalogColumn column;
        column.name = row.text();
        column.type = row.text();
        column.attnum = row.number<std::int16_t>();
        column.not_null = row.flag();
        words.system_relations[found->second].columns.push_back(std::move(column));
    });
}

} // namespace

Result<std::shared_ptr<const CatalogWords>> readCatalogWords(Connection &connection)
{
    const auto words = std::make_shared<CatalogWords>();
    auto done = each(connection, functions_sql, [&](CatalogRow &row) { words->functions.push_back(functionOf(row)); });
    if (done)
        done = readSystemRelations(connection, *words);
    if (done)
        done = each(connection, types_sql, [&](CatalogRow &row) {
            CatalogType type;
            type.schema = row.text();
            type.name = row.text();
            type.spelling = row.text();
            type.kind = row.letter();
            type.labels = row.texts();
            type.comment = row.text();
            words->types.push_back(std::move(type));
        });
    if (done)
        done = each(connection, settings_sql, [&](CatalogRow &row) {
            CatalogSetting setting;
            setting.name = row.text();
            setting.type = row.text();
            setting.unit = row.text();
            setting.value = row.text();
            setting.values = row.texts();
            setting.comment = row.text();
            words->settings.push_back(std::move(setting));
        });
    if (done)
        done = each(connection, roles_sql, [&](CatalogRow &row) { words->roles.push_back(row.text()); });
    if (done)
        done = each(connection, available_sql, [&](CatalogRow &row) {
            std::string name = row.text(), version = row.text();
            words->available_extensions.push_back({std::move(name), {}, std::move(version)});
        });
    if (done)
        done = each(connection, languages_sql, [&](CatalogRow &row) { words->languages.push_back(row.text()); });
    if (done)
        done = each(connection, methods_sql, [&](CatalogRow &row) { words->access_methods.push_back(row.text()); });
    if (!done)
        return tl::unexpected(done.error());
    return std::shared_ptr<const CatalogWords>(words);
}

} // namespace howdah::pg
