// SPDX-License-Identifier: GPL-3.0-or-later
#include <set>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "app/cli/connect.h"
#include "app/cli/error_report.h"
#include "app/cli/exit_code.h"
#include "app/cli/index_commands.h"
#include "app/cli/interrupt.h"
#include "app/cli/output.h"
#include "app/cli/terminal.h"
#include "core/base/human.h"
#include "core/index/health/health.h"

namespace howdah::cli {

namespace {

struct HealthChoice {
    index_health::HealthOptions options;
    std::vector<std::string> replicas;
    std::size_t max_indexes = 10'000;
    bool script = false;
    std::string fail_on = "none";
};

Ink inkOf(index_health::Severity severity)
{
    return severity == index_health::Severity::Serious ? Ink::Red : severity == index_health::Severity::Warning ? Ink::Yellow : Ink::Dim;
}

std::string ruleTitle(const std::string &name)
{
    for (const index_health::HealthRule &rule : index_health::healthRules()) {
        if (rule.name == name)
            return std::string(rule.title);
    }
    return name;
}

void printSummary(const index_health::Report &report)
{
    const index_health::Facts &facts = report.facts;
    output().write(fmt::format("{} indexes of {} tables, {} · scans counted since {}{}\n", human::count(static_cast<std::int64_t>(facts.indexes.size()), " "),
                               human::count(static_cast<std::int64_t>(facts.tables.size()), " "), human::bytes(report.index_bytes), facts.statistics_since,
                               facts.replicas.empty() ? std::string() : fmt::format(", {} asked too", facts.replicas.size() == 1 ? "1 replica" : std::to_string(facts.replicas.size()) + " replicas")));
    output().write(report.findings.empty() ? std::string("Nothing was found.\n")
                                           : fmt::format("{} findings; {} to be won\n", report.findings.size(), human::bytes(report.size_won_bytes)));
}

/// `explained`: the explanations that were given before; each is given once.
void printFinding(const index_health::Finding &finding, std::set<std::string> &explained, bool colored)
{
    std::string &out = output().buffer();
    const std::string where = finding.schema + "." + (finding.index_name.empty() ? finding.table_name : finding.index_name);
    out += "\n" + inked(fmt::format("{}: {}", ruleTitle(finding.rule), printable(where)), inkOf(finding.severity), colored) +
           fmt::format(" ({})\n", index_health::severityWord(finding.severity));
    out += "  " + printable(finding.message) + "\n";
    if (!finding.why.empty() && explained.insert(finding.rule).second)
        out += "  " + printable(finding.why) + "\n";
    for (const migration::ChangeStep &step : finding.script.steps)
        out += "    " + printable(step.sql) + ";\n";
    output().settle();
}

void print(const Context &context, const index_health::Report &report, const HealthChoice &choice)
{
    if (choice.script) {
        std::vector<const index_health::Finding *> all;
        for (const index_health::Finding &finding : report.findings)
            all.push_back(&finding);
        output().write(index_health::combined(all).toSql());
        return;
    }
    if (context.json) {
        output().write(index_health::toJson(report, choice.max_indexes) + "\n");
        return;
    }
    printSummary(report);
    std::set<std::string> explained;
    for (const index_health::Finding &finding : report.findings)
        printFinding(finding, explained, stdoutHasColors());
    for (const auto &[rule, count] : report.omitted)
        printNote(fmt::format("{}: {} more are not shown.", ruleTitle(rule), count));
    for (const std::string &note : report.facts.notes)
        printNote(note);
}

/// -1: none fails.
int levelOf(const std::string &word)
{
    return word == "info" ? 0 : word == "warning" ? 1 : word == "serious" ? 2 : -1;
}

int health(const Context &context, HealthChoice choice)
{
    const Work work(context.canceller);
    const auto connection = connect(context);
    if (!connection)
        return failed(context, connection.error());
    std::vector<std::unique_ptr<pg::Connection>> replicas;
    for (const std::string &conninfo : choice.replicas) {
        Context there = context;
        there.dbname = conninfo;
        auto opened = connect(there);
        if (!opened)
            return failed(context, opened.error());
        const std::string shown = pg::withoutPassword(conninfo);
        choice.options.replicas.emplace_back(shown.empty() ? conninfo : shown, opened->get());
        replicas.push_back(std::move(*opened));
    }
    const auto report = index_health::examine(**connection, choice.options);
    if (!report)
        return interruptedBy() != 0 ? interruptedBy() : failed(context, report.error());
    print(context, *report, choice);
    const int level = levelOf(choice.fail_on);
    for (const index_health::Finding &finding : report->findings) {
        if (level >= 0 && static_cast<int>(finding.severity) >= level)
            return exit_findings;
    }
    return exit_ok;
}

} // namespace

const char *const index_health_manual = R"(
howdah-cli index health [--schema S] [--measure] [--replica CONNINFO]… [--json | --script]

Judges the indexes that are there: invalid, duplicate and overlapping, unused, bloated,
ineffective BRIN, long GIN pending lists, tables never vacuumed, too many indexes where
much is written, wrong operator classes and collations; and the foreign keys that none
serves. What a constraint, a foreign key or replication needs is never proposed for
dropping. Nothing is changed; 32 pieces of four pages of a table with a BRIN index are
read, and the rest is catalog and statistics.

      --schema S       only the tables of that schema
      --measure        read the b-trees too (pgstatindex of the extension pgstattuple) and
                       larger pieces of tables with BRIN indexes, instead of estimating
      --measure-up-to GB  at most so much (10)
      --replica CONNINFO  ask a standby for its scans too; may be repeated
      --max-indexes N  the largest N in indexes[] (10000; 0 for all)
      --fail-on LEVEL  end with 1 from this level on: info, warning, serious, none (none)
      --json           {summary, findings[], indexes[]}; findings[] has rule, severity,
                       index, table, schema, size_bytes, size_won_bytes, message, why,
                       evidence, sql, undo_sql and steps[]; summary has stats_since,
                       stats_age_s, replicas[], notes[]; indexes[] size_bytes, scans, use
      --script         all proposals as one SQL script with comments

  howdah-cli index health -d shop
  howdah-cli index health -d shop --replica 'host=standby dbname=shop' --json \
    | jq -r '.findings[] | select(.rule == "unused") | .sql'
)";

IndexCommand declareIndexHealth(CLI::App &index)
{
    const auto choice = std::make_shared<HealthChoice>();
    CLI::App *options = index.add_subcommand("health", "Unused, redundant, invalid, bloated and missing indexes");
    options->add_option("--schema", choice->options.schema, "Only the tables of that schema")->type_name("S");
    options->add_flag("--measure", choice->options.measure, "Read indexes and pieces of tables");
    options->add_option_function<std::int64_t>("--measure-up-to", [choice](std::int64_t gigabytes) { choice->options.measure_bytes = gigabytes << 30; }, "At most so much")
        ->type_name("GB")
        ->check(CLI::Range(1, 1'000'000));
    options->add_option("--replica", choice->replicas, "Ask a standby too")->type_name("CONNINFO")->allow_extra_args(false);
    options->add_option("--max-indexes", choice->max_indexes, "The largest N in indexes[]; 0 for all")->type_name("N");
    options->add_option("--fail-on", choice->fail_on, "End with 1 from this level on")->type_name("LEVEL")->check(CLI::IsMember({"info", "warning", "serious", "none"}));
    options->add_flag("--script", choice->script, "All proposals as a SQL script");
    return {options, [choice](const Context &context) { return health(context, *choice); }};
}

} // namespace howdah::cli
