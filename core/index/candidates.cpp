// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/index/candidates.h"

#include <algorithm>

#include "core/index/candidates_collect.h"
#include "core/sql/quote.h"

namespace howdah::index {

namespace {

using Keys = std::vector<IndexKey>;

bool servedByBtree(const Collector &collector, const TableUse &use, const Term &term, int lowest, int highest)
{
    const ColumnFacts *value = collector.value(use, term.expression, term.attnum);
    if (value == nullptr)
        return false;
    const auto matches = collector.facts.methods.serving(value->type, term.op, false);
    return std::any_of(matches.begin(), matches.end(), [&](const AccessMethods::Match &match) {
        return match.operator_class->method == "btree" && match.operator_class->by_default && match.operation->strategy >= lowest && match.operation->strategy <= highest;
    });
}

void append(Keys &keys, const Keys &more)
{
    for (const IndexKey &key : more) {
        if (std::none_of(keys.begin(), keys.end(), [&](const IndexKey &one) { return one.expression == key.expression; }))
            keys.push_back(key);
    }
}

Keys operator+(Keys keys, const Keys &more)
{
    append(keys, more);
    return keys;
}

/// One table's part in a statement: the B-trees that could serve it.
class TreeChoices
{
public:
    TreeChoices(Collector &collector, const TableUse &use) : collector_(collector), use_(use) { sortTermsApart(); }

    void addAll();

private:
    void sortTermsApart();
    void addFor(const Keys &equal, const std::string &predicate, double fraction, const Term *without);
    void addJoins(const Keys &equal, const Keys &range, const Keys &sort, const std::string &predicate, double fraction);
    void addPartial();
    void add(const Keys &keys, Purpose purpose, const std::string &predicate, double fraction);
    [[nodiscard]] Keys sortKeys(const SortWish &wish, const Keys &fixed) const;

