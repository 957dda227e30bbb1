// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/migration/dry_run.h"

#include <algorithm>

#include "core/migration/schema_clone.h"

namespace howdah::migration {

bool DryRun::asPlanned() const
{
    return std::all_of(steps.begin(), steps.end(), [](const DryStep &step) { return step.disagreements.empty() && step.errors.empty(); });
}

namespace {

std::string wholeTable(std::string sql)
{
    if (const std::size_t at = sql.find("{range}"); at != std::string::npos)
        sql.replace(at, 7, "true");
    return sql;
}

} // namespace

Result<DryRun> dryRun(pg::Connection &connection, const pg::ConnectionSpec &spec, const MigrationPlan &plan)
{
    auto clone = SchemaClone::onScratchServer(connection, spec);
    if (!clone)
        return tl::unexpected(clone.error());
    DryRun run;
    run.place = (*clone)->place();
    TraceOptions options;
    options.outside_transaction = options.commit = options.empty = true;
    for (std::size_t i = 0; i < plan.script.steps.size(); ++i) {
        const ChangeStep &step = plan.script.steps[i];
        auto traced = trace((*clone)->connection(), step.batches ? wholeTable(step.batches->batch_sql) : step.comparison ? wholeTable(step.comparison->left_sql) : step.sql, options);
        if (!traced)
            return tl::unexpected(traced.error());
        DryStep dry;
        dry.traced = std::move(*traced);
        for (std::size_t k = 0; k < dry.traced.size(); ++k) {
            for (const Error &error : dry.traced[k].measured.errors)
                dry.errors.push_back(error);
            if (k < plan.steps[i].effects.size() && dry.errors.empty()) {
                for (std::string &difference : disagreements(plan.steps[i].effects[k], dry.traced[k]))
                    dry.disagreements.push_back(std::move(difference));
            }
        }
        const bool failed = !dry.errors.empty();
        run.steps.push_back(std::move(dry));
        if (failed)
            break;
    }
    return run;
}

} // namespace howdah::migration
