// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/partition/partition_tool.h"

#include <QAction>

#include "core/sql/quote.h"
#include "plugins/partition/partition_page.h"
#include "ui/base/palette.h"

namespace howdah::partition_tool {

using namespace howdah::ui;

namespace {

const QString tool_id = QStringLiteral("partition");

QString nameOf(const CatalogObject &object)
{
    return QString::fromStdString(sql::quoteQualified(object.schema.toStdString(), object.name.toStdString()));
}

} // namespace

ToolInfo PartitionTool::info() const
{
    return {tool_id, tr("Partitions"), tr("See, keep and make partitioned tables"), QStringLiteral("partition"), 40};
}

void PartitionTool::initialize(ToolContext &context)
{
    context_ = &context;
    const QString menu = QStringLiteral("tools");
    const auto shown = [this] { return !page_.isNull() && page_->isVisible() && page_->hasScheme(); };
    const auto writable = [this, shown] { return shown() && !context_->isReadOnly(); };
    context.registerAction({QStringLiteral("partition.open"), tr("Partitions"), tr("Partitioned tables of this database: gaps, sizes, what runs out"), QStringLiteral("partition"), {}, menu, false,
                            [this] { return context_->isConnected(); }},
                           [this] { open(); });
    context.registerAction({QStringLiteral("partition.next"), tr("Make the next partitions…"), tr("Makes what is missing ahead of now; shows the script first"), QStringLiteral("plus"), {}, menu, false, writable},
                           [this] { page_->makeNext(); });
    context.registerAction({QStringLiteral("partition.drain"), tr("Drain the default partition…"), tr("Moves its rows into partitions of their own; shows the script first"), QStringLiteral("partition"), {}, menu, false, writable},
                           [this] { page_->drainDefault(); });
    context.registerAction({QStringLiteral("partition.retention"), tr("Retention of partitions…"), tr("Detaches or drops partitions by their age; shows the script first"), QStringLiteral("clock"), {}, menu, false, writable},
                           [this] { page_->askRetention(); });
    context.registerAction({QStringLiteral("partition.partman"), tr("pg_partman and schedule…"), tr("Settings of pg_partman for this table, its maintenance, and what runs it"), QStringLiteral("clock"), {}, menu, false, shown},
                           [this] { page_->askPartman(); });
    context.registerAction({QStringLiteral("partition.create"), tr("New partitioned table…"), tr("Makes a table in partitions; shows the script first"), QStringLiteral("plus"), {}, menu, false,
                            [this] { return context_->isConnected() && !context_->isReadOnly(); }},
                           [this] { open()->askNewTable(); });
    context.registerAction({QStringLiteral("partition.convert"), tr("Convert a table to partitions…"), tr("Partitions a plain table while it is written to"), QStringLiteral("partitioned-table"), {}, menu, false,
                            [this] { return context_->isConnected() && !context_->isReadOnly(); }},
                           [this] { open()->askConversion(); });
}

QWidget *PartitionTool::createPage(const CatalogObject *object, QWidget *parent)
{
    auto *page = new PartitionPage(context_, parent);
    if (object != nullptr)
        page->showTable(nameOf(*object));
    page_ = page;
    return page;
}

PartitionPage *PartitionTool::open()
{
    if (page_.isNull())
        createPage(nullptr, nullptr);
    PartitionPage *page = page_;
    const ToolInfo tool = info();
    context_->openPage(tool_id, tool.name, tool.icon, page);
    return page;
}

QList<QAction *> PartitionTool::objectActions(const CatalogObject &object, QObject *parent)
{
    QList<QAction *> actions;
    if (object.kind == QStringLiteral("partitioned table")) {
        auto *action = new QAction(icon(QStringLiteral("partition")), tr("Partitions…"), parent);
        action->setToolTip(tr("Shows the partitions of %1 and what is wrong with them").arg(object.name));
        connect(action, &QAction::triggered, this, [this, object] { open()->showTable(nameOf(object)); });
        actions << action;
    } else if (object.kind == QStringLiteral("table") && context_->isConnected() && !context_->isReadOnly()) {
        auto *action = new QAction(icon(QStringLiteral("partitioned-table")), tr("Convert to partitions…"), parent);
        action->setToolTip(tr("Partitions %1 while it is written to").arg(object.name));
        connect(action, &QAction::triggered, this, [this, object] { open()->askConversion(nameOf(object)); });
        actions << action;
    }
    return actions;
}

} // namespace howdah::partition_tool
