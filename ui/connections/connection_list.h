// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

#include <QAbstractListModel>
#include <QStyledItemDelegate>

#include "core/workspace/connections.h"

namespace howdah::ui {

/// Saved connections that match what is searched for, and the demo server behind them.
class ConnectionList : public QAbstractListModel
{
    Q_OBJECT
public:
    static const QString demo_id;
    using QAbstractListModel::QAbstractListModel;

    void setConnections(std::vector<workspace::SavedConnection> connections);
    /// Words of name, host, database or environment.
    void setSearch(const QString &text);
    /// Keeps one out of the list while its removal can still be undone; "" shows all.
    void hide(const QString &id);
    [[nodiscard]] QModelIndex indexOf(const QString &id) const;
    [[nodiscard]] QString id(const QModelIndex &index) const;
    /// Null for the demo server.
    [[nodiscard]] const workspace::SavedConnection *connection(const QModelIndex &index) const;

    [[nodiscard]] int rowCount(const QModelIndex &parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex &index, int role) const override;
    /// "app@db-1.eu/shop", as short as it can be said.
    [[nodiscard]] static QString address(const workspace::SavedConnection &saved);

private:
    void filter();

    std::vector<workspace::SavedConnection> connections_;
    std::vector<std::size_t> shown_;
    QString search_;
    QString hidden_;
};

/// A row of it: the colour's dot, the name, the address dim under it, the environment where it is not development.
class ConnectionDelegate : public QStyledItemDelegate
{
    Q_OBJECT
public:
    using QStyledItemDelegate::QStyledItemDelegate;
    void paint(QPainter *painter, const QStyleOptionViewItem &option, const QModelIndex &index) const override;
    [[nodiscard]] QSize sizeHint(const QStyleOptionViewItem &option, const QModelIndex &index) const override;
};

/// What an environment is called on the screen.
[[nodiscard]] QString environmentName(const std::string &environment);

} // namespace howdah::ui
