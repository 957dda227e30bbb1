// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/plan/plan_scale.h"

#include <QPainter>

#include "ui/base/palette.h"
#include "ui/base/theme_notifier.h"

namespace howdah::ui {

namespace {

QColor mixed(const QColor &ground, const QColor &ink, double part)
{
    const auto channel = [part](int a, int b) { return static_cast<int>(a + (b - a) * part); };
    return QColor(channel(ground.red(), ink.red()), channel(ground.green(), ink.green()),
                  channel(ground.blue(), ink.blue()));
}

QFont smallFont()
{
    QFont font = textFont();
    font.setPixelSize(font.pixelSize() - 2);
    return font;
}

} // namespace

QColor scaleColour(Tone tone)
{
    const Colors &c = colors();
    switch (tone) {
    case Tone::Good: return c.series[0];
    case Tone::Warn: return c.series[1];
    case Tone::Bad: return c.series[3];
    case Tone::Accent: return c.accent;
    case Tone::Neutral: break;
    }
    return mixed(c.panel2, c.dim, 0.6);
}

QColor scaleGround(Tone tone)
{
    const Colors &c = colors();
    if (tone == Tone::Neutral)
        return mixed(c.panel2, c.dim, 0.12);
    return tone == Tone::Good ? mixed(c.panel, c.series[0], 0.26) : scaleColour(tone);
}

PlanLegend::PlanLegend(QWidget *parent) : QWidget(parent)
{
    setFixedHeight(24);
    setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Fixed);
    setColourBy(ColourBy::Time, true);
    connect(&ThemeNotifier::instance(), &ThemeNotifier::themeChanged, this, qOverload<>(&QWidget::update));
}

QSize PlanLegend::sizeHint() const
{
    return {200, 24};
}

void PlanLegend::setColourBy(ColourBy colour_by, bool timed)
{
    const QStringList shares{tr("under 10 %"), tr("10 to 40 %"), tr("40 % and more")};
    switch (colour_by) {
    case ColourBy::Time: words_ = QStringList{timed ? tr("Share of the time") : tr("Share of the cost")} + shares; break;
    case ColourBy::Cost: words_ = QStringList{tr("Share of the cost")} + shares; break;
    case ColourBy::Rows: words_ = QStringList{tr("Rows, against the most")} + shares; break;
    case ColourBy::Buffers: words_ = QStringList{tr("Blocks, against the most")} + shares; break;
    case ColourBy::Estimate: words_ = {tr("Rows misjudged"), tr("under 3×"), tr("3 to 10×"), tr("10× and more")}; break;
    }
    setAccessibleName(words_.join(QStringLiteral(", ")));
    update();
}

void PlanLegend::setShowsScale(bool shows)
{
    shows_scale_ = shows;
    update();
}

void PlanLegend::setRemark(const QString &remark)
{
    remark_ = remark;
    setToolTip(remark.isEmpty() ? QString() : QStringLiteral("<p>%1</p>").arg(remark.toHtmlEscaped()));
    setAccessibleDescription(remark);
    update();
}

void PlanLegend::paintEvent(QPaintEvent *)
{
    const Colors &c = colors();
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.fillRect(rect(), c.panel);
    painter.fillRect(QRect(0, 0, width(), 1), c.line);
    painter.setFont(smallFont());
    const QFontMetrics metrics = painter.fontMetrics();
    int x = spacing::card;
    const auto word = [&](const QString &text) {
        painter.setPen(c.dim);
        painter.drawText(QRect(x, 1, width() - x, height() - 1), Qt::AlignLeft | Qt::AlignVCenter, text);
        x += metrics.horizontalAdvance(text) + spacing::card;
    };
    if (shows_scale_) {
        word(words_.front());
        const Tone steps[] = {Tone::Good, Tone::Warn, Tone::Bad};
        for (int i = 0; i < 3; ++i) {
            painter.setPen(Qt::NoPen);
            painter.setBrush(scaleColour(steps[i]));
            painter.drawRoundedRect(QRectF(x, height() / 2.0 - 4, 10, 10), 2, 2);
            x += 10 + spacing::unit + 1;
            word(words_[i + 1]);
        }
    }
    const int space = width() - x - spacing::card;
    painter.setPen(c.dim);
    if (space > 60 && !remark_.isEmpty())
        painter.drawText(QRect(x, 1, space, height() - 1), (shows_scale_ ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter,
                         metrics.elidedText(remark_, Qt::ElideRight, space));
}

} // namespace howdah::ui
