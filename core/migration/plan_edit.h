// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

#include "core/migration/migration_plan.h"

namespace howdah::migration {

/// The SQL of a step that a person may change: of batches the statement with its {range}; "" for a comparison, which is ours.
[[nodiscard]] std::string editableSql(const ChangeStep &step);

/// The plan with a step written otherwise and the effects of all steps told anew, for the catalog as it is now. `undo_sql` "": no way
/// back, and the step says that a person took it away. Fails (Parse, Usage) when the SQL does not parse, when a batch lacks its {range}
/// or holds several statements, and when a statement has to stand outside of the transaction that the step is.
[[nodiscard]] Result<MigrationPlan> withEditedStep(pg::Connection &connection, MigrationPlan plan, std::size_t step, const std::string &sql, const std::string &undo_sql);

/// Effects and locks of each step of a plan, each seeing what those before it made.
[[nodiscard]] Result<void> tellStepEffects(MigrationPlan &plan, const pg::Catalog &catalog, const SchemaFacts &facts);

} // namespace howdah::migration
