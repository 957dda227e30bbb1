// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/grid/statistics_panel.h"

#include <cmath>

#include <QApplication>
#include <QClipboard>
#include <QGridLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QScrollArea>
#include <QToolButton>
#include <QVBoxLayout>

#include "core/base/human.h"
#include "core/result/number_value.h"
#include "ui/base/elided_label.h"
#include "ui/base/palette.h"
#include "ui/grid/cell_text.h"
#include "ui/grid/grid_model.h"
#include "ui/grid/statistics_views.h"

namespace howdah::ui {

namespace {

constexpr int pause_ms = 400;

QString figureText(long double value, int decimals)
{
    return QString::fromStdString(result::figure(value, decimals));
}

QString countText(qint64 value)
{
    return QString::fromStdString(human::count(value));
}

QString partText(qint64 part, qint64 whole)
{
    const QString number = countText(part);
    if (part == 0 || whole == 0)
        return number;
    return QStringLiteral("%1  (%2 %)").arg(number).arg(100.0 * static_cast<double>(part) / static_cast<double>(whole), 0, 'f', 1);
}

} // namespace

StatisticsPanel::StatisticsPanel(const GridModel *model, QWidget *parent)
    : QWidget(parent), model_(model), title_(new ElidedLabel), state_(new QLabel), figures_(new QGridLayout), histogram_caption_(new QLabel(tr("Distribution"))),
      histogram_(new HistogramView), values_caption_(new QLabel(tr("Most frequent values"))), values_(new ValueBars), note_(new QLabel)
{
    auto *column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    auto *head = new QWidget;
    buildHead(head);
    column->addWidget(head);
    auto *scroll = new QScrollArea;
    scroll->setAccessibleName(tr("Statistics of the column"));
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setWidgetResizable(true);
    scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    auto *page = new QWidget;
    auto *rows = new QVBoxLayout(page);
    rows->setContentsMargins(spacing::card, spacing::unit, spacing::card, spacing::card);
    rows->setSpacing(spacing::control);
    state_->setProperty("role", QStringLiteral("dim"));
    state_->setWordWrap(true);
    figures_->setHorizontalSpacing(spacing::card);
    figures_->setVerticalSpacing(spacing::unit);
    figures_->setColumnStretch(1, 1);
    for (QLabel *caption : {histogram_caption_, values_caption_})
        caption->setProperty("role", QStringLiteral("caption"));
    note_->setProperty("role", QStringLiteral("dim"));
    note_->setWordWrap(true);
    rows->addWidget(state_);
    rows->addLayout(figures_);
    rows->addWidget(histogram_caption_);
    rows->addWidget(histogram_);
    rows->addWidget(values_caption_);
    rows->addWidget(values_);
    rows->addWidget(note_);
    rows->addStretch(1);
    scroll->setWidget(page);
    column->addWidget(scroll, 1);

    timer_.setSingleShot(true);
    timer_.setInterval(pause_ms);
    connect(&timer_, &QTimer::timeout, this, &StatisticsPanel::count);
    connect(histogram_, &HistogramView::binActivated, this, [this](int bin) {
        const auto &chosen = histogram_->bins()[static_cast<std::size_t>(bin)];
        const auto at = static_cast<std::size_t>(column_);
        Q_EMIT filterRequested({at, result::FilterOp::GreaterOrEqual, {chosen.from_text}, false});
        Q_EMIT filterRequested({at, result::FilterOp::Less, {chosen.to_text}, false});
    });
    connect(values_, &ValueBars::valueActivated, this, [this](int value) {
        const auto &chosen = values_->values()[static_cast<std::size_t>(value)];
        if (chosen.whole)
            Q_EMIT filterRequested({static_cast<std::size_t>(column_), result::FilterOp::Equal, {chosen.value}, false});
    });
}

void StatisticsPanel::buildHead(QWidget *head)
{
    auto *row = new QHBoxLayout(head);
    row->setContentsMargins(spacing::card, spacing::unit, spacing::unit, spacing::unit);
    row->setSpacing(spacing::unit);
    QFont bold = textFont();
    bold.setWeight(QFont::DemiBold);
    title_->setFont(bold);
    auto *copy = new QToolButton;
    copy->setIcon(icon(QStringLiteral("copy")));
    copy->setToolTip(tr("Copy the figures"));
    copy->setAccessibleName(copy->toolTip());
    connect(copy, &QToolButton::clicked, this, [this] { QApplication::clipboard()->setText(text()); });
    auto *shut = new QToolButton;
    shut->setIcon(icon(QStringLiteral("close")));
    shut->setToolTip(tr("Close (Esc)"));
    shut->setAccessibleName(tr("Close"));
    connect(shut, &QToolButton::clicked, this, &StatisticsPanel::closed);
    row->addWidget(title_, 1);
    row->addWidget(copy);
    row->addWidget(shut);
}

void StatisticsPanel::showColumn(int column)
{
    column_ = column < model_->columnCount() ? column : -1;
    statistics_.reset();
    timer_.stop();
    clearFigures();
    if (column_ < 0) {
        job_.cancel();
        return;
    }
    const QString type = QString::fromStdString(result::shownType(model_->column(column_)));
    const QString name = lineText(model_->column(column_).name);
    title_->setText(type.isEmpty() ? name : QStringLiteral("%1 · %2").arg(name, type));
    state_->setText(tr("Counting…"));
    state_->show();
    count();
}

void StatisticsPanel::refresh()
{
    if (column_ >= 0 && !timer_.isActive())
        timer_.start();
}

void StatisticsPanel::count()
{
    if (column_ < 0 || !model_->rows().source)
        return;
    job_.start<std::optional<result::ColumnStatistics>>(
        [rows = model_->rows(), total = model_->totalRows(), at = static_cast<std::size_t>(column_)](std::stop_token stop) {
            return result::columnStatistics(rows, total, at, stop);
        },
        [this](std::optional<result::ColumnStatistics> statistics) {
            if (statistics)
                accept(std::move(*statistics));
        });
}

void StatisticsPanel::accept(result::ColumnStatistics statistics)
{
    statistics_ = std::move(statistics);
    clearFigures();
    showFigures(*statistics_);
    histogram_->setBins(statistics_->histogram);
    histogram_caption_->setVisible(!statistics_->histogram.empty());
    histogram_->setVisible(!statistics_->histogram.empty());
    values_->setValues(statistics_->frequent, statistics_->kind, statistics_->rows, statistics_->frequent_error > 0);
    values_caption_->setVisible(!statistics_->frequent.empty());
    values_->setVisible(!statistics_->frequent.empty());
    const bool all_differ = statistics_->frequent.empty() && statistics_->distinct > 0;
    note_->setText(all_differ ? tr("Every value occurs once.")
                   : !statistics_->distinct_exact ? tr("Too many different values to count each: what wears a ~ is an estimate.") : QString());
    note_->setVisible(!note_->text().isEmpty());
    Q_EMIT counted();
}

void StatisticsPanel::clearFigures()
{
    while (QLayoutItem *item = figures_->takeAt(0)) {
        delete item->widget();
        delete item;
    }
    shown_.clear();
    state_->hide();
    histogram_caption_->hide();
    histogram_->hide();
    values_caption_->hide();
    values_->hide();
    note_->hide();
}

void StatisticsPanel::addFigure(const QString &name, const QString &value)
{
    const auto row = static_cast<int>(shown_.size());
    auto *label = new QLabel(name);
    label->setProperty("role", QStringLiteral("dim"));
    auto *figure = new ElidedLabel;
    figure->setText(value);
    figure->setAlignment(Qt::AlignRight | Qt::AlignVCenter);
    figure->setFont(monoFont());
    figures_->addWidget(label, row, 0);
    figures_->addWidget(figure, row, 1);
    shown_.emplace_back(name, value);
}

void StatisticsPanel::showFigures(const result::ColumnStatistics &s)
{
    addFigure(tr("Rows"), countText(s.rows));
    addFigure(tr("NULL"), partText(s.nulls, s.rows));
    addFigure(tr("Distinct"), s.distinct_exact ? partText(s.distinct, s.rows) : QStringLiteral("~") + countText(s.distinct));
    const bool number = result::isNumber(s.kind);
    if (s.lowest) {
        addFigure(tr("Lowest"), cellText({*s.lowest, false}, s.kind));
        addFigure(tr("Highest"), cellText({*s.highest, false}, s.kind));
    }
    if (number && s.numbers > 0) {
        addFigure(tr("Mean"), figureText(s.mean, s.decimals + 3));
        addFigure(tr("Sum"), figureText(s.sum, s.decimals));
        addFigure(tr("Standard deviation"), figureText(s.deviation, s.decimals + 3));
        const qint64 others = s.rows - s.nulls - s.numbers;
        if (others > 0)
            addFigure(tr("NaN and infinity"), partText(others, s.rows));
    }
    if (s.kind == result::ValueKind::Text && s.nulls < s.rows)
        addFigure(tr("Length"), s.shortest == s.longest ? countText(s.longest) : QStringLiteral("%1 – %2").arg(countText(s.shortest), countText(s.longest)));
}

QString StatisticsPanel::text() const
{
    QString all = title_->text() + QLatin1Char('\n');
    for (const auto &[name, value] : shown_)
        all += name + QLatin1Char('\t') + value + QLatin1Char('\n');
    if (statistics_) {
        for (const auto &value : statistics_->frequent)
            all += QString::fromStdString(value.value) + QLatin1Char('\t') + QString::number(value.rows) + QLatin1Char('\n');
    }
    return all;
}

void StatisticsPanel::keyPressEvent(QKeyEvent *event)
{
    if (event->key() == Qt::Key_Escape)
        Q_EMIT closed();
    else
        QWidget::keyPressEvent(event);
}

} // namespace howdah::ui
