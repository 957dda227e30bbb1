// SPDX-License-Identifier: GPL-3.0-or-later
#include <cmath>

#include <QLabel>
#include <QStackedWidget>
#include <QTimer>
#include <QTreeView>
#include <QVBoxLayout>

#include "core/base/human.h"
#include "ui/base/palette.h"
#include "ui/base/pill.h"
#include "ui/base/segmented_tabs.h"
#include "ui/object/facts_table.h"
#include "ui/object/object_page.h"
#include "ui/object/size_bar.h"

// What the tabs of an object's page show.

namespace howdah::ui {

namespace {

using Rows = std::vector<std::vector<Fact>>;

QString text(const std::string &utf8)
{
    return QString::fromStdString(utf8);
}

Fact plain(const std::string &value, bool dim = false)
{
    Fact fact;
    fact.text = text(value);
    fact.dim = dim;
    return fact;
}

Fact code(const std::string &value)
{
    Fact fact = plain(value);
    fact.mono = true;
    return fact;
}

Fact number(const QString &shown, double value, const QString &tooltip = {})
{
    Fact fact;
    fact.text = shown;
    fact.tooltip = tooltip;
    fact.to_the_right = true;
    fact.sort_number = value;
    return fact;
}

Fact bytes(std::int64_t value)
{
    return number(text(human::bytes(value)), static_cast<double>(value));
}

/// "~12.3 k": every figure out of statistics wears the sign.
QString about(double value)
{
    return QStringLiteral("~") + text(human::compactCount(value));
}

} // namespace

void ObjectPage::accept(const inspect::RelationDetails &details)
{
    details_ = details;
    fillHead(details);
    fillColumns(details);
    fillIndexes(details);
    fillConstraints(details);
    fillTriggers(details);
    fillStorage(details);
    fillStatistics(details);
    fillPartitions(details);
    fillPrivileges(details);
    const auto count = [this](Section section, const QString &label, std::size_t of) {
        const QString id = QString::number(static_cast<int>(section));
        tabs_->setText(id, of == 0 ? label : tr("%1  %2").arg(label).arg(of));
        tabs_->setSegmentEnabled(id, of > 0);
    };
    count(Section::Columns, tr("Columns"), details.columns.size());
    count(Section::Indexes, tr("Indexes"), details.indexes.size());
    count(Section::Constraints, tr("Constraints"), details.constraints.size());
    count(Section::Triggers, tr("Triggers"), details.triggers.size());
    count(Section::Partitions, tr("Partitions"), details.partitions.size());
    for (auto it = tables_.cbegin(); it != tables_.cend(); ++it)
        fitColumns(static_cast<QTreeView *>(sections_.value(it.key())));
    Q_EMIT titleChanged(title());
    Q_EMIT loaded();
}

void ObjectPage::fillHead(const inspect::RelationDetails &details)
{
    name_->setText(text(details.schema) + QLatin1Char('.') + text(details.name));
    relation_buttons_->setVisible(details.kind != 'S');
    comment_->setText(text(details.comment));
    comment_->setVisible(!details.comment.empty());
    const bool counted = details.kind == 'r' || details.kind == 'p' || details.kind == 'm';
    rows_->setVisible(counted);
    if (counted && details.estimated_rows >= 0) {
        rows_->setText(tr("%1 rows").arg(about(details.estimated_rows)));
        rows_->setToolTip(tr("As of the last VACUUM or ANALYZE; nothing was counted"));
    } else if (counted) {
        rows_->setText(tr("never analysed"));
        rows_->setToolTip(tr("The number of rows is unknown until ANALYZE has run"));
    }
    size_->setVisible(details.sizes.total() > 0);
    size_->setText(text(human::bytes(details.sizes.total())));
    size_->setToolTip(tr("On disk with indexes and TOAST"));
}

void ObjectPage::fillColumns(const inspect::RelationDetails &details)
{
    Rows rows;
    for (const inspect::ColumnDetails &column : details.columns) {
        Fact name = plain(column.name);
        name.icon = QStringLiteral("column");
        Fact null = plain(column.not_null ? "NOT NULL" : "", false);
        Fact distinct = number({}, -1);
        if (column.n_distinct) {
            const double rows_there = std::max(details.estimated_rows, 0.0);
            const double value = *column.n_distinct < 0 ? -*column.n_distinct * rows_there : *column.n_distinct;
            distinct = number(about(value), value, *column.n_distinct < 0 ? tr("%1 % of all rows are different").arg(-*column.n_distinct * 100, 0, 'f', 1) : tr("Different values, from the last ANALYZE"));
        }
        Fact nulls = column.null_frac ? number(tr("~%1 %").arg(*column.null_frac * 100, 0, 'f', *column.null_frac > 0 && *column.null_frac < 0.1 ? 1 : 0), *column.null_frac) : number({}, -1);
        Fact width = column.avg_width ? number(tr("~%1 B").arg(*column.avg_width), *column.avg_width) : number({}, -1);
        rows.push_back({name, code(column.type), null, code(column.default_expr), distinct, nulls, width, plain(column.comment, true)});
    }
    tables_.value(QString::number(static_cast<int>(Section::Columns)))
        ->setFacts({tr("Name"), tr("Type"), tr("Null"), tr("Default"), tr("Distinct"), tr("Nulls"), tr("Width"), tr("Comment")}, std::move(rows));
}

void ObjectPage::fillIndexes(const inspect::RelationDetails &details)
{
    Rows rows;
    for (const inspect::IndexDetails &index : details.indexes) {
        Fact name = plain(index.name);
        name.icon = index.is_primary ? QStringLiteral("key") : QStringLiteral("index-object");
        Fact state = plain(!index.is_valid ? tr("invalid").toStdString() : index.is_primary ? tr("primary key").toStdString() : index.is_unique ? tr("unique").toStdString() : "", true);
        if (!index.is_valid) {
            state.tone = Tone::Bad;
            state.tooltip = tr("Its build was broken off: it costs every write and no query uses it. Drop it, or REINDEX.");
        }
        Fact scans = number(text(human::count(index.scans)), static_cast<double>(index.scans));
        if (index.scans == 0 && !index.is_unique) {
            scans.tone = Tone::Warn;
            scans.tooltip = tr("Not used on this server since its statistics were reset. A replica may use it.");
        }
        rows.push_back({name, state, plain(index.access_method), bytes(index.size_bytes), scans, plain(index.last_scan.value_or(""), true), code(index.definition)});
    }
    tables_.value(QString::number(static_cast<int>(Section::Indexes)))
        ->setFacts({tr("Name"), tr("State"), tr("Method"), tr("Size"), tr("Scans"), tr("Last use"), tr("Definition")}, std::move(rows));
}

void ObjectPage::fillConstraints(const inspect::RelationDetails &details)
{
    const auto kind = [](const inspect::ConstraintDetails &constraint) {
        switch (constraint.type) {
        case 'p': return tr("primary key");
        case 'u': return tr("unique");
        case 'f': return constraint.incoming ? tr("referenced by") : tr("foreign key");
        case 'x': return tr("exclusion");
        case 'n': return tr("not null");
        case 't': return tr("trigger");
        default: return tr("check");
        }
    };
    Rows rows;
    for (const inspect::ConstraintDetails &constraint : details.constraints) {
        Fact name = plain(constraint.name);
        name.icon = constraint.type == 'f' ? QStringLiteral("foreign-key") : constraint.type == 'p' ? QStringLiteral("key") : QStringLiteral("constraint");
        Fact state = plain(constraint.validated ? "" : tr("not valid").toStdString());
        state.tone = constraint.validated ? Tone::Neutral : Tone::Warn;
        rows.push_back({name, plain(kind(constraint).toStdString(), true), state, code(constraint.definition)});
    }
    tables_.value(QString::number(static_cast<int>(Section::Constraints)))->setFacts({tr("Name"), tr("Kind"), tr("State"), tr("Definition")}, std::move(rows));
}

void ObjectPage::fillTriggers(const inspect::RelationDetails &details)
{
    Rows rows;
    for (const inspect::TriggerDetails &trigger : details.triggers) {
        Fact name = plain(trigger.name);
        name.icon = QStringLiteral("trigger");
        Fact state = plain(trigger.enabled == 'D' ? tr("disabled").toStdString() : trigger.enabled == 'A' ? tr("always").toStdString() : trigger.enabled == 'R' ? tr("on replicas").toStdString() : "");
        state.tone = trigger.enabled == 'D' ? Tone::Warn : Tone::Neutral;
        rows.push_back({name, state, plain(trigger.function), code(trigger.definition)});
    }
    tables_.value(QString::number(static_cast<int>(Section::Triggers)))->setFacts({tr("Name"), tr("State"), tr("Function"), tr("Definition")}, std::move(rows));
}

void ObjectPage::fillStorage(const inspect::RelationDetails &details)
{
    delete storage_->layout();
    qDeleteAll(storage_->findChildren<QWidget *>(QString(), Qt::FindDirectChildrenOnly));
    auto *column = new QVBoxLayout(storage_);
    column->setContentsMargins(spacing::page, spacing::page, spacing::page, spacing::page);
    column->setSpacing(spacing::card);
    const auto caption = [&](const QString &words) {
        auto *label = new QLabel(words.toUpper(), storage_);
        label->setFont(captionFont());
        label->setProperty("role", QStringLiteral("dim"));
        column->addWidget(label);
    };
    const auto sentence = [&](const QString &words, bool dim) {
        auto *label = new QLabel(words, storage_);
        label->setWordWrap(true);
        label->setMaximumWidth(640);
        if (dim)
            label->setProperty("role", QStringLiteral("dim"));
        column->addWidget(label);
    };
    const auto bar = [&](std::vector<SizeBar::Part> parts) {
        auto *made = new SizeBar(storage_);
        made->setMaximumWidth(640);
        made->setParts(std::move(parts));
        column->addWidget(made);
    };
    if (details.sizes.total() == 0) {
        sentence(details.kind == 'p' ? tr("A partitioned table stores nothing itself; its partitions do.") : tr("Nothing is stored for it."), true);
    } else {
        caption(tr("On disk"));
        bar({{tr("Heap"), details.sizes.heap_bytes, 0}, {tr("Indexes"), details.sizes.index_bytes, 1}, {tr("TOAST"), details.sizes.toast_bytes, 2}, {tr("Free space and visibility maps"), details.sizes.map_bytes, 5}});
    }
    if (details.bloat) {
        column->addSpacing(spacing::control);
        caption(tr("Bloat estimate"));
        bar({{tr("Rows need about"), std::max<std::int64_t>(0, details.sizes.heap_bytes - details.bloat->wasted_bytes), 0}, {tr("Could be given back, about"), details.bloat->wasted_bytes, 3}});
        sentence(tr("~%1 % of the heap. Computed from the last ANALYZE: rows × (header + average widths), pages filled to the fillfactor. It does not see dropped columns or padding, and "
                    "room that the next rows will use counts as bloat. Before rewriting a table, measure with pgstattuple.")
                     .arg(details.bloat->share * 100, 0, 'f', 0), true);
    } else if (details.kind == 'r' || details.kind == 'm') {
        sentence(tr("No bloat estimate: it needs the statistics of an ANALYZE, and the right to read every column."), true);
    }
    column->addStretch(1);
}

void ObjectPage::fillStatistics(const inspect::RelationDetails &details)
{
    Rows rows;
    for (const auto &[name, value] : details.statistics) {
        bool whole = false;
        const qlonglong count = text(value).toLongLong(&whole);
        Fact shown = plain(whole ? human::count(count) : value);
        if (name == "n_dead_tup" && whole && details.estimated_rows > 0 && static_cast<double>(count) > 0.2 * details.estimated_rows) {
            shown.tone = Tone::Warn;
            shown.tooltip = tr("More than a fifth as many as there are rows: autovacuum may be behind");
        }
        rows.push_back({code(name), shown});
    }
    tables_.value(QString::number(static_cast<int>(Section::Statistics)))->setFacts({tr("Figure"), tr("Value")}, std::move(rows));
}

void ObjectPage::fillPartitions(const inspect::RelationDetails &details)
{
    Rows rows;
    for (const inspect::PartitionDetails &partition : details.partitions) {
        Fact name = plain(partition.name);
        name.icon = QStringLiteral("partition");
        rows.push_back({name, code(partition.bound), bytes(partition.size_bytes), number(partition.estimated_rows < 0 ? QStringLiteral("?") : about(partition.estimated_rows), partition.estimated_rows)});
    }
    tables_.value(QString::number(static_cast<int>(Section::Partitions)))->setFacts({tr("Name"), tr("Bound"), tr("Size"), tr("Rows")}, std::move(rows));
}

void ObjectPage::fillPrivileges(const inspect::RelationDetails &details)
{
    Rows rows;
    for (const inspect::PrivilegeDetails &privilege : details.privileges) {
        Fact name = plain(privilege.grantee);
        name.icon = QStringLiteral("role");
        rows.push_back({name, plain(privilege.column), plain(privilege.privileges), plain(privilege.grantable ? tr("may pass on").toStdString() : "", true), plain(privilege.grantor, true)});
    }
    tables_.value(QString::number(static_cast<int>(Section::Privileges)))->setFacts({tr("Role"), tr("Column"), tr("Privileges"), tr("Grant option"), tr("Granted by")}, std::move(rows));
}

} // namespace howdah::ui
