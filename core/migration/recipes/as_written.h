// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/migration/recipes/recipe.h"

namespace howdah::migration::recipes {

/// A statement that runs as it was written.
struct Written {
    ChangeStep step;
    Approach approach = Approach::LeftAlone;
    std::string reason;
    bool merges = false;   ///< a sub-command of ALTER TABLE that may share one statement with its neighbours
    std::string lock;      ///< on its table
};
[[nodiscard]] Written writtenStep(const Ground &ground, const Wish &wish);

/// A query of one text over "('schema', 'name'), …": columns, constraints, indexes, triggers, a line each.
[[nodiscard]] std::string fingerprintSql(const std::string &names);

} // namespace howdah::migration::recipes
