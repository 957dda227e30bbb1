// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QElapsedTimer>
#include <QObject>
#include <QTimer>

namespace howdah::ui {

/// Watches how long the GUI thread's event loop does not come round: a window that does not answer. Reports more than
/// 100 ms on standard error; tests read the worst.
class TurnWatchdog : public QObject
{
    Q_OBJECT
public:
    static TurnWatchdog *install();
    [[nodiscard]] double worstMs() const { return worst_ms_; }
    void reset();

private:
    TurnWatchdog();
    void beat();

    QTimer timer_;
    QElapsedTimer since_beat_;
    double worst_ms_ = 0;
};

} // namespace howdah::ui
