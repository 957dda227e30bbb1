// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/charts/treemap_view.h"

#include <algorithm>
#include <cmath>

#include <QAccessible>
#include <QHelpEvent>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QTextDocument>
#include <QToolTip>

#include "ui/base/palette.h"
#include "ui/base/theme_notifier.h"
#include "ui/charts/treemap_layout.h"

namespace howdah::ui {

namespace {

constexpr double caption_height = 18, least_side = 3, gap = 1, group_gap = 3;
constexpr double least_captioned_width = 60, least_captioned_height = 48;
constexpr double least_named_width = 34, least_named_height = 16, second_line_height = 34;

double weightOf(const TreemapView::Group &group)
{
    double sum = 0;
    for (const TreemapView::Tile &tile : group.tiles)
        sum += tile.weight;
    return sum;
}

} // namespace

TreemapView::TreemapView(QWidget *parent) : QWidget(parent)
{
    setMouseTracking(true);
    setFocusPolicy(Qt::StrongFocus);
    connect(&ThemeNotifier::instance(), &ThemeNotifier::themeChanged, this, QOverload<>::of(&QWidget::update));
}

void TreemapView::setGroups(std::vector<Group> groups)
{
    groups_ = std::move(groups);
    for (Group &group : groups_)
        std::stable_sort(group.tiles.begin(), group.tiles.end(), [](const Tile &a, const Tile &b) { return a.weight > b.weight; });
    std::stable_sort(groups_.begin(), groups_.end(), [](const Group &a, const Group &b) { return weightOf(a) > weightOf(b); });
    hovered_ = 0;
    layOut();
    if (shownOf(current_) == nullptr)
        current_ = 0;
    tellScreenReader();
    update();
}

void TreemapView::setEmptyText(const QString &text)
{
    empty_text_ = text;
    update();
}

void TreemapView::setCurrent(quint64 id)
{
    const quint64 wanted = shownOf(id) == nullptr ? 0 : id;
    if (wanted == current_)
        return;
    current_ = wanted;
    tellScreenReader();
    update();
}

quint64 TreemapView::tileAt(const QPointF &at) const
{
    const Shown *shown = shownAt(at);
    return shown == nullptr ? 0 : tileOf(*shown).id;
}

QRectF TreemapView::rectOf(quint64 id) const
{
    const Shown *shown = shownOf(id);
    return shown == nullptr ? QRectF() : shown->rect;
}

QSize TreemapView::sizeHint() const
{
    return {480, 300};
}

QSize TreemapView::minimumSizeHint() const
{
    return {160, 100};
}

void TreemapView::layOut()
{
    shown_.clear();
    captions_.clear();
    std::vector<double> weights;
    for (const Group &group : groups_)
        weights.push_back(weightOf(group));
    const std::vector<QRectF> areas = squarified(QRectF(rect()), weights);
    for (std::size_t g = 0; g < groups_.size(); ++g) {
        // They come largest first: what follows is smaller still.
        if (areas[g].width() < least_side || areas[g].height() < least_side)
            continue;
        QRectF inner = areas[g].adjusted(0, 0, -group_gap, -group_gap);
        if (inner.width() >= least_captioned_width && inner.height() >= least_captioned_height) {
            captions_.push_back({QRectF(inner.left(), inner.top(), inner.width(), caption_height), g});
            inner.setTop(inner.top() + caption_height);
        }
        std::vector<double> tiles;
        for (const Tile &tile : groups_[g].tiles)
            tiles.push_back(tile.weight);
        const std::vector<QRectF> rects = squarified(inner, tiles);
        for (std::size_t t = 0; t < tiles.size(); ++t) {
            if (rects[t].width() >= least_side && rects[t].height() >= least_side)
                shown_.push_back({rects[t].adjusted(0, 0, -gap, -gap), g, t});
        }
    }
}

void TreemapView::paintTile(QPainter &painter, const Shown &shown) const
{
    const Colors &c = colors();
    const Tile &tile = tileOf(shown);
    const bool current = tile.id == current_;
    painter.setPen(Qt::NoPen);
    painter.setBrush(tile.tone == Tone::Neutral ? c.panel2 : toneTint(tile.tone));
    painter.drawRect(shown.rect);
    // The state as a shape too: a bar at the left, broad for what is wrong.
    if (tile.tone != Tone::Neutral && shown.rect.width() > 8) {
        const bool wrong = tile.tone == Tone::Bad || tile.tone == Tone::Warn;
        painter.fillRect(QRectF(shown.rect.left(), shown.rect.top(), wrong ? 4 : 2, shown.rect.height()), toneShape(tile.tone));
    }
    if (tile.id == hovered_ && !current)
        painter.fillRect(shown.rect, c.hover);
    if (current) {
        painter.setBrush(Qt::NoBrush);
        painter.setPen(QPen(hasFocus() ? c.accent : c.dim, 2));
        painter.drawRect(shown.rect.adjusted(1, 1, -1, -1));
    }
    const QRectF inner = shown.rect.adjusted(spacing::control, 2, -4, -2);
    if (inner.width() < least_named_width || inner.height() < least_named_height)
        return;
    const QFontMetricsF metrics(painter.font());
    painter.setPen(tile.tone == Tone::Neutral ? c.text : toneInk(tile.tone));
    const bool two_lines = inner.height() >= second_line_height;
    const double line = metrics.height();
    QRectF at(inner.left(), inner.top() + (two_lines ? 1 : std::max(0.0, (inner.height() - line) / 2)), inner.width(), line);
    painter.drawText(at, static_cast<int>(Qt::AlignLeft | Qt::AlignVCenter), metrics.elidedText(tile.name, Qt::ElideMiddle, at.width()));
    if (!two_lines)
        return;
    at.translate(0, line);
    const QString both = tile.state.isEmpty() ? tile.figure : tile.figure + QStringLiteral(" · ") + tile.state;
    const QString second = metrics.horizontalAdvance(both) <= at.width() ? both : tile.figure;
    painter.drawText(at, static_cast<int>(Qt::AlignLeft | Qt::AlignVCenter), metrics.elidedText(second, Qt::ElideRight, at.width()));
}

void TreemapView::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    const Colors &c = colors();
    painter.fillRect(rect(), c.panel);
    QFont small = textFont();
    small.setPixelSize(std::max(small.pixelSize() - 1, 11));
    painter.setFont(small);
    if (shown_.empty()) {
        painter.setPen(c.dim);
        painter.drawText(rect().adjusted(spacing::page, spacing::page, -spacing::page, -spacing::page),
                         static_cast<int>(Qt::AlignCenter) | Qt::TextWordWrap, empty_text_);
        return;
    }
    QFont bold = captionFont();
    for (const Caption &caption : captions_) {
        painter.setFont(bold);
        painter.setPen(c.dim);
        const QRectF at = caption.rect.adjusted(2, 0, -2, 0);
        painter.drawText(at, static_cast<int>(Qt::AlignLeft | Qt::AlignVCenter),
                         QFontMetricsF(bold).elidedText(groups_[caption.group].name, Qt::ElideMiddle, at.width()));
    }
    painter.setFont(small);
    const Shown *current = nullptr;
    for (const Shown &shown : shown_) {
        if (tileOf(shown).id == current_)
            current = &shown;
        else
            paintTile(painter, shown);
    }
    if (current != nullptr)
        paintTile(painter, *current);
}

