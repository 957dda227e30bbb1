// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/migration/watcher.h"

#include <algorithm>
#include <charconv>
#include <chrono>

#include <fmt/format.h>

#include "core/base/human.h"
#include "core/pg/row_store.h"

namespace howdah::migration {

namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr milliseconds attempt_pace{25};
constexpr milliseconds load_pace{1000};
constexpr milliseconds beat_pace{500};
constexpr std::size_t wal_course_kept = 3600; ///< looks, about one a second

template <typename T> T numberOf(const pg::RowStore &rows, std::size_t column, std::int64_t row = 0)
{
    T value{};
    const std::string_view text = rows.cell(row, column).text;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

std::string textOf(const pg::RowStore &rows, std::size_t column)
{
    return std::string(rows.cell(0, column).text);
}

/// Who stands in the way of $1, as people read it.
constexpr const char *blockers_sql =
    "(SELECT string_agg(format('pid %s (%s: %s, since %s s)', a.pid, coalesce(nullif(a.application_name, ''), nullif(a.usename, ''), a.backend_type), "
    "CASE WHEN a.state = 'active' OR a.state IS NULL THEN left(translate(coalesce(a.query, ''), E'\\n\\t', '  '), 60) ELSE a.state END, "
    "round(extract(epoch FROM clock_timestamp() - coalesce(a.xact_start, a.backend_start))::numeric, 1)), ', ' ORDER BY a.xact_start) "
    "FROM pg_stat_activity a WHERE a.pid = ANY (pg_blocking_pids($1::int)))";

constexpr const char *load_sql = R"(SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::bigint,
 r.name, r.lag_s, r.lag_bytes, s.name, s.bytes, s.danger, t.name, t.age, v.who, v.age, w.waiting,
 extract(hour FROM localtime)::int * 60 + extract(minute FROM localtime)::int
FROM (SELECT count(*) AS waiting FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()) w
LEFT JOIN (SELECT coalesce(nullif(application_name, ''), 'pid ' || pid) AS name, coalesce(extract(epoch FROM replay_lag), 0) AS lag_s,
  coalesce(pg_wal_lsn_diff(pg_current_wal_lsn(), replay_lsn), 0)::bigint AS lag_bytes FROM pg_stat_replication WHERE state IN ('streaming', 'catchup')
  ORDER BY 3 DESC LIMIT 1) r ON true
LEFT JOIN (SELECT slot_name AS name, pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn)::bigint AS bytes, wal_status = 'unreserved' AS danger
  FROM pg_replication_slots WHERE restart_lsn IS NOT NULL ORDER BY 2 DESC LIMIT 1) s ON true
LEFT JOIN (SELECT format('pid %s (%s)', pid, coalesce(nullif(application_name, ''), usename)) AS name, extract(epoch FROM clock_timestamp() - xact_start) AS age
  FROM pg_stat_activity WHERE backend_xmin IS NOT NULL AND backend_type = 'client backend' AND pid <> $1::int AND pid <> pg_backend_pid()
  ORDER BY 2 DESC NULLS LAST LIMIT 1) t ON true
LEFT JOIN (SELECT p.pid || ' ' || a.xact_start AS who, greatest(extract(epoch FROM clock_timestamp() - a.xact_start), 0.001) AS age FROM pg_stat_progress_vacuum p
  JOIN pg_stat_activity a USING (pid) WHERE p.relid = ANY ($2::oid[]) AND a.backend_type = 'autovacuum worker' ORDER BY 2 LIMIT 1) v ON true)";

