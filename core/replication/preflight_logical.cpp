// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <cctype>

#include "core/base/human.h"
#include "core/pg/connection_spec.h"
#include "core/replication/ask.h"
#include "core/replication/preflight.h"
#include "core/replication/replicated_tables.h"
#include "core/replication/repairs.h"
#include "core/sql/quote.h"

namespace howdah::replication {

namespace {

using sql::quoteIdentifier;
using sql::quoteLiteral;

/// "id, \"Odd, name\"" as the server reads it.
std::vector<std::string> namesIn(const std::string &list)
{
    std::vector<std::string> names(1);
    bool quoted = false;
    for (const char c : list) {
        if (c == '"')
            quoted = !quoted;
        else if (c == ',' && !quoted)
            names.emplace_back();
        else if (quoted || c != ' ')
            names.back() += quoted ? c : static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    }
    return names;
}

class LogicalPreflight
{
public:
    LogicalPreflight(pg::Connection &publisher, pg::Connection &subscriber, const LogicalPlan &plan) : a_(publisher), b_(subscriber), plan_(plan) {}
    Result<std::vector<Check>> run();

private:
    Check &add(const char *name, const char *node, bool ok, std::string figure, std::string message, std::string fix = {}, bool required = true)
    {
        return addCheck(checks_, name, node, ok, std::move(figure), std::move(message), std::move(fix), required);
    }
    void checkPublisher();
    void checkRoom(pg::Connection &server, const char *node, const char *name, const char *used, int wanted, const char *why);
    void checkSubscriber();
    void checkNames();
    void checkRole();
    void checkTables();
    void checkContents();
    void checkTable(const TableFacts &ours, const TableFacts &theirs);
    void checkNotReplicated();
    void keepPublished(const std::vector<PublishedChoice> &tables);
    [[nodiscard]] std::string sourceRole() const;

