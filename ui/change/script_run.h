// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>

#include <QObject>

#include "core/migration/change_script.h"
#include "core/pg/session.h"

namespace howdah::ui {

/// One run of a change script on a session's worker. Signals come on the GUI thread; finished() exactly once after
/// start(), also when no connection can be had. Destroying it while it runs cancels on the server.
class ScriptRun : public QObject
{
    Q_OBJECT
public:
    ScriptRun(migration::ChangeScript script, std::shared_ptr<pg::Session> session, QObject *parent = nullptr);
    ~ScriptRun() override;

    void start(const migration::ChangeOptions &options);
    /// Cancels this run and nothing else that the session may have to do.
    void cancel();
    [[nodiscard]] bool isRunning() const { return running_; }
    /// The outcome of a script of which nothing was run.
    [[nodiscard]] static migration::ChangeOutcome notRun(std::size_t steps, Error error);

Q_SIGNALS:
    void stepChanged(std::size_t step, const howdah::migration::StepOutcome &outcome);
    void finished(const howdah::migration::ChangeOutcome &outcome);

private:
    struct Shared;
    void end(const migration::ChangeOutcome &outcome);

    std::shared_ptr<const migration::ChangeScript> script_;
    std::shared_ptr<pg::Session> session_;
    std::shared_ptr<Shared> shared_;
    bool running_ = false;
};

} // namespace howdah::ui