void TreemapView::resizeEvent(QResizeEvent *event)
{
    QWidget::resizeEvent(event);
    layOut();
}

const TreemapView::Shown *TreemapView::shownAt(const QPointF &at) const
{
    const auto found = std::find_if(shown_.begin(), shown_.end(), [&](const Shown &shown) { return shown.rect.contains(at); });
    return found == shown_.end() ? nullptr : &*found;
}

const TreemapView::Shown *TreemapView::shownOf(quint64 id) const
{
    if (id == 0)
        return nullptr;
    const auto found = std::find_if(shown_.begin(), shown_.end(), [&](const Shown &shown) { return tileOf(shown).id == id; });
    return found == shown_.end() ? nullptr : &*found;
}

/// The nearest in that direction: distance counts, and going aside counts twice.
const TreemapView::Shown *TreemapView::neighbour(const Shown &from, int key) const
{
    const QPointF here = from.rect.center();
    const Shown *best = nullptr;
    double least = 0;
    for (const Shown &shown : shown_) {
        const QRectF &r = shown.rect;
        double along = -1, aside = 0;
        switch (key) {
        case Qt::Key_Left: along = from.rect.left() - r.right(); break;
        case Qt::Key_Right: along = r.left() - from.rect.right(); break;
        case Qt::Key_Up: along = from.rect.top() - r.bottom(); break;
        default: along = r.top() - from.rect.bottom(); break;
        }
        if (along < -gap)
            continue;
        const bool level = key == Qt::Key_Left || key == Qt::Key_Right;
        if (level)
            aside = here.y() < r.top() ? r.top() - here.y() : here.y() > r.bottom() ? here.y() - r.bottom() : 0;
        else
            aside = here.x() < r.left() ? r.left() - here.x() : here.x() > r.right() ? here.x() - r.right() : 0;
        const double distance = std::max(along, 0.0) + 2 * aside;
        if (best == nullptr || distance < least) {
            best = &shown;
            least = distance;
        }
    }
    return best;
}

