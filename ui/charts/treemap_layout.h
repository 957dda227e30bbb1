// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

#include <QRectF>

namespace howdah::ui {

/// Rectangles with areas in proportion to `weights`, which are not negative and come largest first, filling `area` and
/// as near to squares as they can be (Bruls, Huizing, van Wijk: Squarified treemaps). Linear in their number. A weight
/// of 0 gets an empty rectangle.
[[nodiscard]] std::vector<QRectF> squarified(const QRectF &area, const std::vector<double> &weights);

} // namespace howdah::ui
