// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/replication/standby_commands.h"

#include <fstream>
#include <sstream>

#include "core/replication/setup_run.h"

namespace howdah::replication {

namespace fs = std::filesystem;

std::string commandText(const Command &command)
{
    std::string text = shellQuoted(command.program.string());
    for (const std::string &argument : command.arguments)
        text += " " + shellQuoted(argument);
    return text;
}

/// As pg_basebackup connects; -R keeps it as primary_conninfo.
std::string standbyConninfo(const StreamingPlan &plan, const pg::ServerFacts &facts)
{
    auto way = wayOf(plan.primary_conninfo, facts);
    if (!way)
        return {};
    if (!plan.role.empty())
        (*way)["user"] = plan.role;
    (*way)["application_name"] = plan.application_name;
    // Kept from 17 on, where slots are synchronised through it; before it means nothing to a standby.
    if (facts.major() < 17)
        way->erase("dbname");
    return conninfoOf(*way);
}

Command baseBackup(const StreamingPlan &plan, const pg::ServerFacts &facts)
{
    Command command;
    command.program = plan.bin.empty() ? fs::path("pg_basebackup") : plan.bin / "pg_basebackup";
    const std::string target = plan.target.empty() ? "DATA_DIRECTORY" : plan.target.string();
    command.arguments = {"-D", target, "-R", "-C", "-S", plan.slot, "-X", "stream", "-c", "fast", "-P", "-w", "-d", standbyConninfo(plan, facts)};
    return command;
}

Command serverCommand(const StreamingPlan &plan, const char *what)
{
    Command command;
    command.program = plan.bin.empty() ? fs::path("pg_ctl") : plan.bin / "pg_ctl";
    const std::string target = plan.target.empty() ? "DATA_DIRECTORY" : plan.target.string();
    command.arguments = {"-D", target, "-w", "-t", "120"};
    if (std::string_view(what) == "start") {
        command.arguments.insert(command.arguments.end(), {"-l", target + "/startup.log"});
    } else {
        command.arguments.insert(command.arguments.end(), {"-m", std::string_view(what) == "stop" ? "immediate" : what});
        what = "stop";
    }
    command.arguments.emplace_back(what);
    return command;
}

Command rewindCommand(const StreamingPlan &plan, const pg::ServerFacts &facts)
{
    Command command;
    command.program = plan.bin.empty() ? fs::path("pg_rewind") : plan.bin / "pg_rewind";
    std::string source = standbyConninfo(plan, facts);
    if (source.find("dbname=") == std::string::npos)
        source += " dbname=postgres";
    command.arguments = {"-D", plan.target.string(), "--source-server=" + source, "-R", "-P"};
    return command;
}

Command copyAside(const StreamingPlan &plan)
{
    Command command;
    command.program = "/bin/cp";
    command.arguments = {"-a", "--reflink=auto", plan.target.string(), plan.aside.string()};
    return command;
}

std::string tailOf(const fs::path &file)
{
    std::ifstream stream(file);
    std::stringstream text;
    text << stream.rdbuf();
    std::string all = text.str();
    for (char &c : all)
        c = c == '\r' ? '\n' : c;
    const std::size_t begin = all.size() > 1500 ? all.find('\n', all.size() - 1500) : 0;
    return all.substr(begin == std::string::npos ? 0 : begin);
}

} // namespace howdah::replication
