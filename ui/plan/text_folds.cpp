// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/plan/text_folds.h"

#include <algorithm>

namespace howdah::ui {

TextFolds::TextFolds(const QString &text)
{
    struct Open {
        qsizetype column;
        int line;
    };
    std::vector<Open> open;
    qsizetype from = 0;
    int line = 0;
    int last_filled = 0;
    const auto close = [&](qsizetype column) {
        while (!open.empty() && open.back().column >= column) {
            ends_[static_cast<std::size_t>(open.back().line)] = last_filled;
            open.pop_back();
        }
    };
    while (from <= text.size()) {
        qsizetype end = text.indexOf(QLatin1Char('\n'), from);
        end = end < 0 ? text.size() : end;
        qsizetype column = 0;
        while (from + column < end && text.at(from + column) == QLatin1Char(' '))
            ++column;
        ends_.push_back(line);
        if (from + column < end) {
            close(column);
            heads_.push_back(open.empty() ? -1 : open.back().line);
            open.push_back({column, line});
            last_filled = line;
        } else {
            heads_.push_back(-1); // an empty line belongs to nothing
        }
        from = end + 1;
        ++line;
    }
    close(0);
    folded_.assign(ends_.size(), false);
}

int TextFolds::end(int line) const
{
    return line >= 0 && line < lines() ? ends_[static_cast<std::size_t>(line)] : line;
}

bool TextFolds::isFolded(int line) const
{
    return line >= 0 && line < lines() && folded_[static_cast<std::size_t>(line)];
}

int TextFolds::head(int line) const
{
    return line >= 0 && line < lines() ? heads_[static_cast<std::size_t>(line)] : -1;
}

void TextFolds::setFolded(int line, bool folded)
{
    if (canFold(line))
        folded_[static_cast<std::size_t>(line)] = folded;
}

void TextFolds::setAllFolded(bool folded)
{
    for (int line = 0; line < lines(); ++line)
        setFolded(line, folded);
}

bool TextFolds::anyFolded() const
{
    return std::find(folded_.begin(), folded_.end(), true) != folded_.end();
}

std::vector<bool> TextFolds::visible() const
{
    std::vector<bool> shown(ends_.size(), true);
    int hidden_to = -1;
    for (int line = 0; line < lines(); ++line) {
        if (line <= hidden_to)
            shown[static_cast<std::size_t>(line)] = false;
        else if (isFolded(line))
            hidden_to = end(line);
    }
    return shown;
}

} // namespace howdah::ui
