// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>

#include "core/index/health/rule.h"

namespace howdah::index_health {

namespace {

constexpr int reversed = 3; // DESC and NULLS FIRST are both turned round when a b-tree is read backwards

bool sameColumn(const PartFacts &a, const PartFacts &b)
{
    return a.attnum == b.attnum && a.expression == b.expression;
}

bool samePart(const PartFacts &a, const PartFacts &b)
{
    return sameColumn(a, b) && a.opclass == b.opclass && a.collation == b.collation;
}

/// INCLUDE columns of `narrow` that are to be read from `wide` without its table.
bool carriesIncluded(const IndexFacts &wide, const IndexFacts &narrow)
{
    for (std::size_t i = narrow.keys; i < narrow.parts.size(); ++i) {
        const auto has = [&](const PartFacts &part) { return sameColumn(part, narrow.parts[i]); };
        if (std::none_of(wide.parts.begin(), wide.parts.end(), has))
            return false;
    }
    return true;
}

bool alike(const IndexFacts &a, const IndexFacts &b)
{
    return a.table == b.table && a.access_method == b.access_method && a.predicate == b.predicate && a.kind == b.kind &&
           (a.parts.empty() || b.parts.empty() || a.parts[0].opclass_options == b.parts[0].opclass_options);
}

/// 0: the keys of `narrow` do not begin `wide`; 1: they do; -1: read backwards.
int direction(const IndexFacts &wide, const IndexFacts &narrow)
{
    bool forwards = true, backwards = true;
    for (std::size_t i = 0; i < narrow.keys; ++i) {
        if (!samePart(wide.parts[i], narrow.parts[i]))
            return 0;
        forwards = forwards && wide.parts[i].options == narrow.parts[i].options;
        backwards = backwards && (wide.parts[i].options ^ reversed) == narrow.parts[i].options;
    }
    return forwards ? 1 : backwards ? -1 : 0;
}

/// GIN keeps the columns of one index apart, BRIN too: their order means nothing.
bool containsKeys(const IndexFacts &wide, const IndexFacts &narrow)
{
    return std::all_of(narrow.parts.begin(), narrow.parts.end(), [&](const PartFacts &part) {
        return std::any_of(wide.parts.begin(), wide.parts.end(), [&](const PartFacts &other) { return samePart(part, other); });
    });
}

/// Whether `wide` refuses every row that `narrow` refuses.
bool enforces(const IndexFacts &wide, const IndexFacts &narrow)
{
    return wide.unique && wide.immediate && (wide.nulls_not_distinct || !narrow.nulls_not_distinct) && wide.keys == narrow.keys;
}

} // namespace

Coverage coverage(const Facts &facts, const IndexFacts &wide, const IndexFacts &narrow)
{
    static_cast<void>(facts);
    if (wide.oid == narrow.oid || !alike(wide, narrow) || wide.keys < narrow.keys || (narrow.unique && !enforces(wide, narrow)) || narrow.exclusion)
        return {};
    Coverage found;
    const bool same_parts = wide.keys == narrow.keys && wide.parts.size() == narrow.parts.size() && carriesIncluded(wide, narrow);
    if (narrow.access_method == "gin" || narrow.access_method == "brin") {
        found.covers = containsKeys(wide, narrow) && (narrow.access_method == "gin" || wide.options == narrow.options);
        found.same = found.covers && same_parts;
        return found;
    }
    const int read = direction(wide, narrow);
    if (read == 0)
        return {};
    found.same = read == 1 && same_parts;
    // A longer GiST or hash index is another one; a longer b-tree begins as the short one does.
    found.covers = found.same || (narrow.access_method == "btree" && carriesIncluded(wide, narrow));
    found.backwards = read == -1;
    return found;
}

} // namespace howdah::index_health
