// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include <QWidget>

#include "core/migration/journal.h"
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
    void take(migration::MigrationPlan plan);
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
    bool planning_ = false;

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
