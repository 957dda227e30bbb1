// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/migration/migration_run.h"

#include <algorithm>
#include <thread>

#include <nlohmann/json.hpp>
#include <unistd.h>

#include <fmt/format.h>

#include "core/base/human.h"
#include "core/migration/script_json.h"

namespace howdah::migration {

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t no_step = static_cast<std::size_t>(-1);
constexpr int most_losses = 10;
/// A heartbeat comes twice a second.
constexpr double dead_after_ms = 8000;

double since(Clock::time_point begin)
{
    return std::chrono::duration<double, std::milli>(Clock::now() - begin).count();
}

std::string hostName()
{
    char name[256] = {};
    return gethostname(name, sizeof name - 1) == 0 ? name : "unknown";
}

pg::Parameter keyParameter(const std::optional<KeyPlace> &place)
{
    if (!place)
        return {};
    return nlohmann::json(*place).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

/// Lines that only one of them has.
std::string moved(const std::string &then, const std::string &now)
{
    const auto lines = [](const std::string &text) {
        std::vector<std::string> all;
        for (std::size_t at = 0; at <= text.size();) {
            const std::size_t end = std::min(text.find('\n', at), text.size());
            all.push_back(text.substr(at, end - at));
            at = end + 1;
        }
        return all;
    };
    const auto before = lines(then);
    const auto after = lines(now);
    std::string text;
    for (const std::string &line : before) {
        if (std::find(after.begin(), after.end(), line) == after.end())
            text += "then: " + line + "\n";
    }
    for (const std::string &line : after) {
        if (std::find(before.begin(), before.end(), line) == before.end())
            text += "now:  " + line + "\n";
    }
    return text;
}

} // namespace

MigrationRun::MigrationRun(pg::ConnectionSpec spec, const pg::Canceller &canceller, std::int64_t id, const ExecutorOptions &options, const RunObserver &observer)
    : spec_(std::move(spec)), canceller_(canceller), id_(id), options_(options), observer_(observer)
{
    limits_.locks = options.locks;
    executor_ = fmt::format("{} on {}, process {}", spec_.application_name, hostName(), getpid());
    spec_.application_name = fmt::format("howdah migration {}", id);
}

void MigrationRun::tell(const RunEvent &event)
{
    const bool kept = event.kind != RunEventKind::Progress && connection_ && connection_->alive() && connection_->transaction() == pg::TransactionState::Idle;
    if (kept) {
        const pg::CancelShield shield(connection_->canceller());
        static_cast<void>(write("INSERT INTO howdah.events (migration_id, step, kind, message) VALUES ($1, nullif($2::int, 0), $3, $4)",
                                {std::to_string(event.step), std::string(word(event.kind)), event.message}));
        if (event.kind == RunEventKind::Retry && event.step > 0)
            static_cast<void>(write("UPDATE howdah.steps SET attempts = attempts + 1 WHERE migration_id = $1 AND number = $2", {std::to_string(event.step)}));
    }
    const std::lock_guard lock(telling_);
    if (observer_)
        observer_(event);
}

void MigrationRun::tell(RunEventKind kind, std::size_t index, std::string message, double duration_ms)
{
    RunEvent event;
    event.kind = kind;
    event.step = index == no_step ? 0 : static_cast<int>(index) + 1;
    event.message = std::move(message);
    event.duration_ms = duration_ms;
    tell(event);
}

Result<void> MigrationRun::write(const std::string &sql, std::vector<pg::Parameter> parameters)
{
    parameters.insert(parameters.begin(), std::to_string(id_));
    auto written = connection_->query(sql, parameters);
    if (!written)
        return tl::unexpected(std::move(written.error()));
    return {};
}

Result<void> MigrationRun::connect()
{
    connection_.reset();
    auto opened = pg::Connection::open(spec_, canceller_);
    if (!opened)
        return tl::unexpected(opened.error());
    connection_ = std::move(*opened);
    if (connection_->facts().in_recovery)
        return fail(ErrorKind::Usage, "This server is a standby: a migration runs on the primary");
    if (connection_->facts().read_only)
        return fail(ErrorKind::Usage, "This connection is read-only");
    // From 14 on the server notices by itself that we are gone, and gives up what it does for us.
    if (connection_->facts().major() >= 14)
        static_cast<void>(connection_->query("SET client_connection_check_interval = '1s'"));
    // What a role has set for its sessions is not for a migration, which may take as long as it takes.
    for (const char *setting : {"SET idle_in_transaction_session_timeout = 0", "SET statement_timeout = 0"})
        static_cast<void>(connection_->query(setting));
    // The journal must not forget a step that a crash of the server leaves behind, whatever the server is set to.
    static_cast<void>(connection_->query("SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'"));
    return {};
}

Result<bool> MigrationRun::tryLock()
{
    const auto taken = connection_->query(fmt::format("SELECT pg_try_advisory_lock({}, {})", journal_lock_class, id_));
    if (!taken)
        return tl::unexpected(taken.error());
    return taken->result->cell(0, 0).text == "t";
}

/// The lock is held for as long as the server process of an executor lives, which may be longer than the executor itself. One whose
/// heart has stopped, or that is our own of a lost connection, is ended.
Result<void> MigrationRun::takeLock()
{
    const auto begin = Clock::now();
    std::string first_beat;
    bool ended = false;
    for (;;) {
        const auto taken = tryLock();
        if (!taken)
            return tl::unexpected(taken.error());
        if (*taken)
            return {};
        const auto holder = connection_->query(
            "SELECT l.pid, m.executor, coalesce(m.heartbeat_at::text, ''), coalesce(extract(epoch FROM clock_timestamp() - m.heartbeat_at) * 1000, 1e9)::float8 "
            "FROM howdah.migrations m LEFT JOIN pg_locks l ON l.locktype = 'advisory' AND l.granted AND l.objsubid = 2 AND l.classid = $2::oid "
            "AND l.objid::bigint = m.id AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database()) WHERE m.id = $1",
            {std::to_string(id_), std::to_string(journal_lock_class)});
        if (!holder)
            return tl::unexpected(holder.error());
        if (holder->result->rowCount() != 1)
            return fail(ErrorKind::Usage, fmt::format("There is no migration {} in this database", id_));
        const pg::RowStore &row = *holder->result;
        const std::string beat(row.cell(0, 2).text);
        if (first_beat.empty())
            first_beat = beat;
        const bool own = row.cell(0, 1).text == executor_;
        const bool dead = std::stod(std::string(row.cell(0, 3).text)) > dead_after_ms;
        if (!own && beat != first_beat)
            return fail(ErrorKind::Usage, fmt::format("Migration {} is run by {} (server process {})", id_, std::string(row.cell(0, 1).text), std::string(row.cell(0, 0).text)),
                        "Watch it with \"migrate status\", or pause it with \"migrate pause\".");
        if ((own || dead) && !row.cell(0, 0).is_null && !ended) {
            ended = true;
            static_cast<void>(connection_->query("SELECT pg_terminate_backend($1::int)", {std::string(row.cell(0, 0).text)}));
        }
        if (since(begin) > options_.takeover_s * 1000)
            return fail(ErrorKind::Server, fmt::format("Server process {} still holds the lock of migration {}", std::string(row.cell(0, 0).text), id_),
                        "Its executor is gone. End that process, then resume.");
        if (canceller_.requested())
            return fail(ErrorKind::Cancelled, "Cancelled");
        std::this_thread::sleep_for(std::chrono::milliseconds(250));
    }
}

Result<void> MigrationRun::load()
{
    auto read = readMigration(*connection_, id_, 0);
    if (!read)
        return tl::unexpected(read.error());
    migration_ = std::move(*read);
    limits_.throttle = migration_.throttle;
    return {};
}

std::string MigrationRun::whereItStands() const
{
    std::string text;
    for (const JournalStep &step : migration_.steps)
        text += fmt::format("{}:{} ", word(step.state), step.batches ? step.batches->batches : 0);
    return text;
}

/// False as well when the same place was lost again and again: a statement that brings the server down would do so for ever.
bool MigrationRun::reconnect(const Error &lost)
{
    if (canceller_.requested())
        return false;
    tell(RunEventKind::Note, no_step, "The connection is lost (" + lost.message + "); connecting again");
    const auto begin = Clock::now();
    double pause_ms = 100;
    while (since(begin) < options_.reconnect_s * 1000 && !canceller_.requested()) {
        std::this_thread::sleep_for(std::chrono::duration<double, std::milli>(pause_ms));
        pause_ms = std::min(pause_ms * 1.5, 2000.0);
        if (!connect() || !takeLock() || !load())
            continue;
        watcher_->setWorker(connection_->facts().backend_pid);
        if (!write("UPDATE howdah.migrations SET executor_pid = pg_backend_pid(), heartbeat_at = clock_timestamp() WHERE id = $1"))
            continue;
        tell(RunEventKind::Reconnected, no_step, fmt::format("Connected again after {}", human::duration(since(begin))));
        const std::string stands = whereItStands();
        lost_there_ = stands == lost_at_ ? lost_there_ + 1 : 1;
        lost_at_ = stands;
        return lost_there_ <= most_losses;
    }
    return false;
}

std::optional<Error> MigrationRun::refusal(bool backward_wanted) const
{
    const auto refuse = [this](const std::string &what) { return fail(ErrorKind::Usage, fmt::format("Migration {} {}", id_, what)).value(); };
    if (migration_.state == MigrationState::RolledBack)
        return refuse("has been rolled back");
    if (!backward_wanted && !migration_.backward && migration_.state == MigrationState::Done)
        return refuse("is done");
    if (backward_wanted) {
        const auto stuck = irreversible(migration_);
        if (!stuck.empty()) {
            Error error = refuse("cannot be rolled back");
            for (const std::string &one : stuck)
                error.detail += one + "\n";
            error.hint = "Nothing was changed.";
            return error;
        }
    }
    return {};
}

/// The catalog must be what it was when the script was made; only before the first step, since the steps themselves change it.
Result<void> MigrationRun::checkFingerprint()
{
    const ChangeScript &script = migration_.script;
    const bool fresh = std::all_of(migration_.steps.begin(), migration_.steps.end(), [](const JournalStep &step) { return step.state == JournalStepState::Waiting; });
    if (!fresh || script.fingerprint_sql.empty())
        return {};
    const auto now = connection_->query(script.fingerprint_sql);
    if (!now)
        return tl::unexpected(now.error());
    const std::string text = now->result && now->result->rowCount() > 0 ? std::string(now->result->cell(0, 0).text) : std::string();
    if (text == script.fingerprint)
        return {};
    Error error = fail(ErrorKind::Unsupported, "The schema has changed since this script was made", "Nothing was run. Make the script anew.").value();
    error.detail = moved(script.fingerprint, text);
    return tl::unexpected(std::move(error));
}

Result<void> MigrationRun::begin(bool backward_wanted)
{
    backward_ = backward_wanted || migration_.backward;
    if (!backward_) {
        if (auto same = checkFingerprint(); !same)
            return same;
    }
    // One that waits for a deployment is resumed by whoever knows that it is there.
    Phase deployed = migration_.deployed;
    if (options_.deployed) {
        deployed = Phase::Contract;
    } else if (migration_.state == MigrationState::Waiting && !backward_) {
        for (std::size_t i = 0; i < migration_.steps.size(); ++i) {
            if (migration_.steps[i].state != JournalStepState::Done) {
                deployed = std::max(deployed, migration_.script.steps[i].phase);
                break;
            }
        }
    }
    migration_.deployed = deployed;
    return write("UPDATE howdah.migrations SET state = $2, backward = $3::boolean, deployed = $4, waits_for = '', request = '', error = NULL, throttle_reason = '', progress = '', "
                 "started_at = coalesce(started_at, clock_timestamp()), finished_at = NULL, executor = $5, executor_pid = pg_backend_pid(), heartbeat_at = clock_timestamp() WHERE id = $1",
                 {std::string(word(backward_ ? MigrationState::RollingBack : MigrationState::Running)), backward_ ? "t" : "f", std::string(word(deployed)), executor_});
}

Execution MigrationRun::run(bool backward_wanted)
{
    const pg::CancelScope scope(canceller_);
    Execution failed;
    const auto refuse = [&](Error error) {
        failed.error = std::move(error);
        return failed;
    };
    if (auto connected = connect(); !connected)
        return refuse(connected.error());
    if (auto loaded = load(); !loaded) // first, so that a wrong number is told as such
        return refuse(loaded.error());
    if (auto locked = takeLock(); !locked)
        return refuse(locked.error());
    if (auto loaded = load(); !loaded)
        return refuse(loaded.error());
    if (auto refused = refusal(backward_wanted))
        return refuse(std::move(*refused));
    Watcher::Tasks tasks;
    tasks.migration = id_;
    tasks.stop = [this] { canceller_.cancel(); };
    tasks.progress = [this](const StatementProgress &progress) {
        RunEvent event;
        event.kind = RunEventKind::Progress;
        event.message = progress.text;
        event.fraction = progress.fraction;
        const std::lock_guard lock(telling_);
        if (observer_)
            observer_(event);
    };
    pg::ConnectionSpec beside = spec_;
    if (auto begun = begin(backward_wanted); !begun) {
        // Bound to a catalog that is no more: the journal says so.
        const pg::CancelShield shield(canceller_);
        if (connection_->alive())
            static_cast<void>(write("UPDATE howdah.migrations SET state = 'failed', error = $2::jsonb WHERE id = $1", {errorDocument(begun.error())}));
        return refuse(begun.error());
    }
    watcher_ = std::make_unique<Watcher>(std::move(beside), std::move(tasks));
    watcher_->setWorker(connection_->facts().backend_pid);
    for (;;) {
        auto stop = backward_ ? backward() : forward();
        const bool lost = stop && stop->error && !connection_->alive();
        if (lost && reconnect(*stop->error))
            continue;
        if (lost && stop->end != ExecutionEnd::Paused)
            stop->end = ExecutionEnd::Interrupted;
        return finish(std::move(stop));
    }
}

Execution MigrationRun::finish(std::optional<Stop> stop)
{
    watcher_.reset();
    Execution execution;
    if (stop) {
        execution.end = stop->end;
        execution.waits_for = stop->waits_for;
        execution.error = stop->error;
        execution.step = stop->step;
    } else {
        execution.end = ExecutionEnd::Done;
    }
    if (!connection_->alive())
        return execution;
    const pg::CancelShield shield(connection_->canceller());
    MigrationState state = backward_ ? MigrationState::RolledBack : MigrationState::Done;
    if (execution.end == ExecutionEnd::Waiting)
        state = MigrationState::Waiting;
    else if (execution.end == ExecutionEnd::Paused)
        state = MigrationState::Paused;
    else if (execution.end != ExecutionEnd::Done)
        state = MigrationState::Failed;
    const pg::Parameter error = execution.error && execution.end == ExecutionEnd::Failed ? pg::Parameter(errorDocument(*execution.error)) : std::nullopt;
    if (execution.step > 0)
        static_cast<void>(write("UPDATE howdah.steps SET state = CASE WHEN state = 'running' AND $3::jsonb IS NOT NULL THEN 'failed' ELSE state END, error = $3::jsonb, "
                                "duration_ms = duration_ms + $4::float8 WHERE migration_id = $1 AND number = $2",
                                {std::to_string(execution.step), error, fmt::format("{:.3f}", since(step_began_))}));
    const auto written = write("UPDATE howdah.migrations SET state = $2, waits_for = $3, request = '', error = $4::jsonb, throttle_reason = '', progress = '', "
                               "finished_at = CASE WHEN $2 IN ('done', 'rolled_back') THEN clock_timestamp() END, heartbeat_at = clock_timestamp() WHERE id = $1",
                               {std::string(word(state)), execution.waits_for, error});
    if (!written && !execution.error) {
        execution.end = ExecutionEnd::Interrupted;
        execution.error = written.error();
    }
    RunEvent event;
    event.kind = execution.end == ExecutionEnd::Failed ? RunEventKind::Failed : RunEventKind::Note;
    event.step = execution.step;
    event.error = execution.error;
    event.message = execution.end == ExecutionEnd::Failed ? execution.error->message
        : execution.end == ExecutionEnd::Waiting ? "Waits until this is deployed: " + execution.waits_for : "Now " + std::string(word(state));
    tell(event);
    // The server takes its time to notice that a connection is gone; who looks now shall find nobody at work.
    static_cast<void>(connection_->query(fmt::format("SELECT pg_advisory_unlock({}, {})", journal_lock_class, id_)));
    return execution;
}

Result<void> MigrationRun::setStep(std::size_t index, JournalStepState state)
{
    const bool over = state == JournalStepState::Done || state == JournalStepState::Undone || state == JournalStepState::Kept;
    const bool begins = state == JournalStepState::Running;
    auto written = write("UPDATE howdah.steps SET state = $3, error = NULL, attempts = attempts + CASE WHEN $4::boolean THEN 1 ELSE 0 END, "
                         "started_at = CASE WHEN $4::boolean THEN coalesce(started_at, clock_timestamp()) ELSE started_at END, "
                         "finished_at = CASE WHEN $5::boolean THEN clock_timestamp() END, "
                         "duration_ms = duration_ms + $6::float8 WHERE migration_id = $1 AND number = $2",
                         {std::to_string(index + 1), std::string(word(state)), begins ? "t" : "f", over ? "t" : "f",
                          fmt::format("{:.3f}", over ? since(step_began_) : 0.0)});
    return written;
}

Result<void> MigrationRun::writeProgress(std::size_t index, const BatchProgress &progress)
{
    return write("INSERT INTO howdah.batches (migration_id, step, cursor, upper_bound, finished, batches, batch_rows, rows_done, rows_total, rows_per_second) "
                 "VALUES ($1, $2::int, $3::jsonb, $4::jsonb, $5::boolean, $6::bigint, $7::bigint, $8::bigint, $9::bigint, $10::float8) "
                 "ON CONFLICT (migration_id, step) DO UPDATE SET cursor = excluded.cursor, upper_bound = excluded.upper_bound, finished = excluded.finished, "
                 "batches = excluded.batches, batch_rows = excluded.batch_rows, rows_done = excluded.rows_done, rows_total = excluded.rows_total, "
                 "rows_per_second = excluded.rows_per_second, updated_at = clock_timestamp()",
                 {std::to_string(index + 1), keyParameter(progress.cursor), keyParameter(progress.upper_bound), progress.finished ? "t" : "f",
                  std::to_string(progress.batches), std::to_string(progress.batch_rows), std::to_string(progress.rows_done), std::to_string(progress.rows_total),
                  fmt::format("{:.1f}", progress.rows_per_second)});
}

StepRecord MigrationRun::recordOf(std::size_t index, JournalStepState done_state)
{
    StepRecord record;
    record.done = [this, index, done_state] { return setStep(index, done_state); };
    record.progress = [this, index](const BatchProgress &progress) { return writeProgress(index, progress); };
    record.tell = [this](const RunEvent &event) { tell(event); };
    return record;
}

} // namespace howdah::migration
