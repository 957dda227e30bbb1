// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include <QMap>
#include <QTimer>
#include <QWidget>

#include "core/replication/monitor.h"
#include "plugins/replication/setup_page.h"
#include "ui/plugin/tool_context.h"

class QLabel;
class QPushButton;
class QStackedWidget;

namespace howdah::ui {
class Banner;
class ElidedLabel;
class EmptyState;
class Pill;
class SegmentedTabs;
}

namespace howdah::replication_tool {

class AlertsView;
struct AlertAction;
class LagView;
class LogicalView;
class RelationsView;
class SlotsView;
class TopologyView;

/// The replication that the present connection's server takes part in, with any further nodes that the user names:
/// topology, alerts, lag, slots, publications and subscriptions. Looks every two seconds while it is in front, every ten
/// for some minutes behind other tabs, and then no more.
class ReplicationPage : public QWidget
{
    Q_OBJECT
public:
    explicit ReplicationPage(ui::ToolContext *context, QWidget *parent = nullptr);
    ~ReplicationPage() override;

    /// A dialog for another node's conninfo.
    void askForNode();
    void addNode(const QString &conninfo);
    [[nodiscard]] std::shared_ptr<const replication::Overview> overview() const { return overview_; }
    [[nodiscard]] TopologyView *topology() const { return topology_; }
    [[nodiscard]] AlertsView *alerts() const { return alerts_; }
    [[nodiscard]] LagView *lag() const { return lag_; }
    [[nodiscard]] SlotsView *slotsView() const { return slots_; }
    [[nodiscard]] LogicalView *logical() const { return logical_; }
    [[nodiscard]] ui::SegmentedTabs *tabs() const { return tabs_; }
    [[nodiscard]] RelationsView *relations() const { return relations_; }
    void repair(const replication::Alert &alert);
    /// Finds the transaction that a subscription cannot apply, and offers the script that skips it.
    void findFailing(const replication::Alert &alert);
    /// The steps of a canary over that link of the topology, in a dialog of their own; null when none can be sent.
    SetupPage *openCanary(std::size_t link);
    /// How long it goes on looking when nobody sees it.
    void setForgetAfter(int milliseconds) { forget_timer_.setInterval(milliseconds); }
    [[nodiscard]] bool isLooking() const { return monitor_ && monitor_->isStarted(); }

Q_SIGNALS:
    void overviewChanged();
    /// `values` are filled into its fields.
    void setupRequested(howdah::replication_tool::SetupKind kind, const QMap<QString, QString> &values = {});

protected:
    void showEvent(QShowEvent *event) override;
    void hideEvent(QHideEvent *event) override;

private:
    struct OtherNode {
        std::string name, conninfo; ///< the conninfo may hold a password; it is never shown or kept
    };
    QWidget *makeHeader();
    void makeBody();
    void attach();
    void restart();
    void stopMonitor();
    void accept(const std::shared_ptr<const replication::Overview> &overview);
    void showHead();
    void removeNode();
    void offerSetups();
    /// How a node that is looked at is reached; nothing for one that is only seen from the other end.
    [[nodiscard]] std::optional<pg::ConnectionSpec> specOf(const std::string &node) const;
    [[nodiscard]] std::vector<AlertAction> actionsOf(const replication::Alert &alert);

    ui::ToolContext *context_;
    std::weak_ptr<pg::Session> link_; ///< whose replication is shown
    std::vector<OtherNode> others_;
    std::shared_ptr<replication::Monitor> monitor_;
    std::shared_ptr<pg::Session> finding_; ///< that looks for a failing transaction
    std::shared_ptr<const replication::Overview> overview_;
    QTimer forget_timer_;

    QStackedWidget *stack_ = nullptr;
    ui::Pill *status_ = nullptr;
    ui::ElidedLabel *summary_ = nullptr;
    ui::Banner *banner_ = nullptr;
    QPushButton *standby_ = nullptr, *logical_button_ = nullptr, *remove_ = nullptr;
    QLabel *alerts_title_ = nullptr;
    TopologyView *topology_ = nullptr;
    AlertsView *alerts_ = nullptr;
    ui::SegmentedTabs *tabs_ = nullptr;
    QStackedWidget *views_ = nullptr;
    LagView *lag_ = nullptr;
    SlotsView *slots_ = nullptr;
    LogicalView *logical_ = nullptr;
    RelationsView *relations_ = nullptr;
    std::vector<QPushButton *> offers_; ///< in empty states: they lead to set-ups
};

} // namespace howdah::replication_tool
