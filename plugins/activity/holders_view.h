// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

#include "core/activity/activity.h"
#include "plugins/activity/sessions_model.h"

class QStackedWidget;

namespace howdah::ui {
class TableView;
}

namespace howdah::activity_tool {


/// What keeps old row versions and locks: long transactions, prepared ones, replication slots.
class HoldersView : public QWidget
{
    Q_OBJECT
public:
    /// Transactions younger than that are nothing to look at.
    static constexpr double least_ms = 5000;

    explicit HoldersView(QWidget *parent = nullptr);
    void setActivity(const activity::Activity &now);
    [[nodiscard]] HoldersModel *model() const { return model_; }

Q_SIGNALS:
    void chosen(int pid);

private:
    HoldersModel *model_;
    ui::TableView *table_;
    QStackedWidget *stack_;
};

} // namespace howdah::activity_tool
