// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <map>
#include <memory>

#include <QDialog>

#include "core/partition/partman.h"
#include "core/pg/session.h"

class QComboBox;
class QFormLayout;
class QLabel;
class QLineEdit;
class QPlainTextEdit;
class QPushButton;
class QStackedWidget;
class QTableWidget;

namespace howdah::ui {
class ToolContext;
}

namespace howdah::partition_tool {

/// pg_partman and this table: install it, hand the table over, its settings as a form, its maintenance now and from time to
/// time, and how that went. Everything becomes a script that is shown first.
class PartmanDialog : public QDialog
{
    Q_OBJECT
public:
    PartmanDialog(ui::ToolContext *context, std::shared_ptr<const partition::Scheme> scheme, QWidget *parent = nullptr);
    ~PartmanDialog() override;
    /// What the server has has been read.
    [[nodiscard]] bool isReady() const { return ready_; }
    /// Of the form, by the names of part_config.
    [[nodiscard]] QWidget *field(const QString &name) const;
    [[nodiscard]] QPushButton *actionButton() const { return act_; }
    [[nodiscard]] QTableWidget *history() const { return history_; }

Q_SIGNALS:
    void scriptReady(const howdah::migration::ChangeScript &script);
    void ready();

private:
    struct Reading;
    void build();
    [[nodiscard]] QWidget *buildSchedule();
    void read();
    void take(const Reading &reading);
    void fillForm();
    void showSchedule();
    void act();
    void offer(const Result<partition::ChangeScript> &script);
    [[nodiscard]] std::map<std::string, std::string> changed() const;
    [[nodiscard]] bool isKept() const { return !scheme_->partman.config.empty(); }

    ui::ToolContext *context_;
    std::shared_ptr<const partition::Scheme> scheme_;
    std::shared_ptr<pg::Session> session_;
    partition::PartmanState state_;
    std::vector<partition::CronRun> runs_;
    std::string database_;
    bool ready_ = false;

    QLabel *about_ = nullptr;
    QLabel *error_ = nullptr;
    QFormLayout *form_ = nullptr;
    QWidget *form_box_ = nullptr;
    QWidget *schedule_ = nullptr;
    QLabel *means_ = nullptr;
    QLineEdit *cron_ = nullptr;
    QPlainTextEdit *schedule_text_ = nullptr;
    QPushButton *schedule_button_ = nullptr;
    QTableWidget *history_ = nullptr;
    QPushButton *act_ = nullptr;
    QPushButton *run_ = nullptr;
    std::map<QString, QWidget *> fields_;
    QString action_error_;
};

} // namespace howdah::partition_tool
