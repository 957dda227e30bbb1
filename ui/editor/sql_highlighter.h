// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <vector>

#include <QByteArray>
#include <QObject>
#include <QTimer>

#include <KSyntaxHighlighting/AbstractHighlighter>
#include <KSyntaxHighlighting/State>

class QsciScintilla;

namespace howdah::ui {

/// Colours a Scintilla document with KSyntaxHighlighting's "SQL (PostgreSQL)", in styles 0 … 30 = TextStyle.
///
/// What is on the screen is coloured at once, everything else in slices of a few milliseconds while nothing
/// happens: the definition takes about 50 µs a line, so a 10 MB script in one go would freeze the window. For
/// each line the state before and after it is kept; after an edit colouring stops where the states meet again.
class SqlHighlighter : public QObject, private KSyntaxHighlighting::AbstractHighlighter
{
public:
    /// `statement_line`: the line at which the statement around a line begins, or -1. Colouring may start there
    /// when nothing before it has been coloured yet.
    SqlHighlighter(QsciScintilla *editor, std::function<int(int line)> statement_line);

    /// Colours what is on the screen now.
    void colourVisible();
    [[nodiscard]] bool isComplete() const;

protected:
    void applyFormat(int offset, int length, const KSyntaxHighlighting::Format &format) override;

private:
    /// State before and after, as indices into states_; `after` is -1 for a line that is not coloured.
    struct Line {
        int before = -1;
        int after = -1;
    };
    void onStyleNeeded(int position);
    void onModified(int position, int type, int lines_added);
    void colourSlice();
    void colour(int first, int last);
    void colourLine(int line);
    void claimAll();
    void colourLongLine(const char *text, int size);
    [[nodiscard]] bool isStale(int line) const;
    [[nodiscard]] int stateBefore(int line) const;
    [[nodiscard]] int intern(const KSyntaxHighlighting::State &state);

    QsciScintilla *editor_;
    std::function<int(int)> statement_line_;
    std::vector<Line> lines_;
    std::vector<KSyntaxHighlighting::State> states_; ///< distinct ones; [0] is the initial state
    int first_stale_ = 0;                            ///< no stale line before this one
    QTimer slice_;
    bool inside_ = false;

    // The line in work.
    QByteArray styles_;
    QString line_text_;
    bool line_is_ascii_ = true;
    int style_base_ = 0; ///< where the line begins in styles_
    int char_at_ = 0;    ///< UTF-16 units and bytes already walked, for lines that are not ASCII
    int byte_at_ = 0;
};

} // namespace howdah::ui
