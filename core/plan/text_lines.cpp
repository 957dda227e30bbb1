// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/plan/text_lines.h"

#include <algorithm>
#include <array>

#include "core/plan/keys.h"
#include "core/plan/utf8.h"

namespace howdah::plan {

namespace {

constexpr std::string_view newline_mark = "\xE2\x86\xB5"; // ↵
constexpr std::string_view wrap_mark = "\xE2\x80\xA6";    // …
constexpr std::array<std::string_view, 4> side_rules{"|", "\xE2\x94\x82", "\xE2\x95\x91", "\xE2\x94\x83"};

/// Web pages and chats make no-break spaces (U+00A0) of spaces.
void spacesOnly(std::string &text)
{
    for (std::size_t at = text.find("\xC2\xA0"); at != std::string::npos; at = text.find("\xC2\xA0", at + 1)) {
        text[at] = ' ';
        text.erase(at + 1, 1);
    }
}

std::vector<Line> split(std::string_view input)
{
    if (input.starts_with("\xEF\xBB\xBF"))
        input.remove_prefix(3);
    std::vector<Line> lines;
    std::size_t number = 1;
    while (!input.empty()) {
        const std::size_t end = std::min(input.find('\n'), input.size());
        std::string_view text = input.substr(0, end);
        if (text.ends_with('\r'))
            text.remove_suffix(1);
        lines.push_back({std::string(text), number++, false});
        spacesOnly(lines.back().text);
        input.remove_prefix(std::min(end + 1, input.size()));
    }
    return lines;
}

/// "-----", "+-----+", "├────┤": nothing but rules. Box-drawing characters are U+2500 to U+257F.
bool isRule(std::string_view text)
{
    text = trimmed(text);
    if (text.size() >= 4 && text.find_first_not_of('.') == std::string_view::npos)
        return true; // AsciiDoc
    std::size_t length = 0;
    bool drawn = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (c == '-' || c == '=') {
            drawn = true;
        } else if (i + 2 < text.size() && c == '\xE2' && (text[i + 1] == '\x94' || text[i + 1] == '\x95')) {
            drawn = true;
            i += 2;
        } else if (c != '+' && c != '|') {
            return false;
        }
        ++length;
    }
    return drawn && length >= 3;
}

bool isHeading(std::string_view text)
{
    text = trimmed(text);
    if (text.size() >= 2 && text.front() == '"' && text.back() == '"')
        text = text.substr(1, text.size() - 2);
    return trimmed(text) == "QUERY PLAN";
}

/// "(4 rows)", "(1 Zeile)", "(4 строки)", "(4 行)".
bool isRowCount(std::string_view text)
{
    text = trimmed(text);
    if (text.size() < 4 || text.size() > 60 || text.front() != '(' || text.back() != ')')
        return false;
    text = text.substr(1, text.size() - 2);
    std::size_t digits = 0;
    while (digits < text.size() && text[digits] >= '0' && text[digits] <= '9')
        ++digits;
    if (digits == 0 || digits == text.size())
        return false;
    return text.find_first_of("0123456789=:().,'\"", digits) == std::string_view::npos;
}

/// "* Record 1", as psql's expanded display without borders has it.
bool isBareRecordHeading(std::string_view text)
{
    text = trimmed(text);
    return text.starts_with("* Record ") && text.find_first_not_of("0123456789", 9) == std::string_view::npos;
}

/// "-[ RECORD 1 ]----" of psql's expanded display, "* Record 1" of its unaligned form.
bool isRecordHeading(std::string_view text)
{
    text = trimmed(text);
    for (const std::string_view rule : side_rules) {
        if (text.starts_with(rule))
            text.remove_prefix(rule.size());
    }
    if (isBareRecordHeading(text))
        return true;
    const std::size_t at = text.find("[ RECORD ");
    if (at == std::string_view::npos || text.find(']', at) == std::string_view::npos)
        return false;
    return at <= 8 && text.substr(0, at).find_first_of("abcdefghijklmnopqrstuvwxyz(") == std::string_view::npos;
}

bool eatSideRule(std::string_view &text)
{
    for (const std::string_view rule : side_rules) {
        if (text.starts_with(rule)) {
            text.remove_prefix(rule.size());
            return true;
        }
    }
    return false;
}

void dropSideRuleRight(std::string_view &text)
{
    for (const std::string_view rule : side_rules) {
        if (text.ends_with(rule)) {
            text.remove_suffix(rule.size());
            return;
        }
    }
}

bool endsWithNewlineMark(std::string_view text)
{
    return text.ends_with(newline_mark) || text.ends_with('+');
}

void dropNewlineMark(std::string &text)
{
    text.erase(text.size() - (text.ends_with('+') ? 1 : newline_mark.size()));
    text.erase(trimmedRight(text).size());
}

/// A whole line in double quotes, inner quotes doubled (CSV, pgAdmin, table views), or in single ones, as
/// programs print their rows: "('Limit …',)".
bool unquoted(std::string_view text, std::string &out)
{
    text = trimmed(text);
    if (text.ends_with(','))
        text.remove_suffix(1);
    if (text.starts_with("[(")) // the first and the last row
        text.remove_prefix(1);
    if (text.ends_with(")]"))
        text.remove_suffix(1);
    if ((text.starts_with("('") || text.starts_with("(\"")) && text.ends_with(",)"))
        text = text.substr(1, text.size() - 3);
    if (text.size() < 2 || (text.front() != '"' && text.front() != '\'') || text.back() != text.front())
        return false;
    const char quote = text.front();
    text = text.substr(1, text.size() - 2);
    out.clear();
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '"' && quote == '"') {
            if (i + 1 >= text.size() || text[i + 1] != '"')
                return false;
            ++i;
        } else if (text[i] == '\\' && quote == '\'' && i + 1 < text.size()) {
            ++i;
        }
        out += text[i];
    }
    return true;
}

