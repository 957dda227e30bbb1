// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/plan/text_shapes.h"

#include <algorithm>
#include <array>
#include <string>

#include "core/plan/keys.h"
#include "core/plan/text_head.h"
#include "core/plan/utf8.h"

namespace howdah::plan {

/// "Key: value" or "Key:". A key starts with a letter and holds nothing that only expressions hold.
std::optional<KeyValue> splitProperty(std::string_view line)
{
    std::size_t colon = line.find(": ");
    if (colon == std::string_view::npos) {
        if (!line.ends_with(':'))
            return std::nullopt;
        colon = line.size() - 1;
    }
    const std::string_view key = line.substr(0, colon);
    const bool letter = !key.empty()
                        && ((key[0] >= 'A' && key[0] <= 'Z') || (key[0] >= 'a' && key[0] <= 'z')
                            || static_cast<unsigned char>(key[0]) >= 0x80);
    if (!letter || key.size() > 80 || key.find_first_of("'\"=<>;") != std::string_view::npos)
        return std::nullopt;
    return KeyValue{key, colon + 2 <= line.size() ? trimmed(line.substr(colon + 2)) : std::string_view()};
}

/// Keys of TEXT lines that the other formats word differently.
static bool isTextKey(std::string_view key)
{
    static constexpr std::array<std::string_view, 22> keys{"Buffers",          "I/O Timings",        "WAL",
                                                           "Memory",           "Sort Method",        "Buckets",
                                                           "Batches",          "Planned Partitions", "Hits",
                                                           "Storage",          "Estimates",          "Heap Blocks",
                                                           "Tuples",           "Sampling",           "Hash Key",
                                                           "Worker 0",         "Worker 1",           "Planning time",
                                                           "Execution time",   "Total runtime",      "Full-sort Groups",
                                                           "Pre-sorted Groups"};
    return std::find(keys.begin(), keys.end(), key) != keys.end();
}

bool isArrow(std::string_view trimmed_line)
{
    return trimmed_line.starts_with("->");
}

/// The head of a line that ends inside its figures, as truncated logs have it.
std::string_view withoutCutFigures(std::string_view text)
{
    for (const std::string_view figures : {"  (cost=", "  (actual "}) {
        const std::size_t at = text.rfind(figures);
        if (at != std::string_view::npos && text.find(')', at) == std::string_view::npos)
            return trimmedRight(text.substr(0, at));
    }
    return text;
}

/// What is still open at the end of a line that was broken: parentheses outside quotes, or a list.
bool isOpenEnded(std::string_view text)
{
    std::size_t open = 0;
    char quote = 0;
    for (const char c : text) {
        if (quote != 0)
            quote = c == quote ? '\0' : quote;
        else if (c == '\'' || c == '"')
            quote = c;
        else if (c == '(')
            ++open;
        else if (c == ')' && open > 0)
            --open;
    }
    return open > 0 || quote != 0 || text.ends_with(',');
}

/// Whether a line begins something of its own, so that it cannot be the rest of the one before.
bool beginsAnew(std::string_view text)
{
    const std::size_t cost = text.find("(cost=");
    if (isArrow(text) || (cost != std::string_view::npos && cost > 0))
        return true;
    const auto property = splitProperty(text);
    return property && (findKey(property->key) != nullptr || isTextKey(property->key));
}

bool isFigures(std::string_view text)
{
    return text.starts_with("(cost=") || text.starts_with("(actual ") || text.starts_with("(never executed)");
}

/// Terminals break at one width, wherever it falls; e-mails and chats between words.
Wrapping findWrapping(const std::vector<Line> &lines)
{
    constexpr std::size_t slack = 2; // spaces at the break are lost
    std::size_t widest = 0;
    for (const Line &line : lines)
        widest = std::max(widest, line.text.size());
    if (widest < 40)
        return {};
    std::size_t broken = 0;
    std::size_t at_width = 0;
    std::size_t width = 0;
    std::size_t margin = widest;
    std::vector<std::size_t> widths;
    for (std::size_t i = 0; i + 1 < lines.size(); ++i) {
        const std::string_view rest = trimmed(lines[i + 1].text);
        if (lines[i + 1].boundary || rest.empty() || indentOf(lines[i + 1].text) > 2 || beginsAnew(rest)
            || !isOpenEnded(lines[i].text))
            continue;
        widths.push_back(charCount(lines[i].text));
        margin = std::min(margin, lines[i + 1].text.find_first_not_of(' '));
        width = std::max(width, widths.back());
    }
    broken = widths.size();
    for (const std::size_t each : widths)
        at_width += each + slack >= width ? 1U : 0U;
    return broken >= 2 && at_width == broken && width >= 40 ? Wrapping{width, margin} : Wrapping{};
}

/// Whether a head's figures can be read; their words show where a break stood.
static std::size_t readableFigures(std::string_view text)
{
    Node scratch;
    const std::optional<HeadFacts> facts = readHead(isArrow(text) ? trimmed(text.substr(2)) : text, scratch);
    if (!facts)
        return 0;
    return (facts->has_cost ? 1U : 0U) + (facts->has_actual ? 1U : 0U)
           + (scratch.relation_name.empty() && scratch.index_name.empty() ? 0U : 1U);
}

/// Whether a head was broken inside a word.
bool fitsBest(std::string_view head, std::string_view rest)
{
    if (head.find("(cost=") == std::string_view::npos && rest.find("(cost=") == std::string_view::npos)
        return false;
    const std::string tight = std::string(head).append(rest);
    return readableFigures(tight) > readableFigures(std::string(head).append(" ").append(rest));
}

} // namespace howdah::plan
