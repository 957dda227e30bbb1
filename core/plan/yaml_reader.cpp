// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/plan/yaml_reader.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "core/plan/json_reader.h"
#include "core/plan/keys.h"
#include "core/plan/text_lines.h"

namespace howdah::plan {

namespace {

struct Level {
    std::size_t column;
    bool list;
};

struct KeyLine {
    std::string_view key, value;
};

/// "Key: value" or "Key:". Keys of EXPLAIN are never quoted; those of other writers may be.
std::optional<KeyLine> splitKey(std::string_view text)
{
    if (text.empty())
        return std::nullopt;
    std::size_t colon = 0;
    if (text.front() == '"' || text.front() == '\'') {
        const std::size_t end = text.find(text.front(), 1);
        if (end == std::string_view::npos || end + 1 >= text.size() || text[end + 1] != ':')
            return std::nullopt;
        colon = end + 1;
    } else {
        const char first = text.front();
        if (!((first >= 'A' && first <= 'Z') || (first >= 'a' && first <= 'z') || first == '_'
              || static_cast<unsigned char>(first) >= 0x80))
            return std::nullopt;
        colon = text.find(':');
        while (colon != std::string_view::npos && colon + 1 < text.size() && text[colon + 1] != ' '
               && text[colon + 1] != '\t')
            colon = text.find(':', colon + 1);
        if (colon == std::string_view::npos)
            return std::nullopt;
    }
    std::string_view key = text.substr(0, colon);
    if (key.size() >= 2 && (key.front() == '"' || key.front() == '\''))
        key = key.substr(1, key.size() - 2);
    return KeyLine{key, trimmed(text.substr(colon + 1))};
}

class YamlReader
{
public:
    YamlReader(std::string_view input, std::size_t offset, PlanBuilder &builder)
        : input_(input), at_(offset), builder_(builder)
    {}

    YamlEnd run();

private:
    bool readLine();
    bool readContent(std::string_view text, std::size_t column);
    bool readKey(const KeyLine &line, std::size_t column);
    bool readItem(std::string_view text, std::size_t column);
    bool readValue(std::string_view text);
    bool readQuoted(std::string_view text);
    void readFlowList(std::string_view text);
    void readBlock(bool folded);
    void dropPending();
    void closeTo(std::size_t column, bool item);
    [[nodiscard]] bool isMisplaced(std::size_t column) const;
    void closeLevel();
    void nextLine();

