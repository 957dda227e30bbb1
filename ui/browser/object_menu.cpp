// SPDX-License-Identifier: GPL-3.0-or-later
#include <QClipboard>
#include <QGuiApplication>
#include <QMenu>

#include "ui/base/palette.h"
#include "ui/browser/object_browser.h"
#include "ui/browser/object_face.h"
#include "ui/browser/object_model.h"
#include "ui/browser/object_sql.h"
#include "ui/browser/object_tree.h"

// The context menu of an object. Entries carry their text with them, so that a refresh behind an open menu does no harm.

namespace howdah::ui {

namespace {

constexpr int first_rows = 500;

QString text(const std::string &utf8)
{
    return QString::fromStdString(utf8);
}

void copy(const QString &what)
{
    QGuiApplication::clipboard()->setText(what);
}

} // namespace

void ObjectBrowser::showMenu(ObjectTree *tree, const QModelIndex &index, const QPoint &global)
{
    const ObjectNode &node = *tree->objects()->node(index);
    const CatalogOutline &outline = *tree->objects()->outline(); // matches may be of the snapshot before
    const CatalogObject object = *tree->objects()->object(index);
    auto *menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    menu->setToolTipsVisible(true);
    if (node.kind == NodeKind::Relation)
        addRelationEntries(menu, outline, node);
    addDefinitionEntries(menu, outline, node);
    menu->addSeparator();
    if (node.kind != NodeKind::Group)
        addNameEntries(menu, outline, node);
    menu->addAction(icon(QStringLiteral("refresh")), tr("Refresh"), this, &ObjectBrowser::refreshRequested);
    menu->addSeparator();
    Q_EMIT menuRequested(object, menu);
    menu->popup(global);
}

void ObjectBrowser::addRelationEntries(QMenu *menu, const CatalogOutline &outline, const ObjectNode &node)
{
    const pg::CatalogRelation &relation = outline.catalog().relations[node.index];
    const QString name = text(relation.name);
    const auto offer = [&](const QString &icon_name, const QString &label, const std::string &sql) {
        menu->addAction(icon(icon_name), label, this, [this, name, sql = text(sql)] { Q_EMIT sqlRequested(name, sql); });
    };
    offer(QStringLiteral("table"), tr("Select first %1 rows").arg(first_rows), selectRows(outline, relation, first_rows));
    if (!relation.columns.empty())
        offer(QStringLiteral("column"), tr("Select with all columns"), selectColumns(outline, relation, first_rows));
    if (relation.kind != 'S' && relation.kind != 'm')
        offer(QStringLiteral("plus"), tr("Insert template"), insertTemplate(outline, relation));
    if (const pg::CatalogRelation *parent = outline.parent(relation)) {
        menu->addAction(icon(QStringLiteral("partitioned-table")), tr("Go to %1").arg(text(parent->name)), this,
                        [this, oid = parent->oid] { reveal(oid); });
    }
    if (node.found)
        menu->addAction(tr("Show in the tree"), this, [this, oid = relation.oid] { reveal(oid); });
}

void ObjectBrowser::addDefinitionEntries(QMenu *menu, const CatalogOutline &outline, const ObjectNode &node)
{
    const QString name = nameOf(outline, node);
    if (const QString made = text(definition(outline, node)); !made.isEmpty()) {
        menu->addAction(icon(QStringLiteral("sql")), tr("Open definition"), this, [this, name, made] { Q_EMIT sqlRequested(name, made); });
        menu->addAction(icon(QStringLiteral("copy")), tr("Copy definition"), this, [made] { copy(made); });
    } else if (const QString query = text(definitionQuery(outline, node)); !query.isEmpty()) {
        QAction *ask = menu->addAction(icon(QStringLiteral("sql")), tr("Query its definition"), this,
                                       [this, name, query] { Q_EMIT sqlRequested(name, query); });
        ask->setToolTip(tr("Opens a query in which the server writes the definition"));
    }
    if (node.kind != NodeKind::Relation && node.found && node.kind != NodeKind::Function && node.kind != NodeKind::Schema) {
        const std::uint32_t oid = outline.catalog().relations[node.index].oid;
        menu->addAction(tr("Show its table in the tree"), this, [this, oid] { reveal(oid); });
    }
}

void ObjectBrowser::addNameEntries(QMenu *menu, const CatalogOutline &outline, const ObjectNode &node)
{
    const QString name = text(nameInSql(outline, node));
    const QString qualified = text(qualifiedName(outline, node));
    menu->addAction(icon(QStringLiteral("edit")), tr("Insert name into the editor"), this,
                    [this, name] { Q_EMIT insertRequested(name); });
    menu->addAction(icon(QStringLiteral("copy")), tr("Copy name"), QKeySequence::Copy, this, [name] { copy(name); });
    if (qualified != name)
        menu->addAction(tr("Copy qualified name"), this, [qualified] { copy(qualified); });
    menu->addSeparator();
}

} // namespace howdah::ui
