// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <utility>

#include "core/edit/row_edit.h"
#include "core/sql/quote.h"

namespace howdah::edit {

namespace {

std::string literal(const NewValue &value)
{
    return value ? sql::quoteLiteral(*value) : "NULL";
}

NewValue readValue(const result::RowSource &rows, std::int64_t row, std::size_t column)
{
    const pg::Cell cell = rows.cell(row, column);
    return cell.is_null ? NewValue() : NewValue(std::string(cell.text));
}

/// A few words to know the row by.
std::string rowName(const EditableTable &table, const result::RowSource &rows, std::int64_t row)
{
    std::string name;
    for (const EditColumn &column : table.columns) {
        if (column.is_key)
            name += (name.empty() ? "" : ", ") + column.name + " " + readValue(rows, row, column.result_column).value_or("NULL");
    }
    return name;
}

class ScriptBuilder
{
public:
    ScriptBuilder(const EditableTable &table, const result::RowSource &rows) : table_(table), rows_(rows) { }

    migration::ChangeStep step(const RowChange &change) const
    {
        migration::ChangeStep step;
        step.lock_level = "ROW EXCLUSIVE";
        step.expected_rows = 1;
        switch (change.kind) {
        case RowChangeKind::Update:
            step.title = "Change row " + rowName(table_, rows_, change.row);
            step.sql = update(change, true);
            step.undo_sql = update(change, false);
            break;
        case RowChangeKind::Delete:
            step.title = "Delete row " + rowName(table_, rows_, change.row);
            step.sql = "DELETE FROM " + table_.qualified() + "\nWHERE " + key(change.row);
            undoDelete(change.row, step);
            break;
        case RowChangeKind::Insert:
            step.title = "Add a row to " + table_.name;
            step.sql = insert(change.values);
            undoInsert(change.values, step);
            break;
        }
        return step;
    }

private:
    [[nodiscard]] std::string key(std::int64_t row, const std::map<std::size_t, NewValue> *instead = nullptr) const
    {
        std::string condition;
        for (const EditColumn &column : table_.columns) {
            if (!column.is_key)
                continue;
            NewValue value = readValue(rows_, row, column.result_column);
            if (instead != nullptr) {
                if (const auto changed = instead->find(column.result_column); changed != instead->end())
                    value = changed->second;
            }
            condition += (condition.empty() ? "" : " AND ") + sql::quoteIdentifier(column.name) + " = " + literal(value);
        }
        return condition;
    }

    /// `forward`: from what was read to the new values; else back.
    [[nodiscard]] std::string update(const RowChange &change, bool forward) const
    {
        std::string set;
        std::string old;
        for (const auto &[result_column, value] : change.values) {
            const EditColumn *column = table_.of(result_column);
            if (column == nullptr)
                continue;
            const NewValue read = readValue(rows_, change.row, result_column);
            const std::string name = sql::quoteIdentifier(column->name);
            set += (set.empty() ? "" : ",\n    ") + name + " = " + literal(forward ? value : read);
            // The way back cannot know how the server writes the new value; the key is enough there.
            if (forward && !column->is_key)
                old += read ? "\n  AND " + name + "::text = " + literal(read) : "\n  AND " + name + " IS NULL";
        }
        return "UPDATE " + table_.qualified() + "\nSET " + set + "\nWHERE " + key(change.row, forward ? nullptr : &change.values) + old;
    }

    [[nodiscard]] std::string insert(const std::map<std::size_t, NewValue> &values, bool override_identity = false) const
    {
        std::string names;
        std::string list;
        for (const auto &[result_column, value] : values) {
            const EditColumn *column = table_.of(result_column);
            if (column == nullptr || (column->is_always_generated && !override_identity))
                continue;
            names += (names.empty() ? "" : ", ") + sql::quoteIdentifier(column->name);
            list += (list.empty() ? "" : ", ") + literal(value);
        }
        if (names.empty())
            return "INSERT INTO " + table_.qualified() + " DEFAULT VALUES";
        return "INSERT INTO " + table_.qualified() + " (" + names + ")\nVALUES (" + list + ")";
    }

    void undoDelete(std::int64_t row, migration::ChangeStep &step) const
    {
        // What was not read cannot be put back.
        if (!complete_)
            step.no_undo_reason = "Not all columns of the table were read, so the row cannot be put back as it was.";
        else
            step.undo_sql = insertOf(row);
    }

    [[nodiscard]] std::string insertOf(std::int64_t row) const
    {
        std::map<std::size_t, NewValue> values;
        for (const EditColumn &column : table_.columns) {
            if (!column.is_always_generated)
                values[column.result_column] = readValue(rows_, row, column.result_column);
        }
        return insert(values);
    }

    void undoInsert(const std::map<std::size_t, NewValue> &values, migration::ChangeStep &step) const
    {
        std::string condition;
        for (const EditColumn &column : table_.columns) {
            if (!column.is_key)
                continue;
            const auto value = values.find(column.result_column);
            if (value == values.end() || !value->second || column.is_always_generated) {
                step.no_undo_reason = "The server makes the new row's key, so that the row is not known beforehand.";
                return;
            }
            condition += (condition.empty() ? "" : " AND ") + sql::quoteIdentifier(column.name) + " = " + literal(value->second);
        }
        step.undo_sql = "DELETE FROM " + table_.qualified() + "\nWHERE " + condition;
    }

    const EditableTable &table_;
    const result::RowSource &rows_;
    /// Every column is there, and none of them is an identity that INSERT may not set.
    bool complete_ = table_.columns.size() == table_.column_count &&
                     std::ranges::none_of(table_.columns, [](const EditColumn &column) { return column.is_key && column.is_always_generated; });
};

} // namespace

migration::ChangeScript editScript(const EditableTable &table, const result::RowSource &rows, const std::vector<RowChange> &changes)
{
    migration::ChangeScript script;
    script.title = "Edit rows of " + table.name;
    script.reason = "Values were changed in the result grid";
    const ScriptBuilder builder(table, rows);
    for (const RowChange &change : changes)
        script.steps.push_back(builder.step(change));
    return script;
}

} // namespace howdah::edit
