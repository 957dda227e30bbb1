// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/migration/effects_facts.h"

#include <charconv>
#include <functional>

#include "core/pg/connection.h"

namespace howdah::migration {

namespace {

constexpr const char *settings_sql = R"(
SELECT current_setting('TimeZone'), current_user,
       -- the same test as the server's own: an offset of zero now and ever, which only UTC and its names have
       current_setting('TimeZone') ~* '^(Etc/)?(UTC|GMT|UCT|Zulu|Universal|Greenwich)([+-]?0)?$')";

constexpr const char *casts_sql =
    "SELECT format_type(castsource, NULL), format_type(casttarget, NULL) FROM pg_cast WHERE castmethod = 'b'";

constexpr const char *automatic_sql =
    "SELECT format_type(castsource, NULL), format_type(casttarget, NULL) FROM pg_cast WHERE castcontext IN ('a', 'i')";

constexpr const char *types_sql = "SELECT format_type(oid, NULL) FROM pg_type WHERE oid < 10000 AND typtype IN ('b', 'r', 'm') AND typcategory <> 'A'";

constexpr const char *names_sql = "SELECT DISTINCT typname FROM pg_type WHERE typcategory <> 'A'";

constexpr const char *functions_sql = "SELECT proname, bool_or(provolatile = 'v') FROM pg_proc WHERE prokind = 'f' GROUP BY 1";

constexpr const char *domains_sql = R"(
WITH RECURSIVE d AS (
    SELECT t.oid, t.typbasetype AS base, t.typtypmod AS typmod, t.typnotnull AS strict, t.oid AS step
    FROM pg_type t WHERE t.typtype = 'd'
  UNION ALL
    SELECT d.oid, t.typbasetype, t.typtypmod, t.typnotnull, t.oid FROM d JOIN pg_type t ON t.oid = d.base AND t.typtype = 'd')
SELECT n.nspname, t.typname,
       (SELECT format_type(x.base, x.typmod) FROM d x JOIN pg_type b ON b.oid = x.base WHERE x.oid = t.oid AND b.typtype <> 'd'),
       bool_or(d.strict OR EXISTS (SELECT FROM pg_constraint c WHERE c.contypid = d.step)), COALESCE(t.typdefault, '')
FROM d JOIN pg_type t ON t.oid = d.oid JOIN pg_namespace n ON n.oid = t.typnamespace
GROUP BY n.nspname, t.typname, t.oid, t.typdefault)";

constexpr const char *dependants_sql = R"(
SELECT DISTINCT d.refobjid, d.refobjsubid, 'v', r.ev_class, c.relname
FROM pg_depend d JOIN pg_rewrite r ON r.oid = d.objid JOIN pg_class c ON c.oid = r.ev_class
WHERE d.classid = 'pg_rewrite'::regclass AND d.refclassid = 'pg_class'::regclass AND d.refobjid <> r.ev_class AND d.refobjid >= 16384
UNION ALL
SELECT d.refobjid, d.refobjsubid, 'p', p.polrelid, p.polname
FROM pg_depend d JOIN pg_policy p ON p.oid = d.objid
WHERE d.classid = 'pg_policy'::regclass AND d.refclassid = 'pg_class'::regclass AND d.refobjsubid > 0
UNION ALL
SELECT d.refobjid, d.refobjsubid, 't', t.tgrelid, t.tgname
FROM pg_depend d JOIN pg_trigger t ON t.oid = d.objid
WHERE d.classid = 'pg_trigger'::regclass AND d.refclassid = 'pg_class'::regclass AND d.refobjsubid > 0 AND NOT t.tgisinternal)";

constexpr const char *triggers_sql = "SELECT tgrelid, tgname, tgtype & 1 = 1 FROM pg_trigger WHERE NOT tgisinternal";

constexpr const char *sequences_sql = R"(
SELECT d.objid, d.refobjid, d.refobjsubid FROM pg_depend d JOIN pg_class c ON c.oid = d.objid AND c.relkind = 'S'
WHERE d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass AND d.deptype IN ('a', 'i') AND d.refobjsubid > 0)";

