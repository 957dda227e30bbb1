// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/index/advise_tab.h"

#include <algorithm>
#include <set>

#include <QApplication>
#include <QCheckBox>
#include <QClipboard>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QPushButton>
#include <QScrollArea>
#include <QShortcut>
#include <QSplitter>
#include <QStackedWidget>
#include <QTimer>
#include <QVBoxLayout>

#include "plugins/index/advice_details.h"
#include "plugins/index/advise_words.h"
#include "plugins/index/frontier_view.h"
#include "plugins/index/keyed_columns.h"
#include "plugins/index/plans_view.h"
#include "plugins/index/remembered_splitter.h"
#include "ui/base/banner.h"
#include "ui/base/elided_label.h"
#include "ui/base/empty_state.h"
#include "ui/base/hairline.h"
#include "ui/base/palette.h"
#include "ui/base/segmented_tabs.h"
#include "ui/base/task_progress.h"
#include "ui/plan/stat_strip.h"
#include "ui/table/table_view.h"

// The parts of the tab, and how an advice is shown in them.

namespace howdah::index_tool {

using namespace howdah::ui;
using W = AdviseWords;

namespace {

constexpr std::size_t most_queries = 5000, most_remarks = 1000;
constexpr int point_pause_ms = 120;
constexpr std::size_t most_so_far = 30;
constexpr int time_column = 4; ///< of queries, and the new one beside it

const QString indexes_id = QStringLiteral("indexes"), queries_id = QStringLiteral("queries"), remarks_id = QStringLiteral("remarks");

QFrame *card()
{
    auto *frame = new QFrame;
    frame->setProperty("role", QStringLiteral("card"));
    return frame;
}

QLabel *captionLabel(const QString &text)
{
    auto *label = new QLabel(text);
    label->setProperty("role", QStringLiteral("caption"));
    return label;
}

} // namespace

AdviseTab::AdviseTab(ToolContext *context, QWidget *parent)
    : IndexTab(parent), context_(context), indexes_model_(new AdvisedModel(advisedColumns(), &advisedKey, this)), queries_model_(new QueriesModel(queryColumns(), &queryKey, this)),
      remarks_model_(new RemarksModel(remarkColumns(), &remarkKey, this)), stack_(new QStackedWidget(this)), point_pause_(new QTimer(this))
{
    auto *outer = new QVBoxLayout(this);
    outer->setContentsMargins(0, 0, 0, spacing::card);
    outer->setSpacing(spacing::control);
    bar_ = new WorkloadBar(context_);
    banner_ = new Banner;
    progress_ = new TaskProgress;
    progress_->hide();
    intro_ = new EmptyState(QStringLiteral("index"), tr("Which indexes does a workload lack?"),
                            tr("Choose where the queries come from and press Advise. They are planned, never run, with indexes of every access method; each index that is proposed says "
                               "how well it is proved, what it costs to keep up, and why its columns stand in that order. Nothing is built."));
    intro_->addButton(tr("Advise"), QStringLiteral("index"), [this] { start(); });
    intro_->addButton(tr("Open a file…"), QStringLiteral("open"), [this] {
        bar_->setSource(WorkloadSource::File);
        bar_->chooseFile();
    });
    missing_ = new EmptyState(QStringLiteral("clock"), tr("pg_stat_statements is not at hand"), tr("It must stand in shared_preload_libraries; the server is restarted once for it."));
    missing_->addButton(tr("Create the extension…"), QStringLiteral("sql"), [this] {
        context_->openSql(tr("pg_stat_statements"), QStringLiteral("-- Needs a server that was started with\n--   shared_preload_libraries = 'pg_stat_statements'\nSHOW shared_preload_libraries;\nCREATE EXTENSION IF NOT EXISTS pg_stat_statements;\n"));
    });
    missing_->addButton(tr("Write statements instead"), QStringLiteral("edit"), [this] {
        bar_->setSource(WorkloadSource::Statements);
        stack_->setCurrentWidget(shown_.advice ? body_ : intro_);
    });
    outer->addWidget(bar_);
    outer->addWidget(banner_);
    outer->addWidget(progress_);
    outer->addWidget(stack_, 1);
    body_ = makeBody();
    waiting_ = makeWaiting();
    for (QWidget *each : std::initializer_list<QWidget *>{intro_, missing_, waiting_, body_})
        stack_->addWidget(each);
    point_pause_->setSingleShot(true);
    point_pause_->setInterval(point_pause_ms);
    connect(point_pause_, &QTimer::timeout, this, [this] {
        if (found_.advice && wanted_point_ >= 0)
            price(found_.advice->frontier[static_cast<std::size_t>(wanted_point_)].ddl, wanted_point_);
    });
    connect(bar_, &WorkloadBar::adviseRequested, this, &AdviseTab::start);
    connect(bar_, &WorkloadBar::sourceChanged, this, [this] {
        if (stack_->currentWidget() == missing_)
            stack_->setCurrentWidget(shown_.advice ? body_ : intro_);
    });
    connect(progress_, &TaskProgress::cancelRequested, this, &AdviseTab::stop);
    addShortcuts();
    showAdvice({});
}

/// Made when it is first wanted: two trees of plans are no small thing, and most never ask.
void AdviseTab::makePlans()
{
    if (plans_ != nullptr)
        return;
    plans_ = new PlansView;
    stack_->addWidget(plans_);
    connect(plans_, &PlansView::closed, this, [this] {
        stack_->setCurrentWidget(body_);
        tables_->currentWidget()->setFocus();
    });
}

QWidget *AdviseTab::makeBody()
{
    auto *body = new QWidget;
    auto *layout = new QVBoxLayout(body);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(spacing::control);
    layout->addWidget(makeHead());
    QSplitter *down = rememberedSplitter(Qt::Vertical, QStringLiteral("index/advise_down"), {140, 370}, makeFrontier(), makeLists());
    details_ = new AdviceDetails;
    details_->setMinimumWidth(280);
    details_->applyButton()->hide();
    auto *panel = card();
    auto *inside = new QVBoxLayout(panel);
    inside->setContentsMargins(1, 1, 1, 1);
    inside->addWidget(details_);
    QSplitter *across = rememberedSplitter(Qt::Horizontal, QStringLiteral("index/advise_across"), {680, 280}, down, panel);
    across->setStretchFactor(0, 1);
    layout->addWidget(across, 1);
    connect(details_, &DetailsPanel::openRequested, this, [this](const QString &sql) { context_->openSql(tr("Index advice"), sql + QLatin1Char('\n')); });
    connect(details_, &AdviceDetails::plansRequested, this, &AdviseTab::showPlans);
    connect(details_, &AdviceDetails::queryRequested, this, &AdviseTab::showQuery);
    connect(details_, &AdviceDetails::indexRequested, this, [this](std::size_t at) {
        lists_->setCurrent(indexes_id);
        for (int row = 0; row < indexes_model_->rowCount(); ++row) {
            if (indexes_model_->row(row).at == at)
                indexes_->setCurrentIndex(indexes_->filter()->mapFromSource(indexes_model_->index(row, 0)));
        }
    });
    return body;
}

QWidget *AdviseTab::makeHead()
{
    auto *head = new QWidget;
    auto *line = new QHBoxLayout(head);
    line->setContentsMargins(0, 0, 0, 0);
    line->setSpacing(spacing::card);
    figures_ = new StatStrip;
    auto *choices = new QVBoxLayout;
    choices->setSpacing(0);
    time_ = new QCheckBox(tr("Time the queries"));
    time_->setToolTip(tr("Runs each query that only reads twice before the indexes are built and twice after, in a read-only transaction, none longer than 10 seconds. "
                         "Without it they are planned alone"));
    drop_ = new QCheckBox(tr("Drop redundant ones"));
    drop_->setToolTip(tr("Indexes that are there and add nothing beside the new ones are dropped after these are built"));
    choices->addWidget(time_);
    choices->addWidget(drop_);
    apply_ = new QPushButton(tr("Apply…"));
    apply_->setProperty("role", QStringLiteral("primary"));
    line->addWidget(figures_, 1);
    line->addLayout(choices);
    line->addWidget(apply_);
    connect(apply_, &QPushButton::clicked, this, &AdviseTab::apply);
    return head;
}

QWidget *AdviseTab::makeFrontier()
{
    QFrame *frame = card();
    auto *layout = new QVBoxLayout(frame);
    layout->setContentsMargins(spacing::control, spacing::unit, spacing::control, spacing::unit);
    layout->setSpacing(0);
    frontier_caption_ = new ElidedLabel(tr("COST OF THE WORKLOAD BY SIZE OF THE SET"));
    frontier_caption_->setProperty("role", QStringLiteral("caption"));
    frontier_ = new FrontierView;
    frontier_->setAccessibleName(tr("Cost of the workload by size of the set"));
    frontier_->setEmptyText(tr("No index is worth its disk here."));
    layout->addWidget(frontier_caption_);
    layout->addWidget(frontier_, 1);
    connect(frontier_, &FrontierView::chosen, this, &AdviseTab::choosePoint);
    return frame;
}

QWidget *AdviseTab::makeLists()
{
    QFrame *frame = card();
    auto *layout = new QVBoxLayout(frame);
    layout->setContentsMargins(1, spacing::unit, 1, 1);
    layout->setSpacing(spacing::unit);
    lists_ = new SegmentedTabs(SegmentedTabs::Look::Quiet);
    lists_->addSegment(indexes_id, tr("Indexes"), tr("The set, each index with its proof"));
    lists_->addSegment(queries_id, tr("Queries"), tr("What becomes of each query"));
    lists_->addSegment(remarks_id, tr("Remarks"), tr("What to write otherwise, what could not be planned, what becomes redundant"));
    filter_ = new QLineEdit;
    filter_->setPlaceholderText(tr("Filter by any word"));
    filter_->setToolTip(tr("Shows rows that have every word (Ctrl+F)"));
    filter_->setAccessibleName(tr("Filter indexes, queries and remarks"));
    filter_->setClearButtonEnabled(true);
    filter_->addAction(icon(QStringLiteral("filter")), QLineEdit::LeadingPosition);
    filter_->setMaximumWidth(220);
    auto *line = new QHBoxLayout;
    line->setContentsMargins(spacing::unit, 0, spacing::control, 0);
    line->addWidget(lists_);
    line->addStretch();
    line->addWidget(filter_, 1);
    layout->addLayout(line);
    layout->addWidget(hairline(frame));
    tables_ = new QStackedWidget;
    indexes_ = new TableView(tr("Indexes of the set"), indexes_model_, QStringLiteral("index/advised"));
    queries_ = new TableView(tr("Queries of the workload"), queries_model_, QStringLiteral("index/advised_queries"));
    remarks_ = new TableView(tr("Remarks"), remarks_model_, QStringLiteral("index/advised_remarks"));
    setUpColumns(indexes_, *indexes_model_, QStringLiteral("index"));
    setUpColumns(queries_, *queries_model_, QStringLiteral("statement"));
    setUpColumns(remarks_, *remarks_model_, QStringLiteral("text"));
    indexes_->sortAtFirst(4, Qt::DescendingOrder);
    queries_->sortAtFirst(1, Qt::DescendingOrder);
    indexes_->filter()->setPredicate([this](int row) { return hasWords(W::qt(indexes_model_->row(row).advised().ddl) + QLatin1Char('\n') + W::proof(indexes_model_->row(row).advised().proof)); });
    queries_->filter()->setPredicate([this](int row) { return hasWords(W::qt(queries_model_->row(row).query().statement.text)); });
    remarks_->filter()->setPredicate([this](int row) { return hasWords(remarks_model_->row(row).text + QLatin1Char('\n') + remarks_model_->row(row).about + QLatin1Char('\n') + remarkKind(remarks_model_->row(row).kind)); });
    for (TableView *table : {indexes_, queries_, remarks_}) {
        tables_->addWidget(table);
        connect(table, &TableView::selectionMoved, this, &AdviseTab::showSelection);
        connect(table, &QWidget::customContextMenuRequested, this, [this, table](const QPoint &at) { showMenu(table, at); });
    }
    connect(queries_, &QAbstractItemView::activated, this, [this] {
        if (const int row = queries_->currentSourceRow(); row >= 0)
            showPlans(queries_model_->row(row).at);
    });
    connect(lists_, &SegmentedTabs::currentChanged, this, [this](const QString &id) {
        tables_->setCurrentWidget(id == indexes_id ? indexes_ : id == queries_id ? queries_ : remarks_);
        showSelection();
    });
    connect(filter_, &QLineEdit::textChanged, this, &AdviseTab::refilter);
    layout->addWidget(tables_, 1);
    layout->addWidget(hairline(frame));
    layout->addWidget(makeWhy());
    return frame;
}

QWidget *AdviseTab::makeWhy()
{
    auto *bar = new QWidget;
    auto *line = new QHBoxLayout(bar);
    line->setContentsMargins(spacing::control, spacing::unit, spacing::control, spacing::unit);
    line->setSpacing(spacing::control);
    why_ = new QLineEdit;
    why_->setFont(monoFont());
    why_->setPlaceholderText(tr("CREATE INDEX ON orders (customer_id): an index that you thought of"));
    why_->setAccessibleName(tr("An index that you thought of"));
    why_->setToolTip(tr("Any CREATE INDEX: whether one that is there serves already, which queries would use it, and why the others would not. Nothing is built"));
    why_->setClearButtonEnabled(true);
    ask_ = new QPushButton(tr("Why not?"));
    ask_->setToolTip(tr("Judges this index for the workload (Return)"));
    line->addWidget(why_, 1);
    line->addWidget(ask_);
    connect(why_, &QLineEdit::returnPressed, this, &AdviseTab::askWhy);
    connect(ask_, &QPushButton::clicked, this, &AdviseTab::askWhy);
    return bar;
}

QWidget *AdviseTab::makeWaiting()
{
    QFrame *frame = card();
    auto *layout = new QVBoxLayout(frame);
    layout->setContentsMargins(spacing::page, spacing::card, spacing::page, spacing::card);
    layout->setSpacing(spacing::control);
    so_far_caption_ = captionLabel({});
    so_far_ = new QLabel;
    so_far_->setFont(monoFont());
    so_far_->setTextFormat(Qt::PlainText);
    so_far_->setWordWrap(true);
    so_far_->setAlignment(Qt::AlignTop | Qt::AlignLeft);
    so_far_->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    auto *scroll = new QScrollArea;
    scroll->setWidgetResizable(true);
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->viewport()->setAutoFillBackground(false);
    so_far_->setAutoFillBackground(false);
    scroll->setWidget(so_far_);
    layout->addWidget(so_far_caption_);
    layout->addWidget(scroll, 1);
    return frame;
}

void AdviseTab::addShortcuts()
{
    const auto add = [this](const QKeySequence &keys, QWidget *where, Qt::ShortcutContext range, std::function<void()> act) {
        auto *shortcut = new QShortcut(keys, where, nullptr, nullptr, range);
        connect(shortcut, &QShortcut::activated, this, std::move(act));
    };
    add(QKeySequence::Find, this, Qt::WidgetWithChildrenShortcut, [this] { filter_->setFocus(); });
    add(QKeySequence(Qt::CTRL | Qt::Key_Return), this, Qt::WidgetWithChildrenShortcut, [this] { start(); });
    add(QKeySequence::Refresh, this, Qt::WidgetWithChildrenShortcut, [this] { start(); });
    for (TableView *table : {indexes_, queries_, remarks_})
        add(QKeySequence::Copy, table, Qt::WidgetShortcut, [table] { table->copySelection(); });
    add(QKeySequence::Delete, indexes_, Qt::WidgetShortcut, [this] { leaveOut(selectedPlaces()); });
}

void AdviseTab::setRunning(bool running, const QString &what)
{
    running_ = running;
    pricing_ = keeping_ = false;
    if (!running)
        has_best_ = false;
    progress_->setVisible(running);
    if (running)
        progress_->setProgress(what, -1, -1);
    bar_->setRunning(running);
    showFigures();
}

void AdviseTab::showSoFar(const SoFar &so_far)
{
    if (so_far.step.empty()) {
        so_far_caption_->setText(tr("THE BEST SET SO FAR"));
        so_far_->setText(tr("It is shown here as soon as there is one; Cancel takes it as it is then."));
        return;
    }
    if (!asked_to_stop_)
        progress_->setProgress(so_far.calls > 0 ? tr("%1 · %2 plans").arg(W::step(so_far.step.c_str())).arg(so_far.calls) : W::step(so_far.step.c_str()), -1, -1);
    if (so_far.best.empty())
        return;
    has_best_ = true;
    so_far_caption_->setText(tr("THE BEST SET SO FAR: %1 INDEXES, %2, %3 OF THE COST").arg(so_far.best.size()).arg(W::bytes(so_far.bytes), W::share(so_far.cost, so_far.cost_before)));
    QStringList lines;
    for (std::size_t i = 0; i < std::min(most_so_far, so_far.best.size()); ++i)
        lines << W::shortDdl(so_far.best[i]);
    if (so_far.best.size() > most_so_far)
        lines << tr("… and %1 more").arg(so_far.best.size() - most_so_far);
    so_far_->setText(lines.join(QLatin1Char('\n')));
    Q_EMIT soFarShown();
}

void AdviseTab::showAdvice(const Advised &advised)
{
    shown_ = advised;
    following_ = true;
    indexes_model_->setRows(advisedRows(shown_.advice));
    queries_model_->setRows(queryRows(shown_.advice, most_queries));
    remarks_model_->setRows(shown_.advice ? remarksOf(*shown_.advice, most_remarks) : std::vector<Remark>());
    following_ = false;
    // Columns of times only where there are some.
    for (const int place : {time_column, time_column + 1}) {
        bool some = false;
        for (int row = 0; row < queries_model_->rowCount() && !some; ++row)
            some = !queries_model_->index(row, place).data().toString().isEmpty();
        if (queries_->isColumnHidden(place) == some)
            queries_->setColumnHidden(place, !some);
    }
    drop_->setVisible(shown_.advice && !shown_.advice->redundant.empty());
    if (!shown_.advice) {
        frontier_->setPoints({});
        stack_->setCurrentWidget(intro_);
        details_->clear();
    } else if (plans_ == nullptr || stack_->currentWidget() != plans_) {
        stack_->setCurrentWidget(body_);
    }
    showFigures();
    refilter();
    if (indexes_->model()->rowCount() > 0 && indexes_->selectedSourceRows().isEmpty())
        indexes_->setCurrentIndex(indexes_->model()->index(0, 0));
    showSelection();
    Q_EMIT summaryChanged();
}

void AdviseTab::showFigures()
{
    figures_->clear();
    const QString reason = hindrance();
    const bool some = shown_.advice && !shown_.advice->indexes.empty();
    const bool built = some && shown_.advice == built_;
    apply_->setEnabled(some && !built && reason.isEmpty() && !running_);
    apply_->setToolTip(!reason.isEmpty() ? reason : built ? tr("These were built: the Verify tab shows what they did.") : some ? tr("Shows every statement with its lock first; nothing runs before you agree. Afterwards the same queries are asked again") : tr("There is nothing to build."));
    apply_->setText(built ? tr("Built") : some ? tr("Apply %n index(es)…", nullptr, static_cast<int>(shown_.advice->indexes.size())) : tr("Apply…"));
    if (!shown_.advice)
        return;
    const index::Advice &advice = *shown_.advice;
    double bytes = 0;
    bool measured = !advice.indexes.empty();
    for (const index::AdvisedIndex &one : advice.indexes) {
        bytes += static_cast<double>(one.size_bytes);
        measured = measured && one.candidate.size_measured;
    }
    int better = 0, worse = 0;
    for (const index::AdvisedQuery &query : advice.queries) {
        better += query.cost_after < query.cost_before * 0.9 ? 1 : 0;
        worse += query.cost_after > query.cost_before * 1.02 ? 1 : 0;
    }
    const auto to_queries = [this] { lists_->setCurrent(queries_id); };
    figures_->add(tr("COST"), W::share(advice.cost_after, advice.cost_before), W::change(advice.cost_before, advice.cost_after), advice.cost_after < advice.cost_before * 0.95 ? Tone::Good : Tone::Neutral);
    figures_->add(tr("SIZE"), W::bytes(bytes), measured ? tr("measured") : advice.indexes.empty() ? QString() : tr("estimated"));
    figures_->add(tr("BETTER"), tr("%1 of %2").arg(better).arg(advice.queries.size()), worse > 0 ? tr("%1 worse").arg(worse) : QString(), worse > 0 ? Tone::Warn : Tone::Neutral, to_queries);
    figures_->add(tr("UPKEEP"), advice.write_cost > 0 ? W::share(advice.write_cost, advice.cost_before) : tr("none"), {}, Tone::Neutral);
    if (!advice.problems.empty())
        figures_->add(tr("LEFT OUT"), QString::number(advice.problems.size()), {}, Tone::Warn, [this] { lists_->setCurrent(remarks_id); });
}

void AdviseTab::showNotes()
{
    // All of them are remarks; a banner is for what makes the advice worth less.
    std::vector<std::string> notes;
    for (const std::string &note : found_.advice->notes) {
        if (!found_.advice->what_if || !found_.advice->complete || note.starts_with("There are no statistics"))
            notes.push_back(note);
    }
    if (notes.empty()) {
        banner_->dismiss();
        return;
    }
    QStringList rest;
    for (std::size_t i = 1; i < notes.size(); ++i)
        rest << W::qt(notes[i]);
    banner_->showMessage(found_.advice->complete ? Tone::Neutral : Tone::Warn, W::qt(notes.front()), rest.join(QLatin1Char('\n')));
    banner_->addButton(tr("Close"), [this] { banner_->dismiss(); });
}

void AdviseTab::fillFrontier()
{
    const index::Advice &advice = *found_.advice;
    std::vector<FrontierView::Point> points;
    std::set<std::string> wanted;
    double bytes = 0;
    for (const index::AdvisedIndex &one : advice.indexes) {
        wanted.insert(one.nameless_ddl);
        bytes += static_cast<double>(one.size_bytes);
    }
    int current = -1;
    for (const index::Advice::Point &point : advice.frontier) {
        FrontierView::Point shown;
        shown.bytes = point.bytes;
        shown.share = advice.cost_before > 0 ? point.cost / advice.cost_before : 1;
        shown.indexes = static_cast<int>(point.ddl.size());
        shown.tooltip = tr("%n index(es), %1: %2 of the cost", nullptr, shown.indexes).arg(W::bytes(point.bytes), W::share(point.cost, advice.cost_before));
        for (std::size_t i = 0; i < std::min<std::size_t>(12, point.ddl.size()); ++i)
            shown.tooltip += QLatin1Char('\n') + W::shortDdl(point.ddl[i]);
        if (std::set<std::string>(point.ddl.begin(), point.ddl.end()) == wanted)
            current = static_cast<int>(points.size());
        points.push_back(std::move(shown));
    }
    if (points.size() < 2)
        points.clear();
    frontier_->setPoints(std::move(points));
    frontier_->setBudget(static_cast<double>(wish_.options.budget_bytes));
    if (!frontier_->points().empty())
        frontier_->setCurrent(current);
    frontier_->setOwn(bytes, current >= 0 || advice.cost_before <= 0 ? -1 : advice.cost_after / advice.cost_before);
    if (current >= 0)
        priced_.insert_or_assign(current, found_);
    wanted_point_ = current;
}

bool AdviseTab::hasWords(const QString &text) const
{
    const QStringList words = filter_->text().split(QLatin1Char(' '), Qt::SkipEmptyParts);
    return std::all_of(words.begin(), words.end(), [&text](const QString &word) { return text.contains(word, Qt::CaseInsensitive); });
}

void AdviseTab::refilter()
{
    for (TableView *table : {indexes_, queries_, remarks_})
        table->filter()->refilter();
    const bool narrowed = !filter_->text().trimmed().isEmpty();
    indexes_->setEmptyText(!shown_.advice ? QString()
                           : narrowed     ? tr("No index has all of these words.")
                           : shown_.advice->queries.empty() ? tr("No statement could be planned; Remarks say why.")
                                                            : tr("No index would help this workload enough to be worth its upkeep."));
    queries_->setEmptyText(shown_.advice ? tr("No query here.") : QString());
    remarks_->setEmptyText(shown_.advice ? tr("There is nothing to remark.") : QString());
    const auto titled = [](const QString &title, int shown) { return shown > 0 ? QStringLiteral("%1 · %2").arg(title).arg(shown) : title; };
    lists_->setText(indexes_id, titled(tr("Indexes"), indexes_->model()->rowCount()));
    lists_->setText(queries_id, titled(tr("Queries"), queries_->model()->rowCount()));
    lists_->setText(remarks_id, titled(tr("Remarks"), remarks_->model()->rowCount()));
}

void AdviseTab::showSelection()
{
    if (following_)
        return;
    auto *table = static_cast<TableView *>(tables_->currentWidget());
    const QList<int> rows = table->selectedSourceRows();
    if (rows.isEmpty())
        details_->clear();
    else if (table == indexes_)
        details_->showIndex(indexes_model_->row(rows.first()));
    else if (table == queries_)
        details_->showQuery(queries_model_->row(rows.first()));
    else
        details_->showRemark(remarks_model_->row(rows.first()));
}

void AdviseTab::showQuery(std::size_t at)
{
    filter_->clear();
    lists_->setCurrent(queries_id);
    for (int row = 0; row < queries_model_->rowCount(); ++row) {
        if (queries_model_->row(row).at == at) {
            const QModelIndex place = queries_->filter()->mapFromSource(queries_model_->index(row, 0));
            queries_->setCurrentIndex(place);
            queries_->scrollTo(place);
        }
    }
}

QList<int> AdviseTab::selectedPlaces() const
{
    QList<int> places;
    for (const int row : indexes_->selectedSourceRows())
        places << static_cast<int>(indexes_model_->row(row).at);
    return places;
}

void AdviseTab::showMenu(TableView *table, const QPoint &at)
{
    auto *menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    const QList<int> rows = table->selectedSourceRows();
    if (table == indexes_ && !rows.isEmpty()) {
        QString sql;
        for (const int row : rows)
            sql += W::qt(indexes_model_->row(row).advised().concurrent_ddl) + QStringLiteral(";\n");
        const QList<int> places = selectedPlaces();
        menu->addAction(tr("Leave out"), this, [this, places] { leaveOut(places); })->setToolTip(tr("Prices the set without it (Delete)"));
        menu->addAction(tr("Only this"), this, [this, places] { keepOnly(places); });
        menu->addSeparator();
        menu->addAction(icon(QStringLiteral("sql")), tr("Open in editor"), this, [this, sql] { context_->openSql(tr("Index advice"), sql); });
        menu->addAction(icon(QStringLiteral("copy")), tr("Copy statements"), this, [sql] { QApplication::clipboard()->setText(sql); });
    }
    if (table == queries_ && !rows.isEmpty()) {
        const QueryRow row = queries_model_->row(rows.first());
        menu->addAction(tr("Plans before and after"), this, [this, row] { showPlans(row.at); });
        menu->addAction(icon(QStringLiteral("sql")), tr("Open in editor"), this, [this, row] { context_->openSql(tr("Query"), W::qt(row.query().statement.text) + QStringLiteral(";\n")); });
        menu->addAction(icon(QStringLiteral("copy")), tr("Copy statement"), this, [row] { QApplication::clipboard()->setText(W::qt(row.query().statement.text)); });
    }
    menu->addAction(icon(QStringLiteral("copy")), tr("Copy rows"), table, &TableView::copySelection);
    menu->popup(table->viewport()->mapToGlobal(at));
}

} // namespace howdah::index_tool
