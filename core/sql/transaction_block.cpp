// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/sql/transaction_block.h"

#include <algorithm>
#include <cctype>
#include <initializer_list>
#include <vector>

#include "core/sql/lexer.h"

namespace howdah::sql {

namespace {

/// Enough for ALTER TABLE schema.name DETACH PARTITION schema.part CONCURRENTLY and REINDEX (options) TABLE ….
constexpr std::size_t words_read = 40;

/// The first words in capitals; what is quoted stands as "" so that a name is never taken for a keyword.
std::vector<std::string> firstWords(std::string_view statement)
{
    std::vector<std::string> words;
    Lexer lexer(statement);
    for (Token token; words.size() < words_read && lexer.next(token);) {
        if (token.kind == TokenKind::Whitespace || token.kind == TokenKind::LineComment || token.kind == TokenKind::BlockComment)
            continue;
        std::string word;
        if (token.kind == TokenKind::Identifier || token.kind == TokenKind::Punctuation) {
            word = token.span.of(statement);
            std::transform(word.begin(), word.end(), word.begin(), [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
        }
        words.push_back(std::move(word));
    }
    return words;
}

class Words
{
public:
    explicit Words(std::string_view statement) : words_(firstWords(statement)) {}

    [[nodiscard]] bool start(std::initializer_list<std::string_view> wanted) const
    {
        return words_.size() >= wanted.size() && std::equal(wanted.begin(), wanted.end(), words_.begin());
    }
    [[nodiscard]] bool first(std::initializer_list<std::string_view> any) const
    {
        return !words_.empty() && std::find(any.begin(), any.end(), words_.front()) != any.end();
    }
    [[nodiscard]] bool have(std::string_view word) const { return std::find(words_.begin(), words_.end(), word) != words_.end(); }
    [[nodiscard]] bool havePair(std::string_view one, std::string_view two) const
    {
        for (std::size_t i = 1; i < words_.size(); ++i) {
            if (words_[i - 1] == one && words_[i] == two)
                return true;
        }
        return false;
    }
    /// The word at `at`, the options in parentheses behind the first one left out.
    [[nodiscard]] std::string_view afterOptions() const
    {
        std::size_t at = 1;
        if (at < words_.size() && words_[at] == "(") {
            while (at < words_.size() && words_[at] != ")")
                ++at;
            ++at;
        }
        return at < words_.size() ? std::string_view(words_[at]) : std::string_view();
    }
    [[nodiscard]] std::size_t size() const { return words_.size(); }

private:
    std::vector<std::string> words_;
};

bool isControl(const Words &words)
{
    return words.first({"BEGIN", "START", "COMMIT", "END", "ROLLBACK", "ABORT", "SAVEPOINT", "RELEASE"})
        || words.start({"PREPARE", "TRANSACTION"});
}

std::string commandOutside(const Words &words)
{
    if (words.start({"COMMIT", "PREPARED"}))
        return "COMMIT PREPARED";
    if (words.start({"ROLLBACK", "PREPARED"}))
        return "ROLLBACK PREPARED";
    if (words.start({"VACUUM"}))
        return "VACUUM";
    // Without a table it walks through all of them, a transaction each.
    if (words.start({"CLUSTER"}) && (words.size() == 1 || (words.size() == 2 && words.have("VERBOSE"))))
        return "CLUSTER";
    for (const char *kind : {"DATABASE", "TABLESPACE", "SUBSCRIPTION"}) {
        for (const char *verb : {"CREATE", "DROP"}) {
            if (words.start({verb, kind}))
                return std::string(verb) + " " + kind;
        }
    }
    if (words.start({"ALTER", "SYSTEM"}))
        return "ALTER SYSTEM";
    if (words.start({"ALTER", "DATABASE"}) && words.havePair("SET", "TABLESPACE"))
        return "ALTER DATABASE … SET TABLESPACE";
    if (words.start({"ALTER", "SUBSCRIPTION"}) && words.havePair("REFRESH", "PUBLICATION"))
        return "ALTER SUBSCRIPTION … REFRESH PUBLICATION";
    if (words.start({"DISCARD", "ALL"}))
        return "DISCARD ALL";
    if (words.start({"ALTER", "TABLE"}) && words.havePair("DETACH", "PARTITION") && words.have("CONCURRENTLY"))
        return "ALTER TABLE … DETACH PARTITION CONCURRENTLY";
    if (words.start({"CREATE", "INDEX", "CONCURRENTLY"}) || words.start({"CREATE", "UNIQUE", "INDEX", "CONCURRENTLY"}))
        return "CREATE INDEX CONCURRENTLY";
    if (words.start({"DROP", "INDEX", "CONCURRENTLY"}))
        return "DROP INDEX CONCURRENTLY";
    if (words.start({"REINDEX"})) {
        if (words.have("CONCURRENTLY"))
            return "REINDEX CONCURRENTLY";
        const std::string_view what = words.afterOptions();
        if (what == "DATABASE" || what == "SYSTEM" || what == "SCHEMA")
            return "REINDEX " + std::string(what);
    }
    return {};
}

} // namespace

BlockRule blockRule(std::string_view statement)
{
    const Words words(statement);
    if (std::string command = commandOutside(words); !command.empty())
        return {BlockRole::Outside, std::move(command)};
    return {isControl(words) ? BlockRole::Control : BlockRole::Inside, {}};
}

} // namespace howdah::sql