    Collector &collector_;
    const TableUse &use_;
    std::vector<const Term *> equal_, lists_, ranges_, joins_;
};

void TreeChoices::sortTermsApart()
{
    for (const Term &term : use_.terms) {
        if (isEquality(collector_, use_, term))
            (term.join ? joins_ : term.list ? lists_ : equal_).push_back(&term);
        else if (term.op == "IS NULL" && collector_.value(use_, term.expression, term.attnum) != nullptr)
            equal_.push_back(&term);
        else if (isRange(collector_, use_, term))
            ranges_.push_back(&term);
    }
    // Columns that many statements compare come first, so that indexes can be shared; then the more telling ones.
    const auto rank = [&](const Term *term) {
        const auto found = collector_.popularity.find(std::to_string(use_.table) + "\x01" + term->expression);
        return found == collector_.popularity.end() ? 0.0 : found->second;
    };
    const auto fraction = [&](const Term *term) { return fractionOf(*term, collector_.value(use_, term->expression, term->attnum)); };
    for (auto *terms : {&equal_, &lists_, &joins_}) {
        std::stable_sort(terms->begin(), terms->end(), [&](const Term *a, const Term *b) {
            return rank(a) != rank(b) ? rank(a) > rank(b) : fraction(a) != fraction(b) ? fraction(a) < fraction(b) : a->expression < b->expression;
        });
    }
}

Keys TreeChoices::sortKeys(const SortWish &wish, const Keys &fixed) const
{
    Keys keys;
    for (const SortTerm &term : wish.terms) {
        if (!term.distance.empty())
            return {};
        if (std::any_of(fixed.begin(), fixed.end(), [&](const IndexKey &key) { return key.expression == term.expression; }))
            continue; // one value alone
        const ColumnFacts *value = collector_.value(use_, term.expression, term.attnum);
        if (value == nullptr || collector_.facts.methods.byDefault("btree", value->type) == nullptr)
            break;
        keys.push_back({term.expression, term.attnum, term.descending, term.nulls_first, {}});
    }
    // It can be read backwards too: the form that other wishes are most likely to share.
    if (!keys.empty() && keys.front().descending) {
        for (IndexKey &key : keys) {
            key.descending = !key.descending;
            key.nulls_first = !key.nulls_first;
        }
    }
    // Nulls that are not there have no place.
    for (IndexKey &key : keys) {
        const ColumnFacts *column = collector_.table(use_).column(key.attnum);
        if (column != nullptr && column->not_null && keys.size() == 1)
            key.nulls_first = key.descending;
    }
    return keys;
}

void TreeChoices::add(const Keys &keys, Purpose purpose, const std::string &predicate, double fraction)
{
    if (keys.empty())
        return;
    Candidate candidate;
    candidate.table = use_.table;
    candidate.keys.assign(keys.begin(), keys.begin() + static_cast<std::ptrdiff_t>(std::min(keys.size(), collector_.limits.width)));
    candidate.purpose = predicate.empty() ? purpose : Purpose::Partial;
    candidate.predicate = predicate;
    candidate.rows_fraction = fraction;
    collector_.add(candidate);
    // Covering: nothing is read from the table where all its columns are in the index.
    if (use_.whole_row || use_.written || use_.columns.empty() || collector_.limits.include == 0)
        return;
    std::vector<std::string> included;
    double width = 0;
    for (const int attnum : use_.columns) {
        const ColumnFacts *column = collector_.table(use_).column(attnum);
        const bool there = std::any_of(candidate.keys.begin(), candidate.keys.end(), [&](const IndexKey &key) { return key.attnum == attnum; });
        if (column == nullptr || there)
            continue;
        included.push_back(sql::quoteIdentifier(column->name));
        width += column->width;
    }
    // A bound, as an index entry has to fit a third of a page; and a copy of the table is no index.
    if (included.empty() || included.size() > collector_.limits.include || width > std::max(24.0, collector_.table(use_).rowWidth() * 0.6) || width > 1500)
        return;
    candidate.include = std::move(included);
    candidate.purpose = Purpose::Covering;
    collector_.add(std::move(candidate));
}

void TreeChoices::addJoins(const Keys &equal, const Keys &range, const Keys &sort, const std::string &predicate, double fraction)
{
    std::map<int, Keys> by_partner;
    for (const Term *term : joins_) {
        const Keys key{keyOf(*term)};
        add(key, Purpose::Join, predicate, fraction);
        append(by_partner[term->joined_use], key);
        if (!sort.empty())
            add(key + sort, Purpose::Join, predicate, fraction);
        if (!equal.empty())
            add(key + equal, Purpose::Join, predicate, fraction);
        if (!equal.empty())
            add(equal + key, Purpose::Join, predicate, fraction);
        for (const IndexKey &one : range)
            add(key + Keys{one}, Purpose::Join, predicate, fraction);
        for (const Term *other : joins_) {
            if (other != term && other->joined_use != term->joined_use && joins_.size() < 5)
                add(key + Keys{keyOf(*other)}, Purpose::Join, predicate, fraction);
        }
    }
    for (const auto &[partner, keys] : by_partner) {
        if (keys.size() > 1 && partner >= 0) {
            add(keys, Purpose::Join, predicate, fraction);
            add(keys + equal + sort, Purpose::Join, predicate, fraction);
        }
    }
}

void TreeChoices::addFor(const Keys &equal, const std::string &predicate, double fraction, const Term *without)
{
    Keys all = equal;
    for (const Term *term : lists_) {
        if (term != without)
            append(all, {keyOf(*term)});
    }
    Keys ranges;
    for (const Term *term : ranges_) {
        if (term != without && std::none_of(all.begin(), all.end(), [&](const IndexKey &key) { return key.expression == term->expression; }))
            append(ranges, {keyOf(*term)});
    }
    for (std::size_t i = 0; i < all.size(); ++i) {
        add({all[i]}, Purpose::Lookup, predicate, fraction);
        for (std::size_t j = i + 1; j < all.size() && all.size() < 6; ++j)
            add({all[i], all[j]}, Purpose::Lookup, predicate, fraction);
        for (const IndexKey &range : ranges)
            add({all[i], range}, Purpose::Range, predicate, fraction);
    }
    add(all, Purpose::Lookup, predicate, fraction);
    for (const IndexKey &range : ranges) {
        add({range}, Purpose::Range, predicate, fraction);
        add(all + Keys{range}, Purpose::Range, predicate, fraction);
    }
    // A second range is a filter within the index.
    if (ranges.size() > 1)
        add(all + ranges, Purpose::Range, predicate, fraction);
    Keys first_sort;
    for (const SortWish &wish : use_.sorts) {
        const Keys sort = sortKeys(wish, equal);
        if (sort.empty())
            continue;
        if (first_sort.empty() && !wish.grouping)
            first_sort = sort;
        const Purpose purpose = wish.grouping ? Purpose::Group : Purpose::Sort;
        add(equal + sort, purpose, predicate, fraction);
        if (!equal.empty())
            add(sort, purpose, predicate, fraction);
        if (equal.size() > 1)
            add(Keys{equal.front()} + sort, purpose, predicate, fraction);
        if (!ranges.empty() && wish.limited)
            add(equal + sort + ranges, purpose, predicate, fraction);
        if (!lists_.empty())
            add(all + sort, purpose, predicate, fraction);
    }
    addJoins(all, ranges, first_sort, predicate, fraction);
}

void TreeChoices::addPartial()
{
    const auto conditionOf = [](const Term &term) -> std::string {
        if (term.op == "IS NULL" || term.op == "IS NOT NULL")
            return term.expression + " " + term.op;
        return term.value.empty() ? std::string() : term.expression + " = " + term.value;
    };
    std::vector<const Term *> conditions = equal_;
    for (const Term &term : use_.terms) {
        if (term.op == "IS NOT NULL")
            conditions.push_back(&term);
    }
    for (const Term *term : conditions) {
        const ColumnFacts *column = collector_.value(use_, term->expression, term->attnum);
        if (column == nullptr || !column->has_statistics)
            continue;
        const bool null_test = term->op != "=";
        // A value of few, that is rarer than it could be: else the predicate would serve one query alone.
        if (!null_test && (column->distinct > 200 || column->common_values.empty()))
            continue;
        const std::string condition = conditionOf(*term);
        const double fraction = fractionOf(*term, column);
        if (condition.empty() || fraction > 0.35)
            continue;
        // A value that is no rarer than others is one of many that will be asked for; a rare one is a state to be worked off.
        if (!null_test && column->type_name != "boolean" && fraction > 0.5 / std::max(1.0, column->distinct))
            continue;
        Keys equal;
        for (const Term *other : equal_) {
            if (other != term)
                append(equal, {keyOf(*other)});
        }
        const std::size_t before = collector_.candidates.size();
        addFor(equal, condition, std::max(fraction, 1e-6), term);
        if (collector_.candidates.size() == before || (equal.empty() && ranges_.empty() && joins_.empty() && use_.sorts.empty()))
            add({keyOf(*term)}, Purpose::Partial, condition, std::max(fraction, 1e-6));
    }
}

void TreeChoices::addAll()
{
    Keys equal;
    for (const Term *term : equal_)
        append(equal, {keyOf(*term)});
    addFor(equal, {}, 1, nullptr);
    for (const auto &arm : use_.alternatives) {
        Keys keys;
        for (const Term &term : arm) {
            if (isEquality(collector_, use_, term) || isRange(collector_, use_, term)) {
                add({keyOf(term)}, Purpose::Lookup, {}, 1);
                append(keys, {keyOf(term)});
            }
        }
        if (keys.size() > 1)
            add(keys, Purpose::Lookup, {}, 1);
    }
    addPartial();
}

void countPopularity(const std::vector<Shape> &shapes, const std::vector<double> &weights, Collector &collector)
{
    for (std::size_t i = 0; i < shapes.size(); ++i) {
        for (const TableUse &use : shapes[i].uses) {
            for (const Term &term : use.terms) {
                if (term.op == "=")
                    collector.popularity[std::to_string(use.table) + "\x01" + term.expression] += i < weights.size() ? weights[i] : 1;
            }
        }
    }
}

/// Deleting a referenced row looks for those that refer to it.
void addForeignKeys(Collector &collector, const TableUse &written)
{
    for (std::size_t place = 0; place < collector.facts.tables.size(); ++place) {
        const TableFacts &table = collector.facts.tables[place];
        for (const ForeignKey &key : table.foreign_keys) {
            if (key.referenced != collector.table(written).quoted() && key.referenced != sql::quoteIdentifier(collector.table(written).name))
                continue;
            Candidate candidate;
            candidate.table = place;
            candidate.purpose = Purpose::ForeignKey;
            for (const std::string &name : key.columns) {
                if (const ColumnFacts *column = table.column(name))
                    candidate.keys.push_back({sql::quoteIdentifier(name), column->attnum, false, false, {}});
            }
            collector.add(std::move(candidate));
        }
    }
}

} // namespace

IndexKey keyOf(const Term &term)
{
    return {term.expression, term.attnum, false, false, {}};
}

bool isEquality(const Collector &collector, const TableUse &use, const Term &term)
{
    return term.op == "=" && servedByBtree(collector, use, term, 3, 3);
}

bool isRange(const Collector &collector, const TableUse &use, const Term &term)
{
    if (term.op == "IS NOT NULL" || term.op == "IS NULL")
        return false;
    return servedByBtree(collector, use, term, 1, 5) && term.op != "=";
}

void Collector::add(Candidate candidate)
{
    if (candidate.keys.empty() || !wanted(candidate.method))
        return;
    const TableFacts &on = facts.tables[candidate.table];
    if (on.pages < limits.least_pages || (on.kind != 'r' && on.kind != 'p' && on.kind != 'm') || on.schema == "pg_catalog" || on.schema == "information_schema")
        return;
    for (const IndexKey &key : candidate.keys) {
        if (key.attnum > 0) {
            candidate.attnums.insert(key.attnum);
        } else {
            for (const ColumnFacts &column : on.columns) {
                if (key.expression.find(sql::quoteIdentifier(column.name)) != std::string::npos)
                    candidate.attnums.insert(column.attnum);
            }
        }
    }
    for (const ColumnFacts &column : on.columns) {
        const std::string name = sql::quoteIdentifier(column.name);
        if (std::find(candidate.include.begin(), candidate.include.end(), name) != candidate.include.end() || candidate.predicate.find(name) != std::string::npos)
            candidate.attnums.insert(column.attnum);
    }
    const auto [place, fresh] = places_.emplace(candidate.signature(), candidates.size());
    if (!fresh) {
        if (place->second < candidates.size())
            candidates[place->second].statements.insert(statement);
        return;
    }
    if (!limits.repeat_existing && servedBy(candidate, on, facts.methods) != nullptr) {
        place->second = static_cast<std::size_t>(-1);
        return;
    }
    candidate.statements.insert(statement);
    candidates.push_back(std::move(candidate));
}

std::vector<Candidate> candidatesFor(std::vector<Shape> &shapes, const std::vector<double> &weights, const Facts &facts, const Expressions &expressions,
                                     const CandidateLimits &limits)
{
    Collector collector(facts, expressions, limits);
    countPopularity(shapes, weights, collector);
    for (std::size_t i = 0; i < shapes.size(); ++i) {
        collector.statement = i;
        collector.shape = &shapes[i];
        for (const TableUse &use : shapes[i].uses) {
            if (facts.tables[use.table].pages < limits.least_pages)
                continue;
            TreeChoices(collector, use).addAll();
            addSpecial(collector, use);
        }
        if ((shapes[i].write == WriteKind::Delete || shapes[i].write == WriteKind::Merge) && shapes[i].written_use >= 0)
            addForeignKeys(collector, shapes[i].uses[static_cast<std::size_t>(shapes[i].written_use)]);
    }
    return std::move(collector.candidates);
}

} // namespace howdah::index
