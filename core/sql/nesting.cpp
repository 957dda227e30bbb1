// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/sql/nesting.h"

#include <algorithm>
#include <array>
#include <pthread.h>
#include <strings.h>
#include <vector>

#include "core/sql/lexer.h"

namespace howdah::sql {

namespace {

/// Every thread has that much left where a parser is called.
constexpr std::size_t here_bytes = std::size_t{1} << 20;
/// Only what is touched becomes memory. PostgreSQL itself gives up far below, at max_stack_depth.
constexpr std::size_t most_bytes = std::size_t{1} << 30;

bool isSetOperation(std::string_view word)
{
    static constexpr std::array<std::string_view, 3> words{"union", "intersect", "except"};
    return std::any_of(words.begin(), words.end(), [&](std::string_view name) {
        return word.size() == name.size() && strncasecmp(word.data(), name.data(), name.size()) == 0;
    });
}

/// One open parenthesis or bracket. A comma begins a new list item, whose tokens nest into each other but not into
/// those of the item before; set operations chain across the commas of their select lists.
struct Level {
    std::size_t outside = 0;        ///< depth of everything around it
    std::size_t item = 0;           ///< tokens since the last comma
    std::size_t set_operations = 0;
    [[nodiscard]] std::size_t depth() const { return outside + item + set_operations; }
};

} // namespace

std::size_t nestingBound(std::string_view sql)
{
    std::vector<Level> levels(1);
    std::size_t deepest = 0;
    Lexer lexer(sql);
    for (Token token; lexer.next(token);) {
        if (token.kind == TokenKind::Whitespace || token.kind == TokenKind::LineComment || token.kind == TokenKind::BlockComment)
            continue;
        Level &level = levels.back();
        const char first = sql[token.span.begin.value];
        if (token.kind == TokenKind::Semicolon && levels.size() == 1) {
            level = {};
        } else if (token.kind == TokenKind::Punctuation && first == ',') {
            level.item = 0;
        } else if (token.kind == TokenKind::Operator) {
            level.item += token.span.size(); // "---1": one token here, three to the grammar
        } else {
            ++level.item;
            if (token.kind == TokenKind::Identifier && isSetOperation(token.span.of(sql)))
                ++level.set_operations;
        }
        deepest = std::max(deepest, level.depth());
        if (token.kind != TokenKind::Punctuation)
            continue;
        if (first == '(' || first == '[')
            levels.push_back({level.depth()});
        else if ((first == ')' || first == ']') && levels.size() > 1)
            levels.pop_back();
    }
    return deepest;
}

bool withStack(std::size_t bytes, const std::function<void()> &work)
{
    if (bytes <= here_bytes) {
        work();
        return true;
    }
    if (bytes > most_bytes)
        return false;
    pthread_attr_t attributes;
    if (pthread_attr_init(&attributes) != 0)
        return false;
    pthread_t thread{};
    const auto entry = [](void *argument) -> void * {
        (*static_cast<const std::function<void()> *>(argument))();
        return nullptr;
    };
    const bool started = pthread_attr_setstacksize(&attributes, bytes + here_bytes) == 0
        && pthread_create(&thread, &attributes, entry, const_cast<std::function<void()> *>(&work)) == 0;
    pthread_attr_destroy(&attributes);
    if (started)
        pthread_join(thread, nullptr);
    return started;
}

} // namespace howdah::sql
