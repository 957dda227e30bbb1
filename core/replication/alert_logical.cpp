// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <map>
#include <sstream>

#include "core/base/human.h"
#include "core/replication/alert_rules.h"
#include "core/replication/repairs.h"

namespace howdah::replication::rule {

namespace {

/// A worker that fails is started again after wal_retrieve_retry_interval, 5 s: one older than this goes on.
constexpr double young_ms = 15'000;

template <typename F> void eachSubscription(const Situation &situation, F judge)
{
    eachServer(situation, [&judge](const Node &node) {
        for (const Subscription &subscription : node.subscriptions)
            judge(node, subscription);
    });
}

std::string publisherSlot(const Situation &situation, const Subscription &subscription)
{
    for (const Link &link : situation.topology.links) {
        if (link.subscription == &subscription && link.slot != nullptr && link.slot->retained_bytes >= 0)
            return " Its slot " + link.slot->name + " keeps " + human::bytes(link.slot->retained_bytes) + " of WAL on the publisher meanwhile.";
    }
    return " Its slot keeps WAL on the publisher meanwhile.";
}

std::map<std::string, std::string> columnsIn(const std::string &text)
{
    std::map<std::string, std::string> columns;
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
        const std::size_t tab = line.find('\t');
        if (tab != std::string::npos)
            columns[line.substr(0, tab)] = line.substr(tab + 1);
    }
    return columns;
}

const ReplicatedTable *tableIn(const std::vector<ReplicatedTable> &tables, const ReplicatedTable &wanted)
{
    const auto found = std::find_if(tables.begin(), tables.end(), [&wanted](const ReplicatedTable &one) {
        return one.schema == wanted.schema && one.name == wanted.name;
    });
    return found == tables.end() ? nullptr : &*found;
}

bool belongsTo(const ReplicatedTable &table, const std::string &owners)
{
    std::istringstream list(table.owner);
    for (std::string owner; std::getline(list, owner, ',');) {
        if (("," + owners + ",").find("," + owner + ",") != std::string::npos)
            return true;
    }
    return false;
}

bool hasErrors(const Subscription &subscription)
{
    return subscription.apply_errors > 0 || subscription.sync_errors > 0;
}

bool fails(const Subscription &subscription)
{
    const bool grew = subscription.apply_error_age_ms >= 0 && subscription.apply_error_age_ms < 60'000;
    const bool restarts = subscription.worker_pid == 0 || (subscription.worker_age_ms >= 0 && subscription.worker_age_ms < young_ms);
    return grew || (restarts && hasErrors(subscription));
}

} // namespace

void subscriptionDisabled(const Situation &situation, Alerts &alerts)
{
    eachSubscription(situation, [&](const Node &node, const Subscription &subscription) {
        if (subscription.enabled)
            return;
        Alert &alert = add(alerts, "subscription_disabled", Severity::Critical, node, subscription.name);
        alert.title = "Subscription " + subscription.name + " is disabled";
        alert.figure = "disabled" + (hasErrors(subscription) ? ", " + std::to_string(subscription.apply_errors + subscription.sync_errors) + " errors before" : std::string());
        alert.limit = "enabled";
        alert.message = "Nothing is applied." + publisherSlot(situation, subscription);
        alert.action = "Enable it, or drop it together with its slot.";
        alert.script = repair::enableSubscription(subscription);
    });
}

