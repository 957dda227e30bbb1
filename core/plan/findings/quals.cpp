// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/plan/findings/quals.h"

#include <algorithm>
#include <array>

#include "core/plan/text_lines.h"

namespace howdah::plan {

namespace {

bool isWord(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '$'
           || static_cast<unsigned char>(c) >= 0x80;
}

/// Offset behind a string, a quoted name or one character.
std::size_t step(std::string_view text, std::size_t at)
{
    if (text[at] != '\'' && text[at] != '"')
        return at + 1;
    const std::size_t end = text.find(text[at], at + 1);
    return end == std::string_view::npos ? text.size() : end + 1; // a doubled quote opens again at once
}

/// Offset behind the parenthesis that opens at `at`; npos when it stays open.
std::size_t closing(std::string_view text, std::size_t at)
{
    std::size_t depth = 0;
    while (at < text.size()) {
        if (text[at] == '(')
            ++depth;
        else if (text[at] == ')' && --depth == 0)
            return at + 1;
        at = step(text, at);
    }
    return std::string_view::npos;
}

std::string_view bare(std::string_view text)
{
    text = trimmed(text);
    while (text.starts_with('(') && closing(text, 0) == text.size())
        text = trimmed(text.substr(1, text.size() - 2));
    return text;
}

/// Parts between `word` at the outermost level.
std::vector<std::string_view> splitAt(std::string_view text, std::string_view word)
{
    std::vector<std::string_view> parts;
    std::size_t from = 0;
    for (std::size_t at = 0; at < text.size();) {
        if (text[at] == '(') {
            at = std::min(closing(text, at), text.size());
        } else if (text.substr(at, word.size()) == word) {
            parts.push_back(trimmed(text.substr(from, at - from)));
            at += word.size();
            from = at;
        } else {
            at = step(text, at);
        }
    }
    parts.push_back(trimmed(text.substr(std::min(from, text.size()))));
    return parts;
}

/// Takes "alias." away from names, so that an expression can stand in CREATE INDEX.
std::string withoutAliases(std::string_view text)
{
    std::string out;
    for (std::size_t at = 0; at < text.size();) {
        const bool name = isWord(text[at]) || text[at] == '"';
        if (!name) {
            const std::size_t next = step(text, at);
            out.append(text, at, next - at);
            at = next;
            continue;
        }
        std::size_t end = at;
        while (end < text.size() && (isWord(text[end]) || text[end] == '"'))
            end = text[end] == '"' ? step(text, end) : end + 1;
        const bool digit = text[at] >= '0' && text[at] <= '9';
        const bool qualifies =
            !digit && end + 1 < text.size() && text[end] == '.' && (isWord(text[end + 1]) || text[end + 1] == '"');
        // "pg_catalog.f(" is no column; a function keeps its schema.
        if (qualifies) {
            std::size_t after = end + 1;
            while (after < text.size() && (isWord(text[after]) || text[after] == '"'))
                after = text[after] == '"' ? step(text, after) : after + 1;
            if (after < text.size() && text[after] == '(') {
                out.append(text, at, after - at);
                at = after;
            } else {
                at = end + 1;
            }
            continue;
        }
        out.append(text, at, end - at);
        at = end;
    }
    return out;
}

bool isColumn(std::string_view text)
{
    if (text.empty() || (text[0] >= '0' && text[0] <= '9') || text[0] == '$')
        return false;
    std::size_t at = 0;
    while (at < text.size()) {
        if (text[at] == '"')
            at = step(text, at);
        else if (isWord(text[at]))
            ++at;
        else
            return false;
    }
    static constexpr std::array<std::string_view, 6> words{
        "true", "false", "NULL", "CURRENT_DATE", "CURRENT_TIMESTAMP", "CURRENT_USER"};
    return std::find(words.begin(), words.end(), text) == words.end();
}

/// No name of a column in it: literals, casts of them, parameters, results of InitPlans, calls without columns.
bool isConstant(std::string_view text)
{
    for (std::size_t at = 0; at < text.size();) {
        if (text[at] == '\'') {
            at = step(text, at);
        } else if (text.substr(at, 2) == "::") {
            at += 2;
            while (at < text.size()
                   && (isWord(text[at]) || text[at] == '"' || text[at] == ' ' || text[at] == '[' || text[at] == ']'))
                ++at; // a type's name, perhaps of several words
        } else if (text[at] == '(' && text.substr(at, 10) == "(InitPlan ") {
            at = std::min(closing(text, at), text.size());
            while (at < text.size() && (isWord(text[at]) || text[at] == '.'))
                ++at;
        } else if (text[at] == '"') {
            return false;
        } else if (isWord(text[at]) && !(text[at] >= '0' && text[at] <= '9') && text[at] != '$') {
            std::size_t end = at;
            while (end < text.size() && isWord(text[end]))
                ++end;
            const std::string_view word = text.substr(at, end - at);
            const bool call = end < text.size() && text[end] == '(';
            if (!call && word != "ANY" && word != "ARRAY" && word != "true" && word != "false" && word != "NULL"
                && !word.starts_with("CURRENT_") && word != "LOCALTIMESTAMP")
                return false;
            at = end;
        } else {
            ++at;
            while (at < text.size() && isWord(text[at]) && text[at - 1] != ' ' && isWord(text[at - 1]))
                ++at;
        }
    }
    return true;
}

} // namespace

std::vector<std::string_view> conjuncts(std::string_view qual)
{
    qual = bare(qual);
    if (qual.empty())
        return {};
    std::vector<std::string_view> parts = splitAt(qual, " AND ");
    // "x BETWEEN a AND b" is never printed: EXPLAIN has it as two comparisons.
    for (std::string_view &part : parts)
        part = bare(part);
    return parts;
}

bool isDisjunction(std::string_view qual)
{
    return splitAt(bare(qual), " OR ").size() > 1;
}

std::vector<std::string> disjunctColumns(std::string_view qual)
{
    std::vector<std::string> columns;
    for (const std::string_view part : splitAt(bare(qual), " OR ")) {
        const std::vector<std::string> own = indexColumns(readQuals(part));
        if (own.empty())
            return {};
        if (std::find(columns.begin(), columns.end(), own.front()) == columns.end())
            columns.push_back(own.front());
    }
    return columns;
}

std::string columnOf(std::string_view join_qual, std::string_view alias)
{
    for (const std::string_view part : conjuncts(join_qual)) {
        const std::vector<std::string_view> sides = splitAt(part, " = ");
        if (sides.size() != 2)
            continue;
        for (const std::string_view side : sides) {
            const std::string_view text = bare(side);
            if (text.size() > alias.size() + 1 && text.starts_with(alias) && text[alias.size()] == '.'
                && isColumn(text.substr(alias.size() + 1)))
                return std::string(text.substr(alias.size() + 1));
        }
    }
    return {};
}

Qual readQual(std::string_view condition)
{
    static constexpr std::array<std::string_view, 20> operators{
        " = ANY ", " <> ALL ", " <= ", " >= ", " <> ", " = ",  " < ", " > ",  " ~~* ",        " !~~ ",
        " ~~ ",    " ~* ",     " ~ ",  " @> ", " <@ ", " && ", " ? ", " @@ ", " IS NOT NULL", " IS NULL"};
    Qual qual;
    condition = bare(condition);
    std::string_view left = condition;
    std::string_view right;
    for (const std::string_view op : operators) {
        const std::vector<std::string_view> sides = splitAt(condition, op);
        if (sides.size() != 2)
            continue;
        qual.op = trimmed(op);
        left = sides[0];
        right = sides[1];
        break;
    }
    qual.constant = right;
    qual.against_constant = isConstant(right);
    if (!qual.against_constant && isConstant(left)) { // "5 < a"
        std::swap(left, right);
        qual.constant = right;
        qual.against_constant = true;
        if (qual.op.starts_with('<') && qual.op != "<>")
            qual.op[0] = '>';
        else if (qual.op.starts_with('>'))
            qual.op[0] = '<';
    }
    std::string expression = withoutAliases(left);
    std::string_view rest = bare(expression);
    // "(status)::text": a cast of a bare column.
    if (const std::vector<std::string_view> parts = splitAt(rest, "::");
        parts.size() == 2 && isColumn(bare(parts[0]))) {
        qual.column = bare(parts[0]);
        qual.cast = parts[1];
        qual.converts = qual.cast != "text" && qual.cast != "bpchar"; // what varchar is shown with
    } else if (isColumn(rest)) {
        qual.column = rest;
        if (qual.op.empty()) { // a boolean column alone
            qual.op.assign(1, '=');
            qual.constant.assign(std::string_view("true"));
            qual.against_constant = true;
        }
    }
    qual.expression = rest;
    return qual;
}

std::vector<Qual> readQuals(std::string_view qual)
{
    std::vector<Qual> quals;
    for (const std::string_view part : conjuncts(qual))
        quals.push_back(readQual(part));
    return quals;
}

std::vector<Qual> readQualsOf(std::string_view alias, std::string_view qual)
{
    const std::string prefix = std::string(alias) + ".";
    std::vector<Qual> quals;
    for (const std::string_view part : conjuncts(qual)) {
        Qual own = readQual(part);
        const std::string_view right = bare(own.constant);
        const std::size_t at = part.find(prefix);
        const bool mine_right = right.starts_with(prefix) && isColumn(right.substr(prefix.size()));
        const bool mine_left = at != std::string_view::npos && part.substr(0, at).find(' ') == std::string_view::npos;
        if (mine_right && !mine_left) {
            own.column = right.substr(prefix.size());
            own.expression = own.column;
            own.cast.clear();
            own.converts = false;
            if (own.op.starts_with('<') && own.op != "<>")
                own.op[0] = '>';
            else if (own.op.starts_with('>'))
                own.op[0] = '<';
        }
        own.against_constant = own.against_constant || mine_right != mine_left
                               || (part.find(prefix) == std::string_view::npos && !own.column.empty());
        quals.push_back(std::move(own));
    }
    return quals;
}

std::vector<std::string> indexColumns(const std::vector<Qual> &quals)
{
    std::vector<std::string> columns;
    std::vector<std::string> ranges;
    for (const Qual &qual : quals) {
        if (qual.column.empty() || !qual.against_constant || qual.converts)
            continue;
        const bool equal = qual.op == "=" || qual.op == "= ANY" || qual.op == "IS NULL";
        const bool range = qual.op == "<" || qual.op == ">" || qual.op == "<=" || qual.op == ">=";
        std::vector<std::string> &into = equal ? columns : ranges;
        if ((equal || range) && std::find(into.begin(), into.end(), qual.column) == into.end())
            into.push_back(qual.column);
    }
    for (const std::string &column : ranges) {
        if (std::find(columns.begin(), columns.end(), column) == columns.end()) {
            columns.push_back(column);
            break; // columns behind a range narrow nothing
        }
    }
    return columns;
}

} // namespace howdah::plan
