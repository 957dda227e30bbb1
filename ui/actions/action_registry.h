// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>

#include <QAction>
#include <QHash>
#include <QList>
#include <QObject>
#include <QString>

#include "ui/plugin/tool_context.h"

class QWidget;

namespace howdah::ui {

/// Every action of the window, registered once (ActionSpec in ui/plugin/tool_context.h); menus, toolbar, palette
/// and the shortcuts page are views of it. The actions belong to the registry and are attached to the window, so
/// that their shortcuts work wherever the focus is in it.
class ActionRegistry : public QObject
{
    Q_OBJECT
public:
    explicit ActionRegistry(QWidget *window);

    /// Refused with a warning and nullptr: an empty or known id, and a shortcut that is taken (also by the
    /// beginning of a longer one). `triggered` runs only when spec.enabled still holds at that moment; what it
    /// throws ends in failed().
    QAction *add(const ActionSpec &spec, std::function<void()> triggered);
    [[nodiscard]] QAction *action(const QString &id) const; ///< null when unknown
    [[nodiscard]] QList<QAction *> all() const;             ///< in order of registration
    [[nodiscard]] QList<QAction *> inMenu(const QString &menu) const;
    [[nodiscard]] QList<QAction *> onSqlToolbar() const;
    /// Asks every spec.enabled; call it when menus open and after every change of state.
    void refreshEnabled();
    /// What the palette says of an action that is disabled ("No connection"); asked each time.
    void setDisabledReason(std::function<QString(const ActionSpec &)> reason);
    [[nodiscard]] QString disabledReason(const QAction *action) const; ///< "" when the action is enabled
    /// What an action was registered with; an empty spec for actions of somebody else.
    [[nodiscard]] static ActionSpec specOf(const QAction *action);
    /// "query" → "Query", translated; unknown menus keep their id.
    [[nodiscard]] static QString menuTitle(const QString &menu);

Q_SIGNALS:
    void added(QAction *action);
    /// An action ended with an exception; `why` is its text.
    void failed(QAction *action, const QString &why);

private:
    [[nodiscard]] bool isAcceptable(const ActionSpec &spec) const;
    void run(QAction *action, const std::function<void()> &triggered);

    QWidget *window_;
    QList<QAction *> actions_;
    QHash<QString, QAction *> by_id_;
    std::function<QString(const ActionSpec &)> reason_;
};

} // namespace howdah::ui
