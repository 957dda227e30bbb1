// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <cctype>
#include <set>

#include "core/migration/effects/script.h"
#include "core/sql/lexer.h"

namespace howdah::migration::effects {

namespace {

constexpr const char *unknown_name = "dynamic";

std::string upper(std::string_view word)
{
    std::string text(word);
    std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
    return text;
}

/// format()'s template with stand-ins for its arguments.
std::string formatted(const std::string &pattern, bool &is_dynamic)
{
    std::string text;
    for (std::size_t i = 0; i < pattern.size(); ++i) {
        if (pattern[i] != '%' || i + 1 == pattern.size()) {
            text += pattern[i];
            continue;
        }
        while (++i < pattern.size() && (std::isdigit(static_cast<unsigned char>(pattern[i])) != 0 || pattern[i] == '$' || pattern[i] == '-')) {
        }
        if (i < pattern.size() && pattern[i] == '%') {
            text += '%';
            continue;
        }
        text += i < pattern.size() && pattern[i] == 'L' ? "''" : unknown_name;
        is_dynamic = true;
    }
    return text;
}

/// The text that an expression makes, as far as it can be told.
std::string textOf(const Node &node, bool &is_dynamic)
{
    if (node.is("TypeCast"))
        return textOf(node.get("arg"), is_dynamic);
    if (node.is("A_Const") && node.get("sval").exists())
        return node.value();
    if (node.is("A_Expr") && node.names("name") == std::vector<std::string>{"||"})
        return textOf(node.get("lexpr"), is_dynamic) + textOf(node.get("rexpr"), is_dynamic);
    const auto function = node.is("FuncCall") ? node.names("funcname") : std::vector<std::string>();
    const auto arguments = node.list("args");
    if (!function.empty() && function.back() == "format" && !arguments.empty() && arguments[0].is("A_Const"))
        return formatted(arguments[0].value(), is_dynamic);
    if (!function.empty() && function.back() == "quote_literal") {
        is_dynamic = true;
        return "''";
    }
    is_dynamic = true;
    return unknown_name;
}

class CodeReader
{
public:
    explicit CodeReader(std::string_view code) : code_(code) {}

    std::vector<InnerStatement> read()
    {
        sql::Lexer lexer(code_);
        for (sql::Token token; lexer.next(token);)
            take(token);
        if (inside_)
            finish(); // the last statement of an SQL body needs no semicolon
        return std::move(found_);
    }

private:
    void take(const sql::Token &token)
    {
        if (token.kind == sql::TokenKind::Whitespace || token.kind == sql::TokenKind::LineComment || token.kind == sql::TokenKind::BlockComment)
            return;
        if (token.kind == sql::TokenKind::Semicolon) {
            if (inside_)
                finish();
            inside_ = false;
            at_start_ = true;
            return;
        }
        if (inside_) {
            span_.end = token.span.end;
            return;
        }
        static const std::set<std::string> openers{"BEGIN", "THEN", "ELSE", "LOOP", "DECLARE"};
        static const std::set<std::string> starts{"ALTER", "CREATE", "DROP", "TRUNCATE", "REINDEX", "LOCK", "REFRESH", "COMMENT", "CLUSTER", "VACUUM", "INSERT", "UPDATE",
                                                  "DELETE", "MERGE", "WITH", "EXECUTE", "SET", "COMMIT", "ROLLBACK", "PERFORM"};
        const std::string word = token.kind == sql::TokenKind::Identifier ? upper(token.span.of(code_)) : std::string();
        if (at_start_ && starts.count(word) > 0) {
            inside_ = true;
            is_execute_ = word == "EXECUTE";
            is_perform_ = word == "PERFORM";
            span_ = token.span;
        }
        at_start_ = openers.count(word) > 0 || token.span.of(code_) == ">>"; // a label ends so
    }

    void finish()
    {
        if (is_execute_) {
            executed();
        } else if (is_perform_) {
            add("SELECT" + std::string(span_.of(code_).substr(7)), span_, false);
        } else {
            add(std::string(span_.of(code_)), span_, false);
        }
    }

    /// EXECUTE expression [INTO …] [USING …]
    void executed()
    {
        const std::size_t begin = span_.begin.value + 7;
        std::size_t end = span_.end.value, first = end;
        int depth = 0;
        sql::Lexer lexer(code_.substr(0, end), {begin});
        for (sql::Token token; lexer.next(token);) {
            if (token.kind == sql::TokenKind::Whitespace || token.kind == sql::TokenKind::LineComment || token.kind == sql::TokenKind::BlockComment)
                continue;
            first = std::min(first, token.span.begin.value);
            const std::string_view text = token.span.of(code_);
            depth += text == "(" ? 1 : text == ")" ? -1 : 0;
            if (const std::string word = upper(text); depth == 0 && token.kind == sql::TokenKind::Identifier && (word == "INTO" || word == "USING")) {
                end = token.span.begin.value;
                break;
            }
        }
        if (first >= end)
            return;
        const ByteSpan argument{{first}, {end}};
        const auto tree = parseStatement("SELECT " + std::string(argument.of(code_)), 17);
        const auto targets = tree ? tree->root().list("targetList") : std::vector<Node>();
        if (targets.size() != 1)
            return;
        bool is_dynamic = false;
        const std::string text = textOf(targets[0].get("val"), is_dynamic);
        for (const sql::StatementSpan &statement : sql::splitStatements(text)) {
            if (statement.text.size() > 0 && !statement.psql_command)
                add(std::string(statement.text.of(text)), argument, is_dynamic);
        }
    }

    void add(std::string sql, ByteSpan span, bool is_dynamic) { found_.push_back({std::move(sql), span, is_dynamic}); }

    std::string_view code_;
    std::vector<InnerStatement> found_;
    ByteSpan span_;
    bool inside_ = false, at_start_ = true, is_execute_ = false, is_perform_ = false;
};

} // namespace

std::vector<InnerStatement> innerStatements(std::string_view code)
{
    return CodeReader(code).read();
}

} // namespace howdah::migration::effects
