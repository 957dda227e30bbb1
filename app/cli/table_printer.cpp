// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>

#include <fmt/format.h>

#include "app/cli/output.h"
#include "app/cli/result_printer.h"
#include "app/cli/table.h"
#include "app/cli/terminal.h"

namespace howdah::cli {

namespace {

/// Rows are aligned in pages, so that memory does not grow with them.
constexpr std::size_t rows_per_page = 1'000;

/// pg_type.oid of what reads better to the right.
bool isNumber(std::uint32_t type_oid)
{
    constexpr std::uint32_t numbers[] = {20, 21, 23, 26, 28, 29, 700, 701, 790, 1700, 5069};
    return std::find(std::begin(numbers), std::end(numbers), type_oid) != std::end(numbers);
}

class TablePrinter final : public ResultPrinter
{
public:
    explicit TablePrinter(const TableStyle &style) : style_(style) {}

    void open(const RunningStatement &, const std::vector<pg::Column> &columns) override
    {
        columns_.clear();
        for (const pg::Column &column : columns)
            columns_.push_back({printable(column.name), isNumber(column.type_oid), 0});
        page_.clear();
        head_width_ = 0;
        printed_ = 0;
        expanded_ = style_.expanded;
    }

    void rows(const RunningStatement &statement, const pg::RowStore &store, std::int64_t from, std::int64_t to) override
    {
        for (std::int64_t row = from; row < to; ++row) {
            if (statement.is_copy) {
                output().write(std::string(store.cell(row, 0).text) + "\n");
                continue;
            }
            TableRow cells;
            for (std::size_t column = 0; column < columns_.size(); ++column) {
                const pg::Cell cell = store.cell(row, column);
                cells.push_back({printable(cell.text, true), cell.is_null});
            }
            page_.push_back(std::move(cells));
            if (page_.size() == rows_per_page)
                printPage();
        }
    }

    void finish(const RunningStatement &statement, const pg::StatementOutcome &outcome) override
    {
        if (outcome.result && !statement.is_copy) {
            if (!page_.empty() || head_width_ == 0)
                printPage();
            if (!style_.tuples_only)
                output().write(fmt::format("({} {}{})\n\n", outcome.rows, outcome.rows == 1 ? "row" : "rows",
                                           outcome.truncated ? "; there are more" : outcome.error ? "; not all of them" : ""));
        } else if (!outcome.command_tag.empty() && !style_.tuples_only && !statement.is_copy) {
            output().write(outcome.command_tag + "\n");
        }
        output().flush();
    }

private:
    void printPage()
    {
        measure(columns_, page_, !style_.tuples_only);
        const std::size_t width = tableWidth(columns_);
        // Decided by the first page: lines that the terminal breaks cannot be read.
        if (printed_ == 0 && width > terminalColumns(width) && !page_.empty())
            expanded_ = true;
        std::string &out = output().buffer();
        if (!expanded_ && !style_.tuples_only && width != head_width_ && !columns_.empty())
            out += (printed_ > 0 ? "\n" : "") + tableHead(columns_, stdoutHasColors());
        head_width_ = std::max<std::size_t>(width, 1);
        for (const TableRow &row : page_) {
            ++printed_;
            if (expanded_)
                appendExpanded(out, columns_, row, printed_, stdoutHasColors());
            else if (!columns_.empty())
                appendRow(out, columns_, row, stdoutHasColors());
        }
        page_.clear();
        output().flush();
    }

    TableStyle style_;
    std::vector<TableColumn> columns_;
    std::vector<TableRow> page_;
    std::size_t head_width_ = 0; ///< of the head printed last; 0: none yet
    std::size_t printed_ = 0;
    bool expanded_ = false;
};

} // namespace

std::unique_ptr<ResultPrinter> makeTablePrinter(const TableStyle &style)
{
    return std::make_unique<TablePrinter>(style);
}

} // namespace howdah::cli
