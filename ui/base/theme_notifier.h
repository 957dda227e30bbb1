// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>

namespace howdah::ui {

/// Tells that colours, fonts or icons have changed. Widgets that only use the palette, the style sheet and
/// icon() without a colour need not listen; whoever paints with colors() repaints on this.
class ThemeNotifier : public QObject
{
    Q_OBJECT
public:
    [[nodiscard]] static ThemeNotifier &instance();

Q_SIGNALS:
    void themeChanged();

private:
    ThemeNotifier() = default;
};

} // namespace howdah::ui
