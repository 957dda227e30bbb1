// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <string_view>

#include "core/migration/effects_facts.h"
#include "core/pg/catalog.h"

namespace howdah::migration::linting {

/// The part of a large catalog that a script can reach: what it names, and what hangs on that by partitions,
/// inheritance, foreign keys and views. Null where the whole is small or may be needed: for statements that work on all
/// tables of a schema, a database or an owner. One pass over the catalog for each step outwards.
[[nodiscard]] std::shared_ptr<const pg::Catalog> narrowed(const pg::Catalog &catalog, const SchemaFacts *facts, std::string_view script);

} // namespace howdah::migration::linting
