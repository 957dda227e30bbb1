// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/migration/recipes/recipe.h"

namespace howdah::migration::recipes {

/// An index as the catalog has it; null when there is none. `name` not quoted; an empty schema searches the path.
struct FoundIndex {
    const pg::CatalogRelation *table = nullptr;
    const pg::CatalogIndex *index = nullptr;
};
[[nodiscard]] FoundIndex findIndex(const Ground &ground, const std::string &schema, const std::string &name);
/// "CREATE INDEX CONCURRENTLY …" out of pg_get_indexdef.
[[nodiscard]] std::string concurrently(const std::string &definition);
/// An index that is there under another name, beside the one that it is to replace, and takes its place.
void replaceIndexSteps(Draft &draft, const pg::CatalogRelation &table, const pg::CatalogIndex &old, const std::string &create_tail, const std::string &method, bool unique);

} // namespace howdah::migration::recipes
