// SPDX-License-Identifier: GPL-3.0-or-later
// The commands of SqlEditor that change the text.
#include <algorithm>
#include <cctype>

#include <QInputDialog>

#include "core/sql/keywords.h"
#include "ui/editor/sql_editor.h"

namespace howdah::ui {

namespace {

using Sci = QsciScintillaBase;

std::string_view trimmedLeft(std::string_view line)
{
    const auto begin = line.find_first_not_of(" \t\r\n");
    return begin == std::string_view::npos ? std::string_view() : line.substr(begin);
}

std::vector<std::string_view> linesOf(std::string_view text)
{
    std::vector<std::string_view> lines;
    while (!text.empty()) {
        const auto end = std::min(text.find('\n'), text.size() - 1) + 1;
        lines.push_back(text.substr(0, end));
        text.remove_prefix(end);
    }
    return lines;
}

/// Comments every line that is not blank at the smallest indentation among them, or takes the comments away.
std::string withCommentsToggled(std::string_view text)
{
    const auto lines = linesOf(text);
    bool all_commented = true;
    std::size_t indentation = std::string::npos;
    for (const std::string_view line : lines) {
        const std::string_view content = trimmedLeft(line);
        if (content.empty())
            continue;
        all_commented = all_commented && content.starts_with("--");
        indentation = std::min(indentation, line.size() - content.size());
    }
    std::string result;
    result.reserve(text.size() + lines.size() * 3);
    for (const std::string_view line : lines) {
        const std::string_view content = trimmedLeft(line);
        const std::size_t before = line.size() - content.size();
        if (content.empty()) {
            result += line;
        } else if (all_commented) {
            result += line.substr(0, before);
            result += content.substr(content.starts_with("-- ") ? 3 : 2);
        } else {
            result += line.substr(0, indentation);
            result += "-- ";
            result += line.substr(indentation);
        }
    }
    return result;
}

/// Keywords of the statements in another case; texts, quoted names and comments are left alone.
std::string withKeywordsIn(std::string_view text, bool upper)
{
    std::string result(text);
    sql::Lexer lexer(text);
    sql::Token token;
    while (lexer.next(token)) {
        const std::string_view word = token.span.of(text);
        if (token.kind != sql::TokenKind::Identifier || !sql::isKeyword(word))
            continue;
        std::transform(word.begin(), word.end(),
                       result.begin() + static_cast<std::ptrdiff_t>(token.span.begin.value), [upper](char c) {
                           const auto byte = static_cast<unsigned char>(c);
                           return static_cast<char>(upper ? std::toupper(byte) : std::tolower(byte));
                       });
    }
    return result;
}

} // namespace

void SqlEditor::toggleComment()
{
    const ByteSpan selected = selection();
    const int first = sci::lineOf(this, static_cast<int>(selected.begin.value));
    int last = sci::lineOf(this, static_cast<int>(selected.end.value));
    // A selection that ends in front of a line does not mean that line.
    if (last > first && sci::lineStart(this, last) == static_cast<int>(selected.end.value))
        --last;
    const int begin = sci::lineStart(this, first);
    const int end = sci::lineStart(this, last + 1);
    if (begin == end)
        return;
    const std::string old(sci::bytes(this, begin, end - begin), static_cast<std::size_t>(end - begin));
    const std::string changed = withCommentsToggled(old);
    if (changed == old)
        return;
    const auto from_end = sci::length(this) - static_cast<int>(cursor().value);
    replace({{static_cast<std::size_t>(begin)}, {static_cast<std::size_t>(end)}}, changed);
    if (selected.size() > 0)
        sci::send(this, Sci::SCI_SETSEL, begin, begin + static_cast<int>(changed.size()));
    else
        setCursor({static_cast<std::size_t>(std::max(begin, sci::length(this) - from_end))});
}

void SqlEditor::duplicate()
{
    sci::send(this, Sci::SCI_SELECTIONDUPLICATE);
}

void SqlEditor::changeKeywords(bool upper)
{
    const ByteSpan selected = selection();
    const ByteSpan span = selected.size() > 0 ? selected : currentStatement();
    if (span.size() == 0)
        return;
    const std::string text = utf8();
    const std::string changed = withKeywordsIn(span.of(text), upper);
    if (changed == span.of(text))
        return;
    const ByteOffset at = cursor();
    replace(span, changed);
    if (selected.size() > 0)
        sci::send(this, Sci::SCI_SETSEL, selected.begin.value, selected.end.value);
    else
        setCursor(at);
}

void SqlEditor::moveLines(bool up)
{
    sci::send(this, up ? Sci::SCI_MOVESELECTEDLINESUP : Sci::SCI_MOVESELECTEDLINESDOWN);
}

void SqlEditor::selectNextOccurrence()
{
    sci::send(this, Sci::SCI_SETSEARCHFLAGS, int{Sci::SCFIND_MATCHCASE});
    sci::send(this, Sci::SCI_TARGETWHOLEDOCUMENT);
    sci::send(this, Sci::SCI_MULTIPLESELECTADDNEXT);
    sci::send(this, Sci::SCI_SCROLLCARET);
}

void SqlEditor::addCursor(bool above)
{
    const auto main = sci::send(this, Sci::SCI_GETMAINSELECTION);
    const auto caret = static_cast<int>(sci::send(this, Sci::SCI_GETSELECTIONNCARET, main));
    const int line = sci::lineOf(this, caret) + (above ? -1 : 1);
    if (line < 0 || line >= lines())
        return;
    const auto column = sci::send(this, Sci::SCI_GETCOLUMN, caret);
    const auto position = sci::send(this, Sci::SCI_FINDCOLUMN, line, column);
    sci::send(this, Sci::SCI_ADDSELECTION, position, position);
    sci::send(this, Sci::SCI_SCROLLCARET);
}

void SqlEditor::goToLine()
{
    auto *dialog = new QInputDialog(this);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setWindowTitle(tr("Go to line"));
    dialog->setLabelText(tr("Line (1 to %1)").arg(lines()));
    dialog->setInputMode(QInputDialog::IntInput);
    dialog->setIntRange(1, lines());
    dialog->setIntValue(sci::lineOf(this, static_cast<int>(cursor().value)) + 1);
    connect(dialog, &QInputDialog::intValueSelected, this, [this](int line) {
        setCursor({static_cast<std::size_t>(sci::lineStart(this, line - 1))});
        sci::send(this, Sci::SCI_VERTICALCENTRECARET);
        setFocus();
    });
    dialog->open();
}

/// A new line starts where the one before it did, one step further in after an opening bracket.
void SqlEditor::onCharAdded(int character)
{
    if (character != '\n' || sci::send(this, Sci::SCI_GETSELECTIONS) > 1)
        return;
    const auto position = static_cast<int>(cursor().value);
    const int line = sci::lineOf(this, position);
    if (line == 0)
        return;
    const QString before = text(line - 1).trimmed();
    const auto base = static_cast<int>(sci::send(this, Sci::SCI_GETLINEINDENTATION, line - 1));
    const bool opened = before.endsWith(QLatin1Char('(')) || before.endsWith(QLatin1Char('['));
    const auto next = static_cast<char>(sci::send(this, Sci::SCI_GETCHARAT, position));
    if (opened && (next == ')' || next == ']')) {
        SendScintilla(Sci::SCI_INSERTTEXT, static_cast<unsigned long>(position), "\n");
        sci::send(this, Sci::SCI_SETLINEINDENTATION, line + 1, base);
    }
    sci::send(this, Sci::SCI_SETLINEINDENTATION, line, base + (opened ? tabWidth() : 0));
    sci::send(this, Sci::SCI_GOTOPOS, sci::send(this, Sci::SCI_GETLINEINDENTPOSITION, line));
}

} // namespace howdah::ui
