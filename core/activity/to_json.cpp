// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/activity/to_json.h"

#include <cmath>

#include "core/base/json_put.h"

namespace howdah::activity {

namespace {

using Json = nlohmann::ordered_json;
using json::put;

Json backendJson(const Backend &backend)
{
    Json json;
    json["pid"] = backend.pid;
    put(json, "user", backend.user);
    put(json, "database", backend.database);
    put(json, "application", backend.application);
    put(json, "client", backend.client);
    put(json, "backend_type", backend.backend_type);
    put(json, "backend_start", backend.started);
    put(json, "state", backend.state);
    put(json, "state_age_ms", backend.state_age_ms);
    put(json, "transaction_age_ms", backend.transaction_age_ms);
    put(json, "query_age_ms", backend.query_age_ms);
    put(json, "wait_event_type", backend.wait_event_type);
    put(json, "wait_event", backend.wait_event);
    put(json, "wait_ms", backend.wait_ms);
    put(json, "xid_age", backend.xid_age);
    put(json, "xmin_age", backend.xmin_age);
    put(json, "query_id", backend.query_id);
    if (backend.leader_pid != 0)
        json["leader_pid"] = backend.leader_pid;
    if (!backend.blocked_by.empty())
        json["blocked_by"] = backend.blocked_by;
    put(json, "query", backend.query);
    if (backend.query_cut)
        json["query_cut"] = true;
    return json;
}

Json blockingJson(const Activity &activity)
{
    Json list = Json::array();
    for (const BlockingNode &node : activity.blocking) {
        Json json;
        json["pid"] = node.pid;
        json["depth"] = node.depth;
        if (node.parent >= 0)
            json["blocked_by"] = activity.blocking[static_cast<std::size_t>(node.parent)].pid;
        if (!node.also_blocked_by.empty())
            json["also_blocked_by"] = node.also_blocked_by;
        json["waiting_below"] = node.waiting_below;
        if (node.in_cycle)
            json["in_cycle"] = true;
        if (const Backend *backend = activity.find(node.pid))
            put(json, "wait_ms", backend->wait_ms);
        list.push_back(std::move(json));
    }
    return list;
}

Json progressJson(const Progress &progress)
{
    Json json;
    json["command"] = progress.command;
    json["pid"] = progress.pid;
    put(json, "database", progress.database);
    put(json, "relation", progress.relation);
    put(json, "index", progress.index);
    put(json, "phase", progress.phase);
    json["done"] = progress.done;
    if (progress.total > 0) {
        json["total"] = progress.total;
        put(json, "fraction", progress.fraction());
    }
    put(json, "unit", progress.unit);
    put(json, "note", progress.note);
    put(json, "running_ms", progress.running_ms);
    put(json, "per_second", progress.per_second.value_or(-1));
    put(json, "seconds_left", progress.seconds_left.value_or(-1));
    return json;
}

Json figuresJson(const Figures &f)
{
    Json json = Json::object();
    const std::pair<const char *, double> rates[] = {
        {"commits_per_s", f.commits}, {"rollbacks_per_s", f.rollbacks}, {"tuples_returned_per_s", f.tuples_returned},
        {"tuples_fetched_per_s", f.tuples_fetched}, {"tuples_inserted_per_s", f.tuples_inserted},
        {"tuples_updated_per_s", f.tuples_updated}, {"tuples_deleted_per_s", f.tuples_deleted},
        {"blocks_hit_per_s", f.blocks_hit}, {"blocks_read_per_s", f.blocks_read}, {"cache_hit", f.cache_hit},
        {"temp_files_per_s", f.temp_files}, {"temp_bytes_per_s", f.temp_bytes},
        {"checkpoints_timed_per_s", f.checkpoints_timed}, {"checkpoints_requested_per_s", f.checkpoints_requested},
        {"checkpoint_buffers_per_s", f.checkpoint_buffers}, {"wal_bytes_per_s", f.wal_bytes}, {"deadlocks_per_s", f.deadlocks}};
    for (const auto &[name, value] : rates)
        put(json, name, value);
    json["deadlocks"] = f.deadlocks_total;
    json["connections"] = {{"max", f.max_connections}, {"clients", f.clients}, {"active", f.active}, {"waiting", f.waiting},
                           {"idle", f.idle}, {"idle_in_transaction", f.idle_in_transaction}};
    put(json, "database_bytes", f.database_bytes);
    return json;
}

Json preparedJson(const PreparedTransaction &transaction)
{
    Json json;
    json["gid"] = transaction.gid;
    put(json, "owner", transaction.owner);
    put(json, "database", transaction.database);
    put(json, "age_ms", transaction.age_ms);
    put(json, "xid_age", transaction.xid_age);
    return json;
}

Json slotJson(const ReplicationSlot &slot)
{
    Json json;
    json["name"] = slot.name;
    put(json, "type", slot.type);
    put(json, "database", slot.database);
    json["active"] = slot.active;
    put(json, "xmin_age", slot.xmin_age);
    put(json, "catalog_xmin_age", slot.catalog_xmin_age);
    put(json, "wal_status", slot.wal_status);
    put(json, "retained_bytes", slot.retained_bytes);
    return json;
}

} // namespace

std::string toJson(const Activity &activity)
{
    Json json;
    json["time_ms"] = activity.time_ms;
    if (activity.server)
        json["server_version"] = activity.server->version;
    json["server_ms"] = std::round(activity.server_ms * 1000) / 1000;
    json["figures"] = figuresJson(activity.figures);
    json["sessions"] = Json::array();
    for (const Backend &backend : activity.backends)
        json["sessions"].push_back(backendJson(backend));
    if (activity.more_backends)
        json["more_sessions"] = true;
    json["blocking"] = blockingJson(activity);
    if (activity.more_waiters)
        json["more_waiters"] = true;
    json["progress"] = Json::array();
    for (const Progress &progress : activity.progress)
        json["progress"].push_back(progressJson(progress));
    json["prepared_transactions"] = Json::array();
    for (const PreparedTransaction &transaction : activity.prepared)
        json["prepared_transactions"].push_back(preparedJson(transaction));
    json["replication_slots"] = Json::array();
    for (const ReplicationSlot &slot : activity.slots)
        json["replication_slots"].push_back(slotJson(slot));
    json["sees_everything"] = activity.sees_everything;
    if (!activity.notes.empty())
        json["notes"] = activity.notes;
    return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

} // namespace howdah::activity
