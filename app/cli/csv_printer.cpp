// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/output.h"
#include "app/cli/result_printer.h"

namespace howdah::cli {

namespace {

/// Source: CopyAttributeOutCSV() in PostgreSQL's src/backend/commands/copyto.c.
bool needsQuotes(std::string_view value, bool only_column)
{
    if (value.empty() || (only_column && value == "\\."))
        return true;
    for (const char c : value) {
        if (c == ',' || c == '"' || c == '\n' || c == '\r')
            return true;
    }
    return false;
}

void append(std::string &out, std::string_view value, bool only_column)
{
    if (!needsQuotes(value, only_column)) {
        out += value;
        return;
    }
    out += '"';
    for (const char c : value) {
        if (c == '"')
            out += '"';
        out += c;
    }
    out += '"';
}

class CsvPrinter final : public ResultPrinter
{
public:
    explicit CsvPrinter(bool with_head) : with_head_(with_head) {}

    void open(const RunningStatement &statement, const std::vector<pg::Column> &columns) override
    {
        if (!with_head_ || statement.is_copy)
            return;
        std::string &out = output().buffer();
        for (std::size_t i = 0; i < columns.size(); ++i) {
            if (i > 0)
                out += ',';
            append(out, columns[i].name, columns.size() == 1);
        }
        out += '\n';
        output().settle();
    }

    void rows(const RunningStatement &statement, const pg::RowStore &store, std::int64_t from, std::int64_t to) override
    {
        const std::size_t columns = store.columns().size();
        for (std::int64_t row = from; row < to; ++row) {
            std::string &out = output().buffer();
            for (std::size_t column = 0; column < columns; ++column) {
                if (column > 0)
                    out += ',';
                const pg::Cell cell = store.cell(row, column);
                if (statement.is_copy)
                    out += cell.text;
                else if (!cell.is_null)
                    append(out, cell.text, columns == 1);
            }
            out += '\n';
            output().settle();
        }
    }

    void finish(const RunningStatement &, const pg::StatementOutcome &) override {}

private:
    bool with_head_;
};

} // namespace

std::unique_ptr<ResultPrinter> makeCsvPrinter(bool with_head)
{
    return std::make_unique<CsvPrinter>(with_head);
}

} // namespace howdah::cli