    pg::Connection &a_, &b_;
    const LogicalPlan &plan_;
    std::vector<Check> checks_;
    std::vector<TableFacts> ours_, theirs_;
};

std::string LogicalPreflight::sourceRole() const
{
    const auto described = pg::describe(plan_.publisher_conninfo);
    if (described) {
        if (const auto found = described->find("user"); found != described->end())
            return found->second;
    }
    return a_.facts().role;
}

void LogicalPreflight::checkRoom(pg::Connection &server, const char *node, const char *name, const char *used, int wanted, const char *why)
{
    const auto rows = ask(server, std::string("SELECT current_setting('") + name + "')::int AS all, (" + used + ")::int AS used");
    if (!rows || rows->size() == 0)
        return;
    const std::int64_t all = rows->integer(0, "all"), free = all - rows->integer(0, "used");
    add(name, node, free >= wanted, std::to_string(free) + " of " + std::to_string(all) + " free",
        std::string(why) + (free >= wanted ? "" : " Changing it needs a restart."),
        std::string("ALTER SYSTEM SET ") + name + " = " + std::to_string(all + 10));
}

void LogicalPreflight::checkPublisher()
{
    const auto level = askText(a_, "SHOW wal_level");
    if (level)
        add("wal_level", "publisher", *level == "logical", *level, *level == "logical" ? "Changes can be decoded." : "It must be logical; changing it needs a restart. CREATE PUBLICATION only warns of it.",
            "ALTER SYSTEM SET wal_level = 'logical'");
    checkRoom(a_, "publisher", "max_replication_slots", "SELECT count(*) FROM pg_replication_slots", 2, "The subscription takes one, its initial copy another for a while.");
    checkRoom(a_, "publisher", "max_wal_senders", "SELECT count(*) FROM pg_stat_replication", 2, "The subscription takes one, its initial copy another for a while.");
    const auto database = pg::describe(plan_.publisher_conninfo);
    const std::string name = database && database->contains("dbname") ? database->at("dbname") : a_.facts().database;
    add("publisher_database", "publisher", name == a_.facts().database, name, name == a_.facts().database ? "The subscriber connects to this database." : "The subscriber's connection names another database than the one looked at.");
    const auto address = askText(b_, "SELECT COALESCE(host(inet_server_addr()), '')");
    Check hba = hbaCheck(a_, name, sourceRole(), plan_.publisher_conninfo, address ? *address : std::string());
    hba.node = "publisher";
    checks_.push_back(std::move(hba));
}

void LogicalPreflight::checkRole()
{
    const std::string role = sourceRole();
    const auto rows = ask(a_, "SELECT rolreplication OR rolsuper AS may, rolsuper AS super, rolbypassrls AS bypass FROM pg_roles WHERE rolname = $1", {role});
    if (!rows)
        return;
    const bool may = rows->size() > 0 && rows->flag(0, "may");
    add("role", "publisher", may, role, may ? "It may replicate." : rows->size() == 0 ? "There is no such role." : "It may not replicate.",
        rows->size() == 0 ? "CREATE ROLE " + quoteIdentifier(role) + " LOGIN REPLICATION" : "ALTER ROLE " + quoteIdentifier(role) + " REPLICATION");
    if (!may || !plan_.copy_data)
        return;
    std::string closed, hidden, grants;
    for (const TableFacts &table : ours_) {
        if (!table.exists)
            continue;
        const auto reads = askText(a_, "SELECT has_table_privilege($1, to_regclass($2), 'SELECT')", {role, table.sql()});
        if (reads && *reads != "t") {
            closed += (closed.empty() ? "" : ", ") + table.sql();
            grants += (grants.empty() ? "" : ";\n") + ("GRANT SELECT ON " + table.sql() + " TO " + quoteIdentifier(role));
        }
        if (table.row_security && !rows->flag(0, "super") && !rows->flag(0, "bypass"))
            hidden += (hidden.empty() ? "" : ", ") + table.sql();
    }
    add("select_right", "publisher", closed.empty(), closed.empty() ? "all tables" : closed, closed.empty() ? role + " may read them." : role + " may not read them, so the initial copy fails.", grants);
    if (!hidden.empty())
        add("row_security", "publisher", false, hidden, "Row security hides rows from " + role + ": the initial copy takes only what it sees.", "ALTER ROLE " + quoteIdentifier(role) + " BYPASSRLS");
}

void LogicalPreflight::checkSubscriber()
{
    const char *used = "SELECT count(*) FROM pg_stat_subscription WHERE pid IS NOT NULL";
    checkRoom(b_, "subscriber", "max_logical_replication_workers", used, 2, "The subscription needs one, its initial copy another.");
    checkRoom(b_, "subscriber", "max_worker_processes", "SELECT count(*) FROM pg_stat_activity WHERE backend_type IN ('logical replication launcher', 'logical replication worker', 'parallel worker', 'logical replication apply worker', 'logical replication tablesync worker')", 2,
              "Workers of subscriptions are among them.");
    checkRoom(b_, "subscriber", b_.facts().major() >= 18 ? "max_active_replication_origins" : "max_replication_slots", "SELECT count(*) FROM pg_replication_origin_status", 2,
              "The subscription keeps its progress in one, each table that is copied in another.");
    const auto sync = askText(b_, "SHOW max_sync_workers_per_subscription");
    if (sync)
        add("max_sync_workers_per_subscription", "subscriber", std::atoi(sync->c_str()) >= 1 || !plan_.copy_data, *sync, "So many tables are copied at a time.", "ALTER SYSTEM SET max_sync_workers_per_subscription = 2");
    const bool sixteen = b_.facts().major() >= 16;
    const auto may = askText(b_, sixteen ? "SELECT rolsuper OR (pg_has_role('pg_create_subscription', 'USAGE') AND has_database_privilege(current_database(), 'CREATE')) FROM pg_roles WHERE rolname = current_user"
                                         : "SELECT rolsuper FROM pg_roles WHERE rolname = current_user");
    if (may)
        add("may_subscribe", "subscriber", *may == "t", b_.facts().role, *may == "t" ? "It may create the subscription." : sixteen ? "It needs pg_create_subscription and CREATE on the database." : "Only a superuser may create a subscription before 16.",
            sixteen ? "GRANT pg_create_subscription TO " + quoteIdentifier(b_.facts().role) : "");
    const auto recovering = askText(b_, "SELECT pg_is_in_recovery()");
    if (recovering)
        add("subscriber_writable", "subscriber", *recovering == "f", *recovering == "f" ? "takes writes" : "in recovery", "A subscription writes: it cannot live on a standby.");
}

void LogicalPreflight::checkNames()
{
    const auto identity = "SELECT (pg_control_system()).system_identifier || '@' || EXTRACT(epoch FROM pg_postmaster_start_time())";
    const auto ours = askText(a_, identity), theirs = askText(b_, identity);
    if (ours && theirs && *ours == *theirs) {
        const bool other = a_.facts().database != b_.facts().database;
        add("same_cluster", "subscriber", other, other ? "one server, two databases" : "one database",
            other ? "CREATE SUBSCRIPTION would wait for itself for ever: the set-up creates the slot first." : "A database cannot subscribe to itself.");
    }
    const auto free = [&](pg::Connection &server, const char *node, const char *name, const std::string &value, const char *sql, const std::string &fix) {
        const auto rows = ask(server, sql, {value});
        if (rows)
            add(name, node, rows->size() == 0, value, rows->size() == 0 ? "The name is free." : "That name is taken.", fix);
    };
    free(a_, "publisher", "publication_name", plan_.publication, "SELECT FROM pg_publication WHERE pubname = $1", "DROP PUBLICATION " + quoteIdentifier(plan_.publication));
    free(a_, "publisher", "slot_name", plan_.slot, "SELECT FROM pg_replication_slots WHERE slot_name = $1", "SELECT pg_drop_replication_slot(" + quoteLiteral(plan_.slot) + ")");
    free(b_, "subscriber", "subscription_name", plan_.subscription, "SELECT FROM pg_stat_subscription WHERE subname = $1", "");
}

void LogicalPreflight::checkTable(const TableFacts &ours, const TableFacts &theirs)
{
    const std::string name = ours.sql();
    const auto problem = [&](const char *check, const char *node, const std::string &figure, const std::string &message, const std::string &fix = {}, bool required = true) {
        add(check, node, false, name + ": " + figure, message, fix, required);
    };
    if (!ours.exists) {
        problem("table", "publisher", "not there", "There is no such table on the publisher.");
        return;
    }
    if (ours.kind == 'f')
        problem("foreign_table", "publisher", "foreign table", "Foreign tables cannot be published.");
    else if (ours.kind != 'r' && ours.kind != 'p')
        problem("table_kind", "publisher", "no table", "Only tables can be published.");
    if (ours.persistence != 'p')
        problem("unlogged_table", "publisher", ours.persistence == 'u' ? "unlogged" : "temporary", "It writes no WAL, so nothing of it can be replicated.", "ALTER TABLE " + name + " SET LOGGED");
    if (!ours.has_identity) {
        ReplicatedTable table;
        table.schema = ours.schema;
        table.name = ours.name;
        table.replica_identity = ours.replica_identity;
        problem("replica_identity", "publisher", ours.replica_identity == 'n' ? "NOTHING" : "no primary key", "Once published, UPDATE and DELETE of it fail on the publisher. Give it a primary key, or:",
                repair::identityFull(table).steps.front().sql);
    } else if (ours.replica_identity == 'f') {
        problem("replica_identity_full", "publisher", "FULL", "Each UPDATE and DELETE writes the whole old row, and the subscriber may have to search for it: slow for large tables.", {}, false);
    }
    if (!theirs.exists) {
        problem("schema_difference", "subscriber", "not there", "The table must exist on the subscriber: DDL is not replicated. pg_dump --schema-only, or \"howdah-cli ddl\", writes it.");
        return;
    }
    std::string missing, types, generated, adds;
    for (const ColumnFacts &column : ours.columns) {
        if (column.generated)
            continue;
        const ColumnFacts *other = theirs.column(column.name);
        if (other == nullptr) {
            missing += (missing.empty() ? "" : ", ") + column.name;
            adds += (adds.empty() ? "" : ";\n") + ("ALTER TABLE " + name + " ADD COLUMN " + quoteIdentifier(column.name) + " " + column.type);
        } else if (other->generated) {
            generated += (generated.empty() ? "" : ", ") + column.name;
        } else if (other->type != column.type) {
            types += (types.empty() ? "" : ", ") + column.name + " " + column.type + " → " + other->type;
        }
    }
    if (!missing.empty())
        problem("schema_difference", "subscriber", "missing columns " + missing, "The subscriber refuses changes with columns that it has not.", adds);
    if (!generated.empty())
        problem("schema_difference", "subscriber", "generated there: " + generated, "A generated column cannot take a replicated value.");
    if (!types.empty())
        problem("schema_difference", "subscriber", "other types: " + types, "Values go as text; one that does not fit stops the subscription.", {}, false);
}

void LogicalPreflight::checkContents()
{
    if (!plan_.copy_data)
        return;
    std::string filled;
    std::size_t looked = 0;
    for (const TableFacts &table : theirs_) {
        if (!table.exists || ++looked > 1000)
            continue;
        const auto any = askText(b_, "SELECT EXISTS (SELECT FROM " + table.sql() + ")");
        if (any && *any == "t")
            filled += (filled.empty() ? "" : ", ") + table.sql();
    }
    add("target_empty", "subscriber", filled.empty(), filled.empty() ? "all tables are empty" : filled, filled.empty() ? "The initial copy fills them." : "The initial copy adds to the rows that are there: a duplicate key stops it, without one rows are doubled.",
        filled.empty() ? "" : "TRUNCATE " + filled);
}

void LogicalPreflight::checkTables()
{
    const std::size_t before = checks_.size();
    std::int64_t bytes = 0;
    for (std::size_t i = 0; i < ours_.size(); ++i) {
        checkTable(ours_[i], theirs_[i]);
        bytes += ours_[i].bytes;
    }
    const bool good = std::none_of(checks_.begin() + static_cast<std::ptrdiff_t>(before), checks_.end(), [](const Check &check) { return check.required; });
    add("tables", "publisher", good && !ours_.empty(), std::to_string(ours_.size()) + " tables, " + human::bytes(bytes), ours_.empty() ? "There is nothing to publish." : good ? "They fit on both sides." : "See what is said of each.");
}

/// What logical replication leaves behind, to 18: said before, set at cut-over.
void LogicalPreflight::checkNotReplicated()
{
    if (const auto sequences = sequenceStatements(a_)) {
        std::string statements;
        for (std::size_t i = 0; i < std::min<std::size_t>(sequences->size(), 200); ++i)
            statements += (statements.empty() ? "" : ";\n") + (*sequences)[i];
        add("sequences", "subscriber", sequences->empty(), std::to_string(sequences->size()) + " sequences",
            sequences->empty() ? "There are none." : "Their values are not replicated. The cut-over sets them, to what they are then; now it would be:", statements, false);
    }
    const auto objects = askText(a_, "SELECT count(*) FROM pg_largeobject_metadata");
    if (objects)
        add("large_objects", "publisher", *objects == "0", *objects, *objects == "0" ? "There are none." : "Large objects are not replicated: copy them by hand, or put them into bytea columns.", {}, false);
    const auto others = askText(a_, "SELECT string_agg(c.oid::regclass::text, ', ') FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' "
                                    "AND (c.relkind = 'f' OR (c.relkind = 'r' AND c.relpersistence = 'u'))");
    if (others && plan_.tables.empty())
        add("left_out", "publisher", others->empty(), others->empty() ? "nothing" : *others, others->empty() ? "No table is unlogged or foreign." : "Unlogged and foreign tables are left out of FOR ALL TABLES.", {}, false);
    add("ddl", "publisher", true, "not replicated", "From the start to the cut-over each change of a table's definition must be made on both sides, new columns on the subscriber first.", {}, false);
}

/// Columns that the plan leaves out need not be on the other side; those of the key may not be left out.
void LogicalPreflight::keepPublished(const std::vector<PublishedChoice> &tables)
{
    for (std::size_t i = 0; i < tables.size(); ++i) {
        if (tables[i].columns.empty() || !ours_[i].exists)
            continue;
        const std::vector<std::string> published = namesIn(tables[i].columns);
        const auto isLeftOut = [&published](const std::string &name) { return std::find(published.begin(), published.end(), name) == published.end(); };
        std::string keys;
        for (const std::string &key : ours_[i].key)
            keys += isLeftOut(key) ? (keys.empty() ? "" : ", ") + key : std::string();
        if (!keys.empty())
            add("column_list", "publisher", false, ours_[i].sql() + ": without " + keys, "UPDATE and DELETE fail on the publisher when the column list leaves out a column of the key.");
        std::erase_if(ours_[i].columns, [&](const ColumnFacts &column) { return isLeftOut(column.name); });
    }
}

Result<std::vector<Check>> LogicalPreflight::run()
{
    const auto tables = tablesOf(a_, plan_);
    if (!tables)
        return tl::unexpected(tables.error());
    auto ours = tableFacts(a_, *tables);
    if (!ours)
        return tl::unexpected(ours.error());
    auto theirs = tableFacts(b_, *tables);
    if (!theirs)
        return tl::unexpected(theirs.error());
    ours_ = std::move(*ours);
    theirs_ = std::move(*theirs);
    keepPublished(*tables);
    checkPublisher();
    checkRole();
    checkSubscriber();
    checkNames();
    checkTables();
    checkContents();
    checkNotReplicated();
    return std::move(checks_);
}

} // namespace

Result<std::vector<Check>> preflightLogical(pg::Connection &publisher, pg::Connection &subscriber, const LogicalPlan &plan)
{
    return LogicalPreflight(publisher, subscriber, plan).run();
}

} // namespace howdah::replication
