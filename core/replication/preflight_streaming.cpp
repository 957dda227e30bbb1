// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <array>
#include <filesystem>
#include <map>

#include <sys/statvfs.h>

#include "core/base/human.h"
#include "core/cluster/local_cluster.h"
#include "core/pg/connection_spec.h"
#include "core/replication/ask.h"
#include "core/replication/lost_standby.h"
#include "core/replication/preflight.h"
#include "core/replication/reader.h"
#include "core/sql/quote.h"

namespace howdah::replication {

namespace {

namespace fs = std::filesystem;
using series::ProbeRows;

class StreamingPreflight
{
public:
    StreamingPreflight(pg::Connection &primary, pg::Connection *standby, const StreamingPlan &plan) : primary_(primary), standby_(standby), plan_(plan) {}
    Result<std::vector<Check>> run();

private:
    Check &add(const char *name, const char *node, bool ok, std::string figure, std::string message, std::string fix = {}, bool required = true)
    {
        return addCheck(checks_, name, node, ok, std::move(figure), std::move(message), std::move(fix), required);
    }
    [[nodiscard]] std::string setting(const char *name) { return settings_[name]; }
    [[nodiscard]] long number(const char *name) { return std::atol(settings_[name].c_str()); }
    void checkWal();
    void checkRoom();
    void checkListening();
    void checkRole();
    void checkSlot();
    void checkTarget();
    void checkTablespaces();
    void checkVersion();
    void checkStandby();

