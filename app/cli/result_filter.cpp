// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/result_filter.h"

#include "core/result/condition_text.h"
#include "core/result/filter_rows.h"

namespace howdah::cli {

namespace {

class FilteringPrinter final : public ResultPrinter
{
public:
    FilteringPrinter(std::unique_ptr<ResultPrinter> inner, const std::vector<std::string> &conditions, std::optional<Error> &failure)
        : inner_(std::move(inner)), texts_(conditions), failure_(failure)
    {
    }

    void open(const RunningStatement &statement, const std::vector<pg::Column> &columns) override
    {
        kept_ = 0;
        filter_ = {};
        std::vector<result::Condition> conditions;
        for (const std::string &text : texts_) {
            if (auto condition = result::readCondition(text, columns))
                conditions.push_back(std::move(*condition));
            else if (!failure_)
                failure_ = condition.error();
        }
        if (auto filter = result::RowFilter::make(conditions, columns))
            filter_ = *filter;
        else if (!failure_)
            failure_ = filter.error();
        inner_->open(statement, columns);
    }

    void rows(const RunningStatement &statement, const pg::RowStore &store, std::int64_t from, std::int64_t to) override
    {
        if (failure_)
            return;
        const std::shared_ptr<const pg::RowStore> borrowed(std::shared_ptr<void>(), &store);
        const result::StoreRows source(borrowed);
        pg::RowStore kept(store.columns());
        const std::size_t columns = store.columns().size();
        for (std::int64_t row = from; row < to; ++row) {
            if (!filter_.matches(source, row))
                continue;
            kept.beginRow();
            for (std::size_t column = 0; column < columns; ++column) {
                const pg::Cell cell = store.cell(row, column);
                kept.appendCell(cell.text.data(), cell.text.size(), cell.is_null);
            }
        }
        if (auto done = kept.publish(); !done) {
            failure_ = done.error();
            return;
        }
        kept_ += kept.rowCount();
        inner_->rows(statement, kept, 0, kept.rowCount());
    }

    void finish(const RunningStatement &statement, const pg::StatementOutcome &outcome) override
    {
        pg::StatementOutcome shown = outcome;
        if (outcome.result)
            shown.rows = kept_;
        if (failure_ && !shown.error)
            shown.error = failure_;
        inner_->finish(statement, shown);
    }

    void end(const pg::RunOutcome &outcome, bool left_open) override { inner_->end(outcome, left_open); }

private:
    std::unique_ptr<ResultPrinter> inner_;
    const std::vector<std::string> &texts_;
    std::optional<Error> &failure_;
    result::RowFilter filter_;
    std::int64_t kept_ = 0;
};

} // namespace

std::unique_ptr<ResultPrinter> makeFilteringPrinter(std::unique_ptr<ResultPrinter> inner, const std::vector<std::string> &conditions,
                                                    std::optional<Error> &failure)
{
    return std::make_unique<FilteringPrinter>(std::move(inner), conditions, failure);
}

} // namespace howdah::cli
