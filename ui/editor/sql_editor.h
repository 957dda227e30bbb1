// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <QTimer>

#include "core/base/error.h"
#include "core/base/text_offset.h"
#include "core/sql/error_place.h"
#include "core/sql/fold.h"
#include "core/sql/lexer.h"
#include "ui/editor/scintilla.h"

namespace howdah::ui {

class AutoClose;
class CompletionSession;
class SnippetSession;
class SqlHighlighter;

/// The SQL editor. Offsets at this seam are bytes of the UTF-8 text, which is how Scintilla counts too.
class SqlEditor : public QsciScintilla
{
    Q_OBJECT
public:
    explicit SqlEditor(QWidget *parent = nullptr);
    ~SqlEditor() override;

    [[nodiscard]] std::string utf8() const;
    /// Replaces everything; can be undone unless `fresh`, which also makes it the unmodified text.
    void setContent(std::string_view text, bool fresh);
    [[nodiscard]] ByteOffset cursor() const;
    void setCursor(ByteOffset offset);
    /// Empty when nothing is selected.
    [[nodiscard]] ByteSpan selection() const;
    void select(ByteSpan span);
    /// Replaces a range as one undo step.
    void replace(ByteSpan span, std::string_view text);

    /// Statements of the text as it is now; splits again when it has changed since.
    [[nodiscard]] const std::vector<sql::StatementSpan> &statements();
    /// The statement under the cursor, without surrounding blanks; empty when there is none.
    [[nodiscard]] ByteSpan currentStatement();

    /// Squiggle under the word at `at`, an icon in the margin and the message under its line. The next edit of
    /// the text takes all of them away. `within` is the statement, so that "at end of input" marks its last word.
    void markError(ByteOffset at, ByteSpan within, const Error &error);
    /// The same where the place is known already, in a function's body for example.
    void markError(const sql::ErrorPlace &place, const Error &error);
    void clearErrors();
    [[nodiscard]] std::vector<ByteSpan> errorMarks() const { return errors_; }
    void setHighlight(std::vector<ByteSpan> spans, int indicator);
    /// Whether everything is coloured, not only what is on the screen.
    [[nodiscard]] bool isColoured() const;

    [[nodiscard]] CompletionSession *completion() const { return completion_; }

    // Edit commands; each is one undo step.
    void toggleComment();
    void duplicate();
    void changeKeywords(bool upper);
    void moveLines(bool up);
    void selectNextOccurrence();
    void addCursor(bool above);
    void goToLine();
    /// A menu of all snippets at the cursor.
    void chooseSnippet();
    /// Asks for a trigger and a title, and keeps the selection as the user's snippet.
    void saveSnippet();

    // Folding, without the fold margin.
    void toggleFold();              ///< of the innermost foldable thing around the cursor
    void foldAll();                 ///< every statement
    void unfoldAll();

Q_SIGNALS:
    /// Bytes from the start, line and column from 1; the column counts characters.
    void cursorMoved(int line, int column, int selected_characters);
    void zoomChanged();

protected:
    void keyPressEvent(QKeyEvent *event) override;
    void contextMenuEvent(QContextMenuEvent *event) override;
    void resizeEvent(QResizeEvent *event) override;

private:
    void setUpMargins();
    void setUpBehaviour();
    void onModified(int type);
    void onUpdate(int updated);
    void onCharAdded(int character);
    void markStatement();
    void splitLater();
    void acceptSplit(quint64 revision, std::string text, std::vector<sql::StatementSpan> spans,
                     const std::vector<sql::FoldLine> &folds);
    void setFolds(const std::vector<sql::FoldLine> &folds);
    void fitMargin();
    void applyTheme();
    void reportCursor();

    std::unique_ptr<AutoClose> auto_close_;
    std::unique_ptr<SnippetSession> snippets_;
    CompletionSession *completion_ = nullptr;
    SqlHighlighter *highlighter_ = nullptr;
    std::string split_text_;                      ///< what spans_ were made from
    std::vector<sql::StatementSpan> spans_;
    quint64 revision_ = 0;                        ///< grows with every edit
    quint64 split_revision_ = ~quint64{0};        ///< the revision of spans_
    QTimer split_timer_;
    std::vector<ByteSpan> errors_;
    std::pair<int, int> marked_lines_{-1, -1};
};

} // namespace howdah::ui
