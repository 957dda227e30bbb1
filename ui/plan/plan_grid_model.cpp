// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/plan/plan_grid_model.h"

#include <algorithm>
#include <cmath>

#include "ui/plan/node_text.h"
#include "ui/plan/plan_terms.h"

namespace howdah::ui {

using plan::NodeId;

PlanGridModel::PlanGridModel(QObject *parent) : QAbstractTableModel(parent)
{
}

void PlanGridModel::setPlan(std::shared_ptr<const PlanDocument> document, std::size_t index)
{
    beginResetModel();
    document_ = std::move(document);
    index_ = index;
    depths_.clear();
    if (document_ != nullptr) {
        for (const plan::Node &node : plan().nodes)
            depths_.push_back(node.parent == plan::no_node ? 0 : depths_[node.parent] + 1);
    }
    endResetModel();
}

int PlanGridModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(depths_.size());
}

int PlanGridModel::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : ColumnCount;
}

std::optional<double> PlanGridModel::figure(NodeId id, int column) const
{
    const plan::Node &node = plan().nodes[id];
    const plan::NodeMetrics &m = metrics().nodes[id];
    const auto blocks = [&m](auto sum) -> std::optional<double> {
        if (!m.exclusive_buffers)
            return {};
        return static_cast<double>(sum(*m.exclusive_buffers));
    };
    switch (column) {
    case NodeColumn: return id;
    case Alone: return m.exclusive_ms;
    case Share:
        if (m.exclusive_ms)
            return m.time_share;
        return node.total_cost && !node.never_executed ? std::optional(m.cost_share) : std::nullopt;
    case WithBelow: return m.inclusive_ms;
    case Rows: return m.rows_total ? m.rows_total : m.plan_rows_total;
    case Estimate: return m.estimate_factor;
    case Loops: return node.loops;
    case Cost: return node.total_cost;
    case Hit: return blocks([](const plan::Buffers &b) { return b.shared_hit + b.local_hit; });
    case Read: return blocks([](const plan::Buffers &b) { return b.shared_read + b.local_read; });
    case Temp: return blocks([](const plan::Buffers &b) { return b.temp_read + b.temp_written; });
    case IoTime:
        if (!node.io)
            return {};
        return node.io->shared_read_ms + node.io->shared_write_ms + node.io->local_read_ms + node.io->local_write_ms
               + node.io->temp_read_ms + node.io->temp_write_ms;
    default: return {};
    }
}

QString PlanGridModel::words(NodeId id, int column) const
{
    const plan::NodeMetrics &m = metrics().nodes[id];
    if (column == NodeColumn) {
        const QString name = NodeText::name(plan().nodes[id]);
        return plan().nodes[id].subplan_name.empty() ? name : tr("%1: %2").arg(NodeText::subplan(plan().nodes[id]), name);
    }
    const std::optional<double> value = figure(id, column);
    if (!value)
        return {};
    switch (column) {
    case Alone:
    case WithBelow: return plan().nodes[id].never_executed ? QString() : NodeText::duration(*value);
    case IoTime: return *value > 0 ? NodeText::duration(*value) : QString();
    case Share: return NodeText::percent(*value);
    case Rows: return m.rows_total ? NodeText::count(*value) : tr("~%1").arg(NodeText::count(*value));
    case Estimate: return NodeText::estimate(m).text;
    case Cost: return NodeText::count(std::round(*value));
    case Hit:
    case Read:
    case Temp: return *value > 0 ? NodeText::count(*value) : QString();
    default: return NodeText::count(*value);
    }
}

QVariant PlanGridModel::data(const QModelIndex &index, int role) const
{
    if (!index.isValid())
        return {};
    const auto id = static_cast<NodeId>(index.row());
    switch (role) {
    case Qt::DisplayRole: return words(id, index.column());
    case Qt::TextAlignmentRole:
        return QVariant::fromValue((index.column() == NodeColumn ? Qt::AlignLeft : Qt::AlignRight) | Qt::AlignVCenter);
    case Qt::ToolTipRole:
    case Qt::AccessibleDescriptionRole: {
        const QString said = NodeText::summary(plan(), metrics(), id);
        return role == Qt::ToolTipRole ? QStringLiteral("<p>%1</p>").arg(said.toHtmlEscaped()) : said;
    }
    case FigureRole: {
        const std::optional<double> value = figure(id, index.column());
        return value ? QVariant(*value) : QVariant();
    }
    case DepthRole: return depths_[id];
    case ToneRole:
        if (index.column() == Estimate)
            return static_cast<int>(NodeText::estimate(metrics().nodes[id]).tone);
        return static_cast<int>(plan().nodes[id].never_executed ? Tone::Neutral
                                                                : shareTone(figure(id, Share).value_or(0)));
    default: return {};
    }
}

QVariant PlanGridModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || section < 0 || section >= ColumnCount)
        return {};
    const QString titles[] = {tr("Node"), tr("Alone"), tr("Share"), tr("With below"), tr("Rows"), tr("Estimate"),
                              tr("Loops"), tr("Cost"), tr("Hit"), tr("Read"), tr("Temp"), tr("I/O")};
    const char *terms[] = {"", "Alone", "Share", "With below", "Rows", "Estimate", "Loops", "Cost", "Hit", "Read", "Temp", "I/O"};
    if (role == Qt::DisplayRole)
        return titles[section];
    if (role == Qt::ToolTipRole && section > 0)
        return QStringLiteral("<p>%1</p>").arg(PlanTerms::term(QLatin1String(terms[section])).toHtmlEscaped());
    if (role == Qt::TextAlignmentRole)
        return QVariant::fromValue((section == NodeColumn ? Qt::AlignLeft : Qt::AlignRight) | Qt::AlignVCenter);
    return {};
}

QString PlanGridModel::plainCell(int row, int column) const
{
    const auto id = static_cast<NodeId>(row);
    if (column == NodeColumn)
        return QString(2 * depths_[id], QLatin1Char(' ')) + words(id, NodeColumn);
    const std::optional<double> value = figure(id, column);
    return value ? QString::number(*value, 'g', 12) : QString();
}

QString PlanGridModel::plainTitle(int column)
{
    const char *titles[] = {"node", "exclusive_ms", "share", "inclusive_ms", "rows", "estimate_factor",
                            "loops", "cost", "buffers_hit", "buffers_read", "temp_blocks", "io_ms"};
    return QLatin1String(titles[column]);
}

PlanGridOrder::PlanGridOrder(QObject *parent) : QSortFilterProxyModel(parent)
{
    setSortRole(PlanGridModel::FigureRole);
}

void PlanGridOrder::setFound(std::optional<std::vector<NodeId>> found)
{
    found_ = std::move(found);
    invalidateFilter();
}

bool PlanGridOrder::lessThan(const QModelIndex &left, const QModelIndex &right) const
{
    const QVariant a = left.data(PlanGridModel::FigureRole);
    const QVariant b = right.data(PlanGridModel::FigureRole);
    const bool ascending = sortOrder() == Qt::AscendingOrder;
    if (!a.isValid() || !b.isValid()) // empty cells come last, whichever way it is sorted
        return a.isValid() != b.isValid() && (ascending ? a.isValid() : b.isValid());
    return a.toDouble() < b.toDouble();
}

bool PlanGridOrder::filterAcceptsRow(int row, const QModelIndex &) const
{
    return !found_ || std::binary_search(found_->begin(), found_->end(), static_cast<NodeId>(row));
}

} // namespace howdah::ui