void unquoteLines(std::vector<Line> &lines)
{
    std::string inner;
    std::size_t quoted = 0;
    std::size_t filled = 0;
    for (const Line &line : lines) {
        if (trimmed(line.text).empty())
            continue;
        ++filled;
        quoted += unquoted(line.text, inner) ? 1U : 0U;
    }
    const bool most = quoted * 2 > filled;
    for (Line &line : lines) {
        // EXPLAIN itself begins no line of its first column with a quote.
        if (!line.text.empty() && unquoted(line.text, inner)
            && (most || line.text.front() == '"' || inner.find("(cost=") != std::string::npos || trimmed(inner).starts_with("->")))
            line.text = inner;
    }
}

/// The tab before every line but the first, as logs write messages of several lines.
void dropLogTabs(std::vector<Line> &lines)
{
    if (std::any_of(lines.begin(), lines.end(), [](const Line &line) { return logDuration(line.text).has_value(); })) {
        for (Line &line : lines) {
            if (line.text.starts_with('\t'))
                line.text.erase(0, 1);
        }
        return;
    }
    std::size_t filled = 0;
    for (std::size_t i = 1; i < lines.size(); ++i) {
        if (trimmed(lines[i].text).empty())
            continue;
        ++filled;
        if (lines[i].text.front() != '\t')
            return;
    }
    if (filled < 2)
        return;
    for (std::size_t i = 1; i < lines.size(); ++i) {
        if (lines[i].text.starts_with('\t'))
            lines[i].text.erase(0, 1);
    }
}

/// "  1  Limit …", "2: …", "3 | …", "4→…": numbers that an editor or a pager put before every line.
std::size_t numberPrefix(std::string_view text, std::size_t expected)
{
    const std::size_t from = std::min(indentOf(text), text.size());
    std::size_t at = from;
    std::size_t number = 0;
    while (at < text.size() && text[at] >= '0' && text[at] <= '9' && at - from < 9)
        number = number * 10 + static_cast<std::size_t>(text[at++] - '0');
    if (at == from || number != expected)
        return 0;
    for (const std::string_view mark : {":", " |", "|", "\t", "\xE2\x86\x92", " \xE2\x94\x82", ".", "  "}) {
        if (text.substr(at).starts_with(mark))
            return at + mark.size();
    }
    return at == text.size() ? at : 0;
}

