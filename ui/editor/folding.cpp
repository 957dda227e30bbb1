// SPDX-License-Identifier: GPL-3.0-or-later
// Folding of SqlEditor: what can be folded comes from core/sql, the rest is Scintilla's.
#include "ui/editor/sql_editor.h"

namespace howdah::ui {

namespace {

using Sci = QsciScintillaBase;

} // namespace

void SqlEditor::setFolds(const std::vector<sql::FoldLine> &folds)
{
    const auto lines = std::min(static_cast<std::size_t>(sci::send(this, Sci::SCI_GETLINECOUNT)), folds.size());
    for (std::size_t line = 0; line < lines; ++line) {
        const long level = long{Sci::SC_FOLDLEVELBASE} + folds[line].depth + (folds[line].begins ? long{Sci::SC_FOLDLEVELHEADERFLAG} : 0L);
        if (sci::send(this, Sci::SCI_GETFOLDLEVEL, line) != level)
            sci::send(this, Sci::SCI_SETFOLDLEVEL, line, level);
    }
}

void SqlEditor::toggleFold()
{
    long line = sci::lineOf(this, static_cast<int>(cursor().value));
    if ((sci::send(this, Sci::SCI_GETFOLDLEVEL, line) & Sci::SC_FOLDLEVELHEADERFLAG) == 0)
        line = sci::send(this, Sci::SCI_GETFOLDPARENT, line);
    if (line < 0)
        return;
    sci::send(this, Sci::SCI_TOGGLEFOLD, line);
    // The cursor does not stay in what cannot be seen.
    if (sci::send(this, Sci::SCI_GETFOLDEXPANDED, line) == 0)
        sci::send(this, Sci::SCI_GOTOPOS, sci::send(this, Sci::SCI_GETLINEENDPOSITION, line));
}

void SqlEditor::foldAll()
{
    for (int line = lines() - 1; line >= 0; --line) {
        const long level = sci::send(this, Sci::SCI_GETFOLDLEVEL, line);
        const bool outermost = (level & Sci::SC_FOLDLEVELNUMBERMASK) == Sci::SC_FOLDLEVELBASE;
        if (outermost && (level & Sci::SC_FOLDLEVELHEADERFLAG) != 0)
            sci::send(this, Sci::SCI_FOLDLINE, line, int{Sci::SC_FOLDACTION_CONTRACT});
    }
    sci::send(this, Sci::SCI_SCROLLCARET);
}

void SqlEditor::unfoldAll()
{
    sci::send(this, Sci::SCI_FOLDALL, int{Sci::SC_FOLDACTION_EXPAND});
    sci::send(this, Sci::SCI_SCROLLCARET);
}

} // namespace howdah::ui
