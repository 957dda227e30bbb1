// SPDX-License-Identifier: GPL-3.0-or-later
#include <fmt/format.h>

#include "core/base/human.h"
#include "core/index/to_json.h"
#include "core/sql/quote.h"

namespace howdah::index {

namespace {

std::string validCheck(const std::string &qualified)
{
    return "SELECT coalesce((SELECT indisvalid AND indisready FROM pg_catalog.pg_index WHERE indexrelid = pg_catalog.to_regclass(" + sql::quoteLiteral(qualified) + ")), false)";
}

std::string sizeNote(const AdvisedIndex &index)
{
    std::string note = fmt::format("About {} of disk.", human::bytes(index.size_bytes));
    if (index.measured && index.measured->build_ms > 0)
        note += fmt::format(" Building it takes about {}, as measured on a sample.", human::duration(index.measured->build_ms));
    return note + " Reads and writes go on; it waits for transactions that are open when it begins.";
}

migration::ChangeStep buildStep(const AdvisedIndex &index)
{
    const std::string qualified = sql::quoteQualified(index.schema, index.name);
    migration::ChangeStep step;
    step.title = "Build index " + index.name;
    step.sql = index.concurrent_ddl;
    step.lock_level = "SHARE UPDATE EXCLUSIVE";
    step.in_transaction = false;
    step.lock_policy = migration::LockPolicy::Patient;
    step.check_after = validCheck(qualified);
    step.undo_sql = "DROP INDEX CONCURRENTLY IF EXISTS " + qualified;
    // A build that failed leaves its name behind, INVALID.
    step.repair_sql = "DROP INDEX CONCURRENTLY IF EXISTS " + qualified;
    step.note = sizeNote(index);
    return step;
}

/// A partitioned table takes no CONCURRENTLY: an empty index on the parent, one on each part, attached one by one.
void partitionSteps(const AdvisedIndex &index, migration::ChangeScript &script)
{
    const std::string parent = sql::quoteQualified(index.schema, index.name);
    migration::ChangeStep head;
    head.title = "Declare index " + index.name + " on the parent";
    head.sql = index.ddl;
    head.sql.replace(head.sql.find(" ON "), 4, " ON ONLY ");
    head.lock_level = "SHARE";
    head.undo_sql = "DROP INDEX IF EXISTS " + parent;
    head.note = "It is invalid until each part has its own; nothing is read.";
    script.steps.push_back(std::move(head));
    for (std::size_t i = 0; i < index.parts.size(); ++i) {
        AdvisedIndex part = index;
        part.schema = index.parts[i].schema;
        part.name = index.parts[i].index;
        part.concurrent_ddl = index.parts[i].concurrent_ddl;
        part.size_bytes = index.size_bytes / static_cast<std::int64_t>(index.parts.size());
        script.steps.push_back(buildStep(part));
        migration::ChangeStep attach;
        attach.title = "Attach " + part.name;
        attach.sql = "ALTER INDEX " + parent + " ATTACH PARTITION " + sql::quoteQualified(part.schema, part.name);
        attach.lock_level = "SHARE UPDATE EXCLUSIVE";
        attach.no_undo_reason = "It goes with the parent's index.";
        if (i + 1 == index.parts.size())
            attach.check_after = validCheck(parent);
        script.steps.push_back(std::move(attach));
    }
}

} // namespace

migration::ChangeScript scriptOf(const Advice &advice)
{
    migration::ChangeScript script;
    script.title = advice.indexes.size() == 1 ? "Build index " + advice.indexes.front().name : fmt::format("Build {} indexes", advice.indexes.size());
    if (advice.cost_before > 0)
        script.reason = fmt::format("The workload's cost goes from {:.0f} to {:.0f} ({:.0f} %), as planned.", advice.cost_before, advice.cost_after, 100 * advice.cost_after / advice.cost_before);
    for (const AdvisedIndex &index : advice.indexes) {
        if (index.partitioned)
            partitionSteps(index, script);
        else
            script.steps.push_back(buildStep(index));
    }
    return script;
}

} // namespace howdah::index
