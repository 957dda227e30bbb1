// SPDX-License-Identifier: GPL-3.0-or-later
#include <cctype>
#include <cmath>
#include <fstream>

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
#include "core/index/to_json.h"

namespace howdah::cli {

const char *const index_advise_manual = R"(howdah-cli index advise --workload FILE|- | --pgss [--budget 500MB] [--max-indexes N]
                           [--write-budget PERCENT] [--method NAME]… [--measure] [--json]

index advise finds the set of indexes that serves a workload best: B-trees of several
columns, covering, partial and on expressions, hash, GIN, GiST, SP-GiST, BRIN and the
methods of extensions, by what their operator classes can do. Statements are planned,
never run, in a transaction that is rolled back; where HypoPG is on the server they are
planned with the indexes that are thought of. Each index says how well it is proved, what
it costs to keep up, and why it is what it is. Nothing is built. Statements that cannot be
used are told with the reason; it ends with 1 when that is all of them.

      --workload FILE  statements, one after the other; "-- weight: 20" before one says how
                       often it runs. Or a log of auto_explain. - is standard input
      --pgss           what pg_stat_statements keeps of the database, by calls
      --budget SIZE    of all new indexes together, as they would really be: 500MB, 2GB
      --hypothetical-sizes  count the budget in HypoPG's bytes, two or three times the real
                       ones, to compare with tools that do
      --max-indexes N  no more than so many
      --write-budget PERCENT  their upkeep, of the workload's cost as it is
      --method NAME    btree, gin, brin …; may be repeated. Others are not thought of
      --measure        build each on a sample of its table and run a statement with and
                       without it, in a transaction that is rolled back
      --allow-volatile let --measure run statements that call volatile functions
      --script FILE    write the SQL that builds them, CONCURRENTLY, with checks
      --json           {indexes[], queries[], cost_before, cost_after, whatif_calls,
                       elapsed_ms, rewrites[], problems[], frontier[], script …}

  howdah-cli index advise -d shop --pgss --budget 2GB
  howdah-cli index advise -d shop --workload queries.sql --json | jq -r '.indexes[].ddl'

)";

