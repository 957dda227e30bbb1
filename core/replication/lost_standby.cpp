// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/replication/lost_standby.h"

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <map>
#include <sstream>

#include <fmt/chrono.h>

#include "core/base/subprocess.h"
#include "core/replication/ask.h"
#include "core/replication/reader.h"
#include "core/replication/standby_commands.h"
#include "core/sql/quote.h"

namespace howdah::replication {

namespace {

namespace fs = std::filesystem;

std::string contentOf(const fs::path &file)
{
    std::ifstream stream(file);
    std::stringstream text;
    text << stream.rdbuf();
    return text.str();
}

/// "name = 'value'" as ALTER SYSTEM and pg_basebackup write it; the last one counts.
std::map<std::string, std::string> settingsIn(const std::string &text)
{
    std::map<std::string, std::string> settings;
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
        const std::size_t begin = line.find_first_not_of(" \t"), equals = line.find('=');
        if (begin == std::string::npos || line[begin] == '#' || equals == std::string::npos)
            continue;
        const std::size_t name_end = line.find_first_of(" \t=", begin);
        std::string value = line.substr(equals + 1);
        const std::size_t first = value.find_first_not_of(" \t"), open = value.find('\'');
        if (open != std::string::npos && open == first)
            value = value.substr(open + 1, value.rfind('\'') - open - 1);
        else if (first != std::string::npos)
            value = value.substr(first, value.find_first_of(" \t#", first) - first);
        settings[line.substr(begin, name_end - begin)] = value;
    }
    return settings;
}

/// The lines of `text` that set nothing of how it follows its primary: those are written anew.
std::string ownSettings(const std::string &text)
{
    std::string kept;
    for (const auto &[name, value] : settingsIn(text)) {
        if (name != "primary_conninfo" && name != "primary_slot_name" && name != "port" && name != "cluster_name")
            kept += name + " = '" + value + "'\n";
    }
    return kept;
}

bool livesIn(const fs::path &directory)
{
    const int pid = std::atoi(contentOf(directory / "postmaster.pid").c_str());
    return pid > 1 && (kill(pid, 0) == 0 || errno == EPERM);
}

void readControl(const std::string &text, OldDirectory &old)
{
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
        const std::size_t colon = line.find(':');
        if (colon == std::string::npos)
            continue;
        const std::string name = line.substr(0, colon), value = line.substr(std::min(line.size(), line.find_first_not_of(' ', colon + 1)));
        if (name == "Database system identifier")
            old.system_identifier = value;
        else if (name == "Database cluster state")
            old.state = value;
        else if (name == "Latest checkpoint's TimeLineID")
            old.timeline = std::atoi(value.c_str());
        else if (name == "wal_log_hints setting")
            old.keeps_hints = old.keeps_hints || value == "on";
        else if (name == "Data page checksum version")
            old.keeps_hints = old.keeps_hints || value != "0";
    }
}

/// Whether that folder is the primary's own. On its host the standby may well have the same path: the third line of
/// postmaster.pid tells when the server in it began.
bool isOwnDirectory(pg::Connection &primary, const fs::path &target, const std::string &data, std::int64_t started)
{
    std::error_code error;
    if (data.empty() || !fs::equivalent(target, data, error) || error)
        return false;
    std::istringstream lines(contentOf(target / "postmaster.pid"));
    std::string line;
    for (int i = 0; i < 3; ++i)
        std::getline(lines, line);
    return isOnThisMachine(primary.facts().host, primary.facts().backend_pid) || std::abs(std::atoll(line.c_str()) - started) <= 10;
}

bool mayRewind(const OldDirectory &old)
{
    // One that never left recovery has nothing to take back: what it misses is WAL, and only a copy brings that.
    return old.was_primary && old.keeps_hints && (old.runs || old.state.starts_with("shut down"));
}

} // namespace

