// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/replication/topology_view.h"

#include <algorithm>
#include <cmath>

#include <QHelpEvent>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QPainterPath>
#include <QToolButton>
#include <QToolTip>

#include "core/replication/canary_run.h"
#include "plugins/replication/words.h"
#include "ui/base/card.h"
#include "ui/base/palette.h"

namespace howdah::replication_tool {

using namespace howdah::ui;
using namespace howdah::replication;

namespace {

constexpr double box_width = 188;
constexpr double box_height = 50;
constexpr double least_gap = 140; ///< between columns: a link's words must fit
constexpr double row_gap = 22;

/// The worst that is said of what comes into a place.
Tone toneOfPlace(const Overview &overview, std::size_t index)
{
    const Place &place = overview.topology.places[index];
    if (place.node && place.node->isLost())
        return Tone::Bad;
    Tone tone = place.node || place.role != Role::Unknown ? Tone::Good : Tone::Neutral;
    for (const Link &link : overview.topology.links) {
        if (link.downstream == static_cast<int>(index))
            tone = toneOf(link.state);
    }
    for (const Alert &alert : overview.alerts) {
        if (place.node && alert.node == place.name && alert.severity == Severity::Critical && (alert.rule == "two_primaries" || alert.rule == "promoted"))
            tone = Tone::Bad;
    }
    return tone;
}

} // namespace

TopologyView::TopologyView(QWidget *parent) : QWidget(parent)
{
    setFocusPolicy(Qt::StrongFocus);
    setAccessibleName(tr("Topology"));
    setMouseTracking(true);
}

void TopologyView::setOverview(std::shared_ptr<const Overview> overview)
{
    overview_ = std::move(overview);
    arrange();
    QStringList parts;
    if (overview_) {
        for (const Link &link : overview_->topology.links)
            parts << tr("%1 to %2: %3").arg(boxes_[static_cast<std::size_t>(link.upstream)].name, boxes_[static_cast<std::size_t>(link.downstream)].name, qt(link.words));
    }
    setAccessibleDescription(parts.join(QStringLiteral("; ")));
    updateGeometry();
    update();
}

void TopologyView::choose(const QString &place)
{
    if (chosen_ == place)
        return;
    chosen_ = place;
    update();
    Q_EMIT placeChosen(place);
}

void TopologyView::arrange()
{
    boxes_.clear();
    if (!overview_)
        return;
    int deepest = 0;
    std::vector<int> in_column;
    for (const Place &place : overview_->topology.places) {
        deepest = std::max(deepest, place.depth);
        in_column.resize(std::max(in_column.size(), static_cast<std::size_t>(place.depth) + 1));
        ++in_column[static_cast<std::size_t>(place.depth)];
    }
    columns_ = deepest + 1;
    rows_ = in_column.empty() ? 1 : *std::max_element(in_column.begin(), in_column.end());
    const double column_width = columns_ == 1 ? 0 : std::max(box_width + least_gap, (width() - box_width - 2.0 * spacing::page) / (columns_ - 1));
    const double span = std::min(column_width, box_width + 2.2 * least_gap);
    const double left = std::max<double>(spacing::page, (width() - span * (columns_ - 1) - box_width) / 2);
    std::vector<int> next(static_cast<std::size_t>(columns_));
    for (const Place &place : overview_->topology.places) {
        const auto column = static_cast<std::size_t>(place.depth);
        const int count = in_column[column];
        const double all = count * box_height + (count - 1) * row_gap;
        const double top = std::max<double>(spacing::card, (height() - all) / 2) + next[column]++ * (box_height + row_gap);
        Box box;
        box.depth = place.depth;
        box.rect = QRectF(left + span * place.depth, top, box_width, box_height);
        box.name = qt(place.name);
        QStringList words;
        if (place.node && place.node->isLost()) {
            words << tr("not reachable");
        } else if (place.is_slot) {
            words << tr("nobody connected");
        } else {
            if (place.role != Role::Unknown)
                words << (place.role == Role::Primary ? tr("primary") : tr("standby"));
            if (place.publishes && place.role != Role::Standby)
                words << tr("publisher");
            if (place.subscribes)
                words << tr("subscriber");
            if (place.node && place.node->server)
                words << QString::number(place.node->server->major());
            if (place.node && place.role == Role::Primary && place.node->wal_rate >= 1)
                words << tr("%1/s").arg(bytesText(std::llround(place.node->wal_rate)));
            if (!place.node)
                words << tr("seen from the other end");
        }
        box.words = words.join(QStringLiteral(" · "));
        boxes_.push_back(std::move(box));
    }
    arrangeCanaries();
}

void TopologyView::offerCanaries(bool offered)
{
    canaries_offered_ = offered;
    arrangeCanaries();
}

void TopologyView::arrangeCanaries()
{
    const std::size_t count = overview_ ? overview_->topology.links.size() : 0;
    while (canaries_.size() < count) {
        auto *button = new QToolButton(this);
        button->setIcon(icon(QStringLiteral("canary")));
        button->setIconSize({16, 16});
        button->setFixedSize(26, 26);
        connect(button, &QToolButton::clicked, this, [this, at = canaries_.size()] { Q_EMIT canaryRequested(at); });
        canaries_.push_back(button);
    }
    for (std::size_t i = 0; i < canaries_.size(); ++i) {
        const Place *source = i < count && canaries_offered_ ? canarySource(overview_->topology, overview_->topology.links[i]) : nullptr;
        canaries_[i]->setVisible(source != nullptr);
        if (source == nullptr)
            continue;
        const Link &link = overview_->topology.links[i];
        const Box &from = boxes_[static_cast<std::size_t>(link.upstream)], &to = boxes_[static_cast<std::size_t>(link.downstream)];
        const QString text = tr("Send a canary from %1 to %2").arg(qt(source->name), to.name);
        canaries_[i]->setToolTip(tr("%1: a row written there is read here").arg(text));
        canaries_[i]->setAccessibleName(text);
        // Under the line, where it is in the middle of its bend.
        const QPointF middle((from.rect.right() + to.rect.left()) / 2, (from.rect.center().y() + to.rect.center().y()) / 2);
        canaries_[i]->move(static_cast<int>(middle.x()) - 13, static_cast<int>(middle.y()) + 5);
    }
}

QSize TopologyView::minimumSizeHint() const
{
    return {static_cast<int>(columns_ * box_width + (columns_ - 1) * least_gap) + 2 * spacing::page,
            static_cast<int>(rows_ * (box_height + row_gap)) + spacing::page};
}

QSize TopologyView::sizeHint() const
{
    return minimumSizeHint().expandedTo({640, 220});
}

void TopologyView::resizeEvent(QResizeEvent *event)
{
    QWidget::resizeEvent(event);
    arrange();
}

QString TopologyView::linkText(const Link &link) const
{
    QStringList parts;
    if (link.sender != nullptr) {
        const Lag &lag = link.sender->lag[static_cast<int>(Stage::Replay)];
        if (lag.bytes >= 0)
            parts << bytesText(lag.bytes);
        if (lag.ms >= 0)
            parts << timeText(lag.ms);
        if (link.state != LinkState::Good || link.sender->sync_state == "sync" || link.sender->sync_state == "quorum")
            parts << (link.state == LinkState::Good ? qt(link.sender->sync_state) : qt(link.words));
    } else {
        parts << qt(link.words);
    }
    return parts.join(QStringLiteral(" · "));
}

void TopologyView::paintLink(QPainter &painter, const Link &link) const
{
    const QRectF from = boxes_[static_cast<std::size_t>(link.upstream)].rect, to = boxes_[static_cast<std::size_t>(link.downstream)].rect;
    const QPointF start(from.right(), from.center().y()), end(to.left(), to.center().y());
    const double bend = std::max(30.0, (end.x() - start.x()) / 2);
    QPainterPath path(start);
    path.cubicTo(start + QPointF(bend, 0), end - QPointF(bend, 0), end);
    const Tone tone = toneOf(link.state);
    QPen pen(toneShape(tone), 2);
    if (link.state == LinkState::Broken)
        pen.setStyle(Qt::DashLine);
    else if (link.kind == LinkKind::Logical)
        pen.setStyle(Qt::DashDotLine);
    painter.setPen(pen);
    painter.setBrush(Qt::NoBrush);
    painter.drawPath(path);
    painter.setPen(Qt::NoPen);
    painter.setBrush(toneShape(tone));
    painter.drawPolygon(QPolygonF{end, end + QPointF(-8, -4), end + QPointF(-8, 4)});
    // Beside the arrow's head, where links that leave one node have parted.
    painter.setFont(captionFont());
    const QFontMetricsF metrics(painter.font());
    const double room = end.x() - start.x() - 24;
    const QString text = metrics.elidedText(linkText(link), Qt::ElideRight, room);
    const QPointF at(end.x() - 14 - metrics.horizontalAdvance(text), end.y() - 6);
    painter.setPen(link.state == LinkState::Good ? colors().dim : toneInk(tone));
    QFont plain = textFont();
    plain.setPixelSize(12);
    painter.setFont(plain);
    painter.drawText(QPointF(end.x() - 14 - QFontMetricsF(plain).horizontalAdvance(text), at.y()), text);
}

void TopologyView::paintBox(QPainter &painter, std::size_t index) const
{
    const Box &box = boxes_[index];
    const Tone tone = toneOfPlace(*overview_, index);
    const Place &place = overview_->topology.places[index];
    const bool is_chosen = box.name == chosen_;
    QPen pen(tone == Tone::Neutral ? colors().line : toneShape(tone), is_chosen ? 2.5 : 1.5);
    if (!place.node)
        pen.setStyle(Qt::DashLine);
    painter.setPen(pen);
    painter.setBrush(is_chosen ? colors().panel2 : colors().panel);
    painter.drawRoundedRect(box.rect, spacing::radius, spacing::radius);
    if (is_chosen && hasFocus()) {
        painter.setPen(QPen(colors().accent, 1));
        painter.setBrush(Qt::NoBrush);
        painter.drawRoundedRect(box.rect.adjusted(-3, -3, 3, 3), spacing::radius + 2, spacing::radius + 2);
    }
    const QRectF inner = box.rect.adjusted(spacing::card, 6, -spacing::control, -6);
    QFont bold = textFont();
    bold.setWeight(QFont::DemiBold);
    painter.setFont(bold);
    painter.setPen(colors().text);
    painter.drawText(QRectF(inner.left(), inner.top(), inner.width(), 19), Qt::AlignLeft | Qt::AlignVCenter, QFontMetricsF(bold).elidedText(box.name, Qt::ElideMiddle, inner.width()));
    QFont small = textFont();
    small.setPixelSize(12);
    painter.setFont(small);
    painter.setPen(place.node && place.node->isLost() ? colors().bad_ink : colors().dim);
    painter.drawText(QRectF(inner.left(), inner.top() + 19, inner.width(), 18), Qt::AlignLeft | Qt::AlignVCenter, QFontMetricsF(small).elidedText(box.words, Qt::ElideRight, inner.width()));
}

void TopologyView::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    if (!overview_)
        return;
    for (const Link &link : overview_->topology.links)
        paintLink(painter, link);
    for (std::size_t i = 0; i < boxes_.size(); ++i)
        paintBox(painter, i);
    // The buttons stand on a ground of their own, so that no line goes through them.
    for (const QToolButton *canary : canaries_) {
        if (!canary->isVisibleTo(this))
            continue;
        painter.setPen(QPen(colors().line, 1));
        painter.setBrush(colors().panel2);
        painter.drawRoundedRect(QRectF(canary->geometry()).adjusted(0.5, 0.5, -0.5, -0.5), spacing::radius, spacing::radius);
    }
}

