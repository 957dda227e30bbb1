// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/sql/format/clauses.h"

#include <array>
#include <string_view>

namespace howdah::sql::format_detail {

namespace {

struct Row {
    std::array<std::string_view, 4> words; ///< "" ends
    ClauseBody body;
};

// Longer ones first. What needs a context (SET, USING, UPDATE …) is decided below.
constexpr Row rows[] = {
    {{"group", "by"}, ClauseBody::List},
    {{"order", "by"}, ClauseBody::List},
    {{"on", "conflict"}, ClauseBody::Plain},
    {{"from"}, ClauseBody::List},
    {{"where"}, ClauseBody::Conditions},
    {{"having"}, ClauseBody::Conditions},
    {{"window"}, ClauseBody::List},
    {{"limit"}, ClauseBody::Plain},
    {{"offset"}, ClauseBody::Plain},
    {{"fetch"}, ClauseBody::Plain},
    {{"for"}, ClauseBody::Plain},
    {{"values"}, ClauseBody::List},
    {{"returning"}, ClauseBody::List},
    {{"natural", "join"}, ClauseBody::Join},
    {{"natural", "left", "join"}, ClauseBody::Join},
    {{"natural", "left", "outer", "join"}, ClauseBody::Join},
    {{"natural", "right", "join"}, ClauseBody::Join},
    {{"natural", "right", "outer", "join"}, ClauseBody::Join},
    {{"natural", "full", "join"}, ClauseBody::Join},
    {{"natural", "full", "outer", "join"}, ClauseBody::Join},
    {{"natural", "inner", "join"}, ClauseBody::Join},
    {{"inner", "join"}, ClauseBody::Join},
    {{"cross", "join"}, ClauseBody::Join},
    {{"left", "outer", "join"}, ClauseBody::Join},
    {{"left", "join"}, ClauseBody::Join},
    {{"right", "outer", "join"}, ClauseBody::Join},
    {{"right", "join"}, ClauseBody::Join},
    {{"full", "outer", "join"}, ClauseBody::Join},
    {{"full", "join"}, ClauseBody::Join},
    {{"join"}, ClauseBody::Join},
    {{"union", "all"}, ClauseBody::Query},
    {{"union", "distinct"}, ClauseBody::Query},
    {{"union"}, ClauseBody::Query},
    {{"intersect", "all"}, ClauseBody::Query},
    {{"intersect", "distinct"}, ClauseBody::Query},
    {{"intersect"}, ClauseBody::Query},
    {{"except", "all"}, ClauseBody::Query},
    {{"except", "distinct"}, ClauseBody::Query},
    {{"except"}, ClauseBody::Query},
    {{"when", "not", "matched"}, ClauseBody::Plain},
    {{"when", "matched"}, ClauseBody::Plain},
};

std::size_t matched(const Row &row, const std::vector<Word> &words, std::size_t at, std::size_t end)
{
    std::size_t count = 0;
    for (const std::string_view word : row.words) {
        if (word.empty())
            break;
        if (at + count >= end || !words[at + count].is(word))
            return 0;
        ++count;
    }
    return count;
}

bool isPartOfName(const std::vector<Word> &words, std::size_t at, std::size_t end)
{
    return (at > 0 && words[at - 1].isMark('.')) || (at + 1 < end && words[at + 1].isMark('.'));
}

/// The words that begin a query, and WITH.
Clause beginning(const std::vector<Word> &words, std::size_t at, std::size_t end, QueryContext &context)
{
    const Word &word = words[at];
    const auto next = [&](std::string_view expected) { return at + 1 < end && words[at + 1].is(expected); };
    if (word.is("with"))
        return {next("recursive") ? 2U : 1U, ClauseBody::Ctes};
    context.begins = false;
    if (word.is("insert") || word.is("merge")) {
        context.updates = context.updates || word.is("merge");
        context.deletes = context.deletes || word.is("merge");
        return {next("into") ? 2U : 1U, ClauseBody::Plain};
    }
    if (word.is("delete")) {
        context.deletes = true;
        return {next("from") ? 2U : 1U, ClauseBody::Plain};
    }
    if (word.is("update")) {
        context.updates = true;
        return {1, ClauseBody::Plain};
    }
    if (word.is("table"))
        return {1, ClauseBody::Plain};
    context.begins = true;
    return {};
}

} // namespace

bool beginsQuery(const Word &word)
{
    for (const std::string_view first : {"select", "with", "values", "insert", "update", "delete", "merge", "table"}) {
        if (word.is(first))
            return true;
    }
    return false;
}

Clause clauseAt(const std::vector<Word> &words, std::size_t at, std::size_t end, QueryContext &context)
{
    const Word &word = words[at];
    if (word.kind != TokenKind::Identifier || isPartOfName(words, at, end))
        return {};
    if (context.merges && !word.is("when") && !word.is("returning"))
        return {};
    if (word.is("select")) {
        context.begins = false;
        const bool quantified = at + 1 < end && (words[at + 1].is("all") || (words[at + 1].is("distinct") && !(at + 2 < end && words[at + 2].is("on"))));
        return {quantified ? 2U : 1U, ClauseBody::List};
    }
    if (context.begins) {
        if (const Clause clause = beginning(words, at, end, context); clause.words > 0)
            return clause;
    }
    if (word.is("set") && context.updates)
        return {1, ClauseBody::List};
    if (word.is("using") && context.deletes) {
        context.deletes = false; // a JOIN's USING may follow
        return {1, ClauseBody::List};
    }
    // "left(x, 1)" and "right(x, 1)" are functions; "IS DISTINCT FROM" is an operator.
    if (word.is("from") && at > 0 && words[at - 1].is("distinct"))
        return {};
    if (word.is("on") && at + 1 < end && words[at + 1].is("conflict"))
        context.updates = true;
    for (const Row &row : rows) {
        if (const std::size_t count = matched(row, words, at, end); count > 0) {
            if (row.body == ClauseBody::Query)
                context = {}; // another query begins
            context.merges = word.is("when");
            return {count, row.body};
        }
    }
    return {};
}

} // namespace howdah::sql::format_detail
