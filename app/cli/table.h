// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

namespace howdah::cli {

/// A column of an aligned table.
struct TableColumn {
    std::string head;         ///< printable
    bool to_the_right = false;
    std::size_t width = 0;    ///< cells; grows with what is measured
};

/// A cell: printable text whose line breaks are kept.
struct TableCell {
    std::string text;
    bool is_null = false;
};
using TableRow = std::vector<TableCell>;

/// Widens the columns to what the rows, and the heads where they are shown, need.
void measure(std::vector<TableColumn> &columns, const std::vector<TableRow> &rows, bool with_heads = true);
/// Head and rule, as psql draws them.
[[nodiscard]] std::string tableHead(const std::vector<TableColumn> &columns, bool colored);
/// One row; a cell of several lines takes several, each but its last marked with "+".
void appendRow(std::string &out, const std::vector<TableColumn> &columns, const TableRow &row, bool colored);
/// What the widths add up to with the bars between them.
[[nodiscard]] std::size_t tableWidth(const std::vector<TableColumn> &columns);
/// "name | value" a line, under "-[ RECORD 3 ]---".
void appendExpanded(std::string &out, const std::vector<TableColumn> &columns, const TableRow &row, std::size_t number, bool colored);

} // namespace howdah::cli
