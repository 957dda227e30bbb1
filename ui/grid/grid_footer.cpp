// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/grid/grid_footer.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QToolButton>

#include "core/base/human.h"
#include "ui/base/elided_label.h"
#include "ui/base/palette.h"
#include "ui/base/pill.h"

namespace howdah::ui {

namespace {

constexpr int clock_ms = 200;
constexpr int said_ms = 6'000;

QString rowsText(qint64 rows)
{
    const QString number = QString::fromStdString(human::count(rows));
    return rows == 1 ? GridFooter::tr("%1 row").arg(number) : GridFooter::tr("%1 rows").arg(number);
}

} // namespace

GridFooter::GridFooter(QWidget *parent)
    : QWidget(parent), figures_(new ElidedLabel), state_(new Pill(tr("running…"), Tone::Accent)), note_(new ElidedLabel),
      load_all_(new QPushButton(tr("Load all"))), sorted_(new QPushButton), summary_(new ElidedLabel), chart_(new QToolButton), edit_(new QToolButton), pin_(new QToolButton)
{
    auto *row = new QHBoxLayout(this);
    row->setContentsMargins(spacing::control, 2, spacing::control, 2);
    row->setSpacing(spacing::control);
    for (QLabel *label : {static_cast<QLabel *>(figures_), static_cast<QLabel *>(summary_)})
        label->setProperty("role", QStringLiteral("dim"));
    summary_->setAlignment(Qt::AlignRight | Qt::AlignVCenter);
    load_all_->setProperty("role", QStringLiteral("quiet"));
    load_all_->setToolTip(tr("Runs the statement again without the limit"));
    sorted_->setProperty("role", QStringLiteral("quiet"));
    sorted_->setIcon(icon(QStringLiteral("close")));
    sorted_->setToolTip(tr("Back to the order the server sent"));
    sorted_->setAccessibleName(sorted_->toolTip());
    pin_->setIcon(icon(QStringLiteral("pin")));
    pin_->setCheckable(true);
    pin_->setToolTip(tr("Keep this result when the next run begins"));
    pin_->setAccessibleName(tr("Keep this result"));
    row->addWidget(state_);
    row->addWidget(figures_);
    row->addWidget(note_);
    row->addWidget(load_all_);
    row->addWidget(sorted_);
    row->addWidget(summary_, 1);
    chart_->setIcon(icon(QStringLiteral("chart")));
    chart_->setCheckable(true);
    chart_->setToolTip(tr("Draw these rows as a chart"));
    chart_->setAccessibleName(tr("Chart"));
    edit_->setIcon(icon(QStringLiteral("edit")));
    edit_->setCheckable(true);
    edit_->setToolTip(tr("Edit these rows (they must come from one table with its key)"));
    edit_->setAccessibleName(tr("Edit rows"));
    row->addWidget(edit_);
    row->addWidget(chart_);
    row->addWidget(pin_);
    state_->hide();
    note_->hide();
    load_all_->hide();
    sorted_->hide();

    clock_.setInterval(clock_ms);
    said_timer_.setSingleShot(true);
    said_timer_.setInterval(said_ms);
    connect(&clock_, &QTimer::timeout, this, &GridFooter::refresh);
    connect(&said_timer_, &QTimer::timeout, this, [this] { summary_->setText(summary_text_); });
    connect(load_all_, &QPushButton::clicked, this, &GridFooter::loadAllRequested);
    connect(sorted_, &QPushButton::clicked, this, &GridFooter::serverOrderRequested);
    connect(chart_, &QToolButton::toggled, this, &GridFooter::chartToggled);
    connect(edit_, &QToolButton::clicked, this, [this](bool checked) {
        edit_->setChecked(!checked); // editing itself says when it has begun
        Q_EMIT editRequested();
    });
    connect(pin_, &QToolButton::toggled, this, &GridFooter::pinToggled);
}

void GridFooter::setEditing(bool editing)
{
    edit_->setChecked(editing);
}

void GridFooter::begin()
{
    live_ = true;
    rows_ = bytes_ = 0;
    duration_ms_ = first_row_ms_ = -1;
    running_.start();
    clock_.start();
    note_->hide();
    load_all_->hide();
    state_->show();
    refresh();
}

void GridFooter::setRows(qint64 rows, qint64 bytes)
{
    rows_ = rows;
    bytes_ = bytes;
    refresh();
}

void GridFooter::setFiltered(std::optional<qint64> shown)
{
    filtered_ = shown;
    refresh();
}

void GridFooter::finish(const pg::StatementOutcome *outcome)
{
    live_ = false;
    clock_.stop();
    state_->hide();
    if (outcome != nullptr) {
        duration_ms_ = outcome->duration_ms;
        first_row_ms_ = outcome->first_row_ms;
        const bool cancelled = outcome->error && outcome->error->kind == ErrorKind::Cancelled;
        note_->setProperty("role", outcome->error && !cancelled ? QStringLiteral("error") : QString());
        if (outcome->error)
            note_->setText(cancelled ? tr("Cancelled; the rows that had come are kept")
                                     : tr("Stopped by an error: %1").arg(QString::fromStdString(outcome->error->message)));
        else if (outcome->truncated)
            note_->setText(tr("Stopped at %1; more exist").arg(rowsText(rows_)));
        note_->setVisible(outcome->error || outcome->truncated);
        load_all_->setVisible(outcome->truncated && !outcome->error);
    }
    refresh();
}

void GridFooter::setSorted(const QString &text)
{
    sorted_->setText(text);
    sorted_->setVisible(!text.isEmpty());
}

void GridFooter::setSummary(const QString &text)
{
    summary_text_ = text;
    said_timer_.stop();
    summary_->setText(text);
}

void GridFooter::say(const QString &text)
{
    summary_->setText(text);
    said_timer_.start();
}

void GridFooter::setPinned(bool pinned)
{
    const QSignalBlocker quiet(pin_);
    pin_->setChecked(pinned);
}

void GridFooter::setCharted(bool charted)
{
    const QSignalBlocker quiet(chart_);
    chart_->setChecked(charted);
}

QString GridFooter::text() const
{
    return figures_->text();
}

QString GridFooter::note() const
{
    return note_->isHidden() ? QString() : note_->text();
}

void GridFooter::refresh()
{
    const double elapsed = live_ ? static_cast<double>(running_.elapsed()) : duration_ms_;
    QStringList parts{filtered_ ? tr("%1 of %2").arg(QString::fromStdString(human::count(*filtered_)), rowsText(rows_)) : rowsText(rows_)};
    if (elapsed >= 0)
        parts << QString::fromStdString(human::duration(elapsed));
    if (!live_ && first_row_ms_ > 0 && rows_ > 0)
        parts << tr("first row %1").arg(QString::fromStdString(human::duration(first_row_ms_)));
    if (bytes_ > 0)
        parts << QString::fromStdString(human::bytes(bytes_));
    figures_->setText(parts.join(QStringLiteral(" · ")));
}

} // namespace howdah::ui
