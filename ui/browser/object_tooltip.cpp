// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/browser/object_tooltip.h"

#include <cmath>

#include <QCoreApplication>

#include "core/base/human.h"
#include "ui/browser/object_face.h"

namespace howdah::ui {

namespace {

QString tr(const char *source)
{
    return QCoreApplication::translate("howdah::ui::ObjectBrowser", source);
}

QString text(const std::string &utf8)
{
    return QString::fromStdString(utf8);
}

QString bytes(std::int64_t size)
{
    return text(human::bytes(size));
}

/// "2026-11-25 03:05:59.12+00" without what nobody reads.
QString moment(const std::string &timestamp)
{
    return text(timestamp.substr(0, 16));
}

/// A title over rows of "name: value", and sentences below.
class Note
{
public:
    explicit Note(const QString &title, const QString &kind = {})
    {
        html_ = QStringLiteral("<b>%1</b>").arg(title.toHtmlEscaped());
        if (!kind.isEmpty())
            html_ += QStringLiteral(" · ") + kind.toHtmlEscaped();
    }
    Note &row(const QString &name, const QString &value)
    {
        if (!value.isEmpty())
            rows_ += QStringLiteral("<tr><td>%1&nbsp;&nbsp;</td><td>%2</td></tr>").arg(name.toHtmlEscaped(), value.toHtmlEscaped());
        return *this;
    }
    Note &sentence(const QString &value)
    {
        if (!value.isEmpty())
            sentences_ += QStringLiteral("<p style='margin:4px 0 0 0'>%1</p>").arg(value.toHtmlEscaped());
        return *this;
    }
    [[nodiscard]] QString html() const
    {
        return html_ + (rows_.isEmpty() ? QString() : QStringLiteral("<table cellspacing='0' cellpadding='1'>%1</table>").arg(rows_)) +
               sentences_;
    }

private:
    QString html_, rows_, sentences_;
};

QString relationNote(const CatalogOutline &outline, const ObjectNode &node)
{
    const pg::CatalogRelation &relation = outline.catalog().relations[node.index];
    const std::size_t parts = outline.partitions(node.index).size();
    Note note(QStringLiteral("%1.%2").arg(text(relation.schema), text(relation.name)),
              relation.kind == 'p' ? tr("partitioned table") : relationKind(relation.kind));
    note.row(tr("Owner"), text(relation.owner));
    if (relation.kind == 'r' || relation.kind == 'm' || relation.kind == 'p') {
        note.row(tr("Rows"), relation.estimated_rows < 0
                                 ? tr("not known")
                                 : QStringLiteral("~") + text(human::count(std::llround(relation.estimated_rows))));
        if (relation.kind != 'p') {
            note.row(tr("Table"), bytes(relation.size_bytes));
            if (!relation.indexes.empty())
                note.row(tr("Indexes"), bytes(relation.index_bytes));
        } else {
            note.row(tr("Size"), tr("%1 in %2 partitions").arg(bytes(outline.totalBytes(node.index))).arg(parts));
        }
        note.row(tr("Analysed"), relation.last_analyze ? moment(*relation.last_analyze) : tr("never, or before statistics were reset"));
        if (relation.last_vacuum)
            note.row(tr("Vacuumed"), moment(*relation.last_vacuum));
    }
    note.row(tr("Partition by"), text(relation.partition_key));
    note.row(tr("Bounds"), text(relation.partition_bound));
    if (const auto attention = attentionFor(relation))
        note.sentence(attention->sentence);
    return note.sentence(text(relation.comment)).html();
}

QString columnNote(const CatalogOutline &outline, const ObjectNode &node)
{
    const pg::CatalogRelation &relation = outline.catalog().relations[node.index];
    const pg::CatalogColumn &column = relation.columns[node.item];
    Note note(text(column.name), text(column.type));
    note.row(tr("Null"), column.not_null ? tr("not allowed") : tr("allowed"));
    if (column.is_identity)
        note.row(tr("Identity"), tr("the server numbers new rows"));
    note.row(column.is_generated ? tr("Generated as") : tr("Default"), text(column.default_expr));
    for (const pg::CatalogConstraint &constraint : relation.constraints) {
        if (constraint.type == 'n')
            continue;
        for (const std::int16_t attnum : constraint.columns) {
            if (attnum == column.attnum)
                note.row(text(constraint.name), text(constraint.definition));
        }
    }
    return note.sentence(text(column.comment)).html();
}

QString indexNote(const CatalogOutline &outline, const ObjectNode &node)
{
    const pg::CatalogRelation &relation = outline.catalog().relations[node.index];
    const pg::CatalogIndex &index = relation.indexes[node.item];
    Note note(text(index.name), tr("%1 index").arg(text(index.access_method)));
    note.row(tr("Size"), bytes(index.size_bytes)).row(tr("Scans"), text(human::count(index.scans)));
    if (index.is_primary || index.is_unique)
        note.row(tr("Enforces"), index.is_primary ? tr("the primary key") : tr("uniqueness"));
    if (const auto attention = attentionFor(relation, index))
        note.sentence(attention->sentence);
    return note.sentence(text(index.definition)).html();
}

QString constraintNote(const CatalogOutline &outline, const ObjectNode &node)
{
    const pg::CatalogConstraint &constraint = outline.catalog().relations[node.index].constraints[node.item];
    Note note(text(constraint.name), tr("constraint"));
    note.sentence(text(constraint.definition));
    if (!constraint.validated)
        note.sentence(tr("Not valid: rows from before it was added were never checked. ALTER TABLE … VALIDATE CONSTRAINT "
                         "checks them without blocking writes."));
    return note.html();
}

QString functionNote(const pg::CatalogFunction &function)
{
    const QString kind = function.kind == 'p'   ? tr("procedure")
                         : function.kind == 'a' ? tr("aggregate function")
                         : function.kind == 'w' ? tr("window function")
                                                : tr("function");
    Note note(QStringLiteral("%1.%2").arg(text(function.schema), text(function.name)), kind);
    note.row(tr("Arguments"), text(function.arguments)).row(tr("Returns"), text(function.result));
    return note.row(tr("Language"), text(function.language)).sentence(text(function.comment)).html();
}

} // namespace

QString tooltipOf(const CatalogOutline &outline, const ObjectNode &node)
{
    const pg::Catalog &catalog = outline.catalog();
    switch (node.kind) {
    case NodeKind::Database:
        return Note(outline.database(), tr("database"))
            .row(tr("Size"), bytes(catalog.database_bytes))
            .row(tr("Read in"), text(human::duration(catalog.read_ms)))
            .html();
    case NodeKind::Schema: {
        const pg::CatalogSchema &schema = catalog.schemas[node.index];
        Note note(text(schema.name), schema.is_system ? tr("system schema") : tr("schema"));
        note.row(tr("Owner"), text(schema.owner));
        if (const SchemaOutline *members = outline.schema(schema.name))
            note.row(tr("Size"), bytes(members->bytes));
        return note.html();
    }
    case NodeKind::Group: return {};
    case NodeKind::Relation: return relationNote(outline, node);
    case NodeKind::Column: return columnNote(outline, node);
    case NodeKind::Index: return indexNote(outline, node);
    case NodeKind::Constraint: return constraintNote(outline, node);
    case NodeKind::Function: return functionNote(catalog.functions[node.index]);
    case NodeKind::Extension: {
        const pg::CatalogExtension &extension = catalog.extensions[node.index];
        return Note(text(extension.name), tr("extension"))
            .row(tr("Version"), text(extension.version))
            .row(tr("Schema"), text(extension.schema))
            .html();
    }
    }
    return {};
}

} // namespace howdah::ui