// Each: phase, done, total, unit.
constexpr const char *progress_sql = R"(SELECT * FROM (
 SELECT phase, CASE WHEN lockers_total > 0 THEN lockers_done WHEN tuples_total > 0 THEN tuples_done ELSE blocks_done END AS done,
  CASE WHEN lockers_total > 0 THEN lockers_total WHEN tuples_total > 0 THEN tuples_total ELSE blocks_total END AS total,
  CASE WHEN lockers_total > 0 THEN 'transactions' WHEN tuples_total > 0 THEN 'rows' ELSE 'blocks' END AS unit FROM pg_stat_progress_create_index WHERE pid = $1::int
 UNION ALL SELECT phase, heap_blks_scanned, heap_blks_total, 'blocks' FROM pg_stat_progress_vacuum WHERE pid = $1::int
 UNION ALL SELECT phase, heap_blks_scanned, heap_blks_total, 'blocks' FROM pg_stat_progress_cluster WHERE pid = $1::int
 UNION ALL SELECT phase, sample_blks_scanned, sample_blks_total, 'blocks' FROM pg_stat_progress_analyze WHERE pid = $1::int) p LIMIT 1)";

std::string oidArray(const std::vector<std::string> &oids)
{
    std::string text = "{";
    for (const std::string &oid : oids)
        text += (text.size() == 1 ? "" : ",") + oid;
    return text + "}";
}

} // namespace

Watcher::Watcher(pg::ConnectionSpec spec, Tasks tasks) : spec_(std::move(spec)), tasks_(std::move(tasks))
{
    spec_.application_name = "howdah watcher";
    thread_ = std::thread([this] { watch(); });
}

Watcher::~Watcher()
{
    {
        const std::lock_guard lock(mutex_);
        ending_ = true;
    }
    wake_.notify_all();
    canceller_.cancel();
    thread_.join();
}

void Watcher::setWorker(int pid)
{
    const std::lock_guard lock(mutex_);
    worker_ = pid;
}

void Watcher::attemptBegins(int max_queued)
{
    {
        const std::lock_guard lock(mutex_);
        duty_ = Duty::Attempt;
        max_queued_ = max_queued;
        attempt_ = {};
    }
    wake_.notify_all();
}

Watcher::Attempt Watcher::attemptEnds()
{
    // A cancel that was decided on is through when the lock is had.
    const std::lock_guard cancelling(cancelling_);
    const std::lock_guard lock(mutex_);
    duty_ = Duty::Idle;
    return attempt_;
}

void Watcher::statementBegins()
{
    {
        const std::lock_guard lock(mutex_);
        duty_ = Duty::Statement;
    }
    wake_.notify_all();
}

void Watcher::statementEnds()
{
    const std::lock_guard lock(mutex_);
    duty_ = Duty::Idle;
    progress_.clear();
    tell_now_ = true;
}

void Watcher::batchesBegin(std::vector<std::string> oids, const Throttle &throttle)
{
    {
        const std::lock_guard lock(mutex_);
        duty_ = Duty::Batches;
        oids_ = std::move(oids);
        throttle_ = throttle;
        load_.reset();
    }
    wake_.notify_all();
}

void Watcher::batchesEnd()
{
    const std::lock_guard lock(mutex_);
    duty_ = Duty::Idle;
    oids_.clear();
}

std::optional<Load> Watcher::load() const
{
    const std::lock_guard lock(mutex_);
    return load_;
}

Throttle Watcher::throttle() const
{
    const std::lock_guard lock(mutex_);
    return throttle_;
}

void Watcher::setThrottleReason(const std::string &reason)
{
    {
        const std::lock_guard lock(mutex_);
        throttle_reason_ = reason;
        tell_now_ = true;
    }
    wake_.notify_all();
}

std::string Watcher::request() const
{
    const std::lock_guard lock(mutex_);
    return request_;
}

void Watcher::watch()
{
    const pg::CancelScope scope(canceller_);
    for (;;) {
        {
            std::unique_lock lock(mutex_);
            if (ending_)
                return;
        }
        const bool connected = connect();
        if (connected)
            look();
        std::unique_lock lock(mutex_);
        const Duty before = duty_;
        const milliseconds pause = !connected ? milliseconds(1000) : duty_ == Duty::Attempt ? attempt_pace : milliseconds(200);
        wake_.wait_for(lock, pause, [&] { return ending_ || tell_now_ || duty_ != before; });
        if (ending_)
            return;
    }
}

