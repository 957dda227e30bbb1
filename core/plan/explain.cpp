// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/plan/explain.h"

#include <algorithm>
#include <cctype>
#include <optional>

#include "core/plan/explain_effects.h"
#include "core/plan/model.h"
#include "core/sql/lexer.h"
#include "core/sql/parser.h"

namespace howdah::plan {

namespace {

/// What is handed to EXPLAIN, and where it lies in the text that the caller gave.
struct Explained {
    ByteSpan span;
    bool was_wrapped = false;    ///< it began with EXPLAIN
    std::vector<std::string> parameters; ///< $1 and :name, each once
};

Error usage(std::string message, std::string hint, std::optional<ByteOffset> position = {})
{
    Error error;
    error.kind = ErrorKind::Usage;
    error.message = std::move(message);
    error.detail = "Nothing was sent.";
    error.hint = std::move(hint);
    error.position = position;
    return error;
}

constexpr const char *explainable = "EXPLAIN takes SELECT, INSERT, UPDATE, DELETE, MERGE, VALUES, TABLE, EXECUTE, DECLARE CURSOR, "
                                    "CREATE TABLE AS and CREATE MATERIALIZED VIEW.";

bool isBlank(sql::TokenKind kind)
{
    return kind == sql::TokenKind::Whitespace || kind == sql::TokenKind::LineComment || kind == sql::TokenKind::BlockComment;
}

bool isWord(const sql::Token &token, std::string_view text, std::string_view lower_case)
{
    const std::string_view word = token.span.of(text);
    return token.kind == sql::TokenKind::Identifier
        && std::equal(word.begin(), word.end(), lower_case.begin(), lower_case.end(), [](char a, char b) {
               return std::tolower(static_cast<unsigned char>(a)) == b;
           });
}

/// Where the statement begins behind "EXPLAIN ANALYZE VERBOSE" or "EXPLAIN (…)"; nothing when it is no EXPLAIN.
std::optional<ByteOffset> behindExplain(std::string_view text)
{
    std::vector<sql::Token> tokens;
    sql::Lexer lexer(text);
    for (sql::Token token; lexer.next(token);) {
        if (!isBlank(token.kind))
            tokens.push_back(token);
    }
    if (tokens.empty() || !isWord(tokens[0], text, "explain"))
        return {};
    std::size_t at = 1;
    const auto is = [&](std::size_t index, std::string_view word) { return index < tokens.size() && isWord(tokens[index], text, word); };
    const auto punctuation = [&](std::size_t index, char c) {
        return index < tokens.size() && tokens[index].kind == sql::TokenKind::Punctuation && text[tokens[index].span.begin.value] == c;
    };
    // A parenthesis holds options, unless it is the one of "(SELECT …)".
    const bool query = is(2, "select") || is(2, "with") || is(2, "values") || is(2, "table") || punctuation(2, '(');
    if (punctuation(1, '(') && !query) {
        while (at < tokens.size() && !punctuation(at, ')'))
            ++at;
        ++at;
    } else {
        if (is(at, "analyze") || is(at, "analyse"))
            ++at;
        if (is(at, "verbose"))
            ++at;
    }
    return at < tokens.size() ? tokens[at].span.begin : ByteOffset{text.size()};
}

/// A hint for pg_hint_plan stands in a comment before the statement: it must go along.
ByteOffset withHintComment(std::string_view script, const sql::StatementSpan &statement)
{
    const std::string_view before = script.substr(0, statement.text.begin.value);
    std::optional<ByteOffset> hint;
    sql::Lexer lexer(before, statement.whole.begin);
    for (sql::Token token; lexer.next(token);) {
        if (token.kind == sql::TokenKind::BlockComment && token.span.of(before).starts_with("/*+"))
            hint = token.span.begin;
        else if (!isBlank(token.kind))
            hint.reset();
    }
    return hint.value_or(statement.text.begin);
}

Result<Explained> find(std::string_view script, bool conforming)
{
    std::optional<sql::StatementSpan> only;
    for (const sql::StatementSpan &statement : sql::splitStatements(script, conforming)) {
        if (statement.text.size() == 0)
            continue;
        if (only)
            return tl::unexpected(usage("Only one statement can be explained at a time", "Select one of them.", statement.text.begin));
        only = statement;
    }
    if (!only)
        return tl::unexpected(usage("There is no statement to explain", explainable));
    if (only->psql_command)
        return tl::unexpected(usage("This is a command of psql, not SQL", explainable, only->text.begin));
    Explained explained;
    explained.span = {withHintComment(script, *only), only->text.end};
    if (const auto inner = behindExplain(only->text.of(script))) {
        explained.was_wrapped = true;
        explained.span.begin.value = only->text.begin.value + inner->value;
    }
    if (explained.span.size() == 0)
        return tl::unexpected(usage("There is no statement behind EXPLAIN", explainable));
    const std::string_view text = explained.span.of(script);
    if (text.find('\0') != std::string_view::npos)
        return tl::unexpected(usage("The statement holds a NUL character", "Remove it."));
    for (const sql::ParameterUse &use : sql::parametersOf(text)) {
        if (std::find(explained.parameters.begin(), explained.parameters.end(), use.name) == explained.parameters.end())
            explained.parameters.push_back(use.name);
    }
    return explained;
}

/// Strings end elsewhere without standard_conforming_strings; the server is asked only where that matters, because
/// what we take for one statement must be one for the server too.
Result<Explained> findOnServer(pg::Connection &connection, std::string_view script)
{
    const auto spans = [&](bool conforming) {
        std::vector<ByteSpan> found;
        for (const sql::StatementSpan &statement : sql::splitStatements(script, conforming))
            found.push_back(statement.text);
        return found;
    };
    if (script.find('\\') == std::string_view::npos || spans(true) == spans(false))
        return find(script, true);
    auto setting = connection.query("SELECT pg_catalog.current_setting('standard_conforming_strings')");
    if (!setting)
        return tl::unexpected(std::move(setting.error()));
    return find(script, setting->result->cell(0, 0).text != "off");
}

std::string joined(const std::vector<std::string> &names)
{
    std::string text;
    for (const std::string &name : names)
        text += (text.empty() ? "" : ", ") + name;
    return text;
}

/// The statement as it is to be sent, and whether it is to be planned for any values.
struct Bound {
    sql::BoundStatement statement;
    bool generic = false;
};

/// Values where there are some; else only numbers, which GENERIC_PLAN plans for.
Result<Bound> bind(std::string_view text, const Explained &explained, const ExplainOptions &options, int version_num)
{
    Bound bound;
    bound.generic = options.generic_plan;
    if (explained.parameters.empty()) {
        bound.statement.sql = text;
        return bound;
    }
    bound.statement = sql::bindParameters(text, options.parameters);
    if (bound.statement.missing.empty() && !options.generic_plan)
        return bound;
    const auto refused = [&](const std::vector<std::string> &missing, bool never) -> Result<Bound> {
        std::vector<std::string> written;
        for (const std::string &name : missing)
            written.push_back((name.find_first_not_of("0123456789") == std::string::npos ? "$" : ":") + name);
        return tl::unexpected(usage("The statement has parameters (" + joined(written) + "), and without their values it cannot "
                                        + (options.analyze ? "run" : "be planned"),
                                    never ? "Give values for them."
                                          : "Give values for them; from PostgreSQL 16 on EXPLAIN plans without values too.",
                                    explained.span.begin));
    };
    const bool some = !options.generic_plan && bound.statement.missing.size() < explained.parameters.size();
    if (some || options.analyze || version_num < 160000)
        return refused(options.generic_plan ? explained.parameters : bound.statement.missing, some || options.analyze);
    sql::ParameterValues any;
    for (const std::string &name : explained.parameters)
        any.emplace(name, std::nullopt);
    bound.statement = sql::bindParameters(text, any);
    if (bound.statement.values.empty()) // NULL would stand in the text: another statement
        return refused(explained.parameters, true);
    bound.statement.values.clear();
    bound.generic = true;
    return bound;
}

/// What is wrong with explaining this, before anything is sent.
std::optional<Error> refusal(const Explained &explained, const sql::StatementNature &nature, const ExplainOptions &options, int version_num)
{
    const ByteOffset at = explained.span.begin;
    if (nature.kind == "RefreshMatViewStmt")
        return usage("PostgreSQL has no plan for REFRESH MATERIALIZED VIEW", "Explain the view's own query instead.", at);
    // What our grammar cannot read is left to the server, whose message has the position.
    if (!nature.kind.empty() && !nature.is_explainable)
        return usage("This statement has no plan", explainable, at);
    if (options.generic_plan && options.analyze)
        return usage("A generic plan cannot be run", "Ask for either GENERIC_PLAN or ANALYZE.");
    if (options.generic_plan && version_num < 160000) {
        Error error = usage("GENERIC_PLAN needs PostgreSQL 16 or later", "PREPARE the statement and explain an EXECUTE of it with plan_cache_mode = force_generic_plan.");
        error.kind = ErrorKind::Unsupported;
        return error;
    }
    return {};
}

class ExplainRun
{
public:
    ExplainRun(pg::Connection &connection, const Bound &bound, ByteOffset begin, const ExplainOptions &options)
        : connection_(connection), bound_(bound.statement), statement_(bound_.sql), begin_(begin), options_(options),
          nature_(sql::natureOf(statement_))
    {
        options_.generic_plan = bound.generic;
    }

