// SPDX-License-Identifier: GPL-3.0-or-later
#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "app/cli/commands.h"
#include "app/cli/connect.h"
#include "app/cli/error_report.h"
#include "app/cli/exit_code.h"
#include "app/cli/interrupt.h"
#include "app/cli/output.h"
#include "app/cli/partition_commands.h"
#include "app/cli/table.h"
#include "app/cli/terminal.h"
#include "core/base/human.h"
#include "core/migration/script_json.h"
#include "core/partition/conditions.h"
#include "core/partition/partman.h"
#include "core/partition/to_json.h"
#include "core/sql/quote.h"

namespace howdah::cli {

const char *const partition_manual = R"manual(howdah-cli partition COMMAND [options]

Sees, makes, keeps and converts partitioned tables. What changes the server is shown
as a script first: every statement with its lock and its way back. --apply runs it.

  list [TABLE]      the partitioned tables, or one with its partitions
  check [TABLE...]  what is wrong, with the script that mends it; ends with 1 when
                    there is something. --fix RULE shows only that script
  advise TABLE      whether TABLE should be partitioned, by what, and why
  create NAME       makes a partitioned table
  maintain TABLE    makes the next partitions; with options: attaches, detaches,
                    drains the default, splits, merges, renames, drops by age,
                    builds indexes, analyses, hands over to pg_partman
  convert TABLE     turns a plain table into a partitioned one while it is written to

  -d, --dbname, --json, --read-only as everywhere

list, check
      --now VALUE            judge as if the key had come to VALUE
      --skew N, --skew-min BYTES, --oversized BYTES, --many N   limits of "check"

advise
      --workload FILE        statements, in place of pg_stat_statements
      --keep INTERVAL        rows older than that may go
      --column, --interval   judge these

create
      --columns TEXT | --like TABLE, --by range|list|hash, --key COLUMN...,
      --interval, --from, --ahead N, --modulus N, --values a,b (once a partition),
      --default

maintain
      --ahead N              partitions beyond now (4); --interval, --from VALUE,
      --fill-gaps            also what is missing in between
      --add "FROM,TO"        a partition, --add-values a,b, --add-remainder M,R;
      --name NAME            its name
      --attach TABLE         with --from-bound and --to-bound, --bound-values, or --default
      --detach PART, --finalize PART, --rename PART --name NEW
      --drain-default, --split PART --at VALUE..., --merge PART...
      --retention INTERVAL   with --action detach|archive|drop, --schema, --archive-to DIR
      --index "(a, b)"       with --name, --unique; --complete-index NAME
      --analyze
      --partman-install, --partman-adopt, --partman-set NAME=VALUE, --partman-run,
      --partman-version V, --schedule; --cron "0 3 * * *" by pg_cron, --unschedule JOB
convert
      --key COLUMN --by range|list|hash --interval I | --modulus N | --values a,b
      --ahead N              ranges beyond now (4)
      --strategy copy|attach|logical  kept in step by triggers; the old table becomes
                             the first partition; or kept in step by a slot. Without
                             --apply all three are compared, measured on this server
      --keys extend|per-partition     keys that lack the partition key
      --incoming trigger|drop         foreign keys that point at such a key
      --drop-default         no default partition in the end

      --apply                run the script after it was shown. One that copies rows
                             is run with a journal (see "migrate": status, pause,
                             resume, rollback), whose tables are made in the schema
                             howdah; it stops before the old table is dropped
      --deployed             go on past that too

  howdah-cli partition check -d demo --json
  howdah-cli partition maintain events --drain-default -d demo
  howdah-cli partition convert orders --key created_at --interval '1 month' -d demo
)manual";

