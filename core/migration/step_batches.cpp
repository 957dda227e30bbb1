// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <chrono>
#include <cmath>

#include <fmt/format.h>

#include "core/base/human.h"
#include "core/migration/session_settings.h"
#include "core/migration/step_work.h"

namespace howdah::migration {

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::int64_t most_rows = 1'000'000;
constexpr double tell_every_ms = 250;
constexpr double look_again_ms = 200;
/// The first batch waits that long for the first look at the server's load.
constexpr double first_look_ms = 1000;
constexpr double look_pace_ms = 5;
/// Dead rows after which the table is vacuumed: a share of its rows, as autovacuum has it.
constexpr double dead_share = 0.4;
constexpr std::int64_t dead_least = 100'000;
constexpr int most_races = 5; // one after the other

double since(Clock::time_point begin)
{
    return std::chrono::duration<double, std::milli>(Clock::now() - begin).count();
}

std::int64_t adapted(std::int64_t rows, double took_ms, double target_ms)
{
    const double factor = std::clamp(target_ms / std::max(took_ms, 0.1), 0.5, 2.5);
    return std::clamp<std::int64_t>(std::llround(std::ceil(static_cast<double>(rows) * factor)), 1, most_rows);
}

bool mayTryAgain(const Error &error)
{
    return error.sqlstate == "55P03" || error.sqlstate == "40P01" || error.sqlstate == "40001" || error.sqlstate == "57014";
}

/// Rows a second of the last few seconds, pauses included.
class Rate
{
public:
    double add(std::int64_t rows)
    {
        rows_ += rows;
        const double ms = since(begin_);
        const double whole_ms = ms + before_ms_;
        const double rate = whole_ms > 0 ? static_cast<double>(rows_ + before_rows_) * 1000 / whole_ms : 0;
        if (ms > window_ms) {
            before_ms_ = ms;
            before_rows_ = rows_;
            rows_ = 0;
            begin_ = Clock::now();
        }
        return rate;
    }

private:
    static constexpr double window_ms = 5000;
    Clock::time_point begin_ = Clock::now();
    std::int64_t rows_ = 0;
    double before_ms_ = 0;
    std::int64_t before_rows_ = 0;
};

} // namespace

void StepWork::tellProgress(const BatchProgress &progress)
{
    if (!record_.tell)
        return;
    RunEvent event;
    event.kind = RunEventKind::Progress;
    event.step = number_;
    event.rows_done = progress.rows_done;
    event.rows_total = std::max(progress.rows_total, progress.rows_done);
    event.rows_per_second = progress.rows_per_second;
    if (progress.fraction() >= 0)
        event.fraction = progress.fraction();
    event.seconds_left = progress.secondsLeft();
    event.message = fmt::format("{} of about {} rows", human::count(event.rows_done), human::count(event.rows_total));
    record_.tell(event);
}

/// Waits while the server has better things to do, and as long as a fixed rate asks for.
Result<StepEnd> StepWork::giveWay(double rows_behind)
{
    const auto stopped = [this]() -> Result<StepEnd> {
        if (watcher_ != nullptr)
            watcher_->setThrottleReason("");
        return StepEnd::Paused;
    };
    if (pauseWanted())
        return stopped();
    if (watcher_ == nullptr)
        return StepEnd::Done;
    if (const double rate = watcher_->throttle().rows_per_second; rate > 0 && rows_behind > 0 && !pause(rows_behind * 1000 / rate))
        return stopped();
    for (;;) {
        const auto load = watcher_->load();
        const auto reason = load ? reasonToWait(watcher_->throttle(), *load) : std::nullopt;
        if (reason.value_or("") != throttled_) {
            // The figure in it changes every second; it is told when it begins and shown as it is.
            if (reason && throttled_.empty())
                tell(RunEventKind::Throttled, *reason);
            else if (!reason)
                tell(RunEventKind::Released, "Goes on");
            throttled_ = reason.value_or("");
            watcher_->setThrottleReason(throttled_);
        }
        if (!reason)
            return StepEnd::Done;
        if (!pause(look_again_ms))
            return stopped();
    }
}

/// One batch and the place that it brings the walk to, in one transaction. Gives the rows affected.
Result<std::int64_t> StepWork::batch(const ChangeStep &step, const KeyWalk &walk, const KeyRange &range, BatchProgress &progress)
{
    const auto begun = send("BEGIN ISOLATION LEVEL READ COMMITTED");
    if (!begun)
        return tl::unexpected(begun.error());
    const auto sent = connection_.query(withRange(step.batches->batch_sql, walk.condition(range)));
    if (!sent) {
        Error error = sent.error();
        error.position.reset(); // the statement is not the one that the reader knows
        error.context += (error.context.empty() ? "" : "\n") + ("In the batch where " + walk.condition(range));
        return tl::unexpected(std::move(error));
    }
    if (auto same = walk.stillSame(connection_, range, progress.upper_bound); !same)
        return tl::unexpected(same.error());
    BatchProgress after = progress;
    after.cursor = range.upto;
    after.finished = range.last;
    after.batches = progress.batches + 1;
    after.rows_done = progress.rows_done + std::max<std::int64_t>(0, range.rows.value_or(sent->rows));
    if (record_.progress) {
        if (auto recorded = record_.progress(after); !recorded)
            return tl::unexpected(recorded.error());
    }
    if (auto committed = send("COMMIT"); !committed)
        return tl::unexpected(committed.error());
    progress = std::move(after);
    return sent->rows;
}

