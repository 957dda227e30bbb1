// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

#include <QWidget>

#include "core/result/column_statistics.h"

namespace howdah::ui {

/// Bars of a histogram, its ends written below. A click on a bar (or Enter) tells which.
class HistogramView : public QWidget
{
    Q_OBJECT
public:
    explicit HistogramView(QWidget *parent = nullptr);
    void setBins(std::vector<result::HistogramBin> bins);
    [[nodiscard]] const std::vector<result::HistogramBin> &bins() const { return bins_; }
    [[nodiscard]] QSize sizeHint() const override;

Q_SIGNALS:
    void binActivated(int bin);

protected:
    bool event(QEvent *event) override;
    void paintEvent(QPaintEvent *event) override;
    void mouseMoveEvent(QMouseEvent *event) override;
    void mousePressEvent(QMouseEvent *event) override;
    void leaveEvent(QEvent *event) override;
    void keyPressEvent(QKeyEvent *event) override;

private:
    [[nodiscard]] QRect bars() const;
    [[nodiscard]] int binAt(int x) const;
    [[nodiscard]] QString tip(int bin) const;

    std::vector<result::HistogramBin> bins_;
    int current_ = -1;
};

/// Values with how often each occurs, as a bar behind the text. A click (or Enter) tells which.
class ValueBars : public QWidget
{
    Q_OBJECT
public:
    explicit ValueBars(QWidget *parent = nullptr);
    /// `rows`: all rows, of which the bars show the part. `approximate`: counts wear a "~".
    void setValues(std::vector<result::ValueCount> values, result::ValueKind kind, qint64 rows, bool approximate);
    [[nodiscard]] const std::vector<result::ValueCount> &values() const { return values_; }
    [[nodiscard]] QSize sizeHint() const override;

Q_SIGNALS:
    void valueActivated(int value);

protected:
    bool event(QEvent *event) override;
    void paintEvent(QPaintEvent *event) override;
    void mouseMoveEvent(QMouseEvent *event) override;
    void mousePressEvent(QMouseEvent *event) override;
    void leaveEvent(QEvent *event) override;
    void keyPressEvent(QKeyEvent *event) override;

private:
    [[nodiscard]] int lineHeight() const;
    [[nodiscard]] int lineAt(int y) const;
    [[nodiscard]] QString textOf(const result::ValueCount &value, qsizetype most) const;

    std::vector<result::ValueCount> values_;
    result::ValueKind kind_ = result::ValueKind::Text;
    qint64 rows_ = 0;
    bool approximate_ = false;
    int current_ = -1;
};

} // namespace howdah::ui
