// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/activity/activity_tool.h"

#include <QAction>

#include "plugins/activity/activity_page.h"

namespace howdah::activity_tool {

using namespace howdah::ui;
using activity::Ending;

namespace {

const QString tool_id = QStringLiteral("activity");

} // namespace

ToolInfo ActivityTool::info() const
{
    return {tool_id, tr("Activity"), tr("See what the server does: sessions, who blocks whom, progress, load"), QStringLiteral("activity"), 70};
}

void ActivityTool::initialize(ToolContext &context)
{
    context_ = &context;
    const auto shown = [this] { return !page_.isNull() && page_->isVisible(); };
    const QString menu = QStringLiteral("tools");
    context.registerAction({QStringLiteral("activity.open"), tr("Server activity"),
                            tr("Sessions, locks, progress and load of the server"), QStringLiteral("activity"), {}, menu, false,
                            [this] { return context_->isConnected(); }},
                           [this] { open(); });
    context.registerAction({QStringLiteral("activity.pause"), tr("Pause or go on with activity"),
                            tr("Holds the activity page still to read it"), QStringLiteral("clock"), {}, menu, false, shown},
                           [this] { page_->setPaused(!page_->isPaused()); });
    context.registerAction({QStringLiteral("activity.cancel"), tr("Cancel the statement of the chosen sessions…"),
                            tr("Shows first what follows; the sessions stay"), QStringLiteral("stop"), {}, menu, false,
                            [this] { return !page_.isNull() && page_->canEnd(Ending::Cancel); }},
                           [this] { page_->endSelected(Ending::Cancel); });
    context.registerAction({QStringLiteral("activity.terminate"), tr("Terminate the chosen sessions…"),
                            tr("Shows first what is lost"), QStringLiteral("close"), {}, menu, false,
                            [this] { return !page_.isNull() && page_->canEnd(Ending::Terminate); }},
                           [this] { page_->endSelected(Ending::Terminate); });
    context.registerAction({QStringLiteral("activity.terminate_root"), tr("Terminate the root blocker…"),
                            tr("The session that holds up the most waiters; shows first what is lost"), QStringLiteral("lock"), {}, menu,
                            false, [this] { return !page_.isNull() && page_->hasRoot(); }},
                           [this] { page_->endRoot(); });
}

QWidget *ActivityTool::createPage(const CatalogObject *, QWidget *parent)
{
    auto *page = new ActivityPage(context_, parent);
    page_ = page;
    return page;
}

void ActivityTool::open()
{
    if (page_.isNull())
        createPage(nullptr, nullptr);
    const ToolInfo tool = info();
    context_->openPage(tool_id, tool.name, tool.icon, page_);
}

QList<QAction *> ActivityTool::objectActions(const CatalogObject &, QObject *)
{
    return {};
}

} // namespace howdah::activity_tool
