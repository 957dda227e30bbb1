// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <map>

#include "core/base/human.h"
#include "core/replication/alert_rules.h"

namespace howdah::replication::rule {

void nodeUnreachable(const Situation &situation, Alerts &alerts)
{
    for (const auto &node : situation.nodes) {
        if (!node->isLost())
            continue;
        Alert &alert = add(alerts, "node_unreachable", Severity::Critical, *node, "");
        alert.title = node->name + (node->state == series::SamplerState::Slow ? " does not answer" : " cannot be reached");
        alert.figure = node->error.message.empty() ? "no answer" : node->error.message;
        if (node->silent_ms >= 0)
            alert.figure += ", silent for " + human::duration(node->silent_ms);
        alert.limit = "an answer within two ticks";
        alert.message = node->sampled ? "What is shown of it is what it said last." : "Nothing is known of it from its own end.";
        alert.action = "See whether the server runs, and whether the way to it is open. It is tried again with every tick.";
        alert.script_node.clear();
    }
}

void twoPrimaries(const Situation &situation, Alerts &alerts)
{
    std::map<std::string, std::map<std::string, const Node *>> writable; // by system identifier, by instance
    for (const auto &node : situation.nodes) {
        if (node->isWritable() && !node->system_identifier.empty())
            writable[node->system_identifier].emplace(node->instance, node.get());
    }
    for (const auto &[identifier, servers] : writable) {
        if (servers.size() < 2)
            continue;
        // In the order of the nodes, so that the first that the user named is the one it is said of.
        std::vector<const Node *> all;
        for (const auto &node : situation.nodes) {
            const auto found = servers.find(node->instance);
            if (found != servers.end() && found->second == node.get())
                all.push_back(node.get());
        }
        std::string names, timelines;
        bool same_timeline = true;
        for (const Node *node : all) {
            names += (names.empty() ? "" : ", ") + node->name;
            timelines += (timelines.empty() ? "" : ", ") + node->name + " on timeline " + std::to_string(node->timeline);
            same_timeline = same_timeline && node->timeline == all.front()->timeline;
        }
        Alert &alert = add(alerts, "two_primaries", Severity::Critical, *all.front(), names);
        alert.title = "Two primaries: " + names;
        alert.figure = std::to_string(all.size()) + " writable servers with system identifier " + identifier + ": " + timelines;
        alert.limit = "1";
        alert.message = same_timeline
                            ? "One was copied from the other and started as a server of its own (no standby.signal). Both take writes; what is "
                              "written on one never comes to the other."
                            : "One was promoted while the other went on. Both take writes, and they have diverged.";
        alert.action = "Decide which one holds the truth and stop writes on the other at once. Then make that one a standby: pg_rewind "
                       "or pg_basebackup -R, and see it in recovery.";
        alert.script_node.clear();
    }
}

void promoted(const Situation &situation, Alerts &alerts)
{
    eachServer(situation, [&](const Node &node) {
        if (!node.isWritable())
            return;
        const bool was_standby = situation.were_standbys.contains(node.instance);
        const bool says_so = node.settings.has_primary_conninfo;
        const bool expected = situation.expected.contains(node.name) || situation.expected.contains(node.settings.cluster_name);
        if (!was_standby && !says_so && !expected)
            return;
        Alert &alert = add(alerts, "promoted", was_standby || expected ? Severity::Critical : Severity::Warning, node, "");
        alert.title = node.name + " takes writes, and was meant to be a standby";
        alert.figure = "not in recovery, timeline " + std::to_string(node.timeline);
        alert.limit = says_so ? "primary_conninfo is set" : was_standby ? "it was in recovery before" : "expected as a standby";
        alert.message = node.timeline > 1 ? "It was promoted. If that was wanted, all others must follow it, and primary_conninfo can go."
                                          : "It has primary_conninfo but no standby.signal: it started as a server of its own.";
        alert.action = "Make sure that no application writes to two servers. If this one is to be a standby again: pg_rewind or pg_basebackup -R.";
        alert.script_node.clear();
    });
}

void archiverFailing(const Situation &situation, Alerts &alerts)
{
    eachServer(situation, [&](const Node &node) {
        const Archiver &archiver = node.archiver;
        const bool failed_last = archiver.failed > 0 && archiver.last_failed_age_ms >= 0 &&
                                 (archiver.last_archived_age_ms < 0 || archiver.last_failed_age_ms <= archiver.last_archived_age_ms);
        if (archiver.mode.empty() || archiver.mode == "off" || (node.in_recovery && archiver.mode != "always") || !failed_last)
            return;
        Alert &alert = add(alerts, "archiver_failing", Severity::Critical, node, archiver.last_failed_wal);
        alert.title = "WAL cannot be archived on " + node.name;
        alert.figure = archiver.last_failed_wal + " failed " + human::duration(archiver.last_failed_age_ms) + " ago, " +
                       std::to_string(archiver.failed) + " failures in all";
        if (archiver.ready >= 0)
            alert.figure += ", " + std::to_string(archiver.ready) + " segments wait";
        alert.limit = archiver.last_archived_age_ms < 0 ? "a segment archived" : "a segment archived after the last failure";
        alert.message = "Nothing since then can be restored from the archive, and pg_wal grows until the disk is full.";
        alert.action = "The server's log has what archive_command said; mend that. The archiver tries again by itself.";
        alert.script_node.clear();
    });
}

void archiverBehind(const Situation &situation, Alerts &alerts)
{
    eachServer(situation, [&](const Node &node) {
        const Archiver &archiver = node.archiver;
        const auto ready = static_cast<double>(archiver.ready);
        if (archiver.mode.empty() || archiver.mode == "off" || (node.in_recovery && archiver.mode != "always") || ready < 1)
            return;
        // One segment that has waited for long is an archiver that stands still, without a failure to tell of it.
        const bool stalled = archiver.oldest_ready_age_ms > situation.limits.archive_stalled_ms;
        if (ready < situation.limits.archive_ready_warning && !stalled)
            return;
        const bool bad = ready >= situation.limits.archive_ready_critical;
        Alert &alert = add(alerts, "archiver_behind", bad ? Severity::Critical : Severity::Warning, node, "");
        alert.title = "WAL waits to be archived on " + node.name;
        alert.figure = std::to_string(archiver.ready) + " segments, the oldest for " + human::duration(archiver.oldest_ready_age_ms);
        alert.limit = stalled && ready < situation.limits.archive_ready_warning
                          ? human::duration(situation.limits.archive_stalled_ms) + " for one segment"
                          : human::count(static_cast<std::int64_t>(bad ? situation.limits.archive_ready_critical : situation.limits.archive_ready_warning)) + " segments";
        alert.message = archiver.has_command ? "The archive is slower than WAL is written, or stands still." : "archive_mode is on, and neither archive_command nor archive_library is set.";
        alert.action = "Look at the archive's own speed and free space.";
        alert.script_node.clear();
    });
}

} // namespace howdah::replication::rule
