// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/activity/reader.h"

#include <algorithm>
#include <charconv>

#include "core/activity/probes.h"
#include "core/series/sample_rows.h"

namespace howdah::activity {

namespace {

using series::rowsOf;
constexpr series::TimeMs rate_span_ms = 30'000;

/// "{12,34}"
std::vector<int> pidsIn(std::string_view text)
{
    std::vector<int> pids;
    for (std::size_t at = 0; at < text.size();) {
        int pid = 0;
        const auto [end, error] = std::from_chars(text.data() + at, text.data() + text.size(), pid);
        if (error == std::errc())
            pids.push_back(pid);
        at = std::max(at + 1, static_cast<std::size_t>(end - text.data()));
    }
    std::sort(pids.begin(), pids.end());
    pids.erase(std::unique(pids.begin(), pids.end()), pids.end());
    return pids;
}

Backend backendOf(const series::ProbeRows &rows, std::size_t row)
{
    Backend backend;
    backend.pid = static_cast<int>(rows.integer(row, "pid"));
    backend.started = rows.string(row, "started");
    backend.user = rows.string(row, "user");
    backend.is_superuser = rows.flag(row, "superuser");
    backend.database = rows.string(row, "database");
    backend.application = rows.string(row, "application");
    backend.client = rows.string(row, "client");
    backend.backend_type = rows.string(row, "backend_type");
    backend.state = rows.string(row, "state");
    backend.wait_event_type = rows.string(row, "wait_event_type");
    backend.wait_event = rows.string(row, "wait_event");
    backend.query = rows.string(row, "query");
    backend.query_cut = rows.flag(row, "query_cut");
    backend.query_id = rows.string(row, "query_id");
    backend.leader_pid = static_cast<int>(rows.integer(row, "leader_pid"));
    backend.state_age_ms = rows.number(row, "state_age").value_or(-1);
    backend.transaction_age_ms = rows.number(row, "transaction_age").value_or(-1);
    backend.query_age_ms = rows.number(row, "query_age").value_or(-1);
    backend.xid_age = rows.integer(row, "xid_age", -1);
    backend.xmin_age = rows.integer(row, "xmin_age", -1);
    backend.is_own = rows.flag(row, "own");
    if (const auto pids = rows.text(row, "blocked_by"))
        backend.blocked_by = pidsIn(*pids);
    return backend;
}

void readHolders(const series::Sample &sample, Activity &activity)
{
    const series::ProbeRows &prepared = rowsOf(sample, "prepared");
    for (std::size_t row = 0; row < prepared.size(); ++row)
        activity.prepared.push_back({prepared.string(row, "gid"), prepared.string(row, "owner"), prepared.string(row, "database"),
                                     prepared.number(row, "age").value_or(-1), prepared.integer(row, "xid_age", -1)});
    const series::ProbeRows &slots = rowsOf(sample, "slots");
    for (std::size_t row = 0; row < slots.size(); ++row) {
        ReplicationSlot slot;
        slot.name = slots.string(row, "name");
        slot.type = slots.string(row, "type");
        slot.database = slots.string(row, "database");
        slot.active = slots.flag(row, "active");
        slot.active_pid = static_cast<int>(slots.integer(row, "active_pid"));
        slot.xmin_age = slots.integer(row, "xmin_age", -1);
        slot.catalog_xmin_age = slots.integer(row, "catalog_xmin_age", -1);
        slot.wal_status = slots.string(row, "wal_status");
        slot.retained_bytes = slots.integer(row, "retained", -1);
        activity.slots.push_back(std::move(slot));
    }
}

} // namespace

/// pg_stat_activity does not tell since when a lock is waited for (pg_locks does, from 14, at the price of reading
/// all locks). The statement's age is the upper bound; who was seen working before he waited is timed by the rounds.
void Reader::trackWait(Backend &backend, series::TimeMs time_ms)
{
    Wait &wait = waits_[backend.pid];
    const bool same = wait.started == backend.started && !wait.started.empty();
    if (!same)
        wait = {};
    const bool waits = backend.isWaitingForLock();
    if (waits && !wait.waiting) {
        wait.since_ms = time_ms;
        // A session that was here in the round before, and did not wait then, began at most a tick ago.
        wait.seen_before = same;
    }
    wait.started = backend.started;
    wait.waiting = waits;
    wait.met = true;
    if (!waits)
        return;
    const auto seen_ms = static_cast<double>(time_ms - wait.since_ms);
    backend.wait_seen = wait.seen_before;
    backend.wait_ms = wait.seen_before ? std::min(seen_ms, std::max(0.0, backend.query_age_ms)) : backend.query_age_ms;
}

void Reader::readBackends(const series::Sample &sample, Activity &activity)
{
    const series::ProbeRows &rows = rowsOf(sample, "sessions");
    activity.more_backends = rows.more();
    for (auto &[pid, wait] : waits_)
        wait.met = false;
    for (std::size_t row = 0; row < rows.size(); ++row) {
        Backend backend = backendOf(rows, row);
        trackWait(backend, sample.time_ms);
        activity.backends.push_back(std::move(backend));
    }
    std::erase_if(waits_, [](const auto &one) { return !one.second.met; });
    activity.more_waiters = rows.integer(0, "all_waiters") > max_waiters;
    activity.blocking = blockingTree(activity.backends);
}

void Reader::readProgress(const series::Sample &sample, Activity &activity)
{
    const series::ProbeRows &rows = rowsOf(sample, "progress");
    std::map<std::string, series::TimeSeries> still;
    for (std::size_t row = 0; row < rows.size(); ++row) {
        Progress progress;
        progress.command = rows.string(row, "command");
        progress.pid = static_cast<int>(rows.integer(row, "pid"));
        progress.database = rows.string(row, "database");
        progress.relation = rows.string(row, "relation");
        if (const std::string index = rows.string(row, "index"); index != "-")
            progress.index = index;
        progress.phase = rows.string(row, "phase");
        progress.done = rows.integer(row, "done");
        progress.total = rows.integer(row, "total");
        progress.unit = rows.string(row, "unit");
        progress.note = rows.string(row, "note");
        progress.running_ms = rows.number(row, "running").value_or(-1);
        const std::string key = progress.command + "/" + std::to_string(progress.pid) + "/" + progress.phase + "/" + progress.unit +
                                "/" + progress.relation;
        const auto known = progress_.find(key);
        series::TimeSeries series = known != progress_.end() ? std::move(known->second)
                                                              : series::TimeSeries({64, rate_span_ms, 2});
        // The same phase of the next index, or of the next partition, begins at nought.
        if (const auto last = series.last(); last && static_cast<double>(progress.done) < last->value)
            series = series::TimeSeries({64, rate_span_ms, 2});
        series.add(sample.time_ms, static_cast<double>(progress.done));
        progress.per_second = series.slope(rate_span_ms);
        if (progress.per_second > 0.0 && progress.total >= progress.done && progress.total > 0)
            progress.seconds_left = static_cast<double>(progress.total - progress.done) / *progress.per_second;
        still.emplace(key, std::move(series));
        activity.progress.push_back(std::move(progress));
    }
    progress_ = std::move(still);
}

void Reader::readFigures(const series::Sample &sample, Activity &activity) const
{
    Figures &f = activity.figures;
    const auto last = [this](const char *name) { return store_->last(std::string("figures.") + name); };
    f.commits = last("commits");
    f.rollbacks = last("rollbacks");
    f.tuples_returned = last("tuples_returned");
    f.tuples_fetched = last("tuples_fetched");
    f.tuples_inserted = last("tuples_inserted");
    f.tuples_updated = last("tuples_updated");
    f.tuples_deleted = last("tuples_deleted");
    f.blocks_hit = last("blocks_hit");
    f.blocks_read = last("blocks_read");
    // A tick in which no block was asked for has no ratio.
    const double asked = f.blocks_hit + f.blocks_read;
    f.cache_hit = asked > 0 ? f.blocks_hit / asked : series::no_value;
    store_->add("figures.cache_hit", sample.time_ms, f.cache_hit);
    f.temp_files = last("temp_files");
    f.temp_bytes = last("temp_bytes");
    f.checkpoints_timed = last("checkpoints_timed");
    f.checkpoints_requested = last("checkpoints_requested");
    f.checkpoint_buffers = last("checkpoint_buffers");
    f.wal_bytes = last("wal_bytes");
    f.deadlocks = last("deadlocks");
    const series::ProbeRows &rows = rowsOf(sample, "figures");
    f.deadlocks_total = rows.integer(0, "deadlocks");
    f.max_connections = static_cast<int>(rows.integer(0, "max_connections"));
    f.clients = static_cast<int>(rows.integer(0, "clients"));
    f.active = static_cast<int>(rows.integer(0, "active"));
    f.waiting = static_cast<int>(rows.integer(0, "waiting"));
    f.idle = static_cast<int>(rows.integer(0, "idle"));
    f.idle_in_transaction = static_cast<int>(rows.integer(0, "idle_in_transaction"));
    f.database_bytes = rowsOf(sample, "size").integer(0, "database_bytes", -1);
    activity.sees_everything = rows.flag(0, "sees_everything");
}

std::shared_ptr<const Activity> Reader::read(const series::Sample &sample)
{
    auto activity = std::make_shared<Activity>();
    activity->time_ms = sample.time_ms;
    activity->server = sample.server;
    activity->server_ms = sample.server_ms;
    activity->round_trip_ms = sample.round_trip_ms;
    readBackends(sample, *activity);
    readProgress(sample, *activity);
    readHolders(sample, *activity);
    readFigures(sample, *activity);
    for (const auto &[probe, error] : sample.refused)
        activity->notes.push_back("\"" + probe + "\" could not be read: " + error.message);
    return activity;
}

} // namespace howdah::activity
