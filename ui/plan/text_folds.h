// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

#include <QString>

namespace howdah::ui {

/// What can be folded in indented text, as EXPLAIN's TEXT and JSON are: a line hides the lines below it that stand
/// further right. Lines are counted from 0.
class TextFolds
{
public:
    TextFolds() = default;
    explicit TextFolds(const QString &text); ///< linear; nothing is folded

    [[nodiscard]] int lines() const { return static_cast<int>(ends_.size()); }
    [[nodiscard]] bool canFold(int line) const { return end(line) > line; }
    /// The last line that folds under this one; the line itself when none does.
    [[nodiscard]] int end(int line) const;
    [[nodiscard]] bool isFolded(int line) const;
    /// The line that this one folds under; -1 at the outermost level.
    [[nodiscard]] int head(int line) const;
    void setFolded(int line, bool folded);
    void setAllFolded(bool folded);
    [[nodiscard]] bool anyFolded() const;
    /// Every line's visibility, in linear time.
    [[nodiscard]] std::vector<bool> visible() const;

private:
    std::vector<int> ends_;
    std::vector<int> heads_;
    std::vector<bool> folded_;
};

} // namespace howdah::ui
