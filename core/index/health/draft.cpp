// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>

#include <fmt/format.h>

#include "core/base/human.h"
#include "core/index/health/rule.h"
#include "core/sql/quote.h"

namespace howdah::index_health {

Draft draftOf(const RuleInput &in, std::string_view rule, Severity severity, const TableFacts &table)
{
    static_cast<void>(in);
    Draft draft;
    draft.finding.rule = rule;
    draft.finding.severity = severity;
    draft.finding.table = table.oid;
    draft.finding.schema = table.schema;
    draft.finding.table_name = table.name;
    return draft;
}

Draft draftOf(const RuleInput &in, std::string_view rule, Severity severity, const IndexFacts &index)
{
    static const TableFacts gone;
    const TableFacts *table = in.facts.table(index.table);
    Draft draft = draftOf(in, rule, severity, table != nullptr ? *table : gone);
    draft.finding.index = index.oid;
    draft.finding.index_name = index.name;
    draft.finding.size_bytes = in.facts.bytesOf(index);
    return draft;
}

std::string qualified(const IndexFacts &index)
{
    return sql::quoteQualified(index.schema, index.name);
}

std::string qualified(const TableFacts &table)
{
    return sql::quoteQualified(table.schema, table.name);
}

std::string freshIndexName(const Facts &facts, const TableFacts &table, const std::vector<std::string> &columns)
{
    constexpr std::size_t longest = 63 - 4 - 3; // NAMEDATALEN less one, less "_idx" and a number
    std::string base = table.name;
    for (const std::string &column : columns)
        base += "_" + column;
    std::size_t end = std::min(base.size(), longest);
    while (end < base.size() && (static_cast<unsigned char>(base[end]) & 0xC0U) == 0x80U) // not within a character
        --end;
    base = base.substr(0, end) + "_idx";
    // Relations share one room of names; an index lies in its table's schema.
    std::unordered_set<std::string> taken;
    for (const std::size_t i : table.indexes)
        taken.insert(facts.indexes[i].name);
    std::string name = base;
    for (int number = 1; taken.contains(name); ++number)
        name = base + std::to_string(number);
    return name;
}

migration::ChangeStep stepOf(std::string title, std::string sql, std::string lock, bool in_transaction)
{
    migration::ChangeStep step;
    step.title = std::move(title);
    step.sql = std::move(sql);
    step.lock_level = std::move(lock);
    step.in_transaction = in_transaction;
    if (!in_transaction)
        step.lock_policy = migration::LockPolicy::Patient;
    return step;
}

Mend createIndex(const TableFacts &table, const std::string &name, const std::string &body)
{
    const std::string full = sql::quoteQualified(table.schema, name);
    Mend mend;
    mend.step = stepOf("Build index " + name,
                       fmt::format("CREATE INDEX CONCURRENTLY {} ON {} {}", sql::quoteIdentifier(name), qualified(table), body),
                       "SHARE UPDATE EXCLUSIVE", false);
    mend.step.check_before = fmt::format("SELECT to_regclass({}) IS NULL", sql::quoteLiteral(full));
    mend.step.check_after = fmt::format("SELECT indisvalid AND indisready FROM pg_index WHERE indexrelid = to_regclass({})", sql::quoteLiteral(full));
    mend.step.undo_sql = "DROP INDEX CONCURRENTLY " + full;
    mend.step.repair_sql = "DROP INDEX CONCURRENTLY IF EXISTS " + full;
    mend.step.note = "Reads and writes go on meanwhile; it waits for transactions that are older. Interrupted, it leaves an invalid index to drop.";
    return mend;
}

Mend dropIndex(const IndexFacts &index, bool expect_no_scans)
{
    Mend mend;
    mend.kind = Mend::Kind::Drop;
    mend.index = index.oid;
    mend.expect_no_scans = expect_no_scans;
    return mend;
}

Mend reindex(const IndexFacts &index)
{
    Mend mend;
    mend.kind = Mend::Kind::Reindex;
    mend.index = index.oid;
    return mend;
}

std::string ageText(double seconds)
{
    constexpr double day = 86'400;
    if (seconds < 2 * day)
        return human::duration(seconds * 1000);
    return fmt::format("{:.0f} days", seconds / day);
}

std::string countText(std::int64_t count)
{
    return human::count(count, ",");
}

std::string shareText(double of_one)
{
    return fmt::format("{:.0f} %", of_one * 100);
}

} // namespace howdah::index_health