void subscriptionErrors(const Situation &situation, Alerts &alerts)
{
    eachSubscription(situation, [&](const Node &node, const Subscription &subscription) {
        if (!subscription.enabled || !hasErrors(subscription))
            return;
        const bool failing = fails(subscription);
        Alert &alert = add(alerts, "subscription_errors", failing ? Severity::Critical : Severity::Info, node, subscription.name);
        alert.title = "Subscription " + subscription.name + (failing ? " fails again and again" : " has failed before");
        alert.figure = std::to_string(subscription.apply_errors) + " apply errors, " + std::to_string(subscription.sync_errors) + " copy errors";
        if (subscription.worker_pid == 0)
            alert.figure += ", no apply worker";
        else if (subscription.worker_age_ms >= 0)
            alert.figure += ", its worker was started " + human::duration(subscription.worker_age_ms) + " ago";
        alert.limit = "0 more";
        alert.message = failing ? "A change cannot be applied, and everything behind it waits." + publisherSlot(situation, subscription)
                                : "It goes on now.";
        const int major = node.server ? node.server->major() : 0;
        if (failing && subscription.failing_lsn >= 0 && major >= 15) {
            alert.figure += ", it stops at the transaction that ends at " + lsnText(subscription.failing_lsn);
            alert.action = "Mend the row that is in the way (the server log names table and key), or skip that transaction whole.";
            alert.script = repair::skipTransaction(subscription, subscription.failing_lsn, major);
            return;
        }
        alert.action = failing ? "The subscriber's server log names table and key: mend the row that is in the way. To skip the transaction instead, it is "
                                 "found in the publisher's slot (howdah-cli replication skip), or in that log (\"finished at …\", from 15)."
                               : "Nothing, as long as the count stays.";
        alert.script_node.clear();
    });
}

void subscriptionNotRunning(const Situation &situation, Alerts &alerts)
{
    eachSubscription(situation, [&](const Node &node, const Subscription &subscription) {
        if (!subscription.enabled || subscription.worker_pid != 0)
            return;
        Alert &alert = add(alerts, "subscription_not_running", Severity::Critical, node, subscription.name);
        alert.title = "Subscription " + subscription.name + " has no apply worker";
        alert.figure = "0 workers";
        alert.limit = "1";
        alert.message = "It fails at once when it is started (the publisher cannot be reached, its slot is gone, a change cannot be applied), or no "
                        "worker is free (max_logical_replication_workers)." + publisherSlot(situation, subscription);
        alert.action = "The subscriber's server log says why.";
        alert.script_node.clear();
    });
}

void subscriptionConflicts(const Situation &situation, Alerts &alerts)
{
    eachSubscription(situation, [&](const Node &node, const Subscription &subscription) {
        std::string kinds;
        std::int64_t all = 0;
        for (const auto &[name, count] : subscription.conflicts) {
            all += count;
            if (count > 0)
                kinds += (kinds.empty() ? "" : ", ") + name.substr(6) + " " + std::to_string(count);
        }
        if (all == 0)
            return;
        Alert &alert = add(alerts, "subscription_conflicts", Severity::Warning, node, subscription.name);
        alert.title = "Changes conflict with rows of the subscriber";
        alert.figure = kinds;
        alert.limit = "0";
        alert.message = "Rows differ from the publisher's: update_missing and delete_missing were left out silently, insert_exists and update_exists "
                        "stop the worker.";
        alert.action = "Compare the tables of both sides, and see who writes on the subscriber.";
        alert.script_node.clear();
    });
}

void relationStuck(const Situation &situation, Alerts &alerts)
{
    eachServer(situation, [&](const Node &node) {
        for (const CopyingRelation &relation : node.copying) {
            const auto found = std::find_if(node.subscriptions.begin(), node.subscriptions.end(),
                                            [&relation](const Subscription &one) { return one.oid == relation.subscription; });
            if (found == node.subscriptions.end() || !found->enabled)
                continue;
            // Errors are counted for the whole subscription: those since this relation came to be copied speak of it.
            const bool fails_to_copy = relation.state == "d" && found->sync_errors > 0 && found->apply_error_age_ms >= 0 && found->apply_error_age_ms <= relation.since_ms;
            const bool moves = relation.copied_rows >= 0 && found->sync_workers > 0;
            if (!(relation.since_ms > situation.limits.copying_ms && relation.state != "i") && !(fails_to_copy && !moves))
                continue;
            Alert &alert = add(alerts, "relation_stuck", moves ? Severity::Info : Severity::Critical, node, relation.relation);
            alert.title = "The initial copy of " + relation.relation + " does not end";
            alert.figure = "state " + relation.state + " for " + human::duration(relation.since_ms) + ", " + std::to_string(std::max<std::int64_t>(0, found->sync_errors)) + " copy errors" +
                           (moves ? ", " + human::count(relation.copied_rows) + " rows copied so far" : std::string());
            alert.limit = human::duration(situation.limits.copying_ms);
            alert.message = moves ? "It goes on, slowly." : "The copy fails or waits: changes of this table are not applied before it is done.";
            alert.action = "The subscriber's log says why: rows that are there already, missing columns, rights on the publisher, no free worker.";
            alert.script_node.clear();
        }
    });
}

