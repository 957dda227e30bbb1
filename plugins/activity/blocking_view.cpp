// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/activity/blocking_view.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QListView>
#include <QPainter>
#include <QPushButton>
#include <QScrollBar>
#include <QStackedWidget>
#include <QStyledItemDelegate>
#include <QVBoxLayout>

#include "core/activity/probes.h"
#include "plugins/activity/words.h"
#include "ui/base/empty_state.h"
#include "ui/base/hairline.h"
#include "ui/base/palette.h"
#include "ui/base/tone.h"

namespace howdah::activity_tool {

using namespace howdah::ui;

namespace {

constexpr int row_height = 48;
constexpr int indent = 26;
constexpr int deepest_indent = 12; ///< levels; deeper ones are told by their pill only

QString title(const BlockingRow &row)
{
    if (row.node.pid == 0)
        return BlockingView::tr("Prepared transaction");
    if (!row.backend)
        return BlockingView::tr("%1 · not in view any more").arg(row.node.pid);
    QString text = BlockingView::tr("%1 · %2").arg(row.node.pid).arg(Words::who(*row.backend));
    if (!row.backend->application.empty())
        text += QStringLiteral(" · ") + Words::qt(row.backend->application);
    return text;
}

QString pillOf(const BlockingRow &row)
{
    if (row.node.in_cycle)
        return BlockingView::tr("deadlock");
    if (row.node.depth == 0)
        return BlockingView::tr("root blocker");
    return row.backend ? Words::waiting(*row.backend) : BlockingView::tr("waits");
}

QString beside(const BlockingRow &row)
{
    QStringList parts;
    if (row.node.depth == 0 && row.backend && row.backend->transaction_age_ms >= 0)
        parts << BlockingView::tr("%1 for %2").arg(Words::state(*row.backend), Words::age(row.backend->state_age_ms));
    if (row.node.waiting_below > 0)
        parts << (row.node.waiting_below == 1 ? BlockingView::tr("holds up 1") : BlockingView::tr("holds up %1").arg(row.node.waiting_below));
    if (!row.node.also_blocked_by.empty()) {
        QStringList pids;
        for (const int pid : row.node.also_blocked_by)
            pids << QString::number(pid);
        while (pids.size() > 3)
            pids = pids.mid(0, 2) << QStringLiteral("…");
        parts << BlockingView::tr("also behind %1").arg(pids.join(QStringLiteral(", ")));
    }
    return parts.join(QStringLiteral(" · "));
}

QString below(const BlockingRow &row)
{
    if (row.node.pid == 0)
        return BlockingView::tr("Ended by COMMIT PREPARED or ROLLBACK PREPARED; see under Old snapshots");
    return row.backend ? Words::oneLine(row.backend->query) : QString();
}

class NodeDelegate : public QStyledItemDelegate
{
public:
    using QStyledItemDelegate::QStyledItemDelegate;

    [[nodiscard]] QSize sizeHint(const QStyleOptionViewItem &, const QModelIndex &) const override { return {300, row_height}; }

    void paint(QPainter *painter, const QStyleOptionViewItem &option, const QModelIndex &index) const override
    {
        const BlockingRow &row = static_cast<const BlockingModel *>(index.model())->at(index.row());
        const Colors &c = colors();
        painter->save();
        const bool selected = option.state.testFlag(QStyle::State_Selected);
        if (selected || option.state.testFlag(QStyle::State_MouseOver))
            painter->fillRect(option.rect, selected ? c.on_tint : c.hover);
        if (row.node.depth == 0)
            painter->fillRect(QRect(option.rect.left(), option.rect.top(), 3, option.rect.height()), c.bad);
        paintRails(*painter, option.rect, row);
        const int depth = std::min(row.node.depth, deepest_indent);
        const QRect inner = option.rect.adjusted(spacing::page + depth * indent, 5, -spacing::page, -5);
        paintTexts(*painter, inner, row);
        painter->restore();
    }

private:
    static void paintRails(QPainter &painter, const QRect &rect, const BlockingRow &row)
    {
        if (row.node.depth == 0 || row.node.depth > deepest_indent)
            return;
        painter.setPen(QPen(colors().dim, 1));
        const auto x = [&rect](int level) { return rect.left() + spacing::page + level * indent + indent / 2 - spacing::unit; };
        for (int level = 0; level + 1 < row.node.depth; ++level) {
            if (row.rails[static_cast<std::size_t>(level) + 1])
                painter.drawLine(x(level), rect.top(), x(level), rect.bottom());
        }
        const int own = x(row.node.depth - 1);
        const int middle = rect.top() + rect.height() / 4 + 2;
        painter.drawLine(own, rect.top(), own, row.node.is_last ? middle : rect.bottom());
        painter.drawLine(own, middle, rect.left() + spacing::page + row.node.depth * indent - 3, middle);
    }

