// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "app/cli/connect.h"
#include "app/cli/error_report.h"
#include "app/cli/exit_code.h"
#include "app/cli/input.h"
#include "app/cli/interrupt.h"
#include "app/cli/output.h"
#include "app/cli/partition_commands.h"
#include "app/cli/partition_words.h"
#include "app/cli/table.h"
#include "app/cli/terminal.h"
#include "core/base/human.h"
#include "core/partition/conditions.h"
#include "core/partition/to_json.h"
#include "core/sql/lexer.h"

namespace howdah::cli {

std::vector<std::string> commaParts(const std::string &text)
{
    std::vector<std::string> parts;
    for (std::size_t begin = 0; begin <= text.size();) {
        const std::size_t end = std::min(text.find(',', begin), text.size());
        std::string part = text.substr(begin, end - begin);
        part.erase(0, std::min(part.find_first_not_of(' '), part.size()));
        part.erase(part.find_last_not_of(' ') + 1);
        if (!part.empty())
            parts.push_back(std::move(part));
        begin = end + 1;
    }
    return parts;
}

partition::Strategy strategyCalled(const std::string &name)
{
    return name == "list" ? partition::Strategy::List : name == "hash" ? partition::Strategy::Hash : partition::Strategy::Range;
}

namespace {

using nlohmann::ordered_json;
using namespace partition;

struct ConvertChoice {
    ConvertWish wish;
    std::string by = "range", interval, keys = "extend", incoming = "trigger", strategy = "copy";
    std::vector<std::string> values;
    bool drop_default = false;
    ApplyChoice apply;
};

void printConversion(const Conversion &conversion)
{
    output().write(fmt::format("{}: {} rows, {}", conversion.table, human::count(conversion.rows, ","), human::bytes(conversion.bytes)));
    if (!conversion.lowest.empty())
        output().write(fmt::format(", key from {} to {}", printable(conversion.lowest), printable(conversion.highest)));
    output().write(fmt::format("; {} partitions\n", conversion.partitions.size()));
    for (const StrategyEstimate &estimate : conversion.strategies) {
        output().write(fmt::format("\n{}{}: {} to {}, {} of space, {} of WAL\n", strategyName(estimate.strategy), estimate.possible ? "" : " (not possible)", human::duration(estimate.seconds_low * 1000),
                                   human::duration(estimate.seconds_high * 1000), human::bytes(estimate.space_bytes), human::bytes(estimate.wal_bytes)));
        output().write("    lock: " + estimate.lock + "\n    writes: " + estimate.write_cost + "\n");
        for (const std::string &obstacle : estimate.obstacles)
            output().write("    " + obstacle + "\n");
    }
    if (!conversion.measured)
        output().write("\nNothing could be measured on this server: the times are those of a usual one.\n");
    output().write("\n");
    for (const KeyIssue &issue : conversion.keys) {
        output().write(fmt::format("{} ({}) lacks the partition key:\n", printable(issue.name), printable(issue.definition)));
        for (const KeyIssue::Choice &choice : issue.choices)
            output().write(fmt::format("    --keys {}: {}. {}\n", choice.id, printable(choice.becomes), printable(choice.means)));
    }
    for (const std::string &warning : conversion.warnings)
        output().write("Mind: " + printable(warning) + "\n");
    for (const std::string &blocker : conversion.blockers)
        output().write(inked("In the way: ", Ink::Red, stdoutHasColors()) + printable(blocker) + "\n");
    output().write("\n");
}

int convert(const Context &context, const ConvertChoice &choice)
{
    ConvertWish wish = choice.wish;
    wish.by = strategyCalled(choice.by);
    wish.keys = choice.keys == "per-partition" ? KeyChoice::PerPartition : KeyChoice::Extend;
    wish.incoming = choice.incoming == "drop" ? IncomingChoice::Drop : IncomingChoice::Trigger;
    wish.strategy = choice.strategy == "attach" ? ConvertStrategy::AttachOld : choice.strategy == "logical" ? ConvertStrategy::LogicalReplication : ConvertStrategy::SyncedCopy;
    wish.keep_default = !choice.drop_default;
    for (const std::string &list : choice.values)
        wish.lists.push_back(commaParts(list));
    if (!choice.interval.empty()) {
        const auto interval = parseInterval(choice.interval);
        if (!interval)
            return failed(context, interval.error());
        wish.interval = *interval;
    }
    const Work work(context.canceller);
    const auto connection = connect(context);
    if (!connection)
        return failed(context, connection.error());
    const auto conversion = planConversion(**connection, wish);
    if (!conversion)
        return failed(context, conversion.error());
    if (!context.json)
        printConversion(*conversion);
    if (!conversion->blockers.empty()) {
        ordered_json document = conversionJson(*conversion);
        document["applied"] = false;
        if (context.json)
            output().write(document.dump(2, ' ', false, ordered_json::error_handler_t::replace) + "\n");
        return exit_findings;
    }
    return showAndApply(context, **connection, conversion->script, choice.apply, [&](void *document) { *static_cast<ordered_json *>(document) = conversionJson(*conversion); });
}

struct AdviseChoice {
    std::string table, workload, keep, interval;
    AdviseOptions options;
};

Result<std::vector<WorkloadQuery>> workloadOf(const std::string &file)
{
    const auto input = readInput(file);
    if (!input)
        return tl::unexpected(input.error());
    std::vector<WorkloadQuery> queries;
    for (const sql::StatementSpan &span : sql::splitStatements(input->text)) {
        if (span.text.size() > 0 && !span.psql_command)
            queries.push_back({std::string(span.text.of(input->text)), 1, 0});
    }
    return queries;
}

void printAdvice(const Advice &advice)
{
    output().write(fmt::format("{}: {}\n", advice.table, advice.partition ? inked("partition it", Ink::Plain, stdoutHasColors()) : std::string("leave it as it is")));
    if (!advice.column.empty())
        output().write(fmt::format("{} by {} of {} ({}), about {} partitions\n", advice.partition ? "By" : "Otherwise by", strategyName(advice.strategy), printable(advice.column), advice.interval, advice.partitions));
    for (const std::string &reason : advice.reasons)
        output().write("  - " + printable(reason) + "\n");
    for (const QueryPruning &query : advice.queries) {
        const std::string verdict = !query.error.empty() ? query.error : query.partitions_read == 0 ? "does not meet the copy" : fmt::format("reads {} of {} partitions{}", query.partitions_read, query.partitions_total, query.how.empty() ? "" : ", known " + query.how);
        output().write(fmt::format("  {}: {}\n", clipped(printable(query.text), 70), printable(verdict)));
    }
    for (const std::string &note : advice.notes)
        printNote(note);
}

int adviseOn(const Context &context, const AdviseChoice &choice)
{
    AdviseOptions options = choice.options;
    if (!choice.workload.empty()) {
        auto queries = workloadOf(choice.workload);
        if (!queries)
            return failed(context, queries.error());
        options.workload = std::move(*queries);
    }
    for (const auto &[text, into] : {std::pair(&choice.keep, &options.keep), std::pair(&choice.interval, &options.interval)}) {
        if (text->empty())
            continue;
        const auto interval = parseInterval(*text);
        if (!interval)
            return failed(context, interval.error());
        *into = *interval;
    }
    const Work work(context.canceller);
    const auto connection = connect(context);
    if (!connection)
        return failed(context, connection.error());
    const auto advice = partition::advise(**connection, choice.table, options);
    if (!advice)
        return failed(context, advice.error());
    if (context.json)
        output().write(adviceJson(*advice).dump(2, ' ', false, ordered_json::error_handler_t::replace) + "\n");
    else
        printAdvice(*advice);
    return exit_ok;
}

} // namespace

Action declarePartitionConvert(CLI::App &options)
{
    const auto c = std::make_shared<ConvertChoice>();
    options.add_option("table", c->wish.table, "Plain table")->type_name("TABLE")->required();
    options.add_option("--key,--column", c->wish.column, "Column to partition by")->type_name("COLUMN")->required();
    options.add_option("--by", c->by, "Strategy of the partitions")->check(CLI::IsMember({"range", "list", "hash"}));
    options.add_option("--interval", c->interval, "Of a range")->type_name("INTERVAL");
    options.add_option("--modulus", c->wish.modulus, "Of a hash")->type_name("N")->check(CLI::Range(2, 1024));
    options.add_option("--values", c->values, "Of a list, once a partition")->type_name("A,B");
    options.add_option("--ahead", c->wish.ahead, "Ranges beyond now")->type_name("N")->check(CLI::Range(0, 1000));
    options.add_option("--keys", c->keys, "Keys that lack the partition key")->check(CLI::IsMember({"extend", "per-partition"}));
    options.add_option("--incoming", c->incoming, "Foreign keys that point at such a key")->check(CLI::IsMember({"trigger", "drop"}));
    options.add_option("--strategy", c->strategy, "How the rows come over")->check(CLI::IsMember({"copy", "attach", "logical"}));
    options.add_flag("--drop-default", c->drop_default, "No default partition in the end");
    addApplyOptions(options, c->apply);
    return [c](const Context &context) { return convert(context, *c); };
}

Action declarePartitionAdvise(CLI::App &options)
{
    const auto c = std::make_shared<AdviseChoice>();
    options.add_option("table", c->table, "Plain table")->type_name("TABLE")->required();
    options.add_option("--workload", c->workload, "Statements, in place of pg_stat_statements")->type_name("FILE");
    options.add_option("--keep", c->keep, "Older rows may go")->type_name("INTERVAL");
    options.add_option("--column", c->options.column, "Judge this one")->type_name("COLUMN");
    options.add_option("--interval", c->interval, "Judge this one")->type_name("INTERVAL");
    options.add_option("--worth", c->options.worth_bytes, "Smaller tables are left alone")->type_name("BYTES")->check(CLI::NonNegativeNumber);
    return [c](const Context &context) { return adviseOn(context, *c); };
}

} // namespace howdah::cli
