// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QTabBar>

namespace howdah::ui {

/// The strip above the results of a run: a chip for each, with a pin that keeps it for the next run. Chips hold an id
/// of their owner's in tabData().
class ResultChips : public QTabBar
{
    Q_OBJECT
public:
    explicit ResultChips(QWidget *parent = nullptr);
    /// `title` in bold, `figures` dim behind it.
    void setChip(int index, const QString &title, const QString &figures, const QString &tooltip);
    void setPinned(int index, bool pinned);
    [[nodiscard]] bool isPinned(int index) const;
    /// Where the pin of a chip is.
    [[nodiscard]] QRect pinRect(int index) const;

Q_SIGNALS:
    void pinToggled(int index);

protected:
    void paintEvent(QPaintEvent *event) override;
    [[nodiscard]] QSize tabSizeHint(int index) const override;
    [[nodiscard]] QSize minimumTabSizeHint(int index) const override;
    void mousePressEvent(QMouseEvent *event) override;
    void mouseMoveEvent(QMouseEvent *event) override;
    void leaveEvent(QEvent *event) override;
    void keyPressEvent(QKeyEvent *event) override;
    void tabInserted(int index) override;
    void tabRemoved(int index) override;

private:
    struct Chip {
        QString title;
        QString figures;
        bool pinned = false;
    };
    void paintChip(QPainter &painter, int index) const;

    QList<Chip> chips_;
    QFont title_font_;
    QPoint pointer_{-1, -1};
};

} // namespace howdah::ui
