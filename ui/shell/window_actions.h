// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QCoreApplication>
#include <QString>

class QMenu;

namespace howdah::ui {

class MainWindow;
struct CatalogObject;

/// Every action of the window itself; tools add theirs through ToolContext.
class WindowActions
{
    Q_DECLARE_TR_FUNCTIONS(howdah::ui::WindowActions)
public:
    static void addAll(MainWindow &window);
    /// The menus as views of the registry; again after tools have come.
    static void fillMenus(MainWindow &window);

private:
    static void addFile(MainWindow &w);
    static void addEdit(MainWindow &w);
    static void addQuery(MainWindow &w);
    static void addView(MainWindow &w);
    static void addHelp(MainWindow &w);
    static void openFiles(MainWindow &window);
};

// What the browser asks for.
void insertIntoEditor(MainWindow &window, const QString &text);
void openRelation(MainWindow &window, const CatalogObject &object);
void addToolEntries(MainWindow &window, const CatalogObject &object, QMenu *menu);

/// True when a tool has taken the file.
[[nodiscard]] bool openWithTool(MainWindow &window, const QString &path);

} // namespace howdah::ui
