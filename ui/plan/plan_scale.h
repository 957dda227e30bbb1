// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QColor>
#include <QCoreApplication>
#include <QStringList>
#include <QWidget>

#include "ui/base/tone.h"

namespace howdah::ui {

/// What the colours of a plan's views tell.
enum class ColourBy { Time, Rows, Cost, Buffers, Estimate };

/// The steps of the scale that all views of a plan share: blue, orange and vermilion, which people with any kind of
/// colour blindness can tell apart (green and red they cannot); grey where there is nothing to tell.
[[nodiscard]] QColor scaleColour(Tone tone);
/// The ground of a box with words on it, in the same scale but quiet where little happens.
[[nodiscard]] QColor scaleGround(Tone tone);

/// One line under a view: what its colours mean, and a remark on how to read it.
class PlanLegend : public QWidget
{
    Q_OBJECT
public:
    explicit PlanLegend(QWidget *parent = nullptr);
    /// `timed`: the plan was executed; without, "time" is told by the cost.
    void setColourBy(ColourBy colour_by, bool timed);
    void setShowsScale(bool shows);
    void setRemark(const QString &remark);
    /// Title and the three steps, the lowest first.
    [[nodiscard]] QStringList words() const { return words_; }
    [[nodiscard]] QSize sizeHint() const override;

protected:
    void paintEvent(QPaintEvent *event) override;

private:
    QStringList words_;
    QString remark_;
    bool shows_scale_ = true;
};

} // namespace howdah::ui