void dropLineNumbers(std::vector<Line> &lines)
{
    if (lines.size() < 2)
        return;
    const std::size_t first = numberPrefix(lines[0].text, 0) > 0 ? 0 : 1;
    std::vector<std::size_t> prefixes;
    for (std::size_t i = 0; i < lines.size(); ++i) {
        prefixes.push_back(numberPrefix(lines[i].text, first + i));
        if (prefixes.back() == 0 && !trimmed(lines[i].text).empty())
            return;
    }
    for (std::size_t i = 0; i < lines.size(); ++i)
        lines[i].text.erase(0, prefixes[i]);
}

/// "> " before the lines of an answered e-mail, once for each answer. What was written around them has none.
void dropMailMarks(std::vector<Line> &lines)
{
    for (int answer = 0; answer < 10; ++answer) {
        const bool all = std::all_of(lines.begin(), lines.end(), [](const Line &line) {
            return line.text.empty() || line.text.front() == '>';
        });
        std::size_t of_plans = 0;
        std::size_t marked = 0;
        for (const Line &line : lines) {
            const bool of_plan = line.text.find("(cost=") != std::string::npos || line.text.find("\"Node Type\"") != std::string::npos
                                 || line.text.find(" rows=") != std::string::npos;
            of_plans += of_plan ? 1U : 0U;
            marked += of_plan && line.text.starts_with('>') ? 1U : 0U;
        }
        if (lines.empty() || !(all || (of_plans > 1 && marked == of_plans)))
            return;
        bool dropped = false;
        for (Line &line : lines) {
            if (!line.text.starts_with('>'))
                continue;
            line.text.erase(0, line.text.starts_with("> ") ? 2 : 1);
            dropped = true;
        }
        if (!dropped)
            return;
    }
}

/// psql's \timing, in any language: "Time: 3.400 ms", "Zeit: 3,400 ms (00:01,2)".
bool isTiming(std::string_view text)
{
    text = trimmed(text);
    std::size_t colon = text.find(':');
    std::size_t after = colon + 1;
    if (const std::size_t wide = text.find("\xEF\xBC\x9A"); wide < colon) {
        colon = wide;
        after = wide + 3;
    }
    if (colon == std::string_view::npos || colon == 0 || text.substr(0, colon).find(' ') != std::string_view::npos)
        return false;
    text = trimmed(text.substr(after));
    const std::size_t number = text.find_first_not_of("0123456789.,");
    if (number == 0 || number == std::string_view::npos || text[number] != ' ')
        return false;
    text = text.substr(number + 1);
    const std::string_view unit = text.substr(0, text.find(' '));
    return unit.size() <= 6 && (unit.size() == text.size() || text.substr(unit.size()).starts_with(" ("));
}

bool isFence(std::string_view text)
{
    text = trimmed(text);
    return (text.starts_with("```") || text.starts_with("~~~")) && text.find(' ') == std::string_view::npos;
}

bool startsWithWrapMark(std::string_view text)
{
    return text.starts_with('.') || text.starts_with(wrap_mark);
}

/// psql's expanded CSV: "QUERY PLAN," before every line.
void dropCsvHeadings(std::vector<Line> &lines)
{
    constexpr std::string_view heading = "QUERY PLAN,";
    std::size_t headed = 0;
    std::size_t filled = 0;
    for (const Line &line : lines) {
        filled += line.text.empty() ? 0U : 1U;
        headed += line.text.starts_with(heading) ? 1U : 0U;
    }
    if (headed * 2 <= filled)
        return;
    for (Line &line : lines) {
        if (line.text.starts_with(heading))
            line.text.erase(0, heading.size());
    }
}

struct Frame {
    bool sides = false;    ///< lines stand between | and |
    bool expanded = false; ///< "QUERY PLAN | …"
    bool bare_expanded = false; ///< "QUERY PLAN …" below "* Record 1"
};

