// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QColor>
#include <QFont>
#include <QIcon>
#include <QString>

class QApplication;

namespace howdah::ui {

/// Every colour of the product, for one theme. Widgets take colours from here and nowhere else.
struct Colors {
    QColor window, panel, panel2, line;
    QColor text, dim;
    QColor accent, on_tint, accent_text; ///< accent_text: text on an accent surface
    QColor good, warn, bad;              ///< shapes: bars, edges, dots. For words use the inks
    QColor good_tint, warn_tint, bad_tint;
    /// The same four hues for words: at least 4.5 : 1 on window, panel, panel2 and every tint.
    QColor accent_ink, good_ink, warn_ink, bad_ink;
    QColor hover;                        ///< under the pointer, on window, panel and panel2
    QColor rail, rail_text, rail_active; ///< the dark strip of tools
    QColor series[6];                    ///< charts, colour-blind safe: blue orange green vermilion purple sky
    bool dark = false;
};

enum class Theme { System, Light, Dark };

/// Spacing in logical pixels; the only place where such numbers stand.
namespace spacing {
inline constexpr int unit = 4;
inline constexpr int control = 8;
inline constexpr int card = 12;
inline constexpr int page = 16;
inline constexpr int radius = 7;
} // namespace spacing

/// The colours in force now. Ask again on ThemeNotifier::themeChanged; never keep a copy.
[[nodiscard]] const Colors &colors();
/// One theme's colours whichever is in force; tests and pictures of both need it.
[[nodiscard]] const Colors &colorsOf(bool dark);
/// Fusion style, palette, fonts and style sheet for the whole application; may be called again at run time.
void applyTheme(QApplication &application, Theme theme);
[[nodiscard]] Theme currentTheme();
/// What the desktop prefers, when it tells at run time (Theme::System follows it).
void setDesktopDark(QApplication &application, bool dark);
/// 13 px text face, its monospaced companion one step smaller, and 17 px page titles.
[[nodiscard]] QFont textFont();
[[nodiscard]] QFont monoFont();
[[nodiscard]] QFont titleFont();
/// Titles over groups of things ("FINDINGS"): dim, bold, a little smaller, in capitals where the caller says so.
[[nodiscard]] QFont captionFont();
/// An SVG of resources/icons tinted for the theme; `color` invalid takes the text colour and follows the theme
/// by itself, a given colour has to be asked for again when the theme changes. Sharp at every scale.
[[nodiscard]] QIcon icon(const QString &name, const QColor &color = {});

} // namespace howdah::ui