constexpr const char *statistics_sql =
    "SELECT n.nspname, s.stxname, s.stxrelid FROM pg_statistic_ext s JOIN pg_namespace n ON n.oid = s.stxnamespace";

constexpr const char *publications_sql =
    "SELECT p.pubname, r.prrelid, p.puballtables FROM pg_publication p LEFT JOIN pg_publication_rel r ON r.prpubid = p.oid ORDER BY 1";
// from 15 on
constexpr const char *published_schemas_sql =
    "SELECT p.pubname, n.nspname FROM pg_publication_namespace s JOIN pg_publication p ON p.oid = s.pnpubid JOIN pg_namespace n ON n.oid = s.pnnspid";
constexpr const char *published_columns_sql = R"(
SELECT DISTINCT r.prrelid, d.refobjsubid, p.pubname, NOT coalesce(d.refobjsubid::int2 = ANY (r.prattrs::int2[]), false)
FROM pg_depend d JOIN pg_publication_rel r ON r.oid = d.objid JOIN pg_publication p ON p.oid = r.prpubid
WHERE d.classid = 'pg_publication_rel'::regclass AND d.refclassid = 'pg_class'::regclass AND d.refobjsubid > 0)";

constexpr const char *routine_uses_sql = R"(
SELECT p.proname, 't', t.tgrelid, t.tgname FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid WHERE p.oid >= 16384 AND t.tgparentid = 0
UNION ALL
SELECT p.proname, CASE WHEN r.oid IS NOT NULL THEN 'v' WHEN a.oid IS NOT NULL THEN 'd' WHEN o.oid IS NOT NULL THEN 'c' ELSE 'i' END,
       COALESCE(r.ev_class, a.adrelid, o.conrelid, i.indexrelid), o.conname
FROM pg_depend d JOIN pg_proc p ON d.refclassid = 'pg_proc'::regclass AND p.oid = d.refobjid
LEFT JOIN pg_rewrite r ON d.classid = 'pg_rewrite'::regclass AND r.oid = d.objid LEFT JOIN pg_attrdef a ON d.classid = 'pg_attrdef'::regclass AND a.oid = d.objid
LEFT JOIN pg_constraint o ON d.classid = 'pg_constraint'::regclass AND o.oid = d.objid AND o.conrelid <> 0
LEFT JOIN pg_index i ON d.classid = 'pg_class'::regclass AND i.indexrelid = d.objid
WHERE p.oid >= 16384 AND COALESCE(r.oid, a.oid, o.oid, i.indexrelid) IS NOT NULL)";
constexpr const char *typed_sql = "SELECT c.oid, t.typname FROM pg_class c JOIN pg_type t ON t.oid = c.reloftype";
constexpr const char *inherits_sql = "SELECT inhrelid, inhparent FROM pg_inherits ORDER BY inhparent, inhrelid";
constexpr const char *unlogged_sql = "SELECT oid FROM pg_class WHERE relpersistence = 'u' AND relkind IN ('r', 'p', 'm', 'i', 'I', 'S')";
constexpr const char *virtual_sql = "SELECT attrelid, attnum FROM pg_attribute WHERE attgenerated = 'v'";

using Cells = std::function<std::string_view(std::size_t column)>;

Result<void> each(pg::Connection &connection, const char *sql, const std::function<void(const Cells &)> &take)
{
    const auto outcome = connection.query(sql);
    if (!outcome)
        return tl::unexpected(outcome.error());
    const pg::RowStore &rows = *outcome->result;
    for (std::int64_t row = 0; row < rows.rowCount(); ++row)
        take([&rows, row](std::size_t column) { return rows.cell(row, column).text; });
    return {};
}

template <typename T> T numberIn(std::string_view text)
{
    T value{};
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

std::uint32_t oid(std::string_view text)
{
    return numberIn<std::uint32_t>(text);
}

} // namespace

