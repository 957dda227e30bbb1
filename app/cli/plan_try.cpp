// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "app/cli/connect.h"
#include "app/cli/error_report.h"
#include "app/cli/exit_code.h"
#include "app/cli/interrupt.h"
#include "app/cli/output.h"
#include "app/cli/parameter_values.h"
#include "app/cli/plan_commands.h"
#include "app/cli/terminal.h"
#include "core/base/human.h"
#include "core/pg/catalog.h"
#include "core/plan/explain.h"
#include "core/plan/findings.h"
#include "core/plan/server_context.h"
#include "core/plan/what_if.h"

namespace howdah::cli {

namespace {

using Json = nlohmann::ordered_json;

struct TryChoice {
    std::string sql, file, rewrite;
    std::vector<std::string> statements, set;
    int runs = 1;
    bool plan_only = false, build = false;
    std::int64_t build_megabytes = 0;
};

/// The fixes that the rules propose for the statement as it is, each statement once.
Result<std::vector<std::string>> proposedFixes(pg::Connection &connection, const std::string &sql, const plan::WhatIf &tried)
{
    plan::ExplainOptions options;
    options.analyze = tried.execute;
    options.parameters = tried.parameters;
    const auto explained = plan::runExplain(connection, sql, options);
    if (!explained)
        return tl::unexpected(explained.error());
    const auto read = plan::read(explained->source);
    if (!read)
        return tl::unexpected(read.error());
    pg::CatalogOptions catalog_options;
    catalog_options.with_functions = false;
    const auto catalog = pg::readCatalog(connection, catalog_options);
    const plan::FindingContext context = plan::readFindingContext(connection, read->plans, catalog ? catalog->get() : nullptr);
    std::vector<std::string> fixes;
    for (const plan::Plan &plan : read->plans) {
        for (const plan::Finding &finding : plan::findings(plan, plan::measure(plan), context)) {
            const auto group = plan::fixesApart(finding.fix_sql);
            for (const std::vector<std::string> &fix : group) {
                if (std::find(fixes.begin(), fixes.end(), fix.front()) == fixes.end())
                    fixes.insert(fixes.end(), fix.begin(), fix.end());
            }
        }
    }
    return fixes;
}

Json runsJson(const plan::RunTimes &runs)
{
    Json object{{"ms", runs.ms}};
    if (runs.cold())
        object["cold_ms"] = *runs.cold();
    if (runs.typical()) {
        object[runs.ms.size() > 1 ? "warm_median_ms" : "single_ms"] = *runs.typical();
        object["least_ms"] = *runs.least();
        object["most_ms"] = *runs.most();
    }
    return object;
}

Json errorJson(const Error &error)
{
    Json object{{"message", error.message}};
    if (!error.hint.empty())
        object["hint"] = error.hint;
    if (!error.sqlstate.empty())
        object["sqlstate"] = error.sqlstate;
    return object;
}

Json outcomeJson(const plan::WhatIfOutcome &outcome)
{
    Json object{{"level_of_proof", outcome.level_of_proof}, {"same_shape", outcome.diff.same_shape}, {"cost_before", outcome.cost_before}, {"cost_after", outcome.cost_after}};
    if (outcome.ms_before && outcome.ms_after) {
        object["ms_before"] = *outcome.ms_before;
        object["ms_after"] = *outcome.ms_after;
        object["noise"] = outcome.noise;
        object["runs_before"] = runsJson(outcome.runs_before);
        object["runs_after"] = runsJson(outcome.runs_after);
    }
    if (outcome.same_rows)
        object["same_rows"] = *outcome.same_rows;
    if (!outcome.indexes.empty()) {
        object["indexes"] = outcome.indexes;
        object["index_used"] = outcome.index_used;
    }
    object["changes"] = outcome.diff.changes;
    object["locks"] = outcome.locks;
    object["warnings"] = outcome.warnings;
    object["before"] = Json::parse(outcome.before_source, nullptr, false);
    object["after"] = Json::parse(outcome.after_source, nullptr, false);
    return object;
}

std::string runsText(const plan::RunTimes &runs)
{
    std::string text = human::duration(*runs.typical());
    if (runs.cold())
        text += fmt::format(" (median of {} warm runs, {} to {}; first run, cold: {})", runs.ms.size() - 1, human::duration(*runs.least()), human::duration(*runs.most()),
                            human::duration(*runs.cold()));
    return text;
}

void printOutcome(const plan::WhatIfOutcome &outcome)
{
    std::string text;
    if (outcome.ms_before && outcome.ms_after) {
        text += "  before  " + runsText(outcome.runs_before) + "\n  after   " + runsText(outcome.runs_after) + "\n";
        if (outcome.noise)
            text += "  No difference that is more than noise\n";
    }
    text += fmt::format("  cost    {:.2f} → {:.2f}\n", outcome.cost_before, outcome.cost_after);
    text += "  " + outcome.level_of_proof + "\n";
    if (!outcome.indexes.empty() && !outcome.index_used)
        text += "  The planner would not use this index\n";
    if (outcome.same_rows)
        text += *outcome.same_rows ? "  Both give the same rows\n" : "";
    for (const auto *lines : {&outcome.diff.changes, &outcome.locks, &outcome.warnings}) {
        for (const std::string &line : *lines)
            text += "  " + printable(line) + "\n";
    }
    output().write(text);
}

void printTrial(const plan::WhatIfTrial &trial)
{
    std::string head = trial.together ? "All together:" : "";
    for (const std::string &statement : trial.statements)
        head += (head.empty() ? "" : " ") + statement;
    output().write(inked(printable(head), Ink::Bold, stdoutHasColors()) + "\n");
    if (trial.outcome)
        printOutcome(*trial.outcome);
    else
        output().write("  not tried: " + printable(trial.outcome.error().message) + "\n");
}

int attempt(const Context &context, const TryChoice &choice)
{
    const auto script = readSql(choice.sql, choice.file);
    if (!script)
        return failed(context, script.error());
    plan::WhatIf tried;
    tried.statements = choice.statements;
    tried.execute = !choice.plan_only;
    tried.runs = choice.runs;
    tried.build = choice.build;
    tried.build_up_to_bytes = choice.build_megabytes * 1024 * 1024;
    tried.parameters = parameterValues(choice.set);
    if (!choice.rewrite.empty()) {
        const auto rewritten = readInput(choice.rewrite);
        if (!rewritten)
            return failed(context, rewritten.error());
        tried.rewrite = rewritten->text;
    }
    const Work work(context.canceller);
    const auto connection = connect(context);
    if (!connection)
        return failed(context, connection.error());
    std::vector<plan::WhatIfTrial> trials;
    if (!tried.rewrite.empty()) {
        auto outcome = plan::whatIf(**connection, script->text, tried);
        if (!outcome)
            return failed(context, outcome.error());
        trials.push_back({tried.statements, false, std::move(outcome)});
        trials.back().statements.push_back(tried.rewrite);
    } else {
        if (tried.statements.empty()) {
            auto fixes = proposedFixes(**connection, script->text, tried);
            if (!fixes)
                return failed(context, fixes.error(), *script);
            tried.statements = std::move(*fixes);
        }
        if (!tried.statements.empty()) {
            auto each = plan::whatIfEach(**connection, script->text, tried);
            if (!each)
                return failed(context, each.error(), *script);
            trials = std::move(*each);
        }
    }
    if (context.json) {
        Json document{{"trials", Json::array()}};
        for (const plan::WhatIfTrial &trial : trials) {
            Json object{{"statements", trial.statements}, {"together", trial.together}};
            if (trial.outcome)
                object.update(outcomeJson(*trial.outcome));
            else
                object["error"] = errorJson(trial.outcome.error());
            document["trials"].push_back(std::move(object));
        }
        output().write(document.dump(2, ' ', false, Json::error_handler_t::replace) + "\n");
    } else if (trials.empty()) {
        printNote("The rules propose nothing for this plan. Name what to try with --sql or --rewrite.");
    } else {
        for (const plan::WhatIfTrial &trial : trials)
            printTrial(trial);
    }
    // One that was named by the user and could not be tried is a failure; of several the others stand.
    const bool none = !trials.empty() && std::none_of(trials.begin(), trials.end(), [](const auto &trial) { return trial.outcome.has_value(); });
    if (none && !context.json)
        return failed(context, trials.front().outcome.error());
    return none ? exitCodeOf(trials.front().outcome.error()) : exit_ok;
}

} // namespace

PlanCommand declarePlanTry(CLI::App &plan)
{
    const auto choice = std::make_shared<TryChoice>();
    CLI::App *options = plan.add_subcommand("try", "Measure what would make a statement faster, and undo it");
    options->add_option("statement", choice->sql, "Statement");
    options->add_option("-f,--file", choice->file, "Read it from FILE; - is standard input")->type_name("FILE");
    options->add_option("--sql", choice->statements, "CREATE INDEX, ANALYZE, CREATE STATISTICS, SET …; may be repeated")
        ->type_name("SQL")->expected(1)->allow_extra_args(false)->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    options->add_option("--rewrite", choice->rewrite, "Another wording of the statement, in a file")->type_name("FILE");
    options->add_option("--runs", choice->runs, "Runs of each side; the first is told apart as cold")->check(CLI::Range(1, 1000));
    options->add_flag("--plan-only", choice->plan_only, "Plan only, run nothing");
    options->add_option("--build-up-to", choice->build_megabytes, "Really build an index (and roll it back) for tables of up to so many megabytes")
        ->type_name("MB")->check(CLI::Range(0, 1'000'000));
    options->add_flag("--build", choice->build, "Build it also where HypoPG is installed");
    options->add_option("-v,--set", choice->set, "The value of :NAME or $N")->type_name("NAME=VALUE")->expected(1)->allow_extra_args(false)->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    return {options, [choice](const Context &context) { return attempt(context, *choice); }};
}

} // namespace howdah::cli
