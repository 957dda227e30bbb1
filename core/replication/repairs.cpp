// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/replication/repairs.h"

#include "core/base/human.h"
#include "core/sql/quote.h"

namespace howdah::replication::repair {

namespace {

using migration::ChangeScript;
using migration::ChangeStep;
using sql::quoteIdentifier;
using sql::quoteLiteral;

ChangeScript scriptOf(std::string title, std::string reason, std::vector<ChangeStep> steps)
{
    ChangeScript script;
    script.title = std::move(title);
    script.reason = std::move(reason);
    script.steps = std::move(steps);
    return script;
}

ChangeStep dropStep(const Slot &slot)
{
    ChangeStep step;
    step.title = "Drop the slot " + slot.name;
    step.sql = "SELECT pg_drop_replication_slot(" + quoteLiteral(slot.name) + ")";
    step.in_transaction = false;
    step.check_before = "SELECT count(*) = 1 FROM pg_replication_slots WHERE slot_name = " + quoteLiteral(slot.name) + " AND NOT active";
    step.check_after = "SELECT count(*) = 0 FROM pg_replication_slots WHERE slot_name = " + quoteLiteral(slot.name);
    step.no_undo_reason = "A slot made anew begins at the present: whoever used this one must copy everything again.";
    step.note = slot.retained_bytes > 0 ? "The next checkpoint may then remove " + human::bytes(slot.retained_bytes) + " of WAL." : std::string();
    return step;
}

std::string tableName(const ReplicatedTable &table)
{
    return sql::quoteQualified(table.schema, table.name);
}

} // namespace

ChangeScript dropSlot(const Node &node, const Slot &slot)
{
    ChangeScript script = scriptOf("Drop the replication slot " + slot.name + " on " + node.name,
                                   "Nobody uses it, and the server keeps WAL" +
                                       std::string(slot.isPhysical() ? "" : " and dead catalog rows") + " for it.",
                                   {dropStep(slot)});
    script.danger = true;
    return script;
}

ChangeScript remakeSlot(const Node &node, const Slot &slot)
{
    ChangeStep make;
    make.title = "Make the slot " + slot.name + " anew, reserving WAL from now on";
    make.sql = "SELECT pg_create_physical_replication_slot(" + quoteLiteral(slot.name) + ", true)";
    make.in_transaction = false;
    make.check_after = "SELECT count(*) = 1 FROM pg_replication_slots WHERE slot_name = " + quoteLiteral(slot.name) + " AND restart_lsn IS NOT NULL";
    make.undo_sql = "SELECT pg_drop_replication_slot(" + quoteLiteral(slot.name) + ")";
    make.note = "Then on the standby's host, stopped and with an empty data directory: pg_basebackup -D DATA_DIRECTORY -R -X stream -S " +
                slot.name + " -d 'host=… user=…', and start it.";
    ChangeScript script = scriptOf("Begin to rebuild the standby of slot " + slot.name + " on " + node.name,
                                   "The WAL that the standby needs is gone: it can only be copied anew.", {dropStep(slot), make});
    script.danger = true;
    return script;
}

ChangeScript resumeReplay(const Node &node)
{
    ChangeStep step;
    step.title = "Resume replay";
    step.sql = "SELECT pg_wal_replay_resume()";
    step.in_transaction = false;
    step.check_before = "SELECT pg_is_in_recovery()";
    step.check_after = "SELECT NOT pg_is_wal_replay_paused()";
    step.undo_sql = "SELECT pg_wal_replay_pause()";
    step.note = "Queries on the standby that conflict with what is replayed then may be cancelled.";
    return scriptOf("Resume replay on " + node.name, "Somebody has paused it; the standby falls behind.", {step});
}

ChangeScript enableSubscription(const Subscription &subscription)
{
    ChangeStep step;
    step.title = "Enable the subscription " + subscription.name;
    step.sql = "ALTER SUBSCRIPTION " + quoteIdentifier(subscription.name) + " ENABLE";
    step.undo_sql = "ALTER SUBSCRIPTION " + quoteIdentifier(subscription.name) + " DISABLE";
    step.note = "It goes on from where it stopped. If it was disabled by an error (disable_on_error), that error comes again "
                "unless its cause is gone.";
    return scriptOf("Enable the subscription " + subscription.name, "While it is disabled its slot keeps WAL on the publisher.", {step});
}

ChangeScript refreshPublication(const Subscription &subscription)
{
    ChangeStep step;
    step.title = "Take over tables that the publication has gained";
    step.sql = "ALTER SUBSCRIPTION " + quoteIdentifier(subscription.name) + " REFRESH PUBLICATION";
    step.in_transaction = false;
    step.no_undo_reason = "New tables are copied, tables that were taken out of the publication are no longer replicated.";
    step.note = "Each new table is copied from end to end.";
    return scriptOf("Refresh the publications of " + subscription.name, "The publisher's list of tables has changed.", {step});
}

ChangeScript skipTransaction(const Subscription &subscription, Lsn finish_lsn, int major)
{
    const std::string name = quoteIdentifier(subscription.name), oid = std::to_string(subscription.oid);
    std::vector<ChangeStep> steps;
    const auto add = [&steps](std::string title, std::string statement) -> ChangeStep & {
        ChangeStep step;
        step.title = std::move(title);
        step.sql = std::move(statement);
        return steps.emplace_back(std::move(step));
    };
    const std::string title = "Skip the transaction that ends at " + lsnText(finish_lsn);
    if (major >= 15) {
        add(title, "ALTER SUBSCRIPTION " + name + " SKIP (lsn = " + quoteLiteral(lsnText(finish_lsn)) + ")").undo_sql =
            "ALTER SUBSCRIPTION " + name + " SKIP (lsn = NONE)";
        // Where disable_on_error has stopped it, it goes on only when it is told to.
        if (!subscription.enabled)
            add("Enable it again", "ALTER SUBSCRIPTION " + name + " ENABLE").undo_sql = "ALTER SUBSCRIPTION " + name + " DISABLE";
    } else {
        // Before 15 the origin is moved by hand, while nobody applies.
        add("Disable the subscription", "ALTER SUBSCRIPTION " + name + " DISABLE").undo_sql = "ALTER SUBSCRIPTION " + name + " ENABLE";
        ChangeStep &wait = add("Wait until its worker has ended",
                               "DO $$ BEGIN FOR i IN 1..100 LOOP PERFORM pg_stat_clear_snapshot(); EXIT WHEN NOT EXISTS (SELECT FROM pg_stat_subscription "
                               "WHERE subid = " + oid + " AND pid IS NOT NULL); PERFORM pg_sleep(0.1); END LOOP; END $$");
        wait.check_after = "SELECT count(*) = 0 FROM pg_stat_subscription WHERE subid = " + oid + " AND pid IS NOT NULL";
        wait.no_undo_reason = "Nothing is changed.";
        // The first LSN behind the transaction's end: one that ends at the origin itself would come again.
        add(title, "SELECT pg_replication_origin_advance('pg_" + oid + "', " + quoteLiteral(lsnText(finish_lsn + 1)) + ")").no_undo_reason = "The origin does not go back.";
        add("Enable it again", "ALTER SUBSCRIPTION " + name + " ENABLE").undo_sql = "ALTER SUBSCRIPTION " + name + " DISABLE";
    }
    steps[steps.size() > 2 ? 2 : 0].note = "Everything that this transaction changed is missing on the subscriber, not only the row that failed: compare the tables afterwards.";
    ChangeScript script = scriptOf("Skip a failing transaction of " + subscription.name,
                                   "It cannot be applied, and everything behind it waits.", std::move(steps));
    script.danger = true;
    return script;
}

ChangeScript advanceSlot(const std::string &slot, Lsn finish_lsn)
{
    ChangeStep step;
    step.title = "Move the slot " + slot + " behind the transaction that ends at " + lsnText(finish_lsn);
    step.sql = "SELECT pg_replication_slot_advance(" + quoteLiteral(slot) + ", " + quoteLiteral(lsnText(finish_lsn + 1)) + ")";
    step.in_transaction = false;
    step.check_before = "SELECT count(*) = 1 FROM pg_replication_slots WHERE slot_name = " + quoteLiteral(slot) + " AND NOT active";
    step.check_after = "SELECT confirmed_flush_lsn >= " + quoteLiteral(lsnText(finish_lsn + 1)) + " FROM pg_replication_slots WHERE slot_name = " + quoteLiteral(slot);
    step.no_undo_reason = "A slot does not go back.";
    step.note = "Only while the subscription is disabled. Everything up to there that the subscriber has not got is missing on it: compare the tables afterwards.";
    ChangeScript script = scriptOf("Skip a failing transaction by advancing the slot " + slot, "It cannot be applied, and everything behind it waits.", {step});
    script.danger = true;
    return script;
}

ChangeScript identityFull(const ReplicatedTable &table)
{
    ChangeStep step;
    step.title = "Let whole rows identify rows of " + tableName(table);
    step.sql = "ALTER TABLE " + tableName(table) + " REPLICA IDENTITY FULL";
    step.lock_level = "ACCESS EXCLUSIVE";
    step.undo_sql = "ALTER TABLE " + tableName(table) + " REPLICA IDENTITY " + (table.replica_identity == 'n' ? "NOTHING" : "DEFAULT");
    step.note = "Quick, but each UPDATE and DELETE then writes the whole old row, and the subscriber may have to search for it. A primary "
                "key, or REPLICA IDENTITY USING INDEX of a unique index over NOT NULL columns, is better.";
    return scriptOf("Give " + tableName(table) + " a replica identity", "Without one UPDATE and DELETE fail on the publisher.", {step});
}

ChangeScript setParameter(const std::string &name, const std::string &value, const std::string &before, const std::string &reason,
                          const std::string &note)
{
    ChangeStep set;
    set.title = "Set " + name;
    set.sql = "ALTER SYSTEM SET " + quoteIdentifier(name) + " = " + quoteLiteral(value);
    set.in_transaction = false;
    set.undo_sql = "ALTER SYSTEM SET " + quoteIdentifier(name) + " = " + quoteLiteral(before);
    set.note = note;
    ChangeStep reload;
    reload.title = "Reload the configuration";
    reload.sql = "SELECT pg_reload_conf()";
    reload.in_transaction = false;
    reload.undo_sql = "SELECT pg_reload_conf()";
    return scriptOf("Set " + name + " to " + (value.empty() ? "nothing" : value), reason, {set, reload});
}

ChangeScript addColumns(const ReplicatedTable &table, const std::vector<std::string> &missing)
{
    std::vector<ChangeStep> steps;
    for (const std::string &column : missing) {
        const std::size_t tab = column.find('\t');
        const std::string name = column.substr(0, tab);
        ChangeStep step;
        step.title = "Add " + name + " to " + tableName(table);
        step.sql = "ALTER TABLE " + tableName(table) + " ADD COLUMN " + quoteIdentifier(name) + " " + column.substr(tab + 1);
        step.lock_level = "ACCESS EXCLUSIVE";
        step.undo_sql = "ALTER TABLE " + tableName(table) + " DROP COLUMN " + quoteIdentifier(name);
        step.note = "Defaults and NOT NULL of the publisher's column are not taken over; the worker goes on by itself within seconds.";
        steps.push_back(std::move(step));
    }
    return scriptOf("Add the publisher's new columns to " + tableName(table),
                    "DDL is not replicated: changes of that table cannot be applied until the column is there.", std::move(steps));
}

} // namespace howdah::replication::repair
