// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/charts/treemap_layout.h"

#include <algorithm>
#include <numeric>

namespace howdah::ui {

namespace {

/// The worst ratio of sides in a row of that length, given the sum, the largest and the smallest of its areas.
double worstRatio(double sum, double largest, double smallest, double length)
{
    const double square = length * length, sum_square = sum * sum;
    return std::max(square * largest / sum_square, sum_square / (square * smallest));
}

} // namespace

std::vector<QRectF> squarified(const QRectF &area, const std::vector<double> &weights)
{
    std::vector<QRectF> rects(weights.size());
    const double total = std::accumulate(weights.begin(), weights.end(), 0.0);
    if (total <= 0 || area.isEmpty())
        return rects;
    const double scale = area.width() * area.height() / total;
    QRectF rest = area;
    for (std::size_t begin = 0; begin < weights.size() && weights[begin] > 0;) {
        const double length = std::min(rest.width(), rest.height());
        if (length <= 0)
            break;
        double sum = weights[begin] * scale;
        std::size_t end = begin + 1;
        // A row grows while that brings its rectangles nearer to squares.
        while (end < weights.size() && weights[end] > 0) {
            const double next = weights[end] * scale;
            if (worstRatio(sum + next, weights[begin] * scale, next, length) > worstRatio(sum, weights[begin] * scale, weights[end - 1] * scale, length))
                break;
            sum += next;
            ++end;
        }
        const double thickness = sum / length;
        const bool upright = rest.width() >= rest.height(); // the row stands at the left, else it lies on top
        double at = upright ? rest.top() : rest.left();
        for (std::size_t i = begin; i < end; ++i) {
            const double side = weights[i] * scale / thickness;
            rects[i] = upright ? QRectF(rest.left(), at, thickness, side) : QRectF(at, rest.top(), side, thickness);
            at += side;
        }
        if (upright)
            rest.setLeft(rest.left() + thickness);
        else
            rest.setTop(rest.top() + thickness);
        begin = end;
    }
    return rects;
}

} // namespace howdah::ui
