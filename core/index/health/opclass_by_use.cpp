// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>

#include "core/index/health/rule.h"
#include "core/sql/quote.h"

namespace howdah::index_health {

namespace {

using Uses = std::map<std::string, double>;

const Uses *usesOf(const Facts &facts, const IndexFacts &index)
{
    if (index.parts.empty() || index.parts[0].attnum == 0)
        return nullptr;
    const auto found = facts.uses.find({index.table, index.parts[0].attnum});
    return found == facts.uses.end() ? nullptr : &found->second;
}

double callsOf(const Uses &uses, std::initializer_list<const char *> operators)
{
    double calls = 0;
    for (const char *op : operators) {
        if (const auto found = uses.find(op); found != uses.end())
            calls += found->second;
    }
    return calls;
}

bool isText(const Facts &facts, const OpclassFacts &opclass)
{
    const auto type = facts.types.find(opclass.input_type);
    return type != facts.types.end() && (type->second == "text" || type->second == "character varying" || type->second == "character");
}

/// Whether LIKE 'x%' could go through an index whose first key is that column.
bool takesPrefixes(const Facts &facts, const IndexFacts &index, std::int16_t attnum)
{
    if (!index.isUsable() || index.parts.empty() || index.parts[0].attnum != attnum)
        return false;
    const OpclassFacts *opclass = facts.opclass(index.parts[0].opclass);
    const CollationFacts *collation = facts.collation(index.parts[0].collation);
    if (opclass == nullptr)
        return false;
    return opclass->name.ends_with("_pattern_ops") || opclass->name.find("trgm") != std::string::npos || index.access_method == "spgist" ||
           (index.access_method == "btree" && collation != nullptr && collation->is_c);
}

/// A b-tree in the order of a language, on a column that statements compare with LIKE.
void judgeLike(RuleInput &in, const TableFacts &table, const IndexFacts &index, const Uses &uses, std::vector<Draft> &out)
{
    const Facts &facts = in.facts;
    const PartFacts &part = index.parts[0];
    const OpclassFacts *opclass = facts.opclass(part.opclass);
    const CollationFacts *collation = facts.collation(part.collation);
    const double like = callsOf(uses, {"~~"});
    if (like == 0 || opclass == nullptr || collation == nullptr || collation->is_c || !isText(facts, *opclass) || opclass->name.ends_with("_pattern_ops"))
        return;
    if (std::any_of(table.indexes.begin(), table.indexes.end(), [&](std::size_t i) { return takesPrefixes(facts, facts.indexes[i], part.attnum); }))
        return;
    const bool only_like = facts.counts && facts.scansOf(index) == 0 && callsOf(uses, {"=", "<", ">", "<=", ">=", "<>"}) == 0;
    Draft draft = draftOf(in, "wrong-opclass", only_like ? Severity::Warning : Severity::Info, index);
    Finding &finding = draft.finding;
    const std::string column = partName(table, part);
    finding.message = countText(static_cast<std::int64_t>(like)) + " calls compare " + column + " with LIKE, and " + index.name + " cannot answer them: it is in the order of the collation \"" + collation->name + "\"";
    finding.why = std::string("LIKE 'x%' is a search for a range of bytes; only an index in byte order (text_pattern_ops, or COLLATE \"C\") has that range in one place. "
                              "It helps where the pattern begins with its text, not with %. ") +
                  (only_like ? "Nothing else is asked of the column, as far as pg_stat_statements knows, so the one can take the place of the other." : "The index is used otherwise too, so a second one is proposed.");
    finding.evidence = {{"opclass", opclass->name}, {"collation", collation->name}, {"like_calls", like}, {"scans", facts.scansOf(index)}, {"statements_read", facts.statements_read}};
    const auto type = facts.types.find(opclass->input_type);
    const std::string pattern = type->second == "character" ? "bpchar_pattern_ops" : "text_pattern_ops";
    const std::string where = index.predicate.empty() ? "" : " WHERE " + index.predicate;
    if (table.kind != 'p' && index.parent == 0)
        draft.mends.push_back(createIndex(table, freshIndexName(facts, table, {table.columns.at(part.attnum).name, "pattern"}), "(" + column + " " + pattern + ")" + where));
    if (only_like && index.keys == 1 && index.kind == 'i' && !index.isProtected())
        draft.mends.push_back(dropIndex(index, true));
    out.push_back(std::move(draft));
}

/// jsonb_ops keeps every key and value apart; where only containment is asked, paths are smaller and find fewer rows in vain.
void judgeJson(RuleInput &in, const TableFacts &table, const IndexFacts &index, const Uses &uses, std::vector<Draft> &out)
{
    const Facts &facts = in.facts;
    const OpclassFacts *opclass = facts.opclass(index.parts[0].opclass);
    const double contained = callsOf(uses, {"@>", "@?", "@@"});
    if (opclass == nullptr || opclass->name != "jsonb_ops" || index.access_method != "gin" || index.keys != 1 || index.kind != 'i' || contained == 0 ||
        callsOf(uses, {"?", "?|", "?&"}) > 0 || index.isProtected())
        return;
    const bool there = std::any_of(table.indexes.begin(), table.indexes.end(), [&](std::size_t i) {
        const IndexFacts &other = facts.indexes[i];
        const OpclassFacts *its = other.parts.empty() ? nullptr : facts.opclass(other.parts[0].opclass);
        return other.isUsable() && its != nullptr && its->name == "jsonb_path_ops" && other.parts[0].attnum == index.parts[0].attnum && other.predicate == index.predicate;
    });
    Draft draft = draftOf(in, "wrong-opclass", Severity::Info, index);
    Finding &finding = draft.finding;
    const std::string column = partName(table, index.parts[0]);
    finding.message = "Statements ask " + column + " only for what it contains (@>), for which jsonb_path_ops is smaller and faster than the jsonb_ops of " + index.name;
    finding.why = "jsonb_ops indexes every key and value by itself, for ?, ?| and ?&, which no statement of pg_stat_statements uses on this column. jsonb_path_ops indexes paths with their values.";
    finding.evidence = {{"opclass", opclass->name}, {"containment_calls", contained}, {"scans", facts.scansOf(index)}, {"statements_read", facts.statements_read}};
    if (!there)
        draft.mends.push_back(createIndex(table, freshIndexName(facts, table, {table.columns.at(index.parts[0].attnum).name, "path"}),
                                          "USING gin (" + column + " jsonb_path_ops)" + (index.predicate.empty() ? "" : " WHERE " + index.predicate)));
    else
        finding.size_won_bytes = finding.size_bytes;
    draft.mends.push_back(dropIndex(index));
    out.push_back(std::move(draft));
}

} // namespace

void ruleOpclassByUse(RuleInput &in, std::vector<Draft> &out)
{
    if (in.facts.uses.empty())
        return;
    for (const IndexFacts &index : in.facts.indexes) {
        const Uses *uses = index.isUsable() ? usesOf(in.facts, index) : nullptr;
        if (uses == nullptr)
            continue;
        const TableFacts &table = *in.facts.table(index.table);
        if (index.access_method == "btree")
            judgeLike(in, table, index, *uses, out);
        else
            judgeJson(in, table, index, *uses, out);
    }
}

} // namespace howdah::index_health