/// One line without its frame. Returns false when nothing of the plan stood in it.
bool takeOffFrame(Line &line, const Frame &frame)
{
    if (isRule(line.text))
        return false;
    if (isRecordHeading(line.text))
        return false;
    std::string_view text = line.text;
    if (frame.sides) {
        std::string_view inner = trimmedRight(text);
        inner.remove_prefix(std::min(indentOf(inner), inner.size()));
        if (eatSideRule(inner)) {
            dropSideRuleRight(inner);
            text = inner;
        }
    }
    if (isHeading(text) || isRowCount(text)) {
        line.boundary = true;
        line.text.clear();
        return true;
    }
    if (frame.expanded) {
        std::string_view inner = trimmedRight(text);
        const std::string_view left = trimmed(inner);
        bool cell = false; // its right side rule is gone already
        if (left.starts_with("QUERY PLAN")) {
            inner = left.substr(10);
            cell = true;
        }
        std::string_view rest = trimmed(inner);
        if (eatSideRule(rest)) {
            text = rest;
            cell = true;
        }
        // Old ASCII has ";" there when the line above was too wide, ":" when it held a line feed.
        if (!cell && (rest.starts_with("; ") || rest.starts_with(": ")) && indentOf(inner) >= 10) {
            text = rest.substr(1);
            cell = true;
        }
        if (cell && text.starts_with(' '))
            text.remove_prefix(1);
    }
    if (frame.bare_expanded) {
        constexpr std::string_view heading = "QUERY PLAN ";
        if (text.starts_with(heading) || indentOf(text) >= heading.size())
            text.remove_prefix(heading.size());
        else if (const std::string_view rest = trimmed(text); indentOf(text) == heading.size() - 1 && startsWithWrapMark(rest))
            text = rest;
    }
    line.text = std::string(trimmedRight(text));
    return true;
}

Frame findFrame(const std::vector<Line> &lines)
{
    Frame frame;
    std::size_t sides = 0;
    std::size_t filled = 0;
    bool no_left_side = false; ///< the bar of following lines is the one between heading and cell
    for (const Line &line : lines) {
        std::string_view text = trimmed(line.text);
        frame.bare_expanded = frame.bare_expanded || isBareRecordHeading(text);
        if (text.empty() || isRule(text) || isRowCount(text) || isRecordHeading(text))
            continue;
        ++filled;
        const bool side = eatSideRule(text);
        sides += side ? 1U : 0U;
        text = trimmed(text);
        if (text.starts_with("QUERY PLAN")) {
            std::string_view rest = trimmed(text.substr(10));
            dropSideRuleRight(rest);
            if (!trimmed(rest).empty() && eatSideRule(rest)) {
                frame.expanded = true;
                no_left_side = no_left_side || !side;
            }
        }
    }
    frame.sides = sides * 2 > filled && !no_left_side;
    return frame;
}

/// Lines that psql broke inside a cell: "…" or "." at the end and again at the start of the next. Without borders
/// the mark stands right of the cell, at the end only.
void joinWrappedCells(std::vector<Line> &lines, std::size_t rule_width)
{
    std::vector<Line> joined;
    joined.reserve(lines.size());
    std::size_t open_width = 0; ///< of the last row of the cell at hand
    for (Line &line : lines) {
        if (!joined.empty() && !line.boundary) {
            std::string &last = joined.back().text;
            if (last.ends_with(wrap_mark) && line.text.starts_with(wrap_mark)) {
                last.resize(last.size() - wrap_mark.size());
                last += line.text.substr(wrap_mark.size());
                continue;
            }
            if (last.size() > 8 && last.ends_with('.') && line.text.starts_with('.')) {
                last.pop_back();
                last += line.text.substr(1);
                continue;
            }
            if (const std::size_t mark = last.ends_with('.') ? 1 : last.ends_with(wrap_mark) ? wrap_mark.size() : 0;
                mark > 0 && open_width == rule_width + 1 && rule_width > 0) {
                last.resize(last.size() - mark);
                open_width = charCount(line.text);
                last += line.text;
                continue;
            }
        }
        open_width = charCount(line.text);
        joined.push_back(std::move(line));
    }
    lines = std::move(joined);
}

