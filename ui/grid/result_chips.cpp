// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/grid/result_chips.h"

#include <algorithm>

#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>

#include "ui/base/palette.h"
#include "ui/base/theme_notifier.h"

namespace howdah::ui {

namespace {

constexpr int pin_size = 14;
constexpr int widest_chip = 320;
constexpr int chip_margin = 3;

} // namespace

ResultChips::ResultChips(QWidget *parent) : QTabBar(parent), title_font_(captionFont())
{
    setAccessibleName(tr("Results"));
    setDrawBase(false);
    setExpanding(false);
    setUsesScrollButtons(true);
    setElideMode(Qt::ElideRight);
    setMouseTracking(true);
    setFocusPolicy(Qt::TabFocus);
    setAccessibleName(tr("Results of this run"));
    connect(&ThemeNotifier::instance(), &ThemeNotifier::themeChanged, this, qOverload<>(&QWidget::update));
}

void ResultChips::setChip(int index, const QString &title, const QString &figures, const QString &tooltip)
{
    Chip &chip = chips_[index];
    if (chip.title == title && chip.figures == figures)
        return;
    chip.title = title;
    chip.figures = figures;
    setTabToolTip(index, tooltip);
    // The text is what screen readers say; it also makes the bar lay itself out again.
    setTabText(index, QStringLiteral("%1 %2").arg(title, figures).replace(QLatin1Char('&'), QStringLiteral("&&")));
}

void ResultChips::setPinned(int index, bool pinned)
{
    chips_[index].pinned = pinned;
    update();
}

bool ResultChips::isPinned(int index) const
{
    return chips_.value(index).pinned;
}

QRect ResultChips::pinRect(int index) const
{
    const QRect chip = tabRect(index).adjusted(chip_margin, chip_margin, -chip_margin, -chip_margin);
    return {chip.right() - spacing::unit - pin_size, chip.center().y() - pin_size / 2 + 1, pin_size, pin_size};
}

QSize ResultChips::tabSizeHint(int index) const
{
    if (index >= chips_.size())
        return {0, 0};
    const Chip &chip = chips_[index];
    const int text = QFontMetrics(title_font_).horizontalAdvance(chip.title) + spacing::unit + 2 + fontMetrics().horizontalAdvance(chip.figures);
    return {std::min(widest_chip, text + pin_size + 2 * spacing::control + 2 * spacing::unit + 2 * chip_margin),
            fontMetrics().height() + spacing::control + 2 * chip_margin};
}

QSize ResultChips::minimumTabSizeHint(int index) const
{
    return tabSizeHint(index);
}

void ResultChips::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    for (int index = 0; index < count(); ++index) {
        if (tabRect(index).intersects(rect()))
            paintChip(painter, index);
    }
}

void ResultChips::paintChip(QPainter &painter, int index) const
{
    const Colors &c = colors();
    const Chip &chip = chips_[index];
    const QRect frame = tabRect(index).adjusted(chip_margin, chip_margin, -chip_margin, -chip_margin);
    const bool current = index == currentIndex();
    const bool hovered = tabRect(index).contains(pointer_);
    painter.setPen(current && hasFocus() ? QPen(c.text) : current ? QPen(c.on_tint) : QPen(c.line));
    painter.setBrush(current ? c.on_tint : hovered ? c.hover : c.panel);
    painter.drawRoundedRect(QRectF(frame).adjusted(0.5, 0.5, -0.5, -0.5), spacing::radius, spacing::radius);

    QRect inner = frame.adjusted(spacing::control, 0, -spacing::unit - pin_size - spacing::unit, 0);
    painter.setFont(title_font_);
    painter.setPen(current ? c.accent_ink : c.text);
    const QFontMetrics metrics(title_font_);
    const int figures_width = fontMetrics().horizontalAdvance(chip.figures);
    const QString title = metrics.elidedText(chip.title, Qt::ElideRight, std::max(0, inner.width() - figures_width - spacing::unit - 2));
    painter.drawText(inner, static_cast<int>(Qt::AlignLeft | Qt::AlignVCenter) | Qt::TextSingleLine, title);
    inner.setLeft(inner.left() + metrics.horizontalAdvance(title) + spacing::unit + 2);
    painter.setFont(font());
    painter.setPen(c.dim);
    painter.drawText(inner, static_cast<int>(Qt::AlignLeft | Qt::AlignVCenter) | Qt::TextSingleLine,
                     fontMetrics().elidedText(chip.figures, Qt::ElideRight, inner.width()));
    if (chip.pinned || hovered) {
        const bool strong = chip.pinned || pinRect(index).contains(pointer_);
        icon(QStringLiteral("pin"), strong ? c.accent_ink : c.dim).paint(&painter, pinRect(index));
    }
}

void ResultChips::mousePressEvent(QMouseEvent *event)
{
    const QPoint at = event->position().toPoint();
    const int index = tabAt(at);
    if (index >= 0 && event->button() == Qt::LeftButton && pinRect(index).adjusted(-2, -2, 2, 2).contains(at))
        Q_EMIT pinToggled(index);
    else
        QTabBar::mousePressEvent(event);
}

void ResultChips::mouseMoveEvent(QMouseEvent *event)
{
    pointer_ = event->position().toPoint();
    update();
    QTabBar::mouseMoveEvent(event);
}

void ResultChips::leaveEvent(QEvent *event)
{
    pointer_ = {-1, -1};
    update();
    QTabBar::leaveEvent(event);
}

void ResultChips::keyPressEvent(QKeyEvent *event)
{
    if (event->key() == Qt::Key_P && currentIndex() >= 0)
        Q_EMIT pinToggled(currentIndex());
    else
        QTabBar::keyPressEvent(event);
}

void ResultChips::tabInserted(int index)
{
    chips_.insert(index, Chip{});
    QTabBar::tabInserted(index);
}

void ResultChips::tabRemoved(int index)
{
    chips_.removeAt(index);
    QTabBar::tabRemoved(index);
}

} // namespace howdah::ui
