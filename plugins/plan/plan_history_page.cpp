// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/plan/plan_history_page.h"

#include <algorithm>

#include <QFile>
#include <QFileDialog>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QSaveFile>
#include <QSortFilterProxyModel>
#include <QSplitter>
#include <QStackedWidget>
#include <QTableView>
#include <QThreadPool>
#include <QVBoxLayout>

#include "plugins/plan/compare_menu.h"
#include "ui/base/bridge.h"
#include "ui/base/elided_label.h"
#include "ui/base/empty_state.h"
#include "ui/base/hairline.h"
#include "ui/base/palette.h"

namespace howdah::plan_tool {

using namespace howdah::ui;

namespace {

using Queries = Result<std::vector<plan::HistoryQuery>>;
using Runs = Result<std::vector<plan::HistoryEntry>>;

constexpr std::int64_t most_runs = 200;

QTableView *makeTable(const QString &name, QWidget *parent)
{
    auto *table = new QTableView(parent);
    table->setAccessibleName(name);
    table->setFrameShape(QFrame::NoFrame);
    table->setShowGrid(false);
    table->setSelectionBehavior(QAbstractItemView::SelectRows);
    table->setWordWrap(false);
    table->setTabKeyNavigation(false);
    table->verticalHeader()->hide();
    table->verticalHeader()->setSectionResizeMode(QHeaderView::Fixed);
    table->verticalHeader()->setDefaultSectionSize(25);
    table->horizontalHeader()->setHighlightSections(false);
    return table;
}

} // namespace

PlanHistoryPage::PlanHistoryPage(ToolContext *context, QWidget *parent)
    : QWidget(parent), context_(context), query_model_(new HistoryQueryModel(this)), run_model_(new HistoryRunModel(this)),
      order_(new QSortFilterProxyModel(this))
{
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(buildBar());
    layout->addWidget(hairline(this));
    stack_ = new QStackedWidget(this);
    stack_->addWidget(new EmptyState(QStringLiteral("history"), tr("No plan was kept yet"),
                                     tr("Explain a statement with Ctrl+E on its SQL page: its plan is kept here, so that it can be "
                                        "compared with the next one. Plans that changed their shape are marked."),
                                     stack_));
    order_->setSourceModel(query_model_);
    order_->setSortRole(HistoryQueryModel::sort_role);
    order_->setFilterKeyColumn(HistoryQueryModel::Statement);
    order_->setFilterCaseSensitivity(Qt::CaseInsensitive);
    queries_ = makeTable(tr("Statements"), this);
    queries_->setModel(order_);
    queries_->setSelectionMode(QAbstractItemView::SingleSelection);
    queries_->setSortingEnabled(true);
    queries_->sortByColumn(HistoryQueryModel::Last, Qt::DescendingOrder);
    queries_->horizontalHeader()->setSectionResizeMode(HistoryQueryModel::Statement, QHeaderView::Stretch);
    for (int column = 1; column < HistoryQueryModel::ColumnCount; ++column)
        queries_->setColumnWidth(column, column == HistoryQueryModel::Last ? 140 : 74);
    connect(queries_->selectionModel(), &QItemSelectionModel::currentRowChanged, this, &PlanHistoryPage::readRuns);
    auto *split = new QSplitter(Qt::Vertical, this);
    split->addWidget(queries_);
    split->addWidget(buildRuns());
    split->setChildrenCollapsible(false);
    stack_->addWidget(split);
    layout->addWidget(stack_, 1);
}

QWidget *PlanHistoryPage::buildBar()
{
    auto *bar = new QFrame(this);
    bar->setProperty("role", QStringLiteral("panel"));
    auto *row = new QHBoxLayout(bar);
    row->setContentsMargins(spacing::page, spacing::control, spacing::page, spacing::control);
    row->setSpacing(spacing::control);
    auto *title = new QLabel(tr("Plan history"), bar);
    title->setProperty("role", QStringLiteral("title"));
    search_ = new QLineEdit(bar);
    search_->setPlaceholderText(tr("Search statements"));
    search_->setClearButtonEnabled(true);
    search_->setMaximumWidth(280);
    connect(search_, &QLineEdit::textChanged, order_, &QSortFilterProxyModel::setFilterFixedString);
    auto *import = new QPushButton(icon(QStringLiteral("import")), tr("Import…"), bar);
    import->setToolTip(tr("Add what another history exported"));
    connect(import, &QPushButton::clicked, this, [this] {
        auto *dialog = new QFileDialog(window(), tr("Import plans"), {}, tr("Plan history (*.json);;All files (*)"));
        dialog->setAttribute(Qt::WA_DeleteOnClose);
        dialog->setFileMode(QFileDialog::ExistingFile);
        connect(dialog, &QFileDialog::fileSelected, this, &PlanHistoryPage::importFrom);
        dialog->open();
    });
    auto *save = new QPushButton(icon(QStringLiteral("export")), tr("Export…"), bar);
    save->setToolTip(tr("Everything that is kept, as one JSON document"));
    connect(save, &QPushButton::clicked, this, [this] {
        auto *dialog = new QFileDialog(window(), tr("Export plans"), {}, tr("Plan history (*.json)"));
        dialog->setAttribute(Qt::WA_DeleteOnClose);
        dialog->setAcceptMode(QFileDialog::AcceptSave);
        dialog->setDefaultSuffix(QStringLiteral("json"));
        dialog->selectFile(QStringLiteral("plans.json"));
        connect(dialog, &QFileDialog::fileSelected, this, &PlanHistoryPage::exportTo);
        dialog->open();
    });
    row->addWidget(title);
    row->addStretch(1);
    row->addWidget(search_, 1);
    row->addWidget(import);
    row->addWidget(save);
    return bar;
}

QWidget *PlanHistoryPage::buildRuns()
{
    auto *box = new QWidget(this);
    auto *layout = new QVBoxLayout(box);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    auto *row = new QHBoxLayout;
    row->setContentsMargins(spacing::page, spacing::control, spacing::page, spacing::control);
    statement_ = new ElidedLabel(box);
    statement_->setFont(monoFont());
    open_ = new QPushButton(tr("Open"), box);
    open_->setToolTip(tr("Show the plan of the chosen run (Enter)"));
    compare_ = new QPushButton(tr("Compare"), box);
    compare_->setToolTip(tr("Two chosen runs beside each other; of one, with the run before it"));
    forget_ = new QPushButton(tr("Forget…"), box);
    forget_->setToolTip(tr("Take this statement and all its plans out of the history"));
    connect(open_, &QPushButton::clicked, this, &PlanHistoryPage::open);
    connect(compare_, &QPushButton::clicked, this, &PlanHistoryPage::compare);
    connect(forget_, &QPushButton::clicked, this, &PlanHistoryPage::forget);
    row->addWidget(statement_, 1);
    for (QPushButton *button : {open_, compare_, forget_})
        row->addWidget(button);
    layout->addLayout(row);
    runs_ = makeTable(tr("Runs"), box);
    runs_->setModel(run_model_);
    runs_->setSelectionMode(QAbstractItemView::ExtendedSelection);
    runs_->horizontalHeader()->setStretchLastSection(true);
    const int widths[] = {150, 110, 90, 90, 100, 160, 200};
    for (int column = 0; column < HistoryRunModel::ColumnCount; ++column)
        runs_->setColumnWidth(column, widths[column]);
    connect(runs_, &QTableView::activated, this, &PlanHistoryPage::open);
    connect(runs_->selectionModel(), &QItemSelectionModel::selectionChanged, this, &PlanHistoryPage::onRuns);
    layout->addWidget(runs_, 1);
    return box;
}

void PlanHistoryPage::showEvent(QShowEvent *event)
{
    QWidget::showEvent(event);
    read();
}

void PlanHistoryPage::failed(const QString &what, const Error &error)
{
    context_->reportError(what, error);
}

void PlanHistoryPage::read()
{
    const auto accept = onGui<Queries>(this, [this](const Queries &queries) {
        if (!queries) {
            failed(tr("The history of plans could not be read."), queries.error());
            return;
        }
        const std::string before = fingerprint();
        query_model_->setQueries(*queries);
        stack_->setCurrentIndex(queries->empty() ? 0 : 1);
        int row = 0;
        for (int i = 0; i < query_model_->rowCount(); ++i) {
            if (query_model_->query(i).fingerprint == before)
                row = i;
        }
        if (!queries->empty())
            queries_->setCurrentIndex(order_->mapFromSource(query_model_->index(row, 0)));
        readRuns();
        Q_EMIT readDone();
    });
    QThreadPool::globalInstance()->start([accept] {
        const auto history = plan::History::open(plan::History::defaultFile());
        accept(history ? (*history)->queries() : Queries(tl::unexpected(history.error())));
    });
}

std::string PlanHistoryPage::fingerprint() const
{
    const QModelIndex index = order_->mapToSource(queries_->currentIndex());
    return index.isValid() ? query_model_->query(index.row()).fingerprint : std::string();
}

void PlanHistoryPage::readRuns()
{
    const std::string wanted = fingerprint();
    const quint64 request = ++request_;
    if (wanted.empty()) {
        run_model_->setRuns({});
        statement_->clear();
        onRuns();
        return;
    }
    const QModelIndex index = order_->mapToSource(queries_->currentIndex());
    statement_->setText(QString::fromStdString(query_model_->query(index.row()).statement).simplified().left(500));
    const auto accept = onGui<Runs>(this, [this, request](const Runs &runs) {
        if (request != request_)
            return;
        if (!runs)
            failed(tr("The history of plans could not be read."), runs.error());
        run_model_->setRuns(runs ? *runs : std::vector<plan::HistoryEntry>());
        if (run_model_->rowCount() > 0)
            runs_->selectRow(0);
        onRuns();
    });
    QThreadPool::globalInstance()->start([accept, wanted] {
        const auto history = plan::History::open(plan::History::defaultFile());
        accept(history ? (*history)->entries(wanted, most_runs) : Runs(tl::unexpected(history.error())));
    });
}

std::vector<int> PlanHistoryPage::chosenRuns() const
{
    std::vector<int> rows;
    for (const QModelIndex &index : runs_->selectionModel()->selectedRows())
        rows.push_back(index.row());
    std::sort(rows.begin(), rows.end());
    return rows;
}

void PlanHistoryPage::onRuns()
{
    const std::vector<int> rows = chosenRuns();
    open_->setEnabled(rows.size() == 1);
    const bool has_before = rows.size() == 1 && rows[0] + 1 < run_model_->rowCount();
    compare_->setEnabled(rows.size() == 2 || has_before);
    forget_->setEnabled(!fingerprint().empty());
}

void PlanHistoryPage::open()
{
    const std::vector<int> rows = chosenRuns();
    if (rows.size() != 1)
        return;
    const plan::HistoryEntry &run = run_model_->run(rows[0]);
    if (run.source.empty()) {
        context_->showStatus(tr("This plan was too large to be kept."));
        return;
    }
    Q_EMIT openRequested(runTitle(run), QByteArray::fromStdString(run.source));
}

void PlanHistoryPage::compare()
{
    std::vector<int> rows = chosenRuns();
    if (rows.size() == 1)
        rows.push_back(rows[0] + 1); // the run before it
    if (rows.size() != 2 || rows[1] >= run_model_->rowCount())
        return;
    // The latest stands first in the list, and second in a comparison.
    const plan::HistoryEntry &after = run_model_->run(rows[0]), &before = run_model_->run(rows[1]);
    readPlans(this, {before.source, after.source},
              [this, before_title = runTitle(before), after_title = runTitle(after)](const PlanDocuments &read) {
                  if (read)
                      CompareMenu::show(context_, {(*read)[0], 0}, before_title, {(*read)[1], 0}, after_title);
                  else
                      failed(tr("The plan in the history could not be read."), read.error());
              });
}

void PlanHistoryPage::forget()
{
    const std::string gone = fingerprint();
    if (gone.empty())
        return;
    // A second press says that it is meant.
    if (forget_->property("asked").toString().toStdString() != gone) {
        forget_->setProperty("asked", QString::fromStdString(gone));
        forget_->setText(tr("Really forget"));
        return;
    }
    forget_->setProperty("asked", QVariant());
    forget_->setText(tr("Forget…"));
    const auto done = onGui<Result<void>>(this, [this](const Result<void> &removed) {
        if (!removed)
            failed(tr("The statement could not be taken out of the history."), removed.error());
        read();
    });
    QThreadPool::globalInstance()->start([done, gone] {
        const auto history = plan::History::open(plan::History::defaultFile());
        done(history ? (*history)->remove(gone) : Result<void>(tl::unexpected(history.error())));
    });
}

void PlanHistoryPage::exportTo(const QString &path)
{
    const auto done = onGui<Result<void>>(this, [this, path](const Result<void> &written) {
        if (!written)
            failed(tr("The plans could not be exported."), written.error());
        else
            context_->showStatus(tr("Exported to %1").arg(path));
        Q_EMIT readDone();
    });
    QThreadPool::globalInstance()->start([done, path] {
        const auto history = plan::History::open(plan::History::defaultFile());
        if (!history) {
            done(tl::unexpected(history.error()));
            return;
        }
        const auto document = (*history)->exportJson();
        if (!document) {
            done(tl::unexpected(document.error()));
            return;
        }
        QSaveFile file(path);
        const bool written = file.open(QIODevice::WriteOnly) && file.write(document->data(), static_cast<qint64>(document->size())) >= 0 && file.commit();
        done(written ? Result<void>() : Result<void>(fail(ErrorKind::Io, file.errorString().toStdString())));
    });
}

void PlanHistoryPage::importFrom(const QString &path)
{
    using Added = Result<std::int64_t>;
    const auto done = onGui<Added>(this, [this](const Added &added) {
        if (!added)
            failed(tr("The plans could not be imported."), added.error());
        else
            context_->showStatus(tr("%n plan(s) added", nullptr, static_cast<int>(*added)));
        read();
    });
    QThreadPool::globalInstance()->start([done, path] {
        const auto history = plan::History::open(plan::History::defaultFile());
        QFile file(path);
        if (!history)
            done(tl::unexpected(history.error()));
        else if (!file.open(QIODevice::ReadOnly))
            done(fail(ErrorKind::Io, file.errorString().toStdString()));
        else
            done((*history)->importJson(file.readAll().toStdString()));
    });
}

} // namespace howdah::plan_tool
