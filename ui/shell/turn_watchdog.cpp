// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/turn_watchdog.h"

#include <algorithm>
#include <cstdio>

#include <QAbstractEventDispatcher>
#include <QCoreApplication>
#include <QElapsedTimer>
#include <QPointer>

namespace howdah::ui {

namespace {

constexpr double long_turn_ms = 100;

double nowMs()
{
    static QElapsedTimer timer = [] {
        QElapsedTimer started;
        started.start();
        return started;
    }();
    return static_cast<double>(timer.nsecsElapsed()) / 1e6;
}

} // namespace

TurnWatchdog *TurnWatchdog::install()
{
    static QPointer<TurnWatchdog> instance;
    if (instance.isNull())
        instance = new TurnWatchdog;
    return instance;
}

TurnWatchdog::TurnWatchdog() : QObject(QCoreApplication::instance())
{
    auto *dispatcher = QAbstractEventDispatcher::instance();
    connect(dispatcher, &QAbstractEventDispatcher::awake, this, [this] {
        if (began_ms_ < 0)
            began_ms_ = nowMs();
    });
    connect(dispatcher, &QAbstractEventDispatcher::aboutToBlock, this, &TurnWatchdog::ended);
}

void TurnWatchdog::ended()
{
    if (began_ms_ >= 0) {
        const double took_ms = nowMs() - began_ms_;
        worst_ms_ = std::max(worst_ms_, took_ms);
        if (took_ms > long_turn_ms)
            std::fprintf(stderr, "a turn of the event loop took %.0f ms\n", took_ms);
    }
    began_ms_ = -1;
}

} // namespace howdah::ui
