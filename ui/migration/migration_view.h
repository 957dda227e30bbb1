// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include <QWidget>

#include "core/migration/journal.h"
#include "core/migration/pulse.h"
#include "core/pg/session.h"

class QLabel;
class QPlainTextEdit;
class QPushButton;
class QScrollArea;
class QTimer;
class QVBoxLayout;

namespace howdah::ui {

class Banner;
class Card;
class MigrationCharts;
class MigrationExecution;
class Pill;
class StepRow;
class TaskProgress;

/// One migration as the journal has it, whoever runs it: this window, howdah-cli or another machine. Steps with states and times,
/// how far batches are, how fast and how long yet, why they wait, what happened; pause, go on, roll back.
class MigrationView : public QWidget
{
    Q_OBJECT
public:
    /// `session`: for small queries only, never the one that a person works with.
    MigrationView(std::shared_ptr<pg::Session> session, bool read_only, QWidget *parent = nullptr);
    ~MigrationView() override;

    void attach(std::int64_t id);
    /// Goes on with the migration attached, from here. What its script does was shown before it was written down.
    void run();
    [[nodiscard]] std::int64_t id() const { return id_; }
    [[nodiscard]] const std::optional<migration::JournalMigration> &migration() const { return migration_; }

Q_SIGNALS:
    /// After each look at the journal.
    void looked();
    /// It came to an end here: done, waiting, paused, failed.
    void ended();

private:
    void build();
    void addHead(QVBoxLayout *page);
    void look();
    /// What one look at the server gives: the journal, and the pulse while somebody works.
    struct Look {
        migration::JournalMigration migration;
        std::optional<migration::Pulse> pulse;
    };
    void take(Look look);
    void refreshCharts(const std::optional<migration::Pulse> &pulse);
    void cannotLook(const Error &error);
    void rebuildSteps();
    void refreshHead();
    void refreshBanner();
    void refreshSteps();
    void refreshProgress();
    void refreshEvents();
    void refreshButtons();
    void pause();
    void askToRollBack();
    void execute(bool backward);
    [[nodiscard]] bool runsHere() const;

    std::shared_ptr<pg::Session> session_;
    bool read_only_;
    std::int64_t id_ = 0;
    bool looking_ = false;
    bool asking_ = false;          ///< the banner asks whether to roll back
    bool pausing_ = false;         ///< asked for, not seen yet
    std::optional<migration::JournalMigration> migration_;
    std::unique_ptr<MigrationExecution> execution_;

    QLabel *title_ = nullptr;
    QLabel *about_ = nullptr;
    Pill *state_ = nullptr;
    QPushButton *run_button_ = nullptr;
    QPushButton *pause_button_ = nullptr;
    QPushButton *back_button_ = nullptr;
    Banner *banner_ = nullptr;
    QString banner_key_;           ///< what it says, so that the same is not said anew
    TaskProgress *progress_ = nullptr;
    MigrationCharts *charts_ = nullptr;
    QScrollArea *scroll_ = nullptr;
    Card *steps_ = nullptr;
    std::vector<StepRow *> rows_;
    std::vector<migration::JournalStepState> shown_states_;
    std::vector<TaskProgress *> bars_;
    QPlainTextEdit *events_ = nullptr;
    std::int64_t last_event_ = 0;
    QTimer *timer_ = nullptr;
};

} // namespace howdah::ui
