// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/grid/column_chooser.h"

#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QListWidget>
#include <QPushButton>
#include <QScreen>
#include <QVBoxLayout>

#include "core/base/human.h"
#include "ui/base/palette.h"
#include "ui/grid/cell_text.h"
#include "ui/grid/grid_header.h"
#include "ui/grid/grid_model.h"
#include "ui/grid/grid_view.h"

namespace howdah::ui {

namespace {

constexpr QSize chooser_size{320, 420};
constexpr int column_role = Qt::UserRole;

} // namespace

ColumnChooser::ColumnChooser(GridView *view, const GridModel *model, QWidget *parent)
    : QFrame(parent, Qt::Popup), view_(view), model_(model), find_(new QLineEdit), list_(new QListWidget), count_(new QLabel)
{
    setAttribute(Qt::WA_DeleteOnClose);
    setProperty("role", QStringLiteral("card"));
    auto *rows = new QVBoxLayout(this);
    rows->setContentsMargins(spacing::control, spacing::control, spacing::control, spacing::control);
    rows->setSpacing(spacing::unit);
    find_->setPlaceholderText(tr("Find a column"));
    find_->setAccessibleName(find_->placeholderText());
    find_->setClearButtonEnabled(true);
    find_->installEventFilter(this);
    list_->setUniformItemSizes(true);
    list_->setAccessibleName(tr("Columns"));
    list_->setFrameShape(QFrame::NoFrame);
    list_->installEventFilter(this);
    count_->setProperty("role", QStringLiteral("dim"));
    auto *show = new QPushButton(tr("Show"));
    show->setToolTip(tr("Show all columns listed"));
    auto *hide = new QPushButton(tr("Hide"));
    hide->setToolTip(tr("Hide all columns listed"));
    auto *buttons = new QHBoxLayout;
    buttons->addWidget(count_, 1);
    buttons->addWidget(show);
    buttons->addWidget(hide);
    rows->addWidget(find_);
    rows->addWidget(list_, 1);
    rows->addLayout(buttons);

    // In the order shown, so that the list reads like the header.
    for (int visual = 0; visual < view_->columnsHeader()->count(); ++visual) {
        const int column = view_->columnsHeader()->logicalIndex(visual);
        const QString type = QString::fromStdString(result::shownType(model_->column(column)));
        const QString name = lineText(model_->column(column).name, 64);
        auto *item = new QListWidgetItem(type.isEmpty() ? name : QStringLiteral("%1  ·  %2").arg(name, type), list_);
        item->setData(column_role, column);
        item->setFlags(Qt::ItemIsEnabled | Qt::ItemIsSelectable | Qt::ItemIsUserCheckable);
        item->setCheckState(view_->isColumnHidden(column) ? Qt::Unchecked : Qt::Checked);
    }
    list_->setCurrentRow(0);
    connect(find_, &QLineEdit::textChanged, this, &ColumnChooser::search);
    connect(list_, &QListWidget::itemChanged, this, &ColumnChooser::changed);
    connect(list_, &QListWidget::itemActivated, this, &ColumnChooser::goTo);
    connect(show, &QPushButton::clicked, this, [this] { setFoundShown(true); });
    connect(hide, &QPushButton::clicked, this, [this] { setFoundShown(false); });
    showCount();
}

void ColumnChooser::openAt(const QPoint &global)
{
    resize(chooser_size);
    QPoint at = global;
    if (const QScreen *shown_on = view_->screen()) {
        const QRect area = shown_on->availableGeometry();
        at.setX(std::clamp(at.x(), area.left(), std::max(area.left(), area.right() - width())));
        at.setY(std::clamp(at.y(), area.top(), std::max(area.top(), area.bottom() - height())));
    }
    move(at);
    show();
    find_->setFocus();
}

void ColumnChooser::setSearch(const QString &text)
{
    find_->setText(text);
}

int ColumnChooser::matchCount() const
{
    int found = 0;
    for (int row = 0; row < list_->count(); ++row)
        found += list_->item(row)->isHidden() ? 0 : 1;
    return found;
}

void ColumnChooser::search()
{
    const QString wanted = find_->text().trimmed();
    QListWidgetItem *first = nullptr;
    for (int row = 0; row < list_->count(); ++row) {
        QListWidgetItem *item = list_->item(row);
        item->setHidden(!item->text().contains(wanted, Qt::CaseInsensitive));
        if (first == nullptr && !item->isHidden())
            first = item;
    }
    list_->setCurrentItem(first);
    showCount();
}

void ColumnChooser::changed(QListWidgetItem *item)
{
    const int column = item->data(column_role).toInt();
    const bool show = item->checkState() == Qt::Checked;
    if (!show && view_->shownColumns().size() <= 1) {
        const QSignalBlocker quiet(list_);
        item->setCheckState(Qt::Checked);
        return;
    }
    view_->setColumnHidden(column, !show);
    showCount();
}

void ColumnChooser::setFoundShown(bool shown)
{
    for (int row = 0; row < list_->count(); ++row) {
        if (!list_->item(row)->isHidden())
            list_->item(row)->setCheckState(shown ? Qt::Checked : Qt::Unchecked);
    }
}

void ColumnChooser::goTo(QListWidgetItem *item)
{
    item->setCheckState(Qt::Checked);
    const result::CellPlace place = view_->currentPlace();
    view_->goTo({std::max<std::int64_t>(place.row, view_->topRow()), static_cast<std::size_t>(item->data(column_role).toInt())});
    close();
}

void ColumnChooser::showCount()
{
    const auto number = [](std::size_t value) { return QString::fromStdString(human::count(static_cast<std::int64_t>(value))); };
    count_->setText(tr("%1 of %2 shown").arg(number(view_->shownColumns().size()), number(static_cast<std::size_t>(model_->columnCount()))));
}

bool ColumnChooser::eventFilter(QObject *watched, QEvent *event)
{
    if (event->type() == QEvent::KeyPress) {
        auto *key = static_cast<QKeyEvent *>(event);
        if (watched == find_ && (key->key() == Qt::Key_Down || key->key() == Qt::Key_Up)) {
            list_->setFocus();
            return false;
        }
        if ((key->key() == Qt::Key_Return || key->key() == Qt::Key_Enter) && list_->currentItem() != nullptr) {
            goTo(list_->currentItem());
            return true;
        }
    }
    return QFrame::eventFilter(watched, event);
}

} // namespace howdah::ui
