// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/editor/scintilla.h"

namespace howdah::ui {

class SqlEditor;

/// Another view of an editor's text, to see or change two places of a long script at once. Colours, marks and undo are
/// the text's own; commands and completion are the first view's.
class SecondView : public QsciScintilla
{
    Q_OBJECT
public:
    explicit SecondView(SqlEditor *editor, QWidget *parent = nullptr);
    /// Puts the first view's cursor or selection where this one's is, so that a command means what is here.
    void handOver();

private:
    void applyTheme();

    SqlEditor *editor_;
};

} // namespace howdah::ui
