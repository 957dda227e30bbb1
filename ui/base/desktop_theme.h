// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>

class QDBusVariant;

namespace howdah::ui {

/// Tells the palette what the desktop prefers, now and whenever it changes, through the settings portal
/// (org.freedesktop.portal.Settings, org.freedesktop.appearance color-scheme: 1 prefers dark). Where there is no
/// portal the desktop's own palette at the start decides, as before.
class DesktopTheme : public QObject
{
    Q_OBJECT
public:
    explicit DesktopTheme(QObject *parent = nullptr);

private Q_SLOTS:
    void changed(const QString &group, const QString &key, const QDBusVariant &value);
};

} // namespace howdah::ui
