// SPDX-License-Identifier: GPL-3.0-or-later
#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "app/cli/connect.h"
#include "app/cli/error_report.h"
#include "app/cli/exit_code.h"
#include "app/cli/interrupt.h"
#include "app/cli/output.h"
#include "app/cli/replication_commands.h"
#include "app/cli/replication_report.h"
#include "app/cli/terminal.h"
#include "core/replication/canary_run.h"
#include "core/replication/failing_transaction.h"

namespace howdah::cli {

namespace {

using namespace howdah::replication;
using Json = nlohmann::ordered_json;

struct EndChoice {
    std::vector<std::string> nodes;
    std::string subscription;
    double patience_s = 30;
    bool dry_run = false, run = false;
};

int canary(const Context &context, const EndChoice &choice)
{
    const Work work(context.canceller);
    if (choice.nodes.size() != 1)
        return failed(context, fail(ErrorKind::Usage, "The other end is missing", "Name it: --node CONNINFO").value());
    if (context.read_only && !choice.dry_run)
        return failed(context, fail(ErrorKind::Usage, "A canary is written, and --read-only forbids it", "See what it would do: --dry-run").value());
    const auto upstream = connect(context);
    if (!upstream)
        return failed(context, upstream.error());
    const auto downstream = connectTo(context, choice.nodes.front(), false);
    if (!downstream)
        return failed(context, downstream.error());
    CanaryPlan wanted;
    wanted.subscription = choice.subscription;
    wanted.patience_s = choice.patience_s;
    const auto plan = completed(**upstream, **downstream, std::move(wanted));
    if (!plan)
        return failed(context, plan.error());
    return choice.dry_run ? showDryRun(context, {}, canarySteps(*plan)) : showOutcome(context, sendCanary(**upstream, **downstream, *plan, teller()));
}

Json scriptJson(const migration::ChangeScript &script, const char *node)
{
    Json json;
    json["node"] = node;
    json["title"] = script.title;
    std::string statements;
    for (const migration::ChangeStep &step : script.steps)
        statements += (statements.empty() ? "" : "\n") + step.sql + ";";
    json["sql"] = statements;
    return json;
}

void printFound(const FailingTransaction &found)
{
    output().write("Subscription " + printable(found.subscription.name) + " cannot apply the transaction that ends at " + lsnText(found.finish_lsn) +
                   (found.xid == 0 ? std::string() : " (xid " + std::to_string(found.xid) + ")") + ", says the " + found.source + ".\n");
    for (const std::string &change : found.changes)
        output().write("  " + printable(change) + "\n");
    output().write("On the subscriber:\n" + printable(found.script.toSql(), true) + "\n");
    if (found.alternative)
        output().write("Or, while it is disabled, on the publisher:\n" + printable(found.alternative->toSql(), true) + "\n");
}

int skip(const Context &context, const EndChoice &choice)
{
    const Work work(context.canceller);
    if (context.read_only && choice.run)
        return failed(context, fail(ErrorKind::Usage, "To skip is a write, and --read-only forbids it", "See what it would do: without --run").value());
    const auto subscriber = connect(context);
    if (!subscriber)
        return failed(context, subscriber.error());
    std::unique_ptr<pg::Connection> publisher;
    if (!choice.nodes.empty()) {
        auto opened = connectTo(context, choice.nodes.front(), false);
        if (!opened)
            return failed(context, opened.error());
        publisher = std::move(*opened);
    }
    const auto found = findFailingTransaction(**subscriber, publisher.get(), choice.subscription);
    if (!found)
        return failed(context, found.error());
    std::optional<Error> error;
    if (choice.run)
        error = migration::runChangeScript(**subscriber, found->script).error;
    if (context.json) {
        Json json;
        json["subscription"] = found->subscription.name;
        json["finish_lsn"] = lsnText(found->finish_lsn);
        json["xid"] = found->xid == 0 ? Json(nullptr) : Json(found->xid);
        json["source"] = found->source;
        json["changes"] = found->changes;
        json["script"] = scriptJson(found->script, "subscriber");
        if (found->alternative)
            json["alternative"] = scriptJson(*found->alternative, "publisher");
        json["done"] = choice.run && !error;
        if (error)
            json["error"] = errorJson(*error, {});
        output().write(json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n");
    } else {
        printFound(*found);
    }
    if (!error)
        return exit_ok;
    printError(*error);
    return interruptedBy() != 0 ? interruptedBy() : exitCodeOf(*error);
}

} // namespace

ReplicationCommand declareReplicationCanary(CLI::App &replication)
{
    CLI::App *options = replication.add_subcommand("canary", "Write a row on one side and read it on the other");
    options->fallthrough();
    const auto choice = std::make_shared<EndChoice>();
    options->add_option("--node", choice->nodes, "The standby or subscriber that must show it")->type_name("CONNINFO")->allow_extra_args(false);
    options->add_option("--subscription", choice->subscription, "Where the subscriber's database has several")->type_name("NAME");
    options->add_option("--patience", choice->patience_s, "How long it may take")->type_name("SECONDS")->check(CLI::PositiveNumber);
    options->add_flag("--dry-run", choice->dry_run, "Only show every step");
    return {options, [choice](const Context &context) { return canary(context, *choice); }};
}

ReplicationCommand declareReplicationSkip(CLI::App &replication)
{
    CLI::App *options = replication.add_subcommand("skip", "Find the transaction that a subscription cannot apply, and skip it");
    options->fallthrough();
    const auto choice = std::make_shared<EndChoice>();
    options->add_option("--node", choice->nodes, "The publisher, whose slot tells what it is")->type_name("CONNINFO")->allow_extra_args(false);
    options->add_option("--subscription", choice->subscription, "Where the database has several")->type_name("NAME");
    options->add_flag("--run", choice->run, "Skip it; else it is only shown");
    return {options, [choice](const Context &context) { return skip(context, *choice); }};
}

} // namespace howdah::cli
