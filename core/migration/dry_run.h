// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

#include "core/migration/migration_plan.h"
#include "core/migration/trace.h"
#include "core/pg/connection_spec.h"

namespace howdah::migration {

struct DryStep {
    std::vector<TracedStatement> traced;     ///< one for each statement of the step
    std::vector<std::string> disagreements;  ///< where it did otherwise than the plan says
    std::vector<Error> errors;
};

struct DryRun {
    std::string place;                       ///< "a scratch server (PostgreSQL 17.11)"
    std::vector<DryStep> steps;              ///< as far as it came: it stops at a step with an error
    [[nodiscard]] bool asPlanned() const;
};

/// Runs the steps of a plan one after the other on an empty copy of the schema (schema_clone.h), which is taken away
/// afterwards. The database itself is only read.
[[nodiscard]] Result<DryRun> dryRun(pg::Connection &connection, const pg::ConnectionSpec &spec, const MigrationPlan &plan);

} // namespace howdah::migration
