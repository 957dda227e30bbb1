// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/replication/lag_view.h"

#include <cmath>

#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QStackedWidget>
#include <QVBoxLayout>

#include "plugins/replication/words.h"
#include "ui/base/empty_state.h"
#include "ui/base/palette.h"
#include "ui/charts/series_chart.h"
#include "ui/settings/settings.h"

namespace howdah::replication_tool {

using namespace howdah::ui;
using namespace howdah::replication;

namespace {

constexpr std::size_t points_in_chart = 600;
const QString window_key = QStringLiteral("replication/window");

QString bytesOf(double value)
{
    return std::isfinite(value) ? bytesText(std::llround(value)) : QStringLiteral("–");
}

QString timeOf(double value)
{
    return std::isfinite(value) ? timeText(value) : QStringLiteral("–");
}

} // namespace

LagView::LagView(QWidget *parent) : QWidget(parent)
{
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(spacing::card, spacing::control, spacing::card, spacing::card);
    layout->setSpacing(spacing::control);
    auto *line = new QHBoxLayout;
    receiver_ = new QComboBox;
    receiver_->setAccessibleName(tr("Receiver"));
    receiver_->setToolTip(tr("Whose lag is drawn"));
    receiver_->setMinimumWidth(220);
    window_ = new QComboBox;
    window_->setAccessibleName(tr("Length of the charts"));
    for (const int minutes : {10, 30, 60, 6 * 60, 24 * 60})
        window_->addItem(minutes < 60 ? tr("%1 min").arg(minutes) : tr("%1 h").arg(minutes / 60), minutes);
    window_->setCurrentIndex(std::max(0, window_->findData(Settings::instance().remembered(window_key).toInt())));
    trend_ = new QLabel;
    trend_->setProperty("role", QStringLiteral("dim"));
    line->addWidget(receiver_);
    line->addWidget(trend_, 1);
    line->addWidget(window_);
    layout->addLayout(line);
    stack_ = new QStackedWidget;
    layout->addWidget(stack_, 1);
    auto *charts = new QWidget;
    auto *side = new QHBoxLayout(charts);
    side->setContentsMargins(0, 0, 0, 0);
    side->setSpacing(spacing::control);
    bytes_ = new SeriesChart(tr("Behind, in bytes"), SeriesChart::Shape::Lines, &bytesOf);
    bytes_->setBytes(true);
    bytes_->setLeastTop(64 * 1024);
    times_ = new SeriesChart(tr("Behind, in time"), SeriesChart::Shape::Lines, &timeOf);
    times_->setLeastTop(100);
    times_->setToolTip(tr("How long ago what was confirmed last had been written; nothing while nothing is written."));
    side->addWidget(bytes_);
    side->addWidget(times_);
    empty_ = new EmptyState(QStringLiteral("replication"), tr("Nobody receives"), tr("When a standby or a subscriber is connected, its lag is drawn here: sent, written, flushed and replayed."));
    stack_->addWidget(empty_);
    stack_->addWidget(charts);
    for (SeriesChart *chart : {bytes_, times_}) {
        connect(chart, &SeriesChart::markMoved, this, [this](std::optional<series::TimeMs> moment) {
            bytes_->setMark(moment);
            times_->setMark(moment);
        });
    }
    connect(receiver_, &QComboBox::currentIndexChanged, this, &LagView::draw);
    connect(window_, &QComboBox::currentIndexChanged, this, [this] {
        Settings::instance().remember(window_key, window_->currentData());
        draw();
    });
}

void LagView::setOverview(const std::shared_ptr<const Overview> &overview, const Monitor &monitor)
{
    overview_ = overview;
    series_ = [&monitor](const std::string &node) { return monitor.series(node); };
    QStringList keys;
    QStringList titles;
    for (const LagForecast &lag : overview->forecast.lags) {
        keys << qt(lag.node + "\n" + lag.key);
        titles << QStringLiteral("%1 ← %2").arg(qt(lag.receiver), qt(lag.node));
    }
    QStringList shown;
    for (int i = 0; i < receiver_->count(); ++i)
        shown << receiver_->itemData(i).toString();
    if (shown != keys) {
        const QSignalBlocker blocker(receiver_);
        const QString current = receiver_->currentData().toString();
        receiver_->clear();
        for (int i = 0; i < keys.size(); ++i)
            receiver_->addItem(titles[i], keys[i]);
        receiver_->setCurrentIndex(std::max(0, receiver_->findData(current)));
    }
    stack_->setCurrentIndex(keys.isEmpty() ? 0 : 1);
    receiver_->setVisible(!keys.isEmpty());
    window_->setVisible(!keys.isEmpty());
    if (keys.isEmpty())
        trend_->clear();
    draw();
}

void LagView::choose(const QString &receiver)
{
    if (!overview_)
        return;
    for (const Link &link : overview_->topology.links) {
        const Place &down = overview_->topology.places[static_cast<std::size_t>(link.downstream)];
        const Place &up = overview_->topology.places[static_cast<std::size_t>(link.upstream)];
        if (link.sender == nullptr || qt(down.name) != receiver || !up.node)
            continue;
        const int at = receiver_->findData(qt(up.node->name + "\n" + seriesKey(*link.sender)));
        if (at >= 0)
            receiver_->setCurrentIndex(at);
        return;
    }
}

void LagView::draw()
{
    const QString key = receiver_->currentData().toString();
    if (key.isEmpty() || !overview_)
        return;
    const std::string node = key.section(QLatin1Char('\n'), 0, 0).toStdString(), receiver = key.section(QLatin1Char('\n'), 1).toStdString();
    const auto store = series_(node);
    const Node *sampled = overview_->node(node);
    if (!store || sampled == nullptr)
        return;
    const series::TimeMs now = sampled->time_ms, from = now - window_->currentData().toLongLong() * 60'000;
    const auto lines = [&](const char *unit) {
        const std::pair<const char *, QString> stages[] = {{"sent", tr("sent")}, {"write", tr("write")}, {"flush", tr("flush")}, {"replay", tr("replay")}};
        std::vector<ChartLine> all;
        int color = 0;
        for (const auto &[stage, title] : stages) {
            ChartLine line{title, color++, store->window(std::string("senders.") + stage + unit + "[" + receiver + "]", from, now, points_in_chart)};
            if (!line.points.empty())
                all.push_back(std::move(line));
        }
        return all;
    };
    bytes_->setLines(lines("_bytes"), from, now);
    times_->setLines(lines("_ms"), from, now);
    for (const LagForecast &lag : overview_->forecast.lags) {
        if (lag.node == node && lag.key == receiver)
            trend_->setText(qt(lag.words));
    }
}

} // namespace howdah::replication_tool
