// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/activity/sessions_view.h"

#include <algorithm>

#include <QCheckBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QPushButton>
#include <QShortcut>
#include <QSplitter>
#include <QToolButton>
#include <QVBoxLayout>

#include "plugins/activity/session_details.h"
#include "ui/table/table_view.h"
#include "plugins/activity/words.h"
#include "ui/base/hairline.h"
#include "ui/base/palette.h"
#include "ui/settings/settings.h"

namespace howdah::activity_tool {

using namespace howdah::ui;
using activity::Backend;
using activity::Ending;

namespace {

const QString split_key = QStringLiteral("activity/sessions_split");

void setUpColumns(TableView *table, const SessionsModel &model)
{
    QStringList ids;
    QList<int> widths;
    QList<bool> hidden;
    for (const KeyedColumn<Backend> &column : model.columns()) {
        ids << column.id;
        widths << column.width;
        hidden << column.hidden;
    }
    table->setColumns(ids, widths, hidden, static_cast<int>(ids.indexOf(QStringLiteral("query"))));
}

} // namespace

SessionsView::SessionsView(QWidget *parent)
    : QWidget(parent), model_(new SessionsModel(sessionColumns(), &sessionKey, this)),
      table_(new TableView(tr("Sessions"), model_, QStringLiteral("activity/sessions"), this)), details_(new SessionDetails(this)),
      splitter_(new QSplitter(Qt::Horizontal, this))
{
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(makeBar());
    layout->addWidget(hairline(this));
    setUpColumns(table_, *model_);
    table_->sortAtFirst(1, Qt::AscendingOrder);
    table_->filter()->setPredicate([this](int row) { return takes(model_->row(row)); });
    splitter_->addWidget(table_);
    splitter_->addWidget(details_);
    splitter_->setStretchFactor(0, 1);
    splitter_->setSizes({720, 340});
    splitter_->setChildrenCollapsible(true);
    splitter_->setCollapsible(0, false);
    splitter_->restoreState(Settings::instance().remembered(split_key).toByteArray());
    connect(splitter_, &QSplitter::splitterMoved, this, [this] { Settings::instance().remember(split_key, splitter_->saveState()); });
    layout->addWidget(splitter_, 1);
    connect(table_, &TableView::selectionMoved, this, [this] {
        showCurrent();
        refreshButtons();
        Q_EMIT selectionMoved();
    });
    connect(table_, &QWidget::customContextMenuRequested, this, &SessionsView::showMenu);
    connect(table_, &QAbstractItemView::activated, this, &SessionsView::openCurrent);
    connect(details_, &SessionDetails::openRequested, this, &SessionsView::openCurrent);
    addShortcuts();
    refreshButtons();
}

SessionsView::~SessionsView() = default;

QWidget *SessionsView::makeBar()
{
    auto *bar = new QWidget(this);
    auto *line = new QHBoxLayout(bar);
    line->setContentsMargins(spacing::card, spacing::control, spacing::card, spacing::control);
    line->setSpacing(spacing::control);
    filter_ = new QLineEdit;
    filter_->setPlaceholderText(tr("Filter by any word"));
    filter_->setToolTip(tr("Shows sessions in which every word occurs: pid, role, database, application, state, wait event, statement"));
    filter_->setAccessibleName(tr("Filter sessions"));
    filter_->setClearButtonEnabled(true);
    filter_->addAction(icon(QStringLiteral("filter")), QLineEdit::LeadingPosition);
    filter_->setMaximumWidth(260);
    idle_ = new QCheckBox(tr("Idle"));
    idle_->setToolTip(tr("Sessions that wait for their client, outside of a transaction"));
    idle_->setChecked(Settings::instance().remembered(QStringLiteral("activity/idle")).toBool());
    background_ = new QCheckBox(tr("Background"));
    background_->setToolTip(tr("Processes of the server itself: checkpointer, autovacuum, WAL senders"));
    background_->setChecked(Settings::instance().remembered(QStringLiteral("activity/background")).toBool());
    count_ = new QLabel;
    count_->setProperty("role", QStringLiteral("dim"));
    auto *columns = new QToolButton;
    columns->setIcon(icon(QStringLiteral("column")));
    columns->setToolTip(tr("Choose the columns"));
    columns->setAccessibleName(tr("Columns"));
    columns->setPopupMode(QToolButton::InstantPopup);
    auto *menu = new QMenu(columns);
    connect(menu, &QMenu::aboutToShow, this, [this, menu] {
        menu->clear();
        table_->fillColumnMenu(menu);
    });
    columns->setMenu(menu);
    cancel_ = new QPushButton(icon(QStringLiteral("stop")), tr("Cancel statement…"));
    cancel_->setToolTip(tr("Shows first what follows: pg_cancel_backend ends the statement, the session stays"));
    terminate_ = new QPushButton(tr("Terminate…"));
    terminate_->setProperty("role", QStringLiteral("danger"));
    terminate_->setToolTip(tr("Shows first what follows: pg_terminate_backend ends the session (Del)"));
    line->addWidget(filter_, 1);
    line->addWidget(idle_);
    line->addWidget(background_);
    line->addWidget(columns);
    line->addWidget(count_);
    line->addStretch();
    line->addWidget(cancel_);
    line->addWidget(terminate_);
    connect(filter_, &QLineEdit::textChanged, this, &SessionsView::refilter);
    connect(idle_, &QCheckBox::toggled, this, [this](bool on) {
        Settings::instance().remember(QStringLiteral("activity/idle"), on);
        refilter();
    });
    connect(background_, &QCheckBox::toggled, this, [this](bool on) {
        Settings::instance().remember(QStringLiteral("activity/background"), on);
        refilter();
    });
    connect(cancel_, &QPushButton::clicked, this, [this] { Q_EMIT endRequested(selectedPids(), Ending::Cancel); });
    connect(terminate_, &QPushButton::clicked, this, [this] { Q_EMIT endRequested(selectedPids(), Ending::Terminate); });
    return bar;
}

void SessionsView::addShortcuts()
{
    auto *copy = new QShortcut(QKeySequence::Copy, table_, nullptr, nullptr, Qt::WidgetShortcut);
    connect(copy, &QShortcut::activated, table_, &TableView::copySelection);
    auto *remove = new QShortcut(QKeySequence::Delete, table_, nullptr, nullptr, Qt::WidgetShortcut);
    connect(remove, &QShortcut::activated, this, [this] {
        if (canEnd(Ending::Terminate))
            Q_EMIT endRequested(selectedPids(), Ending::Terminate);
    });
}

bool SessionsView::takes(const Backend &backend) const
{
    if (backend.is_own)
        return false;
    const bool is_background = !backend.isClient() && backend.backend_type != "parallel worker";
    if (is_background && !background_->isChecked() && !backend.isWaitingForLock())
        return false;
    if (backend.isClient() && backend.state == "idle" && !idle_->isChecked())
        return false;
    const QStringList words = filter_->text().split(QLatin1Char(' '), Qt::SkipEmptyParts);
    if (words.isEmpty())
        return true;
    const QString all = QStringList{QString::number(backend.pid), Words::who(backend), Words::qt(backend.application),
                                    Words::qt(backend.client), Words::state(backend), Words::wait(backend),
                                    Words::qt(backend.backend_type), Words::qt(backend.query)}
                            .join(QLatin1Char('\n'));
    return std::all_of(words.begin(), words.end(), [&all](const QString &word) { return all.contains(word, Qt::CaseInsensitive); });
}

void SessionsView::refilter()
{
    table_->filter()->refilter();
    refreshButtons();
}

void SessionsView::setActivity(std::shared_ptr<const activity::Activity> now)
{
    now_ = std::move(now);
    model_->setRows(now_ ? now_->backends : std::vector<Backend>());
    // What a session does decides whether it is shown.
    refilter();
    showCurrent();
}

void SessionsView::setReadOnly(bool read_only)
{
    read_only_ = read_only;
    cancel_->setVisible(!read_only);
    terminate_->setVisible(!read_only);
}

const Backend *SessionsView::current() const
{
    const int row = table_->currentSourceRow();
    return row < 0 || !table_->selectionModel()->hasSelection() ? nullptr : &model_->row(row);
}

void SessionsView::showCurrent()
{
    details_->setBackend(current());
}

QList<int> SessionsView::selectedPids() const
{
    QList<int> pids;
    for (const int row : table_->selectedSourceRows())
        pids << model_->row(row).pid;
    return pids;
}

bool SessionsView::canEnd(Ending ending) const
{
    if (read_only_ || !now_)
        return false;
    const QList<int> pids = selectedPids();
    return std::any_of(pids.begin(), pids.end(), [this, ending](int pid) {
        const Backend *backend = now_->find(pid);
        return backend != nullptr && activity::refusal(*now_, *backend, ending).empty();
    });
}

void SessionsView::refreshButtons()
{
    const int shown = table_->filter()->rowCount();
    const int selected = static_cast<int>(table_->selectionModel()->selectedRows().size());
    const int all = now_ ? static_cast<int>(now_->backends.size()) : 0;
    QString text = tr("%1 of %2").arg(shown).arg(now_ && now_->more_backends ? tr("more than %1").arg(all) : QString::number(all));
    table_->setEmptyText(!filter_->text().isEmpty() ? tr("No session has all of these words.")
                         : idle_->isChecked()       ? tr("Nobody else is connected.")
                                                    : tr("Nobody works at this moment. Check Idle to see who is connected."));
    count_->setText(selected > 1 ? tr("%1 chosen").arg(selected) : text);
    cancel_->setEnabled(canEnd(Ending::Cancel));
    terminate_->setEnabled(canEnd(Ending::Terminate));
}

void SessionsView::choose(int pid)
{
    for (int row = 0; row < model_->rowCount(); ++row) {
        const Backend &backend = model_->row(row);
        if (backend.pid != pid)
            continue;
        if (!takes(backend)) {
            filter_->clear();
            idle_->setChecked(idle_->isChecked() || backend.state == "idle");
            background_->setChecked(background_->isChecked() || !backend.isClient());
        }
        const QModelIndex index = table_->filter()->mapFromSource(model_->index(row, 0));
        table_->selectionModel()->setCurrentIndex(index, QItemSelectionModel::ClearAndSelect | QItemSelectionModel::Rows);
        table_->scrollTo(index);
        table_->setFocus();
    }
}

void SessionsView::focusFilter()
{
    filter_->setFocus(Qt::ShortcutFocusReason);
    filter_->selectAll();
}

void SessionsView::openCurrent()
{
    if (const Backend *backend = current(); backend != nullptr && !details_->query().isEmpty())
        Q_EMIT openRequested(tr("Statement of %1").arg(backend->pid), details_->query());
}

void SessionsView::showMenu(const QPoint &at)
{
    if (selectedPids().isEmpty())
        return;
    auto *menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    menu->addAction(icon(QStringLiteral("sql")), tr("Open statement in editor"), this, &SessionsView::openCurrent);
    menu->addAction(icon(QStringLiteral("copy")), tr("Copy rows"), table_, &TableView::copySelection);
    if (!read_only_) {
        menu->addSeparator();
        QAction *cancel = menu->addAction(icon(QStringLiteral("stop")), tr("Cancel statement…"), this,
                                          [this] { Q_EMIT endRequested(selectedPids(), Ending::Cancel); });
        cancel->setEnabled(canEnd(Ending::Cancel));
        QAction *terminate = menu->addAction(icon(QStringLiteral("close"), colors().bad_ink), tr("Terminate…"), this,
                                             [this] { Q_EMIT endRequested(selectedPids(), Ending::Terminate); });
        terminate->setEnabled(canEnd(Ending::Terminate));
    }
    menu->popup(table_->viewport()->mapToGlobal(at));
}

} // namespace howdah::activity_tool
