// SPDX-License-Identifier: GPL-3.0-or-later
#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "app/cli/commands.h"
#include "app/cli/connect.h"
#include "app/cli/error_report.h"
#include "app/cli/exit_code.h"
#include "app/cli/interrupt.h"
#include "app/cli/output.h"
#include "app/cli/parameter_values.h"
#include "app/cli/result_filter.h"
#include "app/cli/result_printer.h"
#include "core/sql/parser.h"

namespace howdah::cli {

const char *const query_manual = R"(howdah-cli query [SQL | -f FILE | -f -] [options]

Runs one statement or a script of several, one after the other, and prints what
they return. Without SQL and without -f it reads standard input.

  -f, --file FILE      read the script from a file; "-" is standard input
      --csv            rows as CSV with a head, as COPY writes it: NULL is
                       nothing, the empty string is ""
      --json           one object: statements[] with line, span, columns[],
                       rows[][] (strings or null), row_count, command_tag,
                       duration_ms, notices[] and error
  -x, --expanded       a line a value; a terminal gets it by itself where the
                       table would be too wide
  -t, --tuples-only    no heads and no feet
  -v, --set NAME=VALUE the value of :name or $1 in the script, bound truly; NAME= is
                       the empty string, NAME alone is NULL
      --filter COND    of the rows that arrive show those that meet it: "total >= 100",
                       "name contains smi", "day between 2024-05-01 .. 2024-05-31",
                       "code in a, b", "note is null", "sku matches ^A"; several: all
      --statistics     of each column, instead of the rows: NULLs, distinct values,
                       lowest, highest, mean, deviation, most frequent; with --json
                       also a histogram (statements[].statistics[])
      --max-rows N     stop each statement after N rows
      --no-stop-on-error
                       go on with the statement after one that failed

Each statement is a transaction of its own unless the script says BEGIN. Rows are
written while they arrive. Ctrl+C cancels the statement on the server.

An error names its SQLSTATE and shows the line of the script with the word marked,
and says what was run before it and what was not. A script that ends within a
transaction is rolled back, said so, and gives exit code 1.

  howdah-cli query 'TABLE users LIMIT 3' -d demo
  howdah-cli query -f report.sql --csv > report.csv
  howdah-cli query -d demo -v name=Ann 'SELECT * FROM users WHERE name = :name'
  howdah-cli query --read-only -d postgresql://ann@db/shop 'SELECT now()' --json
)";

namespace {

struct QueryOptions {
    std::string sql;
    std::string file;
    bool csv = false;
    TableStyle table;
    std::int64_t max_rows = -1;
    bool no_stop_on_error = false;
    std::vector<std::string> set;
    std::vector<std::string> filter;
    bool statistics = false;
};

/// Rows are given back once they are written; what arrives faster than that waits in a temporary file beyond this.
constexpr std::int64_t memory_for_rows = 32LL * 1024 * 1024;

std::string statements(std::size_t count)
{
    return fmt::format("{} statement{}", count, count == 1 ? "" : "s");
}

/// Runs the script and writes its results.
class QueryRun
{
public:
    QueryRun(const Context &context, const QueryOptions &options, const Input &script, pg::Connection &connection)
        : context_(context), options_(options), script_(script), connection_(connection)
    {
        printer_ = options.statistics ? makeStatisticsPrinter(context.json)
                   : context.json ? makeJsonPrinter(script.text) : options.csv ? makeCsvPrinter(!options.table.tuples_only) : makeTablePrinter(options.table);
        if (!options.filter.empty())
            printer_ = makeFilteringPrinter(std::move(printer_), options.filter, filter_failure_);
    }

    int run()
    {
        pg::RunOptions run_options;
        run_options.limits.memory_bytes = memory_for_rows;
        run_options.limits.max_rows = options_.max_rows;
        run_options.stop_on_error = !options_.no_stop_on_error;
        run_options.values = parameterValues(options_.set);
        const pg::RunOutcome outcome = connection_.run(script_.text, run_options, observer());
        const auto state = connection_.alive() ? connection_.transaction() : pg::TransactionState::Unknown;
        const bool left_open = state == pg::TransactionState::InTransaction || state == pg::TransactionState::InFailedTransaction;
        printer_->end(outcome, left_open);
        output().flush();
        if (outcome.error && (outcome.statements.empty() || !outcome.statements.back().error))
            printError(*outcome.error, script_); // it belongs to no statement
        account(outcome, left_open);
        if (filter_failure_) {
            printError(*filter_failure_);
            if (!outcome.error)
                return exitCodeOf(*filter_failure_);
        }
        return exitCode(outcome, left_open);
    }

private:
    pg::RunObserver observer()
    {
        pg::RunObserver observer;
        observer.statementStarted = [this](std::size_t index, ByteSpan span) {
            statement_ = {index, span, lineColumn(script_.text, span.begin).line, false, {}};
            statement_.is_copy = sql::natureOf(span.of(script_.text)).kind == "CopyStmt";
            store_.reset();
            written_ = 0;
        };
        observer.resultOpened = [this](std::size_t, std::shared_ptr<pg::RowStore> store) {
            store_ = std::move(store);
            printer_->open(statement_, store_->columns());
        };
        observer.rowsArrived = [this](std::size_t) { writeRows(); };
        observer.notice = [this](const pg::Notice &notice) {
            if (context_.json)
                statement_.notices.push_back(notice);
            else
                printNotice(notice);
        };
        observer.statementFinished = [this](const pg::StatementOutcome &outcome) {
            if (store_)
                writeRows();
            printer_->finish(statement_, outcome);
            store_.reset();
            if (outcome.error)
                printError(*outcome.error, script_);
        };
        return observer;
    }

