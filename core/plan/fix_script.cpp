// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/plan/fix_script.h"

#include <algorithm>
#include <cctype>
#include <vector>

#include "core/sql/lexer.h"

namespace howdah::plan {

namespace {

/// Words and names of a statement; words in upper case.
std::vector<std::string> wordsOf(const std::string &statement)
{
    std::vector<std::string> words;
    sql::Lexer lexer(statement);
    for (sql::Token token; lexer.next(token);) {
        std::string word(token.span.of(statement));
        if (token.kind == sql::TokenKind::Identifier)
            std::transform(word.begin(), word.end(), word.begin(), [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
        else if (token.kind != sql::TokenKind::QuotedIdentifier && token.kind != sql::TokenKind::Punctuation)
            continue;
        words.push_back(std::move(word));
    }
    return words;
}

/// The name in CREATE STATISTICS, as it is written; "" when it has none.
std::string statisticsName(const std::string &statement)
{
    sql::Lexer lexer(statement);
    bool begun = false;
    std::string name;
    for (sql::Token token; lexer.next(token);) {
        const std::string_view word = token.span.of(statement);
        if (token.kind == sql::TokenKind::Whitespace) {
            if (!name.empty())
                break;
            continue;
        }
        if (begun && (word == "(" || word == "ON" || word == "on"))
            break;
        if (begun)
            name += word;
        begun = begun || word == "STATISTICS";
    }
    return name;
}

bool begins(const std::vector<std::string> &words, std::initializer_list<const char *> with)
{
    return words.size() >= with.size() && std::equal(with.begin(), with.end(), words.begin());
}

std::optional<migration::ChangeStep> stepOf(const std::string &statement)
{
    // Locks: PostgreSQL's documentation, "Explicit Locking", table of conflicting lock modes.
    migration::ChangeStep step;
    step.sql = statement;
    step.lock_level = "SHARE UPDATE EXCLUSIVE";
    const std::vector<std::string> words = wordsOf(statement);
    if (begins(words, {"CREATE", "INDEX"})) {
        const bool concurrently = words.size() > 2 && words[2] == "CONCURRENTLY";
        step.title = "Build the index";
        step.lock_level = concurrently ? "SHARE UPDATE EXCLUSIVE" : "SHARE";
        step.in_transaction = !concurrently;
        step.note = concurrently ? "Reads and writes go on meanwhile; it waits for transactions that are older."
                                 : "Writes to the table wait until it is built.";
        step.no_undo_reason = "PostgreSQL chooses its name; DROP INDEX CONCURRENTLY takes it away again.";
    } else if (begins(words, {"CREATE", "STATISTICS"})) {
        step.title = "Create extended statistics";
        if (const std::string name = statisticsName(statement); !name.empty())
            step.undo_sql = "DROP STATISTICS " + name + ";";
        else
            step.no_undo_reason = "PostgreSQL chooses its name; DROP STATISTICS takes it away again.";
    } else if (begins(words, {"ANALYZE"})) {
        step.title = "Gather statistics";
        step.no_undo_reason = "Newer statistics replace older ones; there is nothing to go back to.";
    } else if (begins(words, {"VACUUM"})) {
        step.title = "Vacuum";
        step.in_transaction = false;
        step.no_undo_reason = "It changes no data; there is nothing to go back to.";
    } else if (begins(words, {"ALTER", "TABLE"})) {
        step.title = "Raise the statistics target";
        step.no_undo_reason = "SET STATISTICS -1 brings the default back.";
    } else {
        return {};
    }
    return step;
}

} // namespace

std::optional<migration::ChangeScript> fixScript(const Finding &finding)
{
    migration::ChangeScript script;
    script.title = finding.message;
    script.reason = finding.why;
    for (const std::string &statement : finding.fix_sql) {
        if (auto step = stepOf(statement))
            script.steps.push_back(std::move(*step));
    }
    if (script.steps.empty())
        return {};
    return script;
}

} // namespace howdah::plan
