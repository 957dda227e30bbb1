// SPDX-License-Identifier: GPL-3.0-or-later
#include <ctime>
#include <filesystem>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "app/cli/error_report.h"
#include "app/cli/exit_code.h"
#include "app/cli/output.h"
#include "app/cli/plan_commands.h"
#include "app/cli/table.h"
#include "app/cli/terminal.h"
#include "core/base/human.h"
#include "core/plan/history.h"

namespace howdah::cli {

namespace {

struct HistoryChoice {
    std::string fingerprint;
    std::string import;
};

std::string timeText(std::int64_t at_ms)
{
    const auto seconds = static_cast<std::time_t>(at_ms / 1000);
    std::tm parts{};
    localtime_r(&seconds, &parts);
    return fmt::format("{:04}-{:02}-{:02} {:02}:{:02}:{:02}", parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec);
}

std::string durationText(const std::optional<double> &ms)
{
    return ms ? human::duration(*ms) : "";
}

void printTable(std::vector<TableColumn> columns, const std::vector<TableRow> &rows)
{
    measure(columns, rows);
    output().write(tableHead(columns, stdoutHasColors()));
    for (const TableRow &row : rows)
        appendRow(output().buffer(), columns, row, stdoutHasColors());
}

int listQueries(const Context &context, plan::History &history)
{
    const auto queries = history.queries();
    if (!queries)
        return failed(context, queries.error());
    std::vector<TableRow> rows;
    for (const plan::HistoryQuery &query : *queries)
        rows.push_back({{query.fingerprint}, {std::to_string(query.runs)}, {std::to_string(query.shapes)}, {std::to_string(query.flips)}, {timeText(query.last_at_ms)},
                        {durationText(query.last_execution_ms)}, {durationText(query.best_execution_ms)}, {clipped(printable(query.statement), 60)}});
    if (rows.empty()) {
        printNote("The history is empty. \"howdah-cli explain --record\" adds to it.");
        return exit_ok;
    }
    printTable({{"Fingerprint"}, {"Runs", true}, {"Shapes", true}, {"Flips", true}, {"Last run"}, {"Took", true}, {"Best", true}, {"Statement"}}, rows);
    return exit_ok;
}

int listRuns(const Context &context, plan::History &history, const std::string &fingerprint)
{
    const auto entries = history.entries(fingerprint);
    if (!entries)
        return failed(context, entries.error());
    if (entries->empty()) {
        printNote("The history has no run of that query.");
        return exit_ok;
    }
    output().write(printable(entries->front().statement, true) + "\n\n");
    std::vector<TableRow> rows;
    for (const plan::HistoryEntry &entry : *entries)
        rows.push_back({{timeText(entry.at_ms)}, {durationText(entry.execution_ms)}, {durationText(entry.planning_ms)}, {fmt::format("{:.2f}", entry.total_cost)},
                        {fmt::format("{:016x}", entry.shape)}, {entry.flip ? "flip" : ""}, {printable(entry.server)}});
    printTable({{"Run"}, {"Execution", true}, {"Planning", true}, {"Cost", true}, {"Shape"}, {""}, {"Server"}}, rows);
    return exit_ok;
}

int importInto(const Context &context, plan::History &history, const std::string &file)
{
    const auto input = readInput(file);
    if (!input)
        return failed(context, input.error());
    const auto added = history.importJson(input->text);
    if (!added)
        return failed(context, added.error(), *input);
    if (context.json)
        output().write(nlohmann::ordered_json{{"added", *added}}.dump() + "\n");
    else
        output().write(fmt::format("{} {} added.\n", *added, *added == 1 ? "run" : "runs"));
    return exit_ok;
}

int history(const Context &context, const HistoryChoice &choice)
{
    const auto file = plan::History::defaultFile();
    const auto opened = plan::History::open(file);
    if (!opened)
        return failed(context, opened.error());
    if (!choice.import.empty())
        return importInto(context, **opened, choice.import);
    if (context.json) {
        const auto document = (*opened)->exportJson(choice.fingerprint);
        if (!document)
            return failed(context, document.error());
        output().write(*document + "\n");
        return exit_ok;
    }
    return choice.fingerprint.empty() ? listQueries(context, **opened) : listRuns(context, **opened, choice.fingerprint);
}

} // namespace

PlanCommand declarePlanHistory(CLI::App &plan)
{
    const auto choice = std::make_shared<HistoryChoice>();
    CLI::App *options = plan.add_subcommand("history", "List the plans that explain --record kept");
    options->add_option("--fingerprint", choice->fingerprint, "The runs of that query")->type_name("F");
    options->add_option("--import", choice->import, "Add what another history exported with --json")->type_name("FILE");
    return {options, [choice](const Context &context) { return history(context, *choice); }};
}

} // namespace howdah::cli
