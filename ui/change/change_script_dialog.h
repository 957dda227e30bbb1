// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include <QDialog>

#include "core/migration/change_script.h"
#include "core/pg/session.h"

class QCheckBox;
class QComboBox;
class QHBoxLayout;
class QLabel;
class QLineEdit;
class QPushButton;
class QScrollArea;
class QVBoxLayout;

namespace howdah::ui {

class Banner;
class ScriptRun;
class StepRow;
class TaskProgress;

/// Shows every statement of a change script before anything runs, runs it (core/migration/change_script.h) on the
/// session given and says what was and was not done. Window-modal; open() only. Esc cancels while it runs.
class ChangeScriptDialog : public QDialog
{
    Q_OBJECT
public:
    /// `target`: "shop @ localhost · PRODUCTION". `confirm_name` must be typed first when it is not empty.
    ChangeScriptDialog(migration::ChangeScript script, std::shared_ptr<pg::Session> session, const QString &target,
                       bool read_only, const QString &confirm_name, QWidget *parent);
    ~ChangeScriptDialog() override;

    /// What is set below the list; the tests and the shell may preset it.
    [[nodiscard]] migration::ChangeOptions options() const;
    void reject() override;

Q_SIGNALS:
    /// Exactly once: when the run has ended, or, with every step NotRun and an error of kind Cancelled, when the
    /// dialog is closed without one. Hides QDialog::finished(int).
    void finished(const howdah::migration::ChangeOutcome &outcome);
    /// The way back was run from here, after finished().
    void undone(const howdah::migration::ChangeOutcome &outcome);

private:
    void build(const QString &target);
    void addHead(QVBoxLayout *page, const QString &target);
    void addSteps(QVBoxLayout *page);
    void addOptions(QVBoxLayout *page);
    void addConfirmation(QVBoxLayout *page);
    void addButtons(QVBoxLayout *page);
    void refresh();
    void copySql();
    void saveSql();
    void writeSql(const QString &file);
    void run();
    void cancelRun();
    void stepChanged(std::size_t index, const migration::StepOutcome &outcome);
    void ended(const migration::ChangeOutcome &outcome);
    void showOutcome();
    void offerUndo();
    [[nodiscard]] QString summary() const;

    migration::ChangeScript script_;
    std::shared_ptr<pg::Session> session_;
    QString target_;
    bool read_only_;
    QString confirm_name_;
    ScriptRun *run_ = nullptr;
    std::optional<migration::ChangeOutcome> outcome_;
    bool told_ = false;

    std::vector<StepRow *> rows_;
    QScrollArea *scroll_ = nullptr;
    Banner *banner_ = nullptr;
    QComboBox *lock_timeout_ = nullptr;
    QCheckBox *all_or_nothing_ = nullptr;
    QLineEdit *confirmation_ = nullptr;
    QWidget *before_ = nullptr;      ///< options and confirmation: only before the run
    TaskProgress *progress_ = nullptr;
    QPushButton *close_button_ = nullptr;
    QPushButton *run_button_ = nullptr;
};

} // namespace howdah::ui
