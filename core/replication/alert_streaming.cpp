// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "core/base/human.h"
#include "core/replication/alert_rules.h"
#include "core/replication/repairs.h"

namespace howdah::replication::rule {

namespace {

/// What a report may come late by all the same: a tick of the network and of the sampler.
constexpr double slack_ms = 1000;

std::string who(const Sender &sender)
{
    return sender.application_name.empty() ? "walsender " + std::to_string(sender.pid) : sender.application_name;
}

bool isBackup(const Sender &sender)
{
    return sender.state == "backup" || sender.application_name == "pg_basebackup" || sender.application_name == "pg_receivewal";
}

/// What this receiver usually lags, in bytes: the 95th percentile of the last hour without the last half minute.
/// Nothing before two minutes have been seen; both lengths are limits.
std::optional<double> baseline(const Situation &situation, const Node &node, const Sender &sender)
{
    const series::SeriesStore *series = situation.series(node.name);
    if (series == nullptr)
        return {};
    auto points = series->window("senders.replay_bytes[" + seriesKey(sender) + "]", node.time_ms - 3'600'000,
                                 node.time_ms - static_cast<series::TimeMs>(situation.limits.lag_recent_ms), 2000);
    std::erase_if(points, [](const series::Point &point) { return point.isGap(); });
    if (points.size() < 5 || static_cast<double>(points.back().time_ms - points.front().time_ms) < situation.limits.lag_baseline_ms)
        return {};
    const std::size_t at = points.size() * 95 / 100;
    std::nth_element(points.begin(), points.begin() + static_cast<std::ptrdiff_t>(at), points.end(),
                     [](const series::Point &a, const series::Point &b) { return a.value < b.value; });
    return points[at].value;
}

bool matches(const SyncRequirement &requirement, const std::string &application_name)
{
    std::string name = application_name;
    std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return std::any_of(requirement.names.begin(), requirement.names.end(), [&name](const std::string &one) { return one == "*" || one == name; });
}

const Link *linkTo(const Situation &situation, const Node &standby)
{
    for (const Link &link : situation.topology.links) {
        if (link.kind == LinkKind::Streaming && situation.topology.places[static_cast<std::size_t>(link.downstream)].node.get() == &standby)
            return &link;
    }
    return nullptr;
}

} // namespace

void senderNotStreaming(const Situation &situation, Alerts &alerts)
{
    eachServer(situation, [&](const Node &node) {
        for (const Sender &sender : node.senders) {
            if (sender.state.empty() || sender.state == "streaming" || isBackup(sender) || sender.age_ms < situation.limits.sender_settle_ms)
                continue;
            Alert &alert = add(alerts, "sender_not_streaming", Severity::Warning, node, who(sender));
            alert.title = who(sender) + " does not stream";
            alert.figure = sender.state + " for " + human::duration(sender.age_ms);
            alert.limit = "streaming within " + human::duration(situation.limits.sender_settle_ms);
            alert.message = "It still catches up, " + human::bytes(sender.lag[static_cast<int>(Stage::Replay)].bytes) + " behind.";
            alert.action = "See whether network, disk and replay of the receiver keep up with the WAL that is written.";
            alert.script_node.clear();
        }
    });
}

void senderSilent(const Situation &situation, Alerts &alerts)
{
    eachServer(situation, [&](const Node &node) {
        if (node.settings.wal_sender_timeout_ms <= 0)
            return;
        for (const Sender &sender : node.senders) {
            // A receiver speaks every wal_receiver_status_interval, whatever goes on.
            const double limit = std::max(node.settings.wal_sender_timeout_ms / 2, node.settings.wal_receiver_status_interval_ms + 2 * slack_ms);
            if (isBackup(sender) || sender.reply_age_ms <= limit)
                continue;
            Alert &alert = add(alerts, "sender_silent", Severity::Warning, node, who(sender));
            alert.title = who(sender) + " has gone silent";
            alert.figure = "last reply " + human::duration(sender.reply_age_ms) + " ago";
            alert.limit = human::duration(limit) + " (half of wal_sender_timeout)";
            alert.message = "The connection may be cut, or the receiver stopped: its lag is what it was when it last spoke.";
            alert.action = "See whether the receiver's server runs and the network is open. After wal_sender_timeout the connection is given up.";
            alert.script_node.clear();
        }
    });
}

void receiverSilent(const Situation &situation, Alerts &alerts)
{
    eachServer(situation, [&](const Node &node) {
        if (!node.receiver || !node.receiver->visible || node.settings.wal_receiver_timeout_ms <= 0)
            return;
        const double limit = node.settings.wal_receiver_timeout_ms / 2;
        // After half of the timeout the receiver asks by itself, and the upstream answers at once: an idle one comes close.
        if (node.receiver->receipt_age_ms <= limit + std::min(slack_ms, limit / 4))
            return;
        Alert &alert = add(alerts, "receiver_silent", Severity::Critical, node, node.receiver->slot);
        alert.title = node.name + " hears nothing from its upstream";
        alert.figure = "last message " + human::duration(node.receiver->receipt_age_ms) + " ago";
        alert.limit = human::duration(limit) + " (half of wal_receiver_timeout)";
        alert.message = "What it has received it may have replayed, so that its own lag looks like zero; it does not know what was written since.";
        alert.action = "See whether " + node.receiver->sender_host + ":" + std::to_string(node.receiver->sender_port) +
                       " can be reached from there, and whether the WAL receiver (pid " + std::to_string(node.receiver->pid) + ") runs.";
        alert.script_node.clear();
    });
}

void receiverMissing(const Situation &situation, Alerts &alerts)
{
    eachServer(situation, [&](const Node &node) {
        if (!node.in_recovery || node.receiver || !node.settings.read)
            return;
        if (node.sees_everything && !node.settings.has_primary_conninfo)
            return; // it takes from an archive
        Alert &alert = add(alerts, "receiver_missing", Severity::Critical, node, "");
        alert.title = node.name + " has no WAL receiver";
        alert.figure = "no row in pg_stat_wal_receiver";
        if (node.replay_age_ms >= 0)
            alert.figure += ", last replayed commit " + human::duration(node.replay_age_ms) + " old";
        alert.limit = "1";
        alert.message = "It is in recovery and gets nothing: the upstream is down or refuses it, or the WAL that it needs is gone.";
        alert.action = "Its server log says why: connection refused, authentication, \"requested WAL segment … has already been removed\" (then copy it anew).";
        alert.script_node.clear();
    });
}

void replayLag(const Situation &situation, Alerts &alerts)
{
    eachServer(situation, [&](const Node &node) {
        for (const Sender &sender : node.senders) {
            const Lag &lag = sender.lag[static_cast<int>(Stage::Replay)];
            if (isBackup(sender) || lag.bytes < 0 || static_cast<double>(lag.bytes) < situation.limits.lag_floor_bytes)
                continue;
            const auto forecast = std::find_if(situation.forecast.lags.begin(), situation.forecast.lags.end(), [&](const LagForecast &one) {
                return one.node == node.name && one.key == seriesKey(sender);
            });
            // What the forecast calls steady is no rise.
            const bool rising = forecast != situation.forecast.lags.end() && forecast->words.starts_with("rising");
            if (!rising)
                continue;
            const auto usual = baseline(situation, node, sender);
            const double limit = usual ? std::max(*usual * situation.limits.lag_factor, situation.limits.lag_floor_bytes) : situation.limits.lag_bytes;
            if (static_cast<double>(lag.bytes) <= std::min(limit, situation.limits.lag_bytes))
                continue;
            Alert &alert = add(alerts, "replay_lag", Severity::Warning, node, who(sender));
            alert.title = who(sender) + (sender.lag[static_cast<int>(Stage::Flush)].bytes < lag.bytes / 2 ? " replays slower than it receives" : " receives slower than is written");
            alert.figure = human::bytes(lag.bytes) + (lag.ms >= 0 ? ", " + human::duration(lag.ms) : std::string()) + " behind, " + forecast->words;
            alert.limit = usual ? fmt::format("{:g} × its usual {}", situation.limits.lag_factor, human::bytes(std::llround(*usual)))
                                : human::bytes(static_cast<std::int64_t>(situation.limits.lag_bytes)) + " (no baseline yet)";
            alert.message = "It falls further behind.";
            for (const Link &link : situation.topology.links) {
                const Place &down = situation.topology.places[static_cast<std::size_t>(link.downstream)];
                if (link.sender == &sender && down.node && down.node->oldest_query_pid != 0)
                    alert.message += " The oldest query there (pid " + std::to_string(down.node->oldest_query_pid) + ") has run for " +
                                     human::duration(down.node->oldest_query_ms) +
                                     (down.node->replay_waits_for.starts_with("RecoveryConflict") ? ", and replay waits for it." : ".");
            }
            alert.action = "Look at the receiver: queries that hold replay, a slow disk, a narrow network.";
            alert.script_node.clear();
        }
    });
}

void replayPaused(const Situation &situation, Alerts &alerts)
{
    eachServer(situation, [&](const Node &node) {
        if (!node.in_recovery || node.pause_state.empty() || node.pause_state == "not paused")
            return;
        Alert &alert = add(alerts, "replay_paused", Severity::Warning, node, "");
        const std::int64_t behind = node.lsn >= 0 && node.replay_lsn >= 0 ? node.lsn - node.replay_lsn : -1;
        alert.title = "Replay is paused on " + node.name;
        alert.figure = node.pause_state + (behind >= 0 ? ", " + human::bytes(behind) + " received and not replayed" : std::string());
        alert.limit = "not paused";
        alert.message = "It receives WAL and keeps it, but shows an old state, and its disk fills.";
        alert.action = "Resume replay when nobody needs the old state any more.";
        alert.script = repair::resumeReplay(node);
    });
}

void recoveryConflicts(const Situation &situation, Alerts &alerts)
{
    eachServer(situation, [&](const Node &node) {
        const std::int64_t all = node.conflicts.all();
        if (!node.in_recovery || all <= 0)
            return;
        const auto first = situation.first_conflicts.find(node.instance);
        const std::int64_t grown = first == situation.first_conflicts.end() ? 0 : all - first->second;
        Alert &alert = add(alerts, "recovery_conflicts", grown > 0 ? Severity::Warning : Severity::Info, node, "");
        const RecoveryConflicts &c = node.conflicts;
        std::string kinds;
        const std::pair<const char *, std::int64_t> counts[] = {{"snapshot", c.snapshot}, {"lock", c.lock}, {"bufferpin", c.bufferpin},
                                                                {"tablespace", c.tablespace}, {"deadlock", c.deadlock}, {"logical slot", c.logicalslot}};
        for (const auto &[kind, count] : counts) {
            if (count > 0)
                kinds += (kinds.empty() ? "" : ", ") + std::string(kind) + " " + std::to_string(count);
        }
        alert.title = "Replay has cancelled queries on " + node.name;
        alert.figure = std::to_string(all) + " since the statistics began (" + kinds + ")" + (grown > 0 ? ", " + std::to_string(grown) + " while watched" : std::string());
        alert.limit = "0 more";
        alert.message = "Queries there saw rows that the primary has removed meanwhile, or waited for a lock that was replayed.";
        alert.action = "Let long queries run there with hot_standby_feedback (the primary then keeps dead rows longer), or with a greater "
                       "max_standby_streaming_delay (replay then waits).";
        if (node.settings.hot_standby_feedback == "off" && c.snapshot > 0)
            alert.script = repair::setParameter("hot_standby_feedback", "on", "off", "Queries on the standby are cancelled.",
                                                "VACUUM on the primary then keeps the rows that queries here still see: tables may grow.");
    });
}

void syncStandbyMissing(const Situation &situation, Alerts &alerts)
{
    eachServer(situation, [&](const Node &node) {
        const auto requirement = node.in_recovery ? std::nullopt : syncRequirement(node.settings.synchronous_standby_names);
        if (!requirement || requirement->wanted <= 0)
            return;
        const auto there = std::count_if(node.senders.begin(), node.senders.end(), [&](const Sender &sender) {
            return sender.state == "streaming" && matches(*requirement, sender.application_name);
        });
        if (there >= requirement->wanted)
            return;
        const bool hangs = node.settings.synchronous_commit != "off" && node.settings.synchronous_commit != "local";
        Alert &alert = add(alerts, "sync_standby_missing", hangs ? Severity::Critical : Severity::Warning, node, node.settings.synchronous_standby_names);
        alert.title = hangs ? "Commits on " + node.name + " hang" : "A synchronous standby of " + node.name + " is not there";
        alert.figure = std::to_string(there) + " of the standbys named stream, " + std::to_string(node.sync_waiters) + " sessions wait for one";
        alert.limit = std::to_string(requirement->wanted) + " (synchronous_standby_names = " + node.settings.synchronous_standby_names + ")";
        alert.message = hangs ? "Each commit waits until a standby confirms it, without an end; what hangs is already written here."
                              : "synchronous_commit is " + node.settings.synchronous_commit + ", so only sessions that set it otherwise wait.";
        alert.action = "Bring the standby back. If it takes long, take it out of synchronous_standby_names: commits then do not wait any more.";
        alert.script = repair::setParameter("synchronous_standby_names", "", node.settings.synchronous_standby_names,
                                            "The standby that commits wait for is not there.",
                                            "Commits go on at once, and are lost if this server is lost before a standby has them.");
        alert.script->danger = true;
    });
}

void standbyMissing(const Situation &situation, Alerts &alerts)
{
    eachServer(situation, [&](const Node &node) {
        const auto missing = [&](const std::string &name, const std::string &why) {
            const bool there = std::any_of(node.senders.begin(), node.senders.end(), [&name](const Sender &sender) {
                return (sender.application_name == name || sender.slot == name) && sender.state != "backup";
            });
            const bool told = std::any_of(alerts.begin(), alerts.end(), [&](const Alert &one) {
                return one.rule == "standby_missing" && one.subject == name;
            });
            if (there || told)
                return;
            Alert &alert = add(alerts, "standby_missing", Severity::Critical, node, name);
            alert.title = "Standby " + name + " is missing";
            alert.figure = "no walsender of that name";
            alert.limit = why;
            alert.message = "Nothing is sent to it; if this server is lost, what was written since is lost with it.";
            alert.action = "See whether its server runs and can reach this one.";
            alert.script_node.clear();
        };
        if (const auto seen = situation.seen.find(node.instance); seen != situation.seen.end()) {
            for (const std::string &name : seen->second)
                missing(name, "it streamed before");
        }
        if (node.in_recovery)
            return;
        for (const std::string &name : situation.expected) {
            const bool elsewhere = std::any_of(situation.nodes.begin(), situation.nodes.end(), [&](const auto &other) {
                return std::any_of(other->senders.begin(), other->senders.end(),
                                   [&name](const Sender &one) { return one.application_name == name || one.slot == name; });
            });
            if (!elsewhere)
                missing(name, "expected");
        }
    });
    // A standby that says itself that nobody sends to it, though its upstream is looked at.
    eachServer(situation, [&](const Node &node) {
        if (!node.in_recovery || !node.receiver || linkTo(situation, node) != nullptr)
            return;
        Alert &alert = add(alerts, "standby_missing", Severity::Warning, node, node.name);
        alert.title = "No upstream knows of " + node.name;
        alert.figure = "receiver " + node.receiver->status;
        alert.limit = "a walsender";
        alert.message = "It has a WAL receiver, but nothing tells where it takes from.";
        alert.action = "Let this role read it: GRANT pg_monitor, or look at its upstream too.";
        alert.script_node.clear();
    });
}

} // namespace howdah::replication::rule
