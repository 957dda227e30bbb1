// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/replication/alerts.h"

namespace howdah::replication::rule {

using Alerts = std::vector<Alert>;

// alert_slots.cpp
void slotLost(const Situation &, Alerts &);
void slotUnreserved(const Situation &, Alerts &);
void slotRetained(const Situation &, Alerts &);
void slotInactive(const Situation &, Alerts &);
void slotEnd(const Situation &, Alerts &);
void xminHeld(const Situation &, Alerts &);

// alert_streaming.cpp
void senderNotStreaming(const Situation &, Alerts &);
void senderSilent(const Situation &, Alerts &);
void receiverSilent(const Situation &, Alerts &);
void receiverMissing(const Situation &, Alerts &);
void replayLag(const Situation &, Alerts &);
void replayPaused(const Situation &, Alerts &);
void recoveryConflicts(const Situation &, Alerts &);
void syncStandbyMissing(const Situation &, Alerts &);
void standbyMissing(const Situation &, Alerts &);

// alert_nodes.cpp
void nodeUnreachable(const Situation &, Alerts &);
void twoPrimaries(const Situation &, Alerts &);
void promoted(const Situation &, Alerts &);
void archiverFailing(const Situation &, Alerts &);
void archiverBehind(const Situation &, Alerts &);

// alert_logical.cpp
void subscriptionDisabled(const Situation &, Alerts &);
void subscriptionErrors(const Situation &, Alerts &);
void subscriptionNotRunning(const Situation &, Alerts &);
void subscriptionConflicts(const Situation &, Alerts &);
void relationStuck(const Situation &, Alerts &);
void identityMissing(const Situation &, Alerts &);
void columnsDiffer(const Situation &, Alerts &);

/// A new alert about that node at the end of the list.
inline Alert &add(Alerts &alerts, const char *rule, Severity severity, const Node &node, std::string subject)
{
    Alert alert;
    alert.rule = rule;
    alert.severity = severity;
    alert.node = node.name;
    alert.subject = std::move(subject);
    alert.script_node = node.name;
    return alerts.emplace_back(std::move(alert));
}

/// The first of several connections to one server, for figures that all of them show.
[[nodiscard]] inline bool isFirstOfInstance(const Situation &situation, const Node &node)
{
    for (const auto &other : situation.nodes) {
        if (other->instance == node.instance)
            return other.get() == &node;
    }
    return true;
}

/// Nodes whose figures are of the present, each server once.
template <typename F> void eachServer(const Situation &situation, F judge)
{
    for (const auto &node : situation.nodes) {
        if (node->sampled && !node->isLost() && isFirstOfInstance(situation, *node))
            judge(*node);
    }
}

} // namespace howdah::replication::rule
