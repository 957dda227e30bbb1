// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/plan/log_messages.h"

#include <algorithm>
#include <optional>

#include "core/plan/json_reader.h"
#include "core/plan/keys.h"
#include "core/plan/text_lines.h"

namespace howdah::plan {

namespace {

constexpr std::string_view head = "duration: ";
constexpr std::string_view tail = " ms  plan:";

bool isDigit(char c)
{
    return c >= '0' && c <= '9';
}

/// "2026-01-02 03:04" and "2027-12-31 10:00" have one shape; it tells where the next message begins.
std::string shapeOf(std::string_view text)
{
    std::string shape;
    for (const char c : text.substr(0, 12))
        shape += isDigit(c) ? '9' : (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ? 'a' : c;
    return shape;
}

/// syslog numbers messages and their lines: "… postgres[77]: [5-2] #011…". Offset of what follows, and the
/// message's number.
struct SyslogMark {
    std::size_t text = 0;
    std::string_view number;
};
std::optional<SyslogMark> syslogMark(std::string_view line)
{
    for (std::size_t at = line.find('['); at != std::string_view::npos; at = line.find('[', at + 1)) {
        std::size_t dash = at + 1;
        while (dash < line.size() && isDigit(line[dash]))
            ++dash;
        std::size_t end = dash + 1;
        while (end < line.size() && isDigit(line[end]))
            ++end;
        if (dash > at + 1 && dash < line.size() && line[dash] == '-' && end > dash + 1 && line.substr(end, 2) == "] ")
            return SyslogMark{end + 2, line.substr(at + 1, dash - at - 1)};
    }
    return std::nullopt;
}

class LogReader
{
public:
    explicit LogReader(std::string_view input) : input_(input) {}
    std::vector<LogMessage> run();

private:
    void readCsvField(std::size_t at);
    void readJsonField(std::size_t quote);
    void readLines(std::size_t at);
    [[nodiscard]] std::string_view lineAt(std::size_t from) const
    {
        return trimmedEnd(input_.substr(from, std::min(input_.find('\n', from), input_.size()) - from));
    }
    static std::string_view trimmedEnd(std::string_view line)
    {
        return line.ends_with('\r') ? line.substr(0, line.size() - 1) : line;
    }
    [[nodiscard]] std::size_t nextLine(std::size_t from) const
    {
        return std::min(input_.find('\n', from), input_.size() - 1) + 1;
    }
    [[nodiscard]] bool tabbedAhead(std::size_t from) const;
    std::size_t lineNumber(std::size_t offset);
    void add(std::string text, std::size_t line, bool cut);

    std::string_view input_;
    std::size_t at_ = 0;
    std::size_t counted_to_ = 0;
    std::size_t line_ = 1;
    double ms_ = 0;
    std::vector<LogMessage> messages_;
};

std::size_t LogReader::lineNumber(std::size_t offset)
{
    if (offset > counted_to_) {
        line_ += static_cast<std::size_t>(std::count(input_.begin() + static_cast<std::ptrdiff_t>(counted_to_),
                                                     input_.begin() + static_cast<std::ptrdiff_t>(offset), '\n'));
        counted_to_ = offset;
    }
    return line_;
}

void LogReader::add(std::string text, std::size_t line, bool cut)
{
    messages_.push_back({ms_, std::move(text), line, cut});
}

/// At what follows "plan:" in a quoted CSV field, where quotes are doubled.
void LogReader::readCsvField(std::size_t at)
{
    const std::size_t line = lineNumber(at) + (input_.substr(at, 1) == "\n" ? 1 : 0);
    std::string text;
    std::size_t from = at;
    for (;;) {
        const std::size_t quote = input_.find('"', from);
        if (quote == std::string_view::npos) {
            text.append(input_.substr(from));
            at_ = input_.size();
            add(std::move(text), line, true);
            return;
        }
        text.append(input_, from, quote - from);
        if (quote + 1 >= input_.size() || input_[quote + 1] != '"') {
            at_ = quote + 1;
            break;
        }
        text += '"';
        from = quote + 2;
    }
    add(text.starts_with('\n') ? text.substr(1) : std::move(text), line, false);
}

/// At the opening quote of a JSON string that holds the message, perhaps after a log_line_prefix.
void LogReader::readJsonField(std::size_t quote)
{
    std::string text;
    const std::size_t end = readJsonString(input_, quote, text);
    const std::size_t line = lineNumber(quote);
    at_ = end;
    const bool cut = end >= input_.size();
    for (LogMessage &message : planMessages(text)) {
        message.line = line;
        message.cut = message.cut && cut;
        messages_.push_back(std::move(message));
    }
}

/// Blank lines lose their tab in editors; they belong to the message when a tabbed line follows.
bool LogReader::tabbedAhead(std::size_t from) const
{
    for (int blank = 0; from < input_.size() && blank < 50; ++blank) {
        const std::string_view line = lineAt(from);
        if (!trimmed(line).empty())
            return line.starts_with('\t');
        from = nextLine(from);
    }
    return false;
}

/// The lines that follow the head. Servers put a tab before each of them; terminals and people lose it.
void LogReader::readLines(std::size_t at)
{
    const std::size_t line_start = input_.rfind('\n', at) == std::string_view::npos ? 0 : input_.rfind('\n', at) + 1;
    const std::string_view first = lineAt(line_start);
    const auto mark = syslogMark(first.substr(0, at - line_start));
    const std::string prefix_shape = shapeOf(first.substr(0, std::min<std::size_t>(at - line_start, 12)));
    const bool prefixed = prefix_shape.size() >= 8 && prefix_shape.find('9') != std::string::npos;
    std::string text(trimmed(lineAt(at)));
    const std::size_t begin = nextLine(at);
    const std::size_t line = lineNumber(text.empty() ? std::min(begin, input_.size()) : at);
    if (!text.empty())
        text += '\n';
    const bool tabbed = !mark && tabbedAhead(begin);
    std::size_t from = begin;
    for (; from < input_.size(); from = nextLine(from)) {
        std::string_view next = lineAt(from);
        if (mark) {
            const auto own = syslogMark(next);
            if (!own || own->number != mark->number)
                break;
            next.remove_prefix(own->text);
            if (next.starts_with("#011"))
                next.remove_prefix(4);
            else if (next.starts_with('\t'))
                next.remove_prefix(1);
            else if (isMessageHead(next))
                break;
        } else if (tabbed) {
            if (next.starts_with('\t'))
                next.remove_prefix(1);
            else if (!trimmed(next).empty() || !tabbedAhead(from))
                break;
        } else if (isMessageHead(next) || logDuration(next) || (prefixed && shapeOf(next) == prefix_shape)) {
            break;
        }
        text.append(next).push_back('\n');
    }
    at_ = from;
    add(std::move(text), line, from >= input_.size());
}

std::vector<LogMessage> LogReader::run()
{
    while (at_ < input_.size()) {
        const std::size_t found = input_.find(tail, at_);
        if (found == std::string_view::npos)
            break;
        const std::size_t start = input_.rfind(head, found);
        const std::size_t after = found + tail.size();
        if (start == std::string_view::npos || start < at_ || found - start > 40
            || !parseReal(input_.substr(start + head.size(), found - start - head.size()), ms_)) {
            at_ = after;
            continue;
        }
        // The string it stands in, if any: a JSON value goes to the next "\n" escape, a CSV field has real ones.
        const std::string_view rest = input_.substr(after, 2);
        if (rest == "\\n" || rest == "\\r") {
            const std::size_t line_start = input_.rfind('\n', start) + 1; // npos + 1 is 0
            std::size_t quote = start;
            while (quote > line_start && !(input_[quote - 1] == '"' && (quote < 2 || input_[quote - 2] != '\\')))
                --quote;
            if (quote > line_start) {
                readJsonField(quote - 1);
                continue;
            }
        }
        if (start > 0 && input_[start - 1] == '"')
            readCsvField(after);
        else
            readLines(after);
    }
    return std::move(messages_);
}

} // namespace

std::vector<LogMessage> planMessages(std::string_view input)
{
    return LogReader(input).run();
}

} // namespace howdah::plan
