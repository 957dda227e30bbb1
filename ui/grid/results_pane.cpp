// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/grid/results_pane.h"

#include <algorithm>

#include <QHBoxLayout>
#include <QHash>
#include <QMenu>
#include <QStackedWidget>
#include <QToolButton>
#include <QVBoxLayout>

#include "core/base/human.h"
#include "core/result/statement_relation.h"
#include "ui/base/empty_state.h"
#include "ui/base/palette.h"
#include "ui/grid/cell_text.h"
#include "ui/grid/diff_page.h"
#include "ui/grid/result_chips.h"
#include "ui/grid/result_grid.h"
#include "ui/grid/run_status.h"

namespace howdah::ui {

namespace {

constexpr int leave_ms = 250; ///< shorter runs go from one result to the next without a page between
constexpr int chip_ms = 200;
constexpr qsizetype title_characters = 28;

/// How columns were arranged, by relation or statement: as long as the program runs, for every pane.
QHash<QString, QByteArray> &rememberedColumns()
{
    static QHash<QString, QByteArray> known;
    return known;
}

constexpr qsizetype most_remembered = 400;
constexpr qsizetype longest_key = 2'000;

QString columnsKeyOf(const QString &sql, const std::string &relation)
{
    return relation.empty() ? sql.simplified().left(longest_key) : QString::fromStdString(relation);
}

} // namespace

ResultsPane::ResultsPane(QWidget *parent)
    : QWidget(parent), chips_(new ResultChips), stack_(new QStackedWidget),
      empty_(new EmptyState(QStringLiteral("table"), tr("No results yet"), tr("Run a statement and its rows appear here."))),
      status_(new RunStatus), compare_(new QToolButton)
{
    auto *column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    auto *strip = new QHBoxLayout;
    strip->setContentsMargins(spacing::unit, 0, spacing::unit, 0);
    strip->addWidget(chips_, 1);
    compare_->setIcon(icon(QStringLiteral("migrate")));
    compare_->setToolTip(tr("Compare this result with another one"));
    compare_->setAccessibleName(tr("Compare results"));
    compare_->setPopupMode(QToolButton::InstantPopup);
    auto *compare_menu = new QMenu(compare_);
    compare_->setMenu(compare_menu);
    connect(compare_menu, &QMenu::aboutToShow, this, [this, compare_menu] { fillCompareMenu(compare_menu, chips_->currentIndex()); });
    strip->addWidget(compare_);
    compare_->hide();
    column->addLayout(strip);
    column->addWidget(stack_, 1);
    chips_->hide();
    stack_->addWidget(empty_);
    stack_->addWidget(status_);

    leave_timer_.setSingleShot(true);
    leave_timer_.setInterval(leave_ms);
    chip_timer_.setInterval(chip_ms);
    connect(&leave_timer_, &QTimer::timeout, this, [this] {
        leaveOld();
        showCurrent();
    });
    connect(&chip_timer_, &QTimer::timeout, this, [this] {
        for (const auto &shown : results_) {
            if (shown->run == run_)
                showChip(*shown);
        }
    });
    connect(chips_, &QTabBar::currentChanged, this, &ResultsPane::showChosen);
    connect(chips_, &QTabBar::tabBarClicked, this, &ResultsPane::showChosen);
    chips_->setContextMenuPolicy(Qt::CustomContextMenu);
    connect(chips_, &QWidget::customContextMenuRequested, this, [this](const QPoint &at) {
        if (chips_->tabAt(at) < 0)
            return;
        auto *menu = new QMenu(this);
        menu->setAttribute(Qt::WA_DeleteOnClose);
        fillCompareMenu(menu, chips_->tabAt(at));
        menu->popup(chips_->mapToGlobal(at));
    });
    connect(chips_, &ResultChips::pinToggled, this, [this](int position) { setPinned(position, !chips_->isPinned(position)); });
}

ResultsPane::~ResultsPane()
{
    const QSignalBlocker quiet(chips_);
    for (const auto &shown : results_)
        rememberColumns(*shown);
    results_.clear();
}

void ResultsPane::beginRun()
{
    ++run_;
    running_ = true;
    status_wanted_ = true;
    leaveOld();
    leaving_ = currentGrid();
    old_.clear();
    const QSignalBlocker quiet(chips_);
    for (std::size_t i = results_.size(); i-- > 0;) {
        Shown &old = *results_[i];
        rememberColumns(old);
        if (old.run == run_ - 1)
            old_.push_back({old.index, old.sql, old.grid ? old.grid->saveColumns() : old.columns, old.grid ? old.grid->namedFilter() : old.filter});
        if (old.pinned) {
            if (leaving_ == old.grid)
                leaving_ = nullptr;
            continue;
        }
        if (old.grid && old.grid != leaving_)
            old.grid->deleteLater();
        results_.erase(results_.begin() + static_cast<std::ptrdiff_t>(i));
        chips_->removeTab(static_cast<int>(i));
    }
    status_->begin();
    chip_timer_.start();
    leave_timer_.start();
    Q_EMIT summaryChanged({});
}

void ResultsPane::rememberColumns(const Shown &shown)
{
    if (!shown.grid)
        return;
    auto &known = rememberedColumns();
    if (known.size() >= most_remembered)
        known.erase(known.begin());
    known.insert(columnsKeyOf(shown.sql, shown.relation), shown.grid->saveColumns());
}

void ResultsPane::leaveOld()
{
    leave_timer_.stop();
    if (leaving_)
        leaving_->deleteLater();
    leaving_ = nullptr;
}

ResultsPane::Shown *ResultsPane::find(std::size_t index)
{
    const auto at = std::find_if(results_.begin(), results_.end(),
                                 [&](const auto &shown) { return shown->run == run_ && shown->index == index; });
    return at == results_.end() ? nullptr : at->get();
}

int ResultsPane::positionOf(const Shown &shown) const
{
    const auto at = std::find_if(results_.begin(), results_.end(), [&](const auto &other) { return other.get() == &shown; });
    return static_cast<int>(at - results_.begin());
}

void ResultsPane::openResult(std::size_t index, const QString &sql, std::shared_ptr<pg::RowStore> store)
{
    auto shown = std::make_unique<Shown>();
    shown->index = index;
    shown->run = run_;
    shown->sql = sql;
    shown->relation = result::relationOf(sql.toStdString());
    shown->store = std::move(store);
    const auto old = std::find_if(old_.begin(), old_.end(), [&](const Old &known) { return known.index == index; });
    // A filter belongs to the statement: another one at the same place begins without.
    const auto same = std::find_if(old_.begin(), old_.end(), [&](const Old &known) { return known.sql == sql; });
    if (same != old_.end())
        shown->filter = same->filter;
    if (old != old_.end())
        shown->columns = old->columns;
    else
        shown->columns = rememberedColumns().value(columnsKeyOf(sql, shown->relation));
    const bool first_of_run = std::none_of(results_.begin(), results_.end(), [&](const auto &other) { return other->run == run_; });
    Shown &added = *shown;
    results_.push_back(std::move(shown));
    {
        const QSignalBlocker quiet(chips_);
        chips_->addTab(QString());
        showChip(added);
        if (first_of_run)
            chips_->setCurrentIndex(positionOf(added));
    }
    chips_->setVisible(results_.size() > 1);
    compare_->setVisible(results_.size() > 1);
    if (first_of_run)
        showChosen();
}

ResultGrid *ResultsPane::gridOf(Shown &shown)
{
    if (shown.grid)
        return shown.grid;
    shown.grid = new ResultGrid;
    connectGrid(shown.grid);
    stack_->addWidget(shown.grid);
    shown.grid->setTableName(shown.relation);
    shown.grid->setPinned(shown.pinned);
    if (!shown.columns.isEmpty())
        shown.grid->restoreColumns(shown.columns);
    shown.grid->setStore(shown.store);
    shown.grid->setNamedFilter(shown.filter);
    if (shown.outcome)
        shown.grid->finish(*shown.outcome);
    return shown.grid;
}

void ResultsPane::connectGrid(ResultGrid *grid)
{
    const auto positionOfGrid = [this, grid] {
        const auto at = std::find_if(results_.begin(), results_.end(), [grid](const auto &shown) { return shown->grid == grid; });
        return at == results_.end() ? -1 : static_cast<int>(at - results_.begin());
    };
    connect(grid, &ResultGrid::summaryChanged, this, [this, grid](const QString &text) {
        if (currentGrid() == grid)
            Q_EMIT summaryChanged(text);
    });
    connect(grid, &ResultGrid::editRequested, this, &ResultsPane::editRequested);
    connect(grid, &ResultGrid::applyRequested, this, [this, grid] { Q_EMIT applyRequested(grid); });
    connect(grid, &ResultGrid::loadAllRequested, this, [this, positionOfGrid] {
        if (const int at = positionOfGrid(); at >= 0)
            Q_EMIT loadAllRequested(results_[static_cast<std::size_t>(at)]->index);
    });
    connect(grid, &ResultGrid::pinToggled, this, [this, positionOfGrid](bool pinned) {
        if (const int at = positionOfGrid(); at >= 0)
            setPinned(at, pinned);
    });
}

void ResultsPane::rowsArrived(std::size_t index)
{
    if (Shown *shown = find(index); shown != nullptr && shown->grid)
        shown->grid->rowsArrived();
}

void ResultsPane::finishStatement(const pg::StatementOutcome &outcome, const QString &sql)
{
    Shown *shown = find(outcome.index);
    if (shown == nullptr && outcome.result) {
        openResult(outcome.index, sql, outcome.result);
        shown = find(outcome.index);
    }
    status_->add(outcome, sql);
    if (shown == nullptr) {
        if (currentGrid() == nullptr) {
            leaveOld();
            showCurrent();
        }
        return;
    }
    shown->outcome = outcome;
    if (shown->grid)
        shown->grid->finish(outcome);
    showChip(*shown);
}

void ResultsPane::endRun()
{
    running_ = false;
    chip_timer_.stop();
    status_->end();
    for (const auto &shown : results_) {
        if (shown->grid && shown->grid->isRunning())
            shown->grid->finish();
        showChip(*shown);
    }
    leaveOld();
    showCurrent();
    old_.clear();
}

QString ResultsPane::figuresOf(const Shown &shown) const
{
    const qint64 rows = shown.store->rowCount();
    const QString number = QString::fromStdString(human::count(rows));
    const QString counted = rows == 1 ? tr("%1 row").arg(number) : tr("%1 rows").arg(number);
    if (shown.outcome && shown.outcome->error)
        return tr("%1, failed").arg(counted);
    return shown.outcome || shown.run != run_ || !running_ ? counted : counted + QStringLiteral("…");
}

QString ResultsPane::titleOf(const Shown &shown) const
{
    const QString word = shown.relation.empty() ? shown.sql.simplified().section(QLatin1Char(' '), 0, 0).toUpper()
                                                : QString::fromStdString(shown.relation);
    return QStringLiteral("%1 · %2").arg(shown.index + 1).arg(lineText(word.toStdString(), title_characters));
}

void ResultsPane::fillCompareMenu(QMenu *menu, int after)
{
    menu->clear();
    if (after < 0)
        return;
    for (int i = 0; i < resultCount(); ++i) {
        if (i == after)
            continue;
        const Shown &other = *results_[static_cast<std::size_t>(i)];
        QString text = tr("Compare with %1 (%2)").arg(titleOf(other), figuresOf(other));
        if (other.pinned)
            text += QStringLiteral(" · ") + tr("pinned");
        // What is older stands before.
        const bool older = other.run < results_[static_cast<std::size_t>(after)]->run || (i < after);
        menu->addAction(text.replace(QLatin1Char('&'), QStringLiteral("&&")), this, [this, i, after, older] { compare(older ? i : after, older ? after : i); });
    }
}

void ResultsPane::compare(int before, int after)
{
    if (diff_ == nullptr) {
        diff_ = new DiffPage;
        stack_->addWidget(diff_);
        connect(diff_, &DiffPage::closed, this, [this] {
            showCurrent();
            if (ResultGrid *grid = currentGrid())
                grid->setFocus();
        });
    }
    const auto viewOf = [this](int at) {
        return result::RowView{std::make_shared<result::StoreRows>(results_[static_cast<std::size_t>(at)]->store), nullptr};
    };
    const auto described = [this](int at) {
        const Shown &shown = *results_[static_cast<std::size_t>(at)];
        return shown.pinned ? tr("%1, pinned").arg(titleOf(shown)) : titleOf(shown);
    };
    diff_->compare(viewOf(before), described(before), viewOf(after), described(after));
    stack_->setCurrentWidget(diff_);
    setFocusProxy(diff_);
    diff_->setFocus();
    Q_EMIT summaryChanged({});
}

void ResultsPane::showChip(const Shown &shown)
{
    const int at = positionOf(shown);
    const QString title = titleOf(shown);
    const QString tip = lineText(shown.sql.simplified().left(400).toStdString(), 400);
    chips_->setChip(at, title, figuresOf(shown),
                    shown.pinned ? tr("%1\nPinned: stays when the next run begins").arg(tip) : tr("%1\nPin it (P) to keep it for the next run").arg(tip));
    chips_->setPinned(at, shown.pinned);
}

void ResultsPane::showChosen()
{
    status_wanted_ = false;
    showCurrent();
}

void ResultsPane::showCurrent()
{
    chips_->setVisible(results_.size() > 1);
    compare_->setVisible(results_.size() > 1);
    const int at = chips_->currentIndex();
    if (at >= 0 && !status_wanted_) {
        ResultGrid *grid = gridOf(*results_[static_cast<std::size_t>(at)]);
        stack_->setCurrentWidget(grid);
        setFocusProxy(grid);
        Q_EMIT summaryChanged(grid->summary());
    } else {
        stack_->setCurrentWidget(run_ == 0 ? static_cast<QWidget *>(empty_) : status_);
        setFocusProxy(nullptr);
        Q_EMIT summaryChanged({});
    }
    leaveOld();
}

const ResultsPane::Shown *ResultsPane::currentShown() const
{
    const auto *widget = stack_->currentWidget();
    const auto at = std::find_if(results_.begin(), results_.end(), [widget](const auto &shown) { return shown->grid && shown->grid == widget; });
    return at == results_.end() ? nullptr : at->get();
}

ResultGrid *ResultsPane::currentGrid() const
{
    const Shown *shown = currentShown();
    return shown == nullptr ? nullptr : shown->grid.data();
}

QString ResultsPane::currentSql() const
{
    const Shown *shown = currentShown();
    return shown == nullptr ? QString() : shown->sql;
}

bool ResultsPane::isCurrentTruncated() const
{
    const Shown *shown = currentShown();
    return shown != nullptr && (!shown->outcome || shown->outcome->truncated || shown->outcome->error);
}

QString ResultsPane::statusText() const
{
    return stack_->currentWidget() == status_ ? status_->text() : QString();
}

void ResultsPane::setCurrent(int position)
{
    chips_->setCurrentIndex(position);
}

void ResultsPane::setPinned(int position, bool pinned)
{
    Shown &shown = *results_[static_cast<std::size_t>(position)];
    shown.pinned = pinned;
    if (shown.grid)
        shown.grid->setPinned(pinned);
    showChip(shown);
}

} // namespace howdah::ui
