// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <optional>

#include <QAbstractItemModel>
#include <QStringList>

#include "ui/browser/catalog_outline.h"
#include "ui/browser/object_filter.h"
#include "ui/browser/object_node.h"
#include "ui/plugin/tool_context.h"

namespace howdah::ui {

enum class ObjectOrder : std::uint8_t { Name, Size };

/// A catalog snapshot as a tree, or a list of what was found in it. Rows are made when a parent is opened, so a
/// snapshot of any size is there at once.
class ObjectModel : public QAbstractItemModel
{
    Q_OBJECT
public:
    explicit ObjectModel(QObject *parent = nullptr);
    ~ObjectModel() override;

    /// The whole tree: database, schemas, their objects. Null empties the model.
    void showOutline(std::shared_ptr<const CatalogOutline> outline);
    /// What was found, as a list whose relations can still be opened; `matches.words` are highlighted.
    void showMatches(std::shared_ptr<const CatalogOutline> outline, const ObjectMatches &matches);
    void setOrder(ObjectOrder order); ///< resets the model
    [[nodiscard]] ObjectOrder order() const { return order_; }

    [[nodiscard]] const std::shared_ptr<const CatalogOutline> &outline() const { return outline_; }
    [[nodiscard]] const QStringList &words() const { return words_; }
    /// Null for the invalid index.
    [[nodiscard]] const ObjectNode *node(const QModelIndex &index) const;
    [[nodiscard]] ObjectKey key(const QModelIndex &index) const;
    /// Invalid when this snapshot has no such thing.
    [[nodiscard]] QModelIndex find(const ObjectKey &key) const;
    [[nodiscard]] QModelIndex findRelation(std::uint32_t oid) const;
    /// What tools are asked about: a group stands for what it belongs to.
    [[nodiscard]] std::optional<CatalogObject> object(const QModelIndex &index) const;

    [[nodiscard]] QModelIndex index(int row, int column, const QModelIndex &parent = {}) const override;
    [[nodiscard]] QModelIndex parent(const QModelIndex &child) const override;
    [[nodiscard]] int rowCount(const QModelIndex &parent = {}) const override;
    [[nodiscard]] int columnCount(const QModelIndex &parent = {}) const override;
    [[nodiscard]] bool hasChildren(const QModelIndex &parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex &index, int role) const override;
    [[nodiscard]] Qt::ItemFlags flags(const QModelIndex &index) const override;
    [[nodiscard]] QStringList mimeTypes() const override;
    [[nodiscard]] QMimeData *mimeData(const QModelIndexList &indexes) const override;

private:
    [[nodiscard]] ObjectNode &nodeOf(const QModelIndex &index) const;
    [[nodiscard]] QModelIndex indexOf(const ObjectNode *node) const;
    void populate(ObjectNode &node) const;
    void addSchemaGroups(ObjectNode &node) const;
    void addGroupMembers(ObjectNode &node) const;
    void addRelationGroups(ObjectNode &node) const;
    void addMembers(ObjectNode &node, NodeKind kind, std::vector<std::uint32_t> members) const;
    [[nodiscard]] ObjectNode *relationNode(std::uint32_t relation) const;
    [[nodiscard]] ObjectNode *schemaNode(std::string_view name) const;

    std::shared_ptr<const CatalogOutline> outline_;
    QStringList words_;
    ObjectOrder order_ = ObjectOrder::Name;
    mutable ObjectNode root_;                            ///< what is shown is its children; filled on demand
    mutable std::vector<std::uint32_t> row_of_relation_; ///< its row among its siblings, once those exist
};

} // namespace howdah::ui