int TopologyView::boxAt(const QPointF &point) const
{
    for (std::size_t i = 0; i < boxes_.size(); ++i) {
        if (boxes_[i].rect.contains(point))
            return static_cast<int>(i);
    }
    return -1;
}

void TopologyView::mousePressEvent(QMouseEvent *event)
{
    const int box = boxAt(event->position());
    if (box >= 0)
        choose(boxes_[static_cast<std::size_t>(box)].name);
}

void TopologyView::keyPressEvent(QKeyEvent *event)
{
    const bool forward = event->key() == Qt::Key_Down || event->key() == Qt::Key_Right;
    const bool back = event->key() == Qt::Key_Up || event->key() == Qt::Key_Left;
    if ((!forward && !back) || boxes_.empty()) {
        QWidget::keyPressEvent(event);
        return;
    }
    const auto found = std::find_if(boxes_.begin(), boxes_.end(), [this](const Box &box) { return box.name == chosen_; });
    const auto count = static_cast<std::ptrdiff_t>(boxes_.size());
    const std::ptrdiff_t at = found == boxes_.end() ? (forward ? -1 : count) : found - boxes_.begin();
    choose(boxes_[static_cast<std::size_t>(std::clamp<std::ptrdiff_t>(at + (forward ? 1 : -1), 0, count - 1))].name);
}