namespace {

using nlohmann::ordered_json;
using namespace partition;

struct ListChoice {
    std::vector<std::string> tables;
    std::string fix;
    CheckOptions check;
};

std::string dump(const ordered_json &json)
{
    return json.dump(2, ' ', false, ordered_json::error_handler_t::replace) + "\n";
}

std::string rowsText(double rows)
{
    return rows < 0 ? std::string("?") : human::count(static_cast<std::int64_t>(rows), ",");
}

void printTable(std::vector<TableColumn> columns, const std::vector<TableRow> &rows)
{
    measure(columns, rows);
    output().write(tableHead(columns, stdoutHasColors()));
    for (const TableRow &row : rows)
        appendRow(output().buffer(), columns, row, stdoutHasColors());
}

int listAll(const Context &context, pg::Connection &connection)
{
    const auto all = listSchemes(connection);
    if (!all)
        return failed(context, all.error());
    if (context.json) {
        ordered_json tables = ordered_json::array();
        for (const SchemeSummary &summary : *all)
            tables.push_back(summaryJson(summary));
        output().write(dump({{"tables", std::move(tables)}}));
        return exit_ok;
    }
    if (all->empty()) {
        output().write("No table is partitioned.\n");
        return exit_ok;
    }
    std::vector<TableRow> rows;
    for (const SchemeSummary &summary : *all)
        rows.push_back({{printable(summary.schema + "." + summary.name)}, {printable(summary.key)}, {std::to_string(summary.partitions)}, {rowsText(summary.estimated_rows)}, {human::bytes(summary.bytes)},
                        {summary.has_default ? "yes" : ""}});
    printTable({{"Table"}, {"Key"}, {"Partitions", true}, {"Rows", true}, {"Size", true}, {"Default"}}, rows);
    return exit_ok;
}

void printScheme(const Scheme &scheme)
{
    const auto interval = usualInterval(scheme, scheme.root());
    output().write(fmt::format("{} by {}{}\n", scheme.root().sqlName(), scheme.root().key->definition, interval ? ", mostly " + interval->text() : std::string()));
    std::vector<TableRow> rows;
    std::vector<std::pair<std::size_t, int>> open{{0, 0}};
    while (!open.empty()) {
        const auto [at, depth] = open.back();
        open.pop_back();
        const Table &table = scheme.tables[at];
        if (at != 0)
            rows.push_back({{printable(std::string(static_cast<std::size_t>(depth - 1) * 2, ' ') + table.name)}, {printable(boundWords(table.bound) + (table.key ? " · " + table.key->definition : ""))},
                            {table.key ? std::string() : rowsText(table.estimated_rows)}, {table.key ? std::string() : human::bytes(table.totalBytes())}, {printable(table.last_analyze.substr(0, 16))}});
        for (auto child = table.children.rbegin(); child != table.children.rend(); ++child)
            open.emplace_back(*child, depth + 1);
    }
    printTable({{"Partition"}, {"Takes"}, {"Rows", true}, {"Size", true}, {"Analysed"}}, rows);
    for (const std::string &note : scheme.notes)
        printNote(note);
}

/// With how the jobs of pg_cron went, as far as this role may read it.
ordered_json withHistory(pg::Connection &connection, const Scheme &scheme)
{
    ordered_json json = schemeJson(scheme);
    const auto runs = cronHistory(connection, scheme);
    if (!runs || scheme.cron_jobs.empty())
        return json;
    json["cron_runs"] = ordered_json::array();
    for (const CronRun &run : *runs)
        json["cron_runs"].push_back({{"job", run.job}, {"run", run.run}, {"started", run.started}, {"finished", run.finished}, {"status", run.status}, {"message", run.message}});
    return json;
}

int list(const Context &context, const ListChoice &choice)
{
    const Work work(context.canceller);
    const auto connection = connect(context);
    if (!connection)
        return failed(context, connection.error());
    if (choice.tables.empty())
        return listAll(context, **connection);
    const auto scheme = inspect(**connection, choice.tables.front());
    if (!scheme)
        return failed(context, scheme.error());
    if (context.json)
        output().write(dump(withHistory(**connection, *scheme)));
    else
        printScheme(*scheme);
    return exit_ok;
}

void printFinding(const Finding &finding)
{
    const Ink ink = finding.severity == Severity::Problem ? Ink::Red : Ink::Plain;
    output().write(fmt::format("{}: {} [{}]\n", inked(severityName(finding.severity), ink, stdoutHasColors()), printable(finding.message), finding.rule));
    for (const std::string *text : {&finding.evidence, &finding.detail, &finding.no_fix}) {
        if (!text->empty())
            output().write("    " + printable(*text) + "\n");
    }
    if (finding.fix)
        output().write(fmt::format("    --fix {}: {} ({} step{})\n", finding.rule, printable(finding.fix->title), finding.fix->steps.size(), finding.fix->steps.size() == 1 ? "" : "s"));
}

int check(const Context &context, const ListChoice &choice)
{
    const Work work(context.canceller);
    const auto connection = connect(context);
    if (!connection)
        return failed(context, connection.error());
    std::vector<std::string> names = choice.tables;
    if (names.empty()) {
        const auto all = listSchemes(**connection);
        if (!all)
            return failed(context, all.error());
        for (const SchemeSummary &summary : *all)
            names.push_back(sql::quoteQualified(summary.schema, summary.name));
    }
    ordered_json tables = ordered_json::array();
    bool found = false;
    for (const std::string &name : names) {
        const auto scheme = inspect(**connection, name);
        if (!scheme)
            return failed(context, scheme.error());
        const auto findings = partition::check(**connection, *scheme, choice.check);
        if (!findings)
            return failed(context, findings.error());
        ordered_json one{{"table", scheme->root().sqlName()}, {"findings", ordered_json::array()}};
        if (!context.json && choice.fix.empty())
            output().write(fmt::format("{}: {}\n", scheme->root().sqlName(), findings->empty() ? "nothing is wrong" : fmt::format("{} finding{}", findings->size(), findings->size() == 1 ? "" : "s")));
        for (const Finding &finding : *findings) {
            if (!choice.fix.empty() && finding.rule != choice.fix)
                continue;
            found = true;
            one["findings"].push_back(findingJson(finding));
            if (context.json)
                continue;
            if (choice.fix.empty())
                printFinding(finding);
            else if (finding.fix)
                output().write(finding.fix->toSql() + "\n");
        }
        tables.push_back(std::move(one));
    }
    if (context.json)
        output().write(dump({{"tables", std::move(tables)}}));
    return found ? exit_findings : exit_ok;
}

} // namespace

