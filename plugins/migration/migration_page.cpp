// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/migration/migration_page.h"

#include <QComboBox>
#include <QFile>
#include <QFileDialog>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QScrollArea>
#include <QScrollBar>
#include <QSplitter>
#include <QStackedWidget>
#include <QTableWidget>
#include <QVBoxLayout>

#include "core/migration/dry_run.h"
#include "core/migration/journal_schema.h"
#include "core/migration/lint_facts.h"
#include "core/migration/migration_file.h"
#include "core/migration/plan_edit.h"
#include "core/pg/catalog.h"
#include "core/sql/quote.h"
#include "plugins/migration/plan_view.h"
#include "ui/base/banner.h"
#include "ui/base/bridge.h"
#include "ui/base/empty_state.h"
#include "ui/base/palette.h"
#include "ui/base/segmented_tabs.h"
#include "ui/migration/migration_view.h"
#include "ui/plugin/tool_context.h"

namespace howdah::migration_tool {

using namespace howdah::ui;

namespace {

const QString plan_side = QStringLiteral("plan"), run_side = QStringLiteral("run"), history_side = QStringLiteral("history");

QString qt(const std::string &text)
{
    return QString::fromStdString(text);
}

/// A common change: its words, and its SQL with %1 table, %2 column, %3 what was typed.
struct Operation {
    const char *name;
    const char *sql;
    const char *value; ///< what to type; "" for nothing
    bool column;
};
const Operation operations[] = {
    {QT_TRANSLATE_NOOP("MigrationPage", "Change the type of a column"), "ALTER TABLE %1 ALTER COLUMN %2 TYPE %3", "bigint", true},
    {QT_TRANSLATE_NOOP("MigrationPage", "Make a column NOT NULL"), "ALTER TABLE %1 ALTER COLUMN %2 SET NOT NULL", "", true},
    {QT_TRANSLATE_NOOP("MigrationPage", "Add a column"), "ALTER TABLE %1 ADD COLUMN %3", "note text NOT NULL DEFAULT ''", false},
    {QT_TRANSLATE_NOOP("MigrationPage", "Rename a column"), "ALTER TABLE %1 RENAME COLUMN %2 TO %3", "new_name", true},
    {QT_TRANSLATE_NOOP("MigrationPage", "Drop a column"), "ALTER TABLE %1 DROP COLUMN %2", "", true},
    {QT_TRANSLATE_NOOP("MigrationPage", "Build an index"), "CREATE INDEX ON %1 (%2)", "", true},
    {QT_TRANSLATE_NOOP("MigrationPage", "Add a foreign key"), "ALTER TABLE %1 ADD FOREIGN KEY (%2) REFERENCES %3", "other_table (id)", true},
    {QT_TRANSLATE_NOOP("MigrationPage", "Add a unique constraint"), "ALTER TABLE %1 ADD UNIQUE (%2)", "", true},
    {QT_TRANSLATE_NOOP("MigrationPage", "Add a check"), "ALTER TABLE %1 ADD CHECK (%3)", "amount >= 0", false},
    {QT_TRANSLATE_NOOP("MigrationPage", "Rename the table"), "ALTER TABLE %1 RENAME TO %3", "new_name", false},
    {QT_TRANSLATE_NOOP("MigrationPage", "Drop the table"), "DROP TABLE %1", "", false},
};

/// What lint says of a change on that database.
Result<std::vector<migration::LintFinding>> findingsIn(pg::Connection &connection, const std::string &script)
{
    pg::CatalogOptions catalog_options;
    catalog_options.with_functions = false;
    const auto catalog = pg::readCatalog(connection, catalog_options);
    const auto facts = migration::readSchemaFacts(connection);
    const auto lint_facts = migration::readLintFacts(connection);
    if (!catalog || !facts || !lint_facts)
        return tl::unexpected(!catalog ? catalog.error() : !facts ? facts.error() : lint_facts.error());
    migration::LintOptions options;
    options.major = connection.facts().major();
    options.catalog = catalog->get();
    options.facts = &*facts;
    options.lint_facts = &*lint_facts;
    options.exclude = {"lock-timeout-missing"}; // whatever runs the plan has one
    auto found = migration::lint(script, options);
    if (!found)
        return tl::unexpected(found.error());
    return std::move(found->findings);
}

} // namespace

MigrationPage::MigrationPage(ToolContext *context, QWidget *parent) : QWidget(parent), context_(context), session_(context->newSession())
{
    auto *page = new QVBoxLayout(this);
    page->setContentsMargins(spacing::page, spacing::page, spacing::page, spacing::page);
    page->setSpacing(spacing::card);
    auto *head = new QHBoxLayout;
    auto *title = new QLabel(tr("Change tables while the application runs"), this);
    title->setFont(titleFont());
    head->addWidget(title, 1);
    tabs_ = new SegmentedTabs(SegmentedTabs::Look::Buttons, this);
    tabs_->addSegment(plan_side, tr("Plan"), tr("What is wanted, and the steps that get there"));
    tabs_->addSegment(run_side, tr("Run"), tr("One migration as the journal has it"));
    tabs_->addSegment(history_side, tr("History"), tr("All migrations of this database"));
    head->addWidget(tabs_);
    page->addLayout(head);
    banner_ = new Banner(this);
    page->addWidget(banner_);
    sides_ = new QStackedWidget(this);
    sides_->addWidget(buildPlanSide());
    view_ = new MigrationView(session_, context_->isReadOnly(), sides_);
    sides_->addWidget(view_);
    sides_->addWidget(buildHistorySide());
    page->addWidget(sides_, 1);
    connect(tabs_, &SegmentedTabs::currentChanged, this, &MigrationPage::showSide);
    connect(context_, &ToolContext::catalogChanged, this, &MigrationPage::fillTables);
    tabs_->setSegmentEnabled(run_side, false);
    tabs_->setCurrent(plan_side);
    fillTables();
    refresh();
}

MigrationPage::~MigrationPage() = default;

QWidget *MigrationPage::buildForm()
{
    auto *form = new QWidget(this);
    auto *row = new QHBoxLayout(form);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(spacing::control);
    operation_ = new QComboBox(form);
    for (const Operation &operation : operations)
        operation_->addItem(tr(operation.name));
    operation_->setAccessibleName(tr("Common change"));
    table_ = new QComboBox(form);
    table_->setAccessibleName(tr("Table"));
    table_->setMinimumWidth(140);
    column_ = new QComboBox(form);
    column_->setAccessibleName(tr("Column"));
    column_->setMinimumWidth(100);
    value_ = new QLineEdit(form);
    value_->setAccessibleName(tr("New type, name or definition"));
    auto *add = new QPushButton(icon(QStringLiteral("plus")), tr("Add"), form);
    add->setToolTip(tr("Writes the change below"));
    connect(operation_, &QComboBox::currentIndexChanged, this, [this](int index) {
        const Operation &operation = operations[index];
        column_->setEnabled(operation.column);
        value_->setEnabled(*operation.value != '\0');
        value_->setPlaceholderText(QString::fromLatin1(operation.value));
    });
    connect(table_, &QComboBox::currentIndexChanged, this, &MigrationPage::fillColumns);
    connect(add, &QPushButton::clicked, this, &MigrationPage::addFromForm);
    value_->setPlaceholderText(QString::fromLatin1(operations[0].value));
    row->addWidget(operation_);
    row->addWidget(table_);
    row->addWidget(column_);
    row->addWidget(value_, 1);
    row->addWidget(add);
    return form;
}

QWidget *MigrationPage::buildPlanSide()
{
    auto *side = new QSplitter(Qt::Vertical, this);
    side->setChildrenCollapsible(false);
    auto *above = new QWidget(side);
    auto *column = new QVBoxLayout(above);
    column->setContentsMargins(0, 0, 0, spacing::card);
    column->setSpacing(spacing::control);
    column->addWidget(buildForm());
    wanted_ = new QPlainTextEdit(above);
    wanted_->setFont(monoFont());
    wanted_->setPlaceholderText(tr("The DDL that you want, as you would write it with nobody else on the server. Paste a migration, open a file, or build a change above."));
    wanted_->setAccessibleName(tr("What is wanted"));
    wanted_->setTabChangesFocus(true);
    connect(wanted_, &QPlainTextEdit::textChanged, this, &MigrationPage::refresh);
    column->addWidget(wanted_, 1);
    auto *buttons = new QHBoxLayout;
    auto *open = new QPushButton(icon(QStringLiteral("open")), tr("Open file…"), above);
    open->setToolTip(tr("A migration as SQL: of Flyway, Liquibase, sqitch, Django's sqlmigrate or Rails' structure.sql"));
    connect(open, &QPushButton::clicked, this, &MigrationPage::openFile);
    rename_by_ = new QComboBox(above);
    rename_by_->addItem(tr("Renames as usual"));
    rename_by_->addItem(tr("Renames by triggers"));
    rename_by_->addItem(tr("Renames by a view"));
    rename_by_->setToolTip(tr("How both names of a renamed column or table work while two versions of the application run. As usual: columns by a trigger, tables by a view"));
    rename_by_->setAccessibleName(tr("How columns and tables are renamed"));
    plan_button_ = new QPushButton(icon(QStringLiteral("migrate")), tr("Make the plan"), above);
    plan_button_->setDefault(true);
    connect(plan_button_, &QPushButton::clicked, this, &MigrationPage::makePlan);
    dry_button_ = new QPushButton(icon(QStringLiteral("clock")), tr("Dry run"), above);
    dry_button_->setToolTip(tr("Runs every step on a scratch server with the same schema and no rows, and compares its locks with the plan's"));
    connect(dry_button_, &QPushButton::clicked, this, &MigrationPage::tryDry);
    run_button_ = new QPushButton(icon(QStringLiteral("run")), tr("Run…"), above);
    run_button_->setToolTip(tr("Writes the plan into the journal of this database and runs it step by step"));
    connect(run_button_, &QPushButton::clicked, this, &MigrationPage::askToRun);
    buttons->addWidget(open);
    buttons->addWidget(rename_by_);
    buttons->addStretch(1);
    buttons->addWidget(plan_button_);
    buttons->addWidget(dry_button_);
    buttons->addWidget(run_button_);
    column->addLayout(buttons);
    scroll_ = new QScrollArea(side);
    scroll_->setWidgetResizable(true);
    scroll_->setFrameShape(QFrame::NoFrame);
    scroll_->setWidget(new EmptyState(QStringLiteral("migrate"), tr("No plan yet"), tr("A plan says of each change whether it is harmless as it stands, or which steps get there without anybody waiting: with locks, durations, what to deploy in between, and the way back."), scroll_));
    side->addWidget(above);
    side->addWidget(scroll_);
    side->setStretchFactor(0, 1);
    side->setStretchFactor(1, 4);
    side->setSizes({190, 600});
    return side;
}

QWidget *MigrationPage::buildHistorySide()
{
    history_ = new QTableWidget(0, 6, this);
    history_->setHorizontalHeaderLabels({tr("No."), tr("Migration"), tr("State"), tr("Steps"), tr("By"), tr("Begun")});
    history_->horizontalHeader()->setSectionResizeMode(1, QHeaderView::Stretch);
    history_->verticalHeader()->hide();
    history_->setSelectionBehavior(QAbstractItemView::SelectRows);
    history_->setEditTriggers(QAbstractItemView::NoEditTriggers);
    history_->setAccessibleName(tr("Migrations of this database"));
    connect(history_, &QTableWidget::cellActivated, this, [this](int row, int) { watch(history_->item(row, 0)->data(Qt::UserRole).toLongLong(), false); });
    return history_;
}

void MigrationPage::fillTables()
{
    const auto catalog = context_->catalog();
    const QString before = table_->currentText();
    table_->clear();
    constexpr int at_most = 2000;
    for (const pg::CatalogRelation &relation : catalog ? catalog->relations : std::vector<pg::CatalogRelation>()) {
        if ((relation.kind == 'r' || relation.kind == 'p') && !relation.is_partition && table_->count() < at_most)
            table_->addItem(qt(sql::quoteQualified(relation.schema, relation.name)), QVariant::fromValue(relation.oid));
    }
    if (const int at = table_->findText(before); at >= 0)
        table_->setCurrentIndex(at);
    fillColumns();
}

void MigrationPage::fillColumns()
{
    column_->clear();
    const auto catalog = context_->catalog();
    const pg::CatalogRelation *relation = catalog ? catalog->find(table_->currentData().value<std::uint32_t>()) : nullptr;
    for (const pg::CatalogColumn &column : relation != nullptr ? relation->columns : std::vector<pg::CatalogColumn>())
        column_->addItem(qt(sql::quoteIdentifier(column.name)));
}

void MigrationPage::chooseTable(const CatalogObject &table)
{
    tabs_->setCurrent(plan_side);
    const QString name = qt(sql::quoteQualified(table.schema.toStdString(), table.name.toStdString()));
    if (table_->findText(name) < 0)
        table_->addItem(name, QVariant::fromValue(table.oid));
    table_->setCurrentText(name);
}

void MigrationPage::setWanted(const QString &sql)
{
    wanted_->setPlainText(sql);
}

void MigrationPage::addFromForm()
{
    const Operation &operation = operations[operation_->currentIndex()];
    const QString value = value_->text().trimmed();
    if (*operation.value != '\0' && value.isEmpty()) {
        value_->setFocus();
        return;
    }
    QString sql = QString::fromLatin1(operation.sql);
    sql.replace(QStringLiteral("%1"), table_->currentText()).replace(QStringLiteral("%2"), column_->currentText()).replace(QStringLiteral("%3"), value);
    wanted_->appendPlainText(sql + QStringLiteral(";"));
}

void MigrationPage::openFile()
{
    auto *dialog = new QFileDialog(this, tr("Open a migration"), {}, tr("SQL (*.sql);;All files (*)"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    connect(dialog, &QFileDialog::fileSelected, this, [this](const QString &name) { openMigration(name); });
    dialog->open();
}

bool MigrationPage::openMigration(const QString &name)
{
    QFile file(name);
    constexpr qint64 at_most = 4 << 20;
    if (!file.open(QIODevice::ReadOnly)) {
        banner_->showMessage(Tone::Bad, tr("%1 cannot be read").arg(name), file.errorString());
        return false;
    }
    if (file.size() > at_most) {
        banner_->showMessage(Tone::Bad, tr("%1 is too large for a migration").arg(name), tr("At most 4 MB are read."));
        return false;
    }
    const migration::MigrationFile read = migration::readMigrationFile(file.readAll().toStdString());
    setWanted(qt(read.forward));
    QStringList notes;
    for (const std::string &note : read.notes)
        notes << qt(note);
    if (notes.isEmpty())
        banner_->dismiss();
    else
        banner_->showMessage(Tone::Neutral, tr("Read as a migration of %1").arg(qt(read.tool)), notes.join(QLatin1Char('\n')));
    return true;
}

bool MigrationPage::canPlan() const
{
    return session_ != nullptr && !planning_ && !wanted_->toPlainText().trimmed().isEmpty();
}

void MigrationPage::makePlan()
{
    if (!canPlan())
        return;
    planning_ = true;
    plan_.reset();
    banner_->dismiss();
    refresh();
    migration::PlanOptions options;
    options.rename_by = static_cast<migration::RenameBy>(rename_by_->currentIndex()); // in the order of the list
    const auto done = onGui<Planned>(this, [this](const Planned &planned) { take(planned); });
    const auto failed = onGui<Error>(this, [this](const Error &error) { cannot(tr("No plan could be made"), error); });
    session_->post(
        [wanted = wanted_->toPlainText().toStdString(), options, done, failed](pg::Connection &connection) {
            auto plan = migration::planMigration(connection, wanted, options);
            if (!plan) {
                failed(plan.error());
                return;
            }
            Planned planned{std::move(*plan), {}};
            if (auto findings = findingsIn(connection, wanted))
                planned.findings = std::move(*findings);
            done(std::move(planned));
        },
        failed);
}

void MigrationPage::take(Planned planned)
{
    planning_ = false;
    plan_ = std::move(planned.plan);
    findings_ = std::move(planned.findings);
    const int before = plan_view_ != nullptr ? scroll_->verticalScrollBar()->value() : 0;
    if (plan_view_ == nullptr) {
        plan_view_ = new PlanView;
        connect(plan_view_, &PlanView::stepEdited, this, &MigrationPage::edit);
        scroll_->setWidget(plan_view_);
    }
    plan_view_->setPlan(*plan_, findings_, !context_->isReadOnly());
    if (edited_)
        scroll_->verticalScrollBar()->setValue(before);
    edited_ = false;
    refresh();
    Q_EMIT this->planned();
}

void MigrationPage::edit(std::size_t step, const QString &sql, const QString &undo)
{
    if (!plan_ || planning_)
        return;
    planning_ = true;
    refresh();
    const auto done = onGui<migration::MigrationPlan>(this, [this](const migration::MigrationPlan &plan) {
        edited_ = true;
        banner_->dismiss();
        take({plan, findings_});
    });
    const auto failed = onGui<Error>(this, [this](const Error &error) { cannot(tr("The step stays as it was"), error); });
    session_->post(
        [plan = *plan_, step, sql = sql.toStdString(), undo = undo.toStdString(), done, failed](pg::Connection &connection) {
            auto edited = migration::withEditedStep(connection, plan, step, sql, undo);
            if (edited)
                done(std::move(*edited));
            else
                failed(edited.error());
        },
        failed);
}

void MigrationPage::cannot(const QString &what, const Error &error)
{
    planning_ = false;
    banner_->showMessage(Tone::Bad, what, qt(error.text()));
    refresh();
    Q_EMIT planned();
}

void MigrationPage::refresh()
{
    plan_button_->setEnabled(canPlan());
    plan_button_->setText(planning_ ? tr("Planning…") : tr("Make the plan"));
    const bool runnable = plan_ && plan_->complete() && !plan_->script.steps.empty() && !context_->isReadOnly();
    dry_button_->setEnabled(plan_ && !plan_->script.steps.empty() && !planning_);
    run_button_->setEnabled(runnable && !planning_);
}

void MigrationPage::tryDry()
{
    planning_ = true;
    refresh();
    banner_->showMessage(Tone::Neutral, tr("Every step runs on a scratch server with the same schema…"));
    const auto done = onGui<migration::DryRun>(this, [this](const migration::DryRun &dry) {
        planning_ = false;
        QStringList lines;
        for (std::size_t i = 0; i < dry.steps.size(); ++i) {
            for (const std::string &difference : dry.steps[i].disagreements)
                lines << tr("Step %1: %2").arg(i + 1).arg(qt(difference));
            for (const Error &error : dry.steps[i].errors)
                lines << tr("Step %1 failed: %2").arg(i + 1).arg(qt(error.text()));
        }
        if (dry.asPlanned())
            banner_->showMessage(Tone::Good, tr("Every step did on %1 what the plan says").arg(qt(dry.place)));
        else
            banner_->showMessage(Tone::Warn, tr("On %1 it was otherwise than planned").arg(qt(dry.place)), lines.join(QLatin1Char('\n')));
        refresh();
    });
    const auto failed = onGui<Error>(this, [this](const Error &error) { cannot(tr("It could not be tried"), error); });
    session_->post(
        [plan = *plan_, spec = session_->spec(), done, failed](pg::Connection &connection) {
            auto dry = migration::dryRun(connection, spec, plan);
            if (dry)
                done(std::move(*dry));
            else
                failed(dry.error());
        },
        failed);
}

void MigrationPage::askToRun()
{
    banner_->showMessage(Tone::Warn, tr("Run these %n step(s) on this database?", nullptr, static_cast<int>(plan_->script.steps.size())),
                         tr("Where each step stands is written into the schema \"howdah\" of this database, which is made when it is not there. The window may be closed meanwhile; before each deployment it waits."));
    banner_->addButton(tr("Run it"), [this] { writeDown(true); });
    banner_->addButton(tr("Not now"), [this] { banner_->dismiss(); });
}

void MigrationPage::writeDown(bool make_journal)
{
    banner_->dismiss();
    const auto done = onGui<std::int64_t>(this, [this](std::int64_t id) { watch(id, true); });
    const auto failed = onGui<Error>(this, [this](const Error &error) { cannot(tr("The migration was not begun"), error); });
    session_->post(
        [script = plan_->script, make_journal, done, failed](pg::Connection &connection) {
            if (const auto made = make_journal ? migration::createJournal(connection) : Result<void>{}; !made) {
                failed(made.error());
                return;
            }
            const auto id = migration::addMigration(connection, script, {});
            if (id)
                done(*id);
            else
                failed(id.error());
        },
        failed);
}

void MigrationPage::watch(std::int64_t id, bool run)
{
    view_->attach(id);
    tabs_->setSegmentEnabled(run_side, true);
    tabs_->setCurrent(run_side);
    if (run)
        view_->run();
}

void MigrationPage::showSide(const QString &id)
{
    sides_->setCurrentIndex(id == plan_side ? 0 : id == run_side ? 1 : 2);
    if (id == history_side)
        readHistory();
}

void MigrationPage::readHistory()
{
    if (!session_)
        return;
    const auto done = onGui<std::vector<migration::JournalMigration>>(this, [this](const std::vector<migration::JournalMigration> &all) { showHistory(all); });
    const auto failed = onGui<Error>(this, [this](const Error &error) { cannot(tr("The journal could not be read"), error); });
    session_->post(
        [done, failed](pg::Connection &connection) {
            auto all = migration::listMigrations(connection);
            if (all)
                done(std::move(*all));
            else
                failed(all.error());
        },
        failed);
}

void MigrationPage::showHistory(const std::vector<migration::JournalMigration> &all)
{
    history_->setRowCount(static_cast<int>(all.size()));
    for (std::size_t i = 0; i < all.size(); ++i) {
        const migration::JournalMigration &one = all[i];
        const int row = static_cast<int>(i);
        const QStringList texts{QString::number(one.id), qt(one.title), qt(one.stateText()), tr("%1 of %2").arg(one.steps_done).arg(one.steps_total), qt(one.created_by), qt(one.started_at.empty() ? one.created_at : one.started_at)};
        for (int column = 0; column < texts.size(); ++column)
            history_->setItem(row, column, new QTableWidgetItem(texts[column]));
        history_->item(row, 0)->setData(Qt::UserRole, QVariant::fromValue<qlonglong>(one.id));
        history_->item(row, 0)->setTextAlignment(Qt::AlignRight | Qt::AlignVCenter);
    }
    if (all.empty())
        banner_->showMessage(Tone::Neutral, tr("No migration has been run on this database yet"), tr("What runs from here or from howdah-cli migrate is listed, with every step and what happened."), 10);
}

} // namespace howdah::migration_tool