void identityMissing(const Situation &situation, Alerts &alerts)
{
    // Publications belong to a database: each connection tells of its own.
    for (const auto &node : situation.nodes) {
        if (!node->sampled || node->isLost() || node->in_recovery)
            continue;
        for (const ReplicatedTable &table : node->published) {
            if (table.has_identity || !table.updates)
                continue;
            Alert &alert = add(alerts, "identity_missing", Severity::Critical, *node, table.schema + "." + table.name);
            alert.title = "UPDATE and DELETE of " + table.schema + "." + table.name + " fail";
            alert.figure = table.replica_identity == 'n' ? "REPLICA IDENTITY NOTHING" : "no primary key, no replica identity";
            alert.limit = "published by " + table.owner + " with UPDATE or DELETE";
            alert.message = "The server refuses them on the publisher: \"cannot update table … because it does not have a replica identity and publishes updates\".";
            alert.action = "Give it a primary key or a replica identity.";
            alert.script = repair::identityFull(table);
        }
    }
}

void columnsDiffer(const Situation &situation, Alerts &alerts)
{
    for (const Link &link : situation.topology.links) {
        const Node *up = situation.topology.places[static_cast<std::size_t>(link.upstream)].node.get();
        const Node *down = situation.topology.places[static_cast<std::size_t>(link.downstream)].node.get();
        if (link.subscription == nullptr || up == nullptr || down == nullptr)
            continue;
        for (const ReplicatedTable &table : up->published) {
            if (!belongsTo(table, link.subscription->publications))
                continue;
            const ReplicatedTable *other = tableIn(down->subscribed, table);
            const bool unknown_there = other == nullptr;
            if (unknown_there && (!link.subscription->in_this_database || down->subscribed.size() >= 500))
                continue;
            if (unknown_there) {
                Alert &alert = add(alerts, "columns_differ", Severity::Warning, *down, table.schema + "." + table.name);
                alert.title = table.schema + "." + table.name + " is published and not subscribed";
                alert.figure = "not in pg_subscription_rel";
                alert.limit = "every table of the publication";
                alert.message = "The publication has gained it since the subscription was made or refreshed.";
                alert.action = "Make the table on the subscriber, then refresh the publication.";
                alert.script = repair::refreshPublication(*link.subscription);
                continue;
            }
            const auto theirs = columnsIn(other->columns);
            std::vector<std::string> missing, other_type;
            for (const auto &[name, type] : columnsIn(table.columns)) {
                const auto found = theirs.find(name);
                if (found == theirs.end())
                    missing.push_back(name + "\t" + type);
                else if (found->second != type)
                    other_type.push_back(name + ": " + type + " there " + found->second);
            }
            if (missing.empty() && other_type.empty())
                continue;
            Alert &alert = add(alerts, "columns_differ", missing.empty() ? Severity::Info : Severity::Critical, *down, table.schema + "." + table.name);
            std::string words;
            for (std::string column : missing) {
                std::replace(column.begin(), column.end(), '\t', ' ');
                words += (words.empty() ? "missing: " : ", ") + column;
            }
            for (const std::string &column : other_type)
                words += (words.empty() ? "" : "; ") + column;
            alert.title = table.schema + "." + table.name + " has other columns on " + down->name;
            alert.figure = words;
            alert.limit = "every published column";
            alert.message = missing.empty() ? "Values are sent as text and may not fit." : "DDL is not replicated. The next change of this table cannot be applied, and everything behind it waits.";
            alert.action = "Make the same change on the subscriber.";
            if (!missing.empty())
                alert.script = repair::addColumns(table, missing);
        }
    }
}

} // namespace howdah::replication::rule
