// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>

#include "core/index/candidates_collect.h"
#include "core/sql/quote.h"

namespace howdah::index {

namespace {

int rankOf(const std::string &method)
{
    static constexpr std::array order{"hnsw", "gin", "gist", "spgist", "ivfflat"};
    const auto found = std::find(order.begin(), order.end(), method);
    return static_cast<int>(found - order.begin());
}

std::string classText(const ClassFacts &one)
{
    return one.by_default ? std::string() : one.name;
}

bool isPattern(const Term &term)
{
    return term.op == "~~" || term.op == "~~*" || term.op == "~" || term.op == "~*";
}

/// Of LIKE: what stands before the first wildcard.
std::string likePrefix(const std::string &pattern)
{
    std::string prefix;
    for (std::size_t i = 0; i < pattern.size(); ++i) {
        if (pattern[i] == '%' || pattern[i] == '_')
            return prefix;
        if (pattern[i] == '\\' && i + 1 < pattern.size())
            ++i;
        prefix += pattern[i];
    }
    return prefix;
}

/// Trigrams need three characters in a row that are no wildcard.
bool hasTrigram(const std::string &pattern)
{
    int run = 0;
    for (const char c : pattern) {
        run = std::isalnum(static_cast<unsigned char>(c)) != 0 || static_cast<unsigned char>(c) >= 0x80 ? run + 1 : 0;
        if (run >= 3)
            return true;
    }
    return false;
}

void say(Collector &collector, const char *kind, std::string message)
{
    auto &rewrites = collector.shape->rewrites;
    if (std::none_of(rewrites.begin(), rewrites.end(), [&](const Rewrite &one) { return one.kind == kind && one.message == message; }))
        rewrites.push_back({kind, std::move(message)});
}

/// LIKE 'abc%' as a range of a B-tree: with the bytewise class where the collation sorts otherwise.
void addPrefix(Collector &collector, const TableUse &use, const Term &term, const ColumnFacts &value)
{
    const bool known = term.op == "~~" && term.is_string;
    const std::string prefix = known ? likePrefix(term.text) : "";
    const bool regex = term.op == "~" && term.is_string && term.text.size() > 2 && term.text[0] == '^' && std::isalnum(static_cast<unsigned char>(term.text[1])) != 0;
    if (prefix.empty() && !regex)
        return;
    Candidate candidate;
    candidate.table = use.table;
    candidate.purpose = Purpose::Pattern;
    IndexKey key = keyOf(term);
    if (!value.c_collation) {
        // The class of the family that has the bytewise operators for this type.
        for (const AccessMethods::Match &match : collector.facts.methods.serving(value.type, "~<~", false)) {
            if (match.operator_class->method == "btree" && key.operator_class.empty())
                key.operator_class = match.operator_class->name;
        }
        if (key.operator_class.empty())
            return;
    }
    candidate.keys = {key};
    collector.add(candidate);
    // Behind equalities.
    std::vector<IndexKey> keys;
    for (const Term &other : use.terms) {
        if (!other.join && !other.list && isEquality(collector, use, other) && keys.size() + 1 < collector.limits.width)
            keys.push_back(keyOf(other));
    }
    if (!keys.empty()) {
        keys.push_back(key);
        candidate.keys = std::move(keys);
        collector.add(std::move(candidate));
    }
}

/// Methods other than B-tree, hash and BRIN, whose operator classes know `value op x`.
void addSearch(Collector &collector, const TableUse &use, const Term &term, const ColumnFacts &value)
{
    auto matches = collector.facts.methods.serving(value.type, term.op, false);
    std::erase_if(matches, [](const AccessMethods::Match &match) {
        const std::string &method = match.operator_class->method;
        return method == "btree" || method == "hash" || method == "brin" || method == "bloom";
    });
    // Where equality does, a B-tree does better.
    if (matches.empty() || term.op == "=" || term.op == "<" || term.op == "<=" || term.op == ">" || term.op == ">=" || term.list)
        return;
    if (isPattern(term) && term.is_string && !hasTrigram(term.text)) {
        say(collector, "short-pattern", "The pattern '" + term.text + "' has no three characters in a row, which is what a trigram index looks for.");
        return;
    }
    const auto knows = [&](const ClassFacts &one) { return collector.facts.methods.operators.at(one.family).size(); };
    // By method; of one method the class that knows least beside it is made for it: smaller and quicker.
    std::stable_sort(matches.begin(), matches.end(), [&](const AccessMethods::Match &a, const AccessMethods::Match &b) {
        const int first = rankOf(a.operator_class->method), second = rankOf(b.operator_class->method);
        return first != second ? first < second : knows(*a.operator_class) < knows(*b.operator_class);
    });
    int rank = 0;
    for (const AccessMethods::Match &match : matches) {
        const ClassFacts &one = *match.operator_class;
        if (rank >= 4 || one.method == "hnsw" || one.method == "ivfflat")
            break;
        Candidate candidate;
        candidate.table = use.table;
        candidate.method = one.method;
        candidate.purpose = Purpose::Search;
        candidate.keys = {keyOf(term)};
        candidate.keys.front().operator_class = classText(one);
        candidate.rank = rank++;
        candidate.elements = value.elements > 0 ? value.elements : isPattern(term) ? std::max(2.0, value.width) : std::max(3.0, value.width / 12);
        collector.add(std::move(candidate));
    }
}

/// ORDER BY value <-> x LIMIT n.
void addNearest(Collector &collector, const TableUse &use, const SortTerm &term)
{
    const ColumnFacts *value = collector.value(use, term.expression, term.attnum);
    if (value == nullptr)
        return;
    auto matches = collector.facts.methods.serving(value->type, term.distance, true);
    std::stable_sort(matches.begin(), matches.end(), [](const AccessMethods::Match &a, const AccessMethods::Match &b) {
        return rankOf(a.operator_class->method) < rankOf(b.operator_class->method);
    });
    int rank = 0;
    for (const AccessMethods::Match &match : matches) {
        const ClassFacts &one = *match.operator_class;
        Candidate candidate;
        candidate.table = use.table;
        candidate.method = one.method;
        candidate.purpose = Purpose::Nearest;
        candidate.keys = {{term.expression, term.attnum, false, false, classText(one)}};
        candidate.rank = rank++;
        if (one.method == "ivfflat")
            candidate.options = "lists = " + std::to_string(std::max(10L, std::lround(std::sqrt(collector.table(use).rows))));
        collector.add(std::move(candidate));
    }
}

/// A few minima and maxima for many pages; whether they tell anything the probe decides.
void addSummary(Collector &collector, const TableUse &use, const Term &term, const ColumnFacts &value)
{
    const TableFacts &table = collector.table(use);
    if (table.pages < collector.limits.least_summary_pages || term.join || term.attnum == 0)
        return;
    const auto matches = collector.facts.methods.serving(value.type, term.op, false);
    const auto match = std::find_if(matches.begin(), matches.end(), [](const AccessMethods::Match &one) { return one.operator_class->method == "brin" && one.operator_class->by_default; });
    if (match == matches.end())
        return;
    Candidate candidate;
    candidate.table = use.table;
    candidate.method = "brin";
    candidate.purpose = Purpose::Summary;
    candidate.keys = {keyOf(term)};
    // Some hundreds of ranges tell places apart well enough; more only cost.
    int pages = 128;
    while (pages > 8 && table.pages / pages < 400)
        pages /= 2;
    if (pages != 128)
        candidate.options = "pages_per_range = " + std::to_string(pages);
    collector.add(std::move(candidate));
}

void addHash(Collector &collector, const TableUse &use, const Term &term, const ColumnFacts &value)
{
    if (value.width < 40 || term.join || collector.facts.methods.byDefault("hash", value.type) == nullptr)
        return;
    Candidate candidate;
    candidate.table = use.table;
    candidate.method = "hash";
    candidate.purpose = Purpose::Lookup;
    candidate.keys = {keyOf(term)};
    collector.add(std::move(candidate));
}

void addTerm(Collector &collector, const TableUse &use, const Term &term)
{
    const ColumnFacts *value = collector.value(use, term.expression, term.attnum);
    if (value == nullptr)
        return;
    if (isPattern(term)) {
        addPrefix(collector, use, term, *value);
        if (collector.facts.extensions.count("pg_trgm") == 0 && (!term.is_string || likePrefix(term.text).empty() || term.op != "~~"))
            say(collector, "trigram", std::string("A pattern that may begin anywhere is served by trigrams: CREATE EXTENSION pg_trgm, then a GIN index with gin_trgm_ops on ")
                                          + term.expression + (collector.facts.available_extensions.count("pg_trgm") > 0 ? "." : ". The extension is not on this server."));
    }
    const bool prefix_alone = term.op == "~~" && term.is_string && likePrefix(term.text).size() + 1 == term.text.size() && term.text.ends_with("%");
    if (!prefix_alone)
        addSearch(collector, use, term, *value);
    if (isRange(collector, use, term) || (term.op == "=" && !term.list && value->correlation * value->correlation > 0.2))
        addSummary(collector, use, term, *value);
    if (term.op == "=" && isEquality(collector, use, term))
        addHash(collector, use, term, *value);
}

} // namespace

void addSpecial(Collector &collector, const TableUse &use)
{
    for (const Term &term : use.terms)
        addTerm(collector, use, term);
    for (const auto &arm : use.alternatives) {
        for (const Term &term : arm)
            addTerm(collector, use, term);
    }
    for (const SortWish &wish : use.sorts) {
        if (!wish.terms.empty() && !wish.terms.front().distance.empty() && wish.limited)
            addNearest(collector, use, wish.terms.front());
    }
    // Said once for each function that the scan has to call for each row.
    for (const std::string &function : collector.shape->functions) {
        if (function == "similarity" && !use.written)
            say(collector, "similarity", "similarity(a, b) > x is worked out for each row. a % b, with pg_trgm.similarity_threshold set to x, means the same and uses a trigram index.");
    }
}

} // namespace howdah::index
