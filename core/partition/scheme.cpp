// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/partition/scheme.h"

#include <algorithm>
#include <functional>
#include <map>
#include <numeric>

#include <fmt/format.h>

#include "core/ddl/reading.h"
#include "core/sql/quote.h"

namespace howdah::partition {

namespace {

int compareValues(const BoundValue &left, const BoundValue &right)
{
    const auto place = [](const BoundValue &value) { return value.kind == BoundValue::Kind::Min ? 0 : value.kind == BoundValue::Kind::Value ? 1 : 2; };
    if (place(left) != place(right))
        return place(left) < place(right) ? -1 : 1;
    if (left.kind != BoundValue::Kind::Value || left.rank == right.rank)
        return 0;
    return left.rank < right.rank ? -1 : 1;
}

/// An array's text form with every element quoted.
std::string arrayText(const std::vector<std::string> &values)
{
    std::string text = "{";
    for (const std::string &value : values) {
        text += text.size() > 1 ? ",\"" : "\"";
        for (const char c : value) {
            if (c == '"' || c == '\\')
                text += '\\';
            text += c;
        }
        text += '"';
    }
    return text + "}";
}

void eachValue(Bound &bound, const std::function<void(std::size_t column, BoundValue &)> &visit)
{
    for (std::size_t i = 0; i < bound.lower.size(); ++i)
        visit(i, bound.lower[i]);
    for (std::size_t i = 0; i < bound.upper.size(); ++i)
        visit(i, bound.upper[i]);
    for (BoundValue &value : bound.values)
        visit(0, value);
}

/// Whether position alone does not tell the order of two values to the last digit.
bool needsServer(ValueKind kind)
{
    return kind == ValueKind::Other || kind == ValueKind::Numeric;
}

} // namespace

const char *strategyName(Strategy strategy)
{
    return strategy == Strategy::Range ? "range" : strategy == Strategy::List ? "list" : "hash";
}

std::vector<ValueKind> Key::kinds() const
{
    std::vector<ValueKind> all;
    for (const KeyColumn &column : columns)
        all.push_back(column.kind);
    return all;
}

std::string Table::sqlName() const
{
    return sql::quoteQualified(schema, name);
}

const Table *Scheme::find(std::string_view wanted) const
{
    for (const Table &table : tables) {
        if (table.name == wanted || table.schema + "." + table.name == wanted || table.sqlName() == wanted)
            return &table;
    }
    return nullptr;
}

std::size_t Scheme::leafCount() const
{
    return static_cast<std::size_t>(std::count_if(tables.begin(), tables.end(), [](const Table &table) { return table.relkind != 'p'; }));
}

const Table *Scheme::defaultOf(const Table &parent) const
{
    for (const std::size_t child : parent.children) {
        if (tables[child].bound.kind == Bound::Kind::Default && !tables[child].detach_pending)
            return &tables[child];
    }
    return nullptr;
}

int compareEnds(const std::vector<BoundValue> &left, const std::vector<BoundValue> &right)
{
    for (std::size_t i = 0; i < std::min(left.size(), right.size()); ++i) {
        if (const int order = compareValues(left[i], right[i]); order != 0)
            return order;
        if (left[i].kind != BoundValue::Kind::Value)
            return 0; // MINVALUE and MAXVALUE settle it
    }
    return 0;
}

bool boundLess(const Bound &left, const Bound &right)
{
    if (left.kind != right.kind)
        return right.kind == Bound::Kind::Default;
    switch (left.kind) {
    case Bound::Kind::Range: return compareEnds(left.lower, right.lower) < 0;
    case Bound::Kind::List:
        if (left.values.empty() || right.values.empty())
            return left.values.size() < right.values.size();
        return compareValues(left.values.front(), right.values.front()) < 0;
    case Bound::Kind::Hash: return std::pair(left.remainder, left.modulus) < std::pair(right.remainder, right.modulus);
    case Bound::Kind::Default: break;
    }
    return false;
}

bool overlaps(const Bound &left, const Bound &right)
{
    if (left.kind == Bound::Kind::Default || right.kind == Bound::Kind::Default)
        return left.kind == right.kind;
    if (left.kind != right.kind)
        return false;
    if (left.kind == Bound::Kind::Range)
        return compareEnds(left.lower, right.upper) < 0 && compareEnds(right.lower, left.upper) < 0;
    if (left.kind == Bound::Kind::Hash) {
        const int common = std::gcd(left.modulus, right.modulus);
        return common > 0 && left.remainder % common == right.remainder % common;
    }
    return std::any_of(left.values.begin(), left.values.end(), [&](const BoundValue &value) {
        return std::any_of(right.values.begin(), right.values.end(), [&](const BoundValue &other) {
            return value.kind == other.kind && (value.kind != BoundValue::Kind::Value || value.rank == other.rank);
        });
    });
}

std::vector<Gap> gapsOf(const Scheme &scheme, const Table &parent)
{
    std::vector<Gap> gaps;
    const Bound *before = nullptr;
    for (const std::size_t child : parent.children) {
        const Table &table = scheme.tables[child];
        if (table.bound.kind != Bound::Kind::Range || table.detach_pending)
            continue;
        if (before != nullptr && compareEnds(before->upper, table.bound.lower) < 0)
            gaps.push_back({before->upper, table.bound.lower});
        before = &table.bound;
    }
    return gaps;
}

std::vector<std::pair<int, int>> missingRemainders(const Scheme &scheme, const Table &parent)
{
    int modulus = 0;
    for (const std::size_t child : parent.children)
        modulus = std::max(modulus, scheme.tables[child].bound.modulus);
    if (modulus == 0)
        return {};
    // Every modulus divides the next larger one, so the largest is their common multiple.
    std::vector<bool> taken(static_cast<std::size_t>(modulus), false);
    for (const std::size_t child : parent.children) {
        const Table &table = scheme.tables[child];
        if (table.bound.kind != Bound::Kind::Hash || table.detach_pending)
            continue;
        for (int at = table.bound.remainder; at < modulus; at += table.bound.modulus)
            taken[static_cast<std::size_t>(at)] = true;
    }
    std::vector<std::pair<int, int>> missing;
    for (int at = 0; at < modulus; ++at) {
        if (!taken[static_cast<std::size_t>(at)])
            missing.emplace_back(modulus, at);
    }
    return missing;
}

std::optional<Interval> usualInterval(const Scheme &scheme, const Table &parent)
{
    if (!parent.key || parent.key->strategy != Strategy::Range || parent.key->columns.empty())
        return {};
    std::vector<std::pair<Interval, int>> found;
    for (const std::size_t child : parent.children) {
        const Bound &bound = scheme.tables[child].bound;
        if (bound.kind != Bound::Kind::Range)
            continue;
        const auto interval = intervalBetween(bound.lower.front(), bound.upper.front(), parent.key->columns.front().kind);
        if (!interval)
            continue;
        const auto known = std::find_if(found.begin(), found.end(), [&](const auto &entry) { return entry.first == *interval; });
        if (known == found.end())
            found.emplace_back(*interval, 1);
        else
            ++known->second;
    }
    if (found.empty())
        return {};
    return std::max_element(found.begin(), found.end(), [](const auto &a, const auto &b) { return a.second < b.second; })->first;
}

Result<void> rankValues(pg::Connection &connection, const Key &key, const std::vector<Bound *> &bounds)
{
    for (std::size_t column = 0; column < key.columns.size() && key.strategy != Strategy::Hash; ++column) {
        const KeyColumn &of = key.columns[column];
        if (!needsServer(of.kind))
            continue; // boundValue() has set them
        std::map<std::string, std::int64_t> ranks;
        for (Bound *bound : bounds) {
            eachValue(*bound, [&](std::size_t at, BoundValue &value) {
                if (at == column && value.kind == BoundValue::Kind::Value)
                    ranks[value.text] = 0;
            });
        }
        std::vector<std::string> values;
        for (const auto &[text, rank] : ranks)
            values.push_back(text);
        if (values.empty())
            continue;
        const auto sorted = ddl::records(connection, fmt::format("SELECT v, dense_rank() OVER (ORDER BY v::{}{}) FROM unnest($1::text[]) v", of.type,
                                                                 of.collation.empty() ? "" : " COLLATE " + of.collation),
                                         {arrayText(values)});
        if (!sorted)
            return tl::unexpected(sorted.error());
        for (const ddl::Record &row : *sorted)
            ranks[row[0]] = row.number<std::int64_t>(1);
        for (Bound *bound : bounds) {
            eachValue(*bound, [&](std::size_t at, BoundValue &value) {
                if (at == column && value.kind == BoundValue::Kind::Value)
                    value.rank = ranks[value.text];
            });
        }
    }
    return {};
}

Result<void> canonicalise(pg::Connection &connection, const Key &key, Bound &bound)
{
    std::optional<Error> error;
    eachValue(bound, [&](std::size_t column, BoundValue &value) {
        if (error || value.kind != BoundValue::Kind::Value || column >= key.columns.size())
            return;
        const auto asked = ddl::records(connection, fmt::format("SELECT (${}::{})::text", 1, key.columns[column].type), {value.text});
        if (!asked) {
            error = asked.error();
            return;
        }
        value = boundValue(asked->front()[0], key.columns[column].kind);
    });
    if (error)
        return tl::unexpected(*error);
    return {};
}

} // namespace howdah::partition
