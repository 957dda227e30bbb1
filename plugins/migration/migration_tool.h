// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>
#include <QPointer>

#include "ui/plugin/tool_context.h"
#include "ui/plugin/tool_plugin.h"

namespace howdah::migration_tool {

class MigrationPage;

/// From the change that somebody wants to the steps that keep nobody waiting, and their run.
class MigrationTool : public QObject, public ui::ToolPlugin
{
    Q_OBJECT
    Q_PLUGIN_METADATA(IID HOWDAH_TOOL_PLUGIN_IID FILE "migration.json")
    Q_INTERFACES(howdah::ui::ToolPlugin)
public:
    [[nodiscard]] ui::ToolInfo info() const override;
    void initialize(ui::ToolContext &context) override;
    [[nodiscard]] QWidget *createPage(const ui::CatalogObject *object, QWidget *parent) override;
    [[nodiscard]] QList<QAction *> objectActions(const ui::CatalogObject &object, QObject *parent) override;

private:
    void open(const ui::CatalogObject *object);

    ui::ToolContext *context_ = nullptr;
    QPointer<MigrationPage> page_; ///< while it is open
};

} // namespace howdah::migration_tool
