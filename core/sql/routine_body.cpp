// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/sql/routine_body.h"

#include <algorithm>
#include <cctype>

#include "core/sql/lexer.h"

namespace howdah::sql {

namespace {

std::string lower(std::string_view text)
{
    std::string out(text);
    std::transform(out.begin(), out.end(), out.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return out;
}

std::vector<Token> wordsOf(std::string_view script, ByteSpan statement)
{
    std::vector<Token> tokens;
    Lexer lexer(script.substr(0, statement.end.value), statement.begin);
    for (Token token; lexer.next(token);) {
        if (token.kind != TokenKind::Whitespace && token.kind != TokenKind::LineComment && token.kind != TokenKind::BlockComment)
            tokens.push_back(token);
    }
    return tokens;
}

class Reader
{
public:
    Reader(std::string_view script, ByteSpan statement) : script_(script), tokens_(wordsOf(script, statement)) {}

    std::optional<RoutineBody> read()
    {
        RoutineBody body;
        const bool block = is(0, "do");
        if (block) {
            body.name = "inline_code_block";
        } else if (!readHead(body)) {
            return {};
        }
        const Token *code = block ? firstString() : stringAfterAs();
        if (code == nullptr)
            return {};
        take(*code, body);
        return body;
    }

private:
    [[nodiscard]] bool is(std::size_t at, std::string_view word) const
    {
        return at < tokens_.size() && tokens_[at].kind != TokenKind::QuotedIdentifier && lower(of(at)) == word;
    }
    [[nodiscard]] std::string_view of(std::size_t at) const { return tokens_[at].span.of(script_); }

    [[nodiscard]] std::string nameAt(std::size_t at) const
    {
        if (tokens_[at].kind != TokenKind::QuotedIdentifier)
            return lower(of(at));
        std::string name;
        const std::string_view quoted = of(at);
        for (std::size_t i = 1; i + 1 < quoted.size(); ++i) {
            name += quoted[i];
            if (quoted[i] == '"')
                ++i;
        }
        return name;
    }

    bool readHead(RoutineBody &body)
    {
        std::size_t at = 1;
        if (!is(0, "create"))
            return false;
        if (is(at, "or"))
            at += 2;
        const bool procedure = is(at, "procedure");
        if (!procedure && !is(at, "function"))
            return false;
        for (++at; at < tokens_.size() && !is(at, "("); ++at) {
            if (tokens_[at].kind == TokenKind::Identifier || tokens_[at].kind == TokenKind::QuotedIdentifier)
                body.name = nameAt(at);
        }
        countArguments(at, procedure, body);
        return !body.name.empty();
    }

    void countArguments(std::size_t open, bool procedure, RoutineBody &body) const
    {
        int depth = 0;
        bool begins = true;
        for (std::size_t at = open; at < tokens_.size(); ++at) {
            const std::string_view word = of(at);
            if (word == "(" || word == "[") {
                ++depth;
            } else if (word == ")" || word == "]") {
                if (--depth == 0)
                    return;
            } else if (word == "," && depth == 1) {
                begins = true;
            } else if (begins) {
                begins = false;
                body.arguments += procedure || !is(at, "out") ? 1 : 0;
            }
        }
    }

    [[nodiscard]] static bool isString(const Token &token)
    {
        return (token.kind == TokenKind::String || token.kind == TokenKind::DollarString) && token.terminated;
    }
    [[nodiscard]] const Token *firstString() const
    {
        for (std::size_t at = 1; at < tokens_.size(); ++at) {
            if (isString(tokens_[at]) && !is(at - 1, "language"))
                return &tokens_[at];
        }
        return nullptr;
    }
    [[nodiscard]] const Token *stringAfterAs() const
    {
        for (std::size_t at = 1; at < tokens_.size(); ++at) {
            // A second string after a comma is a C function's symbol, the first one then a file.
            if (isString(tokens_[at]) && is(at - 1, "as") && !is(at + 1, ","))
                return &tokens_[at];
        }
        return nullptr;
    }

    void take(const Token &code, RoutineBody &body) const
    {
        const std::string_view raw = code.span.of(script_);
        const std::size_t begin = code.span.begin.value;
        const auto put = [&body](char c, std::size_t place) {
            body.text += c;
            body.places.push_back(place);
        };
        std::size_t at = 0, end = raw.size();
        if (code.kind == TokenKind::DollarString) {
            at = raw.find('$', 1) + 1;
            end = raw.size() - at;
            for (; at < end; ++at)
                put(raw[at], begin + at);
        } else {
            at = raw.find('\'') + 1;
            const bool escapes = raw[0] == 'e' || raw[0] == 'E';
            for (--end; at < end; ++at) {
                const std::size_t place = begin + at;
                char c = raw[at];
                if (c == '\'') {
                    ++at;
                } else if (escapes && c == '\\' && at + 1 < end) {
                    c = raw[++at];
                    c = c == 'n' ? '\n' : c == 't' ? '\t' : c == 'r' ? '\r' : c;
                }
                put(c, place);
            }
        }
        body.places.push_back(begin + end);
    }

    std::string_view script_;
    std::vector<Token> tokens_;
};

} // namespace

ByteOffset RoutineBody::inScript(ByteOffset at) const
{
    return {places[std::min(at.value, places.size() - 1)]};
}

std::optional<RoutineBody> routineBody(std::string_view script, ByteSpan statement)
{
    return Reader(script, statement).read();
}

} // namespace howdah::sql
