// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <cctype>
#include <unordered_map>

#include "core/base/human.h"
#include "core/index/health/rule.h"

namespace howdah::index_health {

namespace {

/// "orders_pkey_ccnew3": what REINDEX CONCURRENTLY leaves when it is interrupted.
bool isLeftover(const std::string &name)
{
    std::size_t end = name.size();
    while (end > 0 && std::isdigit(static_cast<unsigned char>(name[end - 1])) != 0)
        --end;
    const std::string_view stem(name.data(), end);
    return stem.ends_with("_ccnew") || stem.ends_with("_ccold");
}

const IndexFacts *validTwin(const Facts &facts, const TableFacts &table, const IndexFacts &index)
{
    for (const std::size_t i : table.indexes) {
        const IndexFacts &other = facts.indexes[i];
        if (other.isUsable() && coverage(facts, other, index).same)
            return &other;
    }
    return nullptr;
}

using Children = std::unordered_map<Oid, std::vector<Oid>>;

void reportPartitioned(RuleInput &in, const TableFacts &table, const IndexFacts &index, const Children &children, std::vector<Draft> &out)
{
    Draft draft = draftOf(in, "invalid", Severity::Warning, index);
    std::vector<Oid> missing;
    std::string names;
    std::int64_t parts = 0;
    const auto found = children.find(table.oid);
    for (const Oid child : found == children.end() ? std::vector<Oid>() : found->second) {
        ++parts;
        const auto is_part = [&](std::size_t i) { return in.facts.indexes[i].table == child; };
        if (std::any_of(index.attached.begin(), index.attached.end(), is_part))
            continue;
        missing.push_back(child);
        if (missing.size() <= 5)
            names += (names.empty() ? "" : ", ") + in.facts.table(child)->name;
        else if (missing.size() == 6)
            names += ", …";
    }
    Finding &finding = draft.finding;
    const auto count = static_cast<std::int64_t>(missing.size());
    finding.message = missing.empty() ? index.name + " is invalid because one of its parts is"
                                      : index.name + " is not attached on " + countText(count) + " of " + countText(parts) + " partitions: " + names;
    finding.why = "The index of a partitioned table is valid when every partition has its part attached. Until then searches in those partitions go "
                  "without it, and a unique one enforces nothing there. Building the parts concurrently and attaching them blocks no writes.";
    finding.evidence = {{"partitions", parts}, {"not_attached", count}, {"which", names}, {"indisvalid", index.valid}};
    if (!missing.empty()) {
        Mend mend;
        mend.kind = Mend::Kind::AttachParts;
        mend.index = index.oid;
        mend.tables = std::move(missing);
        draft.mends.push_back(std::move(mend));
    }
    out.push_back(std::move(draft));
}

void reportPlain(RuleInput &in, const TableFacts &table, const IndexFacts &index, std::vector<Draft> &out)
{
    Draft draft = draftOf(in, "invalid", Severity::Warning, index);
    Finding &finding = draft.finding;
    const IndexFacts *twin = validTwin(in.facts, table, index);
    const bool leftover = isLeftover(index.name) || !index.live;
    const bool drop = index.parent == 0 && index.constraint.empty() && (leftover || twin != nullptr);
    finding.message = index.name + " is invalid: no query uses it" + (index.ready ? ", every write keeps it up" : "") + ", " +
                      human::bytes(finding.size_bytes) + " for nothing";
    if (!index.live)
        finding.why = "A DROP INDEX CONCURRENTLY was interrupted; dropping it again ends it.";
    else if (isLeftover(index.name))
        finding.why = "A REINDEX CONCURRENTLY was interrupted and left it behind; the index that it was to replace is as it was.";
    else if (twin != nullptr)
        finding.why = "A CREATE INDEX CONCURRENTLY failed or was cancelled; " + twin->name + " has the same definition and is valid.";
    else
        finding.why = std::string("A CREATE INDEX CONCURRENTLY failed or was cancelled. Rebuilding makes it valid") +
                      (index.unique ? ", unless values are there twice: then the statement says which" : "") + "; if it is not wanted, drop it instead.";
    finding.evidence = {{"indisvalid", index.valid}, {"indisready", index.ready}, {"indislive", index.live}};
    if (twin != nullptr)
        finding.evidence.push_back({"valid_twin", twin->name});
    if (drop) {
        finding.size_won_bytes = finding.size_bytes;
        draft.mends.push_back(dropIndex(index));
    } else {
        draft.mends.push_back(reindex(index));
    }
    out.push_back(std::move(draft));
}

} // namespace

void ruleInvalid(RuleInput &in, std::vector<Draft> &out)
{
    Children children;
    for (const TableFacts &table : in.facts.tables) {
        if (table.parent != 0)
            children[table.parent].push_back(table.oid);
    }
    for (const IndexFacts &index : in.facts.indexes) {
        if (index.isUsable() || index.being_built)
            continue;
        const TableFacts &table = *in.facts.table(index.table);
        if (index.kind == 'I')
            reportPartitioned(in, table, index, children, out);
        else
            reportPlain(in, table, index, out);
    }
}

} // namespace howdah::index_health