    static void paintTexts(QPainter &painter, const QRect &inner, const BlockingRow &row)
    {
        const Colors &c = colors();
        QRect upper(inner.left(), inner.top(), inner.width(), inner.height() / 2);
        const QRect lower(inner.left(), inner.center().y() + 1, inner.width(), inner.height() / 2);
        const Tone tone = row.node.depth == 0 || row.node.in_cycle ? Tone::Bad : Tone::Warn;
        upper.setLeft(upper.left() + paintPill(painter, upper, pillOf(row), tone) + spacing::control);
        const QString right = beside(row);
        painter.setFont(textFont());
        painter.setPen(c.dim);
        const int right_width = painter.fontMetrics().horizontalAdvance(right);
        painter.drawText(upper, Qt::AlignRight | Qt::AlignVCenter, right);
        QFont bold = textFont();
        bold.setWeight(QFont::DemiBold);
        painter.setFont(bold);
        painter.setPen(c.text);
        const int width = std::max(0, upper.width() - right_width - spacing::card);
        painter.drawText(upper, Qt::AlignLeft | Qt::AlignVCenter, painter.fontMetrics().elidedText(title(row), Qt::ElideRight, width));
        painter.setFont(monoFont());
        painter.setPen(c.dim);
        painter.drawText(lower, Qt::AlignLeft | Qt::AlignVCenter, painter.fontMetrics().elidedText(below(row), Qt::ElideRight, lower.width()));
    }
};

} // namespace

bool BlockingModel::setActivity(const activity::Activity &now)
{
    std::vector<BlockingRow> rows;
    std::vector<bool> rails;
    for (const activity::BlockingNode &node : now.blocking) {
        const auto depth = static_cast<std::size_t>(node.depth);
        rails.resize(depth + 1);
        rails[depth] = !node.is_last;
        BlockingRow row{node, {}, rails};
        if (const activity::Backend *backend = now.find(node.pid); backend != nullptr && node.pid != 0)
            row.backend = *backend;
        rows.push_back(std::move(row));
    }
    const bool same = rows.size() == rows_.size() && std::equal(rows.begin(), rows.end(), rows_.begin(), [](const BlockingRow &a, const BlockingRow &b) {
                          return a.node.pid == b.node.pid && a.node.depth == b.node.depth;
                      });
    if (!same)
        beginResetModel();
    rows_ = std::move(rows);
    if (!same)
        endResetModel();
    else if (!rows_.empty())
        Q_EMIT dataChanged(index(0), index(rowCount() - 1));
    return !same;
}

int BlockingModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(rows_.size());
}

QVariant BlockingModel::data(const QModelIndex &index, int role) const
{
    if (!index.isValid())
        return {};
    const BlockingRow &row = at(index.row());
    if (role == Qt::DisplayRole)
        return title(row);
    if (role == Qt::AccessibleTextRole)
        return BlockingView::tr("Level %1: %2, %3, %4").arg(row.node.depth).arg(pillOf(row), title(row), beside(row));
    if (role == Qt::ToolTipRole)
        return row.backend ? Words::qt(row.backend->query) : QString();
    return {};
}

