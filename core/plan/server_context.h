// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

#include "core/pg/connection.h"
#include "core/plan/findings.h"

namespace howdah::plan {

/// What the rules ask of the server about these plans: version, settings, statistics of the columns of their tables.
/// Two small queries. What the role may not see is left out: findings are then less sharp. `catalog` may be null and
/// must outlive the context.
[[nodiscard]] FindingContext readFindingContext(pg::Connection &connection, const std::vector<Plan> &plans,
                                                const pg::Catalog *catalog);

} // namespace howdah::plan