QString TopologyView::detailsOf(std::size_t index) const
{
    const Place &place = overview_->topology.places[index];
    QStringList lines{boxes_[index].name + QStringLiteral(" · ") + boxes_[index].words};
    if (place.node && place.node->sampled) {
        const Node &node = *place.node;
        lines << tr("system identifier %1, timeline %2").arg(qt(node.system_identifier)).arg(node.timeline);
        lines << tr("LSN %1").arg(qt(lsnText(node.in_recovery ? node.replay_lsn : node.lsn)));
        if (place.role == Role::Primary && std::isfinite(node.wal_rate))
            lines << tr("writes %1/s of WAL").arg(bytesText(std::llround(node.wal_rate)));
        if (node.free_bytes >= 0)
            lines << tr("%1 free where pg_wal lies").arg(bytesText(node.free_bytes));
    }
    for (const Link &link : overview_->topology.links) {
        if (link.downstream != static_cast<int>(index))
            continue;
        lines << tr("from %1: %2, %3").arg(boxes_[static_cast<std::size_t>(link.upstream)].name, qt(link.words), linkText(link));
        lines << (link.sender != nullptr && (link.receiver != nullptr || link.subscription != nullptr) ? tr("Both ends say so.")
                  : link.sender != nullptr                                                            ? tr("Only the upstream tells of it.")
                                                                                                      : tr("The upstream does not tell of it."));
    }
    return lines.join(QLatin1Char('\n'));
}

bool TopologyView::event(QEvent *event)
{
    if (event->type() == QEvent::ToolTip && overview_) {
        const auto *help = static_cast<QHelpEvent *>(event);
        const int box = boxAt(help->pos());
        if (box >= 0)
            QToolTip::showText(help->globalPos(), detailsOf(static_cast<std::size_t>(box)), this);
        else
            QToolTip::hideText();
        return true;
    }
    return QWidget::event(event);
}

} // namespace howdah::replication_tool
