// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/index/health_tab.h"

#include <algorithm>
#include <map>

#include <QApplication>
#include <QClipboard>
#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QPushButton>
#include <QSplitter>
#include <QStackedWidget>
#include <QToolButton>
#include <QVBoxLayout>

#include "plugins/index/finding_details.h"
#include "plugins/index/health_words.h"
#include "plugins/index/remembered_splitter.h"
#include "ui/base/banner.h"
#include "ui/base/bridge.h"
#include "ui/base/empty_state.h"
#include "ui/base/palette.h"
#include "ui/base/segmented_tabs.h"
#include "ui/base/task_progress.h"
#include "ui/charts/treemap_view.h"
#include "ui/plan/stat_strip.h"
#include "ui/settings/settings.h"
#include "ui/table/table_view.h"

namespace howdah::index_tool {

using namespace howdah::ui;
using index_health::Finding;

namespace {

constexpr std::size_t most_findings = 500, most_indexes = 3000;

const QString across_key = QStringLiteral("index/health_across"), down_key = QStringLiteral("index/health_down");

/// Opened on the worker; only ever read from.
Result<SharedReport> examine(pg::Connection &connection, index_health::HealthOptions options, const QStringList &standbys)
{
    std::vector<std::unique_ptr<pg::Connection>> opened;
    for (const QString &conninfo : standbys) {
        pg::ConnectionSpec spec;
        spec.conninfo = conninfo.toStdString();
        spec.read_only = true;
        auto replica = pg::Connection::open(spec, connection.canceller());
        if (!replica)
            return tl::unexpected(replica.error());
        options.replicas.emplace_back(pg::withoutPassword(spec.conninfo), replica->get());
        opened.push_back(std::move(*replica));
    }
    auto report = index_health::examine(connection, options);
    if (!report)
        return tl::unexpected(report.error());
    return std::make_shared<const index_health::Report>(std::move(*report));
}

} // namespace

HealthTab::HealthTab(ToolContext *context, QWidget *parent)
    : IndexTab(parent), context_(context), findings_model_(new FindingsModel(findingColumns(), &findingKey, this)),
      indexes_model_(new IndexesModel(indexColumns(), &indexKey, this)), stack_(new QStackedWidget(this))
{
    auto *outer = new QVBoxLayout(this);
    outer->setContentsMargins(0, 0, 0, spacing::card);
    outer->setSpacing(spacing::control);
    figures_ = new StatStrip;
    banner_ = new Banner;
    progress_ = new TaskProgress;
    progress_->hide();
    connect(progress_, &TaskProgress::cancelRequested, this, &HealthTab::cancel);
    nothing_ = new EmptyState(QStringLiteral("index"), tr("No indexes yet"), tr("This database has no index of yours. A primary key makes the first one."));
    nothing_->addButton(tr("Look again"), QStringLiteral("refresh"), [this] { read(false); });
    outer->addWidget(figures_);
    outer->addWidget(banner_);
    outer->addWidget(makeReplicaBar());
    outer->addWidget(progress_);
    outer->addWidget(stack_, 1);
    auto *body = new QWidget;
    auto *layout = new QVBoxLayout(body);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(spacing::control);
    layout->addWidget(makeBar());
    QSplitter *down = rememberedSplitter(Qt::Vertical, down_key, {260, 300}, makeMap(), makeLists());
    details_ = new FindingDetails;
    details_->setMinimumWidth(280);
    auto *panel = new QFrame;
    panel->setProperty("role", QStringLiteral("card"));
    auto *inside = new QVBoxLayout(panel);
    inside->setContentsMargins(1, 1, 1, 1);
    inside->addWidget(details_);
    QSplitter *across = rememberedSplitter(Qt::Horizontal, across_key, {640, 340}, down, panel);
    across->setStretchFactor(0, 1);
    layout->addWidget(across, 1);
    stack_->addWidget(body);
    stack_->addWidget(nothing_);
    connect(details_, &FindingDetails::applyRequested, this, &HealthTab::applySelected);
    connect(details_, &FindingDetails::openRequested, this, [this](const QString &sql) { context_->openSql(tr("Index health"), sql + QLatin1Char('\n')); });
    connect(details_, &FindingDetails::findingRequested, this, [this](std::size_t at) {
        lists_->setCurrent(QStringLiteral("findings"));
        for (int row = 0; row < findings_model_->rowCount(); ++row) {
            if (findings_model_->row(row).at == at)
                selectRow(findings_, row);
        }
    });
    addShortcuts();
    showFigures();
}

HealthTab::~HealthTab()
{
    if (session_)
        session_->cancelAll();
}

void HealthTab::activate()
{
    const auto link = context_->metadataSession();
    if (link_.lock() == link && (report_ || reading_))
        return;
    if (session_)
        session_->cancelAll();
    session_ = context_->newSession();
    link_ = link;
    report_.reset();
    standbys_.clear();
    setReading(false);
    showReport();
    read(false);
}

void HealthTab::setRelation(const QString &schema, const QString &name)
{
    schema_ = schema;
    relation_ = name;
    relation_button_->setVisible(!name.isEmpty());
    relation_button_->setText(name.isEmpty() ? QString() : tr("Only %1").arg(name));
    refilter();
}

QString HealthTab::summary() const
{
    if (!report_)
        return {};
    return tr("%1 indexes of %2 tables · looked at %3").arg(HealthWords::count(static_cast<std::int64_t>(report_->facts.indexes.size())),
                                                          HealthWords::count(static_cast<std::int64_t>(report_->facts.tables.size())),
                                                          read_at_.toString(QStringLiteral("HH:mm:ss")));
}

void HealthTab::read(bool measure)
{
    if (reading_ || !session_)
        return;
    setReading(true);
    progress_->setProgress(measure ? tr("Reading the indexes") : tr("Reading catalog and statistics"), -1, -1);
    index_health::HealthOptions options;
    options.measure = measure;
    options.max_findings = most_findings;
    const auto done = onGui<Result<SharedReport>>(this, [this, turn = ++turn_](const Result<SharedReport> &result) {
        if (turn == turn_)
            take(result);
    });
    session_->post([options, standbys = standbys_, done](pg::Connection &connection) { done(examine(connection, options, standbys)); },
                   [done](const Error &error) { done(tl::unexpected(error)); });
}

void HealthTab::cancel()
{
    if (session_ && reading_)
        session_->cancel();
}

void HealthTab::setReading(bool reading)
{
    reading_ = reading;
    progress_->setVisible(reading);
    refresh_->setEnabled(!reading);
    measure_->setEnabled(!reading);
}

void HealthTab::take(const Result<SharedReport> &result)
{
    setReading(false);
    if (result) {
        report_ = *result;
        read_at_ = QDateTime::currentDateTime();
        showReport();
    } else if (result.error().kind == ErrorKind::Cancelled) {
        banner_->showMessage(Tone::Neutral, report_ ? tr("Cancelled; what is shown is from before.") : tr("Cancelled."));
        banner_->addButton(tr("Look again"), [this] { read(false); });
    } else {
        // A standby that does not answer is not asked a second time by itself.
        if (!standbys_.isEmpty())
            standbys_.removeLast();
        banner_->showMessage(Tone::Bad, tr("The indexes could not be read"), HealthWords::qt(result.error().text()));
        banner_->addButton(tr("Look again"), [this] { read(false); });
    }
    Q_EMIT readFinished();
}

void HealthTab::showReport()
{
    const bool read_only = context_->isReadOnly();
    const bool standby = report_ && report_->facts.in_recovery;
    details_->setHindrance(read_only ? tr("This connection is read-only.") : standby ? tr("This server is a standby.") : QString());
    following_ = true;
    findings_model_->setRows(report_ ? findingRows(report_) : std::vector<FindingRow>());
    indexes_model_->setRows(report_ ? indexRows(report_, most_indexes) : std::vector<IndexRow>());
    const QVariant chosen = rule_->currentData();
    rule_->clear();
    std::map<std::string, int> counts;
    if (report_) {
        for (const Finding &finding : report_->findings)
            ++counts[finding.rule];
    }
    rule_->addItem(tr("All findings"), QString());
    for (const index_health::HealthRule &rule : index_health::healthRules()) {
        if (const int count = counts[std::string(rule.name)]; count > 0) {
            rule_->addItem(tr("%1 (%2)").arg(HealthWords::qt(std::string(rule.title))).arg(count), HealthWords::qt(std::string(rule.name)));
            rule_->setItemData(rule_->count() - 1, HealthWords::qt(std::string(rule.meaning)), Qt::ToolTipRole);
        }
    }
    rule_->setCurrentIndex(std::max(0, rule_->findData(chosen)));
    following_ = false;
    stack_->setCurrentIndex(report_ && report_->facts.indexes.empty() && report_->findings.empty() ? 1 : 0);
    showFigures();
    showNotes();
    refilter();
    showSelection();
    Q_EMIT summaryChanged();
}

bool HealthTab::inRelation(const std::string &schema, const std::string &table) const
{
    return relation_.isEmpty() || (HealthWords::qt(table) == relation_ && HealthWords::qt(schema) == schema_);
}

bool HealthTab::hasWords(const QString &text) const
{
    const QStringList words = filter_->text().split(QLatin1Char(' '), Qt::SkipEmptyParts);
    return std::all_of(words.begin(), words.end(), [&text](const QString &word) { return text.contains(word, Qt::CaseInsensitive); });
}

bool HealthTab::takesFinding(const FindingRow &row) const
{
    using W = HealthWords;
    const Finding &f = row.finding();
    const QString rule = rule_->currentData().toString();
    if (!inRelation(f.schema, f.table_name) || (!rule.isEmpty() && W::qt(f.rule) != rule))
        return false;
    return hasWords(QStringList{W::qt(f.index_name), W::qt(f.table_name), W::qt(f.schema), W::rule(f.rule), W::severity(f.severity), W::qt(f.message)}.join(QLatin1Char('\n')));
}

bool HealthTab::takesIndex(const IndexRow &row) const
{
    using W = HealthWords;
    const auto &table = row.table();
    return inRelation(table.schema, table.name) &&
           hasWords(QStringList{W::qt(row.index().name), W::qt(table.name), W::qt(table.schema), W::qt(row.index().access_method), W::use(index_health::useOf(row.report->facts, row.index())),
                                W::qt(index_health::keyText(table, row.index()))}
                        .join(QLatin1Char('\n')));
}

void HealthTab::refilter()
{
    if (following_)
        return;
    findings_->filter()->refilter();
    indexes_->filter()->refilter();
    std::vector<IndexRow> rows;
    for (int row = 0; row < indexes_model_->rowCount(); ++row) {
        if (takesIndex(indexes_model_->row(row)))
            rows.push_back(indexes_model_->row(row));
    }
    map_->setEmptyText(!report_ ? QString() : indexes_model_->rowCount() == 0 ? tr("There are no indexes.") : tr("No index has all of these words."));
    map_->setGroups(tilesOf(rows));
    if (report_)
        showLegend();
    const bool narrowed = !filter_->text().trimmed().isEmpty() || !relation_.isEmpty() || rule_->currentIndex() > 0;
    findings_->setEmptyText(!report_ ? QString()
                            : narrowed ? tr("No finding here.")
                                       : tr("Nothing stands out: %1 rules have looked at %2 indexes.")
                                             .arg(index_health::healthRules().size())
                                             .arg(HealthWords::count(static_cast<std::int64_t>(report_->facts.indexes.size()))));
    indexes_->setEmptyText(report_ ? tr("No index here.") : QString());
    const auto titled = [](const QString &title, int shown) { return shown > 0 ? QStringLiteral("%1 · %2").arg(title).arg(shown) : title; };
    lists_->setText(QStringLiteral("findings"), titled(tr("Findings"), findings_->model()->rowCount()));
    lists_->setText(QStringLiteral("indexes"), titled(tr("All indexes"), indexes_->model()->rowCount()));
}

void HealthTab::selectRow(TableView *table, int source_row)
{
    const QModelIndex at = table->filter()->mapFromSource(table->filter()->sourceModel()->index(source_row, 0));
    if (!at.isValid())
        return;
    table->setCurrentIndex(at);
    table->scrollTo(at);
}

bool HealthTab::selectFinding(quint64 oid)
{
    // As they are sorted: the first one shown is the one that matters most.
    for (int row = 0; row < findings_->model()->rowCount(); ++row) {
        const int source = findings_->filter()->mapToSource(findings_->model()->index(row, 0)).row();
        if (findings_model_->row(source).finding().index != oid)
            continue;
        lists_->setCurrent(QStringLiteral("findings"));
        selectRow(findings_, source);
        return true;
    }
    return false;
}

void HealthTab::chooseIndex(quint64 oid)
{
    following_ = true;
    const bool found = selectFinding(oid);
    if (!found) {
        lists_->setCurrent(QStringLiteral("indexes"));
        for (int row = 0; row < indexes_model_->rowCount(); ++row) {
            if (indexes_model_->row(row).index().oid == oid)
                selectRow(indexes_, row);
        }
    }
    following_ = false;
    showSelection();
}

std::vector<FindingRow> HealthTab::selectedFindings() const
{
    std::vector<FindingRow> rows;
    for (const int row : findings_->selectedSourceRows())
        rows.push_back(findings_model_->row(row));
    return rows;
}

void HealthTab::showSelection()
{
    if (following_)
        return;
    quint64 oid = 0;
    if (tables_->currentWidget() == findings_) {
        const auto rows = selectedFindings();
        if (rows.empty())
            details_->clear();
        else if (rows.size() == 1)
            details_->showFinding(rows.front());
        else
            details_->showFindings(rows);
        oid = rows.empty() ? 0 : rows.front().finding().index;
    } else {
        const QList<int> rows = indexes_->selectedSourceRows();
        if (rows.isEmpty())
            details_->clear();
        else
            details_->showIndex(indexes_model_->row(rows.first()));
        oid = rows.isEmpty() ? 0 : indexes_model_->row(rows.first()).index().oid;
    }
    map_->setCurrent(oid);
}

void HealthTab::applySelected()
{
    const auto rows = selectedFindings();
    std::vector<const Finding *> findings;
    for (const FindingRow &row : rows)
        findings.push_back(&row.finding());
    const migration::ChangeScript script = index_health::combined(findings);
    if (script.steps.empty() || reading_)
        return;
    if (context_->isReadOnly()) {
        context_->showStatus(tr("This connection is read-only."));
        return;
    }
    context_->offerChangeScript(script, [guard = QPointer<HealthTab>(this)](const migration::ChangeOutcome &outcome) {
        const bool ran = std::any_of(outcome.steps.begin(), outcome.steps.end(), [](const migration::StepOutcome &step) { return step.state == migration::StepState::Done; });
        if (guard && ran)
            guard->read(false);
    });
}

void HealthTab::showMenu(TableView *table, const QPoint &at)
{
    auto *menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    if (table == findings_ && !selectedFindings().empty()) {
        QAction *apply = menu->addAction(tr("Apply…"), this, &HealthTab::applySelected);
        apply->setEnabled(details_->applyButton()->isEnabled() && !details_->sql().isEmpty());
        QAction *open = menu->addAction(icon(QStringLiteral("sql")), tr("Open in editor"), this, [this] { context_->openSql(tr("Index health"), details_->sql() + QLatin1Char('\n')); });
        QAction *copy = menu->addAction(icon(QStringLiteral("copy")), tr("Copy statements"), this, [this] { QApplication::clipboard()->setText(details_->sql()); });
        open->setEnabled(!details_->sql().isEmpty());
        copy->setEnabled(!details_->sql().isEmpty());
        menu->addSeparator();
    }
    menu->addAction(icon(QStringLiteral("copy")), tr("Copy rows"), table, &TableView::copySelection);
    menu->popup(table->viewport()->mapToGlobal(at));
}

} // namespace howdah::index_tool
