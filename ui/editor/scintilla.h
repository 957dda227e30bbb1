// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// QScintilla's headers use Qt's lower-case keywords, which we build without (QT_NO_KEYWORDS).
#pragma push_macro("signals")
#pragma push_macro("slots")
#define signals Q_SIGNALS
#define slots Q_SLOTS
#include <Qsci/qsciscintilla.h>
#pragma pop_macro("slots")
#pragma pop_macro("signals")

namespace howdah::ui::sci {

/// One call for every message: QScintilla's overloads are ambiguous for most integer types.
template <typename W = int, typename L = int>
long send(const QsciScintillaBase *editor, unsigned int message, W w = 0, L l = 0)
{
    return editor->SendScintilla(message, static_cast<unsigned long>(w), static_cast<long>(l));
}

inline int length(const QsciScintillaBase *editor)
{
    return static_cast<int>(send(editor, QsciScintillaBase::SCI_GETLENGTH));
}

inline int lineOf(const QsciScintillaBase *editor, int position)
{
    return static_cast<int>(send(editor, QsciScintillaBase::SCI_LINEFROMPOSITION, position));
}

/// First position of a line; the end of the text for lines past the last one.
inline int lineStart(const QsciScintillaBase *editor, int line)
{
    const long lines = send(editor, QsciScintillaBase::SCI_GETLINECOUNT);
    return line >= lines ? length(editor)
                         : static_cast<int>(send(editor, QsciScintillaBase::SCI_POSITIONFROMLINE, line));
}

/// Bytes of a range. Valid until the next change of the text.
inline const char *bytes(const QsciScintillaBase *editor, int begin, int size)
{
    // Scintilla hands pointers over as integers.
    return reinterpret_cast<const char *>(send(editor, QsciScintillaBase::SCI_GETRANGEPOINTER, begin, size));
}

} // namespace howdah::ui::sci
