// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/tool_rail.h"

#include <algorithm>

#include <QAbstractButton>
#include <QKeyEvent>
#include <QPainter>
#include <QVBoxLayout>

#include "ui/base/palette.h"
#include "ui/base/theme_notifier.h"

namespace howdah::ui {

namespace {
constexpr int rail_width = 58;
constexpr int button_height = 52;
constexpr int icon_size = 20;
constexpr int first_lower = 1000;
} // namespace

/// An icon over one short word.
class RailButton : public QAbstractButton
{
public:
    RailButton(QString tool_id, int tool_order, QString icon_name, QWidget *parent)
        : QAbstractButton(parent), id(std::move(tool_id)), order(tool_order), icon_name_(std::move(icon_name))
    {
        setFixedSize(rail_width, button_height);
        setFocusPolicy(Qt::TabFocus);
        setCursor(Qt::PointingHandCursor);
        setAttribute(Qt::WA_Hover);
    }

    const QString id;
    const int order;
    bool lit = false;

protected:
    void paintEvent(QPaintEvent *) override
    {
        const Colors &c = colors();
        QPainter painter(this);
        painter.setRenderHint(QPainter::Antialiasing);
        const QRectF ground = QRectF(rect()).adjusted(5, 2, -5, -2);
        if (lit || underMouse() || hasFocus()) {
            QColor fill = c.rail_active;
            if (!lit)
                fill.setAlphaF(0.55F);
            painter.setPen(hasFocus() ? QPen(c.accent, 1.5) : QPen(Qt::NoPen));
            painter.setBrush(fill);
            painter.drawRoundedRect(ground, spacing::radius, spacing::radius);
        }
        const QColor ink = lit ? QColor(Qt::white) : c.rail_text;
        ui::icon(icon_name_, ink).paint(&painter, QRect((width() - icon_size) / 2, 8, icon_size, icon_size));
        QFont face = font();
        face.setPixelSize(10);
        painter.setFont(face);
        painter.setPen(ink);
        painter.drawText(QRect(0, 30, width(), 16), Qt::AlignHCenter | Qt::AlignVCenter, text());
    }

private:
    QString icon_name_;
};

ToolRail::ToolRail(QWidget *parent) : QWidget(parent), layout_(new QVBoxLayout(this))
{
    setFixedWidth(rail_width);
    setAccessibleName(tr("Tools"));
    layout_->setContentsMargins(0, spacing::control, 0, spacing::control);
    layout_->setSpacing(2);
    connect(&ThemeNotifier::instance(), &ThemeNotifier::themeChanged, this, [this] { update(); });
}

void ToolRail::addTool(const QString &id, const QString &text, const QString &tooltip, const QString &icon_name,
                       int order)
{
    auto *button = new RailButton(id, order, icon_name, this);
    button->setText(text);
    button->setToolTip(tooltip);
    button->setAccessibleName(text);
    button->setAccessibleDescription(tooltip);
    connect(button, &QAbstractButton::clicked, this, [this, id] { Q_EMIT chosen(id); });
    buttons_ << button;
    rebuild();
}

void ToolRail::rebuild()
{
    while (QLayoutItem *item = layout_->takeAt(0))
        delete item;
    std::stable_sort(buttons_.begin(), buttons_.end(),
                     [](const RailButton *a, const RailButton *b) { return a->order < b->order; });
    bool stretched = false;
    for (RailButton *button : buttons_) {
        if (button->order >= first_lower && !stretched) {
            layout_->addStretch(1);
            stretched = true;
        }
        layout_->addWidget(button);
        button->show();
    }
    if (!stretched)
        layout_->addStretch(1);
}

void ToolRail::setCurrent(const QString &id)
{
    current_ = id;
    for (RailButton *button : buttons_) {
        button->lit = button->id == id;
        button->update();
    }
}

void ToolRail::paintEvent(QPaintEvent *)
{
    QPainter(this).fillRect(rect(), colors().rail);
}

void ToolRail::keyPressEvent(QKeyEvent *event)
{
    if (event->key() == Qt::Key_Up || event->key() == Qt::Key_Down)
        focusNextPrevChild(event->key() == Qt::Key_Down);
    else
        QWidget::keyPressEvent(event);
}

} // namespace howdah::ui
