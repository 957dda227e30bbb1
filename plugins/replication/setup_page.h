// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include <QWidget>

#include "plugins/replication/setup_task.h"
#include "ui/plugin/tool_context.h"

class QFormLayout;
class QLabel;
class QLineEdit;
class QProgressBar;
class QPushButton;
class QVBoxLayout;

namespace howdah::ui {
class Banner;
}

namespace howdah::replication_tool {

/// A set-up as a page: what is wanted, what must hold, every step as it will be run, and then the steps as they run, to
/// the proof at their end.
class SetupPage : public QWidget
{
    Q_OBJECT
public:
    SetupPage(SetupKind kind, ui::ToolContext *context, QWidget *parent = nullptr);
    /// Between two servers that are known, of which `here` need not be the window's own.
    SetupPage(SetupKind kind, ui::ToolContext *context, const pg::ConnectionSpec &here, const pg::ConnectionSpec &there, QWidget *parent = nullptr);
    ~SetupPage() override;

    /// Asks the servers what must hold and what would be done; nothing is changed.
    void check();
    /// Runs the steps that were shown.
    void run();
    /// Of a field, or one that the page has no field for.
    void setValue(const QString &field, const QString &value);
    [[nodiscard]] bool isBusy() const { return busy_; }
    [[nodiscard]] bool mayRun() const;
    [[nodiscard]] const std::vector<replication::Check> &checks() const { return checks_; }
    [[nodiscard]] const std::vector<replication::SetupStep> &steps() const { return steps_; }
    [[nodiscard]] const std::optional<replication::SetupOutcome> &outcome() const { return outcome_; }

Q_SIGNALS:
    void checked();
    void finished();

private:
    struct StepRow {
        QLabel *text = nullptr;
        QLabel *state = nullptr;
        QLabel *figure = nullptr;
        QProgressBar *bar = nullptr; ///< while it runs and it is known how far it is
    };
    void build();
    void addFields(QFormLayout *form);
    void addField(QFormLayout *form, const QString &id, const QString &title, const QString &placeholder, const QString &tooltip, bool secret = false);
    [[nodiscard]] QString value(const char *field) const;
    [[nodiscard]] SetupTask task() const;
    void showPlan(const SetupTask::Plan &shown);
    void addStep(std::size_t index, const replication::SetupStep &step);
    void showStep(std::size_t index, const replication::SetupStep &step);
    void showOutcome(const replication::SetupOutcome &outcome);
    void setBusy(bool busy);
    void clearList();

    SetupKind kind_;
    ui::ToolContext *context_;
    std::shared_ptr<pg::Session> session_;
    std::optional<pg::ConnectionSpec> there_;
    std::map<QString, QString> fixed_; ///< values that have no field
    bool busy_ = false;
    std::vector<replication::Check> checks_;
    std::vector<replication::SetupStep> steps_;
    std::optional<replication::SetupOutcome> outcome_;
    std::vector<std::pair<QString, QLineEdit *>> fields_;
    std::vector<StepRow> rows_;
    ui::Banner *banner_ = nullptr;
    QVBoxLayout *list_ = nullptr;
    QPushButton *check_ = nullptr, *run_ = nullptr, *cancel_ = nullptr;
};

} // namespace howdah::replication_tool
