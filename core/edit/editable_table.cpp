// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <charconv>
#include <set>

#include "core/edit/row_edit.h"
#include "core/sql/quote.h"

namespace howdah::edit {

namespace {

tl::unexpected<Error> cannot(std::string message, std::string hint = {})
{
    return fail(ErrorKind::Unsupported, std::move(message), std::move(hint));
}

/// The table, one row for each of its columns.
constexpr const char *columns_sql = R"(
SELECT n.nspname, c.relname, c.relkind,
       pg_catalog.has_table_privilege(c.oid, 'UPDATE'), pg_catalog.has_table_privilege(c.oid, 'INSERT'),
       pg_catalog.has_table_privilege(c.oid, 'DELETE'),
       a.attnum, a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod), a.attnotnull,
       a.atthasdef OR a.attidentity <> '', a.attidentity = 'a' OR a.attgenerated <> ''
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
WHERE c.oid = $1::oid
ORDER BY a.attnum)";

/// Its keys, the primary one first, then the shortest: indexes that tell every row apart.
constexpr const char *keys_sql = R"(
SELECT ic.relname, i.indisprimary, pg_catalog.array_to_string(i.indkey[0:i.indnkeyatts - 1], ',')
FROM pg_catalog.pg_index i
JOIN pg_catalog.pg_class ic ON ic.oid = i.indexrelid
WHERE i.indrelid = $1::oid AND i.indisunique AND i.indisvalid AND i.indimmediate AND i.indpred IS NULL AND i.indexprs IS NULL
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_attribute a
                  WHERE a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey[0:i.indnkeyatts - 1]) AND NOT a.attnotnull)
ORDER BY i.indisprimary DESC, i.indnkeyatts, ic.relname)";

std::vector<std::int16_t> numbers(std::string_view list)
{
    std::vector<std::int16_t> result;
    while (!list.empty()) {
        std::int16_t number = 0;
        const auto read = std::from_chars(list.data(), list.data() + list.size(), number);
        result.push_back(number);
        const auto used = static_cast<std::size_t>(read.ptr - list.data());
        list.remove_prefix(std::min(list.size(), used + 1));
    }
    return result;
}

/// The one table of the result's columns.
Result<std::uint32_t> tableOf(const std::vector<pg::Column> &columns)
{
    std::set<std::uint32_t> tables;
    for (const pg::Column &column : columns) {
        if (column.table_oid != 0 && column.table_column > 0)
            tables.insert(column.table_oid);
    }
    if (tables.empty())
        return cannot("No column of this result comes straight from a table", "Select columns of one table, with its key.");
    if (tables.size() > 1)
        return cannot("The columns come from several tables", "Select from one table to edit its rows.");
    return *tables.begin();
}

} // namespace

const EditColumn *EditableTable::of(std::size_t result_column) const
{
    const auto found = std::ranges::find_if(columns, [result_column](const EditColumn &column) { return column.result_column == result_column; });
    return found == columns.end() ? nullptr : &*found;
}

std::string EditableTable::qualified() const
{
    return sql::quoteQualified(schema, name);
}

Result<EditableTable> editableTable(pg::Connection &connection, const std::vector<pg::Column> &columns)
{
    const auto oid = tableOf(columns);
    if (!oid)
        return tl::unexpected(oid.error());
    const auto described = connection.query(columns_sql, {std::to_string(*oid)});
    if (!described)
        return tl::unexpected(described.error());
    const pg::RowStore &rows = *described->result;
    if (rows.rowCount() == 0)
        return cannot("The table is no longer there", "Run the statement again.");
    const auto text = [&rows](std::int64_t row, std::size_t column) { return std::string(rows.cell(row, column).text); };
    const auto yes = [&rows](std::int64_t row, std::size_t column) { return rows.cell(row, column).text == "t"; };
    EditableTable table;
    table.oid = *oid;
    table.schema = text(0, 0);
    table.name = text(0, 1);
    if (const std::string kind = text(0, 2); kind != "r" && kind != "p")
        return cannot(table.name + " is no table", "Rows of tables and partitioned tables can be edited.");
    table.can_update = yes(0, 3);
    table.can_insert = yes(0, 4);
    table.can_delete = yes(0, 5);
    std::map<std::int16_t, std::int64_t> by_number;
    for (std::int64_t row = 0; row < rows.rowCount(); ++row) {
        std::int16_t number = 0;
        const std::string attnum = text(row, 6);
        std::from_chars(attnum.data(), attnum.data() + attnum.size(), number);
        by_number[number] = row;
    }
    table.column_count = by_number.size();
    std::set<std::int16_t> seen;
    for (std::size_t i = 0; i < columns.size(); ++i) {
        const auto row = by_number.find(columns[i].table_column);
        // A column selected twice is edited in its first place.
        if (columns[i].table_oid != *oid || row == by_number.end() || !seen.insert(row->first).second)
            continue;
        table.columns.push_back({i, text(row->second, 7), text(row->second, 8), row->first, false, yes(row->second, 9), yes(row->second, 10), yes(row->second, 11)});
    }
    for (const auto &[number, row] : by_number) {
        if (!seen.contains(number) && yes(row, 9) && !yes(row, 10) && !yes(row, 11))
            table.required.push_back(text(row, 7));
    }
    const auto keys = connection.query(keys_sql, {std::to_string(*oid)});
    if (!keys)
        return tl::unexpected(keys.error());
    for (std::int64_t row = 0; row < keys->result->rowCount(); ++row) {
        const std::vector<std::int16_t> key = numbers(keys->result->cell(row, 2).text);
        if (!std::ranges::all_of(key, [&seen](std::int16_t number) { return seen.contains(number); }))
            continue;
        table.key_name = keys->result->cell(row, 0).text;
        for (EditColumn &column : table.columns)
            column.is_key = std::ranges::find(key, column.attnum) != key.end();
        return table;
    }
    if (keys->result->rowCount() == 0)
        return cannot(table.name + " has no key to tell its rows apart", "Give it a primary key, or edit with an UPDATE of your own.");
    return cannot("The key of " + table.name + " is not among the columns", "Select the columns of its primary key too.");
}

} // namespace howdah::edit
