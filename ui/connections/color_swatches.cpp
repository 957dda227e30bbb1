// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/connections/color_swatches.h"

#include <QButtonGroup>
#include <QColorDialog>
#include <QHBoxLayout>
#include <QPainter>
#include <QToolButton>

#include "ui/base/contrast.h"
#include "ui/base/palette.h"
#include "ui/base/theme_notifier.h"

namespace howdah::ui {

namespace {

constexpr const char *color_property = "swatch";
constexpr int swatch_size = 18;

QPixmap drawn(const QColor &color, bool is_chosen, const QString &letter, qreal scale)
{
    QPixmap picture(QSize(swatch_size, swatch_size) * scale);
    picture.setDevicePixelRatio(scale);
    picture.fill(Qt::transparent);
    QPainter painter(&picture);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(Qt::NoPen);
    painter.setBrush(color);
    painter.drawEllipse(QRectF(1, 1, swatch_size - 2, swatch_size - 2));
    const QRect inner(4, 4, swatch_size - 8, swatch_size - 8);
    if (is_chosen) {
        icon(QStringLiteral("check"), readableOn(color)).paint(&painter, inner.adjusted(-1, -1, 1, 1));
    } else if (!letter.isEmpty()) {
        painter.setPen(readableOn(color));
        painter.setFont(captionFont());
        painter.drawText(QRect(0, 0, swatch_size, swatch_size), Qt::AlignCenter, letter);
    }
    return picture;
}

} // namespace

ColorSwatches::ColorSwatches(QWidget *parent) : QWidget(parent), group_(new QButtonGroup(this))
{
    auto *layout = new QHBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(2);
    environment_ = addSwatch({}, tr("The environment's colour"));
    const QString names[] = {tr("Blue"), tr("Orange"), tr("Green"), tr("Vermilion"), tr("Purple"), tr("Sky")};
    for (std::size_t i = 0; i < std::size(names); ++i)
        addSwatch(colorsOf(false).series[i].name(), names[i]);
    other_ = addSwatch(QStringLiteral("other"), tr("Another colour…"));
    layout->addStretch(1);
    connect(group_, &QButtonGroup::buttonClicked, this, [this](QAbstractButton *button) {
        const QString chosen = button->property(color_property).toString();
        button == other_ ? chooseOther() : choose(chosen);
    });
    connect(&ThemeNotifier::instance(), &ThemeNotifier::themeChanged, this, &ColorSwatches::repaintSwatches);
    repaintSwatches();
}

QToolButton *ColorSwatches::addSwatch(const QString &color, const QString &name)
{
    auto *button = new QToolButton(this);
    button->setProperty(color_property, color);
    button->setToolTip(name);
    button->setAccessibleName(name);
    button->setIconSize(QSize(swatch_size, swatch_size));
    button->setCheckable(true);
    button->setAutoRaise(true);
    group_->addButton(button);
    layout()->addWidget(button);
    return button;
}

void ColorSwatches::setEnvironmentColor(const QColor &color)
{
    environment_color_ = color;
    repaintSwatches();
}

void ColorSwatches::setColor(const QString &color)
{
    color_ = QColor(color).isValid() && !color.isEmpty() ? QColor(color).name() : QString();
    repaintSwatches();
}

void ColorSwatches::choose(const QString &color)
{
    if (color == color_) {
        repaintSwatches();
        return;
    }
    color_ = color;
    repaintSwatches();
    Q_EMIT colorChanged();
}

void ColorSwatches::chooseOther()
{
    auto *dialog = new QColorDialog(QColor(color_.isEmpty() ? environment_color_.name() : color_), this);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    connect(dialog, &QColorDialog::colorSelected, this, [this](const QColor &color) { choose(color.name()); });
    connect(dialog, &QDialog::rejected, this, &ColorSwatches::repaintSwatches);
    dialog->open();
}

void ColorSwatches::repaintSwatches()
{
    bool is_known = false;
    for (QAbstractButton *button : group_->buttons()) {
        if (button == other_)
            continue;
        const QString of = button->property(color_property).toString();
        const bool is_chosen = of == color_;
        is_known |= is_chosen;
        const QColor fill = button == environment_ ? (environment_color_.isValid() ? environment_color_ : colors().good) : QColor(of);
        button->setIcon(drawn(fill, is_chosen, button == environment_ ? tr("A", "automatic") : QString(), devicePixelRatioF()));
        button->setChecked(is_chosen);
    }
    other_->setIcon(is_known ? icon(QStringLiteral("more")) : QIcon(drawn(QColor(color_), true, {}, devicePixelRatioF())));
    other_->setChecked(!is_known);
}

} // namespace howdah::ui
