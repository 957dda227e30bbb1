// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/object/dependency_model.h"

#include "ui/base/palette.h"

namespace howdah::ui {

void DependencyModel::setDependencies(ddl::Dependencies dependencies)
{
    beginResetModel();
    filled_ = true;
    ways_[0] = {std::move(dependencies.needs), {}, {}, {}};
    ways_[1] = {std::move(dependencies.needed_by), {}, {}, {}};
    for (Way &way : ways_) {
        way.children.resize(way.tree.nodes.size());
        way.row.resize(way.tree.nodes.size());
        for (std::size_t i = 0; i < way.tree.nodes.size(); ++i) {
            const std::int64_t parent = way.tree.nodes[i].parent;
            std::vector<int> &siblings = parent < 0 ? way.roots : way.children[static_cast<std::size_t>(parent)];
            way.row[i] = static_cast<int>(siblings.size());
            siblings.push_back(static_cast<int>(i));
        }
    }
    endResetModel();
}

const std::vector<int> &DependencyModel::childrenOf(const QModelIndex &index) const
{
    if (index.internalId() == 0)
        return ways_[static_cast<std::size_t>(index.row())].roots;
    return ways_[wayOf(index)].children[static_cast<std::size_t>(nodeOf(index))];
}

const ddl::DependencyNode *DependencyModel::node(const QModelIndex &index) const
{
    if (!index.isValid() || index.internalId() == 0)
        return nullptr;
    return &ways_[wayOf(index)].tree.nodes[static_cast<std::size_t>(nodeOf(index))];
}

QModelIndex DependencyModel::index(int row, int column, const QModelIndex &parent) const
{
    if (!hasIndex(row, column, parent))
        return {};
    if (!parent.isValid())
        return createIndex(row, column, quintptr(0));
    const std::size_t way = parent.internalId() == 0 ? static_cast<std::size_t>(parent.row()) : wayOf(parent);
    return createIndex(row, column, static_cast<quintptr>(1 + way + 2 * static_cast<std::size_t>(childrenOf(parent)[static_cast<std::size_t>(row)])));
}

QModelIndex DependencyModel::parent(const QModelIndex &child) const
{
    const ddl::DependencyNode *of = node(child);
    if (of == nullptr)
        return {};
    const std::size_t way = wayOf(child);
    if (of->parent < 0)
        return createIndex(static_cast<int>(way), 0, quintptr(0));
    return createIndex(ways_[way].row[static_cast<std::size_t>(of->parent)], 0, static_cast<quintptr>(1 + way + 2 * static_cast<std::size_t>(of->parent)));
}

int DependencyModel::rowCount(const QModelIndex &parent) const
{
    if (!parent.isValid())
        return filled_ ? 2 : 0;
    return parent.column() > 0 ? 0 : static_cast<int>(childrenOf(parent).size());
}

int DependencyModel::columnCount(const QModelIndex &) const
{
    return 3;
}

QVariant DependencyModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || role != Qt::DisplayRole)
        return {};
    return section == 0 ? tr("Object") : section == 1 ? tr("Kind") : tr("How");
}

QVariant DependencyModel::data(const QModelIndex &index, int role) const
{
    const ddl::DependencyNode *of = node(index);
    if (of == nullptr) {
        if (!index.isValid() || index.column() != 0)
            return {};
        if (role == Qt::FontRole) {
            QFont font = textFont();
            font.setBold(true);
            return font;
        }
        if (role != Qt::DisplayRole)
            return {};
        const Way &way = ways_[static_cast<std::size_t>(index.row())];
        const QString count = way.tree.nodes.empty() ? tr("nothing") : QString::number(way.tree.nodes.size()) + (way.tree.truncated ? QStringLiteral("+") : QString());
        return (index.row() == 0 ? tr("Needs: %1") : tr("Needed by: %1")).arg(count);
    }
    if (role == Qt::ForegroundRole)
        return index.column() > 0 || of->repeated ? QVariant(colors().dim) : QVariant();
    if (role != Qt::DisplayRole && role != Qt::ToolTipRole)
        return {};
    switch (index.column()) {
    case 0: return QString::fromStdString(of->object.identity);
    case 1: return QString::fromStdString(of->object.kind);
    default: break;
    }
    QStringList words;
    switch (of->reason) {
    case ddl::DependencyReason::ForeignKey: words << tr("foreign key"); break;
    case ddl::DependencyReason::Inherits: words << tr("inherits"); break;
    case ddl::DependencyReason::Extension: words << tr("extension"); break;
    case ddl::DependencyReason::Named: words << tr("named in its text"); break;
    case ddl::DependencyReason::Owns: words << tr("goes with it"); break;
    case ddl::DependencyReason::Uses: break;
    }
    if (!of->detail.empty())
        words << QString::fromStdString(of->detail);
    if (of->repeated)
        words << tr("shown above");
    return words.join(QStringLiteral(" · "));
}

} // namespace howdah::ui
