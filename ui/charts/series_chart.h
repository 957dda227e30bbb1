// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include <QString>
#include <QWidget>

#include "core/series/time_series.h"

namespace howdah::ui {

/// One line of a chart, or one layer of a stacked one. Points by time, at most a few for each pixel (decimated by
/// core/series); a gap breaks the line.
struct ChartLine {
    QString name;
    int color = 0; ///< index into Colors::series
    std::vector<series::Point> points;
};

/// A compact chart of figures over time in a card of its own: what it is, what the figures are now or under the pointer,
/// and their course. Drawn by hand: half a dozen of them repaint every second beside a table that must not stutter.
/// Arrow keys move the mark, Escape lets it go.
class SeriesChart : public QWidget
{
    Q_OBJECT
public:
    enum class Shape { Lines, Stacked };
    using Format = std::function<QString(double)>;

    SeriesChart(const QString &title, Shape shape, Format format, QWidget *parent = nullptr);

    void setLines(std::vector<ChartLine> lines, series::TimeMs from, series::TimeMs to);
    [[nodiscard]] const std::vector<ChartLine> &lines() const { return lines_; }
    void setTitle(const QString &title);
    /// Where the scale ends at least, so that small things do not look great.
    void setLeastTop(double value);
    /// The scale never goes beyond; for shares.
    void setGreatestTop(double value) { greatest_top_ = value; }
    /// The scale ends at round numbers of kB, MB … and not of thousands.
    void setBytes(bool bytes) { bytes_ = bytes; }
    /// A dashed line where something ends: max_connections. Drawn when the scale reaches it.
    void setCeiling(double value, const QString &name);
    /// The moment that is marked; charts side by side mark the same.
    void setMark(std::optional<series::TimeMs> time_ms);
    /// A line's value at a moment, or the last one without; series::no_value where nothing is known.
    [[nodiscard]] double valueOf(const ChartLine &line, std::optional<series::TimeMs> time_ms) const;
    [[nodiscard]] QString summary() const; ///< "Transactions: commit 12/s, rollback 0/s"
    [[nodiscard]] QSize sizeHint() const override;
    [[nodiscard]] QSize minimumSizeHint() const override;

Q_SIGNALS:
    void markMoved(std::optional<howdah::series::TimeMs> time_ms);

protected:
    void paintEvent(QPaintEvent *event) override;
    void mouseMoveEvent(QMouseEvent *event) override;
    void leaveEvent(QEvent *event) override;
    void keyPressEvent(QKeyEvent *event) override;
    void focusOutEvent(QFocusEvent *event) override;
    void resizeEvent(QResizeEvent *event) override;
    bool event(QEvent *event) override;

private:
    /// A figure of the legend and where it stands.
    struct Entry {
        const ChartLine *line;
        QString figure;
        QRect place;
    };
    [[nodiscard]] std::vector<Entry> legend() const;
    void fitLegend();
    [[nodiscard]] QRectF plot() const;
    [[nodiscard]] double top() const;
    [[nodiscard]] double xOf(series::TimeMs time_ms) const;
    void paintHead(QPainter &painter) const;
    void paintGrid(QPainter &painter, double top) const;
    void paintLabels(QPainter &painter, double top) const;
    void paintLines(QPainter &painter, double top) const;
    void paintStack(QPainter &painter, double top) const;
    void paintMark(QPainter &painter, double top) const;
    void moveMark(std::optional<series::TimeMs> time_ms);

    QString title_;
    Shape shape_;
    Format format_;
    std::vector<ChartLine> lines_;
    series::TimeMs from_ = 0, to_ = 0;
    double least_top_ = 1;
    double greatest_top_ = 0;
    bool bytes_ = false;
    int legend_lines_ = 1; ///< never fewer at this width: figures change theirs every second, and the plot must not jump
    double ceiling_ = 0;
    QString ceiling_name_;
    std::optional<series::TimeMs> mark_;
};

} // namespace howdah::ui
