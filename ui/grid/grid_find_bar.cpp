// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/grid/grid_find_bar.h"

#include <algorithm>

#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QToolButton>

#include "core/base/human.h"
#include "ui/base/palette.h"
#include "ui/grid/cell_delegate.h"
#include "ui/grid/grid_model.h"
#include "ui/grid/grid_view.h"

namespace howdah::ui {

namespace {

constexpr std::size_t most_matches = 100'000;
constexpr int pause_ms = 120;

QString number(std::size_t value)
{
    return QString::fromStdString(human::count(static_cast<std::int64_t>(value)));
}

} // namespace

GridFindBar::GridFindBar(GridView *view, GridModel *model, QWidget *parent)
    : QWidget(parent), view_(view), model_(model), find_(new QLineEdit), match_case_(new QToolButton), count_(new QLabel)
{
    auto *row = new QHBoxLayout(this);
    row->setContentsMargins(spacing::control, spacing::unit, spacing::control, spacing::unit);
    row->setSpacing(spacing::unit);
    find_->setPlaceholderText(tr("Find in the rows loaded"));
    find_->setAccessibleName(tr("Find in the rows loaded"));
    find_->setClearButtonEnabled(true);
    match_case_->setText(QStringLiteral("Aa"));
    match_case_->setCheckable(true);
    match_case_->setToolTip(tr("Match case"));
    match_case_->setAccessibleName(tr("Match case"));
    count_->setProperty("role", QStringLiteral("dim"));
    count_->setMinimumWidth(fontMetrics().horizontalAdvance(tr("%1 of %2").arg(number(most_matches), number(most_matches))));
    row->addWidget(find_, 1);
    row->addWidget(match_case_);
    row->addWidget(count_);
    connect(addTool(QStringLiteral("chevron-up"), tr("Previous (Shift+F3)")), &QToolButton::clicked, this, &GridFindBar::findPrevious);
    connect(addTool(QStringLiteral("chevron-down"), tr("Next (F3)")), &QToolButton::clicked, this, &GridFindBar::findNext);
    connect(addTool(QStringLiteral("close"), tr("Close (Esc)")), &QToolButton::clicked, this, &GridFindBar::close);

    timer_.setSingleShot(true);
    timer_.setInterval(pause_ms);
    connect(&timer_, &QTimer::timeout, this, &GridFindBar::search);
    const auto restart = [this] {
        jump_ = true;
        timer_.start();
    };
    connect(find_, &QLineEdit::textChanged, this, restart);
    connect(match_case_, &QToolButton::toggled, this, restart);
    connect(find_, &QLineEdit::returnPressed, this, &GridFindBar::findNext);
    hide();
}

QToolButton *GridFindBar::addTool(const QString &icon_name, const QString &tooltip)
{
    auto *button = new QToolButton;
    button->setIcon(icon(icon_name));
    button->setToolTip(tooltip);
    button->setAccessibleName(tooltip);
    layout()->addWidget(button);
    return button;
}

void GridFindBar::open()
{
    show();
    find_->setFocus(Qt::ShortcutFocusReason);
    find_->selectAll();
    searchAgain();
}

void GridFindBar::close()
{
    hide();
    job_.cancel();
    timer_.stop();
    found_ = {};
    view_->cells()->setMatcher({});
    view_->viewport()->update();
    view_->setFocus();
}

void GridFindBar::setText(const QString &text, bool match_case)
{
    match_case_->setChecked(match_case);
    find_->setText(text);
}

void GridFindBar::searchMore()
{
    if (isVisible() && !find_->text().isEmpty() && !timer_.isActive() && !job_.running() && searched_rows_ != model_->totalRows())
        timer_.start();
}

void GridFindBar::searchAgain()
{
    if (isVisible() && !find_->text().isEmpty())
        search();
}

void GridFindBar::search()
{
    const result::TextMatcher matcher(find_->text().toStdString(), match_case_->isChecked());
    view_->cells()->setMatcher(matcher);
    view_->viewport()->update();
    found_ = {};
    if (matcher.empty()) {
        job_.cancel();
        count_->clear();
        Q_EMIT searched();
        return;
    }
    count_->setText(tr("Searching…"));
    columns_ = view_->shownColumns();
    searched_rows_ = model_->totalRows();
    job_.start<result::FoundCells>(
        [rows = model_->rows(), total = model_->totalRows(), columns = columns_, matcher](std::stop_token stop) {
            return result::findCells(rows, total, columns, matcher, most_matches, stop);
        },
        [this](result::FoundCells found) { accept(std::move(found)); });
}

void GridFindBar::accept(result::FoundCells found)
{
    found_ = std::move(found);
    if (jump_ && !found_.places.empty()) {
        result::CellPlace current = view_->currentPlace();
        const std::size_t at = firstBehind(current);
        // The current cell itself counts as long as one types.
        const bool here = at > 0 && found_.places[at - 1] == current;
        goTo(here ? at - 1 : at % found_.places.size());
    } else {
        showCount(std::nullopt);
    }
    jump_ = false;
    searchMore();
    Q_EMIT searched();
}

std::size_t GridFindBar::firstBehind(result::CellPlace place) const
{
    std::vector<std::size_t> at(static_cast<std::size_t>(model_->columnCount()), 0);
    for (std::size_t i = 0; i < columns_.size(); ++i)
        at[columns_[i]] = i;
    const auto behind = std::upper_bound(found_.places.begin(), found_.places.end(), place, [&](const auto &a, const auto &b) {
        return a.row != b.row ? a.row < b.row : at[a.column] < at[b.column];
    });
    return static_cast<std::size_t>(behind - found_.places.begin());
}

void GridFindBar::findNext()
{
    if (!found_.places.empty())
        goTo(firstBehind(view_->currentPlace()) % found_.places.size());
    else if (timer_.isActive())
        jump_ = true;
}

void GridFindBar::findPrevious()
{
    if (found_.places.empty())
        return;
    const result::CellPlace current = view_->currentPlace();
    std::size_t at = firstBehind(current);
    if (at > 0 && found_.places[at - 1] == current)
        --at;
    goTo((at + found_.places.size() - 1) % found_.places.size());
}

void GridFindBar::goTo(std::size_t match)
{
    view_->goTo(found_.places[match]);
    showCount(match);
}

void GridFindBar::showCount(std::optional<std::size_t> match)
{
    const QString all = number(found_.places.size()) + (found_.complete ? QString() : QStringLiteral("+"));
    if (found_.places.empty())
        count_->setText(tr("Nothing found"));
    else if (match)
        count_->setText(tr("%1 of %2").arg(number(*match + 1), all));
    else
        count_->setText(tr("%1 found").arg(all));
}

void GridFindBar::keyPressEvent(QKeyEvent *event)
{
    if (event->key() == Qt::Key_Escape)
        close();
    else if (event->key() == Qt::Key_F3 || event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter)
        event->modifiers().testFlag(Qt::ShiftModifier) ? findPrevious() : findNext();
    else
        QWidget::keyPressEvent(event);
}

} // namespace howdah::ui
