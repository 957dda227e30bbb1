// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QColor>

namespace howdah::ui {

/// Contrast ratio of two opaque colours, 1 to 21, after WCAG 2.1 ("relative luminance", "contrast ratio").
[[nodiscard]] double contrastRatio(const QColor &a, const QColor &b);
/// Black or white, whichever reads better on that colour (user-chosen colours of connections).
[[nodiscard]] QColor readableOn(const QColor &background);

} // namespace howdah::ui
