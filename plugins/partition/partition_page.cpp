// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/partition/partition_page.h"

#include <algorithm>

#include <QComboBox>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QMenu>
#include <QPushButton>
#include <QScrollArea>
#include <QSplitter>
#include <QStackedWidget>
#include <QToolButton>
#include <QTreeView>
#include <QVBoxLayout>

#include "core/base/human.h"
#include "core/migration/journal.h"
#include "core/partition/maintain.h"
#include "core/sql/quote.h"
#include "plugins/partition/convert_dialog.h"
#include "plugins/partition/create_dialog.h"
#include "plugins/partition/findings_list.h"
#include "plugins/partition/partition_map.h"
#include "plugins/partition/partition_tree_model.h"
#include "plugins/partition/partman_dialog.h"
#include "plugins/partition/retention_dialog.h"
#include "plugins/partition/run_pane.h"
#include "ui/base/banner.h"
#include "ui/base/bridge.h"
#include "ui/base/empty_state.h"
#include "ui/base/hairline.h"
#include "ui/base/palette.h"

namespace howdah::partition_tool {

using namespace howdah::ui;
using namespace howdah::partition;
using migration::ChangeScript;

PartitionPage::PartitionPage(ToolContext *context, QWidget *parent) : QWidget(parent), context_(context)
{
    build();
    connect(context_, &ToolContext::connectionChanged, this, &PartitionPage::connectionChanged);
    refreshButtons();
}

void PartitionPage::build()
{
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    head_ = buildHead();
    layout->addWidget(head_);
    layout->addWidget(hairline(this));
    banner_ = new Banner(this);
    layout->addWidget(banner_);
    stack_ = new QStackedWidget(this);
    empty_ = new EmptyState(QStringLiteral("partitioned-table"), tr("No table is partitioned"),
                            tr("A partitioned table keeps its rows in several tables by a key: old ones go in a moment, and queries read only what they need."), stack_);
    empty_->addButton(tr("New partitioned table…"), QStringLiteral("plus"), [this] { askNewTable(); });
    empty_->addButton(tr("Convert a table…"), QStringLiteral("partition"), [this] { askConversion(); });
    stack_->addWidget(empty_);
    stack_->addWidget(buildBody());
    layout->addWidget(stack_, 1);
}

QWidget *PartitionPage::buildHead()
{
    auto *head = new QWidget(this);
    auto *row = new QHBoxLayout(head);
    row->setContentsMargins(spacing::page, spacing::card, spacing::page, spacing::card);
    row->setSpacing(spacing::control);
    auto *title = new QLabel(tr("Partitions"), head);
    title->setFont(titleFont());
    row->addWidget(title);
    tables_ = new QComboBox(head);
    tables_->setAccessibleName(tr("Partitioned table"));
    tables_->setToolTip(tr("The partitioned tables of this database"));
    tables_->setSizeAdjustPolicy(QComboBox::AdjustToContents);
    connect(tables_, &QComboBox::activated, this, [this](int at) { showTable(tables_->itemData(at).toString()); });
    row->addWidget(tables_);
    summary_ = new QLabel(head);
    summary_->setForegroundRole(QPalette::PlaceholderText);
    row->addWidget(summary_, 1);
    unfinished_ = new QPushButton(icon(QStringLiteral("clock")), QString(), head);
    unfinished_->hide();
    connect(unfinished_, &QPushButton::clicked, this, [this] {
        makeRunPane()->attach(unfinished_->property("migration").toLongLong());
        stack_->setCurrentWidget(run_pane_);
        head_->hide();
    });
    row->addWidget(unfinished_);
    next_button_ = new QPushButton(icon(QStringLiteral("plus")), tr("Make the next partitions…"), head);
    next_button_->setToolTip(tr("Makes what is missing ahead of now; shows the script first"));
    connect(next_button_, &QPushButton::clicked, this, &PartitionPage::makeNext);
    row->addWidget(next_button_);
    more_button_ = new QToolButton(head);
    more_button_->setIcon(icon(QStringLiteral("more")));
    more_button_->setToolTip(tr("More to do with this table"));
    more_button_->setAccessibleName(tr("More"));
    more_button_->setPopupMode(QToolButton::InstantPopup);
    auto *menu = new QMenu(more_button_);
    menu->addAction(icon(QStringLiteral("refresh")), tr("Read again"), this, &PartitionPage::refresh);
    menu->addSeparator();
    menu->addAction(tr("Drain the default partition…"), this, &PartitionPage::drainDefault);
    menu->addAction(tr("Detach the chosen partition…"), this, &PartitionPage::detachCurrent);
    menu->addAction(tr("Retention…"), this, &PartitionPage::askRetention);
    menu->addAction(tr("Analyse the table as a whole…"), this, &PartitionPage::analyze);
    menu->addAction(tr("pg_partman and schedule…"), this, &PartitionPage::askPartman);
    menu->addSeparator();
    menu->addAction(tr("New partitioned table…"), this, &PartitionPage::askNewTable);
    menu->addAction(tr("Convert a table…"), this, [this] { askConversion(); });
    more_button_->setMenu(menu);
    row->addWidget(more_button_);
    return head;
}

QWidget *PartitionPage::buildBody()
{
    auto *body = new QWidget(stack_);
    auto *layout = new QVBoxLayout(body);
    layout->setContentsMargins(spacing::page, spacing::card, spacing::page, spacing::page);
    layout->setSpacing(spacing::card);
    healthy_ = new QLabel(tr("Nothing is wrong with this table."), body);
    healthy_->setForegroundRole(QPalette::PlaceholderText);
    layout->addWidget(healthy_);
    findings_scroll_ = new QScrollArea(body);
    findings_scroll_->setWidgetResizable(true);
    findings_scroll_->setFrameShape(QFrame::NoFrame);
    findings_ = new FindingsList(findings_scroll_);
    findings_scroll_->setWidget(findings_);
    connect(findings_, &FindingsList::fixRequested, this, [this](std::size_t at) {
        if (findings_->findings()[at].fix)
            offerScript(*findings_->findings()[at].fix);
    });
    auto *splitter = new QSplitter(Qt::Vertical, body);
    splitter->addWidget(findings_scroll_);
    auto *middle = new QWidget(splitter);
    auto *rows = new QVBoxLayout(middle);
    rows->setContentsMargins(0, spacing::unit, 0, spacing::unit);
    rows->setSpacing(spacing::unit);
    auto *bar = new QHBoxLayout;
    map_title_ = new QLabel(middle);
    map_title_->setFont(captionFont());
    map_title_->setForegroundRole(QPalette::PlaceholderText);
    bar->addWidget(map_title_, 1);
    up_button_ = new QPushButton(tr("Up"), middle);
    up_button_->setToolTip(tr("Back to the partitions above"));
    connect(up_button_, &QPushButton::clicked, this, [this] {
        if (scheme_ && scheme_->tables[shown_parent_].parent != no_table)
            open(scheme_->tables[shown_parent_].parent);
    });
    bar->addWidget(up_button_);
    auto *coloring = new QComboBox(middle);
    coloring->addItems({tr("Colour by size"), tr("Colour by age")});
    coloring->setAccessibleName(tr("What the colour says"));
    bar->addWidget(coloring);
    rows->addLayout(bar);
    map_ = new PartitionMap(middle);
    connect(coloring, &QComboBox::currentIndexChanged, map_, [this](int at) { map_->setColoring(at == 0 ? PartitionMap::Coloring::Size : PartitionMap::Coloring::Age); });
    connect(map_, &PartitionMap::chosen, this, [this](std::size_t table) { choose(table, true); });
    connect(map_, &PartitionMap::opened, this, &PartitionPage::open);
    rows->addWidget(map_, 1);
    splitter->addWidget(middle);
    model_ = new PartitionTreeModel(this);
    tree_ = new QTreeView(splitter);
    tree_->setModel(model_);
    tree_->setAccessibleName(tr("Partitions"));
    tree_->setUniformRowHeights(true);
    tree_->setAlternatingRowColors(false);
    tree_->header()->setStretchLastSection(false);
    connect(tree_->selectionModel(), &QItemSelectionModel::currentRowChanged, this, [this](const QModelIndex &now) {
        if (now.isValid())
            choose(model_->tableAt(now), false);
    });
    splitter->addWidget(tree_);
    splitter->setStretchFactor(0, 0);
    splitter->setStretchFactor(1, 1);
    splitter->setStretchFactor(2, 2);
    splitter->setSizes({150, 200, 300});
    layout->addWidget(splitter, 1);
    return body;
}

void PartitionPage::showEvent(QShowEvent *event)
{
    QWidget::showEvent(event);
    if (stale_)
        refresh();
}

void PartitionPage::connectionChanged()
{
    ++round_;
    session_.reset();
    scheme_.reset();
    reading_ = false;
    table_.clear();
    stale_ = true;
    map_->setScheme(nullptr, 0);
    model_->setScheme(nullptr);
    stack_->setCurrentIndex(0);
    head_->show();
    if (run_pane_ != nullptr) {
        run_pane_->deleteLater(); // its sessions are of the connection that was
        run_pane_ = nullptr;
    }
    if (isVisible())
        refresh();
    refreshButtons();
}

void PartitionPage::showTable(const QString &name)
{
    table_ = name;
    refresh();
}

void PartitionPage::refresh()
{
    stale_ = false;
    if (!context_->isConnected())
        return refreshButtons();
    if (!session_)
        session_ = context_->newSession();
    if (!session_)
        return;
    readList();
    findUnfinished();
}

void PartitionPage::readList()
{
    reading_ = true;
    const int round = ++round_;
    refreshButtons();
    using All = std::vector<SchemeSummary>;
    const auto done = onGui<std::shared_ptr<Result<All>>>(this, [this, round](const std::shared_ptr<Result<All>> &all) {
        if (round != round_)
            return;
        if (!*all)
            return fail((*all).error());
        setList(**all);
    });
    session_->post([done](pg::Connection &connection) { done(std::make_shared<Result<All>>(listSchemes(connection))); },
                   onGui<Error>(this, [this, round](const Error &error) {
                       if (round == round_)
                           fail(error);
                   }));
}

void PartitionPage::setList(const std::vector<SchemeSummary> &all)
{
    tables_->clear();
    for (const SchemeSummary &summary : all) {
        const QString name = QString::fromStdString(sql::quoteQualified(summary.schema, summary.name));
        tables_->addItem(summary.schema == "public" ? QString::fromStdString(summary.name) : name, name);
    }
    if (table_.isEmpty() && !all.empty())
        table_ = tables_->itemData(0).toString();
    const int at = tables_->findData(table_);
    if (at >= 0)
        tables_->setCurrentIndex(at);
    if (table_.isEmpty()) {
        reading_ = false;
        if (run_pane_ == nullptr || stack_->currentWidget() != run_pane_)
            stack_->setCurrentIndex(0);
        refreshButtons();
        Q_EMIT shown();
        return;
    }
    read();
}

struct PartitionPage::Reading {
    std::shared_ptr<const Scheme> scheme;
    std::vector<Finding> findings;
    std::optional<Error> error;
};

void PartitionPage::read()
{
    const int round = round_;
    const auto done = onGui<std::shared_ptr<Reading>>(this, [this, round](const std::shared_ptr<Reading> &reading) {
        if (round != round_)
            return;
        if (reading->error)
            fail(*reading->error);
        else
            take(reading->scheme, std::move(reading->findings));
    });
    session_->post(
        [done, name = table_.toStdString()](pg::Connection &connection) {
            auto reading = std::make_shared<Reading>();
            if (auto scheme = inspect(connection, name)) {
                auto findings = check(connection, *scheme);
                if (findings)
                    reading->findings = std::move(*findings);
                else
                    reading->error = findings.error();
                reading->scheme = std::make_shared<const Scheme>(std::move(*scheme));
            } else {
                reading->error = scheme.error();
            }
            done(reading);
        },
        onGui<Error>(this, [this, round](const Error &error) {
            if (round == round_)
                fail(error);
        }));
}

void PartitionPage::take(std::shared_ptr<const Scheme> scheme, std::vector<Finding> findings)
{
    reading_ = false;
    banner_->dismiss();
    scheme_ = std::move(scheme);
    current_.reset();
    std::int64_t bytes = 0;
    double rows = 0;
    for (const Table &table : scheme_->tables) {
        bytes += table.totalBytes();
        rows += table.relkind == 'p' ? 0 : std::max({table.estimated_rows, static_cast<double>(table.live_tuples), 0.0});
    }
    const auto interval = usualInterval(*scheme_, scheme_->root());
    summary_->setText(tr("%1 · %n partition(s) · about %2 rows · %3", nullptr, static_cast<int>(scheme_->leafCount()))
                          .arg(QString::fromStdString(scheme_->root().key->definition + (interval ? ", mostly " + interval->text() : "")), QString::fromStdString(human::compactCount(rows)),
                               QString::fromStdString(human::bytes(bytes))));
    healthy_->setVisible(findings.empty());
    findings_scroll_->setVisible(!findings.empty());
    findings_->setFindings(std::move(findings), !context_->isReadOnly());
    model_->setScheme(scheme_);
    if (scheme_->tables.size() < 200)
        tree_->expandAll();
    tree_->header()->resizeSection(PartitionTreeModel::NameColumn, 240);
    tree_->header()->resizeSection(PartitionTreeModel::TakesColumn, 320);
    for (const int column : {PartitionTreeModel::RowsColumn, PartitionTreeModel::SizeColumn})
        tree_->header()->resizeSection(column, 90);
    tree_->header()->resizeSection(PartitionTreeModel::AnalyzedColumn, 130);
    open(0);
    if (run_pane_ == nullptr || stack_->currentWidget() != run_pane_)
        stack_->setCurrentIndex(1);
    refreshButtons();
    Q_EMIT shown();
}

void PartitionPage::fail(const Error &error)
{
    reading_ = false;
    banner_->showMessage(Tone::Bad, QString::fromStdString(error.message), QString::fromStdString(error.detail + (error.hint.empty() ? "" : "\n" + error.hint)));
    banner_->addButton(tr("Try again"), [this] { refresh(); });
    refreshButtons();
    Q_EMIT shown();
}

void PartitionPage::open(std::size_t table)
{
    if (!scheme_ || table >= scheme_->tables.size())
        return;
    if (!scheme_->tables[table].key) {
        tree_->setFocus();
        return;
    }
    shown_parent_ = table;
    map_->setScheme(scheme_.get(), table);
    const Table &of = scheme_->tables[table];
    map_title_->setText(tr("%1 by %2: height is rows").arg(QString::fromStdString(of.name), QString::fromStdString(of.key->definition)));
    up_button_->setVisible(of.parent != no_table);
}

void PartitionPage::choose(std::size_t table, bool from_map)
{
    if (current_ == table)
        return;
    current_ = table;
    if (from_map) {
        tree_->setCurrentIndex(model_->indexOf(table));
    } else {
        if (scheme_->tables[table].parent != shown_parent_ && scheme_->tables[table].parent != no_table)
            open(scheme_->tables[table].parent);
        map_->setCurrent(table);
    }
    refreshButtons();
}

void PartitionPage::refreshButtons()
{
    const bool ready = scheme_ && !reading_ && context_->isConnected();
    next_button_->setEnabled(ready && !context_->isReadOnly() && scheme_->root().key->strategy == Strategy::Range);
    more_button_->setEnabled(context_->isConnected());
    tables_->setEnabled(tables_->count() > 0);
    if (!context_->isConnected()) {
        empty_->setTexts(tr("Not connected"), tr("Connect to a server to see its partitioned tables."));
        summary_->clear();
        tables_->clear();
    } else if (reading_) {
        empty_->setTexts(tr("Reading the partitioned tables…"), {});
    } else {
        empty_->setTexts(tr("No table is partitioned"), tr("A partitioned table keeps its rows in several tables by a key: old ones go in a moment, and queries read only what they need."));
    }
}

void PartitionPage::offer(const Make &make)
{
    if (!scheme_ || !session_ || context_->isReadOnly())
        return;
    using Made = std::shared_ptr<Result<ChangeScript>>;
    const auto done = onGui<Made>(this, [this](const Made &made) {
        if (!*made)
            return fail(made->error());
        if ((*made)->steps.empty())
            return context_->showStatus(tr("Nothing is to be done."));
        offerScript(**made);
    });
    const auto scheme = scheme_;
    const std::size_t parent = shown_parent_;
    session_->post([make, done, scheme, parent](pg::Connection &connection) { done(std::make_shared<Result<ChangeScript>>(make(connection, *scheme, scheme->tables[parent]))); },
                   onGui<Error>(this, [this](const Error &error) { fail(error); }));
}

RunPane *PartitionPage::makeRunPane()
{
    if (run_pane_ != nullptr)
        return run_pane_;
    run_pane_ = new RunPane(context_, stack_);
    stack_->addWidget(run_pane_);
    connect(run_pane_, &RunPane::left, this, [this] {
        head_->show();
        stack_->setCurrentIndex(scheme_ ? 1 : 0);
        refresh();
    });
    connect(run_pane_, &RunPane::ended, this, &PartitionPage::findUnfinished);
    return run_pane_;
}

/// Conversions and rearrangements that some window or program has begun and not ended.
void PartitionPage::findUnfinished()
{
    if (!session_)
        return;
    using Found = std::vector<migration::JournalMigration>;
    const auto done = onGui<Found>(this, [this](const Found &all) {
        unfinished_->setVisible(!all.empty());
        if (all.empty())
            return;
        const QString title = QString::fromStdString(all.front().title), state = QString::fromStdString(all.front().stateText());
        unfinished_->setText(tr("Unfinished: %1").arg(state));
        unfinished_->setToolTip(tr("%1: %2. Shows how far it is; pause, go on, roll back there.").arg(title, state));
        unfinished_->setProperty("migration", QVariant::fromValue<qlonglong>(all.front().id));
    });
    session_->post(
        [done](pg::Connection &connection) {
            auto all = migration::listMigrations(connection, 20).value_or(Found());
            std::erase_if(all, [](const migration::JournalMigration &one) {
                const bool over = one.state == migration::MigrationState::Done || one.state == migration::MigrationState::RolledBack;
                return over || !(one.title.starts_with("Partition ") || one.title.find("partition") != std::string::npos);
            });
            done(std::move(all));
        },
        onGui<Error>(this, [](const Error &) {}));
}

void PartitionPage::askNewTable()
{
    if (!context_->isConnected() || context_->isReadOnly())
        return;
    auto *dialog = new CreateDialog(context_, this);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    connect(dialog, &CreateDialog::scriptReady, this, [this](const ChangeScript &script) { offerScript(script); });
    dialog->open();
}

void PartitionPage::askPartman()
{
    if (!scheme_ || !context_->isConnected())
        return;
    auto *dialog = new PartmanDialog(context_, scheme_, this);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    connect(dialog, &PartmanDialog::scriptReady, this, [this](const ChangeScript &script) { offerScript(script); });
    dialog->open();
}

void PartitionPage::offerScript(const ChangeScript &script)
{
    if (RunPane::wants(script)) {
        makeRunPane()->review(script);
        stack_->setCurrentWidget(run_pane_);
        head_->hide();
        return;
    }
    context_->offerChangeScript(script, [this](const migration::ChangeOutcome &outcome) {
        const bool something = std::any_of(outcome.steps.begin(), outcome.steps.end(), [](const migration::StepOutcome &step) { return step.state == migration::StepState::Done; });
        if (something || outcome.done())
            refresh();
    });
}

void PartitionPage::makeNext()
{
    offer([](pg::Connection &connection, const Scheme &scheme, const Table &parent) {
        PremakeOptions options;
        options.fill_gaps = true;
        return premake(connection, scheme, parent, options);
    });
}

void PartitionPage::drainDefault()
{
    offer([](pg::Connection &connection, const Scheme &scheme, const Table &parent) { return partition::drainDefault(connection, scheme, parent); });
}

void PartitionPage::analyze()
{
    if (scheme_ && !context_->isReadOnly())
        offerScript(analyzeParents(*scheme_));
}

void PartitionPage::detachCurrent()
{
    if (!current_)
        return context_->showStatus(tr("Choose a partition first."));
    offer([at = *current_](pg::Connection &, const Scheme &scheme, const Table &) { return detach(scheme, scheme.tables[at]); });
}

void PartitionPage::askRetention()
{
    if (!scheme_ || context_->isReadOnly())
        return;
    auto *dialog = new RetentionDialog(QString::fromStdString(scheme_->tables[shown_parent_].name), this);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    connect(dialog, &RetentionDialog::chosen, this, [this](const RetentionOptions &options) {
        offer([options](pg::Connection &connection, const Scheme &scheme, const Table &parent) { return retention(connection, scheme, parent, options); });
    });
    dialog->open();
}

void PartitionPage::askConversion(const QString &table)
{
    if (!context_->isConnected() || context_->isReadOnly())
        return;
    auto *dialog = new ConvertDialog(context_, table, this);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    connect(dialog, &ConvertDialog::scriptReady, this, [this](const ChangeScript &script) { offerScript(script); });
    dialog->open();
}

} // namespace howdah::partition_tool