Result<SchemaFacts> readSchemaFacts(pg::Connection &connection)
{
    const pg::CancelScope scope(connection.canceller());
    SchemaFacts facts;
    std::vector<std::pair<const char *, std::function<void(const Cells &)>>> queries{
        {settings_sql, [&](const Cells &cell) {
             facts.time_zone = cell(0);
             facts.role = cell(1);
             facts.time_zone_is_utc = cell(2) == "t";
         }},
        {casts_sql, [&](const Cells &cell) { facts.binary_casts.emplace(cell(0), cell(1)); }},
        {automatic_sql, [&](const Cells &cell) { facts.automatic_casts.emplace(cell(0), cell(1)); }},
        {types_sql, [&](const Cells &cell) { facts.builtin_types.emplace(cell(0)); }},
        {names_sql, [&](const Cells &cell) { facts.types.emplace(cell(0)); }},
        {functions_sql, [&](const Cells &cell) {
             facts.functions.emplace(cell(0));
             if (cell(1) == "t")
                 facts.volatile_functions.emplace(cell(0));
         }},
        {domains_sql, [&](const Cells &cell) {
             facts.domains.push_back({std::string(cell(0)), std::string(cell(1)), std::string(cell(2)), cell(3) == "t", std::string(cell(4))});
         }},
        {dependants_sql, [&](const Cells &cell) {
             facts.dependants.push_back({oid(cell(0)), numberIn<std::int16_t>(cell(1)), cell(2).front(), oid(cell(3)), std::string(cell(4))});
         }},
        {triggers_sql, [&](const Cells &cell) { facts.triggers.push_back({oid(cell(0)), std::string(cell(1)), cell(2) == "t"}); }},
        {sequences_sql, [&](const Cells &cell) {
             facts.owned_sequences.push_back({oid(cell(0)), oid(cell(1)), numberIn<std::int16_t>(cell(2))});
         }},
        {statistics_sql, [&](const Cells &cell) { facts.statistics.push_back({std::string(cell(0)), std::string(cell(1)), oid(cell(2))}); }},
        {publications_sql, [&](const Cells &cell) {
             if (facts.publications.empty() || facts.publications.back().name != cell(0))
                 facts.publications.push_back({std::string(cell(0)), {}, {}, cell(2) == "t"});
             if (!cell(1).empty())
                 facts.publications.back().tables.push_back(oid(cell(1)));
         }},
        {inherits_sql, [&](const Cells &cell) { facts.inherits.emplace_back(oid(cell(0)), oid(cell(1))); }},
        {routine_uses_sql, [&](const Cells &cell) { facts.routine_uses.push_back({std::string(cell(0)), cell(1).front(), oid(cell(2)), std::string(cell(3))}); }},
        {typed_sql, [&](const Cells &cell) { facts.typed_tables.emplace_back(oid(cell(0)), std::string(cell(1))); }},
        {unlogged_sql, [&](const Cells &cell) { facts.unlogged.insert(oid(cell(0))); }},
        {virtual_sql, [&](const Cells &cell) { facts.virtual_columns.emplace(oid(cell(0)), numberIn<std::int16_t>(cell(1))); }},
    };
    if (connection.facts().major() >= 15) {
        queries.push_back({published_schemas_sql, [&](const Cells &cell) {
                               for (SchemaFacts::Publication &publication : facts.publications) {
                                   if (publication.name == cell(0))
                                       publication.schemas.emplace_back(cell(1));
                               }
                           }});
        queries.push_back({published_columns_sql, [&](const Cells &cell) {
                               facts.published_columns.push_back({oid(cell(0)), numberIn<std::int16_t>(cell(1)), std::string(cell(2)), cell(3) == "t"});
                           }});
    }
    for (const auto &[sql, take] : queries) {
        if (auto done = each(connection, sql, take); !done)
            return tl::unexpected(done.error());
    }
    return facts;
}

} // namespace howdah::migration
