// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/base/banner.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QPainter>
#include <QPushButton>
#include <QTimer>
#include <QToolButton>

#include "ui/base/palette.h"
#include "ui/base/theme_notifier.h"

namespace howdah::ui {

namespace {

QString iconOf(Tone tone)
{
    switch (tone) {
    case Tone::Good: return QStringLiteral("check");
    case Tone::Warn: return QStringLiteral("warning");
    case Tone::Bad: return QStringLiteral("error");
    case Tone::Neutral:
    case Tone::Accent: break;
    }
    return QStringLiteral("info");
}

constexpr int icon_size = 16;

} // namespace

Banner::Banner(QWidget *parent)
    : QFrame(parent), picture_(new QLabel(this)), sentence_(new QLabel(this)), details_(new QLabel(this)),
      buttons_(new QHBoxLayout), timer_(new QTimer(this))
{
    for (QLabel *label : {sentence_, details_}) {
        label->setWordWrap(true);
        label->setTextFormat(Qt::PlainText); // server messages may hold anything
        label->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    }
    picture_->setFixedSize(icon_size, icon_size);
    auto *close = new QToolButton(this);
    close->setIcon(icon(QStringLiteral("close")));
    close->setToolTip(tr("Dismiss"));
    close->setAccessibleName(tr("Dismiss"));
    connect(close, &QToolButton::clicked, this, &Banner::dismiss);

    auto *texts = new QVBoxLayout;
    texts->setSpacing(2);
    texts->addWidget(sentence_);
    texts->addWidget(details_);
    buttons_->setSpacing(spacing::control);
    auto *layout = new QHBoxLayout(this);
    layout->setContentsMargins(spacing::card, spacing::control, spacing::control, spacing::control);
    layout->setSpacing(spacing::control);
    layout->addWidget(picture_);
    layout->addLayout(texts, 1);
    layout->addLayout(buttons_);
    layout->addWidget(close);

    timer_->setSingleShot(true);
    connect(timer_, &QTimer::timeout, this, &Banner::dismiss);
    connect(&ThemeNotifier::instance(), &ThemeNotifier::themeChanged, this, &Banner::refresh);
    hide();
}

void Banner::showMessage(Tone tone, const QString &sentence, const QString &details, int seconds)
{
    tone_ = tone;
    sentence_->setText(sentence);
    details_->setText(details);
    details_->setVisible(!details.isEmpty());
    while (QLayoutItem *item = buttons_->takeAt(0)) {
        if (item->widget() != nullptr)
            item->widget()->deleteLater();
        delete item;
    }
    setAccessibleName(sentence);
    refresh();
    timer_->stop();
    timer_->setInterval(seconds * 1000);
    if (seconds > 0)
        timer_->start();
    show();
}

void Banner::addButton(const QString &text, std::function<void()> clicked)
{
    auto *button = new QPushButton(text, this);
    connect(button, &QPushButton::clicked, this, std::move(clicked));
    buttons_->addWidget(button);
    button->show(); // the layout would do so in a later turn
}

void Banner::dismiss()
{
    timer_->stop();
    hide();
}

QString Banner::sentence() const
{
    return sentence_->text();
}

void Banner::refresh()
{
    picture_->setPixmap(icon(iconOf(tone_), toneInk(tone_)).pixmap(QSize(icon_size, icon_size), devicePixelRatioF()));
    update();
}

void Banner::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(QPen(toneShape(tone_), 1));
    painter.setBrush(toneTint(tone_));
    painter.drawRoundedRect(QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5), spacing::radius, spacing::radius);
}

void Banner::enterEvent(QEnterEvent *)
{
    if (timer_->isActive())
        timer_->stop();
}

void Banner::leaveEvent(QEvent *)
{
    if (timer_->interval() > 0)
        timer_->start();
}

} // namespace howdah::ui
