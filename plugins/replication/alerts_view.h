// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <vector>

#include <QScrollArea>

#include "core/replication/alerts.h"

class QVBoxLayout;

namespace howdah::replication_tool {

/// What can be done about an alert besides its script.
struct AlertAction {
    QString text, tooltip;
    std::function<void()> run;
};

/// The alerts as cards, the worst first: figure, limit, what it means, what to do, and the script that mends it where
/// there is one. A read-only connection sees no button that writes.
class AlertsView : public QScrollArea
{
    Q_OBJECT
public:
    explicit AlertsView(QWidget *parent = nullptr);
    /// Asked for each alert of a connection that may write.
    void setActions(std::function<std::vector<AlertAction>(const replication::Alert &)> actions) { actions_ = std::move(actions); }
    void setAlerts(const std::vector<replication::Alert> &alerts, bool read_only);
    [[nodiscard]] std::size_t count() const { return alerts_.size(); }

Q_SIGNALS:
    void repairRequested(const howdah::replication::Alert &alert);

private:
    [[nodiscard]] QWidget *cardOf(const replication::Alert &alert);
    void clear();

    QVBoxLayout *list_ = nullptr;
    std::vector<replication::Alert> alerts_;
    std::function<std::vector<AlertAction>(const replication::Alert &)> actions_;
    QString shown_; ///< what the cards say: they are made anew only when it changes
    bool read_only_ = true;
};

} // namespace howdah::replication_tool
