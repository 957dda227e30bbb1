// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/browser/browser_note.h"

#include <QLabel>
#include <QPushButton>
#include <QVBoxLayout>

#include "ui/base/palette.h"
#include "ui/base/theme_notifier.h"

namespace howdah::ui {

namespace {
constexpr int picture_size = 32;
}

BrowserNote::BrowserNote(QWidget *parent)
    : QWidget(parent), picture_(new QLabel(this)), title_(new QLabel(this)), sentence_(new QLabel(this)),
      button_(new QPushButton(this))
{
    QFont bold = textFont();
    bold.setWeight(QFont::DemiBold);
    title_->setFont(bold);
    title_->setWordWrap(true);
    sentence_->setProperty("role", QStringLiteral("dim"));
    sentence_->setWordWrap(true);
    for (QLabel *label : {picture_, title_, sentence_})
        label->setAlignment(Qt::AlignHCenter);
    button_->setProperty("role", QStringLiteral("primary"));
    connect(button_, &QPushButton::clicked, this, &BrowserNote::clicked);

    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(spacing::page, spacing::page, spacing::page, spacing::page);
    layout->setSpacing(spacing::control);
    layout->addStretch(2);
    layout->addWidget(picture_);
    layout->addWidget(title_);
    layout->addWidget(sentence_);
    layout->addSpacing(spacing::unit);
    layout->addWidget(button_, 0, Qt::AlignHCenter);
    layout->addStretch(3);
    connect(&ThemeNotifier::instance(), &ThemeNotifier::themeChanged, this, &BrowserNote::paintPicture);
}

void BrowserNote::say(const QString &icon_name, const QString &title, const QString &sentence, const QString &button)
{
    icon_name_ = icon_name;
    title_->setText(title);
    sentence_->setText(sentence);
    button_->setText(button);
    button_->setVisible(!button.isEmpty());
    paintPicture();
}

void BrowserNote::paintPicture()
{
    if (!icon_name_.isEmpty())
        picture_->setPixmap(icon(icon_name_, colors().dim).pixmap(QSize(picture_size, picture_size), devicePixelRatioF()));
}

} // namespace howdah::ui
