// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/replication/reader.h"

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "core/replication/probes.h"
#include "core/series/sample_rows.h"

namespace howdah::replication {

namespace {

using series::ProbeRows;
using series::rowsOf;

constexpr series::TimeMs free_space_every_ms = 10'000;

std::optional<bool> perhaps(const ProbeRows &rows, std::size_t row, const char *column)
{
    const auto text = rows.text(row, column);
    if (!text)
        return {};
    return *text == "t";
}

/// pg_settings in the units that it has for these.
NodeSettings settingsOf(const ProbeRows &rows, Archiver &archiver)
{
    NodeSettings settings;
    settings.read = rows.size() > 0;
    std::map<std::string, std::string> values;
    for (std::size_t row = 0; row < rows.size(); ++row) {
        const std::string line = rows.string(row, "setting");
        const std::size_t equals = line.find('=');
        if (equals != std::string::npos)
            values[line.substr(0, equals)] = line.substr(equals + 1);
    }
    const auto number = [&values](const char *name, double factor, double otherwise) {
        const auto found = values.find(name);
        return found == values.end() ? otherwise : std::strtod(found->second.c_str(), nullptr) * factor;
    };
    settings.wal_receiver_timeout_ms = number("wal_receiver_timeout", 1, 60'000);
    settings.wal_sender_timeout_ms = number("wal_sender_timeout", 1, 60'000);
    settings.wal_receiver_status_interval_ms = number("wal_receiver_status_interval", 1000, 10'000);
    settings.cluster_name = values["cluster_name"];
    settings.wal_level = values["wal_level"];
    settings.data_directory = values["data_directory"];
    settings.port = values["port"];
    settings.hot_standby_feedback = values["hot_standby_feedback"];
    settings.has_primary_conninfo = values["primary_conninfo"] == "true";
    archiver.mode = values["archive_mode"];
    archiver.has_command = values["archive_command"] == "true" || values["archive_library"] == "true";
    return settings;
}

void readIdentity(const ProbeRows &rows, Node &node)
{
    node.in_recovery = rows.flag(0, "in_recovery");
    node.system_identifier = rows.string(0, "system_identifier");
    node.instance = node.system_identifier + "@" + rows.string(0, "started");
    node.timeline = static_cast<int>(rows.integer(0, "timeline"));
    node.pause_state = rows.string(0, "pause_state");
    node.lsn = rows.integer(0, "lsn", -1);
    node.replay_lsn = rows.integer(0, "replay_lsn", -1);
    node.replay_age_ms = rows.number(0, "replay_age").value_or(-1);
    node.sees_everything = rows.flag(0, "sees_everything");
    node.settings.synchronous_standby_names = rows.string(0, "synchronous_standby_names");
    node.settings.synchronous_commit = rows.string(0, "synchronous_commit");
    node.settings.max_slot_wal_keep_bytes = std::max<std::int64_t>(-1, rows.integer(0, "max_slot_wal_keep", -1));
    node.sync_waiters = static_cast<int>(rows.integer(0, "sync_waiters"));
    node.oldest_query_pid = static_cast<int>(rows.integer(0, "oldest_query_pid"));
    node.oldest_query_ms = rows.number(0, "oldest_query_ms").value_or(-1);
    node.replay_waits_for = rows.string(0, "replay_waits_for");
}

void readSenders(const ProbeRows &rows, Node &node)
{
    for (std::size_t row = 0; row < rows.size(); ++row) {
        Sender sender;
        sender.pid = static_cast<int>(rows.integer(row, "pid"));
        sender.user = rows.string(row, "user");
        sender.application_name = rows.string(row, "application");
        sender.client = rows.string(row, "client");
        sender.state = rows.string(row, "state");
        sender.sync_state = rows.string(row, "sync_state");
        sender.slot = rows.string(row, "slot");
        sender.logical = rows.flag(row, "logical");
        const auto lag = [&](Stage stage, const char *bytes, const char *ms) {
            Lag &one = sender.lag[static_cast<int>(stage)];
            // A receiver may have been told of more than is known here by the time of the look.
            if (const auto value = rows.number(row, bytes))
                one.bytes = std::max<std::int64_t>(0, static_cast<std::int64_t>(*value));
            one.ms = ms == nullptr ? -1 : rows.number(row, ms).value_or(-1);
        };
        lag(Stage::Sent, "sent_bytes", nullptr);
        lag(Stage::Write, "write_bytes", "write_ms");
        lag(Stage::Flush, "flush_bytes", "flush_ms");
        lag(Stage::Replay, "replay_bytes", "replay_ms");
        sender.sent_lsn = rows.integer(row, "sent_lsn", -1);
        sender.replay_lsn = rows.integer(row, "replay_lsn", -1);
        sender.age_ms = rows.number(row, "age").value_or(-1);
        sender.reply_age_ms = rows.number(row, "reply_age").value_or(-1);
        sender.xmin_age = rows.integer(row, "xmin_age", -1);
        node.senders.push_back(std::move(sender));
    }
}

void readSlots(const ProbeRows &rows, Node &node)
{
    for (std::size_t row = 0; row < rows.size(); ++row) {
        Slot slot;
        slot.name = rows.string(row, "name");
        slot.plugin = rows.string(row, "plugin");
        slot.type = rows.string(row, "type");
        slot.database = rows.string(row, "database");
        slot.temporary = rows.flag(row, "temporary");
        slot.active = rows.flag(row, "active");
        slot.active_pid = static_cast<int>(rows.integer(row, "active_pid"));
        slot.xmin_age = rows.integer(row, "xmin_age", -1);
        slot.catalog_xmin_age = rows.integer(row, "catalog_xmin_age", -1);
        slot.restart_lsn = rows.integer(row, "restart_lsn", -1);
        slot.confirmed_flush_lsn = rows.integer(row, "confirmed_flush_lsn", -1);
        slot.wal_status = rows.string(row, "wal_status");
        slot.safe_wal_bytes = rows.integer(row, "safe", -1);
        if (rows.number(row, "retained"))
            slot.retained_bytes = std::max<std::int64_t>(0, rows.integer(row, "retained"));
        slot.two_phase = rows.flag(row, "two_phase");
        slot.conflicting = perhaps(rows, row, "conflicting");
        slot.inactive_ms = rows.number(row, "inactive").value_or(-1);
        slot.invalidation_reason = rows.string(row, "invalidation_reason");
        slot.failover = perhaps(rows, row, "failover");
        slot.synced = perhaps(rows, row, "synced");
        node.slots.push_back(std::move(slot));
    }
}

void readReceiver(const ProbeRows &rows, Node &node)
{
    if (rows.size() == 0)
        return;
    Receiver receiver;
    receiver.pid = static_cast<int>(rows.integer(0, "pid"));
    receiver.status = rows.string(0, "status");
    receiver.visible = !receiver.status.empty();
    receiver.slot = rows.string(0, "slot");
    receiver.sender_host = rows.string(0, "sender_host");
    receiver.sender_port = static_cast<int>(rows.integer(0, "sender_port"));
    receiver.application_name = rows.string(0, "application");
    receiver.received_tli = static_cast<int>(rows.integer(0, "received_tli"));
    receiver.flushed_lsn = rows.integer(0, "flushed_lsn", -1);
    receiver.latest_end_lsn = rows.integer(0, "latest_end_lsn", -1);
    receiver.receipt_age_ms = rows.number(0, "receipt_age").value_or(-1);
    node.receiver = std::move(receiver);
}

void readPublications(const series::Sample &sample, Node &node)
{
    const ProbeRows &rows = rowsOf(sample, "publications");
    for (std::size_t row = 0; row < rows.size(); ++row)
        node.publications.push_back({rows.string(row, "name"), rows.flag(row, "all_tables"), rows.flag(row, "inserts"),
                                     rows.flag(row, "updates"), rows.flag(row, "deletes"), rows.flag(row, "truncates"),
                                     rows.flag(row, "via_root"), rows.integer(row, "tables", -1)});
    const auto tables = [](const ProbeRows &from, std::vector<ReplicatedTable> &into) {
        for (std::size_t row = 0; row < from.size(); ++row) {
            ReplicatedTable table;
            table.schema = from.string(row, "schema");
            table.name = from.string(row, "name");
            table.owner = from.string(row, "owner");
            const std::string identity = from.string(row, "identity");
            table.replica_identity = identity.empty() ? 'd' : identity.front();
            table.has_identity = from.flag(row, "has_identity");
            table.updates = from.flag(row, "updates");
            table.columns = from.string(row, "columns");
            into.push_back(std::move(table));
        }
    };
    tables(rowsOf(sample, "published"), node.published);
    tables(rowsOf(sample, "subscribed"), node.subscribed);
}

void readArchiver(const series::Sample &sample, Archiver &archiver)
{
    const ProbeRows &rows = rowsOf(sample, "archiver");
    archiver.archived = rows.integer(0, "archived");
    archiver.failed = rows.integer(0, "failed");
    archiver.last_archived_wal = rows.string(0, "last_archived_wal");
    archiver.last_failed_wal = rows.string(0, "last_failed_wal");
    archiver.last_archived_age_ms = rows.number(0, "last_archived_age").value_or(-1);
    archiver.last_failed_age_ms = rows.number(0, "last_failed_age").value_or(-1);
    const ProbeRows &ready = rowsOf(sample, "archive_ready");
    archiver.ready = ready.integer(0, "ready", -1);
    archiver.oldest_ready_age_ms = ready.number(0, "oldest").value_or(-1);
}

/// What a role may not read is said once, in a sentence; the rest goes on.
void readNotes(const series::Sample &sample, Node &node)
{
    if (!node.sees_everything)
        node.notes.push_back("This role sees only a part: GRANT pg_monitor to it shows lag, slots' users and the WAL receiver.");
    for (const auto &[probe, error] : sample.refused) {
        if (probe == "apply_failures")
            continue; // said with the alert that wants it
        if (probe != "archive_ready" || node.sees_everything)
            node.notes.push_back("\"" + probe + "\" could not be read: " + error.message);
    }
}

} // namespace

void Reader::readSubscriptions(const series::Sample &sample, Node &node)
{
    const ProbeRows &rows = rowsOf(sample, "subscriptions");
    for (std::size_t row = 0; row < rows.size(); ++row) {
        Subscription one;
        one.oid = rows.integer(row, "oid");
        one.name = rows.string(row, "name");
        one.database = rows.string(row, "database");
        one.enabled = rows.flag(row, "enabled");
        one.slot = rows.string(row, "slot");
        one.publications = rows.string(row, "publications");
        one.in_this_database = rows.flag(row, "here");
        one.worker_pid = static_cast<int>(rows.integer(row, "worker_pid"));
        one.sync_workers = static_cast<int>(rows.integer(row, "sync_workers"));
        one.worker_age_ms = rows.number(row, "worker_age").value_or(-1);
        one.received_lsn = rows.integer(row, "received_lsn", -1);
        one.latest_end_lsn = rows.integer(row, "latest_end_lsn", -1);
        one.receipt_age_ms = rows.number(row, "receipt_age").value_or(-1);
        one.apply_errors = rows.integer(row, "apply_errors", -1);
        one.sync_errors = rows.integer(row, "sync_errors", -1);
        one.stats_age_ms = rows.number(row, "stats_age").value_or(-1);
        for (const char *column : {"insert_exists", "update_origin_differs", "update_exists", "update_missing",
                                   "delete_origin_differs", "delete_missing", "multiple_unique_conflicts"}) {
            if (const std::string name = std::string("confl_") + column; rows.text(row, name))
                one.conflicts[name] = rows.integer(row, name);
        }
        Count &count = errors_[one.oid];
        const std::int64_t errors = one.apply_errors + one.sync_errors;
        if (count.value >= 0 && errors > count.value)
            count.grown_ms = sample.time_ms;
        count.value = errors;
        one.apply_error_age_ms = count.grown_ms == 0 ? -1 : static_cast<double>(sample.time_ms - count.grown_ms);
        node.subscriptions.push_back(std::move(one));
    }
    const ProbeRows &failures = rowsOf(sample, "apply_failures");
    for (std::size_t row = 0; row < failures.size(); ++row) {
        for (Subscription &one : node.subscriptions) {
            if (one.failing_lsn < 0 && one.oid == failures.integer(row, "subscription"))
                one.failing_lsn = failures.integer(row, "lsn", -1); // the newest comes first
        }
    }
    const ProbeRows &states = rowsOf(sample, "relation_states");
    for (std::size_t row = 0; row < states.size(); ++row) {
        for (Subscription &one : node.subscriptions) {
            if (one.oid == states.integer(row, "subscription"))
                one.relations[states.string(row, "state")] = states.integer(row, "relations");
        }
    }
}

void Reader::readCopying(const series::Sample &sample, Node &node)
{
    for (auto &[key, one] : copying_)
        one.met = false;
    const ProbeRows &rows = rowsOf(sample, "copying");
    for (std::size_t row = 0; row < rows.size(); ++row) {
        CopyingRelation one;
        one.subscription = rows.integer(row, "subscription");
        one.relation = rows.string(row, "relation");
        one.state = rows.string(row, "state");
        one.copied_rows = rows.integer(row, "rows", -1);
        one.copied_bytes = rows.integer(row, "bytes", -1);
        Since &since = copying_[std::to_string(one.subscription) + "/" + rows.string(row, "relid")];
        if (since.state != one.state)
            since = {one.state, sample.time_ms, true};
        since.met = true;
        one.since_ms = static_cast<double>(sample.time_ms - since.since_ms);
        node.copying.push_back(std::move(one));
    }
    std::erase_if(copying_, [](const auto &one) { return !one.second.met; });
}

std::shared_ptr<const Node> Reader::read(const series::Sample &sample, const series::SeriesStore &series)
{
    auto node = std::make_shared<Node>();
    node->name = name_;
    node->state = series::SamplerState::Live;
    node->sampled = true;
    node->server = sample.server;
    node->time_ms = sample.time_ms;
    node->server_ms = sample.server_ms;
    node->settings = settingsOf(rowsOf(sample, "settings"), node->archiver);
    readIdentity(rowsOf(sample, "node"), *node);
    readSenders(rowsOf(sample, "senders"), *node);
    readSlots(rowsOf(sample, "slots"), *node);
    readReceiver(rowsOf(sample, "receiver"), *node);
    // A standby's catalogs are its primary's: nothing of a subscription runs there, and before 16 nothing is published.
    if (!node->in_recovery) {
        readSubscriptions(sample, *node);
        readCopying(sample, *node);
    }
    if (!node->in_recovery || (node->server && node->server->major() >= 16))
        readPublications(sample, *node);
    readArchiver(sample, node->archiver);
    const ProbeRows &conflicts = rowsOf(sample, "conflicts");
    node->conflicts = {conflicts.integer(0, "tablespace"), conflicts.integer(0, "lock"), conflicts.integer(0, "snapshot"),
                       conflicts.integer(0, "bufferpin"), conflicts.integer(0, "deadlock"), conflicts.integer(0, "logicalslot")};
    node->wal_rate = series.last("node.wal_bytes");
    readNotes(sample, *node);
    if (free_read_ms_ == 0 || sample.time_ms - free_read_ms_ >= free_space_every_ms) {
        free_bytes_ = sample.server ? freeWalBytes(sample.server->host, node->settings.data_directory, sample.server->backend_pid) : -1;
        free_read_ms_ = sample.time_ms;
    }
    node->free_bytes = free_bytes_;
    return node;
}

} // namespace howdah::replication