OldDirectory readOldDirectory(const fs::path &directory, const fs::path &bin)
{
    OldDirectory old;
    std::error_code error;
    if (!fs::exists(directory / "PG_VERSION", error)) {
        old.error = error ? error.message() : "no PG_VERSION in it";
        return old;
    }
    old.major = std::atoi(contentOf(directory / "PG_VERSION").c_str());
    Command command;
    command.program = bin / "pg_controldata";
    command.arguments = {"-D", directory.string()};
    command.environment["LC_ALL"] = "C";
    command.account = serviceAccount();
    const auto outcome = runCommand(command);
    if (!outcome || outcome->exit_code != 0) {
        old.error = outcome ? outcome->output : outcome.error().message;
        return old;
    }
    readControl(outcome->output, old);
    old.is_cluster = !old.system_identifier.empty();
    old.runs = livesIn(directory);
    old.was_primary = !fs::exists(directory / "standby.signal", error);
    old.has_tablespaces = fs::exists(directory / "pg_tblspc", error) && !fs::is_empty(directory / "pg_tblspc", error);
    // The later file is read last by the server too.
    auto settings = settingsIn(contentOf(directory / "postgresql.conf"));
    for (const auto &[name, value] : settingsIn(contentOf(directory / "postgresql.auto.conf")))
        settings[name] = value;
    old.port = std::atoi(settings["port"].c_str());
    old.slot = settings["primary_slot_name"];
    old.cluster_name = settings["cluster_name"];
    return old;
}

namespace {

/// Whether pg_rewind finds what it needs, above all the WAL since before the two parted; one that still runs cannot be
/// asked. What it says is kept as the old directory's error.
bool rewindWorks(StreamingPlan &plan, const pg::ServerFacts &primary)
{
    if (plan.old.runs)
        return true;
    Command command = rewindCommand(plan, primary);
    command.arguments.emplace_back("--dry-run");
    command.account = serviceAccount();
    if (!plan.password.empty())
        command.environment["PGPASSWORD"] = plan.password;
    const auto outcome = runCommand(command);
    if (outcome && outcome->exit_code == 0)
        return true;
    const std::string words = outcome ? outcome->output : outcome.error().message;
    const std::size_t error = words.find("error: ");
    plan.old.error = words.substr(error == std::string::npos ? 0 : error + 7);
    plan.old.error = plan.old.error.substr(0, plan.old.error.find('\n'));
    return false;
}

} // namespace

void completeRebuild(StreamingPlan &plan, const pg::ServerFacts &primary)
{
    if (plan.target.empty()) {
        if (plan.method.empty())
            plan.method = "copy";
        plan.aside = "DATA_DIRECTORY.old";
        return;
    }
    plan.old = readOldDirectory(plan.target, plan.bin);
    if (plan.slot.empty())
        plan.slot = plan.old.slot;
    if (plan.application_name.empty())
        plan.application_name = plan.old.cluster_name.empty() ? plan.slot : plan.old.cluster_name;
    if (plan.port == 0)
        plan.port = plan.old.port;
    if (plan.method.empty())
        plan.method = mayRewind(plan.old) && rewindWorks(plan, primary) ? "rewind" : "copy";
    if (plan.aside.empty())
        plan.aside = plan.target.parent_path() / fmt::format("{}.old-{:%Y%m%d-%H%M%S}", plan.target.filename().string(), fmt::localtime(std::time(nullptr)));
}

