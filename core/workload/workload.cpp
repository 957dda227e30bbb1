// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/workload/workload.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdlib>
#include <iterator>
#include <unordered_map>
#include <unordered_set>

#include "core/plan/log_messages.h"
#include "core/plan/model.h"
#include "core/plan/server_statements.h"
#include "core/sql/lexer.h"
#include "core/sql/parameters.h"
#include "core/sql/parser.h"

namespace howdah::workload {

namespace {

/// Names that carry a digit. libpg_query's fingerprint takes t1 and t2 for parts of one table; indexes of the one are none of
/// the other.
std::string numberedNames(std::string_view text)
{
    std::string names;
    sql::Lexer lexer(text);
    for (sql::Token token; lexer.next(token);) {
        if (token.kind != sql::TokenKind::Identifier && token.kind != sql::TokenKind::QuotedIdentifier)
            continue;
        const std::string_view name = token.span.of(text);
        if (name.find_first_of("0123456789") == std::string_view::npos)
            continue;
        names += '\x01';
        std::transform(name.begin(), name.end(), std::back_inserter(names), [&](unsigned char c) {
            return token.kind == sql::TokenKind::Identifier ? static_cast<char>(std::tolower(c)) : static_cast<char>(c);
        });
    }
    return names;
}

/// Why a statement that parses is no part of a workload.
std::string whyLeftOut(const sql::StatementNature &nature)
{
    const std::string kind = nature.kind.ends_with("Stmt") ? nature.kind.substr(0, nature.kind.size() - 4) : nature.kind;
    if (nature.is_transaction_control)
        return "Transaction control plans nothing; it was left out, and not run";
    if (nature.kind == "CopyStmt")
        return "COPY is not planned, so that no index can help it; it was not run";
    if (nature.kind == "ExplainStmt")
        return "EXPLAIN is no statement of a workload: write the statement itself";
    if (nature.kind == "CallStmt" || nature.kind == "DoStmt")
        return "What a procedure does cannot be planned from outside; it was not run. Write its statements, or use the log of auto_explain with log_nested_statements";
    static constexpr std::array ddl{"Create", "Alter", "Drop", "Index", "Rename", "Comment", "Grant", "Define", "View", "Truncate", "Secl", "Rule", "Reassign"};
    if (std::any_of(ddl.begin(), ddl.end(), [&](const char *word) { return kind.starts_with(word); }))
        return "DDL (" + kind + ") is not planned, so that no index can help it; it was not run";
    return "A utility statement (" + kind + ") is not planned, so that no index can help it; it was not run";
}

/// Puts statements of one fingerprint together.
class Gatherer
{
public:
    void add(std::string_view text, double weight, double total_ms, std::size_t line)
    {
        const auto print = sql::fingerprint(text);
        if (!print) {
            problem(text, "It does not parse: " + print.error().message, line);
            return;
        }
        const std::string key = *print + numberedNames(text);
        if (left_out_.count(key) > 0)
            return;
        if (const auto known = by_key_.find(key); known != by_key_.end()) {
            Statement &statement = result.statements[known->second];
            statement.weight += weight;
            statement.total_ms += total_ms;
            result.weight += weight;
            if (statement.samples.size() < max_samples && std::find(statement.samples.begin(), statement.samples.end(), text) == statement.samples.end())
                statement.samples.emplace_back(text);
            return;
        }
        const sql::StatementNature nature = sql::natureOf(text);
        if (!nature.is_explainable) {
            left_out_.insert(key);
            // Every program's log is full of these; they are no one's mistake.
            if (!nature.is_transaction_control && nature.kind != "VariableSetStmt" && nature.kind != "VariableShowStmt" && nature.kind != "DiscardStmt" && nature.kind != "DeallocateStmt")
                problem(text, whyLeftOut(nature), line);
            return;
        }
        by_key_.emplace(key, result.statements.size());
        Statement statement;
        statement.fingerprint = *print;
        statement.text = text;
        statement.samples.emplace_back(text);
        statement.weight = weight;
        statement.total_ms = total_ms;
        statement.kind = nature.kind;
        statement.writes = nature.writes;
        statement.has_parameters = !sql::parametersOf(text).empty();
        statement.line = line;
        result.weight += weight;
        result.statements.push_back(std::move(statement));
    }