void StepWork::vacuum(const ChangeStep &step)
{
    SessionSettings settings(connection_);
    if (!settings.set("lock_timeout", "1s"))
        return;
    const auto begin = Clock::now();
    if (watcher_ != nullptr)
        watcher_->statementBegins();
    const auto done = send("VACUUM (TRUNCATE false) " + step.batches->table); // to truncate it would lock readers out
    if (watcher_ != nullptr)
        watcher_->statementEnds();
    if (done) {
        tell(RunEventKind::Vacuumed, fmt::format("Vacuumed {} in {}", step.batches->table, human::duration(since(begin))));
        return;
    }
    vacuum_works_ = done.error().sqlstate == "55P03"; // somebody else is at it
    if (!vacuum_works_ && connection_.alive() && done.error().kind != ErrorKind::Cancelled)
        tell(RunEventKind::Note, "Cannot vacuum in between: " + done.error().message);
}

Result<StepEnd> StepWork::walkBatches(const ChangeStep &step, const KeyWalk &walk, BatchProgress &progress)
{
    Rate rate;
    auto told = Clock::now() - std::chrono::seconds(1);
    auto failing_since = Clock::now();
    int failures = 0;
    std::int64_t dead = 0;
    Backoff backoff(limits_.locks);
    double rows_behind = 0;
    while (!progress.finished) {
        if (auto free = giveWay(rows_behind); !free || *free == StepEnd::Paused)
            return free;
        rows_behind = 0;
        const auto range = walk.next(connection_, progress.cursor, progress.upper_bound, progress.batch_rows);
        if (!range)
            return tl::unexpected(range.error());
        const auto begin = Clock::now();
        const std::int64_t before = progress.rows_done;
        const double target = watcher_ != nullptr ? watcher_->throttle().batch_ms : limits_.throttle.batch_ms;
        if (const auto affected = batch(step, walk, *range, progress)) {
            progress.batch_rows = adapted(progress.batch_rows, since(begin), target);
            dead += *affected;
            failures = 0;
        } else {
            rollBack();
            const Error &error = affected.error();
            // Somebody has written the same row since the batch looked: the next try sees it. One that was there before fails each.
            const bool raced = error.sqlstate == "23505" && failures < most_races;
            if (!connection_.alive() || connection_.canceller().requested() || !(mayTryAgain(error) || raced))
                return tl::unexpected(error);
            if (failures++ == 0) {
                failing_since = Clock::now();
                backoff = Backoff(limits_.locks);
            }
            if (limits_.locks.tries > 0 ? failures >= limits_.locks.tries : since(failing_since) > limits_.locks.give_up_s * 1000)
                return tl::unexpected(error);
            progress.batch_rows = std::max<std::int64_t>(1, progress.batch_rows / 2);
            const double wait = backoff.nextPause();
            tell(RunEventKind::Retry, fmt::format("A batch was given up: {}; again with {} rows in {}", error.message, human::count(progress.batch_rows), human::duration(wait)));
            static_cast<void>(pause(wait)); // giveWay() sees why
            continue;
        }
        rows_behind = static_cast<double>(progress.rows_done - before);
        progress.rows_per_second = rate.add(progress.rows_done - before);
        if (since(told) >= tell_every_ms || progress.finished) {
            told = Clock::now();
            tellProgress(progress);
        }
        if (step.batches->vacuum && vacuum_works_ && !progress.finished
            && static_cast<double>(dead) > std::max(static_cast<double>(dead_least), dead_share * static_cast<double>(walk.rowsAbout()))) {
            vacuum(step);
            dead = 0;
            if (watcher_ != nullptr)
                watcher_->batchesBegin(walk.leafOids(), watcher_->throttle());
        }
    }
    return StepEnd::Done;
}

Result<StepEnd> StepWork::batches(const ChangeStep &step, BatchProgress progress)
{
    SessionSettings settings(connection_);
    // What a crash takes of commits that were not waited for, it takes together with the place that they had brought the walk to.
    const double target = limits_.throttle.batch_ms;
    for (const auto &[name, value] : {std::pair<std::string, std::string>("DateStyle", "ISO"), {"synchronous_commit", "off"},
                                      {"lock_timeout", std::to_string(std::lround(std::max(200.0, 4 * target))) + "ms"}}) {
        if (auto set = settings.set(name, value); !set)
            return tl::unexpected(set.error());
    }
    const auto walk = KeyWalk::open(connection_, step.batches->table, step.batches->key);
    if (!walk)
        return tl::unexpected(walk.error());
    if (!progress.upper_bound && !progress.finished) {
        auto end = walk->end(connection_);
        if (!end)
            return tl::unexpected(end.error());
        progress.upper_bound = *end;
        progress.finished = !end->has_value();
        progress.rows_total = walk->rowsAbout();
        if (record_.progress) {
            if (auto recorded = record_.progress(progress); !recorded)
                return tl::unexpected(recorded.error());
        }
    }
    if (progress.batch_rows <= 0)
        progress.batch_rows = step.batches->first_rows;
    if (watcher_ != nullptr) {
        watcher_->batchesBegin(walk->leafOids(), limits_.throttle);
        for (double waited = 0; waited < first_look_ms && !watcher_->load() && pause(look_pace_ms); waited += look_pace_ms) {
        }
    }
    auto walked = walkBatches(step, *walk, progress);
    if (watcher_ != nullptr) {
        watcher_->setThrottleReason("");
        watcher_->batchesEnd();
    }
    if (!walked || *walked == StepEnd::Paused)
        return walked;
    if (auto held = check(step.check_after, "after"); !held)
        return tl::unexpected(held.error());
    if (auto durable = settings.set("synchronous_commit", "on"); !durable)
        return tl::unexpected(durable.error());
    return recordDone().map([] { return StepEnd::Done; });
}

} // namespace howdah::migration