void checkRebuild(pg::Connection &primary, const StreamingPlan &plan, std::vector<Check> &checks)
{
    const auto slot = ask(primary, "SELECT active FROM pg_replication_slots WHERE slot_name = $1", {plan.slot});
    const bool active = slot && slot->size() > 0 && slot->flag(0, "active");
    addCheck(checks, "slot", "primary", !active && !plan.slot.empty(), plan.slot.empty() ? "none" : plan.slot + (active ? " is in use" : slot && slot->size() > 0 ? " is idle" : " is not there"),
             plan.slot.empty() ? "Say which slot it is to have." : active ? "Somebody receives from it: that standby is not lost." : "It is made anew.");
    if (plan.target.empty())
        return;
    const OldDirectory &old = plan.old;
    const auto facts = ask(primary, "SELECT (SELECT system_identifier FROM pg_control_system()) AS id, current_setting('data_directory') AS data, "
                                    "floor(EXTRACT(epoch FROM pg_postmaster_start_time()))::bigint AS started");
    const std::string identifier = facts ? facts->string(0, "id") : std::string();
    std::error_code error;
    const bool own = facts && isOwnDirectory(primary, plan.target, facts->string(0, "data"), facts->integer(0, "started"));
    // What cannot be told apart from the primary is not touched.
    const bool same = facts && old.is_cluster && old.system_identifier == identifier;
    addCheck(checks, "target_old", "this machine", same && !own,
             !facts ? facts.error().message : own ? "the primary's own data directory" : !old.is_cluster ? plan.target.string() + ": " + old.error : "system identifier " + old.system_identifier + ", " + old.state,
             own ? "It is not touched." : !old.is_cluster ? "There is no standby to make again; set up a new one in an empty folder." : same ? "It is a copy of this primary." : "It is another database cluster. Nothing in it is touched.");
    addCheck(checks, "target_major", "this machine", !old.is_cluster || old.major == primary.facts().major(), std::to_string(old.major), "A standby is of the primary's major version.");
    addCheck(checks, "target_tablespaces", "this machine", !old.has_tablespaces, old.has_tablespaces ? "it has tablespaces" : "none",
             old.has_tablespaces ? "Their folders lie elsewhere and would have to be kept too: rebuild it by hand." : "Everything lies in the data directory.");
    addCheck(checks, "aside", "this machine", !fs::exists(plan.aside, error), plan.aside.string(), "The old directory is kept there until the proof.");
    if (plan.method == "rewind")
        addCheck(checks, "rewind", "this machine", mayRewind(old), old.was_primary ? old.keeps_hints ? old.runs ? "runs" : old.state : "neither wal_log_hints nor checksums" : "it never left recovery",
                 "pg_rewind takes back what it wrote for itself; it must have been shut down cleanly, with wal_log_hints or data checksums. Else: copy.");
    else if (same && !old.error.empty())
        addCheck(checks, "rewind", "this machine", false, old.error, "pg_rewind cannot take back what it wrote for itself, so it is copied as a whole.", {}, false);
    if (old.was_primary && same)
        addCheck(checks, "own_writes", "this machine", false, "timeline " + std::to_string(old.timeline),
                 "It took writes of its own (promoted, or started without standby.signal). They are gone when it is a standby again; they stay in " + plan.aside.string() + ".", {}, false);
}

void addSetAside(pg::Connection &primary, const StreamingPlan &plan, StepList &steps)
{
    const char *here = plan.target.empty() ? "the standby's host" : "this machine";
    const std::string target = plan.target.empty() ? "DATA_DIRECTORY" : plan.target.string();
    if (plan.target.empty() || plan.old.runs)
        steps.add("stop_old", "Stop what runs of it", StepKind::Command, here, commandText(serverCommand(plan, "fast")));
    const auto slot = askText(primary, "SELECT count(*) FROM pg_replication_slots WHERE slot_name = $1", {plan.slot});
    if (slot && *slot == "1")
        steps.add("slot_drop", "Drop the old slot " + plan.slot, StepKind::Statement, "primary", "SELECT pg_drop_replication_slot(" + sql::quoteLiteral(plan.slot) + ")", {},
                  "The WAL that it kept is of no use any more; it is made anew.");
    if (plan.method == "rewind")
        steps.add("keep_old", "Copy the old directory aside", StepKind::Command, here, commandText(copyAside(plan)), {}, "pg_rewind changes it in place.");
    else
        steps.add("keep_old", "Move the old directory aside", StepKind::Command, here, "mv " + shellQuoted(target) + " " + shellQuoted(plan.aside.string()), {},
                  "It is put back when the new one does not come to be.");
}

