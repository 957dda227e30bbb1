// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/plan/sql_map_terms.h"

#include <algorithm>
#include <array>
#include <cctype>

#include <nlohmann/json.hpp>

#include "core/sql/lexer.h"

namespace howdah::plan {

namespace {

using Json = nlohmann::json;
using sql::Token;
using sql::TokenKind;

constexpr int deepest = 1000;

std::string lower(std::string_view text)
{
    std::string result(text);
    std::transform(result.begin(), result.end(), result.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return result;
}

std::string lastName(const Json &fields, std::string *qualifier = nullptr)
{
    std::vector<std::string> names;
    for (const Json &field : fields) {
        if (field.contains("String"))
            names.push_back(field["String"].value("sval", ""));
    }
    if (names.empty() || names.size() < fields.size())
        return {};
    if (qualifier != nullptr && names.size() > 1)
        *qualifier = names[names.size() - 2];
    return names.back();
}

void constant(const Json &value, SqlTerms &terms)
{
    if (value.contains("ival"))
        terms.values.insert(std::to_string(value["ival"].value("ival", 0)));
    else if (value.contains("fval"))
        terms.values.insert(value["fval"].value("fval", ""));
    else if (value.contains("sval"))
        terms.values.insert(value["sval"].value("sval", ""));
}

void collect(const Json &tree, SqlTerms &terms, int depth);

/// x IN (SELECT y …) becomes a join on x = y.
void subLink(const Json &link, SqlTerms &terms, int depth)
{
    if (link.contains("testexpr"))
        collect(link["testexpr"], terms, depth + 1);
    const Json target = link.value("/subselect/SelectStmt/targetList/0/ResTarget/val"_json_pointer, Json());
    if (link.value("subLinkType", "") == "ANY_SUBLINK" && target.is_object())
        collect(target, terms, depth + 1);
}

void collect(const Json &tree, SqlTerms &terms, int depth)
{
    if (depth > deepest || !tree.is_structured())
        return;
    if (tree.is_array()) {
        for (const Json &item : tree)
            collect(item, terms, depth + 1);
        return;
    }
    for (const auto &[key, value] : tree.items()) {
        if (key == "SubLink") {
            subLink(value, terms, depth);
        } else if (key == "ColumnRef" && value.contains("fields")) {
            std::string qualifier;
            const std::string name = lastName(value["fields"], &qualifier);
            if (!name.empty())
                terms.names.insert(name);
            if (!qualifier.empty())
                terms.qualifiers.insert(qualifier);
        } else if (key == "A_Const") {
            constant(value, terms);
        } else if (key == "ParamRef") {
            terms.values.insert("$" + std::to_string(value.value("number", 0)));
        } else if (key != "TypeName" && key != "typeName") {
            if (key == "FuncCall" && value.contains("funcname"))
                terms.names.insert(lastName(value["funcname"]));
            collect(value, terms, depth + 1);
        }
    }
}

bool isWord(const std::string &word)
{
    constexpr std::array words{"and", "or", "not", "is", "null", "any", "all", "case", "when", "then", "else", "end", "in", "like", "true", "false", "between",
                               "distinct", "from", "array", "row", "subplan", "initplan", "hashed", "returns", "alternatives", "collate", "exists", "at", "time", "zone"};
    return std::find(words.begin(), words.end(), word) != words.end();
}

/// '{1,2,3}' of = ANY is what was a list.
void addString(const std::string &value, SqlTerms &terms)
{
    if (!value.starts_with("{") || !value.ends_with("}")) {
        terms.values.insert(value);
        return;
    }
    std::string item;
    for (const char c : value.substr(1)) {
        if (c == ',' || c == '}') {
            terms.values.insert(item);
            item.clear();
        } else if (c != '"') {
            item += c;
        }
    }
}

std::vector<Token> tokensOf(std::string_view text)
{
    std::vector<Token> tokens;
    sql::Lexer lexer(text);
    Token token;
    while (lexer.next(token)) {
        if (token.kind != TokenKind::Whitespace && token.kind != TokenKind::LineComment && token.kind != TokenKind::BlockComment)
            tokens.push_back(token);
    }
    return tokens;
}

std::string unquoted(std::string_view text, char quote)
{
    std::string result;
    for (std::size_t i = text.find(quote) + 1; i + 1 < text.size(); ++i) {
        result += text[i];
        if (text[i] == quote)
            ++i;
    }
    return result;
}

bool isName(const Token &token)
{
    return token.kind == TokenKind::Identifier || token.kind == TokenKind::QuotedIdentifier;
}

double jaccard(const std::set<std::string> &a, const std::set<std::string> &b)
{
    if (a.empty() && b.empty())
        return 1;
    std::size_t common = 0;
    for (const std::string &item : a) {
        // Dates come back with their time, numbers with their scale.
        common += std::any_of(b.begin(), b.end(), [&](const std::string &other) {
                      return item == other || (item.size() >= 8 && other.starts_with(item)) || (other.size() >= 8 && item.starts_with(other));
                  })
            ? 1U
            : 0U;
    }
    return static_cast<double>(common) / static_cast<double>(std::max(a.size() + b.size() - common, std::size_t{1}));
}

/// LIKE 'abc%' reads an index from 'abc' on to 'abd'.
bool startAlike(const std::set<std::string> &printed, const std::set<std::string> &written)
{
    return std::any_of(written.begin(), written.end(), [&](const std::string &pattern) {
        const std::string start = pattern.substr(0, pattern.find_first_of("%_"));
        return start.size() < pattern.size() && start.size() > 1 && std::any_of(printed.begin(), printed.end(), [&](const std::string &value) {
                   return value.substr(0, start.size() - 1) == start.substr(0, start.size() - 1);
               });
    });
}

bool sameAlias(const std::string &printed, const std::string &written)
{
    return printed == written || baseAlias(printed) == written;
}

} // namespace

SqlTerms termsOf(const nlohmann::json &expression)
{
    SqlTerms terms;
    collect(expression, terms, 0);
    return terms;
}

SqlTerms termsOf(std::string_view printed)
{
    SqlTerms terms;
    const std::vector<Token> tokens = tokensOf(printed);
    for (std::size_t i = 0; i < tokens.size(); ++i) {
        const std::string_view text = tokens[i].span.of(printed);
        if (text == "::") { // a type's words, its modifier and brackets
            while (i + 1 < tokens.size() && (isName(tokens[i + 1]) || tokens[i + 1].span.of(printed) == ".") && !isWord(lower(tokens[i + 1].span.of(printed))))
                ++i;
        } else if (tokens[i].kind == TokenKind::String) {
            addString(unquoted(text, '\''), terms);
        } else if (tokens[i].kind == TokenKind::Number) {
            // Of "SubPlan 1" and the like the number is no constant.
            const std::string before = i > 0 ? lower(tokens[i - 1].span.of(printed)) : "";
            if (before != "subplan" && before != "initplan")
                terms.values.insert(std::string(text));
        } else if (tokens[i].kind == TokenKind::Parameter) {
            terms.values.insert(std::string(text));
        } else if (isName(tokens[i])) {
            const bool quoted = tokens[i].kind == TokenKind::QuotedIdentifier;
            const std::string name = quoted ? unquoted(text, '"') : lower(text);
            const bool qualifies = i + 1 < tokens.size() && tokens[i + 1].span.of(printed) == ".";
            if (qualifies)
                terms.qualifiers.insert(name);
            else if (quoted || !isWord(name))
                terms.names.insert(name);
        }
    }
    return terms;
}

std::vector<std::string> conjunctsOf(std::string_view printed)
{
    std::vector<std::string> parts;
    std::vector<std::string_view> open{printed};
    while (!open.empty() && parts.size() < 1000) {
        std::string_view text = open.back();
        open.pop_back();
        const std::vector<Token> tokens = tokensOf(text);
        int depth = 0;
        bool wrapped = !tokens.empty() && tokens.front().span.of(text) == "(";
        std::size_t begin = 0;
        std::vector<std::string_view> pieces;
        for (std::size_t i = 0; i < tokens.size(); ++i) {
            const std::string_view word = tokens[i].span.of(text);
            depth += word == "(" ? 1 : word == ")" ? -1 : 0;
            if (depth == 0 && i + 1 < tokens.size())
                wrapped = false;
            if (depth == 0 && tokens[i].kind == TokenKind::Identifier && lower(word) == "and") {
                pieces.push_back(text.substr(begin, tokens[i].span.begin.value - begin));
                begin = tokens[i].span.end.value;
            }
        }
        if (!pieces.empty()) {
            pieces.push_back(text.substr(begin));
            open.insert(open.end(), pieces.rbegin(), pieces.rend());
        } else if (wrapped && tokens.size() > 2) {
            const std::size_t from = tokens.front().span.end.value;
            open.push_back(text.substr(from, tokens.back().span.begin.value - from));
        } else if (!tokens.empty()) {
            parts.emplace_back(text);
        }
    }
    return parts;
}

std::string baseAlias(const std::string &alias)
{
    const std::size_t end = alias.find_last_not_of("0123456789");
    if (end == std::string::npos || end + 1 == alias.size() || alias[end] != '_' || end == 0)
        return alias;
    return alias.substr(0, end);
}

double likeness(const SqlTerms &printed, const SqlTerms &piece, const std::string &alias)
{
    if (printed.names.empty() && piece.names.empty() && printed.values.empty() && piece.values.empty())
        return -1;
    const double names = jaccard(printed.names, piece.names);
    const double values = jaccard(printed.values, piece.values);
    // One side without constants is a parameter or a sub-select; with other constants it is another condition.
    const bool both = !printed.values.empty() && !piece.values.empty();
    if (names < 0.5 || (values == 0 && (names < 1 || (both && !startAlike(printed.values, piece.values)))))
        return -1;
    double score = 4 * names + 2 * values;
    std::set<std::string> told = printed.qualifiers;
    if (!alias.empty())
        told.insert(alias);
    if (piece.qualifiers.empty() || told.empty())
        return score;
    const auto known = static_cast<double>(std::count_if(piece.qualifiers.begin(), piece.qualifiers.end(), [&](const std::string &written) {
        return std::any_of(told.begin(), told.end(), [&](const std::string &name) { return sameAlias(name, written); });
    }));
    return score + 3 * known / static_cast<double>(std::max(piece.qualifiers.size(), told.size())) - 1;
}

} // namespace howdah::plan
