// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/index/workload_bar.h"

#include <QCheckBox>
#include <QComboBox>
#include <QFileDialog>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QLabel>
#include <QMenu>
#include <QPushButton>
#include <QSpinBox>
#include <QToolButton>
#include <QVBoxLayout>

#include "core/workload/values_in_text.h"
#include "ui/base/elided_label.h"
#include "ui/base/palette.h"
#include "ui/editor/sql_editor.h"
#include "ui/settings/settings.h"

namespace howdah::index_tool {

using namespace howdah::ui;

namespace {

constexpr int editor_height = 66;
const QString budget_key = QStringLiteral("index/advise_budget_mb"), most_key = QStringLiteral("index/advise_most"), methods_key = QStringLiteral("index/advise_without"), writes_key = QStringLiteral("index/advise_writes");

} // namespace

WorkloadBar::WorkloadBar(ToolContext *context, QWidget *parent) : QWidget(parent), context_(context)
{
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(spacing::control);
    auto *line = new QHBoxLayout;
    line->setSpacing(spacing::control);
    source_ = new QComboBox;
    source_->addItem(icon(QStringLiteral("sql")), tr("Statements"), static_cast<int>(WorkloadSource::Statements));
    source_->addItem(icon(QStringLiteral("open")), tr("File of statements"), static_cast<int>(WorkloadSource::File));
    source_->addItem(icon(QStringLiteral("clock")), tr("pg_stat_statements"), static_cast<int>(WorkloadSource::Kept));
    source_->addItem(icon(QStringLiteral("history")), tr("Log of auto_explain"), static_cast<int>(WorkloadSource::Log));
    source_->setAccessibleName(tr("Workload"));
    source_->setToolTip(tr("Where the queries come from that indexes are to be found for"));
    open_ = new QPushButton(icon(QStringLiteral("open")), tr("Open…"));
    open_->setToolTip(tr("Chooses the file; it is read anew each time"));
    from_editor_ = new QPushButton(icon(QStringLiteral("edit")), tr("From the editor"));
    from_editor_->setToolTip(tr("Takes the statement under the cursor of the SQL page that was in front last"));
    relation_button_ = new QPushButton(icon(QStringLiteral("close")), {});
    relation_button_->setToolTip(tr("Only queries that name this table are looked at; click to look at all"));
    relation_button_->hide();
    about_ = new ElidedLabel;
    about_->setProperty("role", QStringLiteral("dim"));
    advise_ = new QPushButton(tr("Advise"));
    advise_->setProperty("role", QStringLiteral("primary"));
    advise_->setToolTip(tr("Looks for the set of indexes that serves these queries best; nothing is built (Ctrl+Return)"));
    line->addWidget(source_);
    line->addWidget(open_);
    line->addWidget(from_editor_);
    line->addWidget(relation_button_);
    line->addWidget(about_, 1);
    line->addWidget(advise_);
    layout->addLayout(line);
    editor_ = new SqlEditor;
    editor_->setAccessibleName(tr("Statements of the workload"));
    editor_->setFixedHeight(editor_height);
    frame_ = new QFrame;
    frame_->setProperty("role", QStringLiteral("card"));
    auto *inside = new QVBoxLayout(frame_);
    inside->setContentsMargins(1, 1, 1, 1);
    inside->addWidget(editor_);
    layout->addWidget(frame_);
    layout->addWidget(makeLimits());
    connect(source_, &QComboBox::currentIndexChanged, this, [this] {
        showSource();
        Q_EMIT sourceChanged();
    });
    connect(open_, &QPushButton::clicked, this, &WorkloadBar::chooseFile);
    connect(from_editor_, &QPushButton::clicked, this, &WorkloadBar::takeFromEditor);
    connect(relation_button_, &QPushButton::clicked, this, [this] { setRelation({}, {}); });
    connect(advise_, &QPushButton::clicked, this, &WorkloadBar::adviseRequested);
    connect(context_, &ToolContext::currentDocumentChanged, this, &WorkloadBar::trackDocument);
    trackDocument();
    showSource();
}

QWidget *WorkloadBar::makeLimits()
{
    auto *bar = new QWidget;
    auto *line = new QHBoxLayout(bar);
    line->setContentsMargins(0, 0, 0, 0);
    line->setSpacing(spacing::control);
    budget_ = new QSpinBox;
    budget_->setRange(0, 100'000'000);
    budget_->setSingleStep(100);
    budget_->setSuffix(tr(" MB"));
    budget_->setPrefix(tr("at most "));
    budget_->setSpecialValueText(tr("any size"));
    budget_->setAccessibleName(tr("Budget in megabytes"));
    budget_->setToolTip(tr("All new indexes together, as they would really be on disk. 0 is no limit"));
    budget_->setButtonSymbols(QAbstractSpinBox::NoButtons);
    budget_->setValue(Settings::instance().remembered(budget_key).toInt());
    most_ = new QSpinBox;
    most_->setRange(0, 1000);
    most_->setPrefix(tr("at most "));
    most_->setSuffix(tr(" indexes"));
    most_->setSpecialValueText(tr("any number"));
    most_->setAccessibleName(tr("Most indexes"));
    most_->setToolTip(tr("No more indexes than this. 0 is no limit"));
    most_->setButtonSymbols(QAbstractSpinBox::NoButtons);
    most_->setValue(Settings::instance().remembered(most_key).toInt());
    writes_ = new QSpinBox;
    writes_->setRange(0, 100);
    writes_->setPrefix(tr("upkeep "));
    writes_->setSuffix(tr(" %"));
    writes_->setSpecialValueText(tr("any upkeep"));
    writes_->setAccessibleName(tr("Most upkeep, in percent of the workload's cost"));
    writes_->setToolTip(tr("What all new indexes together may cost the writes of the workload, in percent of what the workload costs as it is. 0 is no limit"));
    writes_->setButtonSymbols(QAbstractSpinBox::NoButtons);
    writes_->setValue(Settings::instance().remembered(writes_key).toInt());
    methods_ = new QToolButton;
    methods_->setPopupMode(QToolButton::InstantPopup);
    methods_->setToolButtonStyle(Qt::ToolButtonTextOnly);
    methods_->setToolTip(tr("Access methods that are thought of"));
    methods_->setAccessibleName(tr("Access methods"));
    methods_menu_ = new QMenu(methods_);
    methods_->setMenu(methods_menu_);
    for (const QString &one : Settings::instance().remembered(methods_key).toStringList())
        unwanted_ << one;
    measure_ = new QCheckBox(tr("Measure on samples"));
    measure_->setToolTip(tr("Builds each index of the set on a sample of its table (up to 200 000 rows or 256 MB, the whole table where it is smaller) and runs one of "
                            "its queries with and without it. It takes seconds to minutes, writes as much WAL as the sample is large, and everything is rolled back; "
                            "the table itself is only read."));
    auto *limits = new QLabel(tr("Limits"));
    limits->setProperty("role", QStringLiteral("dim"));
    line->addWidget(limits);
    line->addWidget(budget_);
    line->addWidget(most_);
    line->addWidget(writes_);
    line->addWidget(methods_);
    line->addSpacing(spacing::control);
    line->addWidget(measure_);
    line->addStretch();
    connect(budget_, &QSpinBox::valueChanged, this, [](int value) { Settings::instance().remember(budget_key, value); });
    connect(writes_, &QSpinBox::valueChanged, this, [](int value) { Settings::instance().remember(writes_key, value); });
    connect(most_, &QSpinBox::valueChanged, this, [](int value) { Settings::instance().remember(most_key, value); });
    setMethods({QStringLiteral("btree"), QStringLiteral("hash"), QStringLiteral("gin"), QStringLiteral("gist"), QStringLiteral("spgist"), QStringLiteral("brin")});
    return bar;
}

void WorkloadBar::setMethods(const QStringList &methods)
{
    methods_menu_->clear();
    for (const QString &name : methods) {
        QAction *one = methods_menu_->addAction(name);
        one->setCheckable(true);
        one->setChecked(!unwanted_.contains(name));
        connect(one, &QAction::toggled, this, [this, name](bool on) {
            if (on)
                unwanted_.remove(name);
            else
                unwanted_.insert(name);
            Settings::instance().remember(methods_key, QStringList(unwanted_.cbegin(), unwanted_.cend()));
            showMethods();
        });
    }
    showMethods();
}

void WorkloadBar::showMethods()
{
    QStringList wanted;
    for (const QAction *one : methods_menu_->actions()) {
        if (one->isChecked())
            wanted << one->text();
    }
    const bool all = wanted.size() == methods_menu_->actions().size();
    methods_->setText(all ? tr("all methods") : wanted.isEmpty() ? tr("no method") : wanted.size() <= 3 ? wanted.join(QStringLiteral(", ")) : tr("%1 methods").arg(wanted.size()));
}

void WorkloadBar::setMeasureHindrance(const QString &reason)
{
    measure_->setEnabled(reason.isEmpty());
    if (!reason.isEmpty()) {
        measure_->setChecked(false);
        measure_->setToolTip(reason);
    }
}

AdviceWish WorkloadBar::wish() const
{
    AdviceWish wish;
    wish.source = source();
    wish.text = editor_->utf8();
    wish.file = file_;
    wish.schema = schema_;
    wish.relation = relation_;
    wish.options.budget_bytes = static_cast<std::int64_t>(budget_->value()) * 1024 * 1024;
    wish.options.most_indexes = static_cast<std::size_t>(most_->value());
    wish.options.write_budget = writes_->value() / 100.0;
    wish.options.measure = measure_->isChecked() && measure_->isEnabled();
    wish.options.plans = true;
    bool all = true;
    for (const QAction *one : methods_menu_->actions()) {
        if (one->isChecked())
            wish.options.methods.insert(one->text().toStdString());
        else
            all = false;
    }
    // None is all to the advisor; to the user it is none.
    if (all)
        wish.options.methods.clear();
    else if (wish.options.methods.empty())
        wish.options.methods.insert("none");
    return wish;
}

WorkloadSource WorkloadBar::source() const
{
    return static_cast<WorkloadSource>(source_->currentData().toInt());
}

void WorkloadBar::setSource(WorkloadSource source)
{
    source_->setCurrentIndex(source_->findData(static_cast<int>(source)));
}

void WorkloadBar::showSource()
{
    const WorkloadSource now = source();
    const bool file = now == WorkloadSource::File || now == WorkloadSource::Log;
    frame_->setVisible(now == WorkloadSource::Statements);
    from_editor_->setVisible(now == WorkloadSource::Statements);
    open_->setVisible(file);
    QString about;
    switch (now) {
    case WorkloadSource::Statements: about = tr("One or several; \"-- weight: 20\" before one says how often it runs"); break;
    case WorkloadSource::Kept: about = tr("What this database was asked since its counts began, by calls"); break;
    case WorkloadSource::File: about = file_.isEmpty() ? tr("Statements, one after the other") : QFileInfo(file_).fileName(); break;
    case WorkloadSource::Log: about = file_.isEmpty() ? tr("A server's log with the plans that auto_explain printed") : QFileInfo(file_).fileName(); break;
    }
    about_->setText(about);
    relation_button_->setVisible(!relation_.isEmpty());
    relation_button_->setText(tr("Only %1").arg(relation_));
    setRunning(!advise_->isEnabled());
}

void WorkloadBar::setStatements(const QString &sql)
{
    editor_->setContent(sql.toStdString(), true);
    setSource(WorkloadSource::Statements);
}

void WorkloadBar::setFile(const QString &path)
{
    file_ = path;
    showSource();
}

void WorkloadBar::setRelation(const QString &schema, const QString &name)
{
    schema_ = schema;
    relation_ = name;
    showSource();
}

void WorkloadBar::setRunning(bool running)
{
    advise_->setEnabled(!running);
}

void WorkloadBar::chooseFile()
{
    const bool log = source() == WorkloadSource::Log;
    auto *dialog = new QFileDialog(window(), log ? tr("Log of auto_explain") : tr("File of statements"), {},
                                   log ? tr("Logs (*.log *.csv *.json *.txt);;All files (*)") : tr("SQL (*.sql *.txt);;All files (*)"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setFileMode(QFileDialog::ExistingFile);
    connect(dialog, &QFileDialog::fileSelected, this, [this](const QString &path) {
        setFile(path);
        Q_EMIT adviseRequested();
    });
    dialog->open();
}

void WorkloadBar::trackDocument()
{
    if (SqlDocument *document = context_->currentDocument())
        document_ = document;
    from_editor_->setEnabled(!document_.isNull());
}

void WorkloadBar::takeFromEditor()
{
    if (document_.isNull())
        return;
    const SqlDocument::Statement statement = document_->currentStatement();
    if (const QString sql = QString::fromStdString(workload::withValues(statement.sql.toStdString(), statement.parameters)).trimmed(); !sql.isEmpty())
        setStatements(sql);
    else
        context_->showStatus(tr("Put the cursor into the statement on its SQL page."));
}

} // namespace howdah::index_tool
