// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

#include <QFrame>

#include "core/migration/lint.h"

class QScrollArea;

namespace howdah::ui {

/// A card over the text: what lint found at a place, the locks of the statement, and what to write instead.
class LintTip : public QFrame
{
    Q_OBJECT
public:
    explicit LintTip(QWidget *parent);
    /// The gravest first; of more than three the first ones.
    void show(const std::vector<migration::LintFinding> &findings);
    /// Under the line that ends at `bottom`, over it where there is no room; in the parent's coordinates.
    void place(int left, int top, int bottom);
    /// All of it, for tests and screen readers.
    [[nodiscard]] QString text() const;

Q_SIGNALS:
    void suppressRequested(const howdah::migration::LintFinding &finding);

private:
    void applyTheme();
    void addFinding(const migration::LintFinding &finding, bool with_locks);
    QScrollArea *scroll_; ///< for windows that are lower than the card
    QWidget *content_ = nullptr;
    std::vector<migration::LintFinding> findings_;
};

} // namespace howdah::ui
