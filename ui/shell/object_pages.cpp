// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/object_pages.h"

#include <QCoreApplication>
#include <QMenu>

#include "ui/base/palette.h"
#include "ui/er/er_page.h"
#include "ui/shell/document_tabs.h"
#include "ui/shell/link.h"
#include "ui/shell/main_window.h"
#include "ui/shell/pages.h"
#include "ui/shell/window_actions.h"

namespace howdah::ui {

namespace {

QString tr(const char *words)
{
    return QCoreApplication::translate("howdah::ui::ObjectPages", words);
}

} // namespace

std::optional<ddl::ObjectRef> objectRef(const CatalogObject &object)
{
    if (object.oid == 0 || object.kind == QStringLiteral("database"))
        return std::nullopt;
    ddl::ObjectRef ref;
    ref.oid = object.oid;
    if (object.kind == QStringLiteral("schema"))
        ref.catalog = "pg_namespace";
    else if (object.kind == QStringLiteral("function") || object.kind == QStringLiteral("procedure") || object.kind == QStringLiteral("aggregate"))
        ref.catalog = "pg_proc";
    else if (object.kind == QStringLiteral("extension"))
        ref.catalog = "pg_extension";
    else
        ref.catalog = "pg_class"; // a column and a constraint stand for their table
    if (object.kind == QStringLiteral("index"))
        ref.kind = "index";
    return ref;
}

ObjectPage *openObjectPage(MainWindow &window, const ddl::ObjectRef &object, std::optional<ObjectPage::Section> section)
{
    const auto link = window.currentLink();
    if (!link || link->state() != Link::State::Open)
        return nullptr;
    const QString id = QStringLiteral("object:%1:%2:%3").arg(link->target(), QString::fromStdString(object.catalog)).arg(object.oid);
    auto *page = qobject_cast<ObjectPage *>(window.pages()->tool(id));
    if (page == nullptr) {
        page = new ObjectPage(link->metadataSession(), object);
        MainWindow *owner = &window;
        QObject::connect(page, &ObjectPage::objectChosen, owner, [owner](const ddl::ObjectRef &chosen) { openObjectPage(*owner, chosen); });
        QObject::connect(page, &ObjectPage::sqlRequested, owner, [owner](const QString &title, const QString &sql) { owner->newSqlPage(title, sql); });
        QObject::connect(page, &ObjectPage::dataRequested, owner, [owner](const QString &schema, const QString &name) {
            openRelation(*owner, CatalogObject{QStringLiteral("table"), schema, name, 0});
        });
        QObject::connect(page, &ObjectPage::diagramRequested, owner, [owner](quint32 oid) { openDiagram(*owner, {}, oid); });
        QObject::connect(page, &ObjectPage::titleChanged, owner, [owner, page](const QString &title) {
            auto *tabs = owner->findChild<DocumentTabs *>();
            if (const int at = tabs->indexOf(page); at >= 0)
                tabs->setTabText(at, title);
        });
        window.pages()->openTool(id, page->title(), QStringLiteral("table"), page);
    } else {
        window.pages()->show(page);
    }
    if (section)
        page->showSection(*section);
    return page;
}

void openDiagram(MainWindow &window, const QString &schema, quint32 relation_oid)
{
    const auto link = window.currentLink();
    const auto catalog = link ? link->catalog() : nullptr;
    if (!catalog)
        return;
    const pg::CatalogRelation *relation = catalog->find(relation_oid);
    const QString title = relation != nullptr ? QString::fromStdString(relation->name) : schema;
    ErPage::Make make = [schema = schema.toStdString(), relation_oid](const pg::Catalog &of) {
        return relation_oid != 0 ? er::diagramAround(of, relation_oid) : er::diagramOfSchema(of, schema);
    };
    auto *page = new ErPage(title, catalog, std::move(make));
    MainWindow *owner = &window;
    QObject::connect(page, &ErPage::opened, owner, [owner](quint32 oid) { openObjectPage(*owner, {"pg_class", oid, {}, {}}); });
    window.pages()->openTool(QStringLiteral("diagram:%1:%2:%3").arg(link->target(), schema).arg(relation_oid), title, QStringLiteral("foreign-key"), page);
}

void addObjectEntries(MainWindow &window, const CatalogObject &object, QMenu *menu)
{
    const auto ref = objectRef(object);
    if (!ref)
        return;
    MainWindow *owner = &window;
    const auto entry = [&](const char *icon_name, const QString &label, std::optional<ObjectPage::Section> section) {
        menu->addAction(icon(QLatin1String(icon_name)), label, owner, [owner, ref, section] { openObjectPage(*owner, *ref, section); });
    };
    entry("info", tr("Properties"), std::nullopt);
    entry("sql", tr("Show DDL"), ObjectPage::Section::Definition);
    entry("external", tr("Dependencies"), ObjectPage::Section::Dependencies);
    const bool schema = object.kind == QStringLiteral("schema");
    if (schema || object.kind.contains(QStringLiteral("table"))) {
        menu->addAction(icon(QStringLiteral("foreign-key")), tr("Diagram"), owner,
                        [owner, schema, object] { openDiagram(*owner, schema ? object.name : QString(), schema ? 0 : object.oid); });
    }
}

} // namespace howdah::ui