BlockingView::BlockingView(QWidget *parent) : QWidget(parent), model_(new BlockingModel(this)), stack_(new QStackedWidget(this))
{
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(stack_);
    stack_->addWidget(new EmptyState(QStringLiteral("unlock"), tr("Nobody waits for a lock"),
                                     tr("When a session waits for another, both stand here as a tree: on top the one that holds up all others.")));
    auto *page = new QWidget;
    auto *body = new QVBoxLayout(page);
    body->setContentsMargins(0, 0, 0, 0);
    body->setSpacing(0);
    body->addWidget(makeBar());
    body->addWidget(hairline(page));
    tree_ = new QListView;
    tree_->setModel(model_);
    tree_->setItemDelegate(new NodeDelegate(tree_));
    tree_->setUniformItemSizes(true);
    tree_->setMouseTracking(true);
    tree_->setVerticalScrollMode(QAbstractItemView::ScrollPerPixel);
    tree_->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    tree_->setAccessibleName(tr("Who waits for whom"));
    body->addWidget(tree_, 1);
    stack_->addWidget(page);
    connect(tree_, &QAbstractItemView::activated, this, [this](const QModelIndex &index) {
        if (const int pid = model_->at(index.row()).node.pid; pid != 0)
            Q_EMIT chosen(pid);
    });
    connect(tree_->selectionModel(), &QItemSelectionModel::currentChanged, this, &BlockingView::refreshBar);
}

QWidget *BlockingView::makeBar()
{
    auto *bar = new QWidget;
    auto *line = new QHBoxLayout(bar);
    line->setContentsMargins(spacing::card, spacing::control, spacing::card, spacing::control);
    line->setSpacing(spacing::control);
    summary_ = new QLabel;
    end_root_ = new QPushButton(tr("Terminate the root blocker…"));
    end_root_->setProperty("role", QStringLiteral("danger"));
    line->addWidget(summary_, 1);
    line->addWidget(end_root_);
    connect(end_root_, &QPushButton::clicked, this, &BlockingView::rootEndRequested);
    return bar;
}

void BlockingView::setActivity(const std::shared_ptr<const activity::Activity> &now)
{
    const int row = tree_->currentIndex().row();
    const int pid = row >= 0 && row < model_->rowCount() ? model_->at(row).node.pid : -1;
    const int scrolled = tree_->verticalScrollBar()->value();
    now_ = now;
    const bool changed = model_->setActivity(now ? *now : activity::Activity());
    if (changed && pid >= 0) {
        for (int i = 0; i < model_->rowCount(); ++i) {
            if (model_->at(i).node.pid == pid)
                tree_->setCurrentIndex(model_->index(i));
        }
    }
    if (changed)
        tree_->verticalScrollBar()->setValue(scrolled);
    stack_->setCurrentIndex(model_->rowCount() > 0 ? 1 : 0);
    refreshBar();
}

void BlockingView::setReadOnly(bool read_only)
{
    read_only_ = read_only;
    refreshBar();
}

int BlockingView::rootToEnd() const
{
    if (!now_ || read_only_ || model_->rowCount() == 0)
        return 0;
    const int row = tree_->currentIndex().isValid() ? tree_->currentIndex().row() : 0;
    const int root = activity::rootOf(now_->blocking, std::min(row, static_cast<int>(now_->blocking.size()) - 1));
    return now_->blocking[static_cast<std::size_t>(root)].pid;
}

void BlockingView::refreshBar()
{
    int roots = 0;
    int waiting = 0;
    for (int i = 0; i < model_->rowCount(); ++i)
        ++(model_->at(i).node.depth == 0 ? roots : waiting);
    QString text = waiting == 1 ? tr("1 session waits") : tr("%1 sessions wait").arg(waiting);
    text += QStringLiteral(" · ") + (roots == 1 ? tr("1 holds them up") : tr("%1 hold them up").arg(roots));
    if (now_ && now_->more_waiters)
        text += QStringLiteral(" · ") + tr("only the %1 that wait longest are in the tree").arg(activity::max_waiters);
    summary_->setText(text);
    const int root = rootToEnd();
    end_root_->setVisible(!read_only_);
    end_root_->setEnabled(root != 0);
    end_root_->setText(roots > 1 && root != 0 ? tr("Terminate the root blocker %1…").arg(root) : tr("Terminate the root blocker…"));
    end_root_->setToolTip(root == 0 ? tr("A prepared transaction has no session; it is ended by ROLLBACK PREPARED")
                                    : tr("Shows first what is lost and who goes on then"));
}

} // namespace howdah::activity_tool
