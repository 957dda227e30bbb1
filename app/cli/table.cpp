// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/table.h"

#include <algorithm>
#include <string_view>

#include <fmt/format.h>

#include "app/cli/terminal.h"

namespace howdah::cli {

namespace {

constexpr std::string_view null_text = "<null>";

std::string_view line(std::string_view text, std::size_t number)
{
    for (; number > 0; --number)
        text.remove_prefix(std::min(text.find('\n'), text.size() - 1) + 1);
    return text.substr(0, text.find('\n'));
}

std::size_t lineCount(std::string_view text)
{
    return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n')) + 1;
}

std::size_t widest(std::string_view text)
{
    std::size_t width = 0;
    for (std::size_t i = 0; i < lineCount(text); ++i)
        width = std::max(width, displayWidth(line(text, i)));
    return width;
}

std::string_view shown(const TableCell &cell)
{
    return cell.is_null ? null_text : std::string_view(cell.text);
}

} // namespace

void measure(std::vector<TableColumn> &columns, const std::vector<TableRow> &rows, bool with_heads)
{
    for (std::size_t i = 0; i < columns.size(); ++i) {
        if (with_heads)
            columns[i].width = std::max(columns[i].width, displayWidth(columns[i].head));
        for (const TableRow &row : rows)
            columns[i].width = std::max(columns[i].width, widest(shown(row[i])));
    }
}

std::string tableHead(const std::vector<TableColumn> &columns, bool colored)
{
    std::string head, rule;
    for (std::size_t i = 0; i < columns.size(); ++i) {
        const TableColumn &column = columns[i];
        const std::size_t blanks = column.width - std::min(column.width, displayWidth(column.head));
        const std::string centered = std::string(blanks / 2, ' ') + column.head + std::string(blanks - blanks / 2, ' ');
        head += (i > 0 ? "| " : " ") + inked(centered, Ink::Bold, colored) + " ";
        rule += (i > 0 ? "+" : "") + std::string(column.width + 2, '-');
    }
    head.erase(head.find_last_not_of(' ') + 1);
    return head + "\n" + rule + "\n";
}

void appendRow(std::string &out, const std::vector<TableColumn> &columns, const TableRow &row, bool colored)
{
    std::size_t lines = 1;
    for (const TableCell &cell : row)
        lines = std::max(lines, lineCount(shown(cell)));
    for (std::size_t number = 0; number < lines; ++number) {
        for (std::size_t i = 0; i < columns.size(); ++i) {
            const std::size_t own = lineCount(shown(row[i]));
            const std::string part = padded(number < own ? line(shown(row[i]), number) : "", columns[i].width, columns[i].to_the_right);
            out += (i > 0 ? "| " : " ") + inked(part, row[i].is_null ? Ink::Dim : Ink::Plain, colored);
            out += number + 1 < own ? '+' : ' ';
        }
        // Blanks at the end serve nobody.
        out.erase(out.find_last_not_of(' ') + 1);
        out += '\n';
    }
}

std::size_t tableWidth(const std::vector<TableColumn> &columns)
{
    std::size_t width = 0;
    for (const TableColumn &column : columns)
        width += column.width + 3;
    return width;
}

void appendExpanded(std::string &out, const std::vector<TableColumn> &columns, const TableRow &row, std::size_t number, bool colored)
{
    std::size_t names = 0;
    for (const TableColumn &column : columns)
        names = std::max(names, displayWidth(column.head));
    out += inked(fmt::format("-[ RECORD {} ]{}", number, std::string(20, '-')), Ink::Dim, colored) + "\n";
    for (std::size_t i = 0; i < columns.size(); ++i) {
        const std::string_view text = shown(row[i]);
        for (std::size_t at = 0; at < lineCount(text); ++at) {
            const bool more = at + 1 < lineCount(text);
            out += inked(padded(at == 0 ? std::string_view(columns[i].head) : "", names), Ink::Bold, colored) + " | "
                + inked(line(text, at), row[i].is_null ? Ink::Dim : Ink::Plain, colored) + (more ? "+\n" : "\n");
        }
    }
}

} // namespace howdah::cli
