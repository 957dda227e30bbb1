// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/grid/chart_panel.h"

#include <algorithm>

#include <QApplication>
#include <QBarCategoryAxis>
#include <QBarSeries>
#include <QBarSet>
#include <QChart>
#include <QChartView>
#include <QClipboard>
#include <QComboBox>
#include <QDateTimeAxis>
#include <QFileDialog>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QLegend>
#include <QLineSeries>
#include <QMenu>
#include <QPushButton>
#include <QScatterSeries>
#include <QSvgGenerator>
#include <QToolButton>
#include <QValueAxis>
#include <QVBoxLayout>

#include "core/base/human.h"
#include "core/result/value_kind.h"
#include "ui/base/palette.h"
#include "ui/base/segmented_tabs.h"
#include "ui/base/theme_notifier.h"
#include "ui/grid/cell_text.h"
#include "ui/grid/grid_model.h"

namespace howdah::ui {

using result::ChartAxis;
using result::ChartKind;

namespace {

constexpr int pause_ms = 400;
constexpr int most_columns_in_menu = 80;

const std::pair<ChartKind, QString> kind_ids[] = {{ChartKind::Line, QStringLiteral("line")}, {ChartKind::Bar, QStringLiteral("bar")},
                                                  {ChartKind::Scatter, QStringLiteral("scatter")}, {ChartKind::Histogram, QStringLiteral("histogram")}};

QString idOf(ChartKind kind)
{
    return std::find_if(std::begin(kind_ids), std::end(kind_ids), [kind](const auto &k) { return k.first == kind; })->second;
}

QString count(qint64 value)
{
    return QString::fromStdString(human::count(value));
}

QString rowsText(qint64 rows)
{
    return rows == 1 ? ChartPanel::tr("1 row") : ChartPanel::tr("%1 rows").arg(count(rows));
}

bool canBeX(result::ValueKind kind, ChartKind chart)
{
    return chart == ChartKind::Bar || result::isNumber(kind) || kind == result::ValueKind::Date || kind == result::ValueKind::Timestamp;
}

} // namespace

ChartPanel::ChartPanel(const GridModel *model, QWidget *parent)
    : QWidget(parent), model_(model), kinds_(new SegmentedTabs(SegmentedTabs::Look::Quiet)), x_(new QComboBox), y_(new QPushButton), y_menu_(new QMenu(this)),
      note_(new QLabel)
{
    auto *rows = new QVBoxLayout(this);
    rows->setContentsMargins(0, 0, 0, 0);
    rows->setSpacing(0);
    auto *line = new QHBoxLayout;
    line->setContentsMargins(spacing::card, spacing::unit, spacing::control, spacing::unit);
    line->setSpacing(spacing::control);
    buildLine(line);
    rows->addLayout(line);
    note_->setProperty("role", QStringLiteral("dim"));
    note_->setContentsMargins(spacing::card, spacing::unit, spacing::card, spacing::unit);
    rows->addWidget(note_);

    timer_.setSingleShot(true);
    timer_.setInterval(pause_ms);
    connect(&timer_, &QTimer::timeout, this, &ChartPanel::compute);
    connect(kinds_, &SegmentedTabs::currentChanged, this, [this](const QString &id) {
        const auto *chosen = std::find_if(std::begin(kind_ids), std::end(kind_ids), [&](const auto &k) { return k.second == id; });
        request_.kind = chosen->first;
        if (request_.x && !canBeX(model_->kind(static_cast<int>(*request_.x)), request_.kind))
            request_.x.reset();
        showRequest();
        compute();
    });
    connect(x_, &QComboBox::activated, this, [this] {
        const int column = x_->currentData().toInt();
        request_.x = column < 0 ? std::nullopt : std::optional(static_cast<std::size_t>(column));
        compute();
    });
    connect(&ThemeNotifier::instance(), &ThemeNotifier::themeChanged, this, &ChartPanel::draw);
}

/// A scene costs more than all the rest of a grid, and most results are never drawn.
void ChartPanel::makeView()
{
    if (view_ != nullptr)
        return;
    chart_ = new QChart;
    view_ = new QChartView(chart_);
    view_->setRenderHint(QPainter::Antialiasing);
    view_->setFrameShape(QFrame::NoFrame);
    view_->setAccessibleName(tr("Chart of the result"));
    chart_->setMargins(QMargins(spacing::control, 0, spacing::control, 0));
    chart_->setBackgroundRoundness(0);
    static_cast<QVBoxLayout *>(layout())->insertWidget(1, view_, 1);
}

void ChartPanel::buildLine(QHBoxLayout *line)
{
    const QString names[] = {tr("Line"), tr("Bars"), tr("Points"), tr("Histogram")};
    for (std::size_t i = 0; i < std::size(names); ++i)
        kinds_->addSegment(kind_ids[i].second, names[i]);
    x_->setAccessibleName(tr("Column along the axis"));
    x_->setToolTip(tr("Column along the axis"));
    y_->setMenu(y_menu_);
    y_->setAccessibleName(tr("Columns drawn"));
    y_->setToolTip(tr("Columns drawn, %1 at most").arg(result::most_chart_series));
    line->addWidget(kinds_);
    auto *x_label = new QLabel(tr("x"));
    auto *y_label = new QLabel(tr("y"));
    for (QLabel *label : {x_label, y_label})
        label->setProperty("role", QStringLiteral("dim"));
    line->addWidget(x_label);
    line->addWidget(x_);
    line->addWidget(y_label);
    line->addWidget(y_);
    line->addStretch(1);
    const auto tool = [&](const QString &icon_name, const QString &tooltip, auto slot) {
        auto *button = new QToolButton;
        button->setIcon(icon(icon_name));
        button->setToolTip(tooltip);
        button->setAccessibleName(tooltip);
        connect(button, &QToolButton::clicked, this, slot);
        line->addWidget(button);
    };
    tool(QStringLiteral("copy"), tr("Copy the picture"), &ChartPanel::copyImage);
    tool(QStringLiteral("save"), tr("Save the picture (PNG, SVG)"), &ChartPanel::saveAs);
    tool(QStringLiteral("close"), tr("Back to the rows (Esc)"), &ChartPanel::closed);
}

void ChartPanel::reset()
{
    guessed_ = false;
    job_.cancel();
    timer_.stop();
}

void ChartPanel::open()
{
    makeView();
    if (!guessed_) {
        const auto guess = model_->rows().source ? result::guessChart(model_->rows(), model_->totalRows()) : std::nullopt;
        request_ = guess.value_or(result::ChartRequest{});
        guessed_ = true;
    }
    showRequest();
    compute();
}

void ChartPanel::setRequest(const result::ChartRequest &request)
{
    makeView();
    request_ = request;
    guessed_ = true;
    showRequest();
    compute();
}

void ChartPanel::refresh()
{
    if (isVisible() && !timer_.isActive())
        timer_.start();
}

void ChartPanel::showRequest()
{
    {
        const QSignalBlocker quiet(kinds_);
        kinds_->setCurrent(idOf(request_.kind));
    }
    const QSignalBlocker quiet(x_);
    x_->clear();
    x_->addItem(tr("row number"), -1);
    for (int column = 0; column < model_->columnCount(); ++column) {
        if (canBeX(model_->kind(column), request_.kind))
            x_->addItem(lineText(model_->column(column).name, 40), column);
    }
    x_->setCurrentIndex(request_.x ? x_->findData(static_cast<int>(*request_.x)) : 0);
    x_->setEnabled(request_.kind != ChartKind::Histogram);
    y_menu_->clear();
    QStringList names;
    for (int column = 0; column < model_->columnCount() && y_menu_->actions().size() < most_columns_in_menu; ++column) {
        if (!result::isNumber(model_->kind(column)))
            continue;
        const auto at = static_cast<std::size_t>(column);
        const bool chosen = std::find(request_.y.begin(), request_.y.end(), at) != request_.y.end();
        QAction *action = y_menu_->addAction(lineText(model_->column(column).name, 40));
        action->setCheckable(true);
        action->setChecked(chosen);
        if (chosen)
            names << action->text();
        connect(action, &QAction::triggered, this, [this, at](bool on) {
            if (request_.kind == ChartKind::Histogram)
                request_.y.clear();
            std::erase(request_.y, at);
            if ((on || request_.y.empty()) && request_.y.size() < result::most_chart_series)
                request_.y.push_back(at);
            showRequest();
            compute();
        });
    }
    y_->setText(names.isEmpty() ? tr("no number") : names.size() > 2 ? tr("%1 columns").arg(names.size()) : names.join(QStringLiteral(", ")));
}

void ChartPanel::compute()
{
    if (request_.y.empty() || !model_->rows().source) {
        data_ = {};
        draw();
        note_->setText(tr("There is no column of numbers to draw"));
        Q_EMIT drawn();
        return;
    }
    job_.start<std::optional<result::ChartData>>(
        [rows = model_->rows(), total = model_->totalRows(), request = request_](std::stop_token stop) { return result::chartData(rows, total, request, stop); },
        [this](std::optional<result::ChartData> made) {
            if (!made)
                return;
            data_ = std::move(*made);
            draw();
            Q_EMIT drawn();
        });
}

void ChartPanel::draw()
{
    if (view_ == nullptr)
        return;
    chart_->removeAllSeries();
    for (QAbstractAxis *axis : chart_->axes()) {
        chart_->removeAxis(axis);
        delete axis;
    }
    QAbstractAxis *along = nullptr;
    auto *up = new QValueAxis;
    if (data_.axis == ChartAxis::Category) {
        auto *categories = new QBarCategoryAxis;
        QStringList names;
        for (const std::string &name : data_.categories)
            names << QStringLiteral("%1").arg(lineText(name, 20));
        // Names that are cut to the same text would be one category.
        for (int i = 0; i < names.size(); ++i) {
            while (names.indexOf(names[i]) != i)
                names[i] += QChar(0x200B);
        }
        categories->setCategories(names);
        if (names.size() > 12)
            categories->setLabelsAngle(-60);
        along = categories;
    } else if (data_.axis == ChartAxis::Time) {
        along = new QDateTimeAxis;
    } else {
        along = new QValueAxis;
    }
    chart_->addAxis(along, Qt::AlignBottom);
    chart_->addAxis(up, Qt::AlignLeft);
    std::int64_t values = 0, shown = 0;
    QBarSeries *bars = data_.axis == ChartAxis::Category ? new QBarSeries : nullptr;
    for (const result::ChartSeries &series : data_.series) {
        values += series.values;
        shown += static_cast<std::int64_t>(series.points.size());
        const QString name = lineText(series.name, 40);
        if (bars != nullptr) {
            auto *set = new QBarSet(name);
            for (const auto &point : series.points)
                set->append(point.y);
            bars->append(set);
            continue;
        }
        QXYSeries *drawn_series = request_.kind == ChartKind::Line ? static_cast<QXYSeries *>(new QLineSeries) : new QScatterSeries;
        QList<QPointF> points;
        for (const auto &point : series.points)
            points << QPointF(point.x, point.y);
        drawn_series->setName(name);
        drawn_series->replace(points);
        chart_->addSeries(drawn_series);
        drawn_series->attachAxis(along);
        drawn_series->attachAxis(up);
    }
    if (bars != nullptr) {
        bars->setBarWidth(request_.kind == ChartKind::Histogram ? 0.98 : 0.7);
        chart_->addSeries(bars);
        bars->attachAxis(along);
        bars->attachAxis(up);
    }
    if (!data_.series.empty()) {
        up->applyNiceNumbers();
        if (auto *number = qobject_cast<QValueAxis *>(along))
            number->applyNiceNumbers();
    }
    style();
    QStringList notes;
    if (request_.kind == ChartKind::Histogram)
        notes << tr("rows by %1").arg(data_.series.empty() ? QString() : lineText(data_.series[0].name, 40));
    if (bars == nullptr && shown < values)
        notes << (request_.kind == ChartKind::Line ? tr("%1 of %2 points; peaks are kept") : tr("%1 of %2 points; one for each place")).arg(count(shown), count(values));
    if (data_.summed)
        notes << tr("rows with the same name are summed");
    if (data_.categories_left_out > 0)
        notes << tr("the first %1 names; more exist").arg(result::most_chart_bars);
    else if (data_.rows_left_out > 0)
        notes << tr("without a value, left out: %1").arg(rowsText(data_.rows_left_out));
    note_->setText(notes.join(QStringLiteral(" · ")));
}

void ChartPanel::style()
{
    const Colors &c = colors();
    chart_->setBackgroundBrush(c.panel);
    view_->setBackgroundBrush(c.panel);
    chart_->legend()->setLabelColor(c.text);
    chart_->legend()->setVisible(data_.series.size() > 1);
    chart_->legend()->setAlignment(Qt::AlignTop);
    for (QAbstractAxis *axis : chart_->axes()) {
        axis->setLabelsColor(c.dim);
        axis->setLabelsFont(monoFont());
        axis->setLinePenColor(c.line);
        axis->setGridLineColor(c.line);
        if (axis->orientation() == Qt::Horizontal && axis->type() == QAbstractAxis::AxisTypeBarCategory)
            axis->setGridLineVisible(false);
        if (auto *numbers = qobject_cast<QValueAxis *>(axis)) {
            const double step = (numbers->max() - numbers->min()) / std::max(1, numbers->tickCount() - 1);
            numbers->setLabelFormat(step >= 1 && numbers->max() < 1e15 ? QStringLiteral("%.0f") : QStringLiteral("%g"));
        }
        if (auto *times = qobject_cast<QDateTimeAxis *>(axis)) {
            const qint64 days = times->min().daysTo(times->max());
            times->setFormat(days > 900 ? QStringLiteral("yyyy-MM") : days > 3 ? QStringLiteral("yyyy-MM-dd") : QStringLiteral("MM-dd HH:mm"));
            times->setTickCount(6);
        }
    }
    int at = 0;
    for (QAbstractSeries *series : chart_->series()) {
        const QColor color = c.series[at % std::size(c.series)];
        if (auto *line = qobject_cast<QLineSeries *>(series)) {
            line->setPen(QPen(color, 1.6));
        } else if (auto *cloud = qobject_cast<QScatterSeries *>(series)) {
            cloud->setMarkerSize(4.5);
            cloud->setColor(color);
            cloud->setBorderColor(color);
        } else if (auto *bars = qobject_cast<QBarSeries *>(series)) {
            const auto sets = bars->barSets();
            for (int i = 0; i < sets.size(); ++i) {
                sets[i]->setColor(c.series[i % std::size(c.series)]);
                sets[i]->setBorderColor(c.panel);
            }
        }
        ++at;
    }
}

QString ChartPanel::note() const
{
    return note_->text();
}

void ChartPanel::copyImage()
{
    if (view_ == nullptr)
        return;
    QApplication::clipboard()->setPixmap(view_->grab());
    note_->setText(tr("The picture is in the clipboard"));
}

bool ChartPanel::saveTo(const QString &path)
{
    if (view_ == nullptr)
        return false;
    if (!path.endsWith(QStringLiteral(".svg"), Qt::CaseInsensitive))
        return view_->grab().save(path, "PNG");
    QSvgGenerator svg;
    svg.setFileName(path);
    svg.setSize(view_->size());
    svg.setViewBox(view_->rect());
    QPainter painter;
    if (!painter.begin(&svg))
        return false;
    view_->render(&painter);
    return painter.end();
}

void ChartPanel::saveAs()
{
    auto *dialog = new QFileDialog(this, tr("Save the picture"), QString(), tr("PNG pictures (*.png);;SVG drawings (*.svg)"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setAcceptMode(QFileDialog::AcceptSave);
    dialog->setDefaultSuffix(QStringLiteral("png"));
    connect(dialog, &QFileDialog::filterSelected, dialog, [dialog](const QString &filter) {
        dialog->setDefaultSuffix(filter.contains(QStringLiteral("svg")) ? QStringLiteral("svg") : QStringLiteral("png"));
    });
    connect(dialog, &QFileDialog::fileSelected, this, [this](const QString &path) {
        note_->setText(saveTo(path) ? tr("Saved as %1").arg(path) : tr("Could not write %1").arg(path));
    });
    dialog->open();
}

void ChartPanel::keyPressEvent(QKeyEvent *event)
{
    if (event->key() == Qt::Key_Escape)
        Q_EMIT closed();
    else if (event->matches(QKeySequence::Copy))
        copyImage();
    else
        QWidget::keyPressEvent(event);
}

} // namespace howdah::ui