namespace {

struct AdviseChoice {
    WorkloadChoice workload;
    std::string budget, script;
    std::vector<std::string> methods;
    std::size_t most_indexes = 0;
    double write_budget = 0;
    bool measure = false, run_volatile = false, hypothetical_sizes = false;
};

/// "500MB", "2 GB", "1000000"; kilobytes and the like as PostgreSQL counts them.
std::optional<std::int64_t> bytesOf(const std::string &text)
{
    char *end = nullptr;
    const double number = std::strtod(text.c_str(), &end);
    std::string unit;
    for (; *end != '\0'; ++end) {
        if (*end != ' ')
            unit += static_cast<char>(std::tolower(static_cast<unsigned char>(*end)));
    }
    double factor = 1;
    if (unit == "kb" || unit == "k" || unit == "kib")
        factor = 1024;
    else if (unit == "mb" || unit == "m" || unit == "mib")
        factor = 1024.0 * 1024;
    else if (unit == "gb" || unit == "g" || unit == "gib")
        factor = 1024.0 * 1024 * 1024;
    else if (unit == "tb" || unit == "t" || unit == "tib")
        factor = 1024.0 * 1024 * 1024 * 1024;
    else if (!unit.empty() && unit != "b" && unit != "bytes")
        return {};
    if (text.empty() || !std::isfinite(number) || number <= 0 || number * factor < 1 || number * factor > 9e18)
        return {};
    return static_cast<std::int64_t>(number * factor);
}

void printIndex(const index::AdvisedIndex &one, const index::Advice &advice, std::size_t number, bool colored)
{
    std::string text = inked(fmt::format("{}. ", number), Ink::Dim, colored) + inked(printable(one.ddl), Ink::Bold, colored) + "\n";
    std::string served;
    for (std::size_t i = 0; i < one.queries.size(); ++i) {
        if (i == 6) {
            served += fmt::format(" and {} more", one.queries.size() - i);
            break;
        }
        served += (i == 0 ? "" : ", ") + std::to_string(one.queries[i] + 1);
    }
    text += fmt::format("   {}{} · {} · saves {:.0f} of {:.0f}{} · {} {}\n", one.candidate.size_measured ? "" : "about ", human::bytes(one.size_bytes), index::proofName(one.proof), one.benefit, advice.cost_before,
                        one.write_cost > 0 ? fmt::format(" · upkeep {:.0f}", one.write_cost) : "", one.queries.size() == 1 ? "query" : "queries", served.empty() ? "–" : served);
    if (one.measured) {
        const index::Measured &measured = *one.measured;
        if (measured.ms_before > 0)
            text += fmt::format("   {} → {}{}{}\n", human::duration(measured.ms_before), human::duration(measured.ms_after_least),
                                measured.ms_after_most > measured.ms_after_least * 1.05 ? " to " + human::duration(measured.ms_after_most) : "",
                                measured.recall ? fmt::format(", {:.0f} % of the nearest found", *measured.recall * 100) : "");
        text += fmt::format("   {}inserting writes {:.2f} times the WAL\n", measured.used ? "" : "the planner did not use it on the sample; ", measured.write_factor);
        if (!measured.note.empty())
            text += "   " + measured.note + "\n";
    }
    text += "   " + printable(one.reason) + "\n";
    output().write(text);
}

void printAdvice(const index::Advice &advice)
{
    const bool colored = stdoutHasColors();
    const std::size_t columns = terminalColumns(120);
    if (advice.indexes.empty())
        output().write(advice.queries.empty() ? "No statement could be planned.\n" : "No index would help this workload enough to be worth its upkeep.\n");
    for (std::size_t i = 0; i < advice.indexes.size(); ++i)
        printIndex(advice.indexes[i], advice, i + 1, colored);
    if (!advice.queries.empty())
        output().write("\n" + inked("Queries", Ink::Bold, colored) + "\n");
    for (std::size_t i = 0; i < advice.queries.size() && i < 200; ++i) {
        const index::AdvisedQuery &query = advice.queries[i];
        const std::string head = fmt::format("{:>4}  {:>12.1f} → {:>12.1f}  ", i + 1, query.cost_before, query.cost_after);
        output().write(head + clipped(printable(workload::oneLine(query.statement.text)), columns > head.size() ? columns - head.size() : 20) + "\n");
        for (const index::Rewrite &rewrite : query.rewrites)
            output().write("      " + inked("rewrite: ", Ink::Yellow, colored) + printable(rewrite.message) + "\n");
    }
    for (const auto &one : advice.redundant)
        output().write(fmt::format("\n{} would be redundant: {};\n", printable(one.name), printable(one.ddl)));
    for (const auto &key : advice.foreign_keys)
        output().write(fmt::format("\nForeign key {} of {} has no index: {};\n", printable(key.constraint), printable(key.table), printable(key.ddl)));
    output().write(fmt::format("\nCost {:.0f} → {:.0f}{} · {} candidates, {} plans, {}\n", advice.cost_before, advice.cost_after,
                               advice.cost_before > 0 ? fmt::format(" ({:.1f} %)", 100 * advice.cost_after / advice.cost_before) : "", advice.candidates, advice.whatif_calls, human::duration(advice.elapsed_ms)));
    for (const std::string &note : advice.notes)
        printNote(printable(note));
    constexpr std::size_t most_problems = 50;
    for (std::size_t i = 0; i < advice.problems.size() && i < most_problems; ++i) {
        const workload::Problem &problem = advice.problems[i];
        printNote((problem.line > 0 ? fmt::format("line {}: ", problem.line) : "") + printable(problem.message) + (problem.statement.empty() ? "" : ": " + printable(problem.statement)));
    }
    if (advice.problems.size() > most_problems)
        printNote(fmt::format("{} more statements cannot be used; --json names them", advice.problems.size() - most_problems));
}

int advise(const Context &context, const AdviseChoice &choice)
{
    index::AdviseOptions options;
    if (!choice.budget.empty()) {
        const auto bytes = bytesOf(choice.budget);
        if (!bytes)
            return failed(context, fail(ErrorKind::Usage, "\"" + choice.budget + "\" is no size", "Write it as 500MB or 2GB.").value());
        options.budget_bytes = *bytes;
    }
    if (choice.workload.kept == !choice.workload.file.empty())
        return failed(context, fail(ErrorKind::Usage, "index advise needs a workload", "Give a file with --workload, or --pgss for what pg_stat_statements keeps.").value());
    options.most_indexes = choice.most_indexes;
    options.write_budget = choice.write_budget / 100;
    options.methods.insert(choice.methods.begin(), choice.methods.end());
    options.measure = choice.measure;
    options.hypothetical_sizes = choice.hypothetical_sizes;
    options.run_volatile = choice.run_volatile;
    const Work work(context.canceller);
    const auto connection = connect(context);
    if (!connection)
        return failed(context, connection.error());
    const auto load = chosenWorkload(choice.workload, **connection);
    if (!load)
        return failed(context, load.error());
    if (!choice.workload.kept && load->statements.empty() && load->problems.empty())
        return failed(context, fail(ErrorKind::Usage, "There is no statement in the workload").value());
    const auto advice = index::advise(**connection, *load, options);
    if (!advice)
        return failed(context, advice.error());
    if (!choice.script.empty()) {
        std::ofstream file(choice.script, std::ios::binary);
        file << index::scriptOf(*advice).toSql();
        if (!file.flush())
            return failed(context, fail(ErrorKind::Io, "\"" + choice.script + "\" cannot be written").value());
    }
    if (context.json)
        output().write(index::toJson(*advice) + "\n");
    else
        printAdvice(*advice);
    // Of all statements not one that could be planned: there is something to look at.
    return advice->queries.empty() && !advice->problems.empty() ? exit_findings : exit_ok;
}

} // namespace

IndexCommand declareIndexAdvise(CLI::App &index)
{
    const auto choice = std::make_shared<AdviseChoice>();
    CLI::App *options = index.add_subcommand("advise", "Find the indexes that serve a workload best");
    addWorkloadOptions(*options, choice->workload);
    options->add_option("--budget", choice->budget, "Of all new indexes together: 500MB")->type_name("SIZE");
    options->add_flag("--hypothetical-sizes", choice->hypothetical_sizes, "Count the budget in HypoPG's bytes");
    options->add_option("--max-indexes", choice->most_indexes, "No more than so many")->type_name("N")->check(CLI::Range(1, 10'000));
    options->add_option("--write-budget", choice->write_budget, "Upkeep of all new indexes, of the cost as it is")->type_name("PERCENT")->check(CLI::Range(0.0, 1000.0));
    options->add_option("--method", choice->methods, "Of these methods alone; may be repeated")->type_name("NAME")->expected(1)->allow_extra_args(false)->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)->delimiter(',');
    options->add_flag("--measure", choice->measure, "Build them on samples, and undo it");
    options->add_flag("--allow-volatile", choice->run_volatile, "Let --measure run statements that call volatile functions");
    options->add_option("--script", choice->script, "Write the SQL that builds them")->type_name("FILE");
    return {options, [choice](const Context &context) { return advise(context, *choice); }};
}

} // namespace howdah::cli
