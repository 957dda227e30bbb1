// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/index/called.h"

#include <set>

#include "core/index/shape.h"
#include "core/pg/connection.h"
#include "core/plan/explain_effects.h"

namespace howdah::index {

namespace {

void collectCalls(const std::string &statement, const Facts &facts, std::set<std::string> &views, std::set<plan::CalledFunction> &calls)
{
    for (plan::CalledFunction &one : plan::calledFunctions(statement))
        calls.insert(std::move(one));
    const auto names = relationNames(statement);
    if (!names)
        return;
    for (const std::string &name : *names) {
        const auto place = facts.by_name.find(name);
        if (place != facts.by_name.end() && !facts.tables[place->second].view_definition.empty() && views.insert(name).second)
            collectCalls(facts.tables[place->second].view_definition, facts, views, calls);
    }
}

} // namespace

Result<std::string> functionsWithEffects(pg::Connection &connection, const Facts &facts, const std::string &statement)
{
    std::set<std::string> views;
    std::set<plan::CalledFunction> calls;
    collectCalls(statement, facts, views, calls);
    const auto effects = plan::outsideEffects(connection, {calls.begin(), calls.end()});
    if (!effects)
        return tl::unexpected(effects.error());
    std::string named;
    for (const auto *functions : {&effects->volatile_functions, &effects->lasting_functions}) {
        for (const std::string &one : *functions)
            named += (named.empty() ? "" : ", ") + one;
    }
    return named;
}

} // namespace howdah::index
