// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/browser/object_face.h"

#include <algorithm>
#include <cmath>

#include <QCoreApplication>

#include "core/base/human.h"

namespace howdah::ui {

namespace {

// Below these an analyse or a vacuum is not overdue, only not due yet (the server's own thresholds are 50 rows and
// 10 or 20 %).
constexpr std::int64_t few_rows = 1000;
constexpr double many_changed = 0.2;
constexpr double many_dead = 0.3;
constexpr std::int64_t one_page_and_toast = 16 * 1024;
constexpr std::int64_t small_index = 1024 * 1024;

QString tr(const char *source, int n = -1)
{
    return QCoreApplication::translate("howdah::ui::ObjectBrowser", source, nullptr, n);
}

QString text(const std::string &utf8)
{
    return QString::fromStdString(utf8);
}

QString count(std::size_t value)
{
    return text(human::count(static_cast<std::int64_t>(value)));
}

QString groupName(NodeGroup group)
{
    switch (group) {
    case NodeGroup::Tables: return tr("Tables");
    case NodeGroup::Views: return tr("Views");
    case NodeGroup::MaterializedViews: return tr("Materialized views");
    case NodeGroup::ForeignTables: return tr("Foreign tables");
    case NodeGroup::Sequences: return tr("Sequences");
    case NodeGroup::Functions: return tr("Functions");
    case NodeGroup::Extensions: return tr("Extensions");
    case NodeGroup::Columns: return tr("Columns");
    case NodeGroup::Indexes: return tr("Indexes");
    case NodeGroup::Constraints: return tr("Constraints");
    case NodeGroup::Partitions: return tr("Partitions");
    case NodeGroup::None: break;
    }
    return {};
}

std::size_t groupSize(const CatalogOutline &outline, const ObjectNode &node)
{
    const pg::Catalog &catalog = outline.catalog();
    switch (node.group) {
    case NodeGroup::Extensions: return catalog.extensions.size();
    case NodeGroup::Columns: return catalog.relations[node.index].columns.size();
    case NodeGroup::Indexes: return catalog.relations[node.index].indexes.size();
    case NodeGroup::Constraints: return node.populated ? node.children.size() : catalog.relations[node.index].constraints.size();
    case NodeGroup::Partitions: return outline.partitions(node.index).size();
    case NodeGroup::None: return 0;
    default: break;
    }
    for (const SchemaOutline &schema : outline.schemas()) {
        if (schema.schema == node.index)
            return schema.members[static_cast<std::size_t>(node.group)].size();
    }
    return 0;
}

QString relationIcon(char relkind)
{
    switch (relkind) {
    case 'p': return QStringLiteral("partitioned-table");
    case 'v': return QStringLiteral("view");
    case 'm': return QStringLiteral("matview");
    case 'f': return QStringLiteral("foreign-table");
    case 'S': return QStringLiteral("sequence");
    default: return QStringLiteral("table");
    }
}

void describeRelation(ObjectFace &face, const CatalogOutline &outline, const ObjectNode &node)
{
    const pg::CatalogRelation &relation = outline.catalog().relations[node.index];
    face.icon = relationIcon(relation.kind);
    if (node.found)
        face.suffix = QStringLiteral("  ") + text(relation.schema);
    if (relation.kind == 'r' || relation.kind == 'm' || relation.kind == 'p')
        face.right = text(human::bytes(outline.totalBytes(node.index)));
    const std::size_t parts = outline.partitions(node.index).size();
    if (const auto attention = attentionFor(relation)) {
        face.badge = attention->badge;
        face.badge_tone = attention->tone;
    } else if (relation.kind == 'p') {
        face.badge = parts == 1 ? tr("1 part") : tr("%1 parts").arg(count(parts));
        face.badge_tone = Tone::Accent;
    }
}

void describeColumn(ObjectFace &face, const CatalogOutline &outline, const ObjectNode &node)
{
    const pg::CatalogRelation &relation = outline.catalog().relations[node.index];
    const pg::CatalogColumn &column = relation.columns[node.item];
    face.icon = QStringLiteral("column");
    for (const pg::CatalogConstraint &constraint : relation.constraints) {
        const auto &columns = constraint.columns;
        if (std::find(columns.begin(), columns.end(), column.attnum) == columns.end())
            continue;
        if (constraint.type == 'p') {
            face.icon = QStringLiteral("key");
            face.icon_tone = Tone::Warn;
            break;
        }
        if (constraint.type == 'f') {
            face.icon = QStringLiteral("foreign-key");
            face.icon_tone = Tone::Accent;
        }
    }
    face.required = column.not_null;
    face.right = shortType(column.type);
    if (node.found)
        face.suffix = QStringLiteral("  %1.%2").arg(text(relation.schema), text(relation.name));
}

void describeIndex(ObjectFace &face, const CatalogOutline &outline, const ObjectNode &node)
{
    const pg::CatalogRelation &relation = outline.catalog().relations[node.index];
    const pg::CatalogIndex &index = relation.indexes[node.item];
    face.icon = index.is_primary ? QStringLiteral("key") : QStringLiteral("index-object");
    face.right = text(human::bytes(index.size_bytes));
    if (node.found)
        face.suffix = QStringLiteral("  %1.%2").arg(text(relation.schema), text(relation.name));
    if (const auto attention = attentionFor(relation, index)) {
        face.badge = attention->badge;
        face.badge_tone = attention->tone;
    }
}

void describeConstraint(ObjectFace &face, const CatalogOutline &outline, const ObjectNode &node)
{
    const pg::Catalog &catalog = outline.catalog();
    const pg::CatalogConstraint &constraint = catalog.relations[node.index].constraints[node.item];
    face.icon = QStringLiteral("constraint");
    switch (constraint.type) {
    case 'p': face.icon = QStringLiteral("key"); face.right = tr("primary key"); break;
    case 'u': face.right = tr("unique"); break;
    case 'c': face.right = tr("check"); break;
    case 'x': face.right = tr("exclusion"); break;
    case 'n': face.right = tr("not null"); break;
    case 't': face.right = tr("trigger"); break;
    case 'f': {
        face.icon = QStringLiteral("foreign-key");
        const pg::CatalogRelation *referenced = catalog.find(constraint.referenced_oid);
        face.right = referenced == nullptr ? tr("foreign key") : QStringLiteral("→ ") + text(referenced->name);
        break;
    }
    default: break;
    }
    if (!constraint.validated) {
        face.badge = tr("not valid");
        face.badge_tone = Tone::Warn;
    }
}

} // namespace

std::optional<Attention> attentionFor(const pg::CatalogRelation &relation)
{
    if (relation.kind != 'r' && relation.kind != 'm')
        return std::nullopt;
    const double rows = std::max(relation.estimated_rows, static_cast<double>(relation.live_tuples));
    if (relation.estimated_rows < 0 && (relation.live_tuples > 0 || relation.size_bytes > one_page_and_toast))
        return Attention{tr("never analysed"),
                         tr("The planner has no statistics here and guesses. ANALYZE gathers them."), Tone::Warn};
    if (relation.modified_since_analyze > few_rows && static_cast<double>(relation.modified_since_analyze) > many_changed * rows)
        return Attention{tr("stale statistics"),
                         tr("%1 rows changed since the last analyse of about %2. ANALYZE brings estimates up to date.")
                             .arg(text(human::count(relation.modified_since_analyze)), text(human::count(std::llround(rows)))),
                         Tone::Warn};
    const double all = static_cast<double>(relation.live_tuples + relation.dead_tuples);
    if (relation.dead_tuples > 10 * few_rows && static_cast<double>(relation.dead_tuples) > many_dead * all)
        return Attention{tr("%1 % dead").arg(std::lround(100.0 * static_cast<double>(relation.dead_tuples) / all)),
                         tr("%1 dead rows wait for VACUUM; scans read them all.").arg(text(human::count(relation.dead_tuples))),
                         Tone::Warn};
    // An invalid index slows every write and serves nobody: worth seeing without opening the table.
    for (const pg::CatalogIndex &index : relation.indexes) {
        if (!index.is_valid)
            return Attention{tr("invalid index"),
                             tr("%1 is kept up to date by every write, and no query may use it.").arg(text(index.name)), Tone::Bad};
    }
    return std::nullopt;
}

std::optional<Attention> attentionFor(const pg::CatalogRelation &relation, const pg::CatalogIndex &index)
{
    if (!index.is_valid)
        return Attention{tr("invalid"),
                         tr("Building it failed or goes on. Writes keep it up to date, no query may use it. REINDEX or drop it."),
                         Tone::Bad};
    const bool enforces = index.is_primary || index.is_unique ||
                          std::any_of(relation.constraints.begin(), relation.constraints.end(), [&](const auto &constraint) {
                              return constraint.type == 'x' && constraint.name == index.name;
                          });
    if (index.scans == 0 && !enforces && relation.kind != 'p' && index.size_bytes >= small_index)
        return Attention{tr("unused"),
                         tr("No scan since the statistics were reset. Standbys count their own scans: look there before "
                            "dropping it."),
                         Tone::Warn};
    return std::nullopt;
}

QString relationKind(char relkind)
{
    switch (relkind) {
    case 'v': return QStringLiteral("view");
    case 'm': return QStringLiteral("materialized view");
    case 'f': return QStringLiteral("foreign table");
    case 'S': return QStringLiteral("sequence");
    default: return QStringLiteral("table");
    }
}

QString shortType(const std::string &type)
{
    QString name = text(type);
    if (name.startsWith(QLatin1Char('"')))
        return name;
    static const std::pair<QLatin1StringView, QLatin1StringView> aliases[] = {
        {QLatin1StringView("character varying"), QLatin1StringView("varchar")},
        {QLatin1StringView("double precision"), QLatin1StringView("float8")},
        {QLatin1StringView("bit varying"), QLatin1StringView("varbit")},
        {QLatin1StringView("character"), QLatin1StringView("char")},
    };
    for (const QLatin1StringView clock : {QLatin1StringView("timestamp"), QLatin1StringView("time")}) {
        if (!name.startsWith(clock))
            continue;
        if (name.contains(QLatin1StringView(" with time zone"))) {
            name.remove(QLatin1StringView(" with time zone"));
            name.insert(clock.size(), QLatin1StringView("tz"));
        }
        return name.remove(QLatin1StringView(" without time zone"));
    }
    for (const auto &[from, to] : aliases) {
        if (name.startsWith(from))
            return to + name.mid(from.size());
    }
    return name;
}

QString nameOf(const CatalogOutline &outline, const ObjectNode &node)
{
    const pg::Catalog &catalog = outline.catalog();
    switch (node.kind) {
    case NodeKind::Database: return outline.database();
    case NodeKind::Schema: return text(catalog.schemas[node.index].name);
    case NodeKind::Group: return groupName(node.group);
    case NodeKind::Relation: return text(catalog.relations[node.index].name);
    case NodeKind::Column: return text(catalog.relations[node.index].columns[node.item].name);
    case NodeKind::Index: return text(catalog.relations[node.index].indexes[node.item].name);
    case NodeKind::Constraint: return text(catalog.relations[node.index].constraints[node.item].name);
    case NodeKind::Function: return text(catalog.functions[node.index].name);
    case NodeKind::Extension: return text(catalog.extensions[node.index].name);
    }
    return {};
}

ObjectFace faceOf(const CatalogOutline &outline, const ObjectNode &node)
{
    const pg::Catalog &catalog = outline.catalog();
    ObjectFace face;
    face.name = nameOf(outline, node);
    switch (node.kind) {
    case NodeKind::Database:
        face.icon = QStringLiteral("database");
        face.right = text(human::bytes(catalog.database_bytes));
        break;
    case NodeKind::Schema: {
        face.icon = QStringLiteral("schema");
        const SchemaOutline *schema = outline.schema(catalog.schemas[node.index].name);
        if (schema != nullptr && schema->bytes > 0)
            face.right = text(human::bytes(schema->bytes));
        else if (schema != nullptr && std::all_of(schema->members.begin(), schema->members.end(), [](const auto &m) { return m.empty(); }))
            face.right = tr("empty");
        break;
    }
    case NodeKind::Group: face.right = count(groupSize(outline, node)); break;
    case NodeKind::Relation: describeRelation(face, outline, node); break;
    case NodeKind::Column: describeColumn(face, outline, node); break;
    case NodeKind::Index: describeIndex(face, outline, node); break;
    case NodeKind::Constraint: describeConstraint(face, outline, node); break;
    case NodeKind::Function: {
        const pg::CatalogFunction &function = catalog.functions[node.index];
        face.icon = function.kind == 'p' ? QStringLiteral("procedure") : QStringLiteral("function");
        face.suffix = QStringLiteral("(%1)").arg(text(function.arguments));
        if (node.found)
            face.right = text(function.schema);
        else if (function.kind == 'a')
            face.right = tr("aggregate");
        else if (function.kind == 'w')
            face.right = tr("window");
        break;
    }
    case NodeKind::Extension:
        face.icon = QStringLiteral("extension");
        face.right = text(catalog.extensions[node.index].version);
        break;
    }
    return face;
}

CatalogObject catalogObject(const CatalogOutline &outline, const ObjectNode &node)
{
    const pg::Catalog &catalog = outline.catalog();
    const auto schemaObject = [&](std::uint32_t at) {
        return CatalogObject{QStringLiteral("schema"), {}, text(catalog.schemas[at].name), catalog.schemas[at].oid};
    };
    const auto relationObject = [&](std::uint32_t at) {
        const pg::CatalogRelation &relation = catalog.relations[at];
        return CatalogObject{relationKind(relation.kind), text(relation.schema), text(relation.name), relation.oid};
    };
    switch (node.kind) {
    case NodeKind::Schema: return schemaObject(node.index);
    case NodeKind::Relation: return relationObject(node.index);
    case NodeKind::Group:
        if (node.group < NodeGroup::Extensions)
            return schemaObject(node.index);
        if (node.group > NodeGroup::Extensions)
            return relationObject(node.index);
        break;
    case NodeKind::Column:
    case NodeKind::Constraint: {
        const pg::CatalogRelation &relation = catalog.relations[node.index];
        return {node.kind == NodeKind::Column ? QStringLiteral("column") : QStringLiteral("constraint"), text(relation.schema),
                nameOf(outline, node), relation.oid};
    }
    case NodeKind::Index: {
        const pg::CatalogRelation &relation = catalog.relations[node.index];
        return {QStringLiteral("index"), text(relation.schema), nameOf(outline, node), relation.indexes[node.item].oid};
    }
    case NodeKind::Function: {
        const pg::CatalogFunction &function = catalog.functions[node.index];
        return {QStringLiteral("function"), text(function.schema), text(function.name), function.oid};
    }
    case NodeKind::Extension: {
        const pg::CatalogExtension &extension = catalog.extensions[node.index];
        return {QStringLiteral("extension"), text(extension.schema), text(extension.name), 0};
    }
    case NodeKind::Database: break;
    }
    return {QStringLiteral("database"), {}, outline.database(), 0};
}

} // namespace howdah::ui
