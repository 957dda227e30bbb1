// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <utility>

#include <QCoreApplication>
#include <QMetaObject>
#include <QObject>
#include <QPointer>

namespace howdah::ui {

/// The one bridge from a session's worker to the GUI thread: wraps a function so that calling it from any
/// thread runs it on the thread of `receiver`, later, and not at all when the receiver is gone by then.
/// The receiver's liveness is only ever looked at on its own thread.
template <typename... Args>
std::function<void(Args...)> onGui(QObject *receiver, std::function<void(Args...)> function)
{
    QPointer<QObject> guard(receiver);
    return [guard, function = std::move(function)](Args... args) {
        QMetaObject::invokeMethod(
            QCoreApplication::instance(),
            [guard, function, ... args = std::move(args)]() mutable {
                if (guard)
                    function(std::move(args)...);
            },
            Qt::QueuedConnection);
    };
}

/// The same for a lambda, with the types of its arguments spelled out: onGui<Error>(this, [this](const Error &e) { … }).
template <typename First, typename... Rest, typename Function>
std::function<void(First, Rest...)> onGui(QObject *receiver, Function function)
{
    return onGui(receiver, std::function<void(First, Rest...)>(std::move(function)));
}

} // namespace howdah::ui
