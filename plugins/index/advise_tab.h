// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <map>
#include <memory>

#include "core/index/ledger.h"
#include "core/index/why.h"
#include "core/pg/session.h"
#include "plugins/index/advice_job.h"
#include "plugins/index/advice_models.h"
#include "plugins/index/index_page.h"

class QCheckBox;
class QLabel;
class QLineEdit;
class QPushButton;
class QStackedWidget;
class QTimer;

namespace howdah::ui {
class Banner;
class EmptyState;
class SegmentedTabs;
class StatStrip;
class TableView;
class TaskProgress;
} // namespace howdah::ui

namespace howdah::index_tool {

class AdviceDetails;
class FrontierView;
class PlansView;

/// Which indexes a workload lacks: the best set, what more or less disk would buy, each index with its proof and its
/// queries, each query with what becomes of it, and the script that builds them.
class AdviseTab : public IndexTab
{
    Q_OBJECT
public:
    explicit AdviseTab(ui::ToolContext *context, QWidget *parent = nullptr);
    ~AdviseTab() override;
    void activate() override;
    void setRelation(const QString &, const QString &) override {} ///< its workload has one of its own
    [[nodiscard]] QString summary() const override;

    /// Looks for indexes for the statements, at once.
    void adviseFor(const QString &statements);
    /// The same, and judges an index that somebody thought of.
    void judgeFor(const QString &statements, const QString &ddl);
    /// Puts an index into the field and the cursor there.
    void focusWhy(const QString &ddl);
    /// For what the server keeps of a table's queries.
    void adviseForRelation(const QString &schema, const QString &name);
    void start();
    /// The best so far is taken; asked a second time, nothing is.
    void stop();
    [[nodiscard]] bool isRunning() const { return running_; }
    /// What is shown: the advice, or the set that was chosen on the frontier.
    [[nodiscard]] SharedAdvice advice() const { return shown_.advice; }
    /// Judges what stands in the field.
    void askWhy();
    /// All of the set but these, or only these, by their places in the advice.
    void leaveOut(const QList<int> &places);
    void keepOnly(const QList<int> &places);
    /// Asks the queries as they are, then opens the change dialog; nothing runs before the user agrees.
    void apply();
    void showPlans(std::size_t query);

    [[nodiscard]] WorkloadBar *bar() const { return bar_; }
    [[nodiscard]] FrontierView *frontier() const { return frontier_; }
    [[nodiscard]] ui::TableView *indexesTable() const { return indexes_; }
    [[nodiscard]] ui::TableView *queriesTable() const { return queries_; }
    [[nodiscard]] ui::TableView *remarksTable() const { return remarks_; }
    [[nodiscard]] AdviceDetails *details() const { return details_; }
    [[nodiscard]] QLineEdit *whyField() const { return why_; }
    [[nodiscard]] QLineEdit *filter() const { return filter_; }
    [[nodiscard]] QPushButton *applyButton() const { return apply_; }
    [[nodiscard]] QCheckBox *timeBox() const { return time_; }
    [[nodiscard]] ui::SegmentedTabs *lists() const { return lists_; }
    [[nodiscard]] PlansView *plans() const { return plans_; } ///< null until it was first shown
    [[nodiscard]] ui::Banner *banner() const { return banner_; }
    [[nodiscard]] ui::EmptyState *missing() const { return missing_; }

Q_SIGNALS:
    void advised();              ///< a run has ended, well or not
    void priced();               ///< a set that was chosen is shown
    void answered();             ///< "why not?" is
    void soFarShown();           ///< while it goes on
    void built(qint64 id);       ///< indexes were, and are in the record under that id
    void verifyRequested();      ///< the user wants to see what they did

private:
    QWidget *makeBody();
    void makePlans();
    QWidget *makeWaiting();
    QWidget *makeHead();
    QWidget *makeFrontier();
    QWidget *makeLists();
    QWidget *makeWhy();
    void addShortcuts();
    void readServer();
    void showSoFar(const SoFar &so_far);
    void take(const Result<Advised> &result);
    void showAdvice(const Advised &advised);
    void showFigures();
    void showNotes();
    void fillFrontier();
    void choosePoint(int point);
    void price(const std::vector<std::string> &ddl, int point);
    void takePriced(const Result<Advised> &result, int point);
    void showFailure(const Error &error);
    void refilter();
    [[nodiscard]] bool hasWords(const QString &text) const;
    void showSelection();
    void showQuery(std::size_t at);
    [[nodiscard]] QList<int> selectedPlaces() const;
    void showMenu(ui::TableView *table, const QPoint &at);
    void setRunning(bool running, const QString &what = {});
    void offerScript(std::vector<index::QueryState> before);
    void keep(index::Applied applied, const SharedAdvice &advice);
    [[nodiscard]] QString hindrance() const; ///< why nothing can be built here

    ui::ToolContext *context_;
    std::shared_ptr<pg::Session> session_;
    std::weak_ptr<pg::Session> link_;     ///< the connection that this is about
    bool standby_ = false;
    bool running_ = false, asked_to_stop_ = false, following_ = false, has_best_ = false, pricing_ = false, keeping_ = false;
    quint64 turn_ = 0, why_turn_ = 0;     ///< what an earlier one brings is dropped
    StopFlag stop_;
    AdviceWish wish_;                     ///< of the run
    SharedAdvice built_;                  ///< what was shown when it was built
    Advised found_, shown_;               ///< the advice; and what is shown of it
    std::map<int, Advised> priced_;       ///< points that were looked at
    int wanted_point_ = -1;
    bool pending_start_ = false;          ///< once the tab is seen
    QString pending_why_;

    AdvisedModel *indexes_model_;
    QueriesModel *queries_model_;
    RemarksModel *remarks_model_;
    WorkloadBar *bar_ = nullptr;
    ui::Banner *banner_ = nullptr;
    ui::TaskProgress *progress_ = nullptr;
    QLabel *so_far_caption_ = nullptr, *so_far_ = nullptr;
    QWidget *waiting_ = nullptr;
    QStackedWidget *stack_ = nullptr;
    QWidget *body_ = nullptr;
    ui::EmptyState *intro_ = nullptr, *missing_ = nullptr;
    PlansView *plans_ = nullptr;
    ui::StatStrip *figures_ = nullptr;
    QCheckBox *time_ = nullptr, *drop_ = nullptr;
    QPushButton *apply_ = nullptr;
    FrontierView *frontier_ = nullptr;
    QLabel *frontier_caption_ = nullptr;
    ui::SegmentedTabs *lists_ = nullptr;
    QStackedWidget *tables_ = nullptr;
    ui::TableView *indexes_ = nullptr, *queries_ = nullptr, *remarks_ = nullptr;
    QLineEdit *filter_ = nullptr, *why_ = nullptr;
    QPushButton *ask_ = nullptr;
    AdviceDetails *details_ = nullptr;
    QTimer *point_pause_ = nullptr;
};

} // namespace howdah::index_tool
