// SPDX-License-Identifier: GPL-3.0-or-later
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "app/cli/error_report.h"
#include "app/cli/output.h"
#include "app/cli/result_filter.h"
#include "app/cli/table.h"
#include "app/cli/terminal.h"
#include "core/result/column_statistics.h"

namespace howdah::cli {

namespace {

using Json = nlohmann::ordered_json;
using result::ColumnStatistics;

/// Values shown for each column in text.
constexpr std::size_t values_in_text = 5;

Json statisticsJson(const pg::Column &column, const ColumnStatistics &s)
{
    Json object{{"column", column.name}, {"type", result::shownType(column)}, {"rows", s.rows}, {"nulls", s.nulls},
                {"distinct", s.distinct}, {"distinct_exact", s.distinct_exact}};
    object["lowest"] = s.lowest ? Json(*s.lowest) : Json();
    object["highest"] = s.highest ? Json(*s.highest) : Json();
    if (s.numbers > 0) {
        object["sum"] = static_cast<double>(s.sum);
        object["mean"] = static_cast<double>(s.mean);
        object["deviation"] = static_cast<double>(s.deviation);
    }
    if (s.kind == result::ValueKind::Text) {
        object["shortest"] = s.shortest;
        object["longest"] = s.longest;
    }
    object["frequent"] = Json::array();
    for (const result::ValueCount &value : s.frequent)
        object["frequent"].push_back({{"value", value.value}, {"rows", value.rows}});
    object["histogram"] = Json::array();
    for (const result::HistogramBin &bin : s.histogram)
        object["histogram"].push_back({{"from", bin.from_text}, {"to", bin.to_text}, {"rows", bin.rows}});
    return object;
}

TableRow statisticsRow(const pg::Column &column, const ColumnStatistics &s)
{
    std::string frequent;
    for (std::size_t i = 0; i < s.frequent.size() && i < values_in_text; ++i)
        frequent += fmt::format("{}{} × {}", i == 0 ? "" : ", ", printable(s.frequent[i].value), s.frequent[i].rows);
    const auto text = [](const std::optional<std::string> &value) { return TableCell{printable(value.value_or("")), !value}; };
    const auto number = [&s](long double value) {
        return s.numbers > 0 ? TableCell{fmt::format("{:.{}f}", static_cast<double>(value), std::min(s.decimals + 2, 6))} : TableCell{"", false};
    };
    return {{printable(column.name)}, {result::shownType(column)}, {std::to_string(s.rows)}, {std::to_string(s.nulls)},
            {(s.distinct_exact ? "" : "~") + std::to_string(s.distinct)}, text(s.lowest), text(s.highest), number(s.mean),
            number(s.deviation), {frequent}};
}

/// Keeps the rows, in a temporary file beyond some memory, and counts at the end.
class StatisticsPrinter final : public ResultPrinter
{
public:
    explicit StatisticsPrinter(bool json) : json_(json) {}

    void open(const RunningStatement &, const std::vector<pg::Column> &columns) override { store_ = std::make_shared<pg::RowStore>(columns); }

    void rows(const RunningStatement &, const pg::RowStore &store, std::int64_t from, std::int64_t to) override
    {
        for (std::int64_t row = from; row < to; ++row) {
            store_->beginRow();
            for (std::size_t column = 0; column < store.columns().size(); ++column) {
                const pg::Cell cell = store.cell(row, column);
                store_->appendCell(cell.text.data(), cell.text.size(), cell.is_null);
            }
        }
        if (const auto done = store_->publish(); !done)
            printError(done.error());
    }

    void finish(const RunningStatement &statement, const pg::StatementOutcome &outcome) override
    {
        if (store_ && !outcome.error && !statement.is_copy)
            report(statement);
        store_.reset();
    }

    void end(const pg::RunOutcome &, bool) override
    {
        if (json_)
            output().write(Json{{"statements", statements_}}.dump(2, ' ', false, Json::error_handler_t::replace) + "\n");
    }

private:
    void report(const RunningStatement &statement)
    {
        const result::RowView view{std::make_shared<result::StoreRows>(store_), nullptr};
        std::vector<TableColumn> heads{{"column"}, {"type"}, {"rows", true}, {"nulls", true}, {"distinct", true},
                                       {"lowest"}, {"highest"}, {"mean", true}, {"deviation", true}, {"most frequent"}};
        std::vector<TableRow> table;
        Json columns = Json::array();
        for (std::size_t i = 0; i < store_->columns().size(); ++i) {
            const auto statistics = result::columnStatistics(view, view.rowCount(), i);
            if (!statistics)
                continue;
            if (json_)
                columns.push_back(statisticsJson(store_->columns()[i], *statistics));
            else
                table.push_back(statisticsRow(store_->columns()[i], *statistics));
        }
        if (json_) {
            statements_.push_back({{"index", statement.index}, {"line", statement.line}, {"row_count", view.rowCount()}, {"statistics", columns}});
            return;
        }
        measure(heads, table);
        std::string &out = output().buffer();
        out += tableHead(heads, stdoutHasColors());
        for (const TableRow &row : table)
            appendRow(out, heads, row, stdoutHasColors());
        out += fmt::format("({} {})\n\n", view.rowCount(), view.rowCount() == 1 ? "row" : "rows");
    }

    bool json_;
    std::shared_ptr<pg::RowStore> store_;
    Json statements_ = Json::array();
};

} // namespace

std::unique_ptr<ResultPrinter> makeStatisticsPrinter(bool json)
{
    return std::make_unique<StatisticsPrinter>(json);
}

} // namespace howdah::cli