void TreemapView::choose(quint64 id)
{
    if (id == 0 || id == current_)
        return;
    current_ = id;
    tellScreenReader();
    update();
    Q_EMIT chosen(id);
}

void TreemapView::tellScreenReader()
{
    const Shown *shown = shownOf(current_);
    setAccessibleDescription(shown == nullptr ? tr("Nothing is chosen; arrow keys choose") : tileOf(*shown).tooltip);
    QAccessibleEvent changed(this, QAccessible::DescriptionChanged);
    QAccessible::updateAccessibility(&changed);
}

void TreemapView::mouseMoveEvent(QMouseEvent *event)
{
    if (const quint64 at = tileAt(event->position()); at != hovered_) {
        hovered_ = at;
        update();
    }
}

void TreemapView::mousePressEvent(QMouseEvent *event)
{
    if (event->button() == Qt::LeftButton)
        choose(tileAt(event->position()));
}

void TreemapView::mouseDoubleClickEvent(QMouseEvent *event)
{
    if (const quint64 at = tileAt(event->position()); at != 0 && event->button() == Qt::LeftButton)
        Q_EMIT activated(at);
}

void TreemapView::leaveEvent(QEvent *event)
{
    QWidget::leaveEvent(event);
    hovered_ = 0;
    update();
}

void TreemapView::focusInEvent(QFocusEvent *event)
{
    QWidget::focusInEvent(event);
    // Whoever comes by keyboard begins at the largest.
    if (current_ == 0 && !shown_.empty() && event->reason() != Qt::MouseFocusReason)
        choose(tileOf(shown_.front()).id);
}

void TreemapView::keyPressEvent(QKeyEvent *event)
{
    const Shown *here = shownOf(current_);
    switch (event->key()) {
    case Qt::Key_Left:
    case Qt::Key_Right:
    case Qt::Key_Up:
    case Qt::Key_Down:
        if (here == nullptr && !shown_.empty())
            choose(tileOf(shown_.front()).id);
        else if (const Shown *next = here == nullptr ? nullptr : neighbour(*here, event->key()))
            choose(tileOf(*next).id);
        return;
    case Qt::Key_Home:
    case Qt::Key_End:
        if (!shown_.empty())
            choose(tileOf(event->key() == Qt::Key_Home ? shown_.front() : shown_.back()).id);
        return;
    case Qt::Key_Return:
    case Qt::Key_Enter:
        if (here != nullptr)
            Q_EMIT activated(current_);
        return;
    default:
        QWidget::keyPressEvent(event);
    }
}

bool TreemapView::event(QEvent *event)
{
    if (event->type() != QEvent::ToolTip)
        return QWidget::event(event);
    const auto *help = static_cast<QHelpEvent *>(event);
    if (const Shown *shown = shownAt(help->pos()))
        QToolTip::showText(help->globalPos(), Qt::convertFromPlainText(tileOf(*shown).tooltip), this, shown->rect.toRect());
    else
        QToolTip::hideText();
    return true;
}

} // namespace howdah::ui
