// SPDX-License-Identifier: GPL-3.0-or-later
#include <cmath>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "app/cli/connect.h"
#include "app/cli/error_report.h"
#include "app/cli/exit_code.h"
#include "app/cli/interrupt.h"
#include "app/cli/output.h"
#include "app/cli/replication_commands.h"
#include "app/cli/replication_report.h"
#include "app/cli/table.h"
#include "app/cli/terminal.h"
#include "core/base/human.h"
#include "core/replication/published_choice.h"

namespace howdah::cli {

namespace {

using namespace howdah::replication;
using Json = nlohmann::ordered_json;

struct CompareChoice {
    std::vector<std::string> nodes, tables;
    std::string publication;
    std::int64_t limit = 10'000'000, chunk = 10'000;
    double settle_s = 15;
};

Json tableJson(const TableComparison &table)
{
    Json json;
    json["table"] = table.table;
    json["state"] = table.state;
    if (table.rows_a >= 0) {
        json["rows_a"] = table.rows_a;
        json["rows_b"] = table.rows_b;
    }
    if (!table.hash_a.empty()) {
        json["hash_a"] = table.hash_a;
        json["hash_b"] = table.hash_b;
    }
    json["chunks"] = table.chunks;
    json["chunks_differing"] = table.chunks_differing;
    json["different_rows"] = table.different_rows;
    json["unsettled_rows"] = table.unsettled_rows;
    json["differences"] = Json::array();
    for (const RowDifference &row : table.examples)
        json["differences"].push_back({{"kind", row.kind}, {"key", row.key}});
    if (!table.message.empty())
        json["message"] = table.message;
    json["duration_ms"] = std::llround(table.duration_ms);
    return json;
}

void printComparison(const Comparison &comparison)
{
    std::vector<TableColumn> columns{{"Table"}, {"State"}, {"Rows", true}, {"Other side", true}, {"Different", true}, {"Chunks", true}, {"Time", true}};
    std::vector<TableRow> rows;
    for (const TableComparison &table : comparison.tables)
        rows.push_back({{printable(table.table)}, {table.state}, {table.rows_a < 0 ? std::string() : human::count(table.rows_a)}, {table.rows_b < 0 ? std::string() : human::count(table.rows_b)},
                        {human::count(table.different_rows)}, {human::count(table.chunks)}, {human::duration(table.duration_ms)}});
    measure(columns, rows);
    output().write(tableHead(columns, stdoutHasColors()));
    for (const TableRow &row : rows)
        appendRow(output().buffer(), columns, row, stdoutHasColors());
    for (const TableComparison &table : comparison.tables) {
        if (!table.message.empty())
            output().write(printable(table.table) + ": " + printable(table.message) + "\n");
        for (const RowDifference &row : table.examples)
            output().write("  " + row.kind + "  " + printable(row.key) + "\n");
    }
}

int compare(const Context &context, const CompareChoice &choice)
{
    const Work work(context.canceller);
    if (choice.nodes.size() != 1)
        return failed(context, fail(ErrorKind::Usage, "The other side is missing", "Name it: --node CONNINFO").value());
    CompareOptions options;
    options.publication = choice.publication;
    options.max_rows = choice.limit;
    options.chunk_rows = choice.chunk;
    options.settle_ms = choice.settle_s * 1000;
    for (const std::string &text : choice.tables) {
        auto table = publishedChoice(text);
        if (!table)
            return failed(context, table.error());
        options.tables.push_back(std::move(*table));
    }
    const auto a = connect(context);
    if (!a)
        return failed(context, a.error());
    const auto b = connectTo(context, choice.nodes.front(), false);
    if (!b)
        return failed(context, b.error());
    const auto comparison = compareTables(**a, **b, options, [](const TableComparison &table) {
        if (!table.state.empty() && stderrIsTerminal())
            printNote(table.table + ": " + table.state);
    });
    if (!comparison)
        return interruptedBy() != 0 ? interruptedBy() : failed(context, comparison.error());
    if (context.json)
        output().write(comparisonJson(*comparison) + "\n");
    else
        printComparison(*comparison);
    return comparison->same() ? exit_ok : exit_findings;
}

} // namespace

int showChecks(const Context &context, const char *kind, const std::vector<Check> &checks)
{
    if (context.json) {
        Json json;
        json["kind"] = kind;
        json["ok"] = mayBegin(checks);
        json["checks"] = Json::parse(checksJson(checks));
        output().write(json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n");
    } else {
        printChecks(checks);
    }
    return mayBegin(checks) ? exit_ok : exit_findings;
}

std::string comparisonJson(const Comparison &comparison)
{
    Json json;
    json["same"] = comparison.same();
    json["tables"] = Json::array();
    for (const TableComparison &table : comparison.tables)
        json["tables"].push_back(tableJson(table));
    json["duration_ms"] = std::llround(comparison.duration_ms);
    return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

const char *stepStateName(migration::StepState state)
{
    switch (state) {
    case migration::StepState::Waiting: return "waiting";
    case migration::StepState::Running: return "running";
    case migration::StepState::Done: return "done";
    case migration::StepState::Failed: return "failed";
    case migration::StepState::Cancelled: return "cancelled";
    case migration::StepState::NotRun: break;
    }
    return "not run";
}

ReplicationCommand declareReplicationCompare(CLI::App &replication)
{
    CLI::App *options = replication.add_subcommand("compare", "Compare tables of two servers");
    options->fallthrough();
    const auto choice = std::make_shared<CompareChoice>();
    options->add_option("--node", choice->nodes, "The other side")->type_name("CONNINFO")->allow_extra_args(false);
    options->add_option("--table", choice->tables, "A table; again for more")->type_name("TABLE")->allow_extra_args(false);
    options->add_option("--publication", choice->publication, "The tables of this publication, with its row filters and column lists")->type_name("NAME");
    options->add_option("--limit", choice->limit, "Tables with more rows are only counted")->type_name("N")->check(CLI::NonNegativeNumber);
    options->add_option("--chunk", choice->chunk, "Rows a chunk")->type_name("N")->check(CLI::Range(1, 10'000'000));
    options->add_option("--settle", choice->settle_s, "Rows that differ are looked at again for so long")->type_name("SECONDS")->check(CLI::NonNegativeNumber);
    return {options, [choice](const Context &context) { return compare(context, *choice); }};
}

} // namespace howdah::cli
