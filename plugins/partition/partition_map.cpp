// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/partition/partition_map.h"

#include <algorithm>
#include <cmath>

#include <QHelpEvent>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QPainterPath>
#include <QStyleOption>
#include <QToolTip>

#include "core/base/human.h"
#include "core/partition/conditions.h"
#include "ui/base/palette.h"

namespace howdah::partition_tool {

using namespace howdah::ui;
using namespace howdah::partition;

namespace {

constexpr int axis_height = 22;
constexpr int top_room = 18;
constexpr double apart = 0.045; ///< width of what has no place on the line: a default, an open end
constexpr double apart_gap = 0.01;

double rowsOf(const Scheme &scheme, const Table &table)
{
    if (!table.children.empty()) {
        double sum = 0;
        for (const std::size_t child : table.children)
            sum += rowsOf(scheme, scheme.tables[child]);
        return sum;
    }
    return std::max({table.estimated_rows, static_cast<double>(table.live_tuples), 0.0});
}

std::int64_t bytesOf(const Scheme &scheme, const Table &table)
{
    std::int64_t sum = table.totalBytes();
    for (const std::size_t child : table.children)
        sum += bytesOf(scheme, scheme.tables[child]);
    return sum;
}

QColor mixed(const QColor &from, const QColor &to, double share)
{
    const auto part = [share](int a, int b) { return static_cast<int>(std::lround(a + (b - a) * share)); };
    return {part(from.red(), to.red()), part(from.green(), to.green()), part(from.blue(), to.blue())};
}

QString shortEnd(const BoundValue &value, ValueKind kind)
{
    QString text = QString::fromStdString(value.kind == BoundValue::Kind::Value ? value.text : value.sql());
    if (isTime(kind) && text.size() > 10 && text.mid(11).startsWith(QStringLiteral("00:00:00")))
        text.truncate(10);
    return text;
}

} // namespace

PartitionMap::PartitionMap(QWidget *parent) : QWidget(parent)
{
    setFocusPolicy(Qt::StrongFocus);
    setAccessibleName(tr("Map of the partitions"));
    setMouseTracking(true);
}

void PartitionMap::setScheme(const Scheme *scheme, std::size_t parent)
{
    scheme_ = scheme;
    parent_ = parent;
    current_.reset();
    layOut();
    update();
}

void PartitionMap::setColoring(Coloring coloring)
{
    coloring_ = coloring;
    layOut();
    update();
}

void PartitionMap::setCurrent(std::optional<std::size_t> table)
{
    current_ = table;
    for (const Block &block : blocks_) {
        if (table && block.table == *table)
            setAccessibleDescription(block.name + QStringLiteral(", ") + block.takes + QStringLiteral(", ") + block.figures);
    }
    update();
}

QSize PartitionMap::sizeHint() const
{
    return {640, 190};
}

QSize PartitionMap::minimumSizeHint() const
{
    return {240, 120};
}

PartitionMap::Block PartitionMap::blockOf(std::size_t at, double most_rows) const
{
    const Table &table = scheme_->tables[at];
    Block block;
    block.table = at;
    block.is_default = table.isDefault();
    const double rows = rowsOf(*scheme_, table);
    block.height = most_rows > 0 ? rows / most_rows : 0;
    block.name = QString::fromStdString(table.name);
    block.takes = QString::fromStdString(boundWords(table.bound));
    block.figures = tr("about %1 rows, %2").arg(QString::fromStdString(human::count(static_cast<std::int64_t>(rows))), QString::fromStdString(human::bytes(bytesOf(*scheme_, table))));
    return block;
}

void PartitionMap::layOut()
{
    blocks_.clear();
    ticks_.clear();
    present_.reset();
    if (scheme_ == nullptr || parent_ >= scheme_->tables.size() || !scheme_->tables[parent_].key)
        return;
    const Table &parent = scheme_->tables[parent_];
    const bool measured = std::all_of(parent.children.begin(), parent.children.end(), [&](std::size_t child) {
        const Bound &bound = scheme_->tables[child].bound;
        if (bound.kind != Bound::Kind::Range)
            return bound.kind == Bound::Kind::Default;
        const auto placed = [](const BoundValue &value) { return value.position.has_value(); };
        return placed(bound.lower.front()) && placed(bound.upper.front());
    });
    if (parent.key->strategy == Strategy::Range && measured)
        layOutRange(parent);
    else
        layOutEvenly(parent);
    double most = 0, least = 1e300;
    for (Block &block : blocks_) {
        if (block.table == no_table)
            continue;
        block.tint = coloring_ == Coloring::Size ? static_cast<double>(bytesOf(*scheme_, scheme_->tables[block.table])) : (block.begin + block.end) / 2;
        most = std::max(most, block.tint);
        least = std::min(least, block.tint);
    }
    for (Block &block : blocks_)
        block.tint = most > least ? (block.tint - least) / (most - least) : 0.5;
}

void PartitionMap::layOutRange(const Table &parent)
{
    double low = 1e300, high = -1e300, most_rows = 0;
    bool open_left = false, open_right = false, has_default = false;
    for (const std::size_t child : parent.children) {
        const Table &table = scheme_->tables[child];
        most_rows = std::max(most_rows, rowsOf(*scheme_, table));
        if (table.isDefault()) {
            has_default = true;
            continue;
        }
        for (const BoundValue *value : {&table.bound.lower.front(), &table.bound.upper.front()}) {
            if (std::isfinite(*value->position)) {
                low = std::min(low, *value->position);
                high = std::max(high, *value->position);
            }
        }
        open_left = open_left || !std::isfinite(*table.bound.lower.front().position);
        open_right = open_right || !std::isfinite(*table.bound.upper.front().position);
    }
    if (low >= high) {
        layOutEvenly(parent);
        return;
    }
    const double begin = open_left ? apart : 0;
    const double end = 1 - (has_default ? apart + apart_gap : 0) - (open_right ? apart : 0);
    const auto place = [&](double value) { return value <= low ? begin : value >= high ? end : begin + (value - low) / (high - low) * (end - begin); };
    const ValueKind kind = parent.key->columns.front().kind;
    for (const Gap &gap : gapsOf(*scheme_, parent)) {
        Block block;
        block.gap = true;
        block.begin = place(gap.lower.front().position.value_or(low));
        block.end = place(gap.upper.front().position.value_or(high));
        block.name = tr("Gap");
        block.takes = tr("%1 to %2").arg(shortEnd(gap.lower.front(), kind), shortEnd(gap.upper.front(), kind));
        block.figures = scheme_->defaultOf(parent) != nullptr ? tr("such rows go to the default") : tr("such rows are refused");
        blocks_.push_back(std::move(block));
    }
    double last_tick = -1;
    for (const std::size_t child : parent.children) {
        const Table &table = scheme_->tables[child];
        Block block = blockOf(child, most_rows);
        if (block.is_default) {
            block.begin = 1 - apart;
            block.end = 1;
        } else {
            const double from = *table.bound.lower.front().position, to = *table.bound.upper.front().position;
            block.open = !std::isfinite(from) || !std::isfinite(to);
            block.begin = std::isfinite(from) ? place(from) : 0;
            block.end = std::isfinite(to) ? place(to) : end + apart;
            if (std::isfinite(from) && block.begin - last_tick > 0.13) {
                ticks_.emplace_back(block.begin, shortEnd(table.bound.lower.front(), kind));
                last_tick = block.begin;
            }
        }
        blocks_.push_back(std::move(block));
    }
    if (!isTime(kind))
        return;
    const BoundValue now = boundValue(scheme_->now, ValueKind::TimestampTz);
    if (now.position && *now.position > low && *now.position < high)
        present_ = place(*now.position);
}

void PartitionMap::layOutEvenly(const Table &parent)
{
    double most_rows = 0;
    for (const std::size_t child : parent.children)
        most_rows = std::max(most_rows, rowsOf(*scheme_, scheme_->tables[child]));
    const auto missing = parent.key->strategy == Strategy::Hash ? missingRemainders(*scheme_, parent) : std::vector<std::pair<int, int>>();
    const double width = 1.0 / static_cast<double>(std::max<std::size_t>(1, parent.children.size() + missing.size()));
    double at = 0;
    double last_tick = -1;
    const auto add = [&](Block block, const QString &tick) {
        block.begin = at;
        block.end = at + width;
        if (at - last_tick > 0.1 || last_tick < 0) {
            ticks_.emplace_back(at, tick);
            last_tick = at;
        }
        at += width;
        blocks_.push_back(std::move(block));
    };
    for (const std::size_t child : parent.children) {
        const Table &table = scheme_->tables[child];
        const QString takes = QString::fromStdString(boundWords(table.bound));
        add(blockOf(child, most_rows), table.isDefault() ? tr("default") : table.bound.kind == Bound::Kind::Hash ? QString::number(table.bound.remainder) : takes.left(14));
    }
    for (const auto &[modulus, remainder] : missing) {
        Block block;
        block.gap = true;
        block.name = tr("No partition");
        block.takes = tr("remainder %1 of %2").arg(remainder).arg(modulus);
        block.figures = tr("such rows are refused");
        add(std::move(block), QString::number(remainder));
    }
}

QRectF PartitionMap::area() const
{
    return QRectF(rect()).adjusted(spacing::card, top_room, -spacing::card, -axis_height);
}

QRectF PartitionMap::rectOf(const Block &block) const
{
    const QRectF whole = area();
    const double left = whole.left() + block.begin * whole.width();
    const double width = std::max(2.0, (block.end - block.begin) * whole.width() - 1);
    if (block.gap)
        return {left, whole.top(), width, whole.height()};
    // An empty one keeps a foot to be seen and pointed at.
    const double height = std::max(5.0, block.height * whole.height());
    return {left, whole.bottom() - height, width, height};
}

const PartitionMap::Block *PartitionMap::blockAt(const QPointF &point) const
{
    const QRectF whole = area();
    const double at = (point.x() - whole.left()) / std::max(1.0, whole.width());
    for (auto block = blocks_.rbegin(); block != blocks_.rend(); ++block) {
        if (at >= block->begin && at < std::max(block->end, block->begin + 2 / std::max(1.0, whole.width())))
            return &*block;
    }
    return nullptr;
}

void PartitionMap::paintBlock(QPainter &painter, const Block &block) const
{
    const Colors &of = colors();
    const QRectF where = rectOf(block);
    if (block.gap) {
        const QColor line = scheme_ != nullptr && scheme_->defaultOf(scheme_->tables[parent_]) != nullptr ? of.warn : of.bad;
        painter.fillRect(where, of.panel2);
        painter.fillRect(where, QBrush(line, Qt::BDiagPattern));
        painter.setPen(QPen(line, 1, Qt::DashLine));
        painter.drawRect(where.adjusted(0.5, 0.5, -0.5, -0.5));
        return;
    }
    const QColor base = block.is_default ? of.series[1] : of.series[0];
    QColor fill = mixed(mixed(of.panel, base, 0.3), base, block.tint);
    // What is behind it: a ghost of the full height, so that small partitions can be told apart.
    QRectF ghost = where;
    ghost.setTop(area().top());
    painter.fillRect(ghost, of.panel2);
    QPainterPath path;
    const double radius = std::min({3.0, where.width() / 3, where.height() / 3});
    path.addRoundedRect(where, radius, radius);
    painter.fillPath(path, fill);
    if (block.open) {
        painter.save();
        painter.setClipPath(path);
        painter.fillPath(path, QBrush(mixed(fill, of.panel, 0.5), Qt::FDiagPattern));
        painter.restore();
    }
    if (current_ && block.table == *current_) {
        painter.setPen(QPen(of.text, 2));
        painter.drawRect(ghost.adjusted(1, 1, -1, -1));
    }
    if (where.width() > 46) {
        painter.setFont(captionFont());
        painter.setPen(of.dim);
        const QString text = block.is_default ? tr("default") : QString::fromStdString(human::compactCount(rowsOf(*scheme_, scheme_->tables[block.table])));
        painter.drawText(QRectF(where.left(), where.top() - top_room, where.width(), top_room - 2), Qt::AlignHCenter | Qt::AlignBottom, painter.fontMetrics().elidedText(text, Qt::ElideRight, static_cast<int>(where.width())));
    }
}

void PartitionMap::paintAxis(QPainter &painter) const
{
    const Colors &of = colors();
    const QRectF whole = area();
    painter.setPen(of.line);
    painter.drawLine(QPointF(whole.left(), whole.bottom() + 0.5), QPointF(whole.right(), whole.bottom() + 0.5));
    painter.setFont(captionFont());
    for (std::size_t i = 0; i < ticks_.size(); ++i) {
        const double x = whole.left() + ticks_[i].first * whole.width();
        const double next = i + 1 < ticks_.size() ? whole.left() + ticks_[i + 1].first * whole.width() : whole.right();
        painter.setPen(of.line);
        painter.drawLine(QPointF(x, whole.bottom()), QPointF(x, whole.bottom() + 4));
        painter.setPen(of.dim);
        painter.drawText(QRectF(x + 2, whole.bottom() + 3, std::max(0.0, next - x - 8), axis_height - 4), Qt::AlignLeft | Qt::AlignVCenter,
                         painter.fontMetrics().elidedText(ticks_[i].second, Qt::ElideRight, static_cast<int>(std::max(0.0, next - x - 8))));
    }
    if (!present_)
        return;
    const double x = whole.left() + *present_ * whole.width();
    painter.setPen(QPen(of.bad, 1.5));
    painter.drawLine(QPointF(x, whole.top() - 4), QPointF(x, whole.bottom()));
    painter.setPen(of.bad_ink);
    const bool room = x + 40 < whole.right();
    painter.drawText(QRectF(room ? x + 3 : x - 43, whole.top() - top_room, 40, top_room), (room ? Qt::AlignLeft : Qt::AlignRight) | Qt::AlignVCenter, tr("now"));
}

void PartitionMap::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const Colors &of = colors();
    painter.fillRect(rect(), of.panel);
    for (const Block &block : blocks_)
        paintBlock(painter, block);
    paintAxis(painter);
    if (hasFocus()) {
        painter.setPen(QPen(of.accent, 1));
        painter.setBrush(Qt::NoBrush);
        painter.drawRect(QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5));
    }
}

