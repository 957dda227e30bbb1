// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <chrono>
#include <cmath>

#include <fmt/format.h>

#include "core/migration/session_settings.h"
#include "core/migration/step_work.h"

namespace howdah::migration {

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::int64_t first_rows = 5000;
constexpr double tell_every_ms = 250;

double since(Clock::time_point begin)
{
    return std::chrono::duration<double, std::milli>(Clock::now() - begin).count();
}

/// All cells as one text, NULL apart from ''.
std::string rowsText(const pg::RowStore &rows, std::int64_t at_most)
{
    std::string text;
    for (std::int64_t row = 0; row < rows.rowCount() && row < at_most; ++row) {
        for (std::size_t column = 0; column < rows.columns().size(); ++column) {
            const pg::Cell cell = rows.cell(row, column);
            text += (column == 0 ? "" : " | ") + (cell.is_null ? std::string("NULL") : std::string(cell.text));
        }
        text += '\n';
    }
    return text;
}

bool same(const pg::RowStore &left, const pg::RowStore &right)
{
    if (left.rowCount() != right.rowCount() || left.columns().size() != right.columns().size())
        return false;
    for (std::int64_t row = 0; row < left.rowCount(); ++row) {
        for (std::size_t column = 0; column < left.columns().size(); ++column) {
            const pg::Cell a = left.cell(row, column);
            const pg::Cell b = right.cell(row, column);
            if (a.is_null != b.is_null || a.text != b.text)
                return false;
        }
    }
    return true;
}

} // namespace

Error StepWork::difference(const ChangeStep &step, const std::string &condition, const std::string &left, const std::string &right)
{
    Error error;
    error.kind = ErrorKind::Server;
    error.message = "\"" + step.title + "\": old and new differ where " + condition;
    error.detail = "Old: " + left + "New: " + right;
    error.hint = "Nothing was changed. Find out what writes past the triggers, mend the rows and resume: the comparison goes on with this range.";
    if (step.comparison->differences_sql.empty())
        return error;
    const auto rows = connection_.query("SELECT * FROM (" + withRange(step.comparison->differences_sql, condition) + ") AS differences LIMIT " + std::to_string(limits_.max_differences + 1));
    if (!rows) {
        error.detail += "What differs could not be listed: " + rows.error().message;
        return error;
    }
    error.detail += (rows->rows > limits_.max_differences ? fmt::format("The first {} that differ:\n", limits_.max_differences) : fmt::format("{} differ:\n", rows->rows))
        + rowsText(*rows->result, limits_.max_differences);
    return error;
}

/// Both sides in one snapshot: what is written meanwhile is in both or in neither.
Result<void> StepWork::compareRange(const ChangeStep &step, const std::string &condition)
{
    if (auto begun = send("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"); !begun)
        return begun;
    const auto left = connection_.query(withRange(step.comparison->left_sql, condition));
    if (!left)
        return tl::unexpected(left.error());
    const auto right = connection_.query(withRange(step.comparison->right_sql, condition));
    if (!right)
        return tl::unexpected(right.error());
    if (!left->result || !right->result)
        return fail(ErrorKind::Usage, "\"" + step.title + "\" compares what gives no rows");
    if (!same(*left->result, *right->result))
        return tl::unexpected(difference(step, condition, rowsText(*left->result, 10), rowsText(*right->result, 10)));
    return send("COMMIT");
}

Result<StepEnd> StepWork::compare(const ChangeStep &step, BatchProgress progress)
{
    SessionSettings settings(connection_);
    for (const auto &[name, value] : {std::pair<std::string, std::string>("DateStyle", "ISO"), {"statement_timeout", "0"}, {"lock_timeout", "0"}}) {
        if (auto set = settings.set(name, value); !set)
            return tl::unexpected(set.error());
    }
    const Comparison &comparison = *step.comparison;
    const auto walk = KeyWalk::open(connection_, comparison.table, comparison.key);
    if (!walk)
        return tl::unexpected(walk.error());
    if (progress.batch_rows <= 0)
        progress.batch_rows = first_rows;
    progress.rows_total = walk->rowsAbout();
    if (watcher_ != nullptr)
        watcher_->batchesBegin(walk->leafOids(), limits_.throttle);
    auto told = Clock::now() - std::chrono::seconds(1);
    const auto begin = Clock::now();
    const std::int64_t rows_before = progress.rows_done;
    Result<StepEnd> end = StepEnd::Done;
    while (!progress.finished) {
        if (end = giveWay(0); !end || *end == StepEnd::Paused)
            break;
        // The ends are open: rows before the first and after the last key are looked at too. Without a key all is one range.
        KeyRange range;
        range.last = true;
        if (!walk->byBlocks()) {
            auto next = walk->next(connection_, progress.cursor, {}, progress.batch_rows);
            if (!next) {
                end = tl::unexpected(next.error());
                break;
            }
            range = std::move(*next);
        }
        const auto range_begin = Clock::now();
        if (auto compared = compareRange(step, walk->byBlocks() ? "true" : walk->condition(range)); !compared) {
            rollBack();
            end = tl::unexpected(compared.error());
            break;
        }
        const double factor = std::clamp(limits_.comparison_ms / std::max(since(range_begin), 0.1), 0.5, 2.0);
        progress.rows_done += range.rows.value_or(0);
        progress.cursor = range.upto;
        progress.finished = range.last;
        if (range.last) // its rows were not counted
            progress.rows_done = std::max(progress.rows_done, progress.rows_total);
        ++progress.batches;
        progress.batch_rows = std::clamp<std::int64_t>(std::llround(static_cast<double>(progress.batch_rows) * factor), 1, 1'000'000);
        progress.rows_per_second = static_cast<double>(progress.rows_done - rows_before) * 1000 / std::max(since(begin), 1.0);
        if (record_.progress) {
            if (auto recorded = record_.progress(progress); !recorded) {
                end = tl::unexpected(recorded.error());
                break;
            }
        }
        if (since(told) >= tell_every_ms || progress.finished) {
            told = Clock::now();
            tellProgress(progress);
        }
    }
    if (watcher_ != nullptr) {
        watcher_->setThrottleReason("");
        watcher_->batchesEnd();
    }
    if (!end || *end == StepEnd::Paused)
        return end;
    if (auto held = check(step.check_after, "after"); !held)
        return tl::unexpected(held.error());
    return recordDone().map([] { return StepEnd::Done; });
}

} // namespace howdah::migration
