// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/index/health_tab.h"

#include <algorithm>
#include <map>

#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QShortcut>
#include <QStackedWidget>
#include <QToolButton>
#include <QVBoxLayout>

#include "plugins/index/health_words.h"
#include "plugins/index/keyed_columns.h"
#include "ui/base/banner.h"
#include "ui/base/hairline.h"
#include "ui/base/palette.h"
#include "ui/base/segmented_tabs.h"
#include "ui/charts/treemap_view.h"
#include "ui/plan/stat_strip.h"
#include "ui/table/table_view.h"

// The parts of the tab, and the figures over them.

namespace howdah::index_tool {

using namespace howdah::ui;
using index_health::Finding;
using index_health::Use;

QWidget *HealthTab::makeBar()
{
    auto *bar = new QWidget;
    auto *line = new QHBoxLayout(bar);
    line->setContentsMargins(0, 0, 0, 0);
    line->setSpacing(spacing::control);
    filter_ = new QLineEdit;
    filter_->setPlaceholderText(tr("Filter by any word"));
    filter_->setToolTip(tr("Shows what has every word: index, table, schema, columns, finding (Ctrl+F)"));
    filter_->setAccessibleName(tr("Filter indexes and findings"));
    filter_->setClearButtonEnabled(true);
    filter_->addAction(icon(QStringLiteral("filter")), QLineEdit::LeadingPosition);
    filter_->setMaximumWidth(260);
    rule_ = new QComboBox;
    rule_->setAccessibleName(tr("Kind of finding"));
    rule_->setToolTip(tr("Shows findings of one kind"));
    relation_button_ = new QPushButton(icon(QStringLiteral("close")), {});
    relation_button_->setToolTip(tr("Only this table is shown; click to show all"));
    relation_button_->hide();
    measure_ = new QPushButton(tr("Measure"));
    measure_->setToolTip(tr("Reads the b-trees themselves instead of estimating (pgstatindex of the extension pgstattuple), and larger pieces of tables with BRIN indexes"));
    refresh_ = new QToolButton;
    refresh_->setIcon(icon(QStringLiteral("refresh")));
    refresh_->setToolTip(tr("Look again (F5)"));
    refresh_->setAccessibleName(tr("Look again"));
    line->addWidget(filter_, 1);
    line->addWidget(rule_);
    line->addWidget(relation_button_);
    line->addStretch();
    line->addWidget(measure_);
    line->addWidget(refresh_);
    connect(filter_, &QLineEdit::textChanged, this, &HealthTab::refilter);
    connect(rule_, &QComboBox::currentIndexChanged, this, &HealthTab::refilter);
    connect(relation_button_, &QPushButton::clicked, this, [this] { setRelation({}, {}); });
    connect(measure_, &QPushButton::clicked, this, [this] { read(true); });
    connect(refresh_, &QToolButton::clicked, this, [this] { read(false); });
    return bar;
}

QWidget *HealthTab::makeReplicaBar()
{
    replica_bar_ = new QWidget;
    auto *line = new QHBoxLayout(replica_bar_);
    line->setContentsMargins(0, 0, 0, 0);
    line->setSpacing(spacing::control);
    replica_ = new QLineEdit;
    replica_->setPlaceholderText(tr("Connection string of a standby: host=… dbname=…"));
    replica_->setAccessibleName(tr("Connection string of a standby"));
    replica_->setToolTip(tr("As psql takes it; the password comes from the password file. It is only read from"));
    auto *ask = new QPushButton(tr("Ask it too"));
    auto *close = new QPushButton(tr("Not now"));
    line->addWidget(replica_, 1);
    line->addWidget(ask);
    line->addWidget(close);
    const auto go = [this] {
        if (replica_->text().trimmed().isEmpty())
            return;
        standbys_ << replica_->text().trimmed();
        replica_->clear();
        replica_bar_->hide();
        read(report_ && report_->measured);
    };
    connect(ask, &QPushButton::clicked, this, go);
    connect(replica_, &QLineEdit::returnPressed, this, go);
    connect(close, &QPushButton::clicked, replica_bar_, &QWidget::hide);
    replica_bar_->hide();
    return replica_bar_;
}

QWidget *HealthTab::makeMap()
{
    auto *frame = new QFrame;
    frame->setProperty("role", QStringLiteral("card"));
    auto *layout = new QVBoxLayout(frame);
    layout->setContentsMargins(spacing::control, spacing::control, spacing::control, spacing::unit);
    layout->setSpacing(spacing::unit);
    map_ = new TreemapView;
    map_->setAccessibleName(tr("Sizes of the indexes, coloured by use"));
    legend_ = new QLabel;
    legend_->setTextFormat(Qt::RichText);
    legend_->setProperty("role", QStringLiteral("dim"));
    legend_->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
    layout->addWidget(map_, 1);
    layout->addWidget(legend_);
    connect(map_, &TreemapView::chosen, this, &HealthTab::chooseIndex);
    connect(map_, &TreemapView::activated, this, [this](quint64 oid) {
        if (selectFinding(oid))
            applySelected();
    });
    return frame;
}

QWidget *HealthTab::makeLists()
{
    auto *frame = new QFrame;
    frame->setProperty("role", QStringLiteral("card"));
    auto *layout = new QVBoxLayout(frame);
    layout->setContentsMargins(1, spacing::unit, 1, 1);
    layout->setSpacing(spacing::unit);
    lists_ = new SegmentedTabs(SegmentedTabs::Look::Quiet);
    lists_->addSegment(QStringLiteral("findings"), tr("Findings"), tr("What is wrong, and what to do about it"));
    lists_->addSegment(QStringLiteral("indexes"), tr("All indexes"), tr("Every index with its size and scans"));
    auto *line = new QHBoxLayout;
    line->setContentsMargins(spacing::unit, 0, spacing::unit, 0);
    line->addWidget(lists_);
    line->addStretch();
    layout->addLayout(line);
    layout->addWidget(hairline(frame));
    tables_ = new QStackedWidget;
    findings_ = new TableView(tr("Findings"), findings_model_, QStringLiteral("index/findings"));
    indexes_ = new TableView(tr("Indexes"), indexes_model_, QStringLiteral("index/indexes"));
    setUpColumns(findings_, *findings_model_, QStringLiteral("index"));
    setUpColumns(indexes_, *indexes_model_, QStringLiteral("index"));
    findings_->sortAtFirst(0, Qt::DescendingOrder);
    indexes_->sortAtFirst(3, Qt::DescendingOrder);
    findings_->filter()->setPredicate([this](int row) { return takesFinding(findings_model_->row(row)); });
    indexes_->filter()->setPredicate([this](int row) { return takesIndex(indexes_model_->row(row)); });
    for (TableView *table : {findings_, indexes_}) {
        tables_->addWidget(table);
        connect(table, &TableView::selectionMoved, this, &HealthTab::showSelection);
        connect(table, &QWidget::customContextMenuRequested, this, [this, table](const QPoint &at) { showMenu(table, at); });
    }
    connect(findings_, &QAbstractItemView::activated, this, &HealthTab::applySelected);
    connect(lists_, &SegmentedTabs::currentChanged, this, [this](const QString &id) {
        tables_->setCurrentWidget(id == QStringLiteral("findings") ? findings_ : indexes_);
        showSelection();
    });
    layout->addWidget(tables_, 1);
    return frame;
}

void HealthTab::addShortcuts()
{
    const auto add = [this](const QKeySequence &keys, QWidget *where, Qt::ShortcutContext range, std::function<void()> act) {
        auto *shortcut = new QShortcut(keys, where, nullptr, nullptr, range);
        connect(shortcut, &QShortcut::activated, this, std::move(act));
    };
    add(QKeySequence::Find, this, Qt::WidgetWithChildrenShortcut, [this] { filter_->setFocus(); });
    add(QKeySequence::Refresh, this, Qt::WidgetWithChildrenShortcut, [this] { read(false); });
    for (TableView *table : {findings_, indexes_})
        add(QKeySequence::Copy, table, Qt::WidgetShortcut, [table] { table->copySelection(); });
}

void HealthTab::showFigures()
{
    using W = HealthWords;
    figures_->clear();
    if (!report_)
        return;
    const index_health::Facts &facts = report_->facts;
    std::int64_t unused = 0, unused_bytes = 0;
    int serious = 0, warnings = 0;
    for (const Finding &finding : report_->findings) {
        serious += finding.severity == index_health::Severity::Serious ? 1 : 0;
        warnings += finding.severity == index_health::Severity::Warning ? 1 : 0;
        if (finding.rule == "unused") {
            ++unused;
            unused_bytes += finding.size_bytes;
        }
    }
    const auto show_rule = [this](const QString &rule) {
        return [this, rule] {
            lists_->setCurrent(QStringLiteral("findings"));
            rule_->setCurrentIndex(std::max(0, rule_->findData(rule)));
        };
    };
    const auto found = static_cast<std::int64_t>(report_->findings.size());
    figures_->add(tr("FINDINGS"), W::count(found), serious > 0 ? tr("%1 serious").arg(serious) : warnings > 0 ? tr("%1 warnings").arg(warnings) : QString(),
                  serious > 0 ? Tone::Bad : warnings > 0 ? Tone::Warn : Tone::Good, show_rule({}));
    figures_->add(tr("TO BE WON"), W::bytes(report_->size_won_bytes), report_->measured ? tr("measured") : tr("partly estimated"));
    figures_->add(tr("INDEXES"), W::bytes(report_->index_bytes), W::count(static_cast<std::int64_t>(facts.indexes.size())));
    figures_->add(tr("UNUSED"), W::bytes(unused_bytes), W::count(unused), unused > 0 ? Tone::Warn : Tone::Neutral, show_rule(QStringLiteral("unused")));
    const bool young = facts.statistics_age_s < 7 * 86'400.0;
    figures_->add(tr("COUNTED SINCE"), W::qt(facts.statistics_since.substr(0, 10)), young ? tr("less than a week") : tr("%1 days").arg(static_cast<int>(facts.statistics_age_s / 86'400)),
                  young ? Tone::Warn : Tone::Neutral);
    if (!facts.replicas.empty())
        figures_->add(tr("STANDBYS ASKED"), W::count(static_cast<std::int64_t>(facts.replicas.size())));
}

void HealthTab::showNotes()
{
    const auto notes = report_ ? report_->facts.notes : std::vector<std::string>();
    if (notes.empty()) {
        banner_->dismiss();
        return;
    }
    QStringList rest;
    for (std::size_t i = 1; i < notes.size(); ++i)
        rest << HealthWords::qt(notes[i]);
    banner_->showMessage(Tone::Neutral, HealthWords::qt(notes.front()), rest.join(QLatin1Char('\n')));
    if (report_->facts.standbys > static_cast<std::int64_t>(report_->facts.replicas.size()))
        banner_->addButton(tr("Ask a standby…"), [this] {
            replica_bar_->show();
            replica_->setFocus();
        });
    banner_->addButton(tr("Close"), [this] { banner_->dismiss(); });
}

void HealthTab::showLegend()
{
    std::map<Use, std::pair<int, std::int64_t>> sums;
    for (int row = 0; row < indexes_model_->rowCount(); ++row) {
        const IndexRow &one = indexes_model_->row(row);
        if (!takesIndex(one))
            continue;
        auto &[count, bytes] = sums[index_health::useOf(report_->facts, one.index())];
        ++count;
        bytes += report_->facts.bytesOf(one.index());
    }
    QStringList parts, counts;
    for (const auto &[use, sum] : sums) {
        const Tone tone = HealthWords::tone(use);
        const QString color = (tone == Tone::Neutral ? colors().dim : toneShape(tone)).name();
        parts << QStringLiteral("<span style=\"color:%1\">■</span> %2 %3").arg(color, HealthWords::use(use), HealthWords::bytes(sum.second));
        counts << tr("%1: %n index(es), %2", nullptr, sum.first).arg(HealthWords::use(use), HealthWords::bytes(sum.second));
    }
    legend_->setToolTip(counts.join(QLatin1Char('\n')));
    legend_->setText(parts.join(QStringLiteral("&nbsp;&nbsp;&nbsp;")));
    legend_->setVisible(!parts.isEmpty());
}

} // namespace howdah::index_tool
