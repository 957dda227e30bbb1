// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>

#include "core/base/human.h"
#include "core/index/health/rule.h"

namespace howdah::index_health {

namespace {

/// With statistics as old as that, an index that nobody scanned goes rather than the one that people use.
constexpr double telling_age_s = 7 * 86'400.0;
constexpr std::int64_t much_wider = 3;

/// What may go at all: nothing that a constraint, a foreign key, replication or a partitioned index holds on to.
bool isBound(const IndexFacts &index)
{
    return index.primary || index.exclusion || !index.constraint.empty() || index.replica_identity || index.referenced || index.parent != 0;
}

/// Of two that are the same, the one to keep: what is bound, what CLUSTER follows, what is used, what is older.
bool staysBefore(const Facts &facts, const IndexFacts &a, const IndexFacts &b)
{
    if (isBound(a) != isBound(b))
        return isBound(a);
    if (a.unique != b.unique)
        return a.unique;
    if (a.clustered != b.clustered)
        return a.clustered;
    const std::int64_t a_scans = facts.scansOf(a), b_scans = facts.scansOf(b);
    return a_scans != b_scans ? a_scans > b_scans : a.oid < b.oid;
}

class Table
{
public:
    Table(RuleInput &in, const TableFacts &table) : in_(in), facts_(in.facts), table_(table)
    {
        for (const std::size_t i : table.indexes) {
            if (facts_.indexes[i].isUsable())
                usable_.push_back(&facts_.indexes[i]);
        }
    }

    void judge(std::vector<Draft> &out)
    {
        std::vector<const IndexFacts *> going;
        for (const IndexFacts *narrow : usable_) {
            if (!isBound(*narrow) && std::any_of(usable_.begin(), usable_.end(), [&](const IndexFacts *wide) { return replaces(*wide, *narrow); }))
                going.push_back(narrow);
        }
        for (const IndexFacts *narrow : going)
            in_.redundant.insert(narrow->oid);
        for (const IndexFacts *narrow : going)
            report(*narrow, out);
    }

private:
    [[nodiscard]] bool replaces(const IndexFacts &wide, const IndexFacts &narrow) const
    {
        const Coverage found = coverage(facts_, wide, narrow);
        if (!found.covers)
            return false;
        // Each covers the other: one of them stays.
        if (coverage(facts_, narrow, wide).covers && !isBound(wide) && !staysBefore(facts_, wide, narrow))
            return false;
        const bool nobody_uses_it = facts_.counts && !wide.isProtected() && facts_.scansOf(wide) == 0 && facts_.scansOf(narrow) > 0;
        return !(nobody_uses_it && facts_.statistics_age_s >= telling_age_s);
    }

    /// The closest of those that stay; there is one, because covering goes one way only.
    [[nodiscard]] const IndexFacts *keeper(const IndexFacts &narrow) const
    {
        const IndexFacts *best = nullptr;
        for (const IndexFacts *wide : usable_) {
            if (in_.redundant.contains(wide->oid) || !replaces(*wide, narrow))
                continue;
            if (best == nullptr || rank(*wide, narrow) < rank(*best, narrow))
                best = wide;
        }
        return best;
    }
    [[nodiscard]] std::pair<int, std::int64_t> rank(const IndexFacts &wide, const IndexFacts &narrow) const
    {
        return {coverage(facts_, wide, narrow).same ? 0 : 1, facts_.bytesOf(wide)};
    }

    void report(const IndexFacts &narrow, std::vector<Draft> &out)
    {
        const IndexFacts *wide = keeper(narrow);
        if (wide == nullptr) {
            in_.redundant.erase(narrow.oid);
            return;
        }
        in_.kept.insert(wide->oid);
        const Coverage found = coverage(facts_, *wide, narrow);
        const std::int64_t narrow_bytes = facts_.bytesOf(narrow), wide_bytes = facts_.bytesOf(*wide);
        const bool dear = !found.same && wide_bytes > much_wider * std::max<std::int64_t>(narrow_bytes, facts_.block_bytes);
        Draft draft = draftOf(in_, found.same ? "duplicate" : "overlapping", dear ? Severity::Info : Severity::Warning, narrow);
        Finding &finding = draft.finding;
        finding.kept_index = wide->oid;
        finding.size_won_bytes = narrow_bytes;
        const std::string keys = keyText(table_, narrow), wide_keys = keyText(table_, *wide);
        if (found.same)
            finding.message = narrow.name + " " + keys + " is the same as " + wide->name +
                              (wide->unique && !narrow.unique ? ", which keeps the values unique besides" : "");
        else if (found.backwards)
            finding.message = narrow.name + " " + keys + " is what " + wide->name + " " + wide_keys + " is when read backwards";
        else if (narrow.access_method == "btree")
            finding.message = narrow.name + " " + keys + " does nothing that " + wide->name + " " + wide_keys + " does not do";
        else
            finding.message = "The columns of " + narrow.name + " " + keys + " are in " + wide->name + " " + wide_keys + " too";
        finding.message += "; " + human::bytes(narrow_bytes) + (found.same ? " and every write to it are for nothing" : " could go");
        finding.why = found.same ? "PostgreSQL does not refuse a second index of the same definition. Both are written by every INSERT and every UPDATE that is not HOT; the planner needs one."
                                 : "A search by the first columns goes through the longer index as well, somewhat slower the larger it is. One index less is one write less for every row.";
        finding.evidence = {{"kept_index", wide->name},
                            {"kept_columns", wide_keys},
                            {"columns", keys},
                            {"kept_size_bytes", wide_bytes},
                            {"scans", facts_.scansOf(narrow)},
                            {"kept_scans", facts_.scansOf(*wide)},
                            {"kept_unique", wide->unique}};
        if (!narrow.predicate.empty())
            finding.evidence.push_back({"predicate", narrow.predicate});
        draft.mends.push_back(dropIndex(narrow));
        out.push_back(std::move(draft));
    }

    RuleInput &in_;
    const Facts &facts_;
    const TableFacts &table_;
    std::vector<const IndexFacts *> usable_;
};

} // namespace

void ruleRedundant(RuleInput &in, std::vector<Draft> &out)
{
    for (const TableFacts &table : in.facts.tables) {
        if (table.indexes.size() > 1)
            Table(in, table).judge(out);
    }
}

} // namespace howdah::index_health
