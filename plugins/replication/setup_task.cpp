// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/replication/setup_task.h"

#include <QCoreApplication>

#include "core/pg/password.h"
#include "core/replication/canary_run.h"
#include "core/replication/published_choice.h"

namespace howdah::replication_tool {

using namespace howdah::replication;

std::string SetupTask::value(const char *field) const
{
    const auto found = values.find(field);
    return found == values.end() ? std::string() : found->second;
}

/// A password in what was typed stays in memory.
Result<std::unique_ptr<pg::Connection>> SetupTask::openOther(const pg::Canceller &canceller) const
{
    pg::ConnectionSpec spec;
    if (there)
        spec = *there;
    else
        spec.conninfo = value("subscriber");
    if (spec.conninfo.empty())
        return fail(ErrorKind::Usage, QCoreApplication::translate("SetupTask", "Say how to reach the subscriber first.").toStdString());
    return pg::Connection::open(spec, canceller);
}

StreamingPlan SetupTask::streamingPlan() const
{
    StreamingPlan plan;
    plan.primary_conninfo = pg::withoutPassword(here.conninfo);
    plan.password = here.password ? *here.password : pg::passwordIn(here.conninfo).value_or(std::string());
    plan.target = value("target");
    plan.slot = value("slot");
    plan.role = value("role");
    plan.role_password = value("password");
    if (!plan.role.empty() && !plan.role_password.empty())
        plan.password = plan.role_password;
    plan.port = std::atoi(value("port").c_str());
    plan.rebuild = kind == SetupKind::Rebuild;
    plan.method = value("method");
    return plan;
}

Result<LogicalPlan> SetupTask::logicalPlan() const
{
    const std::string publisher = value("publisher");
    LogicalPlan plan;
    plan.publisher_conninfo = pg::withoutPassword(publisher.empty() ? here.conninfo : publisher);
    plan.password = publisher.empty() && here.password ? *here.password : pg::passwordIn(publisher.empty() ? here.conninfo : publisher).value_or(std::string());
    plan.publication = value("publication");
    plan.subscription = value("subscription");
    auto tables = publishedChoices(value("tables"));
    if (!tables)
        return tl::unexpected(tables.error());
    plan.tables = std::move(*tables);
    return plan;
}

CutOverPlan SetupTask::cutOverPlan() const
{
    CutOverPlan plan;
    plan.subscription = value("subscription");
    return plan;
}

CompareOptions SetupTask::comparing() const
{
    CompareOptions options;
    std::string digits;
    for (const char c : value("limit"))
        digits += c >= '0' && c <= '9' ? std::string(1, c) : std::string();
    if (!digits.empty())
        options.max_rows = std::atoll(digits.c_str());
    return options;
}

SetupTask::Plan SetupTask::check(pg::Connection &connection) const
{
    Plan shown;
    const auto take = [&shown](auto result, auto &into) {
        if (result)
            into = std::move(*result);
        else
            shown.error = result.error();
        return result.has_value();
    };
    if (kind == SetupKind::Standby || kind == SetupKind::Rebuild) {
        StreamingPlan plan;
        if (take(completed(connection, streamingPlan()), plan) && take(preflightStreaming(connection, nullptr, plan), shown.checks))
            shown.steps = streamingSteps(connection, plan);
        return shown;
    }
    std::unique_ptr<pg::Connection> other;
    if (!take(openOther(connection.canceller()), other))
        return shown;
    if (kind == SetupKind::Canary) {
        CanaryPlan plan;
        plan.subscription = value("subscription");
        if (take(completed(connection, *other, plan), plan))
            shown.steps = canarySteps(plan);
    } else if (kind == SetupKind::CutOver) {
        CutOverPlan plan;
        if (take(completed(connection, *other, cutOverPlan()), plan))
            static_cast<void>(take(cutOverSteps(connection, *other, plan), shown.steps));
    } else {
        LogicalPlan plan;
        if (take(logicalPlan(), plan) && take(completed(connection, plan), plan) && take(preflightLogical(connection, *other, plan), shown.checks))
            shown.steps = logicalSteps(connection, *other, plan);
    }
    return shown;
}

SetupOutcome SetupTask::run(pg::Connection &connection, const SetupProgress &progress) const
{
    const auto refuse = [](const Error &error) {
        SetupOutcome outcome;
        outcome.error = error;
        return outcome;
    };
    if (kind == SetupKind::Standby || kind == SetupKind::Rebuild) {
        const auto plan = completed(connection, streamingPlan());
        return plan ? setUpStreaming(connection, *plan, progress) : refuse(plan.error());
    }
    const auto other = openOther(connection.canceller());
    if (!other)
        return refuse(other.error());
    if (kind == SetupKind::Canary) {
        CanaryPlan wanted;
        wanted.subscription = value("subscription");
        const auto plan = completed(connection, **other, wanted);
        return plan ? sendCanary(connection, **other, *plan, progress) : refuse(plan.error());
    }
    if (kind == SetupKind::CutOver) {
        const auto plan = completed(connection, **other, cutOverPlan());
        return plan ? cutOver(connection, **other, *plan, comparing(), progress) : refuse(plan.error());
    }
    const auto wanted = logicalPlan();
    const auto plan = wanted ? completed(connection, *wanted) : wanted;
    return plan ? setUpLogical(connection, **other, *plan, comparing(), progress) : refuse(plan.error());
}

} // namespace howdah::replication_tool
