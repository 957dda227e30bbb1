// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/editor/auto_close.h"

#include <cctype>
#include <cstring>

#include <QKeyEvent>

#include <KSyntaxHighlighting/Theme>

#include "ui/editor/scintilla.h"

namespace howdah::ui {

namespace {

using Sci = QsciScintillaBase;

char closerOf(char opener)
{
    switch (opener) {
    case '(':
        return ')';
    case '[':
        return ']';
    case '\'':
    case '"':
        return opener;
    default:
        return '\0';
    }
}

bool isWord(char c)
{
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || (static_cast<unsigned char>(c) & 0x80) != 0;
}

int caret(const QsciScintilla &editor)
{
    return static_cast<int>(sci::send(&editor, Sci::SCI_GETCURRENTPOS));
}

} // namespace

bool AutoClose::keyPressed(const QKeyEvent &event)
{
    if (sci::send(&editor_, Sci::SCI_GETSELECTIONS) > 1 || editor_.isReadOnly())
        return false;
    watchLine();
    const bool selected = sci::send(&editor_, Sci::SCI_GETSELECTIONEMPTY) == 0;
    if (event.key() == Qt::Key_Backspace && event.modifiers() == Qt::NoModifier)
        return !selected && removePair();
    if (event.text().size() != 1 || (event.modifiers() & (Qt::ControlModifier | Qt::MetaModifier)) != 0)
        return false;
    const char typed = event.text().at(0).toLatin1();
    if (!selected && stepOver(typed))
        return true;
    const char closer = closerOf(typed);
    if (closer == '\0')
        return false;
    return selected ? wrap(typed, closer) : open(typed, closer);
}

void AutoClose::watchLine()
{
    const int line = sci::lineOf(&editor_, caret(editor_));
    if (line != pending_line_)
        pending_ = 0;
    pending_line_ = line;
}

char AutoClose::at(int position) const
{
    return position < 0 ? '\0' : static_cast<char>(sci::send(&editor_, Sci::SCI_GETCHARAT, position));
}

bool AutoClose::insideText(int position) const
{
    using KSyntaxHighlighting::Theme;
    if (position <= 0)
        return false;
    const long style = sci::send(&editor_, Sci::SCI_GETSTYLEAT, position - 1);
    return style == Theme::String || style == Theme::Comment || style == Theme::VerbatimString;
}

bool AutoClose::open(char opener, char closer)
{
    const int position = caret(editor_);
    const char next = at(position);
    // In front of a word the bracket is meant for that word; after a word or in a text a quote ends something.
    if (next != '\0' && std::strchr(" \t\r\n;,)]", next) == nullptr)
        return false;
    if (opener == closer && (isWord(at(position - 1)) || at(position - 1) == opener || insideText(position)))
        return false;
    const char pair[] = {opener, closer, '\0'};
    editor_.SendScintilla(Sci::SCI_REPLACESEL, 0UL, pair);
    sci::send(&editor_, Sci::SCI_GOTOPOS, position + 1);
    ++pending_;
    return true;
}

bool AutoClose::wrap(char opener, char closer)
{
    const auto begin = static_cast<int>(sci::send(&editor_, Sci::SCI_GETSELECTIONSTART));
    const auto end = static_cast<int>(sci::send(&editor_, Sci::SCI_GETSELECTIONEND));
    const char after[] = {closer, '\0'};
    const char before[] = {opener, '\0'};
    sci::send(&editor_, Sci::SCI_BEGINUNDOACTION);
    editor_.SendScintilla(Sci::SCI_INSERTTEXT, static_cast<unsigned long>(end), after);
    editor_.SendScintilla(Sci::SCI_INSERTTEXT, static_cast<unsigned long>(begin), before);
    sci::send(&editor_, Sci::SCI_ENDUNDOACTION);
    sci::send(&editor_, Sci::SCI_SETSEL, begin + 1, end + 1);
    return true;
}

bool AutoClose::stepOver(char closer)
{
    if (pending_ == 0 || std::strchr(")]'\"", closer) == nullptr || closer == '\0' || at(caret(editor_)) != closer)
        return false;
    --pending_;
    sci::send(&editor_, Sci::SCI_GOTOPOS, caret(editor_) + 1);
    return true;
}

bool AutoClose::removePair()
{
    const int position = caret(editor_);
    const char closer = closerOf(at(position - 1));
    if (pending_ == 0 || closer == '\0' || at(position) != closer)
        return false;
    --pending_;
    sci::send(&editor_, Sci::SCI_DELETERANGE, position - 1, 2);
    return true;
}

} // namespace howdah::ui
