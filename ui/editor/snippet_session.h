// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string_view>
#include <vector>

#include "core/workspace/snippets.h"

class QKeyEvent;
class QsciScintilla;

namespace howdah::ui {

/// Snippets in an editor: a trigger and Tab put one in, Tab goes from place to place, Esc or the last place ends it.
/// All places of one number are typed into at once.
class SnippetSession
{
public:
    explicit SnippetSession(QsciScintilla &editor);
    /// True when the key was dealt with.
    [[nodiscard]] bool keyPressed(const QKeyEvent &event);
    /// In place of the selection, as one undo step.
    void insert(const workspace::Snippet &snippet);
    [[nodiscard]] bool isActive() const { return next_ != 0; }

    /// The snippets of all editors: Howdah's and the user's, read once.
    [[nodiscard]] static const std::vector<workspace::Snippet> &all();
    /// Reads them again, after the user's were changed.
    static void reload();

private:
    [[nodiscard]] bool expand();
    void put(const workspace::Snippet &snippet, int begin, int end);
    void advance();
    void end();

    QsciScintilla &editor_;
    int next_ = 0;  ///< number of the place that Tab goes to; 0: no snippet is being filled in
    int last_ = 0;
};

} // namespace howdah::ui
