// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>

#include <QObject>
#include <QString>

#include "core/demo/demo_server.h"
#include "core/pg/connection.h"

namespace howdah::ui {

/// Starts the embedded demo server (core/demo) on a thread of its own and remembers whether the server ran before,
/// because it stops with the window only when the window has started it. Signals come on the GUI thread.
class DemoStarter : public QObject
{
    Q_OBJECT
public:
    explicit DemoStarter(QObject *parent = nullptr);
    /// Cancels a start under way and waits for it to let go (well under a second: loading is cancelled on the server).
    ~DemoStarter() override;

    /// Does nothing while a start is under way. Ends with exactly one of ready() and failed().
    void start(const demo::DemoOptions &options = {});
    /// failed() follows, with an error of kind Cancelled.
    void cancel();
    [[nodiscard]] bool isStarting() const { return starting_; }
    /// Whether the server that runs now was started by this object.
    [[nodiscard]] bool startedHere() const;
    /// For the end of the window: cancels a start under way, stops the server if it was started here, and blocks for
    /// no more than a moment; stopping goes on without us where the server takes longer.
    void stopIfStartedHere();

Q_SIGNALS:
    /// `fraction` 0..1 of the whole; `seconds_left` negative while it is not known.
    void progress(const QString &what, double fraction, double seconds_left);
    void ready(const howdah::demo::DemoStatus &status);
    void failed(const howdah::Error &error);

private:
    struct Work;
    std::shared_ptr<Work> work_;
    bool starting_ = false;
};

} // namespace howdah::ui
