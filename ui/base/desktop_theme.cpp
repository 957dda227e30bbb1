// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/base/desktop_theme.h"

#include <QApplication>
#include <QDBusConnection>
#include <QDBusMessage>
#include <QDBusPendingCallWatcher>
#include <QDBusPendingReply>
#include <QDBusVariant>

#include "ui/base/palette.h"

namespace howdah::ui {

namespace {

const QString service = QStringLiteral("org.freedesktop.portal.Desktop");
const QString path = QStringLiteral("/org/freedesktop/portal/desktop");
const QString interface = QStringLiteral("org.freedesktop.portal.Settings");
const QString appearance = QStringLiteral("org.freedesktop.appearance");
const QString color_scheme = QStringLiteral("color-scheme");
constexpr uint prefers_dark = 1;

void take(QVariant value)
{
    // Read() wraps the value in a variant of its own.
    while (value.canConvert<QDBusVariant>())
        value = value.value<QDBusVariant>().variant();
    bool is_number = false;
    const uint scheme = value.toUInt(&is_number);
    if (is_number)
        setDesktopDark(*qApp, scheme == prefers_dark);
}

} // namespace

DesktopTheme::DesktopTheme(QObject *parent) : QObject(parent)
{
    QDBusConnection bus = QDBusConnection::sessionBus();
    if (!bus.isConnected())
        return;
    bus.connect(service, path, interface, QStringLiteral("SettingChanged"), this,
                SLOT(changed(QString,QString,QDBusVariant)));
    QDBusMessage question = QDBusMessage::createMethodCall(service, path, interface, QStringLiteral("Read"));
    question << appearance << color_scheme;
    auto *watcher = new QDBusPendingCallWatcher(bus.asyncCall(question), this);
    connect(watcher, &QDBusPendingCallWatcher::finished, this, [watcher] {
        const QDBusPendingReply<QDBusVariant> reply = *watcher;
        if (reply.isValid())
            take(QVariant::fromValue(reply.value()));
        watcher->deleteLater();
    });
}

void DesktopTheme::changed(const QString &group, const QString &key, const QDBusVariant &value)
{
    if (group == appearance && key == color_scheme)
        take(value.variant());
}

} // namespace howdah::ui
