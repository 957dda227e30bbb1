// SPDX-License-Identifier: GPL-3.0-or-later
#include <cstdlib>

#include <CLI/CLI.hpp>

#include "app/cli/connect.h"
#include "app/cli/error_report.h"
#include "app/cli/exit_code.h"
#include "app/cli/interrupt.h"
#include "app/cli/replication_commands.h"
#include "app/cli/replication_report.h"
#include "core/pg/connection_spec.h"
#include "core/pg/password.h"
#include "core/replication/published_choice.h"
#include "core/replication/setup.h"

namespace howdah::cli {

namespace {

using namespace howdah::replication;

struct SetupChoice {
    std::string kind;
    std::vector<std::string> nodes;
    std::string target, bin, slot, role, application_name, from, method;
    int port = 0;
    std::vector<std::string> tables;
    std::string publication, subscription, publisher;
    bool no_copy = false, dry_run = false, drop_publication = false, remove_old = false;
    double quiet_s = 2;
    std::int64_t limit = 10'000'000, chunk = 10'000;
    double settle_s = 15;
};

std::string passwordFor(const std::string &conninfo)
{
    if (const auto password = pg::passwordIn(conninfo))
        return *password;
    const char *environment = std::getenv("PGPASSWORD");
    return environment == nullptr ? std::string() : environment;
}

StreamingPlan streamingPlan(const Context &context, const SetupChoice &choice)
{
    StreamingPlan plan;
    const auto spec = connectionSpec(context, context.dbname);
    const std::string conninfo = spec ? spec->conninfo : context.dbname;
    plan.primary_conninfo = pg::withoutPassword(conninfo);
    plan.password = passwordFor(conninfo);
    plan.target = choice.target;
    plan.bin = choice.bin;
    plan.slot = choice.slot;
    plan.role = choice.role;
    plan.application_name = choice.application_name;
    plan.standby_address = choice.from;
    plan.port = choice.port;
    plan.rebuild = choice.kind == "rebuild";
    plan.method = choice.method;
    plan.remove_old = choice.remove_old;
    plan.role_password = replicationPassword();
    // The role that is made has the password that the standby comes with.
    if (!plan.role.empty() && !plan.role_password.empty())
        plan.password = plan.role_password;
    return plan;
}

Result<LogicalPlan> logicalPlan(const Context &context, const SetupChoice &choice)
{
    LogicalPlan plan;
    const auto spec = connectionSpec(context, choice.publisher.empty() ? context.dbname : choice.publisher);
    if (!spec)
        return tl::unexpected(spec.error());
    plan.publisher_conninfo = pg::withoutPassword(spec->conninfo);
    plan.password = passwordFor(spec->conninfo);
    plan.publication = choice.publication;
    plan.subscription = choice.subscription;
    plan.slot = choice.slot;
    plan.copy_data = !choice.no_copy;
    for (const std::string &text : choice.tables) {
        auto table = publishedChoice(text);
        if (!table)
            return tl::unexpected(table.error());
        plan.tables.push_back(std::move(*table));
    }
    return plan;
}

CompareOptions comparingOf(const SetupChoice &choice)
{
    CompareOptions options;
    options.max_rows = choice.limit;
    options.chunk_rows = choice.chunk;
    options.settle_ms = choice.settle_s * 1000;
    return options;
}

int streaming(const Context &context, const SetupChoice &choice, bool preflight_only)
{
    const auto primary = connect(context);
    if (!primary)
        return failed(context, primary.error());
    const auto plan = completed(**primary, streamingPlan(context, choice));
    if (!plan)
        return failed(context, plan.error());
    std::unique_ptr<pg::Connection> standby;
    if (!choice.nodes.empty()) {
        auto opened = connectTo(context, choice.nodes.front(), false);
        if (!opened)
            return failed(context, opened.error());
        standby = std::move(*opened);
    }
    if (preflight_only || choice.dry_run || plan->target.empty()) {
        const auto checks = preflightStreaming(**primary, standby.get(), *plan);
        if (!checks)
            return failed(context, checks.error());
        return preflight_only ? showChecks(context, "streaming", *checks) : showDryRun(context, *checks, streamingSteps(**primary, *plan));
    }
    return showOutcome(context, setUpStreaming(**primary, *plan, teller()));
}

int logical(const Context &context, const SetupChoice &choice, bool preflight_only)
{
    if (choice.nodes.size() != 1)
        return failed(context, fail(ErrorKind::Usage, "The subscriber is missing", "Name it: --node CONNINFO").value());
    const auto publisher = connect(context);
    if (!publisher)
        return failed(context, publisher.error());
    const auto subscriber = connectTo(context, choice.nodes.front(), false);
    if (!subscriber)
        return failed(context, subscriber.error());
    if (choice.kind == "cut-over") {
        CutOverPlan wanted;
        wanted.subscription = choice.subscription;
        wanted.quiet_s = choice.quiet_s;
        wanted.drop_publication = choice.drop_publication;
        const auto plan = completed(**publisher, **subscriber, wanted);
        if (!plan)
            return failed(context, plan.error());
        if (!choice.dry_run)
            return showOutcome(context, cutOver(**publisher, **subscriber, *plan, comparingOf(choice), teller()));
        const auto steps = cutOverSteps(**publisher, **subscriber, *plan);
        return steps ? showDryRun(context, {}, *steps) : failed(context, steps.error());
    }
    auto wanted = logicalPlan(context, choice);
    if (!wanted)
        return failed(context, wanted.error());
    const auto plan = completed(**publisher, std::move(*wanted));
    if (!plan)
        return failed(context, plan.error());
    if (!preflight_only && !choice.dry_run)
        return showOutcome(context, setUpLogical(**publisher, **subscriber, *plan, comparingOf(choice), teller()));
    const auto checks = preflightLogical(**publisher, **subscriber, *plan);
    if (!checks)
        return failed(context, checks.error());
    return preflight_only ? showChecks(context, "logical", *checks) : showDryRun(context, *checks, logicalSteps(**publisher, **subscriber, *plan));
}

int setup(const Context &context, const SetupChoice &choice, bool preflight_only)
{
    const Work work(context.canceller);
    if (context.read_only && !preflight_only && !choice.dry_run)
        return failed(context, fail(ErrorKind::Usage, "A set-up writes, and --read-only forbids it", "See what it would do: --dry-run").value());
    return choice.kind == "streaming" || choice.kind == "rebuild" ? streaming(context, choice, preflight_only) : logical(context, choice, preflight_only);
}

void declarePlan(CLI::App &options, SetupChoice &choice)
{
    options.add_option("--node", choice.nodes, "The other end: the subscriber, or a standby that runs already")->type_name("CONNINFO")->allow_extra_args(false);
    options.add_option("--target,--data-directory", choice.target, "Data directory of the standby to make")->type_name("DIR");
    options.add_option("--bin", choice.bin, "Folder of pg_basebackup and pg_ctl")->type_name("DIR");
    options.add_option("--port", choice.port, "Of the standby")->type_name("N")->check(CLI::Range(1, 65535));
    options.add_option("--slot", choice.slot, "Name of the slot")->type_name("NAME");
    options.add_option("--role", choice.role, "That the standby connects as")->type_name("NAME");
    options.add_option("--application-name", choice.application_name, "Of the standby")->type_name("NAME");
    options.add_option("--from", choice.from, "Address that the standby connects from")->type_name("ADDRESS");
    options.add_option("--table", choice.tables, "A table to publish; again for more")->type_name("TABLE")->allow_extra_args(false);
    options.add_option("--publication", choice.publication, "Name of the publication")->type_name("NAME");
    options.add_option("--subscription", choice.subscription, "Name of the subscription")->type_name("NAME");
    options.add_option("--publisher", choice.publisher, "How the subscriber reaches the publisher")->type_name("CONNINFO");
    options.add_flag("--no-copy", choice.no_copy, "No initial copy");
}

} // namespace

ReplicationCommand declareReplicationPreflight(CLI::App &replication)
{
    CLI::App *options = replication.add_subcommand("preflight", "What must hold before a set-up");
    options->fallthrough();
    const auto choice = std::make_shared<SetupChoice>();
    options->add_option("kind", choice->kind, "streaming or logical")->required()->check(CLI::IsMember({"streaming", "logical"}));
    declarePlan(*options, *choice);
    return {options, [choice](const Context &context) { return setup(context, *choice, true); }};
}

ReplicationCommand declareReplicationSetup(CLI::App &replication)
{
    CLI::App *options = replication.add_subcommand("setup", "Make a standby or a subscription, and prove it");
    options->fallthrough();
    const auto choice = std::make_shared<SetupChoice>();
    options->add_option("kind", choice->kind, "streaming, rebuild, logical or cut-over")->required()->check(CLI::IsMember({"streaming", "rebuild", "logical", "cut-over"}));
    declarePlan(*options, *choice);
    options->add_option("--method", choice->method, "Rebuild with pg_basebackup or pg_rewind; else as the old directory allows")->check(CLI::IsMember({"copy", "rewind"}));
    options->add_flag("--remove-old", choice->remove_old, "Remove the old directory after the proof of a rebuild");
    options->add_flag("--dry-run", choice->dry_run, "Only show every step");
    options->add_option("--limit", choice->limit, "Tables with more rows are only counted")->type_name("N")->check(CLI::NonNegativeNumber);
    options->add_option("--chunk", choice->chunk, "Rows a chunk")->type_name("N")->check(CLI::Range(1, 10'000'000));
    options->add_option("--settle", choice->settle_s, "Rows that differ are looked at again for so long")->type_name("SECONDS")->check(CLI::NonNegativeNumber);
    options->add_option("--quiet", choice->quiet_s, "Nobody may write for so long before a cut-over")->type_name("SECONDS")->check(CLI::NonNegativeNumber);
    options->add_flag("--drop-publication", choice->drop_publication, "At the end of a cut-over");
    return {options, [choice](const Context &context) { return setup(context, *choice, false); }};
}

} // namespace howdah::cli
