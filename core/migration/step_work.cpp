// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/migration/step_work.h"

#include <algorithm>
#include <chrono>
#include <thread>

#include <fmt/format.h>

#include "core/base/human.h"
#include "core/migration/session_settings.h"
#include "core/sql/lexer.h"
#include "core/sql/quote.h"
#include "core/sql/transaction_block.h"

namespace howdah::migration {

namespace {

using Clock = std::chrono::steady_clock;

constexpr int patient_tries = 5;

double since(Clock::time_point begin)
{
    return std::chrono::duration<double, std::milli>(Clock::now() - begin).count();
}

std::vector<sql::StatementSpan> statementsOf(const std::string &sql)
{
    std::vector<sql::StatementSpan> statements = sql::splitStatements(sql);
    std::erase_if(statements, [](const sql::StatementSpan &statement) { return statement.text.size() == 0; });
    return statements;
}

bool runsOutside(const std::string &sql)
{
    const auto statements = statementsOf(sql);
    return std::any_of(statements.begin(), statements.end(), [&](const sql::StatementSpan &statement) {
        return sql::blockRule(statement.text.of(sql)).role == sql::BlockRole::Outside;
    });
}

/// What waits for old transactions and keeps nobody waiting meanwhile, whatever its step says: with a short timeout it would leave an
/// invalid index behind.
bool isConcurrent(const std::string &sql)
{
    const auto statements = statementsOf(sql);
    return std::any_of(statements.begin(), statements.end(), [&](const sql::StatementSpan &statement) {
        return sql::blockRule(statement.text.of(sql)).command.find("CONCURRENTLY") != std::string::npos;
    });
}

/// A lock not got in time, a deadlock, a serialization failure: the same may succeed later.
bool mayTryAgain(const Error &error)
{
    return error.sqlstate == "55P03" || error.sqlstate == "40P01" || error.sqlstate == "40001";
}

/// Undefined table, column, object or function.
bool isGone(const Error &error)
{
    return error.sqlstate == "42P01" || error.sqlstate == "42703" || error.sqlstate == "42704" || error.sqlstate == "42883" || error.sqlstate == "3F000";
}

Error paused()
{
    return fail(ErrorKind::Cancelled, "Paused").value();
}

} // namespace

Result<void> StepWork::send(const std::string &sql)
{
    auto sent = connection_.query(sql);
    if (!sent)
        return tl::unexpected(std::move(sent.error()));
    return {};
}

void StepWork::rollBack()
{
    if (!connection_.alive() || connection_.transaction() == pg::TransactionState::Idle)
        return;
    const pg::CancelShield shield(connection_.canceller());
    // Should even this fail the server has gone, and has rolled back by itself.
    static_cast<void>(send("ROLLBACK"));
}

void StepWork::tell(RunEventKind kind, std::string message)
{
    if (!record_.tell)
        return;
    RunEvent event;
    event.kind = kind;
    event.step = number_;
    event.message = std::move(message);
    record_.tell(event);
}

bool StepWork::pauseWanted() const
{
    return connection_.canceller().requested() || (watcher_ != nullptr && !watcher_->request().empty());
}

bool StepWork::pause(double milliseconds)
{
    const auto begin = Clock::now();
    for (;;) {
        if (pauseWanted())
            return false;
        const double left = milliseconds - since(begin);
        if (left <= 0)
            return true;
        std::this_thread::sleep_for(std::chrono::duration<double, std::milli>(std::min(left, 50.0)));
    }
}

Result<bool> StepWork::holds(const std::string &query)
{
    auto checked = connection_.query(query);
    if (!checked)
        return tl::unexpected(std::move(checked.error()));
    const auto &rows = checked->result;
    return rows && rows->rowCount() == 1 && rows->columns().size() == 1 && rows->cell(0, 0).text == "t";
}

Result<void> StepWork::check(const std::string &query, const char *when)
{
    if (query.empty())
        return {};
    const auto held = holds(query);
    if (!held)
        return tl::unexpected(held.error());
    if (*held)
        return {};
    return fail(ErrorKind::Unsupported, std::string("The check ") + when + " the step does not hold: " + query,
                "Look at what the server has now and make the script anew.");
}

Result<void> StepWork::recordDone()
{
    return record_.done ? record_.done() : Result<void>();
}

Result<void> StepWork::sendAll(const Piece &piece)
{
    std::int64_t rows = 0;
    for (const sql::StatementSpan &statement : statementsOf(piece.sql)) {
        auto sent = connection_.query(statement.text.of(piece.sql));
        if (sent) {
            rows += sent->rows;
            continue;
        }
        Error error = std::move(sent.error());
        if (error.position)
            error.position = ByteOffset{error.position->value + statement.text.begin.value};
        if (!piece.may_be_gone || piece.in_transaction || !isGone(error))
            return tl::unexpected(std::move(error));
    }
    if (!piece.expected_rows || rows == *piece.expected_rows)
        return {};
    return fail(ErrorKind::Unsupported, "\"" + piece.title + "\" hit " + std::to_string(rows) + " rows instead of " + std::to_string(*piece.expected_rows),
                "Somebody else has changed or deleted the row since it was read, or a trigger or policy held the change back. Read it again.");
}

std::string StepWork::timeoutOf(const Piece &piece, int number) const
{
    if (piece.policy == LockPolicy::Patient)
        return "0";
    if (limits_.lock_timeout)
        return *limits_.lock_timeout;
    return std::to_string(static_cast<int>(Backoff(limits_.locks).timeout(number))) + "ms";
}

Result<void> StepWork::onceWithin(const Piece &piece, const std::string &timeout, bool autovacuum_in_the_way)
{
    std::string begin = "BEGIN";
    std::vector<std::string> settings;
    if (!timeout.empty())
        settings.push_back("SET LOCAL lock_timeout = " + sql::quoteLiteral(timeout));
    if (piece.policy == LockPolicy::Patient)
        settings.emplace_back("SET LOCAL statement_timeout = 0");
    // An autovacuum gives way only to a waiter whose deadlock_timeout has run out, which is longer than this one waits.
    else if (autovacuum_in_the_way && connection_.facts().is_superuser)
        settings.emplace_back("SET LOCAL deadlock_timeout = '10ms'");
    if (auto begun = send(begin); !begun)
        return begun;
    for (const std::string &setting : settings) {
        if (auto set = send(setting); !set)
            return set;
    }
    if (auto sent = sendAll(piece); !sent)
        return sent;
    if (auto held = check(piece.check_after, "after"); !held)
        return held;
    if (piece.record_done) {
        if (auto recorded = recordDone(); !recorded)
            return recorded;
    }
    return send("COMMIT");
}

/// Outside of a transaction SET LOCAL does not hold, so the session's own settings are put back afterwards.
Result<void> StepWork::onceOutside(const Piece &piece, const std::string &timeout)
{
    {
        SessionSettings settings(connection_);
        if (!timeout.empty()) {
            if (auto set = settings.set("lock_timeout", timeout); !set)
                return set;
        }
        if (piece.policy == LockPolicy::Patient) {
            if (auto set = settings.set("statement_timeout", "0"); !set)
                return set;
        }
        if (auto sent = sendAll(piece); !sent)
            return sent;
    }
    if (auto held = check(piece.check_after, "after"); !held)
        return held;
    return piece.record_done ? recordDone() : Result<void>();
}

Result<void> StepWork::once(const Piece &piece, int number, bool autovacuum_in_the_way)
{
    const std::string timeout = timeoutOf(piece, number);
    auto done = piece.in_transaction ? onceWithin(piece, timeout, autovacuum_in_the_way) : onceOutside(piece, timeout);
    if (!done)
        rollBack();
    return done;
}

Error StepWork::givenUp(const Piece &piece, Error error, const std::string &blockers, int tries) const
{
    if (tries > 1)
        error.message += fmt::format(" (after {} tries)", tries);
    if (!blockers.empty())
        error.detail += (error.detail.empty() ? "" : "\n") + ("In the way: " + blockers);
    error.hint = "End or wait for what holds the lock, then run \"" + piece.title + "\" again.";
    error.retryable = true;
    return error;
}

Result<StepEnd> StepWork::runPiece(const Piece &piece)
{
    const bool brief = piece.policy == LockPolicy::Brief;
    const std::vector<WantedLock> wanted = brief && limits_.locks.tries != 1 ? wantedLocks(piece.sql, connection_.facts().major()) : std::vector<WantedLock>();
    const auto begin = Clock::now();
    const auto exhausted = [&](int tries) {
        if (!brief)
            return tries >= patient_tries;
        return limits_.locks.tries > 0 ? tries >= limits_.locks.tries : since(begin) > limits_.locks.give_up_s * 1000;
    };
    Backoff backoff(limits_.locks);
    std::string in_the_way;
    for (int number = 1;; ++number) {
        bool autovacuum = false;
        if (!wanted.empty()) {
            const auto blockers = blockersOf(connection_, wanted);
            if (!blockers && !connection_.alive())
                return tl::unexpected(blockers.error());
            std::vector<Blocker> old;
            for (const Blocker &blocker : blockers.value_or(std::vector<Blocker>())) {
                autovacuum = autovacuum || (blocker.autovacuum && !blocker.prevents_wraparound);
                if (blocker.prevents_wraparound || (!blocker.autovacuum && blocker.transaction_ms > limits_.locks.old_transaction_ms))
                    old.push_back(blocker);
            }
            if (!old.empty())
                in_the_way = names(old);
            // With few tries allowed each is made; else nobody is made to queue behind a try that cannot succeed.
            if (!old.empty() && limits_.locks.tries == 0) {
                if (exhausted(number)) {
                    Error error = fail(ErrorKind::Server, fmt::format("\"{}\" did not get its locks within {}", piece.title, human::duration(since(begin)))).value();
                    error.sqlstate = "55P03";
                    return tl::unexpected(givenUp(piece, std::move(error), in_the_way, 1));
                }
                const double wait = backoff.nextPause();
                tell(RunEventKind::Blocked, fmt::format("Waits without a try, because of {}; looks again in {}", in_the_way, human::duration(wait)));
                if (!pause(wait))
                    return connection_.canceller().requested() ? Result<StepEnd>(tl::unexpected(paused())) : StepEnd::Paused;
                continue;
            }
        }
        if (watcher_ != nullptr)
            brief ? watcher_->attemptBegins(limits_.locks.max_queued) : watcher_->statementBegins();
        auto done = once(piece, number, autovacuum);
        Watcher::Attempt seen;
        if (watcher_ != nullptr) {
            if (brief)
                seen = watcher_->attemptEnds();
            else
                watcher_->statementEnds();
        }
        if (done)
            return StepEnd::Done;
        Error error = std::move(done.error());
        if (piece.may_be_gone && isGone(error))
            return piece.record_done ? recordDone().map([] { return StepEnd::Done; }) : StepEnd::Done;
        if (!connection_.alive() || connection_.canceller().requested() || !(mayTryAgain(error) || (seen.gave_up && error.sqlstate == "57014")))
            return tl::unexpected(std::move(error));
        if (!seen.blockers.empty())
            in_the_way = seen.blockers;
        if (exhausted(number))
            return tl::unexpected(givenUp(piece, std::move(error), in_the_way, number));
        const double wait = backoff.nextPause();
        const std::string what = seen.gave_up ? fmt::format("{} sessions queued behind it", seen.queued) : error.message;
        tell(RunEventKind::Retry, fmt::format("Try {} was given up: {}{}; again in {}", number, what, in_the_way.empty() ? "" : ", because of " + in_the_way, human::duration(wait)));
        if (!pause(wait))
            return connection_.canceller().requested() ? Result<StepEnd>(tl::unexpected(paused())) : StepEnd::Paused;
        if (piece.repair != nullptr) {
            if (auto repaired = repair(*piece.repair); !repaired || *repaired == StepEnd::Paused)
                return repaired;
        }
    }
}

Result<StepEnd> StepWork::repair(const ChangeStep &step)
{
    if (step.repair_sql.empty())
        return StepEnd::Done;
    Piece piece;
    piece.sql = step.repair_sql;
    piece.in_transaction = !runsOutside(step.repair_sql);
    piece.policy = piece.in_transaction ? LockPolicy::Brief : LockPolicy::Patient;
    piece.title = step.title;
    piece.record_done = false;
    auto repaired = runPiece(piece);
    if (repaired && *repaired == StepEnd::Done)
        tell(RunEventKind::Repaired, "What the interrupted try had left was removed: " + step.repair_sql);
    return repaired;
}

Result<StepEnd> StepWork::undo(const ChangeStep &step, bool may_be_gone)
{
    Piece piece;
    piece.sql = step.undo_sql;
    piece.in_transaction = !runsOutside(step.undo_sql);
    piece.policy = piece.in_transaction ? LockPolicy::Brief : LockPolicy::Patient;
    piece.title = "Take back: " + step.title;
    // Of several statements that commit together none may be missing, or the others would not be run either.
    piece.may_be_gone = may_be_gone && (!piece.in_transaction || statementsOf(step.undo_sql).size() == 1);
    return runPiece(piece);
}

Result<void> StepWork::runWithin(const ChangeStep &step)
{
    if (auto held = check(step.check_before, "before"); !held)
        return held;
    Piece piece;
    piece.sql = step.sql;
    piece.title = step.title;
    piece.expected_rows = step.expected_rows;
    if (auto sent = sendAll(piece); !sent)
        return sent;
    return check(step.check_after, "after");
}

Result<StepEnd> StepWork::run(const ChangeStep &step, const std::optional<BatchProgress> &progress)
{
    const bool begun = progress && progress->upper_bound;
    if (!begun) {
        if (auto held = check(step.check_before, "before"); !held)
            return tl::unexpected(held.error());
    }
    if (step.batches)
        return batches(step, progress.value_or(BatchProgress()));
    if (step.comparison)
        return compare(step, progress.value_or(BatchProgress()));
    Piece piece;
    piece.sql = step.sql;
    piece.in_transaction = step.in_transaction;
    piece.policy = !step.in_transaction && isConcurrent(step.sql) ? LockPolicy::Patient : step.lock_policy;
    piece.check_after = step.check_after;
    piece.expected_rows = step.expected_rows;
    piece.title = step.title;
    piece.repair = step.in_transaction ? nullptr : &step;
    return runPiece(piece);
}

} // namespace howdah::migration