/// psql marks a line feed inside a cell with "+" or "↵" at the right edge (old ASCII: "+" at the left).
/// JSON, XML and YAML are one cell, so nearly every line has the mark; a TEXT plan has it only where a
/// literal holds a line feed.
void joinCellLines(std::vector<Line> &lines, std::size_t rule_width)
{
    std::size_t filled = 0;
    std::size_t right = 0;
    std::size_t left = 0;
    for (const Line &line : lines) {
        if (line.text.empty())
            continue;
        ++filled;
        right += endsWithNewlineMark(line.text) ? 1U : 0U;
        left += line.text.starts_with('+') && !isRule(line.text) ? 1U : 0U;
    }
    if (right * 2 > filled) {
        for (Line &line : lines) {
            if (endsWithNewlineMark(line.text))
                dropNewlineMark(line.text);
        }
        return;
    }
    if (left * 2 > filled) {
        for (Line &line : lines) {
            if (line.text.starts_with('+'))
                line.text.front() = ' ';
        }
        return;
    }
    std::vector<Line> joined;
    joined.reserve(lines.size());
    bool open = false;
    for (Line &line : lines) {
        const bool marked = line.text.ends_with(newline_mark)
                            || (line.text.ends_with('+') && rule_width > 0 && charCount(line.text) == rule_width);
        if (marked)
            dropNewlineMark(line.text);
        if (open && !joined.empty())
            joined.back().text.append("\n").append(line.text, line.text.starts_with(' ') ? 1 : 0);
        else
            joined.push_back(std::move(line));
        open = marked;
    }
    lines = std::move(joined);
}

} // namespace

std::optional<double> logDuration(std::string_view line)
{
    constexpr std::string_view head = "duration: ";
    constexpr std::string_view tail = " ms  plan:";
    line = trimmedRight(line);
    const std::size_t at = line.find(head);
    double ms = 0;
    if (at == std::string_view::npos || !line.ends_with(tail) || line.size() < at + head.size() + tail.size()
        || !parseReal(line.substr(at + head.size(), line.size() - at - head.size() - tail.size()), ms))
        return std::nullopt;
    return ms;
}

bool isMessageHead(std::string_view line)
{
    for (const std::string_view word : {"LOG:  ", "NOTICE:  ", "WARNING:  ", "ERROR:  ", "FATAL:  ", "DETAIL:  ",
                                        "HINT:  ", "CONTEXT:  ", "STATEMENT:  ", "INFO:  ", "DEBUG:  "}) {
        const std::size_t at = line.find(word);
        // At the front, or after a log_line_prefix, which begins with no space.
        if (at == 0 || (at != std::string_view::npos && line[at - 1] == ' ' && line[0] != ' '))
            return true;
    }
    return false;
}

std::string_view trimmed(std::string_view text)
{
    const std::size_t from = text.find_first_not_of(" \t\r\n");
    if (from == std::string_view::npos)
        return {};
    return text.substr(from, text.find_last_not_of(" \t\r\n") - from + 1);
}

std::string_view trimmedRight(std::string_view text)
{
    const std::size_t last = text.find_last_not_of(" \t\r\n");
    return last == std::string_view::npos ? std::string_view() : text.substr(0, last + 1);
}

std::size_t indentOf(std::string_view text)
{
    std::size_t column = 0;
    for (const char c : text) {
        if (c == ' ')
            ++column;
        else if (c == '\t')
            column = (column / 8 + 1) * 8;
        else
            break;
    }
    return column;
}

std::vector<Line> bareLines(std::string_view input)
{
    std::vector<Line> lines = split(input);
    dropMailMarks(lines);
    dropLineNumbers(lines);
    dropLogTabs(lines);
    dropCsvHeadings(lines);
    unquoteLines(lines);
    const Frame frame = findFrame(lines);
    std::size_t rule_width = 0;
    bool counted = false; ///< a row count was seen, so this is psql's output
    std::vector<Line> kept;
    kept.reserve(lines.size());
    for (Line &line : lines) {
        counted = counted || isRowCount(line.text);
        if (isFence(line.text) || (counted && isTiming(line.text))) {
            line.text.clear();
            line.boundary = true;
        }
        if (isRule(line.text))
            rule_width = charCount(trimmedRight(line.text)) - (frame.sides ? 2U : 0U);
        if (takeOffFrame(line, frame))
            kept.push_back(std::move(line));
    }
    joinCellLines(kept, rule_width);
    joinWrappedCells(kept, rule_width);
    return kept;
}

} // namespace howdah::plan
