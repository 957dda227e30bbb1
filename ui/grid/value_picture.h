// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <variant>
#include <vector>

#include <QImage>
#include <QWidget>

#include "core/result/decode/shapes.h"

namespace howdah::ui {

/// A value drawn: a geometry, ranges on an axis, a vector as a line, an image.
class ValuePicture : public QWidget
{
    Q_OBJECT
public:
    using Content = std::variant<std::monostate, result::decode::Shape, std::vector<result::decode::Range>, std::vector<double>, QImage>;
    explicit ValuePicture(QWidget *parent = nullptr);
    void show(Content content);
    /// "polygon · 5 points", "768 dimensions · norm 1", "640 × 480": what is written below it.
    [[nodiscard]] QString caption() const;
    [[nodiscard]] const Content &content() const { return content_; }

protected:
    void paintEvent(QPaintEvent *event) override;

private:
    void paintShape(QPainter &painter, const QRectF &area, const result::decode::Shape &shape) const;
    void paintRanges(QPainter &painter, const QRectF &area, const std::vector<result::decode::Range> &ranges) const;
    void paintVector(QPainter &painter, const QRectF &area, const std::vector<double> &vector) const;

    Content content_;
};

} // namespace howdah::ui