    std::string_view input_;
    std::size_t at_; ///< start of the line that comes next
    PlanBuilder &builder_;
    std::string_view line_; ///< the line at hand, without its end
    std::size_t line_start_ = 0;
    std::vector<Level> levels_;
    bool misplaced_ = false; ///< the line before stood at a column that fits nothing
    bool pending_ = false; ///< a key stands without its value, which may be on the lines that follow
    std::string scratch_;
    std::string problem_;
    std::vector<Skipped> skipped_;
};

void YamlReader::nextLine()
{
    line_start_ = at_;
    const std::size_t end = std::min(input_.find('\n', at_), input_.size());
    line_ = input_.substr(at_, end - at_);
    if (line_.ends_with('\r'))
        line_.remove_suffix(1);
    at_ = std::min(end + 1, input_.size());
}

/// "Triggers:" with nothing below is an empty list.
void YamlReader::dropPending()
{
    if (!pending_)
        return;
    pending_ = false;
    builder_.beginList();
    builder_.endList();
}

void YamlReader::closeLevel()
{
    dropPending();
    if (levels_.back().list)
        builder_.endList();
    else
        builder_.endGroup();
    levels_.pop_back();
}

/// Closes what a line at this column does not belong to.
void YamlReader::closeTo(std::size_t column, bool item)
{
    while (!levels_.empty()
           && (levels_.back().column > column || (levels_.back().column == column && levels_.back().list && !item)))
        closeLevel();
}

/// Whether a key's line inside a plan stands at a column where no key can stand. It is taken for one of the group
/// at hand.
bool YamlReader::isMisplaced(std::size_t column) const
{
    if (column == 0 || levels_.empty() || levels_.back().list || !builder_.hasBegun())
        return false;
    if (column > levels_.back().column)
        return !pending_;
    return std::none_of(levels_.begin(), levels_.end(), [column](const Level &level) { return level.column == column; });
}

void YamlReader::readFlowList(std::string_view text)
{
    PlanBuilder &builder = builder_;
    // EXPLAIN's flow lists hold JSON strings only, so they are JSON.
    const JsonEnd end = readJson(text, 0, builder);
    if (!end.problem.empty() && problem_.empty())
        problem_ = end.problem;
}

void YamlReader::readBlock(bool folded)
{
    std::string text;
    std::optional<std::size_t> indent;
    const std::size_t outer = levels_.empty() ? 0 : levels_.back().column;
    while (at_ < input_.size()) {
        const std::size_t before = at_;
        nextLine();
        const std::size_t column = indentOf(line_);
        if (!trimmed(line_).empty() && column <= outer) {
            at_ = before;
            break;
        }
        if (!indent && !trimmed(line_).empty())
            indent = column;
        if (!text.empty())
            text += folded ? ' ' : '\n';
        text.append(line_.substr(std::min(indent.value_or(0), line_.size())));
    }
    builder_.scalar(trimmedRight(text), Written::Quoted);
}

/// A string in single or double quotes; it may go on in the lines that follow, whose breaks are then spaces.
bool YamlReader::readQuoted(std::string_view text)
{
    const char quote = text.front();
    std::string raw;
    std::size_t from = 1;
    for (;;) {
        std::size_t end = from;
        while (end < text.size() && text[end] != quote)
            end += quote == '"' && text[end] == '\\' ? 2 : 1;
        if (end < text.size() && quote == '\'' && end + 1 < text.size() && text[end + 1] == '\'') {
            raw.append(text, from, end + 1 - from);
            from = end + 2;
            continue;
        }
        if (end < text.size()) {
            raw.append(text, from, end - from);
            break;
        }
        raw.append(text.substr(std::min(from, text.size())));
        if (at_ >= input_.size()) {
            problem_ = "the input ends inside a string";
            return false;
        }
        nextLine();
        text = trimmed(line_);
        from = 0;
        if (raw.ends_with('\\')) {
            raw.pop_back();
            if (text.starts_with('\\'))
                from = 1;
        } else {
            raw += text.empty() ? '\n' : ' ';
        }
    }
    if (quote == '"' && raw.find('\\') != std::string::npos) {
        scratch_ = "\"" + raw + "\"";
        return readJson(scratch_, 0, builder_).problem.empty();
    }
    builder_.scalar(raw, Written::Quoted);
    return true;
}

bool YamlReader::readValue(std::string_view text)
{
    if (text.front() == '"' || text.front() == '\'')
        return readQuoted(text);
    if (text.front() == '[' || text == "{}") {
        readFlowList(text == "{}" ? "[]" : text);
        return true;
    }
    if (text == "|" || text == "|-" || text == ">" || text == ">-" || text == "|+") {
        readBlock(text.front() == '>');
        return true;
    }
    if (text == "null" || text == "~")
        return true;
    double number = 0;
    const bool bare = parseReal(text, number) || text == "true" || text == "false";
    builder_.scalar(text, bare ? Written::Bare : Written::Quoted);
    return true;
}

bool YamlReader::readKey(const KeyLine &line, std::size_t column)
{
    if (pending_ && (levels_.empty() || column > levels_.back().column)) {
        pending_ = false;
        builder_.beginGroup();
        levels_.push_back({column, false});
    } else if (levels_.empty() || levels_.back().list) {
        builder_.beginGroup();
        levels_.push_back({column, false});
    } else if (levels_.back().column != column) {
        problem_ = "the indentation fits nothing above";
        return false;
    }
    dropPending();
    builder_.key(line.key);
    if (line.value.empty()) {
        pending_ = true;
        return true;
    }
    return readValue(line.value);
}

bool YamlReader::readItem(std::string_view text, std::size_t column)
{
    const bool open = !levels_.empty() && levels_.back().list && levels_.back().column == column;
    if (!open) {
        const bool nested = !levels_.empty() && levels_.back().list && column > levels_.back().column;
        if (!pending_ && !levels_.empty() && !nested) {
            problem_ = "a list item that belongs to no key";
            return false;
        }
        pending_ = false;
        builder_.beginList();
        levels_.push_back({column, true});
    }
    std::string_view rest = text.substr(1);
    const std::size_t skipped = indentOf(rest);
    rest = trimmed(rest);
    return rest.empty() || readContent(rest, column + 1 + skipped);
}

bool YamlReader::readContent(std::string_view text, std::size_t column)
{
    if (text == "-" || text.starts_with("- "))
        return readItem(text, column);
    if (const auto key = splitKey(text))
        return readKey(*key, column);
    if (levels_.empty() || !levels_.back().list) {
        if (!pending_) {
            problem_ = "neither a key nor a list item";
            return false;
        }
        pending_ = false;
    }
    return readValue(text);
}

/// False at the line that ends the document; it is not taken.
bool YamlReader::readLine()
{
    nextLine();
    const std::string_view text = trimmed(line_);
    if (text.empty() || text == "---" || text.front() == '#')
        return true;
    const std::size_t column = indentOf(line_);
    const bool item = text == "-" || text.starts_with("- ");
    const bool value = pending_ || levels_.empty() || levels_.back().list;
    if (!item && !value && column > 0 && builder_.hasBegun() && !splitKey(text)) {
        noteSkipped(skipped_, line_start_, "neither a key nor a list item");
        return true;
    }
    if (!item && isMisplaced(column)) {
        if (!std::exchange(misplaced_, true))
            noteSkipped(skipped_, line_start_, "the indentation fits nothing above");
        const auto key = splitKey(text);
        return !key || readKey(*key, levels_.back().column);
    }
    misplaced_ = false;
    closeTo(column, item);
    // A list may stand at the column of its key, and other keys follow it there.
    if (levels_.empty() && line_start_ != 0 && !item && !splitKey(text))
        return false;
    return readContent(text, column);
}

YamlEnd YamlReader::run()
{
    const std::size_t start = at_;
    while (at_ < input_.size()) {
        const std::size_t before = at_;
        nextLine();
        const std::string_view text = trimmed(line_);
        const bool again = before != start && !text.empty() && indentOf(line_) == 0
                           && (isMessageHead(text) || (!text.starts_with('-') && !splitKey(text)));
        at_ = before;
        if (again)
            break;
        if (!readLine()) {
            at_ = line_start_;
            break;
        }
    }
    while (!levels_.empty())
        closeLevel();
    return {at_, std::move(problem_), std::move(skipped_)};
}

bool beginsYaml(std::string_view line)
{
    line = trimmed(line);
    if (line.starts_with("- "))
        line = trimmed(line.substr(2));
    return line == "Plan:" || line == "\"Plan\":" || line == "Node Type:" || line.starts_with("Node Type: \"")
           || line.starts_with("Query Text: \"") || line == "\"Utility Statement\"" || line == "\"Notify\"";
}

} // namespace

YamlEnd readYaml(std::string_view input, std::size_t offset, PlanBuilder &builder)
{
    return YamlReader(input, offset, builder).run();
}

std::size_t findYaml(std::string_view input, std::size_t from)
{
    while (from < input.size()) {
        const std::size_t end = std::min(input.find('\n', from), input.size());
        if (beginsYaml(input.substr(from, end - from)))
            return from;
        from = end + 1;
    }
    return std::string_view::npos;
}

} // namespace howdah::plan
