// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

#include <QRectF>
#include <QString>
#include <QWidget>

#include "ui/base/tone.h"

namespace howdah::ui {

/// Things by their size, in groups, coloured by a state that a word names too. Hovering tells what a thing is; click,
/// or arrow keys and Enter, choose one. What is current is told to screen readers as the description of the view.
class TreemapView : public QWidget
{
    Q_OBJECT
public:
    struct Tile {
        quint64 id = 0;
        QString name;
        QString figure;    ///< "41 MB"
        QString state;     ///< "unused": the word for the tone
        QString tooltip;   ///< plain text, several lines
        Tone tone = Tone::Neutral;
        double weight = 0; ///< its area
    };
    struct Group {
        QString name;
        std::vector<Tile> tiles;
    };

    explicit TreemapView(QWidget *parent = nullptr);
    /// What has no weight is not shown, nor what would be too small to see. The current tile stays current by its id.
    void setGroups(std::vector<Group> groups);
    void setEmptyText(const QString &text);
    /// Makes it current without a signal; an unknown id makes none current.
    void setCurrent(quint64 id);
    [[nodiscard]] quint64 current() const { return current_; } ///< 0: none
    [[nodiscard]] quint64 tileAt(const QPointF &at) const;      ///< 0: none
    [[nodiscard]] QRectF rectOf(quint64 id) const;              ///< empty when it is not shown
    [[nodiscard]] QSize sizeHint() const override;
    [[nodiscard]] QSize minimumSizeHint() const override;

Q_SIGNALS:
    void chosen(quint64 id);    ///< it became current
    void activated(quint64 id); ///< double click or Enter

protected:
    void paintEvent(QPaintEvent *event) override;
    void resizeEvent(QResizeEvent *event) override;
    void mouseMoveEvent(QMouseEvent *event) override;
    void mousePressEvent(QMouseEvent *event) override;
    void mouseDoubleClickEvent(QMouseEvent *event) override;
    void leaveEvent(QEvent *event) override;
    void keyPressEvent(QKeyEvent *event) override;
    void focusInEvent(QFocusEvent *event) override;
    bool event(QEvent *event) override;

private:
    struct Shown {
        QRectF rect;
        std::size_t group = 0, tile = 0;
    };
    struct Caption {
        QRectF rect;
        std::size_t group = 0;
    };
    void layOut();
    void paintTile(QPainter &painter, const Shown &shown) const;
    [[nodiscard]] const Tile &tileOf(const Shown &shown) const { return groups_[shown.group].tiles[shown.tile]; }
    [[nodiscard]] const Shown *shownAt(const QPointF &at) const;
    [[nodiscard]] const Shown *shownOf(quint64 id) const;
    [[nodiscard]] const Shown *neighbour(const Shown &from, int key) const;
    void choose(quint64 id);
    void tellScreenReader();

    std::vector<Group> groups_;
    std::vector<Shown> shown_;
    std::vector<Caption> captions_;
    QString empty_text_;
    quint64 current_ = 0;
    quint64 hovered_ = 0;
};

} // namespace howdah::ui