    void problem(std::string_view text, std::string message, std::size_t line)
    {
        if (result.problems.size() < max_problems)
            result.problems.push_back({oneLine(text), std::move(message), line});
        else
            ++unsaid_;
    }

    Workload finish()
    {
        if (unsaid_ > 0)
            result.problems.push_back({{}, "So many more statements cannot be used: " + std::to_string(unsaid_), 0});
        return std::move(result);
    }

    Workload result;

private:
    std::unordered_map<std::string, std::size_t> by_key_;
    std::unordered_set<std::string> left_out_;
    std::size_t unsaid_ = 0;
};

/// Of "-- weight: 20", "/* calls=20 */" before a statement; 1 when there is none.
double weightIn(std::string_view between)
{
    std::string text(between);
    std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    for (const char *word : {"weight", "calls"}) {
        const std::size_t at = text.rfind(word);
        if (at == std::string::npos)
            continue;
        const std::size_t value = text.find_first_not_of(" \t:=", at + std::string_view(word).size());
        if (value == std::string::npos || (std::isdigit(static_cast<unsigned char>(text[value])) == 0 && text[value] != '.'))
            continue;
        const double weight = std::strtod(text.c_str() + value, nullptr);
        if (weight > 0 && weight < 1e15)
            return weight;
    }
    return 1;
}

void gatherScript(std::string_view text, Gatherer &gatherer)
{
    std::size_t line = 1;
    std::size_t counted = 0;
    std::size_t last_end = 0;
    for (const sql::StatementSpan &span : sql::splitStatements(text)) {
        const std::string_view statement = span.text.of(text);
        if (statement.empty())
            continue;
        const auto begin = static_cast<std::size_t>(statement.data() - text.data());
        line += static_cast<std::size_t>(std::count(text.begin() + static_cast<std::ptrdiff_t>(counted), text.begin() + static_cast<std::ptrdiff_t>(begin), '\n'));
        counted = begin;
        const double weight = weightIn(text.substr(last_end, begin - last_end));
        last_end = begin + statement.size();
        if (span.psql_command)
            continue;
        gatherer.add(statement, weight, 0, line);
    }
}

bool gatherLog(std::string_view text, Gatherer &gatherer)
{
    const std::vector<plan::LogMessage> messages = plan::planMessages(text);
    for (const plan::LogMessage &message : messages) {
        const auto read = plan::read(message.text);
        if (!read || read->plans.empty() || read->plans.front().query_text.empty()) {
            gatherer.problem(message.text, "The log message holds no statement", message.line);
            continue;
        }
        gatherer.add(read->plans.front().query_text, 1, message.duration_ms, message.line);
    }
    return !messages.empty();
}

} // namespace

std::string oneLine(std::string_view statement, std::size_t bytes)
{
    std::string line;
    bool blank = false;
    for (const char c : statement) {
        if (std::isspace(static_cast<unsigned char>(c)) != 0) {
            blank = !line.empty();
            continue;
        }
        if (blank)
            line += ' ';
        blank = false;
        line += c;
        if (line.size() > bytes)
            break;
    }
    if (line.size() <= bytes)
        return line;
    std::size_t end = bytes;
    while (end > 0 && (static_cast<unsigned char>(line[end]) & 0xC0U) == 0x80U)
        --end;
    return line.substr(0, end) + "…";
}

Workload readWorkload(std::string_view text)
{
    if (text.starts_with("\xEF\xBB\xBF"))
        text.remove_prefix(3);
    Gatherer gatherer;
    // Only a log says "duration: … plan:".
    if (text.find("duration:") == std::string_view::npos || !gatherLog(text, gatherer))
        gatherScript(text, gatherer);
    return gatherer.finish();
}

Result<Workload> keptWorkload(pg::Connection &connection)
{
    const auto kept = plan::keptStatements(connection);
    if (!kept)
        return tl::unexpected(kept.error());
    Gatherer gatherer;
    for (const plan::ServerStatement &statement : *kept)
        gatherer.add(statement.text, std::max(1.0, statement.calls.value_or(1)), statement.total_ms.value_or(0), 0);
    return gatherer.finish();
}

} // namespace howdah::workload
