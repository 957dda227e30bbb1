// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/history_page.h"

#include <QApplication>
#include <QCheckBox>
#include <QClipboard>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QListView>
#include <QMenu>
#include <QPainter>
#include <QStackedWidget>
#include <QStyledItemDelegate>
#include <QVBoxLayout>

#include "ui/base/empty_state.h"
#include "ui/base/hairline.h"
#include "ui/base/palette.h"
#include "ui/shell/history_keeper.h"
#include "ui/shell/history_model.h"

namespace howdah::ui {

namespace {

constexpr int search_after_ms = 120;
constexpr int row_height = 46;

/// The statement in one line, below it how it ended; the time at the right.
class RecordDelegate : public QStyledItemDelegate
{
public:
    using QStyledItemDelegate::QStyledItemDelegate;

    [[nodiscard]] QSize sizeHint(const QStyleOptionViewItem &, const QModelIndex &) const override { return {200, row_height}; }

    void paint(QPainter *painter, const QStyleOptionViewItem &option, const QModelIndex &index) const override
    {
        const Colors &c = colors();
        const auto &record = static_cast<const HistoryModel *>(index.model())->at(index.row());
        const bool selected = option.state.testFlag(QStyle::State_Selected);
        const bool failed = !record.sqlstate.empty() || !record.message.empty();
        painter->save();
        if (selected || option.state.testFlag(QStyle::State_MouseOver))
            painter->fillRect(option.rect, selected ? c.on_tint : c.hover);
        const QRect inside = option.rect.adjusted(spacing::page, 5, -spacing::page, -5);
        const QString when = HistoryModel::when(record.at_ms);
        painter->setFont(captionFont());
        const int when_width = painter->fontMetrics().horizontalAdvance(when) + spacing::card;
        painter->setPen(c.dim);
        painter->drawText(inside, Qt::AlignRight | Qt::AlignTop, when);
        painter->setFont(textFont());
        painter->setPen(failed ? c.bad_ink : c.dim);
        const QRect lower(inside.left(), inside.center().y() + 1, inside.width(), inside.height() / 2);
        painter->drawText(lower, Qt::AlignLeft | Qt::AlignVCenter,
                          painter->fontMetrics().elidedText(HistoryModel::outcome(record), Qt::ElideRight, lower.width()));
        painter->setFont(monoFont());
        painter->setPen(c.text);
        const QRect upper(inside.left(), inside.top(), inside.width() - when_width, inside.height() / 2);
        painter->drawText(upper, Qt::AlignLeft | Qt::AlignVCenter,
                          painter->fontMetrics().elidedText(index.data().toString(), Qt::ElideRight, upper.width()));
        painter->setPen(c.line);
        painter->drawLine(option.rect.bottomLeft(), option.rect.bottomRight());
        painter->restore();
    }
};

} // namespace

HistoryPage::HistoryPage(HistoryKeeper *keeper, QWidget *parent)
    : QWidget(parent), keeper_(keeper), model_(new HistoryModel(this))
{
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(buildBar());
    layout->addWidget(hairline(this));
    stack_ = new QStackedWidget(this);
    list_ = new QListView(stack_);
    list_->setModel(model_);
    list_->setItemDelegate(new RecordDelegate(list_));
    list_->setUniformItemSizes(true);
    list_->setMouseTracking(true);
    list_->setContextMenuPolicy(Qt::CustomContextMenu);
    list_->setAccessibleName(tr("Statements that were run"));
    list_->installEventFilter(this);
    empty_ = new EmptyState(QStringLiteral("history"), tr("Nothing here yet"),
                            tr("Every statement that you run is kept here as it was sent, with its time, rows and outcome."), stack_);
    stack_->addWidget(empty_);
    stack_->addWidget(list_);
    layout->addWidget(stack_, 1);
    setFocusProxy(search_);
    timer_.setSingleShot(true);
    timer_.setInterval(search_after_ms);
    connect(&timer_, &QTimer::timeout, this, [this] { ask(); });
    connect(search_, &QLineEdit::textChanged, &timer_, qOverload<>(&QTimer::start));
    connect(failed_, &QCheckBox::toggled, &timer_, qOverload<>(&QTimer::start));
    connect(keeper_, &HistoryKeeper::changed, &timer_, qOverload<>(&QTimer::start));
    connect(model_, &HistoryModel::moreWanted, this, &HistoryPage::ask);
    connect(list_, &QListView::activated, this, [this] { Q_EMIT openRequested(currentText()); });
    connect(list_, &QListView::customContextMenuRequested, this, &HistoryPage::showMenu);
    ask();
}

QWidget *HistoryPage::buildBar()
{
    auto *bar = new QFrame(this);
    bar->setProperty("role", QStringLiteral("panel"));
    auto *layout = new QHBoxLayout(bar);
    layout->setContentsMargins(spacing::page, spacing::control, spacing::page, spacing::control);
    search_ = new QLineEdit(bar);
    search_->setPlaceholderText(tr("Search what was run"));
    search_->setAccessibleName(tr("Search the history"));
    search_->setClearButtonEnabled(true);
    search_->addAction(icon(QStringLiteral("search")), QLineEdit::LeadingPosition);
    search_->installEventFilter(this);
    failed_ = new QCheckBox(tr("Only failed"), bar);
    auto *hint = new QLabel(tr("Enter opens it in a page; nothing is run"), bar);
    hint->setProperty("role", QStringLiteral("dim"));
    layout->addWidget(search_, 1);
    layout->addWidget(failed_);
    layout->addWidget(hint);
    return bar;
}

void HistoryPage::ask(qint64 before_id)
{
    const quint64 request = ++request_;
    workspace::HistorySearch search;
    search.words = search_->text().toStdString();
    search.only_failed = failed_->isChecked();
    search.before_id = before_id;
    search.limit = HistoryModel::page_size;
    keeper_->search(std::move(search), this, [this, request, before_id](std::vector<workspace::StatementRecord> records) {
        if (request != request_)
            return;
        if (before_id != 0) {
            model_->append(std::move(records));
            return;
        }
        const bool filtered = !search_->text().isEmpty() || failed_->isChecked();
        if (records.empty() && filtered)
            empty_->setTexts(tr("Nothing found"), tr("No statement has all of these words."));
        stack_->setCurrentIndex(records.empty() ? 0 : 1);
        model_->replace(std::move(records));
        list_->setCurrentIndex(model_->index(0));
    });
}

QString HistoryPage::currentText() const
{
    const QModelIndex index = list_->currentIndex();
    return index.isValid() ? QString::fromStdString(model_->at(index.row()).text) : QString();
}

bool HistoryPage::eventFilter(QObject *watched, QEvent *event)
{
    if (event->type() == QEvent::KeyPress) {
        const auto *key = static_cast<QKeyEvent *>(event);
        if (watched == search_ && (key->key() == Qt::Key_Down || key->key() == Qt::Key_Return)) {
            list_->setFocus();
            return true;
        }
        if (watched == list_ && key->matches(QKeySequence::Copy)) {
            QApplication::clipboard()->setText(currentText());
            return true;
        }
    }
    return QWidget::eventFilter(watched, event);
}

void HistoryPage::showMenu(const QPoint &at)
{
    const QModelIndex index = list_->indexAt(at);
    if (!index.isValid())
        return;
    auto *menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    const QString text = currentText();
    const std::int64_t id = model_->at(index.row()).id;
    menu->addAction(icon(QStringLiteral("sql")), tr("Open in a new page"), this, [this, text] { Q_EMIT openRequested(text); });
    menu->addAction(icon(QStringLiteral("edit")), tr("Insert into the last page"), this, [this, text] { Q_EMIT insertRequested(text); });
    menu->addAction(icon(QStringLiteral("copy")), tr("Copy"), this, [text] { QApplication::clipboard()->setText(text); });
    menu->addSeparator();
    menu->addAction(icon(QStringLiteral("trash")), tr("Forget it"), this, [this, id] { keeper_->remove(id); });
    menu->popup(list_->viewport()->mapToGlobal(at));
}

} // namespace howdah::ui
