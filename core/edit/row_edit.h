// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/migration/change_script.h"
#include "core/pg/connection.h"
#include "core/result/row_source.h"

namespace howdah::edit {

/// A column of a result that comes from the table being edited.
struct EditColumn {
    std::size_t result_column = 0;
    std::string name;
    std::string type;              ///< format_type()
    std::int16_t attnum = 0;
    bool is_key = false;           ///< tells the row apart
    bool not_null = false;
    bool has_default = false;
    bool is_always_generated = false; ///< GENERATED ALWAYS, stored or identity: never written
};

/// The table that all editable columns of a result come from, and how its rows are told apart.
struct EditableTable {
    std::uint32_t oid = 0;
    std::string schema;
    std::string name;
    std::string key_name;              ///< the primary key's or unique index's
    std::vector<EditColumn> columns;   ///< in the result's order
    std::size_t column_count = 0;      ///< of the table, whether in the result or not
    std::vector<std::string> required; ///< columns not in the result that a new row needs a value for
    bool can_update = false;           ///< by privileges of the table; column privileges are the server's to check
    bool can_insert = false;
    bool can_delete = false;
    [[nodiscard]] const EditColumn *of(std::size_t result_column) const;
    [[nodiscard]] std::string qualified() const; ///< as written in SQL
};

/// Whether rows of that result can be edited: its columns come from one table (by PQftable) that is an ordinary or a
/// partitioned one, and the columns of its primary key, or of a unique index over NOT NULL columns, are all there.
/// Fails with Unsupported and says what is missing otherwise; asks the catalog, changes nothing.
[[nodiscard]] Result<EditableTable> editableTable(pg::Connection &connection, const std::vector<pg::Column> &columns);

/// A new value; nullopt is NULL.
using NewValue = std::optional<std::string>;

enum class RowChangeKind : std::uint8_t { Update, Insert, Delete };

/// What is to become of one row.
struct RowChange {
    RowChangeKind kind = RowChangeKind::Update;
    std::int64_t row = -1;                     ///< of the source; -1: a new one
    std::map<std::size_t, NewValue> values;    ///< by column of the result; of an insert those left out get their default
};

/// Changes that are not applied yet, in the order they were made. Values only; the rows stay as they were read.
class PendingChanges
{
public:
    /// Setting the value that was read takes the change back.
    void set(const result::RowSource &rows, std::int64_t row, std::size_t column, NewValue value);
    /// A new row, by a number of its own (0, 1 …); setNew() fills it.
    std::size_t addRow();
    void setNew(std::size_t number, std::size_t column, NewValue value);
    void unsetNew(std::size_t number, std::size_t column);
    void removeNew(std::size_t number);
    /// Marks a row to be deleted, or takes the mark away; its changed values are kept beside it.
    void setDeleted(std::int64_t row, bool deleted);
    void revert(std::int64_t row);
    void clear();

    [[nodiscard]] bool isEmpty() const;
    [[nodiscard]] bool isDeleted(std::int64_t row) const;
    /// The value that will be there; null where the one that was read stays.
    [[nodiscard]] const NewValue *value(std::int64_t row, std::size_t column) const;
    /// Rows that are added, by their numbers; a removed one leaves its number empty.
    [[nodiscard]] const std::map<std::size_t, std::map<std::size_t, NewValue>> &added() const { return added_; }
    /// Deletes first, then updates, then inserts, so that a key that is free again can be taken.
    [[nodiscard]] std::vector<RowChange> changes() const;
    [[nodiscard]] std::size_t count() const;

private:
    std::map<std::int64_t, std::map<std::size_t, NewValue>> changed_;
    std::map<std::int64_t, bool> deleted_;
    std::map<std::size_t, std::map<std::size_t, NewValue>> added_;
    std::size_t next_ = 0;
};

/// A step a row. An UPDATE and a DELETE name the key's values as they were read, an UPDATE the old values of what it
/// changes too (compared as text, as they were read), and each step must hit exactly one row: somebody else's change in
/// between stops it. To be run with ChangeOptions::single_transaction, so that all rolls back then.
[[nodiscard]] migration::ChangeScript editScript(const EditableTable &table, const result::RowSource &rows,
                                                 const std::vector<RowChange> &changes);

} // namespace howdah::edit
