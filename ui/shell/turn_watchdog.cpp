// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/turn_watchdog.h"

#include <algorithm>
#include <cstdio>

#include <fcntl.h>
#include <unistd.h>

#include <QCoreApplication>
#include <QPointer>

namespace howdah::ui {

namespace {
constexpr int beat_ms = 5;
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
    // The watched thread is the one that installs the watch.
    schedule_ = ::open("/proc/thread-self/schedstat", O_RDONLY | O_CLOEXEC);
    timer_.setTimerType(Qt::PreciseTimer);
    connect(&timer_, &QTimer::timeout, this, &TurnWatchdog::beat);
    forgive();
    timer_.start(beat_ms);
}

TurnWatchdog::~TurnWatchdog()
{
    if (schedule_ >= 0)
        ::close(schedule_);
}

double TurnWatchdog::waitedMs() const
{
    // "ns on a processor, ns waiting for one, time slices"
    char text[96] = {};
    unsigned long long ran = 0;
    unsigned long long waited = 0;
    if (schedule_ < 0 || ::pread(schedule_, text, sizeof text - 1, 0) <= 0 ||
        std::sscanf(text, "%llu %llu", &ran, &waited) != 2)
        return 0;
    return static_cast<double>(waited) / 1e6;
}

void TurnWatchdog::reset()
{
    worst_ms_ = 0;
    forgive();
}

void TurnWatchdog::forgive()
{
    waited_ms_ = waitedMs();
    since_beat_.start();
}

void TurnWatchdog::beat()
{
    const double waited_ms = waitedMs();
    const double late_ms =
        static_cast<double>(since_beat_.nsecsElapsed()) / 1e6 - beat_ms - (waited_ms - waited_ms_);
    worst_ms_ = std::max(worst_ms_, late_ms);
    if (late_ms > long_turn_ms)
        std::fprintf(stderr, "the window did not answer for %.0f ms\n", late_ms);
    waited_ms_ = waited_ms;
    since_beat_.restart();
}

} // namespace howdah::ui
