// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/ddl/object_ref.h"

namespace howdah::ddl {

/// Why one object needs the other, as far as the catalog tells.
enum class DependencyReason : std::uint8_t {
    Uses,        ///< pg_depend, normal: a view its table, a default its function
    Owns,        ///< automatic or internal: goes with the other without a question (index, trigger, owned sequence)
    ForeignKey,
    Inherits,    ///< partition or child table
    Extension,   ///< member of an extension
    Named        ///< only its source text mentions the name; the server does not know of it
};

[[nodiscard]] const char *reasonName(DependencyReason reason); ///< "uses", "owns" …; stable, for JSON

/// One line of the tree, in depth-first order: its parent stands before it.
struct DependencyNode {
    ObjectRef object;
    DependencyReason reason = DependencyReason::Uses;
    std::string detail;              ///< "column total", "orders_user_id_fkey"; "" when there is nothing to add
    int depth = 0;                   ///< 0: direct
    std::int64_t parent = -1;        ///< position in the list; -1: the object asked about
    bool repeated = false;           ///< shown with what hangs on it further up
};

struct DependencyTree {
    std::vector<DependencyNode> nodes;
    bool truncated = false;          ///< there is more: the limit was reached
};

struct Dependencies {
    ObjectRef object;
    DependencyTree needs;            ///< what the object is built on
    DependencyTree needed_by;        ///< what would break or go with it
};

struct DependencyOptions {
    int max_depth = 6;
    std::size_t max_nodes = 1000;    ///< each way
    bool by_text = true;             ///< routines whose source mentions the relation (direct ones only)
};

/// Both ways, one query a level and way. Rules of views, defaults and row types stand for the view, table or type that
/// people know; objects of the system itself are left out.
[[nodiscard]] Result<Dependencies> dependenciesOf(pg::Connection &connection, const ObjectRef &object,
                                                  const DependencyOptions &options = {});

} // namespace howdah::ddl
