// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/browser/object_model.h"

#include <algorithm>
#include <numeric>

#include <QMimeData>

#include "ui/browser/object_face.h"
#include "ui/browser/object_sql.h"
#include "ui/browser/object_tooltip.h"

namespace howdah::ui {

namespace {

std::vector<std::uint32_t> upTo(std::size_t count)
{
    std::vector<std::uint32_t> positions(count);
    std::iota(positions.begin(), positions.end(), 0U);
    return positions;
}

/// Constraints worth a row: from 18 on every NOT NULL is one as well, and the column says that already.
std::vector<std::uint32_t> shownConstraints(const pg::CatalogRelation &relation)
{
    std::vector<std::uint32_t> shown;
    for (std::size_t i = 0; i < relation.constraints.size(); ++i) {
        if (relation.constraints[i].type != 'n' || !relation.constraints[i].validated)
            shown.push_back(static_cast<std::uint32_t>(i));
    }
    return shown;
}

void addGroup(ObjectNode &node, NodeGroup group)
{
    ObjectNode child;
    child.kind = NodeKind::Group;
    child.group = group;
    child.index = node.index;
    node.children.push_back(std::move(child));
}

QString text(const std::string &utf8)
{
    return QString::fromStdString(utf8);
}

} // namespace

ObjectModel::ObjectModel(QObject *parent) : QAbstractItemModel(parent)
{
    root_.populated = true;
}

ObjectModel::~ObjectModel() = default;

void ObjectModel::showOutline(std::shared_ptr<const CatalogOutline> outline)
{
    beginResetModel();
    outline_ = std::move(outline);
    words_.clear();
    root_.children.clear();
    row_of_relation_.clear();
    if (outline_) {
        row_of_relation_.resize(outline_->catalog().relations.size());
        ObjectNode database;
        database.kind = NodeKind::Database;
        database.parent = &root_;
        root_.children.push_back(std::move(database));
    }
    endResetModel();
}

void ObjectModel::showMatches(std::shared_ptr<const CatalogOutline> outline, const ObjectMatches &matches)
{
    beginResetModel();
    outline_ = std::move(outline);
    words_ = matches.words;
    root_.children.clear();
    row_of_relation_.clear();
    if (outline_) {
        root_.children.reserve(matches.best.size());
        for (const ObjectMatch &match : matches.best) {
            ObjectNode node;
            node.kind = match.kind;
            node.index = match.index;
            node.item = match.item;
            node.found = true;
            node.parent = &root_;
            root_.children.push_back(std::move(node));
        }
    }
    endResetModel();
}

void ObjectModel::setOrder(ObjectOrder order)
{
    if (order == order_)
        return;
    beginResetModel();
    order_ = order;
    for (ObjectNode &node : root_.children) {
        node.children.clear();
        node.populated = false;
    }
    endResetModel();
}

// Making rows

void ObjectModel::populate(ObjectNode &node) const
{
    if (node.populated)
        return;
    node.populated = true;
    switch (node.kind) {
    case NodeKind::Database: {
        std::vector<std::uint32_t> schemas;
        for (const SchemaOutline &schema : outline_->schemas())
            schemas.push_back(schema.schema);
        addMembers(node, NodeKind::Schema, std::move(schemas));
        if (!outline_->catalog().extensions.empty())
            addGroup(node, NodeGroup::Extensions);
        break;
    }
    case NodeKind::Schema: addSchemaGroups(node); break;
    case NodeKind::Group: addGroupMembers(node); break;
    case NodeKind::Relation: addRelationGroups(node); break;
    default: break;
    }
    for (ObjectNode &child : node.children)
        child.parent = &node;
}

void ObjectModel::addMembers(ObjectNode &node, NodeKind kind, std::vector<std::uint32_t> members) const
{
    if (kind == NodeKind::Relation && order_ == ObjectOrder::Size) {
        std::stable_sort(members.begin(), members.end(), [this](std::uint32_t a, std::uint32_t b) {
            return outline_->totalBytes(a) > outline_->totalBytes(b);
        });
    }
    const bool is_item = kind == NodeKind::Column || kind == NodeKind::Index || kind == NodeKind::Constraint;
    node.children.reserve(node.children.size() + members.size() + 1);
    for (const std::uint32_t member : members) {
        ObjectNode child;
        child.kind = kind;
        child.index = is_item ? node.index : member;
        child.item = is_item ? member : 0;
        if (kind == NodeKind::Relation && !row_of_relation_.empty())
            row_of_relation_[member] = static_cast<std::uint32_t>(node.children.size());
        node.children.push_back(std::move(child));
    }
}

void ObjectModel::addSchemaGroups(ObjectNode &node) const
{
    for (const SchemaOutline &schema : outline_->schemas()) {
        if (schema.schema != node.index)
            continue;
        for (std::size_t group = 0; group < schema_group_count; ++group) {
            if (!schema.members[group].empty())
                addGroup(node, static_cast<NodeGroup>(group));
        }
    }
}

void ObjectModel::addGroupMembers(ObjectNode &node) const
{
    const pg::Catalog &catalog = outline_->catalog();
    switch (node.group) {
    case NodeGroup::Extensions: addMembers(node, NodeKind::Extension, upTo(catalog.extensions.size())); return;
    case NodeGroup::Columns: addMembers(node, NodeKind::Column, upTo(catalog.relations[node.index].columns.size())); return;
    case NodeGroup::Indexes: addMembers(node, NodeKind::Index, upTo(catalog.relations[node.index].indexes.size())); return;
    case NodeGroup::Constraints:
        addMembers(node, NodeKind::Constraint, shownConstraints(catalog.relations[node.index]));
        return;
    case NodeGroup::Partitions: addMembers(node, NodeKind::Relation, outline_->partitions(node.index)); return;
    case NodeGroup::None: return;
    default: break;
    }
    for (const SchemaOutline &schema : outline_->schemas()) {
        if (schema.schema == node.index)
            addMembers(node, node.group == NodeGroup::Functions ? NodeKind::Function : NodeKind::Relation,
                       schema.members[static_cast<std::size_t>(node.group)]);
    }
}

void ObjectModel::addRelationGroups(ObjectNode &node) const
{
    const pg::CatalogRelation &relation = outline_->catalog().relations[node.index];
    const bool has_constraints = !shownConstraints(relation).empty();
    const bool has_partitions = !outline_->partitions(node.index).empty();
    if (relation.indexes.empty() && !has_constraints && !has_partitions) {
        addMembers(node, NodeKind::Column, upTo(relation.columns.size())); // a view: one level less to open
        return;
    }
    if (!relation.columns.empty())
        addGroup(node, NodeGroup::Columns);
    if (!relation.indexes.empty())
        addGroup(node, NodeGroup::Indexes);
    if (has_constraints)
        addGroup(node, NodeGroup::Constraints);
    if (has_partitions)
        addGroup(node, NodeGroup::Partitions);
}

// Finding rows

ObjectNode *ObjectModel::schemaNode(std::string_view name) const
{
    if (root_.children.empty() || root_.children.front().kind != NodeKind::Database)
        return nullptr;
    ObjectNode &database = root_.children.front();
    populate(database);
    for (ObjectNode &child : database.children) {
        if (child.kind == NodeKind::Schema && outline_->catalog().schemas[child.index].name == name)
            return &child;
    }
    return nullptr;
}

namespace {

ObjectNode *groupIn(ObjectNode &node, NodeGroup group)
{
    const auto found = std::find_if(node.children.begin(), node.children.end(), [&](const ObjectNode &child) {
        return child.kind == NodeKind::Group && child.group == group;
    });
    return found == node.children.end() ? nullptr : &*found;
}

} // namespace

ObjectNode *ObjectModel::relationNode(std::uint32_t relation) const
{
    const pg::CatalogRelation &of = outline_->catalog().relations[relation];
    const pg::CatalogRelation *above = outline_->parent(of);
    ObjectNode *holder = above != nullptr ? relationNode(outline_->position(*above)) : schemaNode(of.schema);
    if (holder == nullptr)
        return nullptr;
    populate(*holder);
    ObjectNode *group = groupIn(*holder, above != nullptr ? NodeGroup::Partitions
                                                          : static_cast<NodeGroup>(CatalogOutline::groupOf(of)));
    if (group == nullptr)
        return nullptr;
    populate(*group);
    return &group->children[row_of_relation_[relation]];
}

QModelIndex ObjectModel::findRelation(std::uint32_t oid) const
{
    const pg::CatalogRelation *relation = outline_ ? outline_->catalog().find(oid) : nullptr;
    return relation == nullptr ? QModelIndex() : indexOf(relationNode(outline_->position(*relation)));
}

ObjectKey ObjectModel::key(const QModelIndex &index) const
{
    ObjectKey key;
    if (!index.isValid())
        return key;
    const ObjectNode &of = nodeOf(index);
    key.kind = of.kind;
    key.group = of.group;
    const pg::Catalog &catalog = outline_->catalog();
    switch (of.kind) {
    case NodeKind::Database: break;
    case NodeKind::Schema: key.schema = catalog.schemas[of.index].name; break;
    case NodeKind::Extension: key.name = catalog.extensions[of.index].name; break;
    case NodeKind::Function:
        key.schema = catalog.functions[of.index].schema;
        key.name = catalog.functions[of.index].name;
        key.item = catalog.functions[of.index].arguments;
        break;
    case NodeKind::Group:
        if (of.group < NodeGroup::Extensions)
            key.schema = catalog.schemas[of.index].name;
        if (of.group <= NodeGroup::Extensions)
            break;
        [[fallthrough]];
    default:
        key.schema = catalog.relations[of.index].schema;
        key.name = catalog.relations[of.index].name;
        if (of.kind != NodeKind::Group && of.kind != NodeKind::Relation)
            key.item = nameOf(*outline_, of).toStdString();
    }
    return key;
}

QModelIndex ObjectModel::find(const ObjectKey &wanted) const
{
    if (!outline_ || root_.children.empty() || root_.children.front().kind != NodeKind::Database)
        return {};
    ObjectNode &database = root_.children.front();
    populate(database);
    ObjectNode *holder = &database;
    if (wanted.kind == NodeKind::Database)
        return indexOf(holder);
    const bool in_relation = (wanted.kind == NodeKind::Group && wanted.group > NodeGroup::Extensions) ||
                             wanted.kind == NodeKind::Relation || !wanted.item.empty();
    if (in_relation && wanted.kind != NodeKind::Function) {
        const pg::CatalogRelation *relation = outline_->catalog().find(wanted.schema, wanted.name);
        holder = relation == nullptr || wanted.schema.empty() ? nullptr : relationNode(outline_->position(*relation));
        if (holder == nullptr || wanted.kind == NodeKind::Relation)
            return indexOf(holder);
    } else if (!wanted.schema.empty()) {
        holder = schemaNode(wanted.schema);
        if (holder == nullptr || wanted.kind == NodeKind::Schema)
            return indexOf(holder);
    }
    populate(*holder);
    if (wanted.kind == NodeKind::Group)
        return indexOf(groupIn(*holder, wanted.group));
    // What remains stands in a group, or (columns of a view) in the relation itself.
    const NodeGroup group = wanted.kind == NodeKind::Function     ? NodeGroup::Functions
                            : wanted.kind == NodeKind::Extension  ? NodeGroup::Extensions
                            : wanted.kind == NodeKind::Index      ? NodeGroup::Indexes
                            : wanted.kind == NodeKind::Constraint ? NodeGroup::Constraints
                                                                  : NodeGroup::Columns;
    if (ObjectNode *found = groupIn(*holder, group))
        holder = found;
    populate(*holder);
    for (const ObjectNode &child : holder->children) {
        if (child.kind == wanted.kind && key(indexOf(&child)) == wanted)
            return indexOf(&child);
    }
    return {};
}

std::optional<CatalogObject> ObjectModel::object(const QModelIndex &index) const
{
    if (!index.isValid())
        return std::nullopt;
    return catalogObject(*outline_, nodeOf(index));
}

// QAbstractItemModel

ObjectNode &ObjectModel::nodeOf(const QModelIndex &index) const
{
    return index.isValid() ? *static_cast<ObjectNode *>(index.internalPointer()) : root_;
}

const ObjectNode *ObjectModel::node(const QModelIndex &index) const
{
    return index.isValid() ? &nodeOf(index) : nullptr;
}

QModelIndex ObjectModel::indexOf(const ObjectNode *node) const
{
    if (node == nullptr || node->parent == nullptr)
        return {};
    return createIndex(static_cast<int>(node - node->parent->children.data()), 0, node);
}

QModelIndex ObjectModel::index(int row, int column, const QModelIndex &parent) const
{
    if (row < 0 || column != 0 || row >= rowCount(parent))
        return {};
    return createIndex(row, 0, &nodeOf(parent).children[static_cast<std::size_t>(row)]);
}

QModelIndex ObjectModel::parent(const QModelIndex &child) const
{
    return child.isValid() ? indexOf(nodeOf(child).parent) : QModelIndex();
}

int ObjectModel::rowCount(const QModelIndex &parent) const
{
    ObjectNode &of = nodeOf(parent);
    populate(of);
    return static_cast<int>(of.children.size());
}

int ObjectModel::columnCount(const QModelIndex &) const
{
    return 1;
}

bool ObjectModel::hasChildren(const QModelIndex &parent) const
{
    const ObjectNode &of = nodeOf(parent);
    if (of.populated)
        return !of.children.empty();
    switch (of.kind) {
    case NodeKind::Relation: {
        // Asked for every row of an open group, so it must not make any.
        const pg::CatalogRelation &relation = outline_->catalog().relations[of.index];
        return !relation.columns.empty() || !relation.indexes.empty() || relation.kind == 'p';
    }
    case NodeKind::Database:
    case NodeKind::Group: return true;
    case NodeKind::Schema: return rowCount(parent) > 0;
    default: return false;
    }
}

QVariant ObjectModel::data(const QModelIndex &index, int role) const
{
    if (!index.isValid())
        return {};
    const ObjectNode &of = nodeOf(index);
    switch (role) {
    case Qt::DisplayRole: return nameOf(*outline_, of);
    case Qt::ToolTipRole: return tooltipOf(*outline_, of);
    case Qt::AccessibleTextRole: {
        const ObjectFace face = faceOf(*outline_, of);
        QStringList parts{face.name + face.suffix};
        for (const QString &part : {face.badge, face.right}) {
            if (!part.isEmpty())
                parts << part;
        }
        return parts.join(QStringLiteral(", "));
    }
    default: return {};
    }
}

Qt::ItemFlags ObjectModel::flags(const QModelIndex &index) const
{
    if (!index.isValid())
        return Qt::NoItemFlags;
    Qt::ItemFlags flags = Qt::ItemIsEnabled | Qt::ItemIsSelectable;
    if (nodeOf(index).kind != NodeKind::Group)
        flags |= Qt::ItemIsDragEnabled;
    return flags;
}

QStringList ObjectModel::mimeTypes() const
{
    return {QStringLiteral("text/plain")};
}

QMimeData *ObjectModel::mimeData(const QModelIndexList &indexes) const
{
    QStringList names;
    for (const QModelIndex &index : indexes) {
        if (index.isValid())
            names << text(nameInSql(*outline_, nodeOf(index)));
    }
    auto *data = new QMimeData;
    data->setText(names.join(QStringLiteral(", ")));
    return data;
}

} // namespace howdah::ui
