// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>

namespace howdah::ui {

/// SIGTERM, SIGHUP and SIGINT (the end of the desktop's session, Ctrl+C in a terminal) as a signal on the GUI thread,
/// so that the window closes as it does by hand: texts are kept, the demo server stops. One per program.
class QuitSignals : public QObject
{
    Q_OBJECT
public:
    explicit QuitSignals(QObject *parent = nullptr);
    ~QuitSignals() override;

Q_SIGNALS:
    void asked();
};

} // namespace howdah::ui
