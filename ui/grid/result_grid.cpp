// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/grid/result_grid.h"

#include <algorithm>
#include <utility>

#include <QDataStream>
#include <QIODevice>
#include <QHBoxLayout>
#include <QLabel>
#include <QScrollBar>
#include <QSettings>
#include <QShortcut>
#include <QSplitter>
#include <QStackedWidget>
#include <QVBoxLayout>

#include "core/base/human.h"
#include "core/base/paths.h"
#include "ui/base/hairline.h"
#include "ui/base/palette.h"
#include "ui/grid/cell_text.h"
#include "ui/grid/cell_viewer.h"
#include "ui/grid/chart_panel.h"
#include "ui/grid/grid_editing.h"
#include "ui/grid/grid_filter_bar.h"
#include "ui/grid/grid_find_bar.h"
#include "ui/grid/grid_footer.h"
#include "ui/grid/grid_header.h"
#include "ui/grid/grid_model.h"
#include "ui/grid/grid_selection.h"
#include "ui/grid/grid_view.h"
#include "ui/grid/statistics_panel.h"

namespace howdah::ui {

namespace {

constexpr int tick_ms = 100;
constexpr int slow_tick_ms = 250; ///< laying out and painting takes longer the more rows there are
constexpr qint64 slow_tick_rows = 1'000'000;
constexpr qint64 summed_at_once = 100'000;
constexpr int summary_pause_ms = 60;
constexpr int viewer_width = 360;
constexpr int statistics_width = 300;

const QString width_key = QStringLiteral("grid/viewer_width");

QSettings settings()
{
    return {QString::fromStdString((paths::config() / "window.ini").string()), QSettings::IniFormat};
}

} // namespace

ResultGrid::ResultGrid(QWidget *parent) : ResultGrid(0, parent)
{
}

ResultGrid::ResultGrid(int window, QWidget *parent)
    : QWidget(parent), model_(new GridModel(window > 0 ? window : GridModel::window_rows, this)), view_(new GridView(model_)),
      viewer_(new CellViewer), statistics_(new StatisticsPanel(model_)), chart_(new ChartPanel(model_)), pages_(new QStackedWidget), find_(new GridFindBar(view_, model_)), filter_bar_(new GridFilterBar(model_)), footer_(new GridFooter), sentence_(new QLabel(view_->viewport())),
      splitter_(new QSplitter(Qt::Horizontal))
{
    build();
    connectParts();
}

ResultGrid::~ResultGrid()
{
    endEditing();
    rememberViewer();
}

void ResultGrid::build()
{
    auto *table = new QWidget;
    auto *table_row = new QHBoxLayout(table);
    table_row->setContentsMargins(0, 0, 0, 0);
    table_row->setSpacing(0);
    table_row->addWidget(view_, 1);
    table_row->addWidget(view_->rowsBar());
    view_->setFrameShape(QFrame::NoFrame);
    splitter_->addWidget(table);
    splitter_->addWidget(viewer_);
    splitter_->setStretchFactor(0, 1);
    splitter_->setChildrenCollapsible(false);
    viewer_->hide();
    splitter_->addWidget(statistics_);
    statistics_->hide();
    sentence_->setObjectName(QStringLiteral("sentence"));
    sentence_->setProperty("role", QStringLiteral("dim"));
    sentence_->setAlignment(Qt::AlignCenter);
    sentence_->setAttribute(Qt::WA_TransparentForMouseEvents);
    sentence_->hide();
    auto *over_sentence = new QVBoxLayout(view_->viewport());
    over_sentence->addWidget(sentence_, 0, Qt::AlignCenter);

    auto *rows = new QVBoxLayout(this);
    rows->setContentsMargins(0, 0, 0, 0);
    rows->setSpacing(0);
    rows->addWidget(filter_bar_);
    rows->addWidget(find_);
    pages_->addWidget(splitter_);
    pages_->addWidget(chart_);
    rows->addWidget(pages_, 1);
    rows->addWidget(hairline(this));
    rows->addWidget(footer_);
    setFocusProxy(view_);
    rows_timer_.setSingleShot(true);
    summary_timer_.setSingleShot(true);
    summary_timer_.setInterval(summary_pause_ms);
}

void ResultGrid::connectParts()
{
    connect(&rows_timer_, &QTimer::timeout, this, &ResultGrid::flush);
    connect(&summary_timer_, &QTimer::timeout, this, &ResultGrid::summarizeSelection);
    connect(view_, &GridView::copyRequested, this, [this] { copyAs(result::CopyFormat::Tsv); });
    connect(view_, &GridView::findRequested, this, &ResultGrid::openFind);
    connect(view_, &GridView::viewerRequested, this, &ResultGrid::openViewer);
    connect(view_, &GridView::escaped, this, [this] {
        if (find_->isVisible())
            find_->close();
        else if (filter_bar_->isVisible())
            filter_bar_->close();
        else if (viewer_->isVisible())
            closeViewer();
        else
            closeStatistics();
    });
    connect(view_, &QWidget::customContextMenuRequested, this, &ResultGrid::cellMenu);
    connect(view_->columnsHeader(), &GridHeader::sortRequested, this, &ResultGrid::sortClicked);
    connect(view_->columnsHeader(), &GridHeader::menuRequested, this, &ResultGrid::columnMenu);
    connect(view_->selected(), &QItemSelectionModel::selectionChanged, this, [this] { summary_timer_.start(); });
    connect(view_->selected(), &QItemSelectionModel::currentChanged, this, &ResultGrid::showCurrentValue);
    connect(chart_, &ChartPanel::closed, this, &ResultGrid::closeChart);
    connect(footer_, &GridFooter::chartToggled, this, [this](bool on) { on ? openChart() : closeChart(); });
    connect(statistics_, &StatisticsPanel::closed, this, &ResultGrid::closeStatistics);
    connect(statistics_, &StatisticsPanel::filterRequested, this, [this](const result::Condition &condition) { filter_bar_->add(condition); });
    connect(filter_bar_, &GridFilterBar::filterChanged, this, &ResultGrid::setFilter);
    connect(filter_bar_, &GridFilterBar::closed, this, [this] { view_->setFocus(); });
    connect(viewer_, &CellViewer::closed, this, &ResultGrid::closeViewer);
    connect(footer_, &GridFooter::editRequested, this, &ResultGrid::editRequested);
    connect(footer_, &GridFooter::loadAllRequested, this, &ResultGrid::loadAllRequested);
    connect(footer_, &GridFooter::pinToggled, this, &ResultGrid::pinToggled);
    connect(footer_, &GridFooter::serverOrderRequested, this, [this] { sortBy(std::nullopt); });
    const auto shortcut = [this](const QKeySequence &keys, void (GridFindBar::*slot)()) {
        auto *made = new QShortcut(keys, this);
        made->setContext(Qt::WidgetWithChildrenShortcut);
        connect(made, &QShortcut::activated, find_, slot);
    };
    auto *filter = new QShortcut(Qt::CTRL | Qt::SHIFT | Qt::Key_L, this);
    filter->setContext(Qt::WidgetWithChildrenShortcut);
    connect(filter, &QShortcut::activated, this, [this] { openFilter(); });
    shortcut(Qt::Key_F3, &GridFindBar::findNext);
    shortcut(Qt::SHIFT | Qt::Key_F3, &GridFindBar::findPrevious);
}

void ResultGrid::beginEditing(edit::EditableTable table)
{
    endEditing();
    editing_ = new GridEditing(std::move(table), model_, view_, this);
    // Between the table and its footer.
    auto *rows = qobject_cast<QVBoxLayout *>(layout());
    rows->insertWidget(rows->indexOf(footer_), editing_);
    connect(editing_, &GridEditing::applyRequested, this, &ResultGrid::applyRequested);
    connect(editing_, &GridEditing::closeRequested, this, &ResultGrid::editRequested);
    view_->setEditing(editing_);
    footer_->setEditing(true);
    view_->setFocus();
}

void ResultGrid::endEditing()
{
    if (editing_ == nullptr)
        return;
    view_->setEditing(nullptr);
    delete std::exchange(editing_, nullptr);
    footer_->setEditing(false);
    view_->viewport()->update();
}

void ResultGrid::setStore(std::shared_ptr<pg::RowStore> store)
{
    store_ = store;
    setSource(std::make_shared<result::StoreRows>(std::move(store)));
}

void ResultGrid::setSource(std::shared_ptr<const result::RowSource> source)
{
    endEditing();
    forgetArrangement();
    copy_job_.cancel();
    running_ = true;
    fitted_ = false;
    footer_->begin();
    footer_->setSorted({});
    view_->columnsHeader()->setSortObstacle(tr("Columns can be sorted when all rows have arrived"));
    model_->setSource(std::move(source));
    filter_bar_->reset();
    closeStatistics();
    chart_->reset();
    closeChart();
    showSummary({});
    flush();
}

void ResultGrid::rowsArrived()
{
    if (model_->totalRows() == 0 && filter_.empty())
        flush();
    else if (!rows_timer_.isActive())
        rows_timer_.start(model_->totalRows() > slow_tick_rows ? slow_tick_ms : tick_ms);
}

void ResultGrid::flush()
{
    rows_timer_.stop();
    const qint64 before = fitted_ ? model_->totalRows() : 0;
    model_->grow();
    if (!fitted_) {
        fitted_ = model_->totalRows() > 0;
        view_->resetColumns();
        if (!columns_state_.isEmpty())
            restoreColumns(columns_state_);
    }
    filterMore();
    showFigures();
    if (model_->totalRows() != before || !running_) {
        statistics_->refresh();
        chart_->refresh();
        view_->updateRowsBar();
        find_->searchMore();
    }
    showSentence();
}

void ResultGrid::finish(const pg::StatementOutcome &outcome)
{
    running_ = false;
    flush();
    view_->columnsHeader()->setSortObstacle({});
    footer_->finish(&outcome);
    showSentence();
}

void ResultGrid::finish()
{
    running_ = false;
    flush();
    view_->columnsHeader()->setSortObstacle({});
    footer_->finish(nullptr);
    showSentence();
}

void ResultGrid::showSentence()
{
    const qint64 rows = model_->totalRows();
    const QString number = QString::fromStdString(human::count(rows));
    QString text;
    if (model_->columnCount() == 0 && !(running_ && rows == 0))
        text = rows == 1 ? tr("1 row, without columns") : tr("%1 rows, without columns").arg(number);
    else if (rows == 0)
        text = !filter_.empty() ? tr("No row meets the filter") : running_ ? tr("Waiting for the first row…") : tr("No rows: nothing matches");
    sentence_->setText(text);
    sentence_->setVisible(!text.isEmpty());
}

void ResultGrid::setTableName(const std::string &table)
{
    if (!table.empty())
        table_ = table;
}

// What the selection adds up to.

void ResultGrid::summarizeSelection()
{
    auto bands = view_->selectedBands();
    const qint64 cells = result::cellCount(bands);
    if (cells < 2) {
        summary_job_.cancel();
        showSummary({});
    } else if (cells <= summed_at_once) {
        summary_job_.cancel();
        showSummary(QString::fromStdString(result::text(*result::summarize(model_->rows(), bands))));
    } else {
        showSummary(tr("%1 cells · adding up…").arg(QString::fromStdString(human::count(cells))));
        summary_job_.start<std::optional<result::Summary>>(
            [rows = model_->rows(), bands = std::move(bands)](std::stop_token stop) { return result::summarize(rows, bands, stop); },
            [this](std::optional<result::Summary> summary) {
                if (summary)
                    showSummary(QString::fromStdString(result::text(*summary)));
            });
    }
}

void ResultGrid::showSummary(const QString &text)
{
    if (summary_text_ == text)
        return;
    summary_text_ = text;
    footer_->setSummary(text);
    Q_EMIT summaryChanged(text);
}

// Finding, one value in full.

void ResultGrid::openFind()
{
    find_->open();
}

void ResultGrid::openViewer()
{
    if (model_->columnCount() == 0)
        return;
    closeStatistics();
    if (viewer_->isHidden()) {
        const int wanted = settings().value(width_key, viewer_width).toInt();
        const int all = std::max(splitter_->width(), 2);
        const int width_now = std::clamp(wanted, all / 8, all * 3 / 4);
        viewer_->show();
        splitter_->setSizes({all - width_now, width_now});
    }
    showCurrentValue();
}

void ResultGrid::closeViewer()
{
    if (viewer_->isHidden())
        return;
    rememberViewer();
    viewer_->hide();
    viewer_->showCell(nullptr, 0, 0);
    view_->setFocus();
}

void ResultGrid::openStatistics(int column)
{
    const int chosen = column >= 0 ? column : std::max(0, view_->currentIndex().column());
    if (chosen >= model_->columnCount())
        return;
    closeViewer();
    if (statistics_->isHidden()) {
        const int all = std::max(splitter_->width(), 2);
        const int width_now = std::clamp(statistics_width, all / 8, all * 3 / 4);
        statistics_->show();
        splitter_->setSizes({all - width_now, 0, width_now});
    }
    statistics_->showColumn(chosen);
}

void ResultGrid::openChart()
{
    pages_->setCurrentWidget(chart_);
    setFocusProxy(chart_);
    footer_->setCharted(true);
    chart_->open();
}

void ResultGrid::closeChart()
{
    footer_->setCharted(false);
    if (pages_->currentWidget() != chart_)
        return;
    pages_->setCurrentWidget(splitter_);
    setFocusProxy(view_);
    view_->setFocus();
}

void ResultGrid::closeStatistics()
{
    if (statistics_->isHidden())
        return;
    statistics_->hide();
    statistics_->showColumn(-1);
    view_->setFocus();
}

void ResultGrid::rememberViewer() const
{
    if (viewer_->isVisible() && splitter_->sizes().value(1) > 0)
        settings().setValue(width_key, splitter_->sizes().value(1));
}

void ResultGrid::showCurrentValue()
{
    if (viewer_->isHidden())
        return;
    const QModelIndex current = view_->currentIndex();
    if (current.isValid())
        viewer_->showCell(model_->rows().source, model_->sourceRow(current.row()), static_cast<std::size_t>(current.column()));
    else
        viewer_->showCell(nullptr, 0, 0);
}

void ResultGrid::setPinned(bool pinned)
{
    footer_->setPinned(pinned);
}

// Columns as the user arranged them.

QByteArray ResultGrid::columnsKey() const
{
    QByteArray key;
    for (int column = 0; column < model_->columnCount(); ++column) {
        const pg::Column &described = model_->column(column);
        key += QByteArray::fromStdString(described.name) + '\0' + QByteArray::number(described.type_oid) + '\0';
    }
    return key;
}

QByteArray ResultGrid::saveColumns() const
{
    QByteArray state;
    QDataStream out(&state, QIODevice::WriteOnly);
    const auto &pinned = view_->pinnedColumns();
    out << columnsKey() << view_->columnsHeader()->saveState() << QList<int>(pinned.begin(), pinned.end());
    return state;
}

void ResultGrid::restoreColumns(const QByteArray &state)
{
    columns_state_ = state;
    QByteArray key;
    QByteArray header;
    QList<int> pinned;
    QDataStream in(state);
    in >> key >> header >> pinned;
    if (!fitted_ || key.isEmpty() || key != columnsKey())
        return;
    view_->columnsHeader()->restoreState(header);
    view_->setPinnedColumns({pinned.begin(), pinned.end()});
}

} // namespace howdah::ui
