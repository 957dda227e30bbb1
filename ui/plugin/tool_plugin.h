// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArray>
#include <QList>
#include <QString>
#include <QtPlugin>

class QAction;
class QWidget;

namespace howdah::ui {

class ToolContext;
struct CatalogObject;

/// What the rail and the palette show of a tool.
struct ToolInfo {
    QString id;           ///< "plan", "index" …; also the prefix of its action ids
    QString name;         ///< on the rail: one short word
    QString description;  ///< tooltip: one sentence that teaches
    QString icon;         ///< file name in resources/icons without ".svg"
    int order = 100;      ///< place on the rail, smaller is higher
};

/// A tool: one core subject turned into pages, panes, actions and wizards. Built as a Qt plugin, found at
/// start-up, initialised after the first paint. A tool that fails is reported and left out; it never takes the
/// window down.
class ToolPlugin
{
public:
    virtual ~ToolPlugin() = default;
    [[nodiscard]] virtual ToolInfo info() const = 0;
    /// Once, on the GUI thread. Registers actions with the context; `context` outlives the plugin.
    virtual void initialize(ToolContext &context) = 0;
    /// The tool's own page about the object selected in the browser (null: none); the shell puts it in a tab.
    [[nodiscard]] virtual QWidget *createPage(const CatalogObject *object, QWidget *parent) = 0;
    /// Entries for the object's context menu, owned by `parent`; empty when the tool has nothing to offer for it.
    [[nodiscard]] virtual QList<QAction *> objectActions(const CatalogObject &object, QObject *parent) = 0;
    /// A file that was opened or dropped, with its first few kilobytes: true when the tool has taken it.
    [[nodiscard]] virtual bool openFile(const QString &path, const QByteArray &head)
    {
        Q_UNUSED(path)
        Q_UNUSED(head)
        return false;
    }
};

} // namespace howdah::ui

#define HOWDAH_TOOL_PLUGIN_IID "org.howdah.ToolPlugin/1"
Q_DECLARE_INTERFACE(howdah::ui::ToolPlugin, HOWDAH_TOOL_PLUGIN_IID)
