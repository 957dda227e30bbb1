// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/migration/lint_facts.h"

#include <charconv>
#include <functional>
#include <map>

#include <fmt/format.h>

#include "core/pg/connection.h"

namespace howdah::migration {

namespace {

// Settings in their base unit, milliseconds.
constexpr const char *settings_sql =
    "SELECT name, setting FROM pg_settings WHERE name IN ('lock_timeout', 'statement_timeout')";

constexpr const char *routines_sql = R"(
SELECT p.oid, p.oid::regprocedure::text, left(p.prosrc, 65536)
FROM pg_proc p JOIN pg_language l ON l.oid = p.prolang
WHERE p.oid >= 16384 AND l.lanname NOT IN ('c', 'internal')
  AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e')
ORDER BY p.oid LIMIT 20001)";

constexpr const char *routine_relations_sql = R"(
SELECT DISTINCT objid, refobjid FROM pg_depend
WHERE classid = 'pg_proc'::regclass AND refclassid = 'pg_class'::regclass AND objid >= 16384)";

constexpr const char *publications_sql = "SELECT oid, pubname, puballtables FROM pg_publication ORDER BY pubname";
// Partitions go with their parents, whoever of them is named.
constexpr const char *publication_relations_sql = R"(
WITH RECURSIVE named AS (SELECT prpubid AS publication, prrelid AS relation FROM pg_publication_rel{}
  UNION SELECT n.publication, i.inhrelid FROM named n JOIN pg_inherits i ON i.inhparent = n.relation JOIN pg_class c ON c.oid = i.inhrelid AND c.relispartition)
SELECT publication, relation FROM named)";
constexpr const char *in_schemas_sql =
    " UNION SELECT s.pnpubid, c.oid FROM pg_publication_namespace s JOIN pg_class c ON c.relnamespace = s.pnnspid AND c.relkind IN ('r', 'p') AND c.relpersistence = 'p'";

constexpr std::size_t routines_at_most = 20000;

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

} // namespace

Result<LintFacts> readLintFacts(pg::Connection &connection)
{
    const pg::CancelScope scope(connection.canceller());
    LintFacts facts;
    std::map<std::uint32_t, std::size_t> routines, publications;
    const std::string relations_sql = fmt::format(fmt::runtime(publication_relations_sql), connection.facts().major() >= 15 ? in_schemas_sql : "");
    const std::vector<std::pair<const char *, std::function<void(const Cells &)>>> queries{
        {settings_sql, [&](const Cells &cell) {
             (cell(0) == "lock_timeout" ? facts.lock_timeout_ms : facts.statement_timeout_ms) = numberIn<std::int64_t>(cell(1));
         }},
        {routines_sql, [&](const Cells &cell) {
             if (facts.routines.size() == routines_at_most) {
                 facts.routines_complete = false;
                 return;
             }
             routines.emplace(numberIn<std::uint32_t>(cell(0)), facts.routines.size());
             facts.routines.push_back({std::string(cell(1)), std::string(cell(2)), {}});
         }},
        {routine_relations_sql, [&](const Cells &cell) {
             if (const auto found = routines.find(numberIn<std::uint32_t>(cell(0))); found != routines.end())
                 facts.routines[found->second].relations.push_back(numberIn<std::uint32_t>(cell(1)));
         }},
        {publications_sql, [&](const Cells &cell) {
             publications.emplace(numberIn<std::uint32_t>(cell(0)), facts.publications.size());
             facts.publications.push_back({std::string(cell(1)), cell(2) == "t", {}});
         }},
        {relations_sql.c_str(), [&](const Cells &cell) {
             if (const auto found = publications.find(numberIn<std::uint32_t>(cell(0))); found != publications.end())
                 facts.publications[found->second].relations.push_back(numberIn<std::uint32_t>(cell(1)));
         }},
    };
    for (const auto &[sql, take] : queries) {
        if (auto done = each(connection, sql, take); !done)
            return tl::unexpected(done.error());
    }
    return facts;
}

} // namespace howdah::migration