void addRewind(pg::Connection &primary, const StreamingPlan &plan, StepList &steps)
{
    steps.add("slot", "Make the slot " + plan.slot, StepKind::Statement, "primary", "SELECT pg_create_physical_replication_slot(" + sql::quoteLiteral(plan.slot) + ", true)",
              "SELECT pg_drop_replication_slot(" + sql::quoteLiteral(plan.slot) + ")");
    steps.add("rewind", "Take back what it wrote for itself", StepKind::Command, "this machine", commandText(rewindCommand(plan, primary.facts())), {},
              "Only the blocks that differ are copied; -R writes primary_conninfo and standby.signal.");
}

bool OldStandby::command(const char *id, const Command &wanted, const std::string &what)
{
    run_.begin(id);
    const auto outcome = runCommand(wanted);
    if (outcome && outcome->exit_code == 0) {
        run_.done();
        return true;
    }
    Error error = outcome ? fail(ErrorKind::Io, what).value() : outcome.error();
    if (outcome)
        error.detail = outcome->output.substr(outcome->output.size() > 1500 ? outcome->output.size() - 1500 : 0);
    run_.failed(std::move(error));
    return false;
}

bool OldStandby::setAside()
{
    if (run_.has("stop_old")) {
        Command stop = serverCommand(plan_, "fast");
        stop.account = serviceAccount();
        if (!command("stop_old", stop, "The old standby could not be stopped"))
            return false;
    }
    if (run_.has("slot_drop")) {
        run_.begin("slot_drop");
        if (!run_.statement(primary_, false))
            return false;
    }
    if (plan_.method == "rewind") {
        kept_ = command("keep_old", copyAside(plan_), "The old directory could not be copied aside");
        return kept_;
    }
    run_.begin("keep_old");
    std::error_code error;
    fs::rename(plan_.target, plan_.aside, error);
    if (error) {
        run_.failed(fail(ErrorKind::Io, "Cannot move " + plan_.target.string() + " aside: " + error.message()).value());
        return false;
    }
    kept_ = true;
    run_.done("kept as " + plan_.aside.string());
    return true;
}

bool OldStandby::rewind()
{
    run_.begin("slot");
    if (!run_.statement(primary_, false))
        return false;
    Command rewind = rewindCommand(plan_, primary_.facts());
    rewind.account = serviceAccount();
    if (!plan_.password.empty())
        rewind.environment["PGPASSWORD"] = plan_.password;
    return command("rewind", rewind, "pg_rewind has failed; copying it anew works all the same");
}

Result<void> OldStandby::restoreConfiguration()
{
    std::error_code error;
    for (const char *name : {"postgresql.conf", "pg_hba.conf", "pg_ident.conf"}) {
        if (fs::exists(plan_.aside / name, error))
            fs::copy_file(plan_.aside / name, plan_.target / name, fs::copy_options::overwrite_existing, error);
        if (error)
            return fail(ErrorKind::Io, std::string("Cannot take over the old ") + name + ": " + error.message());
    }
    std::ofstream settings(plan_.target / "postgresql.auto.conf", std::ios::app);
    settings << ownSettings(contentOf(plan_.aside / "postgresql.auto.conf"));
    if (plan_.method == "rewind")
        settings << "primary_slot_name = '" << plan_.slot << "'\n";
    settings.close();
    if (!settings)
        return fail(ErrorKind::Io, "Cannot write " + (plan_.target / "postgresql.auto.conf").string());
    return giveToServiceAccount(plan_.target);
}

void OldStandby::putBack()
{
    if (!kept_)
        return;
    std::error_code error;
    fs::remove_all(plan_.target, error);
    if (!error)
        fs::rename(plan_.aside, plan_.target, error);
    run_.tookBack(error ? "The old directory is kept as " + plan_.aside.string() + "; it could not be put back: " + error.message()
                        : "The old directory is in its place again; its slot is gone.");
}

bool OldStandby::removeOld()
{
    if (!run_.has("remove_old"))
        return true;
    run_.begin("remove_old");
    std::error_code error;
    fs::remove_all(plan_.aside, error);
    if (error) {
        run_.failed(fail(ErrorKind::Io, "Cannot remove " + plan_.aside.string() + ": " + error.message()).value());
        return false;
    }
    run_.done();
    return true;
}

} // namespace howdah::replication