bool Watcher::connect()
{
    if (connection_ && connection_->alive())
        return true;
    connection_.reset();
    auto opened = pg::Connection::open(spec_, canceller_);
    if (!opened)
        return false;
    connection_ = std::move(*opened);
    static_cast<void>(ask("SET statement_timeout = '5s'"));
    static_cast<void>(ask("SET lock_timeout = '2s'"));
    beat_at_ = {};
    return true;
}

void Watcher::look()
{
    Duty duty{};
    bool tell = false;
    {
        const std::lock_guard lock(mutex_);
        duty = duty_;
        tell = tell_now_;
        tell_now_ = false;
    }
    const auto now = Clock::now();
    if (duty == Duty::Attempt)
        lookAtAttempt();
    if (duty == Duty::Statement && now - looked_at_ >= load_pace) {
        looked_at_ = now;
        lookAtStatement();
    }
    if (duty == Duty::Batches && now - looked_at_ >= (load() ? load_pace : milliseconds(0))) {
        looked_at_ = now;
        lookAtLoad();
    }
    if (tasks_.migration != 0 && (tell || now - beat_at_ >= beat_pace)) {
        beat_at_ = now;
        beat();
    }
}

std::optional<pg::StatementOutcome> Watcher::ask(const std::string &sql, const std::vector<pg::Parameter> &parameters)
{
    auto answer = connection_->query(sql, parameters);
    if (!answer)
        return {};
    return std::move(*answer);
}

void Watcher::lookAtAttempt()
{
    int worker = 0;
    {
        const std::lock_guard lock(mutex_);
        worker = worker_;
    }
    const auto seen = ask(std::string("SELECT ") + blockers_sql
                              + ", (SELECT count(*) FROM pg_stat_activity q WHERE q.wait_event_type = 'Lock' AND q.pid <> $1::int AND $1::int = ANY (pg_blocking_pids(q.pid)))",
                          {std::to_string(worker)});
    if (!seen)
        return;
    const int queued = numberOf<int>(*seen->result, 1);
    bool cancel = false;
    const std::lock_guard cancelling(cancelling_);
    {
        const std::lock_guard lock(mutex_);
        if (duty_ != Duty::Attempt)
            return;
        if (!seen->result->cell(0, 0).is_null)
            attempt_.blockers = textOf(*seen->result, 0);
        attempt_.queued = std::max(attempt_.queued, queued);
        cancel = max_queued_ > 0 && queued > max_queued_ && !attempt_.gave_up;
        attempt_.gave_up = attempt_.gave_up || cancel;
    }
    if (cancel)
        static_cast<void>(ask("SELECT pg_cancel_backend($1::int)", {std::to_string(worker)}));
}

void Watcher::lookAtStatement()
{
    int worker = 0;
    {
        const std::lock_guard lock(mutex_);
        worker = worker_;
    }
    StatementProgress progress;
    const auto waits = ask(std::string("SELECT ") + blockers_sql, {std::to_string(worker)});
    const auto rows = ask(progress_sql, {std::to_string(worker)});
    if (rows && rows->result->rowCount() == 1) {
        const auto done = numberOf<std::int64_t>(*rows->result, 1);
        const auto total = numberOf<std::int64_t>(*rows->result, 2);
        progress.text = textOf(*rows->result, 0);
        if (total > 0) {
            progress.text += fmt::format(": {} of {} {}", human::count(done), human::count(total), textOf(*rows->result, 3));
            progress.fraction = std::min(1.0, static_cast<double>(done) / static_cast<double>(total));
        }
    }
    if (waits && !waits->result->cell(0, 0).is_null)
        progress.text += (progress.text.empty() ? "waiting for " : ", waiting for ") + textOf(*waits->result, 0);
    {
        const std::lock_guard lock(mutex_);
        if (duty_ != Duty::Statement)
            return;
        progress_ = progress.text;
    }
    if (tasks_.progress && !progress.text.empty())
        tasks_.progress(progress);
}

