// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/editor/scintilla.h"

namespace howdah::ui {

class CompletionSession;
class SqlEditor;

/// Another view of an editor's text, to see or change two places of a long script at once. Colours, marks and undo are
/// the text's own; completion works here too, commands are the first view's.
class SecondView : public QsciScintilla
{
    Q_OBJECT
public:
    explicit SecondView(SqlEditor *editor, QWidget *parent = nullptr);
    /// Puts the first view's cursor or selection where this one's is, so that a command means what is here.
    void handOver();
    [[nodiscard]] CompletionSession *completion() const { return completion_; }

protected:
    void keyPressEvent(QKeyEvent *event) override;

private:
    void applyTheme();

    SqlEditor *editor_;
    CompletionSession *completion_ = nullptr;
};

} // namespace howdah::ui
