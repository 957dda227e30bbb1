// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/base/palette.h"

#include <optional>

#include <QApplication>
#include <QFontDatabase>
#include <QPalette>
#include <QStyle>
#include <QStyleFactory>

#include "ui/base/restyle.h"
#include "ui/base/style_sheet.h"
#include "ui/base/theme_notifier.h"

namespace howdah::ui {

namespace {

QColor hex(const char *value)
{
    return QColor(QLatin1StringView(value));
}

Colors lightColors()
{
    Colors c;
    c.window = hex("#f6f7f9");
    c.panel = hex("#ffffff");
    c.panel2 = hex("#f1f3f6");
    c.line = hex("#e0e4ea");
    c.text = hex("#1d2430");
    // One step darker than the draft's #67717f, which has 4.4 : 1 on panel2 and on the tints.
    c.dim = hex("#5c6675");
    c.accent = hex("#2f6feb");
    c.on_tint = hex("#e8f0fe");
    c.accent_text = hex("#ffffff");
    c.good = hex("#1a8754");
    c.warn = hex("#b7791f");
    c.bad = hex("#c4314b");
    c.good_tint = hex("#e6f5ee");
    c.warn_tint = hex("#fdf4e3");
    c.bad_tint = hex("#fdecef");
    c.accent_ink = hex("#2461dc");
    c.good_ink = hex("#157a4c");
    c.warn_ink = hex("#8a5a0f");
    c.bad_ink = hex("#b82c46");
    c.hover = hex("#e9ecf1");
    c.rail = hex("#20263a");
    c.rail_text = hex("#c3cad8");
    c.rail_active = hex("#3a4157");
    return c;
}

Colors darkColors()
{
    Colors c;
    c.window = hex("#171b22");
    c.panel = hex("#1e242d");
    c.panel2 = hex("#252c37");
    c.line = hex("#323b48");
    c.text = hex("#e3e8ef");
    c.dim = hex("#97a3b4");
    c.accent = hex("#6ea0ff");
    c.on_tint = hex("#26375a");
    c.accent_text = hex("#10151d");
    c.good = hex("#58c893");
    c.warn = hex("#e5b25d");
    c.bad = hex("#ff7d8f");
    c.good_tint = hex("#1c3a2c");
    c.warn_tint = hex("#3a301c");
    c.bad_tint = hex("#3f2229");
    c.accent_ink = c.accent;
    c.good_ink = c.good;
    c.warn_ink = c.warn;
    c.bad_ink = c.bad;
    c.hover = hex("#2c3440");
    c.rail = hex("#11151b");
    c.rail_text = hex("#aab4c3");
    c.rail_active = hex("#2a3240");
    c.dark = true;
    return c;
}

/// Okabe and Ito's set, made a little lighter where the ground is dark.
void addSeries(Colors &c)
{
    static constexpr const char *light[] = {"#0072b2", "#d98200", "#009e73", "#d55e00", "#b0669a", "#3a9fd8"};
    static constexpr const char *dark[] = {"#4a9fe0", "#e69f00", "#2cc295", "#f07c3c", "#cc79a7", "#7cc8f2"};
    for (int i = 0; i < 6; ++i)
        c.series[i] = hex(c.dark ? dark[i] : light[i]);
}

struct State {
    Theme theme = Theme::System;
    bool dark = false;
    bool applied = false;
    bool desktop_dark = false; ///< what the desktop's own palette said before ours replaced it
    std::optional<bool> desktop_told; ///< what the desktop said since, when it can tell
};

State &state()
{
    static State instance;
    return instance;
}

QPalette qtPalette(const Colors &c)
{
    QPalette p(c.panel2, c.window);
    p.setColor(QPalette::Window, c.window);
    p.setColor(QPalette::WindowText, c.text);
    p.setColor(QPalette::Base, c.panel);
    p.setColor(QPalette::AlternateBase, c.panel2);
    p.setColor(QPalette::Text, c.text);
    p.setColor(QPalette::PlaceholderText, c.dim);
    p.setColor(QPalette::Button, c.panel);
    p.setColor(QPalette::ButtonText, c.text);
    p.setColor(QPalette::BrightText, c.bad_ink);
    p.setColor(QPalette::ToolTipBase, c.panel);
    p.setColor(QPalette::ToolTipText, c.text);
    p.setColor(QPalette::Highlight, c.accent);
    p.setColor(QPalette::HighlightedText, c.accent_text);
    p.setColor(QPalette::Link, c.accent_ink);
    p.setColor(QPalette::LinkVisited, c.accent_ink);
    p.setColor(QPalette::Mid, c.line);
    p.setColor(QPalette::Midlight, c.panel2);
    for (const auto role : {QPalette::WindowText, QPalette::Text, QPalette::ButtonText}) {
        QColor faint = c.dim;
        faint.setAlphaF(0.65F);
        p.setColor(QPalette::Disabled, role, faint);
    }
    p.setColor(QPalette::Disabled, QPalette::Highlight, c.line);
    p.setColor(QPalette::Disabled, QPalette::HighlightedText, c.dim);
    return p;
}

QFont face(const QStringList &families, int pixels)
{
    QFont font;
    font.setFamilies(families);
    font.setPixelSize(pixels);
    return font;
}

/// The desktop's own text face comes right after Inter, so that scripts which Inter lacks look at home.
const QStringList &textFamilies()
{
    static const QStringList families = [] {
        QStringList list{QStringLiteral("Inter")};
        const QString system = QFontDatabase::systemFont(QFontDatabase::GeneralFont).family();
        if (!system.isEmpty())
            list << system;
        return list << QStringLiteral("DejaVu Sans");
    }();
    return families;
}

const QStringList &monoFamilies()
{
    static const QStringList families{QStringLiteral("JetBrains Mono"), QStringLiteral("DejaVu Sans Mono"),
                                      QFontDatabase::systemFont(QFontDatabase::FixedFont).family()};
    return families;
}

constexpr int text_pixels = 13;
constexpr int mono_pixels = 12;
constexpr int title_pixels = 17;
constexpr int caption_pixels = 12;

} // namespace

const Colors &colorsOf(bool dark)
{
    static const Colors light_colors = [] {
        Colors c = lightColors();
        addSeries(c);
        return c;
    }();
    static const Colors dark_colors = [] {
        Colors c = darkColors();
        addSeries(c);
        return c;
    }();
    return dark ? dark_colors : light_colors;
}

const Colors &colors()
{
    return colorsOf(state().dark);
}

Theme currentTheme()
{
    return state().theme;
}

void applyTheme(QApplication &application, Theme theme)
{
    State &s = state();
    if (!s.applied)
        s.desktop_dark = application.palette().color(QPalette::Window).lightness() < 128;
    const bool dark = theme == Theme::Dark || (theme == Theme::System && s.desktop_told.value_or(s.desktop_dark));
    const bool same = s.applied && s.dark == dark;
    s.theme = theme;
    if (same)
        return;
    const bool first = !s.applied;
    s.applied = true;
    s.dark = dark;
    if (first) {
        QApplication::setStyle(QStyleFactory::create(QStringLiteral("Fusion")));
        QApplication::setFont(textFont());
    }
    QApplication::setPalette(qtPalette(colors()));
    restyle(application, styleSheet(colors()));
    Q_EMIT ThemeNotifier::instance().themeChanged();
}

void setDesktopDark(QApplication &application, bool dark)
{
    state().desktop_told = dark;
    if (state().applied)
        applyTheme(application, state().theme);
}

QFont textFont()
{
    return face(textFamilies(), text_pixels);
}

QFont monoFont()
{
    QFont font = face(monoFamilies(), mono_pixels);
    font.setStyleHint(QFont::Monospace);
    font.setFixedPitch(true);
    return font;
}

QFont titleFont()
{
    QFont font = face(textFamilies(), title_pixels);
    font.setWeight(QFont::DemiBold);
    return font;
}

QFont captionFont()
{
    QFont font = face(textFamilies(), caption_pixels);
    font.setWeight(QFont::DemiBold);
    return font;
}

ThemeNotifier &ThemeNotifier::instance()
{
    static ThemeNotifier notifier;
    return notifier;
}

} // namespace howdah::ui
