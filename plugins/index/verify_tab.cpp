// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/index/verify_tab.h"

#include <algorithm>

#include <QHBoxLayout>
#include <QLabel>
#include <QMenu>
#include <QPointer>
#include <QPushButton>
#include <QShortcut>
#include <QStackedWidget>
#include <QVBoxLayout>

#include "plugins/index/advise_words.h"
#include "plugins/index/judged_details.h"
#include "plugins/index/keyed_columns.h"
#include "plugins/index/plans_view.h"
#include "plugins/index/remembered_splitter.h"
#include "plugins/index/session_work.h"
#include "ui/base/banner.h"
#include "ui/base/elided_label.h"
#include "ui/base/empty_state.h"
#include "ui/base/hairline.h"
#include "ui/base/palette.h"
#include "ui/base/segmented_tabs.h"
#include "ui/base/task_progress.h"
#include "ui/table/table_view.h"

namespace howdah::index_tool {

using namespace howdah::ui;
using W = AdviseWords;

namespace {

const QString indexes_id = QStringLiteral("indexes"), queries_id = QStringLiteral("queries");

Result<std::vector<index::Applied>> readLedger(pg::Connection &connection)
{
    auto ledger = index::Ledger::open(index::Ledger::defaultFile());
    if (!ledger)
        return tl::unexpected(ledger.error());
    return (*ledger)->applied(index::serverName(connection));
}

struct Looked {
    index::Applied applied;
    index::Look look;
};

Result<Looked> lookAndKeep(pg::Connection &connection, index::Applied applied)
{
    auto look = index::lookAgain(connection, applied);
    if (!look)
        return tl::unexpected(look.error());
    applied.after = look->after;
    applied.verdict = look->verdict;
    applied.looked_ms = index::nowMs();
    auto ledger = index::Ledger::open(index::Ledger::defaultFile());
    if (!ledger)
        return tl::unexpected(ledger.error());
    if (const auto kept = (*ledger)->record(applied); !kept)
        return tl::unexpected(kept.error());
    return Looked{std::move(applied), std::move(*look)};
}

} // namespace

VerifyTab::VerifyTab(ToolContext *context, QWidget *parent)
    : IndexTab(parent), context_(context), sets_model_(new AppliedModel(appliedColumns(), &appliedKey, this)), indexes_model_(new BuiltModel(builtColumns(), &builtKey, this)),
      queries_model_(new FaredModel(faredColumns(), &faredKey, this)), stack_(new QStackedWidget(this))
{
    auto *outer = new QVBoxLayout(this);
    outer->setContentsMargins(0, 0, 0, spacing::card);
    outer->setSpacing(spacing::control);
    banner_ = new Banner;
    progress_ = new TaskProgress;
    progress_->hide();
    nothing_ = new EmptyState(QStringLiteral("index"), tr("No index was built from advice here"),
                              tr("Indexes that are built on the Advise tab are looked at again: the same queries before and after, and whether the server uses them a day later. "
                                 "What did not help is offered for dropping."));
    nothing_->addButton(tr("Find indexes"), QStringLiteral("index"), [this] { Q_EMIT adviseRequested(); });
    outer->addWidget(banner_);
    outer->addWidget(progress_);
    outer->addWidget(stack_, 1);
    body_ = makeBody();
    stack_->addWidget(nothing_);
    stack_->addWidget(body_);
    connect(progress_, &TaskProgress::cancelRequested, this, &VerifyTab::cancel);
    auto *again = new QShortcut(QKeySequence::Refresh, this, nullptr, nullptr, Qt::WidgetWithChildrenShortcut);
    connect(again, &QShortcut::activated, this, &VerifyTab::lookAgain);
    showButtons();
}

VerifyTab::~VerifyTab()
{
    if (session_)
        session_->cancelAll();
}

/// When it is first wanted.
void VerifyTab::makePlans()
{
    if (plans_ != nullptr)
        return;
    plans_ = new PlansView;
    stack_->addWidget(plans_);
    connect(plans_, &PlansView::closed, this, [this] {
        stack_->setCurrentWidget(body_);
        queries_->setFocus();
    });
}

QWidget *VerifyTab::makeBody()
{
    auto *body = new QWidget;
    auto *layout = new QVBoxLayout(body);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(spacing::control);
    auto *bar = new QHBoxLayout;
    bar->setSpacing(spacing::control);
    look_ = new QPushButton(icon(QStringLiteral("refresh")), tr("Look again"));
    look_->setToolTip(tr("Asks the same queries again, in the way they were asked before, and the server's counts (F5)"));
    drop_ = new QPushButton(tr("Drop what did not help…"));
    forget_ = new QPushButton(tr("Forget"));
    forget_->setToolTip(tr("Takes the set out of the record; the indexes stay"));
    counted_ = new ElidedLabel;
    counted_->setProperty("role", QStringLiteral("dim"));
    bar->addWidget(look_);
    bar->addWidget(drop_);
    bar->addWidget(counted_, 1);
    bar->addWidget(forget_);
    layout->addLayout(bar);
    auto *frame = new QFrame;
    frame->setProperty("role", QStringLiteral("card"));
    auto *inside = new QVBoxLayout(frame);
    inside->setContentsMargins(1, 1, 1, 1);
    sets_ = new TableView(tr("Sets that were built"), sets_model_, QStringLiteral("index/applied"));
    setUpColumns(sets_, *sets_model_, QStringLiteral("indexes"));
    sets_->setSelectionMode(QAbstractItemView::SingleSelection);
    sets_->sortAtFirst(0, Qt::DescendingOrder);
    inside->addWidget(sets_);
    QSplitter *down = rememberedSplitter(Qt::Vertical, QStringLiteral("index/verify_down"), {130, 320}, frame, makeLists());
    down->setStretchFactor(1, 1);
    details_ = new JudgedDetails;
    details_->setMinimumWidth(280);
    details_->applyButton()->hide();
    auto *panel = new QFrame;
    panel->setProperty("role", QStringLiteral("card"));
    auto *panel_layout = new QVBoxLayout(panel);
    panel_layout->setContentsMargins(1, 1, 1, 1);
    panel_layout->addWidget(details_);
    QSplitter *across = rememberedSplitter(Qt::Horizontal, QStringLiteral("index/verify_across"), {680, 280}, down, panel);
    across->setStretchFactor(0, 1);
    layout->addWidget(across, 1);
    connect(look_, &QPushButton::clicked, this, &VerifyTab::lookAgain);
    connect(drop_, &QPushButton::clicked, this, &VerifyTab::dropUseless);
    connect(forget_, &QPushButton::clicked, this, &VerifyTab::forget);
    connect(sets_, &TableView::selectionMoved, this, &VerifyTab::showSet);
    connect(details_, &JudgedDetails::plansRequested, this, &VerifyTab::showPlans);
    connect(details_, &DetailsPanel::openRequested, this, [this](const QString &sql) { context_->openSql(tr("Index"), sql + QLatin1Char('\n')); });
    return body;
}

QWidget *VerifyTab::makeLists()
{
    auto *frame = new QFrame;
    frame->setProperty("role", QStringLiteral("card"));
    auto *layout = new QVBoxLayout(frame);
    layout->setContentsMargins(1, spacing::unit, 1, 1);
    layout->setSpacing(spacing::unit);
    lists_ = new SegmentedTabs(SegmentedTabs::Look::Quiet);
    lists_->addSegment(indexes_id, tr("Indexes"), tr("What each index of the set did"));
    lists_->addSegment(queries_id, tr("Queries"), tr("The same queries before and after"));
    auto *line = new QHBoxLayout;
    line->setContentsMargins(spacing::unit, 0, spacing::unit, 0);
    line->addWidget(lists_);
    line->addStretch();
    layout->addLayout(line);
    layout->addWidget(hairline(frame));
    tables_ = new QStackedWidget;
    indexes_ = new TableView(tr("Indexes of the set"), indexes_model_, QStringLiteral("index/built"));
    queries_ = new TableView(tr("Queries of the set"), queries_model_, QStringLiteral("index/fared"));
    setUpColumns(indexes_, *indexes_model_, QStringLiteral("index"));
    setUpColumns(queries_, *queries_model_, QStringLiteral("statement"));
    queries_->sortAtFirst(1, Qt::DescendingOrder);
    for (TableView *table : {indexes_, queries_}) {
        tables_->addWidget(table);
        connect(table, &TableView::selectionMoved, this, &VerifyTab::showSelection);
        auto *copy = new QShortcut(QKeySequence::Copy, table, nullptr, nullptr, Qt::WidgetShortcut);
        connect(copy, &QShortcut::activated, table, &TableView::copySelection);
        connect(table, &QWidget::customContextMenuRequested, this, [this, table](const QPoint &at) {
            auto *menu = new QMenu(this);
            menu->setAttribute(Qt::WA_DeleteOnClose);
            if (table == queries_ && table->currentSourceRow() >= 0)
                menu->addAction(tr("Plans before and after"), this, [this] { showPlans(queries_model_->row(queries_->currentSourceRow()).at); });
            menu->addAction(icon(QStringLiteral("copy")), tr("Copy rows"), table, &TableView::copySelection);
            menu->popup(table->viewport()->mapToGlobal(at));
        });
    }
    connect(queries_, &QAbstractItemView::activated, this, [this] {
        if (const int row = queries_->currentSourceRow(); row >= 0)
            showPlans(queries_model_->row(row).at);
    });
    connect(lists_, &SegmentedTabs::currentChanged, this, [this](const QString &id) {
        tables_->setCurrentWidget(id == indexes_id ? indexes_ : queries_);
        showSelection();
    });
    layout->addWidget(tables_, 1);
    return frame;
}

void VerifyTab::activate()
{
    const auto link = context_->metadataSession();
    if (link_.lock() == link && session_ && read_)
        return;
    if (link_.lock() != link || !session_) {
        if (session_)
            session_->cancelAll();
        session_ = context_->newSession();
        link_ = link;
        looks_.clear();
        ++turn_;
        setRunning(false);
        take(std::vector<index::Applied>(), 0);
    }
    read();
}

QString VerifyTab::summary() const
{
    return sets_model_->rowCount() == 0 ? QString() : tr("%n set(s) built from advice", nullptr, sets_model_->rowCount());
}

void VerifyTab::read(qint64 id)
{
    if (!session_ || running_) {
        read_ = false; // when the tab comes to the front
        return;
    }
    read_ = true;
    onSession<std::vector<index::Applied>>(*session_, this, readLedger, [this, id, turn = ++turn_](const Result<std::vector<index::Applied>> &applied) {
        if (turn != turn_)
            return;
        if (applied)
            take(applied, id);
        else
            banner_->showMessage(Tone::Bad, tr("The record of built indexes could not be read"), W::qt(applied.error().text()));
        Q_EMIT readFinished();
    });
}

void VerifyTab::take(const Result<std::vector<index::Applied>> &applied, qint64 id)
{
    std::vector<AppliedRow> rows;
    for (const index::Applied &one : *applied)
        rows.push_back({std::make_shared<const index::Applied>(one)});
    following_ = true;
    sets_model_->setRows(std::move(rows));
    following_ = false;
    if (plans_ == nullptr || stack_->currentWidget() != plans_)
        stack_->setCurrentWidget(sets_model_->rowCount() == 0 ? static_cast<QWidget *>(nothing_) : body_);
    for (int row = 0; row < sets_model_->rowCount(); ++row) {
        if (sets_model_->row(row).applied->id == id)
            sets_->setCurrentIndex(sets_->filter()->mapFromSource(sets_model_->index(row, 0)));
    }
    if (!sets_->currentIndex().isValid() && sets_->model()->rowCount() > 0)
        sets_->setCurrentIndex(sets_->model()->index(0, 0));
    showSet();
    Q_EMIT summaryChanged();
}

SharedApplied VerifyTab::chosen() const
{
    const int row = sets_->currentSourceRow();
    return row < 0 ? nullptr : sets_model_->row(row).applied;
}

void VerifyTab::showSet()
{
    if (following_)
        return;
    const SharedApplied applied = chosen();
    const auto look = applied ? looks_.find(applied->id) : looks_.end();
    following_ = true;
    indexes_model_->setRows(builtRows(applied, look == looks_.end() ? nullptr : &look->second));
    queries_model_->setRows(faredRows(applied));
    following_ = false;
    if (indexes_->model()->rowCount() > 0 && !indexes_->currentIndex().isValid())
        indexes_->setCurrentIndex(indexes_->model()->index(0, 0));
    if (!applied) {
        counted_->clear();
    } else if (look != looks_.end()) {
        counted_->setText(look->second.counted_hours < 24 ? tr("Counted for %1: too short to call an index unused").arg(W::duration(look->second.counted_hours * 3'600'000))
                                                          : tr("Counted for %1 days").arg(look->second.counted_hours / 24, 0, 'f', 0));
    } else {
        const std::int64_t due = applied->at_ms + index::reminder_ms;
        counted_->setText(due > index::nowMs() ? tr("The server's counts tell something from %1 on").arg(W::time(due)) : tr("Built more than a day ago: look again"));
    }
    showButtons();
    showSelection();
}

void VerifyTab::showButtons()
{
    const SharedApplied applied = chosen();
    const auto look = applied ? looks_.find(applied->id) : looks_.end();
    const bool useless = look != looks_.end() && std::any_of(look->second.indexes.begin(), look->second.indexes.end(), [](const index::Judged &one) { return !one.drop_sql.empty(); });
    look_->setEnabled(applied && !running_);
    forget_->setEnabled(applied && !running_);
    drop_->setEnabled(useless && !running_ && !context_->isReadOnly());
    drop_->setToolTip(context_->isReadOnly() ? tr("This connection is read-only.")
                      : useless             ? tr("Shows every statement with its lock first; nothing runs before you agree")
                      : look == looks_.end() ? tr("Look again first.")
                                             : tr("Each of them helps, or must stay."));
}

void VerifyTab::showSelection()
{
    if (following_)
        return;
    if (tables_->currentWidget() == indexes_) {
        const int row = indexes_->currentSourceRow();
        if (row < 0)
            details_->clear();
        else
            details_->showIndex(indexes_model_->row(row));
        return;
    }
    const int row = queries_->currentSourceRow();
    if (row < 0)
        details_->clear();
    else
        details_->showQuery(queries_model_->row(row));
}

void VerifyTab::setRunning(bool running, const QString &what)
{
    running_ = running;
    progress_->setVisible(running);
    if (running)
        progress_->setProgress(what, -1, -1);
    showButtons();
}

void VerifyTab::cancel()
{
    if (running_ && session_)
        session_->cancel();
}

void VerifyTab::lookAgain()
{
    const SharedApplied applied = chosen();
    if (!applied || running_ || !session_)
        return;
    banner_->dismiss();
    setRunning(true, applied->run ? tr("Running the queries again") : tr("Planning the queries again"));
    onSession<Looked>(*session_, this, [applied](pg::Connection &connection) { return lookAndKeep(connection, *applied); }, [this, turn = ++turn_](const Result<Looked> &looked) {
        if (turn != turn_)
            return;
        setRunning(false);
        if (looked) {
            looks_.insert_or_assign(looked->applied.id, looked->look);
            showSet();
            read(looked->applied.id);
        } else if (looked.error().kind == ErrorKind::Cancelled) {
            banner_->showMessage(Tone::Neutral, tr("Cancelled; what is shown is from before."), {}, 6);
        } else {
            banner_->showMessage(Tone::Bad, tr("The indexes could not be looked at"), W::qt(looked.error().text()));
            banner_->addButton(tr("Again"), [this] { lookAgain(); });
        }
        Q_EMIT this->looked();
    });
}

void VerifyTab::dropUseless()
{
    const SharedApplied applied = chosen();
    const auto look = applied ? looks_.find(applied->id) : looks_.end();
    if (look == looks_.end() || running_ || context_->isReadOnly())
        return;
    const migration::ChangeScript script = index::dropScript(*applied, look->second);
    if (script.steps.empty())
        return;
    context_->offerChangeScript(script, [guard = QPointer<VerifyTab>(this)](const migration::ChangeOutcome &outcome) {
        const bool ran = std::any_of(outcome.steps.begin(), outcome.steps.end(), [](const migration::StepOutcome &step) { return step.state == migration::StepState::Done; });
        if (guard && ran)
            guard->lookAgain();
    });
}

void VerifyTab::forget()
{
    const SharedApplied applied = chosen();
    if (!applied || running_ || !session_)
        return;
    const auto task = [id = applied->id](pg::Connection &connection) -> Result<std::vector<index::Applied>> {
        auto ledger = index::Ledger::open(index::Ledger::defaultFile());
        if (!ledger)
            return tl::unexpected(ledger.error());
        if (auto done = (*ledger)->remove(id); !done)
            return tl::unexpected(done.error());
        return (*ledger)->applied(index::serverName(connection));
    };
    onSession<std::vector<index::Applied>>(*session_, this, task, [this, turn = ++turn_](const Result<std::vector<index::Applied>> &applied_sets) {
        if (turn == turn_ && applied_sets)
            take(applied_sets, 0);
        Q_EMIT readFinished();
    });
}

void VerifyTab::showPlans(std::size_t query)
{
    const SharedApplied applied = chosen();
    if (!applied)
        return;
    for (const FaredRow &row : faredRows(applied)) {
        if (row.at != query || row.after == nullptr)
            continue;
        makePlans();
        plans_->showPairs(W::qt(row.before().text), {{tr("Before and after"), tr("BEFORE"), tr("NOW"), row.before().plan, row.after->plan}});
        stack_->setCurrentWidget(plans_);
        plans_->backButton()->setFocus();
    }
}

} // namespace howdah::index_tool
