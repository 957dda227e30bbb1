// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/migration/migration_tool.h"

#include <QAction>

#include "plugins/migration/migration_page.h"
#include "ui/base/palette.h"

namespace howdah::migration_tool {

using namespace howdah::ui;

namespace {

const QString tool_id = QStringLiteral("migration");

} // namespace

ToolInfo MigrationTool::info() const
{
    return {tool_id, tr("Migrate"), tr("Plan a change of tables so that nobody has to wait for it, run it, and go back"), QStringLiteral("migrate"), 50};
}

void MigrationTool::initialize(ToolContext &context)
{
    context_ = &context;
    const QString menu = QStringLiteral("tools");
    context.registerAction({QStringLiteral("migration.open"), tr("Plan a migration"), tr("From DDL to steps that keep nobody waiting"), QStringLiteral("migrate"), {}, menu, false, [this] { return context_->isConnected(); }},
                           [this] { open(nullptr); });
    context.registerAction({QStringLiteral("migration.plan"), tr("Make the plan"), tr("Reads the catalog; changes nothing"), QStringLiteral("run"), {}, menu, false, [this] { return !page_.isNull() && page_->canPlan(); }},
                           [this] { page_->makePlan(); });
}

QWidget *MigrationTool::createPage(const CatalogObject *object, QWidget *parent)
{
    auto *page = new MigrationPage(context_, parent);
    page_ = page;
    if (object != nullptr)
        page->chooseTable(*object);
    return page;
}

void MigrationTool::open(const CatalogObject *object)
{
    if (page_.isNull())
        createPage(object, nullptr);
    else if (object != nullptr)
        page_->chooseTable(*object);
    const ToolInfo tool = info();
    context_->openPage(tool_id, tool.name, tool.icon, page_);
}

QList<QAction *> MigrationTool::objectActions(const CatalogObject &object, QObject *parent)
{
    if (object.kind != QStringLiteral("table"))
        return {};
    auto *action = new QAction(icon(QStringLiteral("migrate")), tr("Change it without an outage…"), parent);
    connect(action, &QAction::triggered, this, [this, object] { open(&object); });
    return {action};
}

} // namespace howdah::migration_tool
