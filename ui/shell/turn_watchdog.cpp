// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/turn_watchdog.h"

#include <algorithm>
#include <cstdio>

#include <QCoreApplication>
#include <QPointer>

namespace howdah::ui {

namespace {
constexpr int beat_ms = 5;
constexpr double long_turn_ms = 100;
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
    timer_.setTimerType(Qt::PreciseTimer);
    connect(&timer_, &QTimer::timeout, this, &TurnWatchdog::beat);
    since_beat_.start();
    timer_.start(beat_ms);
}

void TurnWatchdog::reset()
{
    worst_ms_ = 0;
    since_beat_.restart();
}

void TurnWatchdog::beat()
{
    const double late_ms = static_cast<double>(since_beat_.nsecsElapsed()) / 1e6 - beat_ms;
    worst_ms_ = std::max(worst_ms_, late_ms);
    if (late_ms > long_turn_ms)
        std::fprintf(stderr, "the window did not answer for %.0f ms\n", late_ms);
    since_beat_.restart();
}

} // namespace howdah::ui
