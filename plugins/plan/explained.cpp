// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/plan/explained.h"

#include "core/plan/history.h"
#include "core/plan/server_context.h"
#include "core/sql/quote.h"

namespace howdah::plan_tool {

using namespace howdah::ui;

Explained explainOn(pg::Connection &connection, const std::string &sql, const plan::ExplainOptions &options,
                    const std::shared_ptr<const pg::Catalog> &catalog)
{
    Explained explained;
    explained.outcome = plan::runExplain(connection, sql, options);
    if (!explained.outcome)
        return explained;
    explained.document = readPlanDocument(explained.outcome->source);
    if (!explained.document || (*explained.document)->plans.empty())
        return explained;
    const PlanDocument &document = **explained.document;
    explained.judged = judge(*explained.document, plan::readFindingContext(connection, document.plans, catalog.get()), sql,
                             options.parameters);
    for (const plan::Plan &plan : document.plans)
        explained.sources.push_back(plan::mapToSql(plan, sql, options.parameters));
    return explained;
}

std::string recordExplained(const pg::Connection &connection, const Explained &explained, const std::string &sql,
                            const plan::ExplainOptions &options)
{
    if (!explained.outcome || !explained.document)
        return {};
    const auto history = plan::History::open(plan::History::defaultFile());
    if (!history)
        return history.error().message;
    const pg::ServerFacts &facts = connection.facts();
    for (const plan::Plan &plan : (*explained.document)->plans) {
        plan::HistoryEntry entry = plan::historyEntry(plan, sql, explained.outcome->source);
        entry.server = facts.host + ":" + facts.port + "/" + facts.database;
        entry.server_version = facts.version_num;
        for (const sql::ParameterUse &use : sql::parametersOf(sql)) {
            if (const auto value = options.parameters.find(use.name); value != options.parameters.end())
                entry.parameters.push_back(value->second ? sql::quoteLiteral(*value->second) : "NULL");
        }
        if (const auto id = (*history)->record(std::move(entry)); !id)
            return id.error().message;
    }
    return {};
}

} // namespace howdah::plan_tool
