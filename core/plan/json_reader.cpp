// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/plan/json_reader.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

#include "core/plan/utf8.h"

namespace howdah::plan {

namespace {

class JsonReader {
public:
    JsonReader(std::string_view input, std::size_t offset, PlanBuilder &builder)
        : input_(input), at_(offset), builder_(builder)
    {
    }

    JsonEnd run();
    std::size_t runString(std::string &out);

private:
    enum class Level : std::uint8_t { Group, List };

    void skipSpace();
    bool readString();
    bool wasCut(std::size_t start);
    bool readEscape();
    bool readUnicodeEscape();
    bool readKey();
    bool readValue();
    bool readBare();
    void closeLevel();
    bool stop(std::string problem);
    bool skipLine();
    [[nodiscard]] bool beginsDocument() const;
    void closeThrough(Level level);

    std::string_view input_;
    std::size_t at_;
    PlanBuilder &builder_;
    std::vector<Level> levels_;
    std::string scratch_;   ///< the string read last, when it had escapes
    std::string_view text_; ///< the string read last
    std::string problem_;
    std::vector<Skipped> skipped_;
};

/// "[ { "Plan":", which is never inside another plan: that one was cut short.
bool JsonReader::beginsDocument() const
{
    std::size_t at = at_;
    for (const std::string_view part : {"[", "{", "\"Plan\""}) {
        at = input_.find_first_not_of(" \t\r\n", at);
        if (at == std::string_view::npos || input_.substr(at, part.size()) != part)
            return false;
        at += part.size();
    }
    return true;
}

/// Steps over the rest of a line inside a plan that is no JSON. A line that begins another document ends this one.
bool JsonReader::skipLine()
{
    if (!builder_.hasBegun() || beginsDocument() || levels_.empty() || at_ >= input_.size())
        return false;
    std::size_t end = input_.find('\n', at_);
    if (end == std::string_view::npos) { // all on one line
        end = input_.find_first_of(",}]", at_);
        if (end == std::string_view::npos)
            return false;
        noteSkipped(skipped_, at_, std::move(problem_));
        problem_.clear();
        at_ = end;
        return true;
    }
    const std::size_t start = input_.rfind('\n', at_) + 1; // npos + 1 is the input's start
    const std::size_t here = std::min(input_.find_first_not_of(" \t", start), end);
    if (input_[here] == '[' || (input_[here] == '{' && here == start))
        return false;
    noteSkipped(skipped_, at_, std::move(problem_));
    problem_.clear();
    at_ = end + 1;
    return true;
}

/// A bracket that was lost: the one that stands here closes what is open inside it, too.
void JsonReader::closeThrough(Level level)
{
    noteSkipped(skipped_, at_, "a bracket is missing before this one");
    while (levels_.back() != level) {
        if (levels_.back() == Level::Group)
            builder_.endGroup();
        else
            builder_.endList();
        levels_.pop_back();
    }
    closeLevel();
}

bool JsonReader::stop(std::string problem)
{
    problem_ = std::move(problem);
    return false;
}

void JsonReader::skipSpace()
{
    while (at_ < input_.size()
           && (input_[at_] == ' ' || input_[at_] == '\n' || input_[at_] == '\r' || input_[at_] == '\t'))
        ++at_;
}

bool JsonReader::readUnicodeEscape()
{
    const auto hex4 = [this](std::size_t from, std::uint32_t &out) {
        if (from + 4 > input_.size())
            return false;
        out = 0;
        for (std::size_t i = from; i < from + 4; ++i) {
            const char c = input_[i];
            std::uint32_t digit = 0;
            if (c >= '0' && c <= '9')
                digit = static_cast<std::uint32_t>(c - '0');
            else if (c >= 'a' && c <= 'f')
                digit = static_cast<std::uint32_t>(c - 'a' + 10);
            else if (c >= 'A' && c <= 'F')
                digit = static_cast<std::uint32_t>(c - 'A' + 10);
            else
                return false;
            out = out * 16 + digit;
        }
        return true;
    };
    std::uint32_t code = 0;
    if (!hex4(at_, code))
        return false;
    at_ += 4;
    std::uint32_t low = 0;
    const bool pair = code >= 0xD800 && code < 0xDC00 && at_ + 6 <= input_.size() && input_[at_] == '\\'
                      && input_[at_ + 1] == 'u' && hex4(at_ + 2, low) && low >= 0xDC00 && low < 0xE000;
    if (pair) {
        at_ += 6;
        code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
    } else if (code >= 0xD800 && code < 0xE000) {
        code = 0xFFFD;
    }
    appendUtf8(scratch_, code);
    return true;
}

bool JsonReader::readEscape()
{
    if (at_ >= input_.size())
        return false;
    const char c = input_[at_++];
    switch (c) {
    case 'n': scratch_ += '\n'; return true;
    case 't': scratch_ += '\t'; return true;
    case 'r': scratch_ += '\r'; return true;
    case 'b': scratch_ += '\b'; return true;
    case 'f': scratch_ += '\f'; return true;
    case 'u': return readUnicodeEscape();
    default: scratch_ += c; return true;
    }
}

/// Whether a string that goes on over a line feed only met the first quote of a later line. Goes back to the line feed.
bool JsonReader::wasCut(std::size_t start)
{
    const std::size_t line_end = text_.find('\n');
    if (line_end == std::string_view::npos)
        return false;
    const std::size_t next = input_.find_first_not_of(" \t\r\n", at_);
    if (next == std::string_view::npos || std::string_view(",:]}").find(input_[next]) != std::string_view::npos)
        return false;
    at_ = start;
    return true;
}

/// At the opening quote, double, or single as Python prints what its drivers decoded. Leaves the content in text_, without a copy when it holds no escape.
bool JsonReader::readString()
{
    const char quote = input_[at_];
    const std::size_t start = ++at_;
    while (at_ < input_.size() && input_[at_] != quote && input_[at_] != '\\')
        ++at_;
    if (at_ < input_.size() && input_[at_] == quote) {
        text_ = input_.substr(start, at_ - start);
        ++at_;
        return !wasCut(start) || stop("a string is not closed");
    }
    scratch_.assign(input_.substr(start, at_ - start));
    while (at_ < input_.size() && input_[at_] != quote) {
        if (input_[at_] == '\\') {
            ++at_;
            if (!readEscape())
                break;
        } else {
            scratch_ += input_[at_++];
        }
    }
    text_ = scratch_;
    if (at_ >= input_.size())
        return stop("the input ends inside a string");
    if (input_[at_] != quote)
        return stop("a \\u escape is not four hexadecimal digits");
    ++at_;
    return true;
}

bool JsonReader::readBare()
{
    const std::size_t start = at_;
    while (at_ < input_.size()) {
        const char c = input_[at_];
        const bool part = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-'
                          || c == '+' || c == '.';
        if (!part)
            break;
        ++at_;
    }
    std::string_view bare = input_.substr(start, at_ - start);
    bare = bare == "True" ? "true" : bare == "False" ? "false" : bare == "None" ? "null" : bare; // Python's
    const bool known = bare == "true" || bare == "false" || bare == "null";
    double number = 0;
    if (bare.empty())
        return stop(at_ < input_.size() ? "a value was expected here" : "the input ends where a value was expected");
    if (!known && !parseReal(bare, number)) {
        at_ = start;
        return stop("this is neither a number, true, false nor null");
    }
    // A number that the end of the input may have cut in two is not a number to trust.
    if (at_ == input_.size() && !levels_.empty())
        return stop("the input ends inside a value");
    if (bare != "null")
        builder_.scalar(bare, Written::Bare);
    return true;
}

bool JsonReader::readKey()
{
    if (!readString())
        return false;
    builder_.key(text_);
    skipSpace();
    if (at_ >= input_.size())
        return stop("the input ends after a key");
    if (input_[at_] != ':')
        return stop("a key without a value");
    ++at_;
    skipSpace();
    return true;
}

bool JsonReader::readValue()
{
    if (at_ >= input_.size())
        return stop("the input ends where a value was expected");
    switch (input_[at_]) {
    case '{':
        ++at_;
        levels_.push_back(Level::Group);
        builder_.beginGroup();
        return true;
    case '[':
        if (!levels_.empty() && beginsDocument())
            return stop("another plan begins before this one ends");
        ++at_;
        levels_.push_back(Level::List);
        builder_.beginList();
        return true;
    case '"':
    case '\'': {
        if (!readString())
            return false;
        builder_.scalar(text_, Written::Quoted);
        return true;
    }
    default: return readBare();
    }
}

void JsonReader::closeLevel()
{
    ++at_;
    if (levels_.back() == Level::Group)
        builder_.endGroup();
    else
        builder_.endList();
    levels_.pop_back();
}

JsonEnd JsonReader::run()
{
    skipSpace();
    bool good = readValue();
    while (!levels_.empty()) {
        if (!good && !(good = skipLine()))
            break;
        skipSpace();
        if (at_ >= input_.size()) {
            good = stop("the input ends before the JSON does");
            break;
        }
        const char c = input_[at_];
        if (c == ',') {
            ++at_;
        } else if (c == '}' || c == ']') {
            const Level level = c == '}' ? Level::Group : Level::List;
            if (levels_.back() == level)
                closeLevel();
            else if (builder_.hasBegun() && std::find(levels_.begin(), levels_.end(), level) != levels_.end())
                closeThrough(level);
            else
                good = stop("this bracket closes nothing that is open");
        } else if (levels_.back() == Level::List) {
            good = readValue();
        } else if (c == '"' || c == '\'') {
            good = readKey() && readValue();
        } else {
            good = stop("a key was expected here");
        }
    }
    while (!levels_.empty()) {
        if (levels_.back() == Level::Group)
            builder_.endGroup();
        else
            builder_.endList();
        levels_.pop_back();
    }
    return {at_, std::move(problem_), std::move(skipped_)};
}

std::size_t JsonReader::runString(std::string &out)
{
    readString();
    out.assign(text_);
    return at_;
}

} // namespace

std::size_t readJsonString(std::string_view input, std::size_t offset, std::string &out)
{
    PlanBuilder unused;
    return JsonReader(input, offset, unused).runString(out);
}

JsonEnd readJson(std::string_view input, std::size_t offset, PlanBuilder &builder)
{
    return JsonReader(input, offset, builder).run();
}

} // namespace howdah::plan
