// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/plan/fix_script.h"

#include <algorithm>
#include <cctype>
#include <vector>

#include <nlohmann/json.hpp>

#include "core/sql/lexer.h"
#include "core/sql/parser.h"
#include "core/sql/quote.h"

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

/// An index that a fix creates without a name, with the name that PostgreSQL would give it, so that it has a way back.
struct NamedIndex {
    std::string sql;
    std::string name; ///< qualified and quoted
};

std::optional<NamedIndex> namedIndex(const std::string &statement)
{
    const auto tree = sql::parseTree(statement);
    const auto parsed = tree ? nlohmann::json::parse(*tree, nullptr, false) : nlohmann::json();
    if (!parsed.is_object() || !parsed.contains("stmts") || parsed["stmts"].size() != 1)
        return {};
    const nlohmann::json index = parsed["stmts"][0].value("stmt", nlohmann::json::object()).value("IndexStmt", nlohmann::json());
    if (!index.is_object() || index.contains("idxname") || !index.contains("relation"))
        return {};
    const nlohmann::json &relation = index["relation"];
    std::string name = relation.value("relname", "");
    for (const nlohmann::json &key : index.value("indexParams", nlohmann::json::array()))
        name += "_" + key.value("IndexElem", nlohmann::json::object()).value("name", "expr");
    constexpr std::size_t longest = 63 - 4; // NAMEDATALEN less one, with room for the ending
    std::size_t end = std::min(name.size(), longest);
    while (end < name.size() && (static_cast<unsigned char>(name[end]) & 0xC0U) == 0x80U) // not within a character
        --end;
    name = name.substr(0, end) + "_idx";
    // The name stands before ON, which no earlier word of the statement can be.
    sql::Lexer lexer(statement);
    for (sql::Token token; lexer.next(token);) {
        const std::string_view word = token.span.of(statement);
        if (token.kind != sql::TokenKind::Identifier || (word != "ON" && word != "on"))
            continue;
        std::string named = statement;
        named.insert(token.span.begin.value, sql::quoteIdentifier(name) + " ");
        return NamedIndex{std::move(named), sql::quoteQualified(relation.value("schemaname", ""), name)};
    }
    return {};
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
        if (const auto named = namedIndex(statement)) {
            step.sql = named->sql;
            step.undo_sql = (concurrently ? "DROP INDEX CONCURRENTLY " : "DROP INDEX ") + named->name + ";";
        } else {
            step.no_undo_reason = "DROP INDEX takes it away again, by the name it has.";
        }
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
