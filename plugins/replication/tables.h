// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

#include "core/replication/monitor.h"
#include "ui/table/keyed_model.h"

namespace howdah::ui {
class EmptyState;
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

/// A table that is subscribed to.
struct TableRow {
    QString key, node, subscription, table;
    QString state;                 ///< srsubstate
    std::int64_t copied_rows = -1;
    double since_ms = -1;
    QString columns;
};

/// Slots of all nodes with what they retain as a bar, and when they are lost.
class SlotsView : public QWidget
{
    Q_OBJECT
public:
    explicit SlotsView(QWidget *parent = nullptr);
    /// What stands there while there is no slot, to offer the way on.
    [[nodiscard]] ui::EmptyState *empty() const { return empty_; }
    void setOverview(const replication::Overview &overview);
    [[nodiscard]] ui::KeyedModel<SlotRow> *model() const { return model_; }

private:
    ui::EmptyState *empty_;
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
    [[nodiscard]] ui::EmptyState *empty() const { return empty_; }
    void setOverview(const replication::Overview &overview);
    [[nodiscard]] ui::KeyedModel<PublicationRow> *publications() const { return publications_; }
    [[nodiscard]] ui::KeyedModel<SubscriptionRow> *subscriptions() const { return subscriptions_; }

private:
    ui::EmptyState *empty_;
    ui::KeyedModel<PublicationRow> *publications_;
    ui::KeyedModel<SubscriptionRow> *subscriptions_;
    QStackedWidget *stack_;
};

/// The tables of all subscriptions, each with its own state: those that are not ready come first.
class RelationsView : public QWidget
{
    Q_OBJECT
public:
    explicit RelationsView(QWidget *parent = nullptr);
    void setOverview(const replication::Overview &overview);
    [[nodiscard]] ui::KeyedModel<TableRow> *model() const { return model_; }

private:
    ui::KeyedModel<TableRow> *model_;
    ui::TableView *table_;
    QStackedWidget *stack_;
};

} // namespace howdah::replication_tool
