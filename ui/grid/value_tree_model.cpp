// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/grid/value_tree_model.h"

#include <algorithm>

#include "core/base/human.h"
#include "ui/base/palette.h"
#include "ui/grid/cell_text.h"

namespace howdah::ui {

using Kind = result::decode::TreeNode::Kind;

ValueTreeModel::ValueTreeModel(QObject *parent) : QAbstractItemModel(parent)
{
}

void ValueTreeModel::setTree(std::shared_ptr<const result::decode::Tree> tree, std::shared_ptr<const result::RowSource> owner, Language language)
{
    beginResetModel();
    tree_ = std::move(tree);
    owner_ = std::move(owner);
    language_ = language;
    children_.clear();
    endResetModel();
}

const std::vector<std::uint32_t> &ValueTreeModel::children(std::uint32_t node) const
{
    auto known = children_.constFind(node);
    if (known == children_.constEnd())
        known = children_.insert(node, tree_->childrenOf(node));
    return *known;
}

QModelIndex ValueTreeModel::indexOf(std::uint32_t node) const
{
    const int row = node == 0 ? 0 : static_cast<int>(tree_->nodes[node].place);
    return createIndex(row, 0, quintptr{node});
}

QModelIndex ValueTreeModel::index(int row, int column, const QModelIndex &parent) const
{
    if (!hasIndex(row, column, parent))
        return {};
    const std::uint32_t node = parent.isValid() ? children(static_cast<std::uint32_t>(parent.internalId()))[static_cast<std::size_t>(row)] : 0;
    return createIndex(row, column, quintptr{node});
}

QModelIndex ValueTreeModel::parent(const QModelIndex &index) const
{
    return !index.isValid() || index.internalId() == 0 ? QModelIndex() : indexOf(node(index).parent);
}

int ValueTreeModel::rowCount(const QModelIndex &parent) const
{
    if (!tree_ || parent.column() > 0)
        return 0;
    return parent.isValid() ? static_cast<int>(node(parent).children) : 1;
}

int ValueTreeModel::columnCount(const QModelIndex &) const
{
    return 2;
}

std::string ValueTreeModel::plain(std::string_view written) const
{
    switch (language_) {
    case Language::Json: return result::decode::unescapeJson(written);
    case Language::Xml: return result::decode::unescapeXml(written);
    case Language::Array: return result::decode::unescapeArray(written);
    }
    return {};
}

QString ValueTreeModel::nameOf(std::uint32_t at) const
{
    const auto &shown = tree_->nodes[at];
    switch (shown.kind) {
    case Kind::Element: return lineText(shown.name);
    case Kind::Attribute: return QLatin1Char('@') + lineText(shown.name);
    case Kind::Comment: return tr("comment");
    default: break;
    }
    if (language_ == Language::Xml)
        return tr("text");
    if (at == 0)
        return language_ == Language::Array ? tr("array") : QStringLiteral("$");
    if (tree_->nodes[shown.parent].kind == Kind::Object)
        return lineText(plain(shown.name));
    return QStringLiteral("[%1]").arg(shown.place + (language_ == Language::Array ? 1 : 0));
}

QString ValueTreeModel::path(const QModelIndex &index) const
{
    if (!tree_ || !index.isValid())
        return {};
    if (language_ != Language::Array)
        return QString::fromStdString(result::decode::pathOf(*tree_, static_cast<std::uint32_t>(index.internalId())));
    QString steps;
    for (QModelIndex at = index.siblingAtColumn(0); at.internalId() != 0; at = at.parent())
        steps.prepend(QStringLiteral("[%1]").arg(at.row() + 1));
    return steps;
}

QString ValueTreeModel::value(const QModelIndex &index) const
{
    return tree_ && index.isValid() ? QString::fromStdString(plain(node(index).value)) : QString();
}

QVariant ValueTreeModel::data(const QModelIndex &index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid))
        return {};
    const auto &shown = node(index);
    const bool branch = shown.kind == Kind::Object || shown.kind == Kind::Array || shown.kind == Kind::Element;
    const Colors &c = colors();
    if (role == Qt::FontRole)
        return monoFont();
    if (index.column() == 0)
        return role == Qt::DisplayRole ? QVariant(nameOf(static_cast<std::uint32_t>(index.internalId()))) : role == Qt::ForegroundRole ? QVariant(c.accent_ink) : QVariant();
    if (role == Qt::ForegroundRole)
        return branch ? c.dim : shown.kind == Kind::Number ? c.warn_ink : shown.kind == Kind::Word ? c.bad_ink : c.text;
    if (role != Qt::DisplayRole && role != Qt::ToolTipRole)
        return {};
    if (!branch)
        return lineText(plain(shown.value.substr(0, 2'000)), role == Qt::ToolTipRole ? 1'000 : 256);
    const QString number = QString::fromStdString(human::count(shown.children));
    if (shown.kind == Kind::Object)
        return QStringLiteral("{%1}").arg(number);
    return shown.kind == Kind::Array ? QStringLiteral("[%1]").arg(number) : QString();
}

QVariant ValueTreeModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || role != Qt::DisplayRole)
        return {};
    return section == 0 ? tr("Name") : tr("Value");
}

} // namespace howdah::ui
