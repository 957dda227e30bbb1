// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <set>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "core/migration/effects/schema.h"
#include "core/migration/effects/tree.h"

namespace howdah::migration::effects {

/// Names of all columns that an expression or statement mentions (the last part of each reference).
[[nodiscard]] std::set<std::string> columnsIn(const nlohmann::json &tree);
/// A literal without its cast, sign applied; "" for NULL and for what is no literal.
[[nodiscard]] std::string constantText(const Node &node);
/// How the server names an index column: an IndexElem's column, or the function, type or word of its expression.
[[nodiscard]] std::string indexColumnName(const Node &element);
/// Whether the server would call it volatile: the functions known to the catalog, else a list of the built-in ones.
/// An unknown function counts as volatile, as CREATE FUNCTION's default says.
[[nodiscard]] bool isVolatile(const Schema &schema, const nlohmann::json &expression);

/// "w.sq" as its parts, quotes undone; empty when it is no name.
[[nodiscard]] std::vector<std::string> nameParts(const std::string &name);
/// Sequences that nextval(), setval() and currval() name by a literal, as written there: "sq", "w.sq".
[[nodiscard]] std::vector<std::string> sequencesIn(const nlohmann::json &tree);
/// Whether a default as pg_get_expr writes it draws numbers from that sequence.
[[nodiscard]] bool drawsFrom(const std::string &expression, const Relation &sequence);

/// Whether valid CHECK constraints prove that a column holds no nulls (ALTER TABLE … SET NOT NULL then skips its scan).
[[nodiscard]] bool provesNotNull(const Relation &table, const std::string &column);
/// Whether constraints of a table prove that all its rows lie within a partition bound (ATTACH then skips its scan).
[[nodiscard]] bool provesBound(Relation &table, const Relation &parent, const Bound &bound);
/// Whether constraints of the default partition prove that no row of it belongs to a new bound.
[[nodiscard]] bool provesOutside(const Relation &default_partition, const Relation &parent, const Bound &bound);

} // namespace howdah::migration::effects
