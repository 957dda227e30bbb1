// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include <QWidget>

#include "core/migration/journal.h"
#include "core/migration/lint.h"
#include "core/migration/migration_plan.h"
#include "core/pg/session.h"

class QComboBox;
class QLabel;
class QLineEdit;
class QPlainTextEdit;
class QPushButton;
class QScrollArea;
class QStackedWidget;
class QTableWidget;

namespace howdah::ui {
class Banner;
class MigrationView;
class SegmentedTabs;
class ToolContext;
struct CatalogObject;
} // namespace howdah::ui

namespace howdah::migration_tool {

class PlanView;

/// Three sides: the plan of a change, one migration as it runs, and all that the journal holds.
class MigrationPage : public QWidget
{
    Q_OBJECT
public:
    explicit MigrationPage(ui::ToolContext *context, QWidget *parent = nullptr);
    ~MigrationPage() override;

    void chooseTable(const ui::CatalogObject &table);
    void setWanted(const QString &sql);
    [[nodiscard]] bool canPlan() const;
    void makePlan();
    [[nodiscard]] const std::optional<migration::MigrationPlan> &plan() const { return plan_; }
    [[nodiscard]] const std::vector<migration::LintFinding> &findings() const { return findings_; }
    /// A migration as SQL, whatever tool it is of; false when it cannot be read.
    bool openMigration(const QString &file);

Q_SIGNALS:
    void planned();

private:
    [[nodiscard]] QWidget *buildPlanSide();
    [[nodiscard]] QWidget *buildForm();
    [[nodiscard]] QWidget *buildHistorySide();
    void fillTables();
    void fillColumns();
    void addFromForm();
    void openFile();
    /// A plan and what lint says of the change as it was written.
    struct Planned {
        migration::MigrationPlan plan;
        std::vector<migration::LintFinding> findings;
    };
    void take(Planned planned);
    void edit(std::size_t step, const QString &sql, const QString &undo);
    void cannot(const QString &what, const Error &error);
    void showSide(const QString &id);
    void tryDry();
    void askToRun();
    void writeDown(bool make_journal);
    void watch(std::int64_t id, bool run);
    void readHistory();
    void showHistory(const std::vector<migration::JournalMigration> &all);
    void refresh();

    ui::ToolContext *context_;
    std::shared_ptr<pg::Session> session_;
    std::optional<migration::MigrationPlan> plan_;
    std::vector<migration::LintFinding> findings_;
    bool planning_ = false;
    bool edited_ = false; ///< the plan to be shown is the one that was, with a step written otherwise

    ui::SegmentedTabs *tabs_ = nullptr;
    QStackedWidget *sides_ = nullptr;
    QPlainTextEdit *wanted_ = nullptr;
    QComboBox *operation_ = nullptr;
    QComboBox *table_ = nullptr;
    QComboBox *column_ = nullptr;
    QLineEdit *value_ = nullptr;
    QComboBox *rename_by_ = nullptr;
    QPushButton *plan_button_ = nullptr;
    QPushButton *dry_button_ = nullptr;
    QPushButton *run_button_ = nullptr;
    ui::Banner *banner_ = nullptr;
    QScrollArea *scroll_ = nullptr;
    PlanView *plan_view_ = nullptr;
    ui::MigrationView *view_ = nullptr;
    QTableWidget *history_ = nullptr;
};

} // namespace howdah::migration_tool
