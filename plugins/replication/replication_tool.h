// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>
#include <QPointer>

#include "plugins/replication/setup_page.h"
#include "ui/plugin/tool_context.h"
#include "ui/plugin/tool_plugin.h"

namespace howdah::replication_tool {

class ReplicationPage;

/// Who replicates from whom, what is wrong with it, and the set-ups.
class ReplicationTool : public QObject, public ui::ToolPlugin
{
    Q_OBJECT
    Q_PLUGIN_METADATA(IID HOWDAH_TOOL_PLUGIN_IID FILE "replication.json")
    Q_INTERFACES(howdah::ui::ToolPlugin)
public:
    [[nodiscard]] ui::ToolInfo info() const override;
    void initialize(ui::ToolContext &context) override;
    [[nodiscard]] QWidget *createPage(const ui::CatalogObject *object, QWidget *parent) override;
    [[nodiscard]] QList<QAction *> objectActions(const ui::CatalogObject &object, QObject *parent) override;

private:
    void open();
    void openSetup(SetupKind kind, const QMap<QString, QString> &values = {});

    ui::ToolContext *context_ = nullptr;
    QPointer<ReplicationPage> page_; ///< while it is open
};

} // namespace howdah::replication_tool
