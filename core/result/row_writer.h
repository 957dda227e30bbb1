// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/pg/row_store.h"
#include "core/result/copy_format.h"
#include "core/result/value_kind.h"

namespace howdah::result {

struct WrittenField {
    std::string name;
    ValueKind kind = ValueKind::Text;
};

/// One way of writing rows as text, a piece at a time. begin() before the first row, end() after the last; each appends.
class RowWriter
{
public:
    RowWriter() = default;
    virtual ~RowWriter() = default;
    RowWriter(const RowWriter &) = delete;
    RowWriter &operator=(const RowWriter &) = delete;
    virtual void begin(std::string &, const std::vector<WrittenField> &) { }
    virtual void row(std::string &out, const std::vector<WrittenField> &fields, const std::vector<pg::Cell> &row) = 0;
    virtual void end(std::string &) { }
};

/// `table`: for SqlInsert, as it is to be written.
[[nodiscard]] std::unique_ptr<RowWriter> makeRowWriter(CopyFormat format, const std::string &table);
[[nodiscard]] std::vector<WrittenField> writtenFields(const std::vector<pg::Column> &columns);
/// The text of a value as people and programs expect it: booleans as true and false, everything else as sent.
[[nodiscard]] std::string_view writtenText(const pg::Cell &cell, ValueKind kind);

} // namespace howdah::result