double Watcher::secondsBehind(std::chrono::steady_clock::time_point now, std::int64_t replayed) const
{
    if (wal_course_.empty() || wal_course_.back().second <= replayed)
        return 0;
    // It lacks what was written behind the last place that it has reached.
    const auto first_missed = std::find_if(wal_course_.begin(), wal_course_.end(), [&](const auto &place) { return place.second > replayed; });
    return std::chrono::duration<double>(now - first_missed->first).count();
}

void Watcher::lookAtLoad()
{
    std::string oids;
    std::string probe;
    int worker = 0;
    {
        const std::lock_guard lock(mutex_);
        oids = oidArray(oids_);
        probe = throttle_.latency_ms > 0 ? throttle_.latency_sql : std::string();
        worker = worker_;
    }
    Load load;
    if (!probe.empty()) {
        const auto begin = Clock::now();
        const auto answered = ask(probe);
        load.latency_ms = std::chrono::duration<double, std::milli>(Clock::now() - begin).count();
        if (!answered && connection_->alive() && connection_->transaction() != pg::TransactionState::Idle)
            static_cast<void>(ask("ROLLBACK"));
    }
    const auto seen = ask(load_sql, {std::to_string(worker), oids});
    if (!seen)
        return;
    const pg::RowStore &row = *seen->result;
    load.wal_position = numberOf<std::int64_t>(row, 0);
    const auto now = Clock::now();
    if (wal_before_ >= 0) {
        const double seconds = std::chrono::duration<double>(now - wal_at_).count();
        load.wal_bytes_per_second = seconds > 0 ? static_cast<double>(load.wal_position - wal_before_) / seconds : 0;
    }
    wal_before_ = load.wal_position;
    wal_at_ = now;
    wal_course_.emplace_back(now, load.wal_position);
    while (wal_course_.size() > wal_course_kept)
        wal_course_.pop_front();
    load.replica = textOf(row, 1);
    load.replica_lag_s = numberOf<double>(row, 2);
    load.replica_lag_bytes = numberOf<std::int64_t>(row, 3);
    load.replica_lag_s = std::max(load.replica_lag_s, secondsBehind(now, load.wal_position - load.replica_lag_bytes));
    load.slot = textOf(row, 4);
    load.slot_bytes = numberOf<std::int64_t>(row, 5);
    load.slot_in_danger = row.cell(0, 6).text == "t";
    load.oldest_transaction = textOf(row, 7);
    load.oldest_transaction_s = numberOf<double>(row, 8);
    load.autovacuum_s = numberOf<double>(row, 10);
    load.waiting_sessions = numberOf<int>(row, 11);
    load.minute_of_day = numberOf<int>(row, 12);
    const std::lock_guard lock(mutex_);
    if (duty_ == Duty::Batches)
        load_ = std::move(load);
}

/// The heartbeat, and on its way back what others ask.
void Watcher::beat()
{
    std::string reason;
    std::string progress;
    {
        const std::lock_guard lock(mutex_);
        reason = throttle_reason_;
        progress = progress_;
    }
    const auto row = ask("UPDATE howdah.migrations SET heartbeat_at = clock_timestamp(), throttle_reason = $2, progress = $3 WHERE id = $1 RETURNING request, throttle::text",
                         {std::to_string(tasks_.migration), reason, progress});
    if (!row || !row->result || row->result->rowCount() != 1)
        return;
    bool stop = false;
    {
        const std::lock_guard lock(mutex_);
        request_ = textOf(*row->result, 0);
        if (auto throttle = readThrottle(textOf(*row->result, 1)))
            throttle_ = std::move(*throttle);
        stop = request_ == "stop" && !stop_told_;
        stop_told_ = stop_told_ || stop;
    }
    if (stop && tasks_.stop)
        tasks_.stop();
}

} // namespace howdah::migration
