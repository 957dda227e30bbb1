// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

#include "ui/browser/catalog_outline.h"
#include "ui/browser/object_node.h"

namespace howdah::ui {

// Statements written for the user from a catalog snapshot. Every name is quoted where it has to be.

/// The name as it has to be written in a statement: with its schema only where search_path does not find it.
[[nodiscard]] std::string nameInSql(const CatalogOutline &outline, const ObjectNode &node);
/// The name with its schema (relation, column, function …), always.
[[nodiscard]] std::string qualifiedName(const CatalogOutline &outline, const ObjectNode &node);

[[nodiscard]] std::string selectRows(const CatalogOutline &outline, const pg::CatalogRelation &relation, int limit);
/// SELECT with every column named, for editing down.
[[nodiscard]] std::string selectColumns(const CatalogOutline &outline, const pg::CatalogRelation &relation, int limit);
/// INSERT with a line for each column that takes a value; the type stands behind each.
[[nodiscard]] std::string insertTemplate(const CatalogOutline &outline, const pg::CatalogRelation &relation);

/// What makes an index or a constraint, as the server gave it; "" for other kinds.
[[nodiscard]] std::string definition(const CatalogOutline &outline, const ObjectNode &node);
/// A query that has the server write the definition of a view or a function; "" for other kinds.
[[nodiscard]] std::string definitionQuery(const CatalogOutline &outline, const ObjectNode &node);

} // namespace howdah::ui
