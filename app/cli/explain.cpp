// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/plan/explain.h"

#include <cstdlib>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "app/cli/commands.h"
#include "app/cli/connect.h"
#include "app/cli/error_report.h"
#include "app/cli/exit_code.h"
#include "app/cli/interrupt.h"
#include "app/cli/output.h"
#include "app/cli/parameter_values.h"
#include "app/cli/plan_report.h"
#include "app/cli/terminal.h"
#include "core/pg/catalog.h"
#include "core/plan/findings.h"
#include "core/plan/history.h"
#include "core/plan/print.h"
#include "core/plan/server_context.h"
#include "core/plan/to_json.h"

namespace howdah::cli {

const char *const explain_manual = R"(howdah-cli explain [SQL | -f FILE | -f -] [options]

Shows the plan of one statement as PostgreSQL words it, then where the time goes:
the slowest nodes by their own time, the worst estimate, and what the rules find with
the indexes, statistics and settings of that server, with SQL to try.

  -a, --analyze        run the statement and measure it. Whatever it writes is rolled
                       back; what PostgreSQL never rolls back (sequences, what
                       functions do outside of the database) is named
      --generic        plan for any values of the parameters $1 … (16 and later);
                       taken by itself where the statement has some
      --no-verbose --no-costs --no-buffers --no-settings --no-wal --no-timing
                       leave that out
  -v, --set NAME=VALUE the value of :NAME or $N, bound as a driver would
      --memory         memory of the planner (17 and later)
      --serialize      with --analyze: turn the rows into text too (17 and later)
      --record         keep the plan in the history, see "howdah-cli help plan"; with
                       HOWDAH_HISTORY set to a file, --analyze records by itself
      --json           the object of "howdah-cli plan --json" with source (what the
                       server printed), rolled_back, warnings[] and duration_ms

  howdah-cli explain -d demo --analyze 'SELECT count(*) FROM orders'
  howdah-cli explain -d demo -f delete.sql --analyze
)";

namespace {

struct ExplainChoice {
    std::string sql;
    std::string file;
    plan::ExplainOptions explain;
    bool record = false;
    std::vector<std::string> set;
};

/// What the rules ask of the server. What cannot be had is left out: findings are then less sharp.
struct ServerContext {
    std::shared_ptr<const pg::Catalog> catalog;
    plan::FindingContext context;
};

ServerContext contextOf(pg::Connection &connection, const std::vector<plan::Plan> &plans)
{
    ServerContext server;
    pg::CatalogOptions options;
    options.with_functions = false;
    if (auto catalog = pg::readCatalog(connection, options))
        server.catalog = std::move(*catalog);
    server.context = plan::readFindingContext(connection, plans, server.catalog.get());
    return server;
}

bool wantsRecord(const ExplainChoice &choice)
{
    const char *file = std::getenv("HOWDAH_HISTORY");
    return choice.record || (choice.explain.analyze && file != nullptr && *file != '\0');
}

/// A history that cannot be written to does not spoil the plan.
void record(const pg::Connection &connection, const std::string &statement, const plan::ReadResult &result, const std::string &source)
{
    const auto history = plan::History::open(plan::History::defaultFile());
    if (!history) {
        printError(history.error());
        return;
    }
    const pg::ServerFacts &facts = connection.facts();
    for (const plan::Plan &plan : result.plans) {
        plan::HistoryEntry entry = plan::historyEntry(plan, statement, source);
        entry.server = facts.host + ":" + facts.port + "/" + facts.database;
        entry.server_version = facts.version_num;
        if (const auto id = (*history)->record(std::move(entry)); !id)
            printError(id.error());
    }
}

int explain(const Context &context, const ExplainChoice &choice)
{
    const auto script = readSql(choice.sql, choice.file);
    if (!script)
        return failed(context, script.error());
    plan::ExplainOptions options = choice.explain;
    options.parameters = parameterValues(choice.set);
    const Work work(context.canceller);
    const auto connection = connect(context);
    if (!connection)
        return failed(context, connection.error());
    const auto outcome = plan::runExplain(**connection, script->text, options);
    if (!outcome)
        return failed(context, outcome.error(), *script);
    const auto result = plan::read(outcome->source);
    if (!result)
        return failed(context, result.error());
    for (const std::string &warning : outcome->warnings)
        printNote("WARNING: " + warning);
    if (outcome->rolled_back)
        printNote("It ran, and what it wrote was rolled back.");
    if (wantsRecord(choice))
        record(**connection, script->text, *result, outcome->source);
    const ServerContext server = contextOf(**connection, result->plans);
    if (context.json) {
        auto document = nlohmann::ordered_json::parse(plan::toJson(*result, outcome->source, server.context));
        document["rolled_back"] = outcome->rolled_back;
        document["warnings"] = outcome->warnings;
        document["duration_ms"] = outcome->duration_ms;
        output().write(document.dump(2) + "\n");
        return exit_ok;
    }
    const std::size_t columns = terminalColumns(120);
    for (const plan::Plan &plan : result->plans) {
        output().write(printable(plan::printText(plan).text, true) + "\n");
        const plan::Metrics metrics = plan::measure(plan);
        output().write(planReadout(plan, metrics, columns, stdoutHasColors()));
        output().write(findingsText(plan, plan::findings(plan, metrics, server.context), columns, stdoutHasColors()));
    }
    return exit_ok;
}

} // namespace

Action declareExplain(CLI::App &options)
{
    const auto choice = std::make_shared<ExplainChoice>();
    options.add_option("sql", choice->sql, "Statement to explain");
    options.add_option("-f,--file", choice->file, "Read it from FILE; - is standard input")->type_name("FILE");
    plan::ExplainOptions &explained = choice->explain;
    options.add_flag("-a,--analyze", explained.analyze, "Run it, measure it, and undo what it wrote");
    options.add_flag("--generic", explained.generic_plan, "Plan for any values of $1 … (16 and later)");
    options.add_option("-v,--set", choice->set, "The value of :NAME or $N")->type_name("NAME=VALUE")->expected(1)->allow_extra_args(false)->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    options.add_flag("--record", choice->record, "Keep the plan in the history");
    options.add_flag("--memory", explained.memory, "Memory of the planner (17 and later)");
    options.add_flag("--serialize", explained.serialize, "With --analyze: turn rows into text too (17 and later)");
    options.add_flag("!--no-verbose", explained.verbose, "Leave out VERBOSE");
    options.add_flag("!--no-costs", explained.costs, "Leave out costs");
    options.add_flag("!--no-buffers", explained.buffers, "Leave out buffers");
    options.add_flag("!--no-settings", explained.settings, "Leave out settings");
    options.add_flag("!--no-wal", explained.wal, "Leave out WAL");
    options.add_flag("!--no-timing", explained.timing, "Count rows only: less overhead");
    return [choice](const Context &context) { return explain(context, *choice); };
}

} // namespace howdah::cli
