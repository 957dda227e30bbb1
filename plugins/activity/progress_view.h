// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QHash>
#include <QWidget>

#include "core/activity/activity.h"
#include "core/activity/end_backend.h"

class QStackedWidget;
class QVBoxLayout;

namespace howdah::ui {
class Card;
class TaskProgress;
}
class QLabel;

namespace howdah::activity_tool {

/// Long commands, a card each: how far, how fast, how long yet.
class ProgressView : public QWidget
{
    Q_OBJECT
public:
    explicit ProgressView(QWidget *parent = nullptr);

    void setProgress(const std::vector<activity::Progress> &running);
    void setReadOnly(bool read_only);
    [[nodiscard]] int count() const { return static_cast<int>(cards_.size()); }

Q_SIGNALS:
    void endRequested(const QList<int> &pids, howdah::activity::Ending ending);

private:
    struct CommandCard {
        ui::Card *card = nullptr;
        ui::TaskProgress *bar = nullptr;
        QLabel *facts = nullptr;
    };
    [[nodiscard]] CommandCard makeCard(int pid);

    bool read_only_ = false;
    QStackedWidget *stack_ = nullptr;
    QVBoxLayout *list_ = nullptr;
    QHash<QString, CommandCard> cards_; ///< by command and pid: a card that stays does not flicker
};

} // namespace howdah::activity_tool
