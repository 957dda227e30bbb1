// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QColor>
#include <QString>

class QPainter;
class QRect;
class QSize;

namespace howdah::ui {

/// What a coloured thing says. A word or an icon always goes with it.
enum class Tone { Neutral, Accent, Good, Warn, Bad };

[[nodiscard]] QColor toneInk(Tone tone);   ///< for words
[[nodiscard]] QColor toneTint(Tone tone);  ///< the ground under such words
[[nodiscard]] QColor toneShape(Tone tone); ///< bars, edges, dots

/// A pill as item delegates draw it; the widget is Pill. `rect` is where it may be: it is centred vertically
/// and starts on the left. Returns the width used.
int paintPill(QPainter &painter, const QRect &rect, const QString &text, Tone tone);
[[nodiscard]] QSize pillSize(const QString &text);

} // namespace howdah::ui