    void writeRows()
    {
        const std::int64_t count = store_->rowCount();
        printer_->rows(statement_, *store_, written_, count);
        written_ = count;
        store_->forgetBefore(count); // so that memory does not grow with the result
        if (output().broken())
            context_.canceller.cancel(); // nobody reads it any more
    }

    /// What was and what was not done, where that is not plain.
    void account(const pg::RunOutcome &outcome, bool left_open) const
    {
        std::size_t done = 0;
        for (const pg::StatementOutcome &statement : outcome.statements)
            done += statement.error ? 0 : 1;
        const std::size_t all = outcome.statements.size() + outcome.not_started;
        if (outcome.error && all > 1)
            printNote(fmt::format("{} of {} ran, {} failed, {} not run.", done, statements(all), outcome.statements.size() - done,
                                  outcome.not_started == 1 ? "1 was" : fmt::format("{} were", outcome.not_started)));
        if (left_open)
            printNote(outcome.error ? "The transaction that was open is rolled back; what was committed before it stays."
                                    : "WARNING: the script ended within a transaction, which is rolled back. Is a COMMIT missing?");
        else if (outcome.error && all > 1 && done > 0 && connection_.alive())
            printNote("What ran before the error stays, as far as it was committed.");
    }

    [[nodiscard]] int exitCode(const pg::RunOutcome &outcome, bool left_open) const
    {
        if (outcome.error && outcome.error->kind == ErrorKind::Cancelled && interruptedBy() != 0)
            return interruptedBy();
        if (outcome.error)
            return exitCodeOf(*outcome.error);
        return left_open ? exit_findings : exit_ok;
    }

    const Context &context_;
    const QueryOptions &options_;
    const Input &script_;
    pg::Connection &connection_;
    std::optional<Error> filter_failure_; // before the printer that writes it
    std::unique_ptr<ResultPrinter> printer_;
    RunningStatement statement_;
    std::shared_ptr<pg::RowStore> store_;
    std::int64_t written_ = 0;
};

int query(const Context &context, const QueryOptions &options)
{
    if (options.statistics && options.csv)
        return failed(context, fail(ErrorKind::Usage, "Statistics are written as a table or as JSON, not as CSV").value());
    if (context.json && options.csv)
        return failed(context, fail(ErrorKind::Usage, "Rows are written either as JSON or as CSV, not both").value());
    const auto script = readSql(options.sql, options.file);
    if (!script)
        return failed(context, script.error());
    const Work work(context.canceller);
    const auto connection = connect(context);
    if (!connection)
        return failed(context, connection.error());
    return QueryRun(context, options, *script, **connection).run();
}

} // namespace

Action declareQuery(CLI::App &options)
{
    const auto chosen = std::make_shared<QueryOptions>();
    options.add_option("sql", chosen->sql, "SQL to run");
    options.add_option("-f,--file", chosen->file, "Read the script from FILE; - is standard input")->type_name("FILE");
    options.add_flag("--csv", chosen->csv, "Print rows as CSV");
    options.add_flag("-x,--expanded", chosen->table.expanded, "A line a value");
    options.add_flag("-t,--tuples-only", chosen->table.tuples_only, "No heads and no feet");
    options.add_option("-v,--set", chosen->set, "The value of :NAME or $N in the script")->type_name("NAME=VALUE")->expected(1)->allow_extra_args(false)->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    options.add_option("--filter", chosen->filter, "Show only rows that meet it")->type_name("COND")->expected(1)->allow_extra_args(false)->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    options.add_flag("--statistics", chosen->statistics, "Figures of each column instead of the rows");
    options.add_option("--max-rows", chosen->max_rows, "Stop each statement after N rows")->type_name("N")->check(CLI::NonNegativeNumber);
    options.add_flag("--no-stop-on-error", chosen->no_stop_on_error, "Go on after a statement that failed");
    return [chosen](const Context &context) { return query(context, *chosen); };
}

} // namespace howdah::cli