    /// `guard`: undo everything, whatever happens.
    Result<ExplainOutcome> run(bool guard)
    {
        in_transaction_ = connection_.transaction() == pg::TransactionState::InTransaction;
        if (!guard)
            return explain();
        if (auto begun = send(in_transaction_ ? "SAVEPOINT howdah_explain" : "BEGIN"); !begun)
            return tl::unexpected(std::move(begun.error()));
        auto explained = explain();
        if (auto undone = undo(); !undone && explained)
            return tl::unexpected(std::move(undone.error()));
        return explained;
    }

private:
    Result<pg::StatementOutcome> send(const std::string &sql, const std::vector<pg::Parameter> &values = {})
    {
        return connection_.query(sql, values);
    }

    Result<ExplainOutcome> explain()
    {
        ExplainOutcome outcome;
        if (options_.analyze) {
            if (auto looked = lookAhead(outcome); !looked)
                return tl::unexpected(std::move(looked.error()));
        }
        auto source = ask(options_, &outcome.duration_ms);
        if (!source)
            return tl::unexpected(std::move(source.error()));
        outcome.source = std::move(*source);
        if (options_.analyze)
            tellWhatLasts(outcome);
        return outcome;
    }

    Result<std::string> ask(const ExplainOptions &options, double *duration_ms)
    {
        const std::string sql = explainSql(statement_, options, connection_.facts().version_num);
        auto answer = send(sql, bound_.values);
        if (!answer) {
            Error error = std::move(answer.error());
            if (error.position) {
                // Only the statement is the caller's; what stands before it is ours.
                const std::size_t prefix = sql.size() - statement_.size();
                const ByteOffset sent{error.position->value > prefix ? error.position->value - prefix : 0};
                error.position = ByteOffset{begin_.value + bound_.written(sent).value};
            }
            return tl::unexpected(std::move(error));
        }
        std::string text;
        for (std::int64_t row = 0; answer->result && row < answer->result->rowCount(); ++row)
            text += std::string(row > 0 ? "\n" : "") + std::string(answer->result->cell(row, 0).text);
        if (duration_ms != nullptr)
            *duration_ms = answer->duration_ms;
        return text;
    }

