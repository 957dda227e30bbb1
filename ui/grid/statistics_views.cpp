// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/grid/statistics_views.h"

#include <algorithm>
#include <cmath>

#include <QHelpEvent>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QToolTip>

#include "core/base/human.h"
#include "ui/base/palette.h"
#include "ui/base/theme_notifier.h"
#include "ui/grid/cell_text.h"

namespace howdah::ui {

namespace {

constexpr int histogram_height = 120;
constexpr int least_bar = 2; ///< pixels: a bin with one row is seen

QString count(qint64 value)
{
    return QString::fromStdString(human::count(value));
}

QString rowsText(qint64 rows)
{
    return rows == 1 ? HistogramView::tr("%1 row").arg(count(rows)) : HistogramView::tr("%1 rows").arg(count(rows));
}

QString percent(qint64 part, qint64 whole)
{
    if (whole <= 0)
        return {};
    const double value = 100.0 * static_cast<double>(part) / static_cast<double>(whole);
    return value > 0 && value < 0.1 ? QStringLiteral("<0.1 %") : QStringLiteral("%1 %").arg(value, 0, 'f', value < 10 ? 1 : 0);
}

QString utf8(const std::string &text)
{
    return QString::fromStdString(text);
}

} // namespace

HistogramView::HistogramView(QWidget *parent) : QWidget(parent)
{
    setMouseTracking(true);
    setFocusPolicy(Qt::StrongFocus);
    setAccessibleName(tr("Histogram"));
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    connect(&ThemeNotifier::instance(), &ThemeNotifier::themeChanged, this, qOverload<>(&QWidget::update));
}

void HistogramView::setBins(std::vector<result::HistogramBin> bins)
{
    bins_ = std::move(bins);
    current_ = -1;
    update();
}

QSize HistogramView::sizeHint() const
{
    return {200, histogram_height};
}

QRect HistogramView::bars() const
{
    return rect().adjusted(1, spacing::unit, -1, -QFontMetrics(font()).height() - spacing::unit);
}

int HistogramView::binAt(int x) const
{
    if (bins_.empty() || bars().width() <= 0)
        return -1;
    const int bin = (x - bars().left()) * static_cast<int>(bins_.size()) / bars().width();
    return bin >= 0 && bin < static_cast<int>(bins_.size()) ? bin : -1;
}

QString HistogramView::tip(int bin) const
{
    const auto &shown = bins_[static_cast<std::size_t>(bin)];
    return tr("%1 up to %2: %3").arg(utf8(shown.from_text), utf8(shown.to_text), rowsText(shown.rows));
}

void HistogramView::paintEvent(QPaintEvent *)
{
    if (bins_.empty())
        return;
    const Colors &c = colors();
    QPainter painter(this);
    const QRect area = bars();
    const auto most = std::max_element(bins_.begin(), bins_.end(), [](auto &a, auto &b) { return a.rows < b.rows; })->rows;
    const int size = static_cast<int>(bins_.size());
    for (int i = 0; i < size; ++i) {
        const int left = area.left() + area.width() * i / size;
        const int right = area.left() + area.width() * (i + 1) / size - 1;
        const qint64 rows = bins_[static_cast<std::size_t>(i)].rows;
        if (i == current_)
            painter.fillRect(QRect(left, area.top(), right - left, area.height()), c.hover);
        if (rows == 0 || most == 0)
            continue;
        const int height = std::max(least_bar, static_cast<int>(std::lround(static_cast<double>(area.height()) * static_cast<double>(rows) / static_cast<double>(most))));
        painter.fillRect(QRect(left, area.bottom() - height + 1, std::max(1, right - left), height), i == current_ ? c.accent : c.series[0]);
    }
    painter.setPen(c.line);
    painter.drawLine(area.left(), area.bottom() + 1, area.right(), area.bottom() + 1);
    painter.setPen(c.dim);
    const QRect ends(area.left(), area.bottom() + 3, area.width(), QFontMetrics(font()).height());
    const QString from = utf8(bins_.front().from_text), to = utf8(bins_.back().to_text);
    const QFontMetrics metrics(font());
    const int half = area.width() / 2 - spacing::unit;
    painter.drawText(ends, static_cast<int>(Qt::AlignLeft | Qt::AlignTop), metrics.elidedText(from, Qt::ElideRight, half));
    painter.drawText(ends, static_cast<int>(Qt::AlignRight | Qt::AlignTop), metrics.elidedText(to, Qt::ElideRight, half));
    if (hasFocus()) {
        painter.setPen(c.accent);
        painter.drawRect(rect().adjusted(0, 0, -1, -1));
    }
}

bool HistogramView::event(QEvent *event)
{
    if (event->type() == QEvent::ToolTip) {
        auto *help = static_cast<QHelpEvent *>(event);
        const int bin = binAt(help->pos().x());
        QToolTip::showText(help->globalPos(), bin < 0 ? QString() : tip(bin) + QLatin1Char('\n') + tr("Click filters by it"), this);
        return true;
    }
    return QWidget::event(event);
}

void HistogramView::mouseMoveEvent(QMouseEvent *event)
{
    current_ = binAt(event->position().toPoint().x());
    update();
}

void HistogramView::mousePressEvent(QMouseEvent *event)
{
    if (const int bin = binAt(event->position().toPoint().x()); bin >= 0 && event->button() == Qt::LeftButton)
        Q_EMIT binActivated(bin);
}

void HistogramView::leaveEvent(QEvent *)
{
    current_ = -1;
    update();
}

void HistogramView::keyPressEvent(QKeyEvent *event)
{
    const int last = static_cast<int>(bins_.size()) - 1;
    if ((event->key() == Qt::Key_Left || event->key() == Qt::Key_Right) && last >= 0) {
        current_ = std::clamp(current_ + (event->key() == Qt::Key_Left ? -1 : 1), 0, last);
        setAccessibleDescription(tip(current_));
        QToolTip::showText(mapToGlobal(QPoint(bars().left() + bars().width() * current_ / (last + 1), bars().bottom())), tip(current_), this);
        update();
    } else if ((event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter) && current_ >= 0) {
        Q_EMIT binActivated(current_);
    } else {
        QWidget::keyPressEvent(event);
    }
}

ValueBars::ValueBars(QWidget *parent) : QWidget(parent)
{
    setMouseTracking(true);
    setFocusPolicy(Qt::StrongFocus);
    setAccessibleName(tr("Most frequent values"));
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    connect(&ThemeNotifier::instance(), &ThemeNotifier::themeChanged, this, qOverload<>(&QWidget::update));
}

void ValueBars::setValues(std::vector<result::ValueCount> values, result::ValueKind kind, qint64 rows, bool approximate)
{
    values_ = std::move(values);
    kind_ = kind;
    rows_ = rows;
    approximate_ = approximate;
    current_ = -1;
    updateGeometry();
    update();
}

int ValueBars::lineHeight() const
{
    return QFontMetrics(monoFont()).height() + spacing::control;
}

QSize ValueBars::sizeHint() const
{
    return {200, lineHeight() * static_cast<int>(values_.size())};
}

int ValueBars::lineAt(int y) const
{
    const int line = y / lineHeight();
    return y >= 0 && line < static_cast<int>(values_.size()) ? line : -1;
}

QString ValueBars::textOf(const result::ValueCount &value, qsizetype most) const
{
    return value.value.empty() ? tr("(empty text)") : cellText({value.value, false}, kind_).left(most) + (value.whole ? QString() : QStringLiteral("…"));
}

void ValueBars::paintEvent(QPaintEvent *)
{
    const Colors &c = colors();
    QPainter painter(this);
    painter.setFont(monoFont());
    const QFontMetrics metrics(monoFont());
    const qint64 most = values_.empty() ? 1 : std::max<qint64>(1, values_.front().rows);
    for (int i = 0; i < static_cast<int>(values_.size()); ++i) {
        const auto &value = values_[static_cast<std::size_t>(i)];
        const QRect line(0, i * lineHeight(), width(), lineHeight() - 2);
        const auto bar = static_cast<int>(static_cast<double>(line.width()) * static_cast<double>(value.rows) / static_cast<double>(most));
        painter.fillRect(line, i == current_ ? c.hover : c.panel);
        painter.fillRect(QRect(line.left(), line.top(), std::max(least_bar, bar), line.height()), c.on_tint);
        const QRect inner = line.adjusted(spacing::unit + 2, 0, -spacing::unit - 2, 0);
        const QString figures = (approximate_ ? QStringLiteral("~") : QString()) + count(value.rows) + QStringLiteral("  ") + percent(value.rows, rows_);
        const int figures_width = metrics.horizontalAdvance(figures) + spacing::control;
        painter.setPen(value.value.empty() ? c.dim : c.text);
        painter.drawText(inner, static_cast<int>(Qt::AlignLeft | Qt::AlignVCenter) | Qt::TextSingleLine,
                         metrics.elidedText(textOf(value, 200), Qt::ElideRight, inner.width() - figures_width));
        painter.setPen(c.text);
        painter.drawText(inner, static_cast<int>(Qt::AlignRight | Qt::AlignVCenter) | Qt::TextSingleLine, figures);
        if (hasFocus() && i == std::max(0, current_)) {
            painter.setPen(c.accent);
            painter.drawRect(line.adjusted(0, 0, -1, -1));
        }
    }
}

bool ValueBars::event(QEvent *event)
{
    if (event->type() == QEvent::ToolTip) {
        auto *help = static_cast<QHelpEvent *>(event);
        const int line = lineAt(help->pos().y());
        QToolTip::showText(help->globalPos(), line < 0 ? QString() : textOf(values_[static_cast<std::size_t>(line)], 400) + QLatin1Char('\n') + tr("Click filters by it"), this);
        return true;
    }
    return QWidget::event(event);
}

void ValueBars::mouseMoveEvent(QMouseEvent *event)
{
    current_ = lineAt(event->position().toPoint().y());
    update();
}

void ValueBars::mousePressEvent(QMouseEvent *event)
{
    if (const int line = lineAt(event->position().toPoint().y()); line >= 0 && event->button() == Qt::LeftButton)
        Q_EMIT valueActivated(line);
}

void ValueBars::leaveEvent(QEvent *)
{
    current_ = -1;
    update();
}

void ValueBars::keyPressEvent(QKeyEvent *event)
{
    const int last = static_cast<int>(values_.size()) - 1;
    if ((event->key() == Qt::Key_Up || event->key() == Qt::Key_Down) && last >= 0) {
        current_ = std::clamp(current_ + (event->key() == Qt::Key_Up ? -1 : 1), 0, last);
        setAccessibleDescription(textOf(values_[static_cast<std::size_t>(current_)], 100));
        update();
    } else if ((event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter) && last >= 0) {
        Q_EMIT valueActivated(std::max(0, current_));
    } else {
        QWidget::keyPressEvent(event);
    }
}

} // namespace howdah::ui
