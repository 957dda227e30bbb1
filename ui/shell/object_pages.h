// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/ddl/object_ref.h"
#include "ui/object/object_page.h"

class QMenu;

namespace howdah::ui {

class MainWindow;
struct CatalogObject;

/// The page of the object, new or the one that is open already; null without a connection.
ObjectPage *openObjectPage(MainWindow &window, const ddl::ObjectRef &object, std::optional<ObjectPage::Section> section = {});
/// What the browser's object is in the server's catalog; nothing for a database.
[[nodiscard]] std::optional<ddl::ObjectRef> objectRef(const CatalogObject &object);
/// The diagram of a schema (by name), or of a relation (by OID) with its neighbours.
void openDiagram(MainWindow &window, const QString &schema, quint32 relation_oid = 0);
/// "Properties", "Show DDL", "Dependencies" of the object's menu.
void addObjectEntries(MainWindow &window, const CatalogObject &object, QMenu *menu);

} // namespace howdah::ui
