// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/replication/alerts.h"

#include <algorithm>
#include <cctype>

#include "core/replication/alert_rules.h"

namespace howdah::replication {

namespace {

struct NamedLimit {
    const char *name;
    double Limits::*value;
};

const std::vector<NamedLimit> &namedLimits()
{
    static const std::vector<NamedLimit> all{
        {"retained_warning", &Limits::retained_warning},
        {"retained_critical", &Limits::retained_critical},
        {"sender_settle_ms", &Limits::sender_settle_ms},
        {"lag_factor", &Limits::lag_factor},
        {"lag_baseline_ms", &Limits::lag_baseline_ms},
        {"lag_recent_ms", &Limits::lag_recent_ms},
        {"lag_floor_bytes", &Limits::lag_floor_bytes},
        {"lag_bytes", &Limits::lag_bytes},
        {"xmin_age", &Limits::xmin_age},
        {"archive_ready_warning", &Limits::archive_ready_warning},
        {"archive_ready_critical", &Limits::archive_ready_critical},
        {"archive_stalled_ms", &Limits::archive_stalled_ms},
        {"copying_ms", &Limits::copying_ms},
        {"slot_end_measured_s", &Limits::slot_end_measured_s},
        {"slot_end_warning_s", &Limits::slot_end_warning_s},
        {"slot_end_critical_s", &Limits::slot_end_critical_s},
    };
    return all;
}

std::string_view trimmed(std::string_view text)
{
    while (!text.empty() && std::isspace(static_cast<unsigned char>(text.front())) != 0)
        text.remove_prefix(1);
    while (!text.empty() && std::isspace(static_cast<unsigned char>(text.back())) != 0)
        text.remove_suffix(1);
    return text;
}

std::string lowered(std::string_view text)
{
    std::string lower(text);
    std::transform(lower.begin(), lower.end(), lower.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return lower;
}

/// "a, "B c", *": names as standbys give them; plain ones match whatever their case.
std::vector<std::string> namesIn(std::string_view list)
{
    std::vector<std::string> names;
    std::string name;
    bool quoted = false;
    for (std::size_t i = 0; i < list.size(); ++i) {
        const char c = list[i];
        if (c == '"' && quoted && i + 1 < list.size() && list[i + 1] == '"') {
            name += list[++i];
        } else if (c == '"') {
            quoted = !quoted;
        } else if (c == ',' && !quoted) {
            names.push_back(lowered(trimmed(name)));
            name.clear();
        } else {
            name += c;
        }
    }
    if (!trimmed(name).empty())
        names.push_back(lowered(trimmed(name)));
    return names;
}

} // namespace

const char *severityName(Severity severity)
{
    switch (severity) {
    case Severity::Critical: return "critical";
    case Severity::Warning: return "warning";
    case Severity::Info: break;
    }
    return "info";
}

bool setLimit(Limits &limits, std::string_view name, double value)
{
    for (const NamedLimit &limit : namedLimits()) {
        if (name == limit.name) {
            limits.*limit.value = value;
            return true;
        }
    }
    return false;
}

std::vector<std::string> limitNames()
{
    std::vector<std::string> names;
    for (const NamedLimit &limit : namedLimits())
        names.emplace_back(limit.name);
    return names;
}

const std::vector<Rule> &rules()
{
    static const std::vector<Rule> all{
        {"node_unreachable", "A node does not answer any more", rule::nodeUnreachable},
        {"two_primaries", "Two servers of one system identifier take writes", rule::twoPrimaries},
        {"promoted", "A server that was a standby takes writes", rule::promoted},
        {"slot_lost", "A slot's WAL is gone, or the slot was invalidated", rule::slotLost},
        {"slot_unreserved", "A slot's WAL goes with the next checkpoint", rule::slotUnreserved},
        {"slot_retained", "A slot retains much of max_slot_wal_keep_size", rule::slotRetained},
        {"slot_inactive", "A slot that nobody uses", rule::slotInactive},
        {"slot_end", "A slot is lost, or the disk is full, before long", rule::slotEnd},
        {"xmin_held", "A slot or a standby keeps VACUUM from removing dead rows", rule::xminHeld},
        {"sender_not_streaming", "A walsender has not come to stream", rule::senderNotStreaming},
        {"sender_silent", "A receiver has not answered for long", rule::senderSilent},
        {"receiver_silent", "A standby hears nothing from its upstream: the network is cut", rule::receiverSilent},
        {"receiver_missing", "A standby has no WAL receiver", rule::receiverMissing},
        {"replay_lag", "Replay is far behind its own baseline, and rising", rule::replayLag},
        {"replay_paused", "Replay is paused", rule::replayPaused},
        {"recovery_conflicts", "Replay cancels queries on a standby", rule::recoveryConflicts},
        {"sync_standby_missing", "Commits wait for a synchronous standby that is not there", rule::syncStandbyMissing},
        {"standby_missing", "A standby that must be there is not", rule::standbyMissing},
        {"archiver_failing", "WAL cannot be archived", rule::archiverFailing},
        {"archiver_behind", "WAL waits to be archived", rule::archiverBehind},
        {"subscription_disabled", "A subscription is disabled", rule::subscriptionDisabled},
        {"subscription_errors", "A subscription fails again and again", rule::subscriptionErrors},
        {"subscription_not_running", "An enabled subscription has no apply worker", rule::subscriptionNotRunning},
        {"subscription_conflicts", "Changes conflict with rows of the subscriber", rule::subscriptionConflicts},
        {"relation_stuck", "The initial copy of a table does not end", rule::relationStuck},
        {"identity_missing", "UPDATE and DELETE of a published table fail", rule::identityMissing},
        {"columns_differ", "A replicated table has other columns on the subscriber", rule::columnsDiffer},
    };
    return all;
}

std::vector<Alert> alertsOf(const Situation &situation)
{
    std::vector<Alert> alerts;
    for (const Rule &rule : rules())
        rule.judge(situation, alerts);
    std::stable_sort(alerts.begin(), alerts.end(), [](const Alert &a, const Alert &b) { return a.severity < b.severity; });
    return alerts;
}

std::optional<SyncRequirement> syncRequirement(std::string_view text)
{
    text = trimmed(text);
    if (text.empty())
        return {};
    SyncRequirement requirement;
    const std::size_t open = text.find('(');
    // A parenthesis within a quoted name belongs to the name.
    const bool has_list = open != std::string_view::npos && text.back() == ')' && text.substr(0, open).find('"') == std::string_view::npos;
    if (!has_list) {
        requirement.wanted = 1;
        requirement.names = namesIn(text);
        return requirement;
    }
    std::string head = lowered(trimmed(text.substr(0, open)));
    requirement.any = head.starts_with("any");
    if (requirement.any || head.starts_with("first"))
        head = head.substr(requirement.any ? 3 : 5);
    requirement.wanted = std::atoi(std::string(trimmed(head)).c_str());
    requirement.names = namesIn(text.substr(open + 1, text.size() - open - 2));
    return requirement;
}

} // namespace howdah::replication
