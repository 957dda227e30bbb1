// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <vector>

#include <QAbstractItemModel>
#include <QHash>

#include "core/result/decode/value_tree.h"
#include "core/result/row_source.h"

namespace howdah::ui {

/// A value of many parts (JSON, XML, an array) as a tree of names and values. Children are looked up when they are opened.
class ValueTreeModel : public QAbstractItemModel
{
    Q_OBJECT
public:
    enum class Language { Json, Xml, Array };
    explicit ValueTreeModel(QObject *parent = nullptr);
    /// `owner` keeps the text alive that the nodes are parts of.
    void setTree(std::shared_ptr<const result::decode::Tree> tree, std::shared_ptr<const result::RowSource> owner, Language language);
    [[nodiscard]] const std::shared_ptr<const result::decode::Tree> &tree() const { return tree_; }
    [[nodiscard]] QModelIndex indexOf(std::uint32_t node) const;
    [[nodiscard]] QString path(const QModelIndex &index) const;
    /// Of a leaf, without escapes; of others "".
    [[nodiscard]] QString value(const QModelIndex &index) const;

    [[nodiscard]] QModelIndex index(int row, int column, const QModelIndex &parent = {}) const override;
    [[nodiscard]] QModelIndex parent(const QModelIndex &index) const override;
    [[nodiscard]] int rowCount(const QModelIndex &parent = {}) const override;
    [[nodiscard]] int columnCount(const QModelIndex &parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex &index, int role) const override;
    [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
    [[nodiscard]] const result::decode::TreeNode &node(const QModelIndex &index) const { return tree_->nodes[index.internalId()]; }
    [[nodiscard]] const std::vector<std::uint32_t> &children(std::uint32_t node) const;
    [[nodiscard]] QString nameOf(std::uint32_t node) const;
    [[nodiscard]] std::string plain(std::string_view written) const;

    std::shared_ptr<const result::decode::Tree> tree_;
    std::shared_ptr<const result::RowSource> owner_;
    mutable QHash<std::uint32_t, std::vector<std::uint32_t>> children_;
    Language language_ = Language::Json;
};

} // namespace howdah::ui
