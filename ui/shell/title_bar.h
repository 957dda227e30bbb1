// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QFrame>

class QMenu;
class QMenuBar;
class QToolButton;

namespace howdah::ui {

class Link;
class Pill;

/// The line at the top: a thin strip in the environment's colour over it, the menus, the connection of the page in
/// front with its safety, and the way to every command.
class TitleBar : public QFrame
{
    Q_OBJECT
public:
    explicit TitleBar(QWidget *parent = nullptr);
    [[nodiscard]] QMenuBar *menus() const { return menus_; }
    /// Null: not connected.
    void showLink(const Link *link);
    /// Filled by the window each time it opens.
    [[nodiscard]] QMenu *connectionMenu() const { return connection_menu_; }
    [[nodiscard]] QString safetyText() const;

Q_SIGNALS:
    void commandsRequested();

private:
    QFrame *strip_ = nullptr;
    QMenuBar *menus_ = nullptr;
    QToolButton *connection_ = nullptr;
    QMenu *connection_menu_ = nullptr;
    Pill *safety_ = nullptr;
};

} // namespace howdah::ui
