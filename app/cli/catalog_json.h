// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

#include "core/pg/catalog.h"
#include "core/pg/connection.h"

namespace howdah::cli {

/// pg_class.relkind in a word: table, partitioned, view, matview, foreign, sequence.
[[nodiscard]] const char *kindName(char relkind);

/// What of a snapshot was asked for.
struct CatalogSelection {
    std::vector<const pg::CatalogRelation *> relations;
    std::vector<const pg::CatalogFunction *> functions;
};

/// Everything the snapshot knows of them, under the names of pg::Catalog.
[[nodiscard]] std::string catalogJson(const pg::Catalog &catalog, const CatalogSelection &selection, const pg::ServerFacts &facts);

} // namespace howdah::cli
