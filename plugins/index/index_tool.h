// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QAction>
#include <QObject>
#include <QPointer>

#include "ui/plugin/tool_context.h"
#include "ui/plugin/tool_plugin.h"

namespace howdah::index_tool {

class AdviseTab;
class IndexPage;

/// Which indexes work, which only cost, and which are missing.
class IndexTool : public QObject, public ui::ToolPlugin
{
    Q_OBJECT
    Q_PLUGIN_METADATA(IID HOWDAH_TOOL_PLUGIN_IID FILE "index.json")
    Q_INTERFACES(howdah::ui::ToolPlugin)
public:
    [[nodiscard]] ui::ToolInfo info() const override;
    void initialize(ui::ToolContext &context) override;
    [[nodiscard]] QWidget *createPage(const ui::CatalogObject *object, QWidget *parent) override;
    [[nodiscard]] QList<QAction *> objectActions(const ui::CatalogObject &object, QObject *parent) override;

private:
    /// Brings the page to the front, on that tab ("" leaves it).
    IndexPage *open(const QString &tab);
    AdviseTab *adviseTab(); ///< brought to the front
    void adviseStatement();
    void judge();
    void remind();

    ui::ToolContext *context_ = nullptr;
    QPointer<IndexPage> page_; ///< while it is open
    QPointer<QAction> why_action_;
};

} // namespace howdah::index_tool
