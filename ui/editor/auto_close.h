// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

class QKeyEvent;
class QsciScintilla;

namespace howdah::ui {

/// Closes brackets and quotes while typing: an opener brings its closer where nothing follows that it could
/// enclose, around a selection it wraps, typing the closer steps over it, Backspace in an empty pair takes both.
/// Only closers that came by themselves are stepped over.
class AutoClose
{
public:
    explicit AutoClose(QsciScintilla &editor) : editor_(editor) { }
    /// True when the key was dealt with.
    [[nodiscard]] bool keyPressed(const QKeyEvent &event);

private:
    [[nodiscard]] bool open(char opener, char closer);
    [[nodiscard]] bool wrap(char opener, char closer);
    [[nodiscard]] bool stepOver(char closer);
    [[nodiscard]] bool removePair();
    [[nodiscard]] char at(int position) const;
    [[nodiscard]] bool insideText(int position) const;
    void watchLine();

    QsciScintilla &editor_;
    int pending_ = 0; ///< closers set by us on pending_line_
    int pending_line_ = -1;
};

} // namespace howdah::ui
