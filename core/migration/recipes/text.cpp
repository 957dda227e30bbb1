// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/migration/recipes/text.h"

#include <algorithm>

#include <fmt/format.h>

#include "core/migration/effects/tree.h"
#include "core/sql/lexer.h"
#include "core/sql/quote.h"

namespace howdah::migration::recipes {

using effects::Node;

std::string objectName(std::string_view purpose, std::initializer_list<std::string_view> parts)
{
    std::string name = "howdah_" + std::string(purpose);
    for (const std::string_view part : parts)
        name.append("_").append(part);
    constexpr std::size_t longest = 63;
    if (name.size() <= longest)
        return name;
    std::uint32_t hash = 2166136261U; // FNV-1a: the same name every time
    for (const char c : name)
        hash = (hash ^ static_cast<unsigned char>(c)) * 16777619U;
    std::size_t cut = longest - 9;
    while (cut > 0 && (static_cast<unsigned char>(name[cut]) & 0xC0U) == 0x80U)
        --cut; // never within a character
    return fmt::format("{}_{:08x}", name.substr(0, cut), hash);
}

std::string trimmed(std::string_view text)
{
    const auto blank = [](char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f'; };
    while (!text.empty() && blank(text.front()))
        text.remove_prefix(1);
    while (!text.empty() && blank(text.back()))
        text.remove_suffix(1);
    return std::string(text);
}

std::vector<WordAt> wordsOf(std::string_view sql)
{
    std::vector<WordAt> words;
    sql::Lexer lexer(sql);
    for (sql::Token token; lexer.next(token);) {
        if (token.kind == sql::TokenKind::Whitespace || token.kind == sql::TokenKind::LineComment || token.kind == sql::TokenKind::BlockComment)
            continue;
        WordAt word{std::string(token.span.of(sql)), token.span, false, false};
        if (token.kind == sql::TokenKind::Identifier) {
            word.is_name = true;
            std::transform(word.text.begin(), word.text.end(), word.text.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
        } else if (token.kind == sql::TokenKind::QuotedIdentifier && word.text.size() >= 2 && word.text.front() == '"') {
            word.is_name = word.quoted = true;
            std::string inner;
            for (std::size_t i = 1; i + 1 < word.text.size(); ++i) {
                inner += word.text[i];
                if (word.text[i] == '"')
                    ++i;
            }
            word.text = std::move(inner);
        }
        words.push_back(std::move(word));
    }
    return words;
}

namespace {

int depthOf(const WordAt &word)
{
    if (word.is_name)
        return 0;
    if (word.text == "(" || word.text == "[")
        return 1;
    return word.text == ")" || word.text == "]" ? -1 : 0;
}

bool is(const std::vector<WordAt> &words, std::size_t at, std::string_view text)
{
    return at < words.size() && !words[at].quoted && words[at].text == text;
}

/// Behind the parenthesis that closes the one at `at`.
std::size_t behind(const std::vector<WordAt> &words, std::size_t at)
{
    int depth = 0;
    for (; at < words.size(); ++at) {
        depth += depthOf(words[at]);
        if (depth == 0)
            return at + 1;
    }
    return words.size();
}

/// Behind a name with its schema.
std::size_t behindName(const std::vector<WordAt> &words, std::size_t at)
{
    ++at;
    while (is(words, at, ".") && at + 1 < words.size())
        at += 2;
    return at;
}

struct Exchange {
    ByteSpan span;
    std::string text;
};

std::string exchanged(std::string_view sql, std::vector<Exchange> all)
{
    std::sort(all.begin(), all.end(), [](const Exchange &a, const Exchange &b) { return a.span.begin.value < b.span.begin.value; });
    std::string out;
    std::size_t at = 0;
    for (const Exchange &one : all) {
        out += sql.substr(at, one.span.begin.value - at);
        out += one.text;
        at = one.span.end.value;
    }
    out += sql.substr(at);
    return out;
}

} // namespace

AlterTableText cutAlterTable(std::string_view statement)
{
    AlterTableText cut;
    const auto words = wordsOf(statement);
    std::size_t at = 0;
    while (at < words.size() && !is(words, at, "table") && !is(words, at, "index") && !is(words, at, "view") && !is(words, at, "sequence"))
        ++at;
    ++at;
    if (is(words, at, "if"))
        at += 2;
    if (is(words, at, "only"))
        ++at;
    if (at >= words.size())
        return cut;
    at = behindName(words, at);
    if (is(words, at, "*"))
        ++at;
    cut.head = {words.front().span.begin, words[at - 1].span.end};
    int depth = 0;
    std::size_t first = at;
    for (; at < words.size(); ++at) {
        depth += depthOf(words[at]);
        if (depth == 0 && is(words, at, ",")) {
            cut.commands.push_back({words[first].span.begin, words[at - 1].span.end});
            first = at + 1;
        }
    }
    if (first < words.size())
        cut.commands.push_back({words[first].span.begin, words.back().span.end});
    return cut;
}

std::vector<std::string> cutList(std::string_view sql)
{
    std::vector<std::string> all;
    int depth = 0;
    std::size_t begin = 0;
    for (const WordAt &word : wordsOf(sql)) {
        depth += depthOf(word);
        if (!word.quoted && word.text == "case")
            ++depth;
        if (!word.quoted && word.text == "end" && depth > 0)
            --depth;
        if (depth == 0 && word.text == "," && !word.is_name) {
            all.push_back(trimmed(sql.substr(begin, word.span.begin.value - begin)));
            begin = word.span.end.value;
        }
    }
    if (const std::string last = trimmed(sql.substr(begin)); !last.empty())
        all.push_back(last);
    return all;
}

namespace {

/// Every reference to a column: its name and where it stands, table's name included.
std::vector<std::pair<std::string, ByteSpan>> references(std::string_view expression)
{
    const std::string before = "SELECT (";
    const std::string sql = before + std::string(expression) + "\n)";
    std::vector<std::pair<std::string, ByteSpan>> found;
    const auto tree = effects::parseStatement(sql, 18);
    if (!tree)
        return found;
    const auto words = wordsOf(sql);
    effects::walk(*tree->document, [&](const std::string &kind, const nlohmann::json &value) {
        if (kind != "ColumnRef")
            return;
        const Node reference(value);
        const auto fields = reference.list("fields");
        if (fields.empty() || fields.back().is("A_Star"))
            return;
        const auto at = static_cast<std::size_t>(reference.number("location"));
        for (std::size_t i = 0; i < words.size(); ++i) {
            if (words[i].span.begin.value != at)
                continue;
            const std::size_t last = std::min(i + 2 * (fields.size() - 1), words.size() - 1);
            found.emplace_back(fields.back().value(), ByteSpan{{at - before.size()}, {words[last].span.end.value - before.size()}});
        }
    });
    return found;
}

} // namespace

std::string withColumns(std::string_view expression, const ColumnText &text)
{
    std::vector<Exchange> all;
    for (const auto &[column, span] : references(expression)) {
        if (const std::string other = text(column); other != column)
            all.push_back({span, other});
    }
    return exchanged(expression, std::move(all));
}

std::vector<std::string> columnsOf(std::string_view expression)
{
    std::vector<std::string> all;
    for (const auto &[column, span] : references(expression)) {
        if (std::find(all.begin(), all.end(), column) == all.end())
            all.push_back(column);
    }
    return all;
}

std::string constraintWithColumns(std::string_view definition, const std::map<std::string, std::string> &renamed)
{
    const auto words = wordsOf(definition);
    const auto other = [&](const std::string &column) {
        const auto found = renamed.find(column);
        return found == renamed.end() ? column : sql::quoteIdentifier(found->second);
    };
    std::vector<Exchange> all;
    if (is(words, 0, "check") && is(words, 1, "(")) {
        const std::size_t end = behind(words, 1);
        const ByteSpan inside{words[1].span.end, words[end - 1].span.begin};
        all.push_back({inside, withColumns(inside.of(definition), other)});
        return exchanged(definition, std::move(all));
    }
    const auto names = [&](std::size_t open) { // a plain list of columns
        for (std::size_t at = open; at < behind(words, open); ++at) {
            if (words[at].is_name && renamed.count(words[at].text) > 0)
                all.push_back({words[at].span, other(words[at].text)});
        }
    };
    bool first = true;
    for (std::size_t at = 0; at < words.size(); ++at) {
        const bool set_list = at > 0 && (is(words, at - 1, "null") || is(words, at - 1, "default"));
        if (is(words, at, "(") && (first || set_list)) {
            names(at);
            first = false;
        }
    }
    return exchanged(definition, std::move(all));
}

std::string referencesWithColumns(std::string_view definition, const std::map<std::string, std::string> &renamed)
{
    const auto words = wordsOf(definition);
    std::vector<Exchange> all;
    std::size_t at = 0;
    while (at < words.size() && !is(words, at, "references"))
        ++at;
    while (at < words.size() && !is(words, at, "("))
        ++at;
    for (const std::size_t end = behind(words, at); at < end; ++at) {
        if (const auto found = words[at].is_name ? renamed.find(words[at].text) : renamed.end(); found != renamed.end())
            all.push_back({words[at].span, sql::quoteIdentifier(found->second)});
    }
    return exchanged(definition, std::move(all));
}

std::string filled(std::string_view text, std::string_view with)
{
    std::string out;
    for (std::size_t at = 0; at < text.size();) {
        if (text.substr(at, 2) == "{}") {
            out += with;
            at += 2;
        } else {
            out += text[at++];
        }
    }
    return out;
}

IndexText cutCreateIndex(std::string_view statement)
{
    IndexText cut;
    const auto words = wordsOf(statement);
    std::size_t at = 1;
    if (is(words, at, "unique")) {
        cut.unique = true;
        ++at;
    }
    ++at; // INDEX
    if (is(words, at, "concurrently"))
        ++at;
    if (is(words, at, "if"))
        at += 3;
    if (at < words.size() && !is(words, at, "on")) {
        cut.name = words[at].text;
        ++at;
    }
    ++at; // ON
    if (is(words, at, "only")) {
        cut.only = true;
        ++at;
    }
    if (at >= words.size())
        return cut;
    const std::size_t table = at;
    at = behindName(words, at);
    cut.table = ByteSpan{words[table].span.begin, words[at - 1].span.end}.of(statement);
    if (is(words, at, "using") && at + 1 < words.size()) {
        cut.method = std::string(ByteSpan{words[at].span.begin, words[at + 1].span.end}.of(statement)) + " ";
        at += 2;
    }
    if (at < words.size())
        cut.tail = statement.substr(words[at].span.begin.value);
    return cut;
}

std::string tailWithColumns(std::string_view tail, const std::map<std::string, std::string> &renamed)
{
    const auto words = wordsOf(tail);
    const auto other = [&](const std::string &column) {
        const auto found = renamed.find(column);
        return found == renamed.end() ? column : sql::quoteIdentifier(found->second);
    };
    std::vector<Exchange> all;
    const auto expression = [&](std::size_t first, std::size_t end) {
        const ByteSpan span{words[first].span.begin, words[end - 1].span.end};
        all.push_back({span, withColumns(span.of(tail), other)});
    };
    const auto element = [&](std::size_t at) {
        if (at >= words.size())
            return;
        if (is(words, at, "("))
            expression(at, behind(words, at));
        else if (is(words, at + 1, "(") || is(words, at + 1, ".")) // a function's call
            expression(at, behind(words, is(words, at + 1, "(") ? at + 1 : behindName(words, at)));
        else if (words[at].is_name && renamed.count(words[at].text) > 0)
            all.push_back({words[at].span, other(words[at].text)});
    };
    const auto list = [&](std::size_t open) {
        const std::size_t end = behind(words, open);
        int depth = 0;
        element(open + 1);
        for (std::size_t at = open; at + 1 < end; ++at) {
            depth += depthOf(words[at]);
            if (depth == 1 && is(words, at, ","))
                element(at + 1);
        }
    };
    if (!is(words, 0, "("))
        return std::string(tail);
    list(0);
    for (std::size_t at = behind(words, 0); at < words.size(); ++at) {
        if (is(words, at, "include") && is(words, at + 1, "(")) {
            list(at + 1);
            at = behind(words, at + 1) - 1;
        } else if (is(words, at, "where") && at + 1 < words.size()) {
            expression(at + 1, words.size());
            break;
        } else if (is(words, at, "(")) {
            at = behind(words, at) - 1;
        }
    }
    return exchanged(tail, std::move(all));
}

} // namespace howdah::migration::recipes
