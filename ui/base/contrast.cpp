// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/base/contrast.h"

#include <algorithm>
#include <cmath>

namespace howdah::ui {

namespace {

double linear(double channel)
{
    return channel <= 0.03928 ? channel / 12.92 : std::pow((channel + 0.055) / 1.055, 2.4);
}

double luminance(const QColor &color)
{
    return 0.2126 * linear(color.redF()) + 0.7152 * linear(color.greenF()) + 0.0722 * linear(color.blueF());
}

} // namespace

double contrastRatio(const QColor &a, const QColor &b)
{
    const double first = luminance(a);
    const double second = luminance(b);
    const double lighter = std::max(first, second);
    const double darker = std::min(first, second);
    return (lighter + 0.05) / (darker + 0.05);
}

QColor readableOn(const QColor &background)
{
    const QColor white(Qt::white);
    const QColor black(Qt::black);
    return contrastRatio(background, white) >= contrastRatio(background, black) ? white : black;
}

} // namespace howdah::ui
