// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>

#include <QObject>

#include "core/migration/executor.h"

namespace howdah::ui {

/// One execution of a journalled migration on a thread and connections of its own. finished() comes once after start().
/// Destroying it pauses the migration: the journal says where it stands, and nobody waits for that.
class MigrationExecution : public QObject
{
    Q_OBJECT
public:
    MigrationExecution(pg::ConnectionSpec spec, std::int64_t id, QObject *parent = nullptr);
    ~MigrationExecution() override;

    void start(bool backward, const migration::ExecutorOptions &options = {});
    /// Cancels the statement at hand, which a pause through the journal would let come to its end.
    void stop();
    [[nodiscard]] bool isRunning() const { return running_; }

Q_SIGNALS:
    void told(const howdah::migration::RunEvent &event);
    void finished(const howdah::migration::Execution &execution);

private:
    struct Shared;
    pg::ConnectionSpec spec_;
    std::int64_t id_;
    std::shared_ptr<Shared> shared_;
    bool running_ = false;
};

} // namespace howdah::ui
