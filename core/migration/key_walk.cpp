// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/migration/key_walk.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "core/pg/row_store.h"
#include "core/sql/quote.h"

namespace howdah::migration {

namespace {

template <typename T> T numberOf(std::string_view text)
{
    T value{};
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

/// Entries of each leaf in the end of a walk by blocks: oid, length in blocks, file node.
constexpr std::size_t end_stride = 3;

} // namespace

std::string withRange(std::string sql, const std::string &condition)
{
    constexpr std::string_view place = "{range}";
    const std::string wrapped = "(" + condition + ")";
    for (std::size_t at = sql.find(place); at != std::string::npos; at = sql.find(place, at + wrapped.size()))
        sql.replace(at, place.size(), wrapped);
    return sql;
}

std::string KeyWalk::columns() const
{
    std::string list;
    for (const std::string &column : key_)
        list += (list.empty() ? "" : ", ") + column;
    return list;
}

/// As a value that compares with the key in the key's own types, so that its index serves.
std::string KeyWalk::row(const KeyPlace &place) const
{
    std::string list;
    for (std::size_t i = 0; i < key_.size() && i < place.size(); ++i)
        list += (list.empty() ? "" : ", ") + sql::quoteLiteral(place[i]) + "::" + types_[i];
    return key_.size() == 1 ? list : "ROW(" + list + ")";
}

Result<void> KeyWalk::readLeaves(pg::Connection &connection)
{
    const auto leaves = connection.query(
        "WITH RECURSIVE below AS (SELECT $1::regclass::oid AS relid UNION SELECT i.inhrelid FROM below JOIN pg_inherits i ON i.inhparent = below.relid) "
        "SELECT c.oid, c.oid::regclass::text, pg_relation_filenode(c.oid), pg_relation_size(c.oid) / current_setting('block_size')::bigint, "
        "c.reltuples::float8, c.relpages FROM below JOIN pg_class c ON c.oid = below.relid WHERE c.relkind IN ('r', 'm') ORDER BY c.oid",
        {table_});
    if (!leaves)
        return tl::unexpected(leaves.error());
    const pg::RowStore &rows = *leaves->result;
    double total = 0;
    for (std::int64_t i = 0; i < rows.rowCount(); ++i) {
        Leaf leaf;
        leaf.oid = rows.cell(i, 0).text;
        leaf.name = rows.cell(i, 1).text;
        leaf.file_node = rows.cell(i, 2).text;
        leaf.blocks = numberOf<std::int64_t>(rows.cell(i, 3).text);
        const auto tuples = numberOf<double>(rows.cell(i, 4).text);
        const auto pages = numberOf<double>(rows.cell(i, 5).text);
        leaf.rows_per_block = tuples > 0 && pages > 0 ? tuples / pages : 0;
        if (leaf.rows_per_block <= 0 && leaf.blocks > 0 && leaf.blocks <= 1024) { // never analyzed: a small one is counted
            const auto counted = connection.query("SELECT count(*) FROM ONLY " + leaf.name);
            if (!counted)
                return tl::unexpected(counted.error());
            leaf.rows_per_block = numberOf<double>(counted->result->cell(0, 0).text) / static_cast<double>(leaf.blocks);
        } else if (leaf.rows_per_block <= 0) {
            leaf.rows_per_block = 60;
        }
        total += leaf.rows_per_block * static_cast<double>(leaf.blocks);
        leaf_oids_.push_back(leaf.oid);
        leaves_.push_back(std::move(leaf));
    }
    rows_ = std::llround(total);
    return {};
}

Result<KeyWalk> KeyWalk::open(pg::Connection &connection, std::string table, std::vector<std::string> key)
{
    KeyWalk walk;
    walk.major_ = connection.facts().major();
    walk.table_ = std::move(table);
    walk.key_ = std::move(key);
    if (auto read = walk.readLeaves(connection); !read)
        return tl::unexpected(read.error());
    if (walk.byBlocks())
        return walk;
    const auto shape = connection.query("SELECT " + walk.columns() + " FROM " + walk.table_ + " LIMIT 0");
    if (!shape)
        return tl::unexpected(shape.error());
    for (const pg::Column &column : shape->result->columns()) {
        const auto type = connection.query("SELECT format_type($1::oid, -1)", {std::to_string(column.type_oid)}); // -1: character(n) without its n is bpchar
        if (!type)
            return tl::unexpected(type.error());
        walk.types_.emplace_back(type->result->cell(0, 0).text);
    }
    return walk;
}

Result<std::optional<KeyPlace>> KeyWalk::end(pg::Connection &connection) const
{
    std::optional<KeyPlace> place;
    if (byBlocks()) {
        for (const Leaf &leaf : leaves_) {
            if (leaf.blocks == 0)
                continue;
            if (!place)
                place.emplace();
            place->push_back(leaf.oid);
            place->push_back(std::to_string(leaf.blocks));
            place->push_back(leaf.file_node);
        }
        return place;
    }
    std::string order;
    for (const std::string &column : key_)
        order += (order.empty() ? "" : ", ") + column + " DESC";
    const auto last = connection.query("SELECT " + columns() + " FROM " + table_ + " ORDER BY " + order + " LIMIT 1");
    if (!last)
        return tl::unexpected(last.error());
    if (last->result->rowCount() == 0)
        return place;
    place.emplace();
    for (std::size_t i = 0; i < key_.size(); ++i)
        place->emplace_back(last->result->cell(0, i).text);
    return place;
}

KeyRange KeyWalk::nextBlocks(const std::optional<KeyPlace> &after, const KeyPlace &end, std::int64_t rows) const
{
    KeyRange range;
    std::size_t at = 0; // of the leaf in `end`
    std::int64_t block = 0;
    if (after) {
        while (at < end.size() && end[at] != (*after)[0])
            at += end_stride;
        block = numberOf<std::int64_t>((*after)[1]);
        if (at < end.size() && block >= numberOf<std::int64_t>(end[at + 1])) {
            at += end_stride;
            block = 0;
        }
    }
    if (at + 1 >= end.size()) {
        range.last = true;
        range.rows = 0;
        range.after = range.upto = KeyPlace{"0", "0"};
        return range;
    }
    const auto known = std::find_if(leaves_.begin(), leaves_.end(), [&](const Leaf &leaf) { return leaf.oid == end[at]; });
    const double per_block = known == leaves_.end() ? 60 : std::max(known->rows_per_block, 1.0);
    const std::int64_t blocks = std::max<std::int64_t>(1, std::llround(static_cast<double>(rows) / per_block));
    const std::int64_t stop = std::min(block + blocks, numberOf<std::int64_t>(end[at + 1]));
    range.after = KeyPlace{end[at], std::to_string(block)};
    range.upto = KeyPlace{end[at], std::to_string(stop)};
    range.rows = std::llround(per_block * static_cast<double>(stop - block));
    range.last = at + end_stride >= end.size() && stop >= numberOf<std::int64_t>(end[at + 1]);
    return range;
}

Result<KeyRange> KeyWalk::next(pg::Connection &connection, const std::optional<KeyPlace> &after, const std::optional<KeyPlace> &end, std::int64_t rows) const
{
    if (byBlocks())
        return nextBlocks(after, end.value_or(KeyPlace()), rows);
    KeyRange range;
    range.after = after;
    std::string where = after ? " WHERE (" + columns() + ") > " + row(*after) : std::string();
    if (end)
        where += (where.empty() ? " WHERE (" : " AND (") + columns() + ") <= " + row(*end);
    const auto bound = connection.query("SELECT " + columns() + " FROM " + table_ + where + " ORDER BY " + columns() + " LIMIT 1 OFFSET " + std::to_string(rows - 1));
    if (!bound)
        return tl::unexpected(bound.error());
    range.last = bound->result->rowCount() == 0;
    if (range.last) {
        range.upto = end;
        return range;
    }
    range.rows = rows;
    range.upto.emplace();
    for (std::size_t i = 0; i < key_.size(); ++i)
        range.upto->emplace_back(bound->result->cell(0, i).text);
    range.last = end && *range.upto == *end;
    return range;
}

std::string KeyWalk::blockCondition(const KeyRange &range) const
{
    const KeyPlace &from = *range.after;
    const KeyPlace &to = *range.upto;
    if (from[0] == "0")
        return "false";
    const std::string leaf = leaves_.size() == 1 ? std::string() : "tableoid = " + from[0] + "::oid AND ";
    if (major_ >= 14)
        return leaf + "ctid >= '(" + from[1] + ",0)'::tid AND ctid < '(" + to[1] + ",0)'::tid";
    // Before 14 a range of ctid is a scan of the whole table; a list of them is not. A page holds a row for 28 bytes at most.
    return leaf + "ctid = ANY (ARRAY(SELECT format('(%s,%s)', b, o)::tid FROM generate_series(" + from[1] + "::bigint, " + to[1]
        + "::bigint - 1) b, generate_series(1, current_setting('block_size')::int / 28) o))";
}

std::string KeyWalk::condition(const KeyRange &range) const
{
    if (byBlocks())
        return blockCondition(range);
    std::string text;
    if (range.after)
        text = "(" + columns() + ") > " + row(*range.after);
    if (range.upto)
        text += (text.empty() ? "(" : " AND (") + columns() + ") <= " + row(*range.upto);
    return text.empty() ? "true" : text;
}

Result<void> KeyWalk::stillSame(pg::Connection &connection, const KeyRange &range, const std::optional<KeyPlace> &end) const
{
    if (!byBlocks() || !range.after || !end || (*range.after)[0] == "0")
        return {};
    const std::string &oid = (*range.after)[0];
    const auto now = connection.query("SELECT pg_relation_filenode($1::oid::regclass)", {oid});
    if (!now)
        return tl::unexpected(now.error());
    for (std::size_t at = 0; at + 2 < end->size(); at += end_stride) {
        if ((*end)[at] == oid && (*end)[at + 2] == now->result->cell(0, 0).text)
            return {};
    }
    return fail(ErrorKind::Unsupported, "The table was rewritten while its rows were walked by their place",
                "VACUUM FULL, CLUSTER or a rewriting ALTER TABLE moves rows. Roll back and run it again, with a key.");
}

} // namespace howdah::migration
