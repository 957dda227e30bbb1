// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/activity/holders_view.h"

#include <QShortcut>
#include <QStackedWidget>
#include <QVBoxLayout>

#include "ui/table/table_view.h"
#include "ui/base/empty_state.h"

namespace howdah::activity_tool {

HoldersView::HoldersView(QWidget *parent)
    : QWidget(parent), model_(new HoldersModel(holderColumns(), [](const Holder &holder) { return holder.key; }, this)),
      table_(new ui::TableView(tr("What holds old snapshots"), model_, QStringLiteral("activity/holders"), this)),
      stack_(new QStackedWidget(this))
{
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(stack_);
    stack_->addWidget(new ui::EmptyState(QStringLiteral("check"), tr("Nothing holds back VACUUM"),
                                         tr("Transactions open for more than five seconds, prepared transactions and replication slots stand "
                                            "here: they keep dead rows and locks for as long as they live.")));
    stack_->addWidget(table_);
    QStringList ids;
    QList<int> widths;
    QList<bool> hidden;
    for (const ui::KeyedColumn<Holder> &column : model_->columns()) {
        ids << column.id;
        widths << column.width;
        hidden << column.hidden;
    }
    table_->setColumns(ids, widths, hidden, static_cast<int>(ids.size()) - 1);
    table_->sortAtFirst(2, Qt::DescendingOrder);
    connect(table_, &QAbstractItemView::activated, this, [this] {
        const int row = table_->currentSourceRow();
        if (row >= 0 && model_->row(row).pid != 0)
            Q_EMIT chosen(model_->row(row).pid);
    });
    auto *copy = new QShortcut(QKeySequence::Copy, table_, nullptr, nullptr, Qt::WidgetShortcut);
    connect(copy, &QShortcut::activated, table_, &ui::TableView::copySelection);
}

void HoldersView::setActivity(const activity::Activity &now)
{
    model_->setRows(holdersOf(now, least_ms));
    stack_->setCurrentIndex(model_->rowCount() > 0 ? 1 : 0);
}

} // namespace howdah::activity_tool
