// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <vector>

#include <QAbstractItemModel>

#include "core/ddl/dependencies.h"

namespace howdah::ui {

/// What an object needs and what needs it: two trees under one title each.
class DependencyModel : public QAbstractItemModel
{
    Q_OBJECT
public:
    using QAbstractItemModel::QAbstractItemModel;
    void setDependencies(ddl::Dependencies dependencies);
    /// Null for the two titles and the invalid index.
    [[nodiscard]] const ddl::DependencyNode *node(const QModelIndex &index) const;

    [[nodiscard]] QModelIndex index(int row, int column, const QModelIndex &parent = {}) const override;
    [[nodiscard]] QModelIndex parent(const QModelIndex &child) const override;
    [[nodiscard]] int rowCount(const QModelIndex &parent = {}) const override;
    [[nodiscard]] int columnCount(const QModelIndex &parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex &index, int role) const override;
    [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
    struct Way {
        ddl::DependencyTree tree;
        std::vector<int> roots;
        std::vector<std::vector<int>> children; ///< of each node
        std::vector<int> row;                   ///< of each node among its siblings
    };
    // Internal id: 0 for a title, else 1 + way + 2 * node.
    [[nodiscard]] static std::size_t wayOf(const QModelIndex &index) { return static_cast<std::size_t>((index.internalId() - 1) % 2); }
    [[nodiscard]] static int nodeOf(const QModelIndex &index) { return static_cast<int>((index.internalId() - 1) / 2); }
    [[nodiscard]] const std::vector<int> &childrenOf(const QModelIndex &index) const;

    bool filled_ = false;
    std::array<Way, 2> ways_;
};

} // namespace howdah::ui
