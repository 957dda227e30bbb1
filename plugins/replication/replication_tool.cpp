// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/replication/replication_tool.h"

#include <QAction>

#include "plugins/replication/replication_page.h"

namespace howdah::replication_tool {

using namespace howdah::ui;

namespace {

const QString tool_id = QStringLiteral("replication");

} // namespace

ToolInfo ReplicationTool::info() const
{
    return {tool_id, tr("Replic."), tr("See who replicates from whom, from both ends, and set it up with a proof"), QStringLiteral("replication"), 60};
}

void ReplicationTool::initialize(ToolContext &context)
{
    context_ = &context;
    const QString menu = QStringLiteral("tools");
    const auto writes = [this] { return context_->isConnected() && !context_->isReadOnly(); };
    context.registerAction({QStringLiteral("replication.open"), tr("Replication"), tr("Topology, lag, slots, subscriptions and alerts"), QStringLiteral("replication"), {}, menu, false,
                            [this] { return context_->isConnected(); }},
                           [this] { open(); });
    context.registerAction({QStringLiteral("replication.node"), tr("Look at another replication node…"), tr("A standby, a publisher or a subscriber, to see both ends"), QStringLiteral("plus"), {}, menu, false,
                            [this] { return !page_.isNull() && page_->isVisible(); }},
                           [this] { page_->askForNode(); });
    context.registerAction({QStringLiteral("replication.standby"), tr("Add a standby…"), tr("Preflight, copy, start, and a canary read on the standby"), QStringLiteral("replication"), {}, menu, false, writes},
                           [this] { openSetup(SetupKind::Standby); });
    context.registerAction({QStringLiteral("replication.rebuild"), tr("Rebuild a lost standby…"), tr("Copied again in its own folder, which is kept aside until the proof"), QStringLiteral("replication"), {}, menu, false, writes},
                           [this] { openSetup(SetupKind::Rebuild); });
    context.registerAction({QStringLiteral("replication.logical"), tr("Set up logical replication…"), tr("Publication, subscription, initial copy, comparison"), QStringLiteral("replication"), {}, menu, false, writes},
                           [this] { openSetup(SetupKind::Logical); });
    context.registerAction({QStringLiteral("replication.cut_over"), tr("Move over to a subscriber…"), tr("Writes stopped, everything arrived, sequences set, subscription ended"), QStringLiteral("migrate"), {}, menu, false, writes},
                           [this] { openSetup(SetupKind::CutOver); });
}

QWidget *ReplicationTool::createPage(const CatalogObject *, QWidget *parent)
{
    auto *page = new ReplicationPage(context_, parent);
    connect(page, &ReplicationPage::setupRequested, this, &ReplicationTool::openSetup);
    page_ = page;
    return page;
}

void ReplicationTool::open()
{
    if (page_.isNull())
        createPage(nullptr, nullptr);
    context_->openPage(tool_id, tr("Replication"), info().icon, page_);
}

void ReplicationTool::openSetup(SetupKind kind, const QMap<QString, QString> &values)
{
    const QString title = kind == SetupKind::Standby   ? tr("Add a standby")
                          : kind == SetupKind::Rebuild ? tr("Rebuild a standby")
                          : kind == SetupKind::Logical ? tr("Logical replication")
                                                       : tr("Move over");
    auto *page = new SetupPage(kind, context_);
    for (auto value = values.begin(); value != values.end(); ++value)
        page->setValue(value.key(), value.value());
    context_->openPage(tool_id + QStringLiteral(".setup.%1").arg(static_cast<int>(kind)), title, info().icon, page);
}

QList<QAction *> ReplicationTool::objectActions(const CatalogObject &, QObject *)
{
    return {};
}

} // namespace howdah::replication_tool
