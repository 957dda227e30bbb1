// SPDX-License-Identifier: GPL-3.0-or-later
#include <string_view>

#include <fmt/format.h>

#include "core/base/human.h"
#include "core/index/ledger.h"
#include "core/sql/quote.h"

namespace howdah::index {

migration::ChangeStep dropStep(const std::string &name, const std::string &definition, const std::string &note)
{
    migration::ChangeStep step;
    step.title = "Drop index " + name;
    step.sql = "DROP INDEX CONCURRENTLY " + name;
    step.lock_level = "SHARE UPDATE EXCLUSIVE";
    step.in_transaction = false;
    step.lock_policy = migration::LockPolicy::Patient;
    step.check_after = "SELECT pg_catalog.to_regclass(" + sql::quoteLiteral(name) + ") IS NULL";
    step.undo_sql = definition;
    if (definition.empty())
        step.no_undo_reason = "Its definition could not be read: keep its CREATE INDEX before it goes.";
    constexpr std::string_view plain = "CREATE INDEX ";
    if (definition.starts_with(plain))
        step.undo_sql.insert(plain.size(), "CONCURRENTLY ");
    step.note = note;
    return step;
}

void addRedundantDrops(const Advice &advice, migration::ChangeScript &script)
{
    for (const Advice::Redundant &one : advice.redundant)
        script.steps.push_back(dropStep(one.name, one.definition, one.reason + (one.size_bytes > 0 ? fmt::format(" It gives back {}.", human::bytes(one.size_bytes)) : "")));
}

} // namespace howdah::index
