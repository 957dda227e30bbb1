// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/result/diff_rows.h"

#include <algorithm>
#include <bit>
#include <limits>
#include <numeric>

#include "core/result/value_counts.h"

namespace howdah::result {

namespace {

constexpr std::int64_t stop_mask = 0x3fff;
constexpr std::uint32_t none = std::numeric_limits<std::uint32_t>::max();
constexpr std::size_t keys_tried = 12;    ///< single columns
constexpr std::size_t key_columns = 4;    ///< together

using Columns = std::vector<std::size_t>;

std::uint64_t hashRow(const RowView &rows, std::int64_t row, const Columns &columns)
{
    std::uint64_t hash = 1;
    for (const std::size_t column : columns) {
        const pg::Cell cell = rows.cell(row, column);
        hash = hashOf(cell.text, hash + (cell.is_null ? 7 : 0));
    }
    return hash;
}

Columns sideOf(const std::vector<ColumnPair> &pairs, const std::vector<std::size_t> &chosen, std::size_t ColumnPair::*side)
{
    Columns columns;
    for (const std::size_t i : chosen)
        columns.push_back(pairs[i].*side);
    return columns;
}

bool sameValues(const RowView &a, std::int64_t row_a, const Columns &columns_a, const RowView &b, std::int64_t row_b, const Columns &columns_b)
{
    for (std::size_t i = 0; i < columns_a.size(); ++i) {
        if (!sameCell(a.cell(row_a, columns_a[i]), b.cell(row_b, columns_b[i])))
            return false;
    }
    return true;
}

/// Rows by the hash of some columns: lists of rows per place, each with a part of the hash beside, in their order.
class RowIndex
{
public:
    RowIndex(const RowView &rows, Columns columns) : rows_(rows), columns_(std::move(columns)) { }
    /// False: stopped.
    bool build(const std::stop_token &stop)
    {
        const std::int64_t count = rows_.rowCount();
        heads_.assign(std::bit_ceil(static_cast<std::size_t>(count) + 1), none);
        next_.resize(static_cast<std::size_t>(count));
        marks_.resize(static_cast<std::size_t>(count));
        for (std::int64_t row = count; row-- > 0;) { // backwards, so that the first row stands first
            if ((row & stop_mask) == 0 && stop.stop_requested())
                return false;
            const std::uint64_t hash = hashRow(rows_, row, columns_);
            std::uint32_t &head = heads_[place(hash)];
            next_[static_cast<std::size_t>(row)] = head;
            marks_[static_cast<std::size_t>(row)] = static_cast<std::uint32_t>(hash >> 32);
            head = static_cast<std::uint32_t>(row);
        }
        return true;
    }
    /// The first row with these values, taken out; none where there is none.
    std::uint32_t take(std::uint64_t hash, const RowView &other, std::int64_t row, const Columns &columns)
    {
        for (std::uint32_t *at = &heads_[place(hash)]; *at != none; at = &next_[*at]) {
            const std::uint32_t found = *at;
            if (marks_[found] != static_cast<std::uint32_t>(hash >> 32) || !sameValues(rows_, found, columns_, other, row, columns))
                continue;
            *at = next_[found];
            return found;
        }
        return none;
    }
    /// Whether all rows differ.
    [[nodiscard]] bool unique() const
    {
        for (const std::uint32_t head : heads_) {
            for (std::uint32_t a = head; a != none; a = next_[a]) {
                for (std::uint32_t b = next_[a]; b != none; b = next_[b]) {
                    if (marks_[a] == marks_[b] && sameValues(rows_, a, columns_, rows_, b, columns_))
                        return false;
                }
            }
        }
        return true;
    }
    /// Rows beyond the first of each key. Long lists of one key stay linear: what equals the head is skipped as a run.
    [[nodiscard]] std::int64_t repeated() const
    {
        std::int64_t count = 0;
        for (const std::uint32_t head : heads_) {
            if (head == none || next_[head] == none)
                continue;
            std::vector<std::uint32_t> firsts;
            for (std::uint32_t a = head; a != none; a = next_[a]) {
                const bool seen = std::any_of(firsts.begin(), firsts.end(), [&](std::uint32_t b) {
                    return marks_[a] == marks_[b] && sameValues(rows_, a, columns_, rows_, b, columns_);
                });
                count += seen ? 1 : 0;
                if (!seen)
                    firsts.push_back(a);
            }
        }
        return count;
    }

private:
    [[nodiscard]] std::size_t place(std::uint64_t hash) const { return static_cast<std::size_t>(hash) & (heads_.size() - 1); }

