// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/index/index_tool.h"

#include <QAction>

#include "plugins/index/health_tab.h"
#include "plugins/index/index_page.h"
#include "ui/base/palette.h"

namespace howdah::index_tool {

using namespace howdah::ui;

namespace {

const QString tool_id = QStringLiteral("index");

} // namespace

ToolInfo IndexTool::info() const
{
    return {tool_id, tr("Indexes"), tr("See which indexes work, which only cost, and which are missing"), QStringLiteral("index"), 30};
}

void IndexTool::initialize(ToolContext &context)
{
    context_ = &context;
    context.registerAction({QStringLiteral("index.health"), tr("Index health"),
                            tr("Unused, redundant, invalid, bloated and missing indexes of this database"), QStringLiteral("index"), {},
                            QStringLiteral("tools"), false, [this] { return context_->isConnected(); }},
                           [this] { open(QStringLiteral("health")); });
}

QWidget *IndexTool::createPage(const CatalogObject *, QWidget *parent)
{
    auto *page = new IndexPage(context_, parent);
    page->addTab(QStringLiteral("health"), tr("Health"), tr("What the indexes that are there cost, and what they are used for"),
                 new HealthTab(context_));
    page_ = page;
    return page;
}

IndexPage *IndexTool::open(const QString &tab)
{
    if (page_.isNull())
        createPage(nullptr, nullptr);
    IndexPage *page = page_;
    const ToolInfo tool = info();
    context_->openPage(tool_id, tool.name, tool.icon, page);
    if (!tab.isEmpty())
        page->showTab(tab);
    return page;
}

QList<QAction *> IndexTool::objectActions(const CatalogObject &object, QObject *parent)
{
    static const QStringList indexed{QStringLiteral("table"), QStringLiteral("partitioned table"), QStringLiteral("materialized view")};
    if (!indexed.contains(object.kind))
        return {};
    auto *action = new QAction(icon(QStringLiteral("index")), tr("Indexes…"), parent);
    action->setToolTip(tr("Shows how the indexes of %1 do").arg(object.name));
    connect(action, &QAction::triggered, this,
            [this, object] { open(QStringLiteral("health"))->setRelation(object.schema, object.name); });
    return {action};
}

} // namespace howdah::index_tool
