// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/replication/to_json.h"

#include <cmath>
#include <set>

#include "core/base/json_put.h"

namespace howdah::replication {

namespace {

using Json = nlohmann::ordered_json;
using json::put;

const char *stateName(const Node &node)
{
    switch (node.state) {
    case series::SamplerState::Stopped: return "stopped";
    case series::SamplerState::Starting: return "starting";
    case series::SamplerState::Live: return "live";
    case series::SamplerState::Slow: return "slow";
    case series::SamplerState::Lost: break;
    }
    return "lost";
}

const char *roleName(Role role)
{
    return role == Role::Primary ? "primary" : role == Role::Standby ? "standby" : "unknown";
}

void putServer(Json &json, const Node &node)
{
    if (node.server) {
        put(json, "server_version", node.server->version);
        put(json, "host", node.server->host);
        put(json, "port", node.server->port);
        put(json, "database", node.server->database);
    }
    put(json, "cluster_name", node.settings.cluster_name);
    put(json, "system_identifier", node.system_identifier);
    json["timeline"] = node.timeline;
    json["in_recovery"] = node.in_recovery;
    json["writable"] = node.isWritable();
    put(json, "lsn", lsnText(node.lsn));
    put(json, "replay_lsn", lsnText(node.replay_lsn));
    if (node.in_recovery) {
        put(json, "replay_pause_state", node.pause_state);
        json["replay_paused"] = node.pause_state != "not paused";
        put(json, "last_replayed_commit_age_ms", node.replay_age_ms);
        json["recovery_conflicts"] = node.conflicts.all();
        if (node.receiver) {
            const Receiver &receiver = *node.receiver;
            Json wal = Json::object();
            put(wal, "status", receiver.status);
            wal["pid"] = receiver.pid;
            put(wal, "slot_name", receiver.slot);
            put(wal, "sender_host", receiver.sender_host);
            if (receiver.sender_port != 0)
                wal["sender_port"] = receiver.sender_port;
            put(wal, "flushed_lsn", lsnText(receiver.flushed_lsn));
            put(wal, "latest_end_lsn", lsnText(receiver.latest_end_lsn));
            put(wal, "last_msg_receipt_age_ms", receiver.receipt_age_ms);
            json["wal_receiver"] = std::move(wal);
        } else {
            json["wal_receiver"] = nullptr;
        }
    }
    put(json, "wal_bytes_per_s", node.wal_rate);
    put(json, "free_bytes", node.free_bytes);
    put(json, "synchronous_standby_names", node.settings.synchronous_standby_names);
    if (node.sync_waiters > 0)
        json["sync_waiters"] = node.sync_waiters;
    put(json, "archive_mode", node.archiver.mode);
    if (!node.archiver.mode.empty() && node.archiver.mode != "off") {
        json["archived_count"] = node.archiver.archived;
        json["archive_failed_count"] = node.archiver.failed;
        put(json, "archive_ready", node.archiver.ready);
    }
    json["server_ms"] = std::round(node.server_ms * 1000) / 1000;
}

Json nodeJson(const Place &place)
{
    Json json;
    json["name"] = place.name;
    json["role"] = place.is_slot ? "slot" : roleName(place.role);
    json["sampled"] = place.node != nullptr;
    if (place.cascades)
        json["cascades"] = true;
    if (place.publishes)
        json["publisher"] = true;
    if (place.subscribes)
        json["subscriber"] = true;
    if (!place.node)
        return json;
    json["state"] = stateName(*place.node);
    json["reachable"] = !place.node->isLost();
    if (place.node->isLost()) {
        put(json, "error", place.node->error.message);
        put(json, "silent_ms", place.node->silent_ms);
    }
    if (place.node->sampled)
        putServer(json, *place.node);
    if (!place.node->notes.empty())
        json["notes"] = place.node->notes;
    return json;
}

Json edgeJson(const Overview &overview, const Link &link)
{
    Json json;
    const Place &up = overview.topology.places[static_cast<std::size_t>(link.upstream)];
    json["from"] = up.name;
    json["to"] = overview.topology.places[static_cast<std::size_t>(link.downstream)].name;
    json["kind"] = link.kind == LinkKind::Streaming ? "streaming" : "logical";
    json["state"] = link.state == LinkState::Good ? "good" : link.state == LinkState::Behind ? "behind" : "broken";
    put(json, "words", link.words);
    put(json, "name", link.name);
    json["slot"] = link.slot == nullptr ? Json(nullptr) : Json(link.slot->name);
    json["evidence"] = {{"upstream", link.sender != nullptr}, {"downstream", link.receiver != nullptr || link.subscription != nullptr}};
    if (link.subscription != nullptr)
        json["subscription"] = link.subscription->name;
    if (link.sender == nullptr)
        return json;
    const Sender &sender = *link.sender;
    put(json, "application_name", sender.application_name);
    put(json, "client", sender.client);
    put(json, "walsender_state", sender.state);
    put(json, "sync_state", sender.sync_state);
    for (int stage = 0; stage < stage_count; ++stage) {
        const std::string name = stageName(static_cast<Stage>(stage));
        put(json, (name + "_lag_bytes").c_str(), sender.lag[stage].bytes);
        put(json, (name + "_lag_ms").c_str(), sender.lag[stage].ms);
    }
    put(json, "reply_age_ms", sender.reply_age_ms);
    for (const LagForecast &lag : overview.forecast.lags) {
        if (up.node && lag.node == up.node->name && lag.key == seriesKey(sender)) {
            json["lag_slope_bytes_per_s"] = std::round(lag.slope);
            if (lag.seconds)
                json["catch_up_s"] = std::round(*lag.seconds * 10) / 10;
            json["lag_trend"] = lag.words;
        }
    }
    return json;
}

void putEnd(Json &json, const SlotForecast &forecast)
{
    json["event"] = forecast.event.empty() ? Json(nullptr) : Json(forecast.event);
    json["seconds"] = forecast.seconds ? Json(std::round(*forecast.seconds)) : Json(nullptr);
    json["words"] = forecast.words;
    json["growth_bytes_per_s"] = std::round(forecast.rate);
    put(json, "room_bytes", forecast.room_bytes);
    json["measured_s"] = std::round(forecast.measured_s * 10) / 10;
}

Json slotJson(const Overview &overview, const Node &node, const Slot &slot)
{
    Json json;
    json["node"] = node.name;
    json["name"] = slot.name;
    json["type"] = slot.type;
    put(json, "plugin", slot.plugin);
    put(json, "database", slot.database);
    json["active"] = slot.active;
    if (slot.temporary)
        json["temporary"] = true;
    put(json, "restart_lsn", lsnText(slot.restart_lsn));
    put(json, "confirmed_flush_lsn", lsnText(slot.confirmed_flush_lsn));
    put(json, "wal_status", slot.wal_status);
    put(json, "retained_bytes", slot.retained_bytes);
    put(json, "safe_wal_size", slot.safe_wal_bytes);
    if (node.settings.read)
        json["max_slot_wal_keep_size"] = node.settings.max_slot_wal_keep_bytes;
    put(json, "xmin_age", slot.xmin_age);
    put(json, "catalog_xmin_age", slot.catalog_xmin_age);
    put(json, "inactive_ms", slot.inactive_ms);
    put(json, "invalidation_reason", slot.invalidation_reason);
    put(json, "conflicting", slot.conflicting);
    put(json, "failover", slot.failover);
    put(json, "synced", slot.synced);
    if (const SlotForecast *forecast = overview.forecast.slot(node.name, slot.name)) {
        json["forecast"] = Json::object();
        putEnd(json["forecast"], *forecast);
    }
    return json;
}

Json subscriptionJson(const Node &node, const Subscription &subscription)
{
    Json json;
    json["node"] = node.name;
    json["name"] = subscription.name;
    json["database"] = subscription.database;
    json["enabled"] = subscription.enabled;
    put(json, "slot", subscription.slot);
    put(json, "publications", subscription.publications);
    json["worker_pid"] = subscription.worker_pid == 0 ? Json(nullptr) : Json(subscription.worker_pid);
    put(json, "worker_age_ms", subscription.worker_age_ms);
    json["sync_workers"] = subscription.sync_workers;
    put(json, "received_lsn", lsnText(subscription.received_lsn));
    put(json, "latest_end_lsn", lsnText(subscription.latest_end_lsn));
    put(json, "last_msg_receipt_age_ms", subscription.receipt_age_ms);
    put(json, "apply_error_count", subscription.apply_errors);
    put(json, "sync_error_count", subscription.sync_errors);
    put(json, "failing_lsn", lsnText(subscription.failing_lsn));
    if (!subscription.conflicts.empty())
        json["conflicts"] = subscription.conflicts;
    if (subscription.in_this_database) {
        json["relation_states"] = subscription.relations;
        Json list = Json::array();
        for (const CopyingRelation &one : node.copying) {
            if (one.subscription != subscription.oid)
                continue;
            Json relation;
            relation["relation"] = one.relation;
            relation["state"] = one.state;
            put(relation, "since_ms", one.since_ms);
            put(relation, "copied_rows", one.copied_rows);
            put(relation, "copied_bytes", one.copied_bytes);
            list.push_back(std::move(relation));
        }
        json["not_ready"] = std::move(list);
    }
    return json;
}

Json publicationJson(const Node &node, const Publication &publication)
{
    Json json;
    json["node"] = node.name;
    json["name"] = publication.name;
    json["database"] = node.server ? node.server->database : std::string();
    json["all_tables"] = publication.all_tables;
    json["publishes"] = Json::array();
    const std::pair<const char *, bool> kinds[] = {{"insert", publication.inserts}, {"update", publication.updates},
                                                   {"delete", publication.deletes}, {"truncate", publication.truncates}};
    for (const auto &[kind, is] : kinds) {
        if (is)
            json["publishes"].push_back(kind);
    }
    json["via_partition_root"] = publication.via_root;
    Json tables = Json::array();
    for (const ReplicatedTable &table : node.published) {
        if (("," + table.owner + ",").find("," + publication.name + ",") == std::string::npos)
            continue;
        tables.push_back({{"schema", table.schema}, {"name", table.name}, {"replica_identity", table.has_identity}});
    }
    json["tables"] = std::move(tables);
    return json;
}

Json alertJson(const Alert &alert)
{
    Json json;
    json["rule"] = alert.rule;
    json["severity"] = severityName(alert.severity);
    json["node"] = alert.node;
    put(json, "subject", alert.subject);
    json["title"] = alert.title;
    json["figure"] = alert.figure;
    json["limit"] = alert.limit;
    json["message"] = alert.message;
    json["action"] = alert.action;
    std::string statements;
    if (alert.script) {
        for (const migration::ChangeStep &step : alert.script->steps)
            statements += (statements.empty() ? "" : "\n") + step.sql + ";";
        json["sql_node"] = alert.script_node;
    }
    json["sql"] = alert.script ? Json(statements) : Json(nullptr);
    json["since_ms"] = alert.since_ms;
    return json;
}

Json forecastJson(const Forecast &forecast)
{
    Json json;
    json["slots"] = Json::array();
    for (const SlotForecast &slot : forecast.slots) {
        Json one;
        one["node"] = slot.node;
        one["slot"] = slot.slot;
        putEnd(one, slot);
        json["slots"].push_back(std::move(one));
    }
    json["lag"] = Json::array();
    for (const LagForecast &lag : forecast.lags) {
        Json one;
        one["node"] = lag.node;
        one["receiver"] = lag.receiver;
        one["slope_bytes_per_s"] = std::round(lag.slope);
        one["catch_up_s"] = lag.seconds ? Json(std::round(*lag.seconds * 10) / 10) : Json(nullptr);
        one["words"] = lag.words;
        json["lag"].push_back(std::move(one));
    }
    return json;
}

} // namespace

std::string toJson(const Overview &overview)
{
    Json json;
    json["time_ms"] = overview.time_ms;
    for (const char *list : {"nodes", "edges", "slots", "subscriptions", "publications", "alerts"})
        json[list] = Json::array();
    for (const Place &place : overview.topology.places)
        json["nodes"].push_back(nodeJson(place));
    for (const Link &link : overview.topology.links)
        json["edges"].push_back(edgeJson(overview, link));
    // Slots and subscriptions belong to a server: two connections to it tell of the same ones.
    std::set<std::string> servers, databases;
    for (const auto &node : overview.nodes) {
        if (servers.insert(node->instance).second) {
            for (const Slot &slot : node->slots)
                json["slots"].push_back(slotJson(overview, *node, slot));
        }
        for (const Subscription &subscription : node->subscriptions) {
            if (databases.insert(node->instance + "/" + std::to_string(subscription.oid)).second || subscription.in_this_database)
                json["subscriptions"].push_back(subscriptionJson(*node, subscription));
        }
        for (const Publication &publication : node->publications)
            json["publications"].push_back(publicationJson(*node, publication));
    }
    for (const Alert &alert : overview.alerts)
        json["alerts"].push_back(alertJson(alert));
    json["forecast"] = forecastJson(overview.forecast);
    return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

} // namespace howdah::replication