    const RowView &rows_;
    Columns columns_;
    std::vector<std::uint32_t> heads_, next_, marks_;
};

bool tellsApart(const RowView &rows, const Columns &columns, const std::stop_token &stop)
{
    // Most columns that are no key show it at once.
    const std::int64_t few = std::min<std::int64_t>(rows.rowCount(), 2'000);
    std::vector<std::uint64_t> hashes;
    for (std::int64_t row = 0; row < few; ++row)
        hashes.push_back(hashRow(rows, row, columns));
    std::sort(hashes.begin(), hashes.end());
    if (std::adjacent_find(hashes.begin(), hashes.end()) != hashes.end())
        return false;
    RowIndex index(rows, columns);
    return index.build(stop) && index.unique();
}

/// How much a name sounds like a key: lower is more.
int keyRank(const std::string &name)
{
    std::string small = name;
    std::transform(small.begin(), small.end(), small.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    if (small == "id" || small == "uuid" || small == "oid")
        return 0;
    if (small.ends_with("_id") || small.ends_with("_uuid") || small.ends_with("_key"))
        return 1;
    return small.ends_with("id") || small.ends_with("name") || small.ends_with("code") ? 2 : 3;
}

/// Puts matched rows and those of one side only into one order.
RowsDiff inOrder(const RowView &before, const RowView &after, const std::vector<ColumnPair> &pairs, const std::vector<std::uint32_t> &match)
{
    RowsDiff diff;
    const auto old_rows = static_cast<std::size_t>(before.rowCount());
    std::vector<bool> matched(old_rows, false);
    for (const std::uint32_t row : match) {
        if (row != none)
            matched[row] = true;
    }
    std::vector<std::size_t> all(pairs.size());
    std::iota(all.begin(), all.end(), std::size_t{0});
    const Columns old_columns = sideOf(pairs, all, &ColumnPair::before), new_columns = sideOf(pairs, all, &ColumnPair::after);
    std::size_t told = 0; ///< old rows before it are dealt with
    const auto tellRemoved = [&](std::size_t end) {
        for (; told < end; ++told) {
            if (matched[told])
                continue;
            diff.rows.push_back({static_cast<std::int64_t>(told), -1, RowChange::Removed});
            ++diff.removed;
        }
    };
    for (std::size_t row = 0; row < match.size(); ++row) {
        const auto now = static_cast<std::int64_t>(row);
        if (match[row] == none) {
            diff.rows.push_back({-1, now, RowChange::Added});
            ++diff.added;
            continue;
        }
        tellRemoved(match[row]);
        if (sameValues(before, match[row], old_columns, after, now, new_columns)) {
            ++diff.same;
        } else {
            diff.rows.push_back({match[row], now, RowChange::Changed});
            ++diff.changed;
        }
    }
    tellRemoved(old_rows);
    return diff;
}

} // namespace

bool sameCell(const pg::Cell &a, const pg::Cell &b)
{
    return a.is_null == b.is_null && a.text == b.text;
}

std::vector<ColumnPair> pairColumns(const std::vector<pg::Column> &before, const std::vector<pg::Column> &after)
{
    std::vector<ColumnPair> pairs;
    std::vector<bool> used(before.size(), false);
    for (std::size_t i = 0; i < after.size(); ++i) {
        for (std::size_t k = 0; k < before.size(); ++k) {
            if (used[k] || before[k].name != after[i].name)
                continue;
            used[k] = true;
            pairs.push_back({k, i});
            break;
        }
    }
    return pairs;
}

std::vector<std::size_t> guessKey(const RowView &before, const RowView &after, const std::vector<ColumnPair> &pairs, std::stop_token stop)
{
    std::vector<std::size_t> order(pairs.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    const auto whole = order;
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
        return keyRank(after.source->columns()[pairs[a].after].name) < keyRank(after.source->columns()[pairs[b].after].name);
    });
    const auto isKey = [&](const std::vector<std::size_t> &chosen) {
        return !stop.stop_requested() && tellsApart(after, sideOf(pairs, chosen, &ColumnPair::after), stop)
            && tellsApart(before, sideOf(pairs, chosen, &ColumnPair::before), stop);
    };
    for (std::size_t i = 0; i < std::min(order.size(), keys_tried); ++i) {
        if (isKey({order[i]}))
            return {order[i]};
    }
    for (std::size_t count = 2; count <= std::min(order.size(), key_columns); ++count) {
        std::vector<std::size_t> chosen(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(count));
        std::sort(chosen.begin(), chosen.end());
        if (isKey(chosen))
            return chosen;
    }
    return whole;
}

Result<RowsDiff> diffRows(const RowView &before, const RowView &after, const std::vector<ColumnPair> &pairs,
                          const std::vector<std::size_t> &key, std::stop_token stop)
{
    if (before.rowCount() >= none || after.rowCount() >= none)
        return fail(ErrorKind::Unsupported, "Results of so many rows cannot be compared");
    if (key.empty())
        return fail(ErrorKind::Usage, "The results have no column in common", "Columns are matched by their names.");
    const Columns old_key = sideOf(pairs, key, &ColumnPair::before), new_key = sideOf(pairs, key, &ColumnPair::after);
    RowIndex index(before, old_key);
    const auto cancelled = [] { return fail(ErrorKind::Cancelled, "Comparing was stopped"); };
    if (!index.build(stop))
        return cancelled();
    const std::int64_t repeated = index.repeated();
    std::vector<std::uint32_t> match(static_cast<std::size_t>(after.rowCount()), none);
    for (std::int64_t row = 0; row < after.rowCount(); ++row) {
        if ((row & stop_mask) == 0 && stop.stop_requested())
            return cancelled();
        match[static_cast<std::size_t>(row)] = index.take(hashRow(after, row, new_key), after, row, new_key);
    }
    RowsDiff diff = inOrder(before, after, pairs, match);
    diff.repeated_keys = repeated;
    return diff;
}

} // namespace howdah::result
