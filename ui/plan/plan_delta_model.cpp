// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/plan/plan_delta_model.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "ui/base/palette.h"
#include "ui/base/tone.h"
#include "ui/plan/node_text.h"

namespace howdah::ui {

namespace {

/// "+12 ms", "−3.4 s".
QString withSign(double value, const QString &size)
{
    return (value > 0 ? QStringLiteral("+") : value < 0 ? QStringLiteral("−") : QString()) + size;
}

} // namespace

PlanDeltaModel::PlanDeltaModel(QObject *parent) : QAbstractTableModel(parent) { }

void PlanDeltaModel::setSides(PlanSide before, PlanSide after, plan::PlanDiff diff)
{
    beginResetModel();
    before_ = std::move(before);
    after_ = std::move(after);
    diff_ = std::move(diff);
    endResetModel();
}

int PlanDeltaModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(diff_.nodes.size());
}

int PlanDeltaModel::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : ColumnCount;
}

QString PlanDeltaModel::name(plan::NodeId id, bool after) const
{
    return id == plan::no_node ? QStringLiteral("—") : NodeText::name((after ? after_ : before_).plan().nodes[id]);
}

std::optional<double> PlanDeltaModel::figure(const plan::NodeDiff &node, int column) const
{
    switch (column) {
    case AloneBefore:
        return node.before == plan::no_node ? std::nullopt : before_.metrics().nodes[node.before].exclusive_ms;
    case AloneAfter:
        return node.after == plan::no_node ? std::nullopt : after_.metrics().nodes[node.after].exclusive_ms;
    case Alone:
        return node.exclusive_ms;
    case Rows:
        return node.rows_total;
    case Blocks:
        return node.blocks ? std::optional(static_cast<double>(*node.blocks)) : std::nullopt;
    case Cost:
        return node.exclusive_cost;
    default:
        return {};
    }
}

QString PlanDeltaModel::words(const plan::NodeDiff &node, int column) const
{
    if (column == Before || column == After)
        return name(column == Before ? node.before : node.after, column == After);
    const auto value = figure(node, column);
    if (!value)
        return {};
    if (column == AloneBefore || column == AloneAfter)
        return NodeText::duration(*value);
    if (column == Alone)
        return node.noise ? QStringLiteral("≈") : withSign(*value, NodeText::duration(std::abs(*value)));
    return std::abs(*value) < 0.5 ? QStringLiteral("=") : withSign(*value, NodeText::count(std::round(std::abs(*value))));
}

QVariant PlanDeltaModel::data(const QModelIndex &index, int role) const
{
    if (!index.isValid() || index.row() >= rowCount())
        return {};
    const plan::NodeDiff &node = this->node(index.row());
    switch (role) {
    case Qt::DisplayRole:
        return words(node, index.column());
    case Qt::ToolTipRole:
        if (!node.change.empty())
            return QString::fromStdString(node.change);
        return node.noise ? tr("No difference that is more than two runs of one plan have") : QVariant();
    case Qt::TextAlignmentRole:
        return static_cast<int>((index.column() <= After ? Qt::AlignLeft : Qt::AlignRight) | Qt::AlignVCenter);
    case Qt::ForegroundRole: {
        const auto tone = static_cast<Tone>(data(index, ToneRole).toInt());
        if (index.column() == Alone || (index.column() <= After && node.kind != plan::DiffKind::Same))
            return toneInk(tone);
        return {};
    }
    case FigureRole:
        if (const auto value = figure(node, index.column()))
            return *value;
        return {};
    case ToneRole:
        if (index.column() == Alone && !node.noise)
            return static_cast<int>(node.exclusive_ms.value_or(0) < 0 ? Tone::Good : Tone::Bad);
        return static_cast<int>(node.kind == plan::DiffKind::Same ? Tone::Neutral : Tone::Accent);
    case RowRole:
        return index.row();
    default:
        return {};
    }
}

QVariant PlanDeltaModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || section < 0 || section >= ColumnCount)
        return {};
    static const std::array<std::pair<QString, QString>, ColumnCount> titles{{
        {tr("Before"), tr("The node in the first plan; — where it has none")},
        {tr("After"), tr("The node in the second plan; — where it has none")},
        {tr("Alone, before"), tr("Time of the node without those below it")},
        {tr("Alone, after"), tr("Time of the node without those below it")},
        {tr("Time ±"), tr("After less before; ≈ is no more than noise")},
        {tr("Rows ±"), tr("Rows of all loops, after less before")},
        {tr("Blocks ±"), tr("Blocks hit and read by the node alone, after less before")},
        {tr("Cost ±"), tr("Estimated cost of the node alone, after less before")},
    }};
    const auto &[title, tip] = titles[static_cast<std::size_t>(section)];
    if (role == Qt::DisplayRole)
        return title;
    if (role == Qt::ToolTipRole)
        return tip;
    if (role == Qt::TextAlignmentRole)
        return static_cast<int>((section <= After ? Qt::AlignLeft : Qt::AlignRight) | Qt::AlignVCenter);
    return {};
}

int PlanDeltaModel::rowOf(plan::NodeId id, bool after) const
{
    const auto found = std::find_if(diff_.nodes.begin(), diff_.nodes.end(), [&](const plan::NodeDiff &node) {
        return (after ? node.after : node.before) == id;
    });
    return found == diff_.nodes.end() ? -1 : static_cast<int>(found - diff_.nodes.begin());
}

} // namespace howdah::ui
