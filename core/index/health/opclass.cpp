// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>

#include "core/base/human.h"
#include "core/index/health/rule.h"
#include "core/sql/quote.h"

namespace howdah::index_health {

namespace {

bool isPatternClass(const std::string &name)
{
    return name == "text_pattern_ops" || name == "varchar_pattern_ops" || name == "bpchar_pattern_ops";
}

/// What people search in values of a type, and the index for it; nothing for types that a b-tree suits.
struct Better {
    std::string what, body;
};

std::optional<Better> betterFor(const std::string &type, const std::string &column)
{
    if (type == "jsonb")
        return Better{"compares whole documents; @>, ?, and the JSON path operators cannot use it", "USING gin (" + column + " jsonb_path_ops)"};
    if (type == "tsvector")
        return Better{"compares whole tsvectors; @@ cannot use it", "USING gin (" + column + ")"};
    if (type == "anyarray")
        return Better{"compares whole arrays; @>, && and = ANY cannot use it", "USING gin (" + column + ")"};
    if (type == "anyrange" || type == "anymultirange")
        return Better{"sorts ranges by their lower bounds; && and @> cannot use it", "USING gist (" + column + ")"};
    return {};
}

/// Whether another index already searches inside the values of that column.
bool hasInverted(const Facts &facts, const TableFacts &table, const PartFacts &part)
{
    return std::any_of(table.indexes.begin(), table.indexes.end(), [&](std::size_t i) {
        const IndexFacts &other = facts.indexes[i];
        return (other.access_method == "gin" || other.access_method == "gist" || other.access_method == "spgist") && other.isUsable() &&
               std::any_of(other.parts.begin(), other.parts.end(), [&](const PartFacts &its) { return its.attnum == part.attnum && its.expression == part.expression; });
    });
}

/// A b-tree over values that people search inside of. Only while nobody has used it: comparing whole values is seldom meant.
void judgeType(RuleInput &in, const TableFacts &table, const IndexFacts &index, const OpclassFacts &opclass, std::vector<Draft> &out)
{
    const Facts &facts = in.facts;
    const PartFacts &part = index.parts[0];
    const auto type = facts.types.find(opclass.input_type);
    const std::string column = partName(table, part);
    const auto better = type == facts.types.end() ? std::nullopt : betterFor(type->second, part.attnum == 0 ? "(" + column + ")" : column);
    if (!better || index.keys != 1 || index.unique || !facts.counts || facts.scansOf(index) > 0)
        return;
    Draft draft = draftOf(in, "wrong-opclass", Severity::Warning, index);
    Finding &finding = draft.finding;
    const bool there = hasInverted(facts, table, part);
    const std::string method = better->body.substr(6, better->body.find(' ', 6) - 6);
    finding.message = "The b-tree " + index.name + " on " + column + " (" + (type->second == "anyarray" ? "an array" : type->second) + ") " + better->what;
    finding.why = (there ? std::string("Another index of the table searches inside the values already. ")
                         : "An index of the access method " + method + " searches inside the values. ") +
                  "Nobody has scanned this one" + (facts.statistics_since.empty() ? "." : " since " + facts.statistics_since.substr(0, 10) + ".");
    finding.evidence = {{"opclass", opclass.name}, {"access_method", index.access_method}, {"scans", facts.scansOf(index)}, {"statistics_since", facts.statistics_since}};
    finding.size_won_bytes = there ? finding.size_bytes : 0;
    if (!there && index.kind == 'i' && index.parent == 0) {
        const std::string where = index.predicate.empty() ? "" : " WHERE " + index.predicate;
        draft.mends.push_back(createIndex(table, freshIndexName(facts, table, {part.attnum == 0 ? "expr" : table.columns.at(part.attnum).name, method}), better->body + where));
    }
    if (index.parent == 0)
        draft.mends.push_back(dropIndex(index, true));
    out.push_back(std::move(draft));
}

/// Where the collation is C, bytes decide anyway: the plain class serves LIKE 'x%' and =, <, ORDER BY besides.
void judgePattern(RuleInput &in, const TableFacts &table, const IndexFacts &index, std::vector<Draft> &out)
{
    const Facts &facts = in.facts;
    for (std::size_t i = 0; i < index.keys; ++i) {
        const PartFacts &part = index.parts[i];
        const OpclassFacts *opclass = facts.opclass(part.opclass);
        const auto column = table.columns.find(part.attnum);
        const CollationFacts *collation = facts.collation(part.attnum != 0 && column != table.columns.end() ? column->second.collation : part.collation);
        if (opclass == nullptr || !isPatternClass(opclass->name) || collation == nullptr || !collation->is_c)
            continue;
        Draft draft = draftOf(in, "wrong-opclass", Severity::Info, index);
        Finding &finding = draft.finding;
        const std::string name = partName(table, part);
        finding.message = index.name + " uses " + opclass->name + " for " + name + ", whose collation is C: it helps no LIKE and keeps <, > and ORDER BY from the index";
        finding.why = "The pattern classes compare byte by byte, for LIKE 'x%' under other collations. Under C the default class does that too, and all other comparisons.";
        finding.evidence = {{"opclass", opclass->name}, {"collation", collation->name}, {"scans", facts.scansOf(index)}};
        if (index.keys == 1 && index.parts.size() == 1 && !index.isProtected() && index.kind == 'i') {
            const std::string key = part.attnum == 0 ? "(" + name + ")" : name;
            const std::string where = index.predicate.empty() ? "" : " WHERE " + index.predicate;
            const auto plain = [&](std::size_t other) {
                const IndexFacts &its = facts.indexes[other];
                return its.isUsable() && its.access_method == "btree" && its.predicate == index.predicate && !its.parts.empty() && its.oid != index.oid &&
                       its.parts[0].attnum == part.attnum && its.parts[0].expression == part.expression && facts.opclass(its.parts[0].opclass) != nullptr &&
                       !isPatternClass(facts.opclass(its.parts[0].opclass)->name);
            };
            if (std::none_of(table.indexes.begin(), table.indexes.end(), plain))
                draft.mends.push_back(createIndex(table, freshIndexName(facts, table, {part.attnum == 0 ? "expr" : column->second.name}), "(" + key + ")" + where));
            else
                finding.size_won_bytes = finding.size_bytes;
            draft.mends.push_back(dropIndex(index));
        }
        out.push_back(std::move(draft));
        return;
    }
}

} // namespace

void ruleOpclass(RuleInput &in, std::vector<Draft> &out)
{
    for (const IndexFacts &index : in.facts.indexes) {
        if (index.access_method != "btree" || !index.isUsable() || index.parent != 0 || index.parts.empty() || index.keys == 0)
            continue;
        const TableFacts &table = *in.facts.table(index.table);
        if (const OpclassFacts *opclass = in.facts.opclass(index.parts[0].opclass))
            judgeType(in, table, index, *opclass, out);
        judgePattern(in, table, index, out);
    }
}

} // namespace howdah::index_health