Action declarePartitionList(CLI::App &options)
{
    const auto choice = std::make_shared<ListChoice>();
    options.add_option("table", choice->tables, "Partitioned table")->type_name("TABLE")->expected(0, 1);
    return [choice](const Context &context) { return list(context, *choice); };
}

Action declarePartitionCheck(CLI::App &options)
{
    const auto choice = std::make_shared<ListChoice>();
    options.add_option("table", choice->tables, "Partitioned tables; all when none is named")->type_name("TABLE");
    options.add_option("--fix", choice->fix, "Show the scripts of that rule")->type_name("RULE");
    options.add_option("--now", choice->check.from, "As if the key had come to it")->type_name("VALUE");
    options.add_option("--skew", choice->check.skew_factor, "Largest against median")->type_name("N")->check(CLI::Range(1.0, 1e6));
    options.add_option("--skew-min", choice->check.skew_min_bytes, "Of the largest")->type_name("BYTES")->check(CLI::NonNegativeNumber);
    options.add_option("--oversized", choice->check.oversized_bytes, "Of one partition")->type_name("BYTES")->check(CLI::PositiveNumber);
    options.add_option("--many", choice->check.many_partitions, "Partitions")->type_name("N")->check(CLI::PositiveNumber);
    return [choice](const Context &context) { return check(context, *choice); };
}

Action declarePartition(CLI::App &options)
{
    options.require_subcommand(1);
    struct Part {
        const char *name, *summary;
        Action (*declare)(CLI::App &);
    };
    static constexpr Part parts[] = {
        {"list", "Partitioned tables, or one with its partitions", declarePartitionList},
        {"check", "What is wrong, and what mends it", declarePartitionCheck},
        {"advise", "Whether a table should be partitioned, and how", declarePartitionAdvise},
        {"create", "Make a partitioned table", declarePartitionCreate},
        {"maintain", "Make, attach, detach, split, merge, drop partitions", declarePartitionMaintain},
        {"convert", "Turn a live table into a partitioned one", declarePartitionConvert},
    };
    const auto chosen = std::make_shared<std::vector<std::pair<CLI::App *, Action>>>();
    for (const Part &part : parts) {
        CLI::App *sub = options.add_subcommand(part.name, part.summary);
        sub->fallthrough();
        chosen->emplace_back(sub, part.declare(*sub));
    }
    return [chosen](const Context &context) {
        for (const auto &[sub, action] : *chosen) {
            if (sub->parsed())
                return action(context);
        }
        return static_cast<int>(exit_usage);
    };
}

void addApplyOptions(CLI::App &options, ApplyChoice &choice)
{
    options.add_flag("--apply", choice.apply, "Run the script after it was shown");
    options.add_flag("--deployed", choice.deployed, "Go on past what must be confirmed");
}

} // namespace howdah::cli
