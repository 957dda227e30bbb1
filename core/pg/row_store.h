// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/error.h"

namespace howdah::pg {

/// One column of a result, as the server describes it.
struct Column {
    std::string name;                ///< as sent; names may repeat and may be empty
    std::uint32_t type_oid = 0;      ///< pg_type.oid
    std::int32_t type_modifier = -1; ///< pg_attribute.atttypmod convention
    std::uint32_t table_oid = 0;     ///< 0 when the column is no plain column of one table
    std::int16_t table_column = 0;   ///< pg_attribute.attnum in that table, 0 when none
    std::string type_name;           ///< format_type() where known, else "" (filled lazily)
};

/// One value: the server's text, or SQL NULL. The view lives as long as the store.
struct Cell {
    std::string_view text;
    bool is_null = false;
};

/// How much a store may hold, and what happens then.
struct RowStoreLimits {
    std::int64_t memory_bytes = 256LL * 1024 * 1024; ///< past it further chunks live in an unlinked temporary file
    std::int64_t max_rows = -1;                      ///< stop reading after this many rows; -1: no limit
};

/// Rows of one result: chunked, append-only, text as the server sent it. A chunk is one arena of bytes and the
/// end of each cell in it; nothing moves once written, so that views and readers never wait for the writer.
///
/// Threads: one writer (the session's worker) appends; any number of readers call rowCount() and cell()
/// at any time without locks. A row is visible once publish() has been called after it.
class RowStore
{
public:
    explicit RowStore(std::vector<Column> columns, RowStoreLimits limits = {});
    ~RowStore();
    RowStore(const RowStore &) = delete;
    RowStore &operator=(const RowStore &) = delete;

    [[nodiscard]] const std::vector<Column> &columns() const noexcept;
    /// Rows readers may ask for; only ever grows.
    [[nodiscard]] std::int64_t rowCount() const noexcept;
    /// Precondition: 0 <= row < rowCount(), 0 <= column < columns().size().
    [[nodiscard]] Cell cell(std::int64_t row, std::size_t column) const noexcept;
    /// Bytes of the values themselves, and bytes held in memory and in the temporary file for them.
    [[nodiscard]] std::int64_t valueBytes() const noexcept;
    [[nodiscard]] std::int64_t memoryBytes() const noexcept;
    [[nodiscard]] std::int64_t spilledBytes() const noexcept;

    // Writer's side.
    /// Begins a row; then appendCell() for every column in order. `row_bytes`, the size of all its values where it is
    /// known, spares a row of large values from being moved, and puts one of very large values into the temporary
    /// file at once: libpq holds it twice already.
    void beginRow(std::size_t row_bytes = 0);
    void appendCell(const char *data, std::size_t size, bool is_null);
    /// A whole row at once, one cell for each column: what a stream of many small rows is taken in by.
    void appendRow(const Cell *cells);
    /// Makes all complete rows visible. Fails (Io) when the temporary file cannot take more.
    [[nodiscard]] Result<void> publish();
    /// Gives back what lies wholly before that row; cell() of it is not allowed any more. For the only reader, on the
    /// writer's own thread, that has passed the rows on: so a result of any size takes no more than it has in flight.
    void forgetBefore(std::int64_t row);

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace howdah::pg