    pg::Connection &primary_;
    pg::Connection *standby_;
    const StreamingPlan &plan_;
    std::map<std::string, std::string> settings_;
    std::string role_;
    std::vector<Check> checks_;
};

/// Settings of which the standby must have at least as much as the primary.
constexpr std::array limits{"max_connections", "max_worker_processes", "max_wal_senders", "max_prepared_transactions", "max_locks_per_transaction"};

Result<std::map<std::string, std::string>> settingsOf(pg::Connection &server)
{
    const auto rows = ask(server, "SELECT name, setting FROM pg_settings WHERE name IN ('wal_level', 'max_wal_senders', 'max_replication_slots', "
                                  "'listen_addresses', 'max_connections', 'max_worker_processes', 'max_prepared_transactions', "
                                  "'max_locks_per_transaction', 'max_slot_wal_keep_size', 'full_page_writes', 'config_file', 'data_directory', 'hot_standby', 'port')");
    if (!rows)
        return tl::unexpected(rows.error());
    std::map<std::string, std::string> settings;
    for (std::size_t row = 0; row < rows->size(); ++row)
        settings[rows->string(row, "name")] = rows->string(row, "setting");
    return settings;
}

void StreamingPreflight::checkWal()
{
    const std::string level = setting("wal_level");
    const bool ok = level == "replica" || level == "logical";
    add("wal_level", "primary", ok, level, ok ? "Enough for a standby." : "It must be replica or logical; changing it needs a restart.",
        "ALTER SYSTEM SET wal_level = 'replica'");
    const bool from_standby = primary_.facts().in_recovery;
    if (from_standby)
        add("full_page_writes", "primary", setting("full_page_writes") == "on", setting("full_page_writes"),
            "A copy of a standby is only whole when its primary writes full pages.", "ALTER SYSTEM SET full_page_writes = on");
    const std::string keep = setting("max_slot_wal_keep_size");
    add("max_slot_wal_keep_size", "primary", keep != "-1", keep == "-1" ? "no limit" : keep + " MB",
        keep == "-1" ? "While the standby is away its slot keeps WAL without a bound, until the disk is full. A limit gives the standby up instead."
                     : "The standby is given up when it is further behind.",
        "ALTER SYSTEM SET max_slot_wal_keep_size = '20GB'", false);
}

void StreamingPreflight::checkRoom()
{
    const auto used = ask(primary_, "SELECT (SELECT count(*) FROM pg_stat_replication) AS senders, (SELECT count(*) FROM pg_replication_slots) AS slots");
    if (!used)
        return;
    // pg_basebackup takes two connections: one for the files, one for the WAL meanwhile.
    const long senders = number("max_wal_senders"), free_senders = senders - used->integer(0, "senders");
    add("max_wal_senders", "primary", free_senders >= 2, std::to_string(free_senders) + " of " + std::to_string(senders) + " free",
        free_senders >= 2 ? "pg_basebackup needs two for a while, the standby one." : "pg_basebackup needs two, the standby one; changing it needs a restart.",
        "ALTER SYSTEM SET max_wal_senders = " + std::to_string(senders + 5));
    const long slots = number("max_replication_slots"), free_slots = slots - used->integer(0, "slots");
    add("max_replication_slots", "primary", free_slots >= 1, std::to_string(free_slots) + " of " + std::to_string(slots) + " free",
        free_slots >= 1 ? "The standby's slot takes one." : "The standby's slot needs one; drop one that nobody uses, or raise it (restart).",
        "ALTER SYSTEM SET max_replication_slots = " + std::to_string(slots + 5));
}

void StreamingPreflight::checkListening()
{
    const auto described = pg::describe(plan_.primary_conninfo);
    const bool by_socket = plan_.standby_address.empty() && (!described || !described->contains("host") || described->at("host").starts_with("/"));
    const std::string addresses = setting("listen_addresses");
    const bool away = !plan_.standby_address.empty() && !plan_.standby_address.starts_with("127.") && plan_.standby_address != "::1";
    const bool only_local = addresses == "localhost" || addresses == "127.0.0.1" || addresses == "::1";
    const bool ok = by_socket || (!addresses.empty() && !(away && only_local));
    add("listen_addresses", "primary", ok, addresses.empty() ? "none" : addresses,
        by_socket ? "The standby comes through the socket."
        : ok      ? "The standby can reach it."
                  : "The standby's host cannot reach it; changing it needs a restart.",
        "ALTER SYSTEM SET listen_addresses = '*'");
    Check hba = hbaCheck(primary_, "replication", role_, plan_.primary_conninfo, plan_.standby_address);
    hba.node = "primary";
    checks_.push_back(std::move(hba));
}

void StreamingPreflight::checkRole()
{
    const auto rows = ask(primary_, "SELECT rolreplication OR rolsuper AS may, rolcanlogin AS login FROM pg_roles WHERE rolname = $1", {role_});
    if (!rows)
        return;
    const std::string name = sql::quoteIdentifier(role_);
    if (rows->size() == 0) {
        // The set-up makes it: nothing that holds it up.
        add("role", "primary", false, "there is no role " + role_, "The set-up makes it.", "CREATE ROLE " + name + " LOGIN REPLICATION", false);
        return;
    }
    const bool ok = rows->flag(0, "may") && rows->flag(0, "login");
    add("role", "primary", ok, role_, ok ? "It may replicate." : "It may not replicate, or not log in.", "ALTER ROLE " + name + " LOGIN REPLICATION");
}

void StreamingPreflight::checkSlot()
{
    const auto rows = ask(primary_, "SELECT active, slot_type, COALESCE(wal_status, '') AS wal_status FROM pg_replication_slots WHERE slot_name = $1", {plan_.slot});
    if (!rows)
        return;
    if (rows->size() == 0) {
        const bool fits = !plan_.slot.empty() && plan_.slot.size() < 64 &&
                          plan_.slot.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_") == std::string::npos;
        add("slot", "primary", fits, plan_.slot, fits ? "The name is free." : "A slot's name has lower case letters, digits and underscores, at most 63.");
        return;
    }
    add("slot", "primary", false, plan_.slot + (rows->flag(0, "active") ? " is in use" : " is there already, idle"),
        "Take another name, or drop that one.", rows->flag(0, "active") ? "" : "SELECT pg_drop_replication_slot(" + sql::quoteLiteral(plan_.slot) + ")");
}

void StreamingPreflight::checkTarget()
{
    if (plan_.target.empty())
        return;
    std::error_code error;
    const bool exists = fs::exists(plan_.target, error);
    const bool readable = !error;
    const bool empty = !exists || (fs::is_directory(plan_.target, error) && fs::is_empty(plan_.target, error) && !error);
    if (!plan_.rebuild)
        add("target_empty", "this machine", readable && empty, plan_.target.string() + (!readable ? " cannot be read" : exists ? empty ? " is empty" : " is not empty" : " is new"),
            empty ? "pg_basebackup fills it." : "pg_basebackup refuses a folder that holds something. Nothing in it is touched.");
    // The nearest folder that there is tells of the disk.
    fs::path folder = fs::absolute(plan_.target, error);
    while (!folder.empty() && folder != folder.root_path() && !fs::exists(folder, error))
        folder = folder.parent_path();
    struct statvfs space {};
    const auto size = askText(primary_, "SELECT sum(pg_database_size(oid))::bigint FROM pg_database WHERE has_database_privilege(oid, 'CONNECT')");
    if (size && statvfs(folder.c_str(), &space) == 0) {
        const auto room = static_cast<std::int64_t>(space.f_bavail) * static_cast<std::int64_t>(space.f_frsize);
        const std::int64_t wanted = std::atoll(size->c_str());
        add("target_space", "this machine", room > wanted + wanted / 10, human::bytes(room) + " free, " + human::bytes(wanted) + " of databases",
            "The copy needs their size, and the WAL that is written meanwhile.");
    }
}

void StreamingPreflight::checkTablespaces()
{
    const auto rows = ask(primary_, "SELECT string_agg(spcname || ' in ' || pg_tablespace_location(oid), ', ') AS spaces, count(*) AS n "
                                    "FROM pg_tablespace WHERE pg_tablespace_location(oid) <> ''");
    if (!rows || rows->integer(0, "n") == 0 || plan_.target.empty())
        return;
    const bool same_machine = isOnThisMachine(primary_.facts().host, primary_.facts().backend_pid);
    add("tablespaces", "this machine", !same_machine, rows->string(0, "spaces"),
        same_machine ? "On the primary's own machine their folders are taken: pg_basebackup needs --tablespace-mapping for each; copy by hand, or to another machine."
                     : "The same folders must be there and empty on this machine.");
}

void StreamingPreflight::checkVersion()
{
    if (plan_.target.empty())
        return;
    const int major = primary_.facts().major();
    std::error_code error;
    const bool given = !plan_.bin.empty();
    const auto installation = cluster::findInstallation(major);
    const bool there = given ? fs::exists(plan_.bin / "pg_basebackup", error) : installation && fs::exists(installation->bin / "pg_basebackup", error);
    add("same_major", "this machine", there, there ? "PostgreSQL " + std::to_string(major) + (installation && !given ? " in " + installation->bin.string() : std::string()) : "no PostgreSQL " + std::to_string(major),
        there ? "A standby must be of the primary's major version." : "A standby must be of the primary's major version: install it, or take another machine.");
    const std::string config = setting("config_file"), data = setting("data_directory");
    if (!config.empty() && !data.empty() && !config.starts_with(data))
        add("configuration", "this machine", true, config, "The primary's configuration lies outside of its data directory and is not copied: the set-up writes one of its own for the standby.", "", false);
}

void StreamingPreflight::checkStandby()
{
    if (standby_ == nullptr) {
        std::string figure;
        for (const char *name : limits)
            figure += (figure.empty() ? "" : ", ") + std::string(name) + " " + setting(name);
        add("standby_limits", "standby", true, figure, "The standby gets the primary's own; raised on the primary later, they must be raised on the standby first.");
        return;
    }
    const auto theirs = settingsOf(*standby_);
    if (!theirs)
        return;
    std::string low;
    for (const char *name : limits) {
        const auto found = theirs->find(name);
        if (found != theirs->end() && std::atol(found->second.c_str()) < number(name))
            low += (low.empty() ? "" : ", ") + std::string(name) + " " + found->second + " < " + setting(name);
    }
    add("standby_limits", "standby", low.empty(), low.empty() ? "at least the primary's" : low,
        low.empty() ? "Replay never has to stop for want of them." : "With less than the primary a hot standby pauses replay or does not start.");
    add("same_major_standby", "standby", standby_->facts().major() == primary_.facts().major(), standby_->facts().version, "A standby must be of the primary's major version.");
    const auto a = askText(primary_, "SELECT system_identifier FROM pg_control_system()"), b = askText(*standby_, "SELECT system_identifier FROM pg_control_system()");
    if (a && b)
        add("system_identifier", "standby", *a == *b, *b, *a == *b ? "It is a copy of the primary." : "It is another database cluster: it can only be copied anew.");
    const auto recovering = askText(*standby_, "SELECT pg_is_in_recovery()");
    if (recovering)
        add("in_recovery", "standby", *recovering == "t", *recovering == "t" ? "in recovery" : "not in recovery",
            *recovering == "t" ? "It is a standby." : "It takes writes: this is a second primary, made without -R and standby.signal, or promoted.");
}

Result<std::vector<Check>> StreamingPreflight::run()
{
    auto settings = settingsOf(primary_);
    if (!settings)
        return tl::unexpected(settings.error());
    settings_ = std::move(*settings);
    role_ = plan_.role.empty() ? primary_.facts().role : plan_.role;
    checkWal();
    checkRoom();
    checkListening();
    checkRole();
    if (plan_.rebuild)
        checkRebuild(primary_, plan_, checks_);
    else
        checkSlot();
    checkTarget();
    checkTablespaces();
    checkVersion();
    checkStandby();
    return std::move(checks_);
}

} // namespace

Result<std::vector<Check>> preflightStreaming(pg::Connection &primary, pg::Connection *standby, const StreamingPlan &plan)
{
    return StreamingPreflight(primary, standby, plan).run();
}

} // namespace howdah::replication
