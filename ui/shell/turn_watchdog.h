// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>

namespace howdah::ui {

/// Watches the turns of the GUI thread's event loop: a long one is a window that does not answer. Reports turns over
/// 100 ms on standard error; tests read the worst one.
class TurnWatchdog : public QObject
{
    Q_OBJECT
public:
    static TurnWatchdog *install();
    [[nodiscard]] double worstMs() const { return worst_ms_; }
    void reset() { worst_ms_ = 0; }

private:
    TurnWatchdog();
    void ended();

    double began_ms_ = -1;
    double worst_ms_ = 0;
};

} // namespace howdah::ui
