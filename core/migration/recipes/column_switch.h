// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/migration/recipes/parts.h"
#include "core/migration/recipes/sync.h"

namespace howdah::migration::recipes {

/// A column and the one of another type that takes its place.
struct Retyped {
    std::string name;        ///< not quoted, as are fresh and aside
    std::string from_type;   ///< format_type
    std::string type;        ///< as wanted, with COLLATE
    std::string bare_type;   ///< without
    std::string conversion;  ///< of USING; "" for the assignment cast
    std::string fresh, aside; ///< names of the new column before and of the old one after the switch
    std::string back;        ///< PL/pgSQL that makes the old value again; "" when nobody knows how
    bool lossless = false;   ///< every new value has an old one
    bool computed = false;   ///< it was a stored generated column; `conversion` computes it from the others' old values
    ColumnPart part;
    [[nodiscard]] std::string value() const; ///< what goes into the new column
    [[nodiscard]] std::string typed() const; ///< the same, cast
};

/// An index that a partition has, of one of the partitioned table or of its own, and the one that takes its place.
struct LeafIndex {
    std::string table;        ///< as SQL names it
    std::string schema, name; ///< not quoted
    std::string fresh;        ///< not quoted, before the switch
    std::string constraint;   ///< not quoted; "" when none
};

struct ColumnSwitch {
    const Ground &ground;
    Draft &draft;
    const pg::CatalogRelation &table;
    const TableParts &parts;
    const std::vector<Retyped> &columns;
    const SyncTrigger &forward, &backward;
    std::map<std::string, std::vector<LeafIndex>> leaf_indexes = {}; ///< by the partitioned table's index; "" for those of partitions alone
    std::optional<SyncTrigger> computing = {};                       ///< for columns that were generated: stays behind the switch
    std::vector<std::pair<std::string, std::string>> recomputed = {}; ///< virtual generated columns and their expressions
};

/// The brief transaction that gives new columns the old ones' names, keys, defaults and dependants; then what follows
/// it, and the end of the old columns.
void columnSwitch(ColumnSwitch &change);

} // namespace howdah::migration::recipes