void PartitionMap::mousePressEvent(QMouseEvent *event)
{
    setFocus(Qt::MouseFocusReason);
    const Block *block = blockAt(event->position());
    if (block == nullptr || block->table == no_table)
        return;
    setCurrent(block->table);
    Q_EMIT chosen(block->table);
}

void PartitionMap::mouseDoubleClickEvent(QMouseEvent *event)
{
    const Block *block = blockAt(event->position());
    if (block != nullptr && block->table != no_table)
        Q_EMIT opened(block->table);
}

void PartitionMap::step(int by)
{
    std::vector<std::size_t> tables;
    for (const Block &block : blocks_) {
        if (block.table != no_table)
            tables.push_back(block.table);
    }
    if (tables.empty())
        return;
    const auto at = current_ ? std::find(tables.begin(), tables.end(), *current_) : tables.end();
    const auto place = at == tables.end() ? (by > 0 ? -1 : static_cast<std::ptrdiff_t>(tables.size())) : at - tables.begin();
    const auto next = std::clamp<std::ptrdiff_t>(place + by, 0, static_cast<std::ptrdiff_t>(tables.size()) - 1);
    setCurrent(tables[static_cast<std::size_t>(next)]);
    Q_EMIT chosen(*current_);
}

void PartitionMap::keyPressEvent(QKeyEvent *event)
{
    switch (event->key()) {
    case Qt::Key_Left: return step(-1);
    case Qt::Key_Right: return step(1);
    case Qt::Key_Home: return step(-1'000'000);
    case Qt::Key_End: return step(1'000'000);
    case Qt::Key_Return:
    case Qt::Key_Enter:
        if (current_)
            Q_EMIT opened(*current_);
        return;
    default: QWidget::keyPressEvent(event);
    }
}

bool PartitionMap::event(QEvent *event)
{
    if (event->type() == QEvent::ToolTip) {
        auto *help = static_cast<QHelpEvent *>(event);
        if (const Block *block = blockAt(help->pos()))
            QToolTip::showText(help->globalPos(), QStringLiteral("<b>%1</b><br>%2<br>%3").arg(block->name.toHtmlEscaped(), block->takes.toHtmlEscaped(), block->figures), this);
        else
            QToolTip::hideText();
        return true;
    }
    return QWidget::event(event);
}

} // namespace howdah::partition_tool
