// SPDX-License-Identifier: GPL-3.0-or-later
// What the page does about what it shows: scripts, rebuilds, canaries.
#include <algorithm>

#include <QDialog>
#include <QVBoxLayout>

#include "core/replication/canary_run.h"
#include "core/replication/failing_transaction.h"
#include "plugins/replication/alerts_view.h"
#include "plugins/replication/replication_page.h"
#include "plugins/replication/topology_view.h"
#include "plugins/replication/words.h"
#include "ui/base/banner.h"
#include "ui/base/bridge.h"
#include "ui/change/change_script_dialog.h"

namespace howdah::replication_tool {

using namespace howdah::ui;
using namespace howdah::replication;

/// The script runs where the alert says: on this connection, or on one of the other nodes.
void ReplicationPage::repair(const Alert &alert)
{
    if (!alert.script || context_->isReadOnly() || !monitor_)
        return;
    const auto done = [this](const migration::ChangeOutcome &) {
        if (monitor_)
            monitor_->sampleNow();
    };
    const auto other = std::find_if(others_.begin(), others_.end(), [&alert](const OtherNode &one) { return one.name == alert.script_node; });
    if (other == others_.end()) {
        context_->offerChangeScript(*alert.script, done);
        return;
    }
    pg::ConnectionSpec spec;
    spec.conninfo = other->conninfo;
    // Danger asks for the node's name: it is not the one that the window stands for.
    auto *dialog = new ChangeScriptDialog(*alert.script, std::make_shared<pg::Session>(std::move(spec)), qt(other->name), false,
                                          alert.script->danger ? qt(other->name) : QString(), this);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    connect(dialog, &ChangeScriptDialog::finished, this, done);
    dialog->open();
}

std::optional<pg::ConnectionSpec> ReplicationPage::specOf(const std::string &node) const
{
    const auto other = std::find_if(others_.begin(), others_.end(), [&node](const OtherNode &one) { return one.name == node; });
    if (other != others_.end()) {
        pg::ConnectionSpec spec;
        spec.conninfo = other->conninfo;
        return spec;
    }
    const auto link = link_.lock();
    return link && monitor_ && monitor_->sources().front().name == node ? std::optional(link->spec()) : std::nullopt;
}

std::vector<AlertAction> ReplicationPage::actionsOf(const Alert &alert)
{
    std::vector<AlertAction> actions;
    const Node *node = overview_ ? overview_->node(alert.node) : nullptr;
    const Slot *slot = node == nullptr ? nullptr : node->slot(alert.subject);
    if (alert.rule == "slot_lost" && slot != nullptr && slot->isPhysical() && !slot->active && monitor_ && monitor_->sources().front().name == alert.node)
        actions.push_back({tr("Rebuild its standby…"), tr("Copies it again in its own folder, which is kept aside until the proof"),
                           [this, name = qt(alert.subject)] { Q_EMIT setupRequested(SetupKind::Rebuild, {{QStringLiteral("slot"), name}}); }});
    if (alert.rule == "subscription_errors" && alert.severity == Severity::Critical && !alert.script)
        actions.push_back({tr("Find the transaction…"), tr("Looks into the publisher's slot, without moving it, for what cannot be applied, and offers to skip it"),
                           [this, alert] { findFailing(alert); }});
    return actions;
}

void ReplicationPage::findFailing(const Alert &alert)
{
    const auto spec = specOf(alert.node);
    if (!spec || !overview_ || context_->isReadOnly())
        return;
    std::optional<pg::ConnectionSpec> publisher;
    for (const Link &link : overview_->topology.links) {
        const Place &up = overview_->topology.places[static_cast<std::size_t>(link.upstream)];
        if (link.subscription != nullptr && link.subscription->name == alert.subject && up.node)
            publisher = specOf(up.name);
    }
    using Found = Result<FailingTransaction>;
    const auto told = onGui<Found>(this, [this, alert](const Found &found) {
        if (!found) {
            banner_->showMessage(Tone::Warn, qt(found.error().message), qt(found.error().hint));
            return;
        }
        Alert offered = alert;
        offered.script = found->script;
        offered.script_node = alert.node;
        for (const std::string &change : found->changes)
            offered.script->reason += "\n" + change;
        repair(offered);
    });
    finding_ = std::make_shared<pg::Session>(*spec);
    finding_->post([told, publisher, name = alert.subject](pg::Connection &subscriber) {
        if (!publisher) {
            told(findFailingTransaction(subscriber, nullptr, name));
            return;
        }
        const auto opened = pg::Connection::open(*publisher, subscriber.canceller());
        told(opened ? findFailingTransaction(subscriber, opened->get(), name) : Found(tl::unexpected(opened.error())));
    }, [told](const Error &error) { told(Found(tl::unexpected(error))); });
}

SetupPage *ReplicationPage::openCanary(std::size_t at)
{
    if (!overview_ || at >= overview_->topology.links.size() || context_->isReadOnly())
        return nullptr;
    const Link &link = overview_->topology.links[at];
    const Place *source = canarySource(overview_->topology, link);
    const Place &target = overview_->topology.places[static_cast<std::size_t>(link.downstream)];
    const auto here = source == nullptr ? std::nullopt : specOf(source->name), there = specOf(target.name);
    if (!here || !there)
        return nullptr;
    auto *dialog = new QDialog(this);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setWindowTitle(tr("Canary from %1 to %2").arg(qt(source->name), qt(target.name)));
    auto *page = new SetupPage(SetupKind::Canary, context_, *here, *there);
    if (link.subscription != nullptr)
        page->setValue(QStringLiteral("subscription"), qt(link.subscription->name));
    auto *layout = new QVBoxLayout(dialog);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(page);
    dialog->resize(720, 620);
    dialog->open();
    page->check();
    return page;
}

} // namespace howdah::replication_tool
