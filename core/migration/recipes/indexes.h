// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/migration/recipes/recipe.h"
#include "core/migration/recipes/text.h"

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

/// An index of a partitioned table: on it alone, built concurrently on each partition, attached. `cut`: method and tail.
void partitionedIndexSteps(const Ground &ground, Draft &draft, const pg::CatalogRelation &table, const IndexText &cut, const std::string &name, Phase phase);
/// The name that it gives a partition's index.
[[nodiscard]] std::string partitionIndexName(const pg::CatalogRelation &partition, const std::string &whole);

} // namespace howdah::migration::recipes
