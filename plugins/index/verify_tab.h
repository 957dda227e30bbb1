// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <map>
#include <memory>

#include "core/index/ledger.h"
#include "core/pg/session.h"
#include "plugins/index/index_page.h"
#include "plugins/index/verify_models.h"

class QLabel;
class QPushButton;
class QStackedWidget;

namespace howdah::ui {
class Banner;
class EmptyState;
class SegmentedTabs;
class TableView;
class TaskProgress;
} // namespace howdah::ui

namespace howdah::index_tool {

class DetailsPanel;
class JudgedDetails;
class PlansView;

/// What indexes that were built did: the same queries before and after, what the server has counted since, and the way out
/// for those that did not help.
class VerifyTab : public IndexTab
{
    Q_OBJECT
public:
    explicit VerifyTab(ui::ToolContext *context, QWidget *parent = nullptr);
    ~VerifyTab() override;
    void activate() override;
    void setRelation(const QString &, const QString &) override {}
    [[nodiscard]] QString summary() const override;

    /// Reads the record anew; chooses that set (0: leaves the choice).
    void read(qint64 id = 0);
    /// Asks the queries of the set that is chosen again, and the server's counts.
    void lookAgain();
    void cancel();
    /// Opens the change dialog for what did not help.
    void dropUseless();
    void forget();
    void showPlans(std::size_t query);
    [[nodiscard]] bool isRunning() const { return running_; }
    [[nodiscard]] SharedApplied chosen() const;

    [[nodiscard]] ui::TableView *setsTable() const { return sets_; }
    [[nodiscard]] ui::TableView *indexesTable() const { return indexes_; }
    [[nodiscard]] ui::TableView *queriesTable() const { return queries_; }
    [[nodiscard]] ui::SegmentedTabs *lists() const { return lists_; }
    [[nodiscard]] QPushButton *dropButton() const { return drop_; }
    [[nodiscard]] JudgedDetails *details() const { return details_; }
    [[nodiscard]] PlansView *plans() const { return plans_; } ///< null until it was first shown

Q_SIGNALS:
    void readFinished();
    void looked(); ///< well or not
    void adviseRequested();

private:
    QWidget *makeBody();
    void makePlans();
    QWidget *makeLists();
    void take(const Result<std::vector<index::Applied>> &applied, qint64 id);
    void showSet();
    void showSelection();
    void setRunning(bool running, const QString &what = {});
    void showButtons();

    ui::ToolContext *context_;
    std::shared_ptr<pg::Session> session_;
    std::weak_ptr<pg::Session> link_;
    bool running_ = false, following_ = false, read_ = false;
    quint64 turn_ = 0;
    std::map<qint64, index::Look> looks_; ///< of this connection, by set

    AppliedModel *sets_model_;
    BuiltModel *indexes_model_;
    FaredModel *queries_model_;
    ui::Banner *banner_ = nullptr;
    ui::TaskProgress *progress_ = nullptr;
    QStackedWidget *stack_ = nullptr;
    ui::EmptyState *nothing_ = nullptr;
    QWidget *body_ = nullptr;
    PlansView *plans_ = nullptr;
    ui::TableView *sets_ = nullptr, *indexes_ = nullptr, *queries_ = nullptr;
    ui::SegmentedTabs *lists_ = nullptr;
    QStackedWidget *tables_ = nullptr;
    QLabel *counted_ = nullptr;
    QPushButton *look_ = nullptr, *drop_ = nullptr, *forget_ = nullptr;
    JudgedDetails *details_ = nullptr;
};

} // namespace howdah::index_tool
