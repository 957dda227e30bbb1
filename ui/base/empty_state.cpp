// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/base/empty_state.h"

#include <QLabel>
#include <QPainter>
#include <QPushButton>
#include <QVBoxLayout>

#include "ui/base/palette.h"
#include "ui/base/theme_notifier.h"

namespace howdah::ui {

namespace {
constexpr int picture_size = 72;
constexpr int icon_size = 32;
constexpr int text_width = 420;
} // namespace

EmptyState::EmptyState(const QString &icon_name, const QString &title, const QString &sentence, QWidget *parent)
    : QWidget(parent), icon_name_(icon_name), picture_(new QLabel(this)), title_(new QLabel(title, this)),
      sentence_(new QLabel(sentence, this)), buttons_(new QHBoxLayout)
{
    title_->setProperty("role", QStringLiteral("title"));
    title_->setAlignment(Qt::AlignCenter);
    sentence_->setProperty("role", QStringLiteral("dim"));
    sentence_->setAlignment(Qt::AlignHCenter | Qt::AlignTop);
    sentence_->setWordWrap(true);
    sentence_->setFixedWidth(text_width);
    picture_->setAlignment(Qt::AlignCenter);
    buttons_->setSpacing(spacing::control);
    buttons_->setAlignment(Qt::AlignCenter);

    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(spacing::page, spacing::page, spacing::page, spacing::page);
    layout->setSpacing(spacing::card);
    layout->addStretch(2);
    layout->addWidget(picture_, 0, Qt::AlignHCenter);
    layout->addWidget(title_);
    layout->addWidget(sentence_, 0, Qt::AlignHCenter);
    layout->addLayout(buttons_);
    layout->addStretch(3);
    fitSentence();
    paintPicture();
    connect(&ThemeNotifier::instance(), &ThemeNotifier::themeChanged, this, &EmptyState::paintPicture);
}

void EmptyState::setTexts(const QString &title, const QString &sentence)
{
    title_->setText(title);
    sentence_->setText(sentence);
    fitSentence();
}

void EmptyState::fitSentence()
{
    // Within a centred cell the layout does not ask a wrapped label how high it is at its width.
    sentence_->setMinimumHeight(sentence_->heightForWidth(text_width));
}

QPushButton *EmptyState::addButton(const QString &text, const QString &icon_name, std::function<void()> clicked)
{
    auto *button = new QPushButton(text, this);
    if (buttons_->count() == 0)
        button->setProperty("role", QStringLiteral("primary"));
    else if (!icon_name.isEmpty())
        button->setIcon(icon(icon_name));
    connect(button, &QPushButton::clicked, this, std::move(clicked));
    buttons_->addWidget(button);
    return button;
}

void EmptyState::paintPicture()
{
    const qreal scale = devicePixelRatioF();
    QPixmap picture(QSize(picture_size, picture_size) * scale);
    picture.setDevicePixelRatio(scale);
    picture.fill(Qt::transparent);
    QPainter painter(&picture);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(Qt::NoPen);
    painter.setBrush(colors().on_tint);
    painter.drawEllipse(0, 0, picture_size, picture_size);
    const int inset = (picture_size - icon_size) / 2;
    icon(icon_name_, colors().accent).paint(&painter, QRect(inset, inset, icon_size, icon_size));
    picture_->setPixmap(picture);
}

} // namespace howdah::ui
