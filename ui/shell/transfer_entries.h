// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/plugin/tool_context.h"

class QMenu;

namespace howdah::ui {

class MainWindow;
class SqlPage;

/// Export and import in the menu of a table, a view or a schema.
void addTransferEntries(MainWindow &window, const CatalogObject &object, QMenu *menu);
/// Exports the result in front, or runs the statement again straight to a file.
void exportResult(SqlPage &page);
void importFile(MainWindow &window, const QString &table);

} // namespace howdah::ui