    /// Before it runs: which functions it calls.
    Result<void> lookAhead(ExplainOutcome &outcome)
    {
        const std::vector<CalledFunction> functions = calledFunctions(statement_);
        auto effects = outsideEffects(connection_, functions);
        if (!effects)
            return tl::unexpected(std::move(effects.error()));
        outcome.rolled_back = nature_.writes || nature_.kind.empty() || !effects->volatile_functions.empty();
        if (!effects->volatile_functions.empty())
            outcome.warnings.push_back("It calls volatile functions: " + joined(effects->volatile_functions)
                                       + ". What they do outside of this database's transaction is not undone.");
        if (!effects->lasting_functions.empty())
            outcome.warnings.push_back("Not undone: the effect of " + joined(effects->lasting_functions) + ".");
        // Only a verbose plan shows the expressions that draw from sequences.
        const bool draws = std::any_of(functions.begin(), functions.end(), [](const CalledFunction &function) {
            return function.name == "nextval" || function.name == "setval";
        });
        if (!options_.verbose && (outcome.rolled_back || draws)) {
            ExplainOptions verbose;
            auto plan = ask(verbose, nullptr);
            if (!plan)
                return tl::unexpected(std::move(plan.error()));
            expressions_ = std::move(*plan);
        }
        return {};
    }

