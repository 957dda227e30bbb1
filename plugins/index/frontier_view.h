// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

#include <QPointF>
#include <QWidget>

namespace howdah::index_tool {

/// Cost against size: each point is the best set of indexes of its size, and the line between them is what more disk buys.
/// Click, or arrow keys, choose one. Costs are shares of the cost without any. What is current is told to screen readers as
/// the description of the view.
class FrontierView : public QWidget
{
    Q_OBJECT
public:
    struct Point {
        double bytes = 0;
        double share = 1;  ///< of the workload's cost as it is
        int indexes = 0;
        QString tooltip;   ///< plain text, several lines
    };

    explicit FrontierView(QWidget *parent = nullptr);
    /// In the order of their sizes. None is current then.
    void setPoints(std::vector<Point> points);
    [[nodiscard]] const std::vector<Point> &points() const { return points_; }
    /// A dashed line; 0 for none.
    void setBudget(double bytes);
    /// Of the workload as it is with what is chosen, where that is no point of the line; share below 0 for none.
    void setOwn(double bytes, double share);
    void setEmptyText(const QString &text);
    /// Makes it current without a signal; -1 for none.
    void setCurrent(int point);
    [[nodiscard]] int current() const { return current_; }
    [[nodiscard]] QPointF placeOf(int point) const;
    [[nodiscard]] QSize sizeHint() const override;
    [[nodiscard]] QSize minimumSizeHint() const override;

Q_SIGNALS:
    void chosen(int point); ///< it became current

protected:
    void paintEvent(QPaintEvent *event) override;
    void mouseMoveEvent(QMouseEvent *event) override;
    void mousePressEvent(QMouseEvent *event) override;
    void leaveEvent(QEvent *event) override;
    void keyPressEvent(QKeyEvent *event) override;
    void focusInEvent(QFocusEvent *event) override;
    bool event(QEvent *event) override;

private:
    [[nodiscard]] QRectF plot() const;
    [[nodiscard]] double rightEnd() const; ///< bytes
    [[nodiscard]] QPointF place(double bytes, double share) const;
    [[nodiscard]] int pointAt(const QPointF &at) const;
    void choose(int point);
    void tellScreenReader();
    void paintScale(QPainter &painter) const;
    void paintLine(QPainter &painter) const;
    void paintPoints(QPainter &painter) const;
    void paintLabel(QPainter &painter, const QPointF &at, const QString &text) const;

    std::vector<Point> points_;
    double budget_ = 0, own_bytes_ = 0, own_share_ = -1;
    QString empty_text_;
    int current_ = -1, hovered_ = -1;
};

} // namespace howdah::index_tool
