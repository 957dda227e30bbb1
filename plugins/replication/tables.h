// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

#include "core/replication/monitor.h"
#include "ui/table/keyed_model.h"

namespace howdah::ui {
class TableView;
}

class QStackedWidget;

namespace howdah::replication_tool {

struct SlotRow {
    QString key, node;
    replication::Slot slot;
    std::int64_t cap_bytes = -1;
    QString end;                   ///< "slot lost in 3 h 10 min"
    double end_s = -1;
    double share = -1;             ///< of what it may retain, 0 to 1
};
struct PublicationRow {
    QString key, node, database;
    replication::Publication publication;
    int tables = 0, without_identity = 0;
};
struct SubscriptionRow {
    QString key, node, states, progress;
    replication::Subscription subscription;
};

/// Slots of all nodes with what they retain as a bar, and when they are lost.
class SlotsView : public QWidget
{
    Q_OBJECT
public:
    explicit SlotsView(QWidget *parent = nullptr);
    void setOverview(const replication::Overview &overview);
    [[nodiscard]] ui::KeyedModel<SlotRow> *model() const { return model_; }

private:
    ui::KeyedModel<SlotRow> *model_;
    ui::TableView *table_;
    QStackedWidget *stack_;
};

/// Publications and subscriptions with the state of their tables.
class LogicalView : public QWidget
{
    Q_OBJECT
public:
    explicit LogicalView(QWidget *parent = nullptr);
    void setOverview(const replication::Overview &overview);
    [[nodiscard]] ui::KeyedModel<PublicationRow> *publications() const { return publications_; }
    [[nodiscard]] ui::KeyedModel<SubscriptionRow> *subscriptions() const { return subscriptions_; }

private:
    ui::KeyedModel<PublicationRow> *publications_;
    ui::KeyedModel<SubscriptionRow> *subscriptions_;
    QStackedWidget *stack_;
};

} // namespace howdah::replication_tool
