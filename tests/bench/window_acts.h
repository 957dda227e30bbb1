// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdio>
#include <fstream>
#include <functional>

#include <QElapsedTimer>
#include <QTest>

#include <fmt/format.h>

#include "ui/shell/turn_watchdog.h"

namespace howdah::bench {

/// Waits with the event loop running; the pause is short, so that what is measured is not the waiting.
inline bool until(const std::function<bool()> &done, int timeout_ms = 600'000)
{
    QElapsedTimer timer;
    timer.start();
    while (!done()) {
        if (timer.elapsed() > timeout_ms)
            return false;
        QTest::qWait(1);
    }
    return true;
}

/// Memory of the process alone, without files that are mapped.
inline double residentMb()
{
    std::ifstream file("/proc/self/statm");
    long total = 0, resident = 0, shared = 0;
    file >> total >> resident >> shared;
    return static_cast<double>(resident - shared) * 4 / 1024;
}

/// What a person does in the window: how long each took, and the longest turn of the GUI thread in it. A turn does not count
/// the time in which the thread waited for a processor.
class Acts
{
public:
    void act(const char *name, const std::function<void()> &begin, const std::function<bool()> &done)
    {
        QTest::qWait(200);
        watchdog_->reset();
        QElapsedTimer timer;
        timer.start();
        begin();
        const bool finished = until(done);
        const double ms = static_cast<double>(timer.nsecsElapsed()) / 1e6;
        QTest::qWait(60); // the last paint
        fmt::print("{:<38} {:>9.1f} ms   longest turn {:>6.1f} ms{}\n", name, ms, watchdog_->worstMs(), finished ? "" : "   NOT FINISHED");
        std::fflush(stdout);
    }

private:
    ui::TurnWatchdog *watchdog_ = ui::TurnWatchdog::install();
};

} // namespace howdah::bench
