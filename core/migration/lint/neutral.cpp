// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/migration/lint/neutral.h"

#include <algorithm>
#include <cctype>

#include "core/sql/copy_data.h"
#include "core/sql/lexer.h"
#include "core/sql/parameters.h"

namespace howdah::migration::linting {

namespace {

/// Data may hold what looks like texts and comments.
void blankCopyData(std::string &text)
{
    for (const sql::StatementSpan &statement : sql::splitStatements(text)) {
        const auto data = sql::copyDataOf(statement, text);
        const std::size_t begin = statement.text.begin.value, end = begin + (data ? data->size() : 0);
        for (std::size_t i = begin; i < end; ++i)
            text[i] = text[i] == '\n' ? '\n' : ' ';
    }
}

class StandIns
{
public:
    explicit StandIns(NeutralText &into) : into_(into) {}

    /// A name of that many bytes; the same one for the same placeholder.
    std::string of(const std::string &placeholder)
    {
        for (const auto &[name, original] : into_.stand_ins) {
            if (original == placeholder)
                return name;
        }
        const std::size_t number = into_.stand_ins.size();
        std::string name{'p', static_cast<char>('a' + number / 26 % 26), static_cast<char>('a' + number % 26)};
        name.resize(placeholder.size(), '_');
        into_.stand_ins.emplace_back(name, placeholder);
        return name;
    }

private:
    NeutralText &into_;
};

/// ${name}, as Flyway and shells have it.
void namePlaceholders(NeutralText &into)
{
    std::string &text = into.text;
    StandIns names(into);
    std::size_t from = text.find("${");
    while (from != std::string::npos) {
        const std::size_t end = text.find_first_of("}\n", from);
        if (end == std::string::npos)
            return;
        if (text[end] == '}' && end - from >= 3) {
            const std::string placeholder = text.substr(from, end + 1 - from);
            text.replace(from, placeholder.size(), names.of(placeholder));
        }
        from = text.find("${", end);
    }
}

/// :"name": without its colon it is the identifier that it will be.
void nameIdentifiers(std::string &text, ByteSpan statement)
{
    sql::Lexer lexer(std::string_view(text).substr(0, statement.end.value), statement.begin);
    std::size_t colon = std::string::npos;
    int brackets = 0; // of a slice
    std::vector<std::size_t> found;
    for (sql::Token token; lexer.next(token);) {
        const std::string_view word = token.span.of(text);
        brackets += word == "[" ? 1 : word == "]" ? -1 : 0;
        if (token.kind == sql::TokenKind::QuotedIdentifier && colon + 1 == token.span.begin.value && colon != std::string::npos && brackets == 0)
            found.push_back(colon);
        colon = word == ":" ? token.span.begin.value : std::string::npos;
    }
    for (const std::size_t at : found)
        text[at] = ' ';
}

/// :name, :'name' and :"name" of psql.
void nameVariables(NeutralText &into)
{
    if (into.text.find(':') == std::string::npos)
        return;
    for (const sql::StatementSpan &statement : sql::splitStatements(into.text)) {
        if (statement.psql_command || statement.text.size() == 0)
            continue;
        nameIdentifiers(into.text, statement.text);
        const std::string source(statement.text.of(into.text));
        for (const sql::ParameterUse &use : sql::parametersOf(source)) {
            const std::size_t at = statement.text.begin.value + use.span.begin.value, size = use.span.size();
            if (size < 2 || into.text[at] != ':')
                continue;
            std::string instead = into.text.substr(at + 1, size - 1);
            if (instead.front() != '\'' && instead.front() != '"')
                instead = "v" + std::string(size - 2, '_'); // the name itself may be a keyword
            into.text.replace(at, size, " " + instead);
        }
    }
}

} // namespace

std::string NeutralText::restored(std::string changed) const
{
    for (const auto &[name, original] : stand_ins) {
        for (std::size_t at = changed.find(name); at != std::string::npos; at = changed.find(name, at + original.size()))
            changed.replace(at, name.size(), original);
    }
    return changed;
}

NeutralText neutral(std::string_view script)
{
    NeutralText into;
    into.text = script;
    if (script.find("\n\\.") != std::string_view::npos)
        blankCopyData(into.text);
    namePlaceholders(into);
    nameVariables(into);
    return into;
}

} // namespace howdah::migration::linting
