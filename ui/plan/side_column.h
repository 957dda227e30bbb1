// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QFrame>

class QScrollArea;
class QSplitter;
class QVBoxLayout;

namespace howdah::ui {

class SegmentedTabs;

/// The column beside a plan: an overview that scrolls, and the selected node's details. High enough it has both,
/// one over the other, and remembers how they share; in a low window it has one at a time, under a choice, so
/// that neither is squeezed to nothing.
class SideColumn : public QFrame
{
    Q_OBJECT
public:
    /// Takes `details`.
    explicit SideColumn(QWidget *details, QWidget *parent = nullptr);

    /// At the end of the overview; takes the widget.
    void addToOverview(QWidget *widget, int space_above = 0);
    /// On top of the overview, in the order in which they come; takes the widget.
    void addPanel(QWidget *panel);
    /// "overview" or "node": which one a low window has.
    void setPage(const QString &id);
    [[nodiscard]] QString page() const;
    [[nodiscard]] bool showsBoth() const { return both_; }

protected:
    void resizeEvent(QResizeEvent *event) override;

private:
    void arrange();
    void restoreShares();

    SegmentedTabs *pages_ = nullptr;
    QSplitter *split_ = nullptr;
    QScrollArea *overview_ = nullptr;
    QVBoxLayout *panels_ = nullptr;
    QVBoxLayout *column_ = nullptr;
    QWidget *details_ = nullptr;
    bool both_ = true;
};

} // namespace howdah::ui
