// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/grid/diff_page.h"

#include <algorithm>

#include <QApplication>
#include <QClipboard>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QKeyEvent>
#include <QLabel>
#include <QMenu>
#include <QPainter>
#include <QPushButton>
#include <QStyledItemDelegate>
#include <QTableView>
#include <QToolButton>
#include <QVBoxLayout>

#include "core/base/human.h"
#include "ui/base/elided_label.h"
#include "ui/base/hairline.h"
#include "ui/base/palette.h"
#include "ui/base/segmented_tabs.h"
#include "ui/base/theme_notifier.h"
#include "ui/grid/cell_text.h"
#include "ui/grid/diff_model.h"

namespace howdah::ui {

using result::RowChange;

namespace {

const QString all_kind = QStringLiteral("all");
const QString changed_kind = QStringLiteral("changed");
const QString added_kind = QStringLiteral("added");
const QString removed_kind = QStringLiteral("removed");

constexpr int widest_column = 320;
constexpr int fitted_rows = 40;
constexpr std::size_t columns_in_menu = 60;
constexpr int copied_rows = 200'000;

QString count(qint64 value)
{
    return QString::fromStdString(human::count(value));
}

QString rowsText(qint64 rows)
{
    return rows == 1 ? DiffPage::tr("1 row") : DiffPage::tr("%1 rows").arg(count(rows));
}

/// A cell on the ground that tells its change, without the frames that the style would put around it.
class DiffDelegate : public QStyledItemDelegate
{
public:
    using QStyledItemDelegate::QStyledItemDelegate;
    void paint(QPainter *painter, const QStyleOptionViewItem &option, const QModelIndex &index) const override
    {
        const Colors &c = colors();
        const QVariant ground = index.data(Qt::BackgroundRole);
        const bool selected = option.state.testFlag(QStyle::State_Selected);
        if (selected || ground.isValid())
            painter->fillRect(option.rect, selected ? c.on_tint : ground.value<QColor>());
        const QVariant ink = index.data(Qt::ForegroundRole);
        painter->setPen(ink.isValid() ? ink.value<QColor>() : c.text);
        painter->setFont(index.column() == 0 ? textFont() : monoFont());
        const QRect inner = option.rect.adjusted(spacing::control, 0, -spacing::control, 0);
        const QVariant side = index.data(Qt::TextAlignmentRole);
        const auto alignment = side.isValid() ? side.value<Qt::Alignment>() : Qt::Alignment(Qt::AlignLeft | Qt::AlignVCenter);
        painter->drawText(inner, static_cast<int>(alignment) | Qt::TextSingleLine,
                          painter->fontMetrics().elidedText(index.data().toString(), Qt::ElideRight, inner.width()));
        if (option.state.testFlag(QStyle::State_HasFocus)) {
            painter->setPen(c.accent);
            painter->setBrush(Qt::NoBrush);
            painter->drawRect(option.rect.adjusted(0, 0, -1, -1));
        }
    }
};

} // namespace

DiffPage::DiffPage(QWidget *parent)
    : QWidget(parent), model_(new DiffModel(this)), title_(new ElidedLabel), key_button_(new QPushButton), key_menu_(new QMenu(this)),
      kinds_(new SegmentedTabs(SegmentedTabs::Look::Quiet)), table_(new QTableView), sentence_(new QLabel)
{
    auto *rows = new QVBoxLayout(this);
    rows->setContentsMargins(0, 0, 0, 0);
    rows->setSpacing(0);
    auto *head = new QHBoxLayout;
    head->setContentsMargins(spacing::card, spacing::unit, spacing::control, spacing::unit);
    head->setSpacing(spacing::control);
    QFont bold = textFont();
    bold.setWeight(QFont::DemiBold);
    title_->setFont(bold);
    const auto tool = [&](const QString &icon_name, const QString &tooltip, auto slot) {
        auto *button = new QToolButton;
        button->setIcon(icon(icon_name));
        button->setToolTip(tooltip);
        button->setAccessibleName(tooltip);
        connect(button, &QToolButton::clicked, this, slot);
        head->addWidget(button);
    };
    head->addWidget(title_, 1);
    key_button_->setMenu(key_menu_);
    key_button_->setToolTip(tr("Rows with the same values here are the same row"));
    head->addWidget(key_button_);
    for (const auto &[id, text] : {std::pair(all_kind, tr("All")), std::pair(changed_kind, tr("Changed")), std::pair(added_kind, tr("Added")), std::pair(removed_kind, tr("Removed"))})
        kinds_->addSegment(id, text);
    head->addWidget(kinds_);
    tool(QStringLiteral("refresh"), tr("Swap before and after"), &DiffPage::swap);
    tool(QStringLiteral("copy"), tr("Copy the rows selected, or all"), &DiffPage::copySelection);
    tool(QStringLiteral("close"), tr("Close (Esc)"), &DiffPage::closed);
    rows->addLayout(head);
    rows->addWidget(hairline(this));
    table_->setModel(model_);
    table_->setFrameShape(QFrame::NoFrame);
    table_->setWordWrap(false);
    table_->setEditTriggers(QAbstractItemView::NoEditTriggers);
    table_->setHorizontalScrollMode(QAbstractItemView::ScrollPerPixel);
    table_->setTabKeyNavigation(false);
    table_->setItemDelegate(new DiffDelegate(table_));
    table_->verticalHeader()->setFont(monoFont());
    table_->setAccessibleName(tr("Rows that differ"));
    table_->verticalHeader()->setSectionResizeMode(QHeaderView::Fixed);
    table_->verticalHeader()->setMinimumSectionSize(1);
    table_->verticalHeader()->setDefaultSectionSize(QFontMetrics(monoFont()).height() + spacing::control);
    table_->horizontalHeader()->setSectionsMovable(true);
    table_->horizontalHeader()->setHighlightSections(false);
    table_->horizontalHeader()->setDefaultAlignment(Qt::AlignLeft | Qt::AlignVCenter);
    rows->addWidget(table_, 1);
    rows->addWidget(hairline(this));
    sentence_->setContentsMargins(spacing::card, spacing::unit, spacing::card, spacing::unit);
    sentence_->setProperty("role", QStringLiteral("dim"));
    rows->addWidget(sentence_);
    setFocusProxy(table_);

    connect(kinds_, &SegmentedTabs::currentChanged, this, &DiffPage::chooseKind);
    connect(&ThemeNotifier::instance(), &ThemeNotifier::themeChanged, table_->viewport(), qOverload<>(&QWidget::update));
}

void DiffPage::compare(result::RowView before, QString before_title, result::RowView after, QString after_title,
                       std::vector<std::size_t> key)
{
    before_ = std::move(before);
    after_ = std::move(after);
    before_title_ = std::move(before_title);
    after_title_ = std::move(after_title);
    pairs_ = result::pairColumns(before_.source->columns(), after_.source->columns());
    title_->setText(tr("%1  →  %2").arg(before_title_, after_title_));
    start(std::move(key));
}

void DiffPage::setKey(const std::vector<std::size_t> &key)
{
    if (!key.empty())
        start(key);
}

void DiffPage::swap()
{
    std::vector<std::size_t> key;
    const auto before = pairs_;
    const auto chosen = key_;
    compare(after_, after_title_, before_, before_title_);
    // The pairs stand in another order now.
    for (const std::size_t i : chosen) {
        const auto at = std::find(pairs_.begin(), pairs_.end(), result::ColumnPair{before[i].after, before[i].before});
        if (at != pairs_.end())
            key.push_back(static_cast<std::size_t>(at - pairs_.begin()));
    }
    setKey(key);
}

void DiffPage::start(std::vector<std::size_t> key)
{
    sentence_->setText(tr("Comparing…"));
    key_button_->setEnabled(false);
    job_.start<Compared>(
        [before = before_, after = after_, pairs = pairs_, key = std::move(key)](std::stop_token stop) mutable -> Compared {
            if (key.empty())
                key = result::guessKey(before, after, pairs, stop);
            auto diff = result::diffRows(before, after, pairs, key, stop);
            return {std::move(key), std::move(diff)};
        },
        [this](Compared done) { accept(std::move(done)); });
}

void DiffPage::accept(Compared done)
{
    key_ = std::move(done.key);
    key_button_->setEnabled(true);
    showKey();
    if (!done.diff) {
        sentence_->setText(QString::fromStdString(done.diff.error().message + ". " + done.diff.error().hint));
        Q_EMIT compared();
        return;
    }
    model_->setDiff(before_, after_, pairs_, std::move(*done.diff));
    const result::RowsDiff &diff = model_->diff();
    kinds_->setText(all_kind, tr("All %1").arg(count(static_cast<qint64>(diff.rows.size()))));
    kinds_->setText(changed_kind, tr("Changed %1").arg(count(diff.changed)));
    kinds_->setText(added_kind, tr("Added %1").arg(count(diff.added)));
    kinds_->setText(removed_kind, tr("Removed %1").arg(count(diff.removed)));
    QString text = diff.rows.empty() ? tr("No differences: %1 compared").arg(rowsText(diff.same))
                                     : tr("Without differences, and not listed: %1").arg(rowsText(diff.same));
    if (diff.repeated_keys > 0)
        text += QStringLiteral(" · ") + tr("keys that repeat, matched in their order: %1").arg(rowsText(diff.repeated_keys));
    if (diff.rows.size() > static_cast<std::size_t>(DiffModel::most_rows))
        text += QStringLiteral(" · ") + tr("the first %1 differences are listed").arg(count(DiffModel::most_rows));
    sentence_->setText(text);
    chooseKind();
    for (int column = 0; column < model_->columnCount(); ++column) {
        int width = table_->fontMetrics().horizontalAdvance(model_->headerData(column, Qt::Horizontal, Qt::DisplayRole).toString());
        for (int row = 0; row < std::min(model_->rowCount(), fitted_rows); ++row)
            width = std::max(width, QFontMetrics(column == 0 ? textFont() : monoFont()).horizontalAdvance(model_->index(row, column).data().toString()));
        table_->setColumnWidth(column, std::min(widest_column, width + 3 * spacing::control));
    }
    Q_EMIT compared();
}

void DiffPage::showKey()
{
    QStringList names;
    for (const std::size_t i : key_)
        names << lineText(after_.source->columns()[pairs_[i].after].name, 24);
    const bool all = key_.size() == pairs_.size() && key_.size() > 1;
    key_button_->setText(all ? tr("Key: all columns") : names.size() > 3 ? tr("Key: %1 columns").arg(names.size()) : tr("Key: %1").arg(names.join(QStringLiteral(", "))));
    fillKeyMenu();
}

void DiffPage::fillKeyMenu()
{
    key_menu_->clear();
    for (std::size_t i = 0; i < std::min(pairs_.size(), columns_in_menu); ++i) {
        QAction *action = key_menu_->addAction(lineText(after_.source->columns()[pairs_[i].after].name, 48));
        action->setCheckable(true);
        action->setChecked(std::find(key_.begin(), key_.end(), i) != key_.end());
        connect(action, &QAction::triggered, this, [this, i](bool on) {
            std::vector<std::size_t> now = key_.size() == pairs_.size() ? std::vector<std::size_t>() : key_;
            std::erase(now, i);
            if (on || key_.size() == pairs_.size())
                now.push_back(i);
            std::sort(now.begin(), now.end());
            setKey(now);
        });
    }
    key_menu_->addSeparator();
    key_menu_->addAction(tr("Guess again"), this, [this] { start({}); });
}

void DiffPage::chooseKind()
{
    const QString kind = kinds_->current();
    model_->setKind(kind == changed_kind   ? std::optional(RowChange::Changed)
                    : kind == added_kind   ? std::optional(RowChange::Added)
                    : kind == removed_kind ? std::optional(RowChange::Removed)
                                           : std::nullopt);
}

/// Tab-separated with headers and the kind of the change, as spreadsheets take it.
void DiffPage::copySelection()
{
    std::vector<bool> chosen;
    const QItemSelection selected = table_->selectionModel()->selection();
    if (!selected.isEmpty()) {
        chosen.assign(static_cast<std::size_t>(model_->rowCount()), false);
        for (const QItemSelectionRange &range : selected)
            std::fill(chosen.begin() + range.top(), chosen.begin() + range.bottom() + 1, true);
    }
    QString text;
    for (int column = 0; column < model_->columnCount(); ++column)
        text += (column > 0 ? QStringLiteral("\t") : QString()) + model_->headerData(column, Qt::Horizontal, Qt::DisplayRole).toString();
    text += QLatin1Char('\n');
    int copied = 0;
    for (int row = 0; row < model_->rowCount() && copied < copied_rows; ++row) {
        if (!chosen.empty() && !chosen[static_cast<std::size_t>(row)])
            continue;
        for (int column = 0; column < model_->columnCount(); ++column)
            text += (column > 0 ? QStringLiteral("\t") : QString()) + model_->copyText(model_->index(row, column));
        text += QLatin1Char('\n');
        ++copied;
    }
    QApplication::clipboard()->setText(text);
    sentence_->setText(tr("Copied %1").arg(rowsText(copied)));
}

QString DiffPage::sentence() const
{
    return sentence_->text();
}

void DiffPage::keyPressEvent(QKeyEvent *event)
{
    if (event->key() == Qt::Key_Escape)
        Q_EMIT closed();
    else if (event->matches(QKeySequence::Copy))
        copySelection();
    else
        QWidget::keyPressEvent(event);
}

} // namespace howdah::ui