    void tellWhatLasts(ExplainOutcome &outcome) const
    {
        const std::vector<std::string> sequences = sequencesIn(expressions_.empty() ? outcome.source : expressions_);
        if (!sequences.empty()) {
            const bool named = !sequences.front().empty();
            outcome.warnings.push_back("Values drawn from sequences are not given back"
                                       + (named ? ": " + joined(sequences) + "." : std::string(".")));
        }
        if (!nature_.writes)
            return;
        const auto plans = read(outcome.source);
        std::vector<std::string> triggers;
        for (const Plan &plan : plans ? plans->plans : std::vector<Plan>()) {
            for (const TriggerTime &trigger : plan.triggers) {
                if (trigger.constraint.empty() && std::find(triggers.begin(), triggers.end(), trigger.name) == triggers.end())
                    triggers.push_back(trigger.name);
            }
        }
        if (!triggers.empty())
            outcome.warnings.push_back("Triggers ran: " + joined(triggers)
                                       + ". What they do outside of this database's transaction is not undone.");
    }

    Result<void> undo()
    {
        if (!connection_.alive())
            return {}; // the server has undone it
        const pg::CancelShield shield(connection_.canceller());
        auto undone = send(in_transaction_ ? "ROLLBACK TO SAVEPOINT howdah_explain" : "ROLLBACK");
        if (undone && in_transaction_)
            undone = send("RELEASE SAVEPOINT howdah_explain");
        if (!undone)
            return tl::unexpected(std::move(undone.error()));
        return {};
    }

    pg::Connection &connection_;
    const sql::BoundStatement &bound_;
    std::string_view statement_;
    ByteOffset begin_;
    ExplainOptions options_;
    sql::StatementNature nature_;
    std::string expressions_; ///< a verbose plan, where `options_` asks for none
    bool in_transaction_ = false;
};

} // namespace

std::string explainSql(std::string_view statement, const ExplainOptions &options, int version_num)
{
    std::string list;
    const auto add = [&list](const char *option) { list += std::string(list.empty() ? "" : ", ") + option; };
    if (options.analyze)
        add("ANALYZE");
    if (options.verbose)
        add("VERBOSE");
    if (!options.costs)
        add("COSTS FALSE");
    if (options.buffers)
        add("BUFFERS");
    else if (options.analyze)
        add("BUFFERS FALSE"); // on by itself with ANALYZE from 18 on
    if (options.settings)
        add("SETTINGS");
    if (options.wal && options.analyze)
        add("WAL");
    if (!options.timing && options.analyze)
        add("TIMING FALSE");
    if (options.generic_plan && !options.analyze && version_num >= 160000)
        add("GENERIC_PLAN");
    if (options.memory && version_num >= 170000)
        add("MEMORY");
    if (options.serialize && options.analyze && version_num >= 170000)
        add("SERIALIZE");
    add("SUMMARY");
    add("FORMAT JSON");
    return "EXPLAIN (" + list + ") " + std::string(statement);
}

Result<ExplainOutcome> runExplain(pg::Connection &connection, std::string_view statement, const ExplainOptions &options)
{
    const pg::CancelScope scope(connection.canceller());
    if (connection.transaction() == pg::TransactionState::InFailedTransaction)
        return tl::unexpected(usage("The open transaction has failed; the server runs nothing in it any more", "Roll back first."));
    const auto explained = findOnServer(connection, statement);
    if (!explained)
        return tl::unexpected(explained.error());
    const std::string_view text = explained->span.of(statement);
    const auto bound = bind(text, *explained, options, connection.facts().version_num);
    if (!bound)
        return tl::unexpected(bound.error());
    if (auto refused = refusal(*explained, sql::natureOf(bound->statement.sql), options, connection.facts().version_num))
        return tl::unexpected(std::move(*refused));
    // Without ANALYZE nothing runs, but a failure must not take an open transaction with it.
    const bool guard = options.analyze || connection.transaction() == pg::TransactionState::InTransaction;
    auto outcome = ExplainRun(connection, *bound, explained->span.begin, options).run(guard);
    if (outcome && explained->was_wrapped)
        outcome->warnings.push_back("The EXPLAIN in the text was replaced: its own options were not used.");
    if (outcome && bound->generic && !options.generic_plan)
        outcome->warnings.push_back("Planned for any values of its parameters (GENERIC_PLAN), because none were given.");
    return outcome;
}

} // namespace howdah::plan
