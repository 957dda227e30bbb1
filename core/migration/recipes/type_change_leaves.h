// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/migration/recipes/column_switch.h"
#include "core/migration/recipes/parts.h"

namespace howdah::migration::recipes {

/// What of the partitions below a partitioned table hangs on columns of it.
struct LeafParts {
    std::map<std::string, std::vector<LeafIndex>> indexes; ///< as ColumnSwitch has them
    std::vector<IndexPart> own;                            ///< of partitions alone, in the order of indexes[""]
};

/// Views, policies, triggers and statistics of partitions are added to `parts`. Refuses keys and checks that only a
/// partition has, and what the transaction that switches could not put back.
[[nodiscard]] Result<LeafParts> leafPartsOf(const Ground &ground, const pg::CatalogRelation &table, TableParts &parts, const std::vector<std::string> &columns);

} // namespace howdah::migration::recipes
