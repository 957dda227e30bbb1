// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/sql/format/words.h"

#include <algorithm>
#include <array>

#include "core/sql/keywords.h"

namespace howdah::sql::format_detail {

namespace {

template <std::size_t N> bool isOneOf(const std::array<std::string_view, N> &sorted, std::string_view word)
{
    return std::ranges::binary_search(sorted, word);
}

/// Keywords that are called like functions or name a type: no blank before their parenthesis, and their case is the
/// writer's, like that of other functions and types.
constexpr std::array<std::string_view, 56> like_names{
    "bigint",        "bit",          "boolean",      "cast",         "char",      "character",   "coalesce", "dec",
    "decimal",       "extract",      "float",        "greatest",     "grouping",  "int",         "integer",  "interval",
    "json",          "json_array",   "json_arrayagg", "json_exists", "json_object", "json_objectagg", "json_query",
    "json_scalar",   "json_serialize", "json_table", "json_value",   "least",     "left",        "merge_action", "national", "nchar",
    "normalize",     "nullif",       "numeric",      "overlay",      "position",  "precision",   "real",     "right",
    "row",           "smallint",     "substring",    "time",         "timestamp", "treat",       "trim",     "varchar",
    "xmlattributes", "xmlconcat",    "xmlelement",   "xmlexists",    "xmlforest", "xmlparse",    "xmlpi",    "xmltable"};
static_assert(std::ranges::is_sorted(like_names));

constexpr std::array<std::string_view, 21> types{
    "bigint", "bit", "boolean", "char", "character", "dec", "decimal", "float", "int", "integer", "interval",
    "json", "national", "nchar", "numeric", "precision", "real", "smallint", "time", "timestamp", "varchar"};
static_assert(std::ranges::is_sorted(types));

/// Keywords written close to their parenthesis all the same.
constexpr std::array<std::string_view, 5> close_keywords{"all", "any", "cube", "rollup", "some"};

/// Words that are no keywords to isKeyword() but stand before a list, not before arguments.
constexpr std::array<std::string_view, 14> before_lists{"columns", "filter", "hash", "identity", "include", "key",
                                                        "list",    "of",     "options", "privileges", "range", "sets",
                                                        "statistics", "within"};
static_assert(std::ranges::is_sorted(before_lists));

/// What stands before a name that a list of columns may follow.
constexpr std::array<std::string_view, 8> before_named_lists{"as", "exists", "into", "recursive", "references", "table", "view", "with"};
static_assert(std::ranges::is_sorted(before_named_lists));

std::string inCase(std::string_view text, bool upper)
{
    std::string result(text);
    std::ranges::transform(result, result.begin(), [upper](char c) {
        if (upper)
            return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    return result;
}

bool isName(const Word &word)
{
    return word.kind == TokenKind::QuotedIdentifier || (word.kind == TokenKind::Identifier && !word.keyword);
}

/// Where the qualified name that ends at `at` begins.
std::size_t nameBegin(const std::vector<Word> &words, std::size_t at)
{
    while (at >= 2 && words[at - 1].isMark('.') && words[at - 2].kind != TokenKind::Punctuation)
        at -= 2;
    return at;
}

bool listsColumns(const std::vector<Word> &words, std::size_t at, bool is_index)
{
    const std::size_t begin = nameBegin(words, at);
    if (begin == 0)
        return false;
    const Word &before = words[begin - 1];
    if (before.kind != TokenKind::Identifier)
        return false;
    return isOneOf(before_named_lists, before.lower) || (is_index && (before.is("on") || before.is("using")));
}

/// Keywords get their case where they stand as keywords: not as a part of a qualified name, not called, no type.
void setCase(std::vector<Word> &words, KeywordCase keywords)
{
    for (std::size_t i = 0; i < words.size(); ++i) {
        Word &word = words[i];
        if (!word.keyword || keywords == KeywordCase::Keep || (isOneOf(types, word.lower) && !word.paired))
            continue;
        const bool qualified = (i > 0 && words[i - 1].isMark('.')) || (i + 1 < words.size() && words[i + 1].isMark('.'));
        const bool called = i + 1 < words.size() && words[i + 1].isMark('(') && isOneOf(like_names, word.lower);
        if (!qualified && !called)
            word.text = inCase(word.text, keywords == KeywordCase::Upper);
    }
}

/// Words that are keywords only beside each other.
struct Pair {
    std::string_view first, second;
};
constexpr Pair pairs[] = {
    {"primary", "key"},     {"foreign", "key"},      {"nulls", "first"},     {"nulls", "last"},    {"current", "row"},
    {"and", "current"},     {"between", "current"},  {"rows", "between"},    {"range", "between"}, {"groups", "between"},
    {"rows", "unbounded"},  {"range", "unbounded"},  {"skip", "locked"},     {"for", "share"},     {"update", "of"},
    {"update", "nowait"},   {"generated", "always"}, {"generated", "by"},    {"always", "as"},     {"as", "identity"},
    {"for", "each"},        {"each", "row"},         {"each", "statement"},  {"before", "insert"}, {"before", "update"},
    {"before", "delete"},   {"after", "insert"},     {"after", "update"},    {"after", "delete"},  {"instead", "of"},
    {"at", "time"},         {"within", "group"},     {"security", "definer"}, {"security", "invoker"}, {"row", "level"},
    {"level", "security"},  {"no", "action"},        {"comment", "on"},      {"with", "ties"},     {"rows", "only"},
    {"row", "only"},        {"ordinality", "as"},    {"with", "ordinality"}, {"partition", "of"},
};

void markPairs(std::vector<Word> &words)
{
    for (std::size_t i = 0; i + 1 < words.size(); ++i) {
        for (const Pair &pair : pairs) {
            if (!words[i].is(pair.first) || !words[i + 1].is(pair.second))
                continue;
            words[i].keyword = words[i].paired = true;
            words[i + 1].keyword = words[i + 1].paired = true;
        }
    }
}

/// A value may have ended with this word, so that an operator after it is binary.
bool endsValue(const Word &word)
{
    if (word.kind == TokenKind::Operator)
        return false;
    if (word.kind == TokenKind::Punctuation)
        return word.isMark(')') || word.isMark(']');
    static constexpr std::array<std::string_view, 9> values{"current_date", "current_time", "current_timestamp", "current_user",
                                                            "default", "end", "false", "null", "true"};
    return !word.keyword || isOneOf(values, word.lower);
}

} // namespace

std::vector<Word> wordsOf(std::string_view statement, KeywordCase keywords)
{
    std::vector<Word> words;
    bool blank = false;
    bool line = false;
    Lexer lexer(statement);
    for (Token token; lexer.next(token);) {
        const std::string_view text = token.span.of(statement);
        if (token.kind == TokenKind::Whitespace) {
            blank = true;
            line = line || text.find('\n') != std::string_view::npos;
            continue;
        }
        Word word;
        word.kind = token.kind;
        word.text = text;
        word.lower = token.kind == TokenKind::Identifier ? inCase(text, false) : std::string(text);
        word.keyword = token.kind == TokenKind::Identifier && isKeyword(word.lower);
        word.blank_before = blank;
        word.line_before = line;
        word.unary = token.kind == TokenKind::Operator && (words.empty() || !endsValue(words.back()));
        words.push_back(std::move(word));
        blank = line = false;
    }
    const bool is_index = std::any_of(words.begin(), words.begin() + static_cast<std::ptrdiff_t>(std::min<std::size_t>(3, words.size())),
                                      [](const Word &word) { return word.is("index"); });
    for (std::size_t i = 0; i + 1 < words.size(); ++i)
        words[i].named_list = isName(words[i]) && words[i + 1].isMark('(') && listsColumns(words, i, is_index);
    for (std::size_t i = 1; i < words.size(); ++i) {
        // "UNION ALL (SELECT", but "= ALL(ARRAY"
        if (words[i].is("all") && (words[i - 1].is("union") || words[i - 1].is("intersect") || words[i - 1].is("except")))
            words[i].named_list = true;
    }
    markPairs(words);
    setCase(words, keywords);
    return words;
}

bool blankBetween(const Word &left, const Word &right)
{
    if (right.isMark(',') || right.isMark(')') || right.isMark(']') || left.isMark('(') || left.isMark('['))
        return false;
    if (left.isMark('.') || right.isMark('.') || left.text == "::" || right.text == "::")
        return false;
    if (left.isMark(':') || right.isMark(':') || left.kind == TokenKind::Other || right.kind == TokenKind::Other)
        return right.blank_before;
    if (right.isMark('['))
        return left.kind == TokenKind::Operator;
    if (left.unary)
        return right.kind == TokenKind::Operator;
    if (!right.isMark('('))
        return true;
    if (left.named_list)
        return true;
    if (left.kind == TokenKind::QuotedIdentifier)
        return false;
    if (left.kind != TokenKind::Identifier)
        return true;
    if (isOneOf(like_names, left.lower) || isOneOf(close_keywords, left.lower))
        return false;
    return left.keyword || isOneOf(before_lists, left.lower);
}

} // namespace howdah::sql::format_detail
