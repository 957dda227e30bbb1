// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/complete/match.h"

#include <algorithm>

namespace howdah::complete {

namespace {

char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool isLetterOrDigit(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || (static_cast<unsigned char>(c) & 0x80) != 0;
}

/// Where a word of the name begins: after an underscore, blank or dot, and at a hump of CamelCase.
bool beginsWord(std::string_view name, std::size_t at)
{
    if (!isLetterOrDigit(name[at]))
        return false;
    if (at == 0 || !isLetterOrDigit(name[at - 1]))
        return true;
    return name[at] >= 'A' && name[at] <= 'Z' && name[at - 1] >= 'a' && name[at - 1] <= 'z';
}

bool sameAt(std::string_view typed, std::string_view name, std::size_t at)
{
    for (std::size_t i = 0; i < typed.size(); ++i) {
        if (lower(typed[i]) != lower(name[at + i]))
            return false;
    }
    return true;
}

std::size_t find(std::string_view typed, std::string_view name, bool at_word)
{
    for (std::size_t at = 0; at + typed.size() <= name.size(); ++at) {
        if (lower(name[at]) == lower(typed[0]) && (!at_word || beginsWord(name, at)) && sameAt(typed, name, at))
            return at;
    }
    return std::string_view::npos;
}

/// Each typed letter begins a word or goes on in the word that the letter before matched: "orit" and "oi" in order_items.
bool matchWords(std::string_view typed, std::string_view name, std::size_t from, std::vector<std::uint16_t> *bytes, int &budget)
{
    if (typed.empty())
        return true;
    if (typed[0] == '_') {
        const std::size_t at = name.find('_', from);
        return at != std::string_view::npos && matchWords(typed.substr(1), name, at + 1, bytes, budget);
    }
    for (std::size_t at = from; at < name.size(); ++at) {
        if (--budget < 0)
            return false;
        if (lower(name[at]) != lower(typed[0]) || !(beginsWord(name, at) || (at == from && from > 0)))
            continue;
        if (bytes != nullptr)
            bytes->push_back(static_cast<std::uint16_t>(at));
        if (matchWords(typed.substr(1), name, at + 1, bytes, budget))
            return true;
        if (bytes != nullptr)
            bytes->pop_back();
    }
    return false;
}

bool matchLetters(std::string_view typed, std::string_view name, std::vector<std::uint16_t> *bytes)
{
    std::size_t at = 0;
    for (const char c : typed) {
        while (at < name.size() && lower(name[at]) != lower(c))
            ++at;
        if (at == name.size())
            return false;
        if (bytes != nullptr)
            bytes->push_back(static_cast<std::uint16_t>(at));
        ++at;
    }
    return true;
}

constexpr std::size_t most_name_bytes = 512; ///< longer ones are only matched by their beginning
constexpr int word_budget = 400;

int evaluate(std::string_view typed, std::string_view name, std::vector<std::uint16_t> *bytes)
{
    const auto run = [bytes](std::size_t begin, std::size_t count) {
        for (std::size_t i = 0; bytes != nullptr && i < count; ++i)
            bytes->push_back(static_cast<std::uint16_t>(begin + i));
    };
    if (typed.empty())
        return 500;
    if (typed.size() > name.size())
        return 0;
    const int longer = static_cast<int>(std::min<std::size_t>(name.size() - typed.size(), 60));
    if (sameAt(typed, name, 0)) {
        run(0, typed.size());
        return longer == 0 ? 1000 : 900 - longer;
    }
    name = name.substr(0, most_name_bytes);
    if (typed.size() > name.size())
        return 0;
    int budget = word_budget;
    const bool first = lower(typed[0]) == lower(name[0]);
    if (typed.size() > 1 && first && matchWords(typed, name, 0, bytes, budget))
        return 760 - longer;
    if (bytes != nullptr)
        bytes->clear();
    if (const std::size_t at = find(typed, name, true); at != std::string_view::npos) {
        run(at, typed.size());
        return 640 - longer;
    }
    if (typed.size() < 2)
        return 0;
    if (const std::size_t at = find(typed, name, false); at != std::string_view::npos) {
        run(at, typed.size());
        return 460 - longer;
    }
    if (typed.size() > 2 && first && matchLetters(typed, name, bytes))
        return 200 - longer;
    if (bytes != nullptr)
        bytes->clear();
    return 0;
}

} // namespace

int match(std::string_view typed, std::string_view name)
{
    return evaluate(typed, name, nullptr);
}

std::vector<std::uint16_t> matchedBytes(std::string_view typed, std::string_view name)
{
    std::vector<std::uint16_t> bytes;
    evaluate(typed, name, &bytes);
    return bytes;
}

std::string folded(std::string_view name)
{
    std::string text(name);
    std::transform(text.begin(), text.end(), text.begin(), lower);
    return text;
}

} // namespace howdah::complete
