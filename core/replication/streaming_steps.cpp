// SPDX-License-Identifier: GPL-3.0-or-later
#include <cctype>
#include <set>

#include "core/cluster/local_cluster.h"
#include "core/replication/ask.h"
#include "core/replication/canary.h"
#include "core/replication/canary_run.h"
#include "core/replication/lost_standby.h"
#include "core/replication/setup_run.h"
#include "core/replication/standby_commands.h"
#include "core/replication/standby_files.h"
#include "core/sql/quote.h"

namespace howdah::replication {

namespace fs = std::filesystem;
using sql::quoteIdentifier;
using sql::quoteLiteral;

namespace {

void placeTarget(pg::Connection &primary, StreamingPlan &plan)
{
    if (plan.target.empty())
        return;
    std::error_code error;
    plan.target = fs::absolute(plan.target, error).lexically_normal();
    // A slash at the end would make the folder itself the parent of what is kept beside it.
    if (!plan.target.has_filename())
        plan.target = plan.target.parent_path();
    if (!plan.bin.empty())
        return;
    if (const auto installation = cluster::findInstallation(primary.facts().major()))
        plan.bin = installation->bin;
}

} // namespace

Result<StreamingPlan> completed(pg::Connection &primary, StreamingPlan plan)
{
    auto way = wayOf(plan.primary_conninfo, primary.facts());
    if (!way)
        return tl::unexpected(way.error());
    plan.primary_conninfo = conninfoOf(*way);
    placeTarget(primary, plan);
    if (plan.rebuild)
        completeRebuild(plan, primary.facts());
    if (plan.role.empty())
        plan.role = way->at("user");
    if (plan.application_name.empty())
        plan.application_name = plan.slot.empty() ? "standby" : plan.slot;
    if (plan.slot.empty()) {
        const auto slots = ask(primary, "SELECT slot_name FROM pg_replication_slots");
        if (!slots)
            return tl::unexpected(slots.error());
        std::set<std::string> taken;
        for (std::size_t row = 0; row < slots->size(); ++row)
            taken.insert(slots->string(row, "slot_name"));
        for (const char c : plan.application_name)
            plan.slot += std::isalnum(static_cast<unsigned char>(c)) != 0 ? static_cast<char>(std::tolower(static_cast<unsigned char>(c))) : '_';
        const std::string base = plan.slot;
        for (int number = 2; taken.contains(plan.slot); ++number)
            plan.slot = base + "_" + std::to_string(number);
        if (plan.application_name == "standby")
            plan.application_name = plan.slot;
    }
    if (plan.port == 0)
        plan.port = plan.target.empty() ? 5432 : freePortFrom(std::atoi(primary.facts().port.c_str()) + 1);
    return plan;
}

std::vector<SetupStep> streamingSteps(pg::Connection &primary, const StreamingPlan &plan)
{
    StepList steps;
    const char *here = plan.target.empty() ? "the standby's host" : "this machine";
    const auto role = askText(primary, "SELECT count(*) FROM pg_roles WHERE rolname = $1", {plan.role});
    if (role && *role == "0")
        steps.add("role", "Make the role " + plan.role, StepKind::Statement, "primary",
            "CREATE ROLE " + quoteIdentifier(plan.role) + " LOGIN REPLICATION" + (plan.role_password.empty() ? "" : " PASSWORD '…'"), "DROP ROLE " + quoteIdentifier(plan.role),
            plan.role_password.empty() ? "" : "The password goes to the server as a SCRAM verifier, never in plain text.");
    if (plan.rebuild)
        addSetAside(primary, plan, steps);
    if (plan.rebuild && plan.method == "rewind")
        addRewind(primary, plan, steps);
    else
        steps.add("base_backup", "Copy the primary, and make the slot " + plan.slot, StepKind::Command, here, commandText(baseBackup(plan, primary.facts())),
            "SELECT pg_drop_replication_slot(" + quoteLiteral(plan.slot) + ")",
            "-C -S makes the slot that keeps the WAL the standby needs; -R writes primary_conninfo and standby.signal, without which it would be a second primary." +
                std::string(plan.password.empty() ? "" : " The password goes through the environment; -R keeps it in postgresql.auto.conf."));
    steps.add("configure", plan.rebuild ? "Give it its own configuration again" : "Give it a port and a name of its own", StepKind::File, here,
        (plan.target.empty() ? std::string("DATA_DIRECTORY") : plan.target.string()) + "/postgresql.auto.conf:\n" + standbyLines(plan), {}, "standby.signal must be there; without it nothing is started.");
    steps.add("start", "Start the standby", StepKind::Command, here, commandText(serverCommand(plan, "start")), commandText(serverCommand(plan, "stop")));
    steps.add("prove_recovery", "It must be in recovery", StepKind::Wait, "standby", "SELECT pg_is_in_recovery()", {}, "If it is not, it is a second primary, and is stopped at once.");
    steps.add("prove_streaming", "The primary must stream to it", StepKind::Wait, "primary",
        "SELECT r.state FROM pg_stat_replication r JOIN pg_replication_slots s ON s.active_pid = r.pid WHERE s.slot_name = " + quoteLiteral(plan.slot));
    addStreamingCanary(steps, canaryName());
    if (plan.rebuild && plan.remove_old)
        steps.add("remove_old", "Remove the old directory", StepKind::Command, here, "rm -rf " + shellQuoted(plan.aside.string()));
    return steps.take();
}

} // namespace howdah::replication
