// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/grid/value_tree_view.h"

#include <QApplication>
#include <QClipboard>
#include <QHeaderView>
#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QTreeView>
#include <QVBoxLayout>

#include "core/base/human.h"
#include "core/result/find_cells.h"
#include "ui/base/palette.h"

namespace howdah::ui {

namespace {

constexpr int pause_ms = 200;
constexpr std::size_t most_found = 100'000;
constexpr int opened_at_first = 2'000; ///< nodes: smaller trees are shown unfolded

} // namespace

ValueTreeView::ValueTreeView(QWidget *parent)
    : QWidget(parent), model_(new ValueTreeModel(this)), tree_(new QTreeView), find_(new QLineEdit), count_(new QLabel)
{
    auto *rows = new QVBoxLayout(this);
    rows->setContentsMargins(0, 0, 0, 0);
    rows->setSpacing(0);
    auto *line = new QHBoxLayout;
    line->setContentsMargins(spacing::card, 0, spacing::control, spacing::unit);
    find_->setPlaceholderText(tr("Find names and values"));
    find_->setAccessibleName(find_->placeholderText());
    find_->setClearButtonEnabled(true);
    find_->installEventFilter(this);
    count_->setProperty("role", QStringLiteral("dim"));
    line->addWidget(find_, 1);
    line->addWidget(count_);
    rows->addLayout(line);
    tree_->setModel(model_);
    tree_->setUniformRowHeights(true);
    tree_->setFrameShape(QFrame::NoFrame);
    tree_->setAccessibleName(tr("Value as a tree"));
    tree_->setEditTriggers(QAbstractItemView::NoEditTriggers);
    tree_->setContextMenuPolicy(Qt::CustomContextMenu);
    tree_->header()->setSectionResizeMode(0, QHeaderView::Interactive);
    tree_->installEventFilter(this);
    rows->addWidget(tree_, 1);
    timer_.setSingleShot(true);
    timer_.setInterval(pause_ms);
    connect(&timer_, &QTimer::timeout, this, &ValueTreeView::search);
    connect(find_, &QLineEdit::textChanged, this, [this] { timer_.start(); });
    connect(tree_, &QWidget::customContextMenuRequested, this, &ValueTreeView::contextMenu);
}

void ValueTreeView::show(std::shared_ptr<const result::decode::Tree> tree, std::shared_ptr<const result::RowSource> owner, ValueTreeModel::Language language)
{
    job_.cancel();
    found_.clear();
    current_ = -1;
    count_->clear();
    const bool small = tree && tree->nodes.size() <= static_cast<std::size_t>(opened_at_first);
    model_->setTree(std::move(tree), std::move(owner), language);
    if (small)
        tree_->expandAll();
    else
        tree_->expand(model_->index(0, 0));
    tree_->resizeColumnToContents(0);
    tree_->setColumnWidth(0, std::clamp(tree_->columnWidth(0) + spacing::card, 100, 260));
    if (model_->tree() && !find_->text().isEmpty())
        timer_.start();
}

void ValueTreeView::setSearch(const QString &text)
{
    find_->setText(text);
}

void ValueTreeView::search()
{
    found_.clear();
    current_ = -1;
    count_->clear();
    if (find_->text().isEmpty() || !model_->tree())
        return;
    job_.start<std::vector<std::uint32_t>>(
        [tree = model_->tree(), matcher = result::TextMatcher(find_->text().toStdString(), false)](std::stop_token stop) {
            std::vector<std::uint32_t> found;
            for (std::uint32_t i = 0; i < tree->nodes.size() && found.size() < most_found && !stop.stop_requested(); ++i) {
                if (matcher.matches(tree->nodes[i].name) || matcher.matches(tree->nodes[i].value))
                    found.push_back(i);
            }
            return found;
        },
        [this](std::vector<std::uint32_t> found) {
            found_ = std::move(found);
            if (found_.empty())
                count_->setText(tr("Nothing found"));
            else
                goTo(0);
            Q_EMIT searched();
        });
}

void ValueTreeView::goTo(std::ptrdiff_t found)
{
    const auto size = static_cast<std::ptrdiff_t>(found_.size());
    current_ = (found + size) % size;
    const QModelIndex index = model_->indexOf(found_[static_cast<std::size_t>(current_)]);
    tree_->setCurrentIndex(index);
    tree_->scrollTo(index);
    count_->setText(tr("%1 of %2").arg(QString::fromStdString(human::count(current_ + 1)), QString::fromStdString(human::count(size))));
}

void ValueTreeView::copy(bool path)
{
    const QModelIndex index = tree_->currentIndex();
    QApplication::clipboard()->setText(path ? model_->path(index) : model_->value(index));
}

void ValueTreeView::contextMenu(const QPoint &at)
{
    auto *menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    menu->addAction(icon(QStringLiteral("copy")), tr("Copy path"), this, [this] { copy(true); })->setShortcut(QKeySequence::Copy);
    menu->addAction(tr("Copy value"), this, [this] { copy(false); });
    menu->addSeparator();
    menu->addAction(tr("Unfold all below"), this, [this] { tree_->expandRecursively(tree_->currentIndex()); });
    menu->addAction(tr("Fold all"), tree_, &QTreeView::collapseAll);
    menu->popup(tree_->viewport()->mapToGlobal(at));
}

bool ValueTreeView::eventFilter(QObject *watched, QEvent *event)
{
    if (event->type() != QEvent::KeyPress)
        return QWidget::eventFilter(watched, event);
    auto *key = static_cast<QKeyEvent *>(event);
    const bool enter = key->key() == Qt::Key_Return || key->key() == Qt::Key_Enter;
    if (watched == find_ && enter && !found_.empty()) {
        goTo(current_ + (key->modifiers().testFlag(Qt::ShiftModifier) ? -1 : 1));
        return true;
    }
    if (watched == tree_ && key->matches(QKeySequence::Copy)) {
        copy(true);
        return true;
    }
    return QWidget::eventFilter(watched, event);
}

} // namespace howdah::ui
