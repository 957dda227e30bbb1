// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QElapsedTimer>
#include <QObject>
#include <QTimer>

namespace howdah::ui {

/// Watches how long the GUI thread's event loop does not come round: a window that does not answer. Reports more than
/// 100 ms on standard error; tests read the worst. Time in which the thread could run but other processes had the
/// processor is not counted: on a busy machine it says nothing about the window.
class TurnWatchdog : public QObject
{
    Q_OBJECT
public:
    static TurnWatchdog *install();
    static constexpr double long_turn_ms = 100;
    [[nodiscard]] double worstMs() const { return worst_ms_; }
    void reset();
    /// Forgives the turn that goes on now; the worst so far stays.
    void forgive();

private:
    TurnWatchdog();
    ~TurnWatchdog() override;
    void beat();
    [[nodiscard]] double waitedMs() const;

    QTimer timer_;
    QElapsedTimer since_beat_;
    double waited_ms_ = 0; ///< for a processor, until the beat
    int schedule_ = -1;    ///< where the kernel says so
    double worst_ms_ = 0;
};

} // namespace howdah::ui
