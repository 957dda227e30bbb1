// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/grid/grid_filter_bar.h"

#include <algorithm>

#include <QComboBox>
#include <QCompleter>
#include <QFrame>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QScrollArea>
#include <QScrollBar>
#include <QToolButton>

#include "ui/base/palette.h"
#include "ui/base/theme_notifier.h"
#include "ui/grid/cell_text.h"
#include "ui/grid/grid_model.h"

namespace howdah::ui {

using result::Condition;
using result::FilterOp;

namespace {

constexpr int pause_ms = 220;
constexpr int widest_chip_characters = 60;
constexpr int column_width = 190;
constexpr int op_width = 150;

bool needsOperand(FilterOp op)
{
    return op != FilterOp::Null && op != FilterOp::NotNull;
}

bool hasCase(FilterOp op)
{
    return op == FilterOp::Contains || op == FilterOp::NotContains || op == FilterOp::Regex || op == FilterOp::NotRegex;
}

} // namespace

QString filterOpText(FilterOp op)
{
    switch (op) {
    case FilterOp::Contains: return GridFilterBar::tr("contains");
    case FilterOp::NotContains: return GridFilterBar::tr("does not contain");
    case FilterOp::Regex: return GridFilterBar::tr("matches the pattern");
    case FilterOp::NotRegex: return GridFilterBar::tr("does not match");
    case FilterOp::Between: return GridFilterBar::tr("between");
    case FilterOp::In: return GridFilterBar::tr("in");
    case FilterOp::NotIn: return GridFilterBar::tr("not in");
    case FilterOp::Null: return GridFilterBar::tr("is null");
    case FilterOp::NotNull: return GridFilterBar::tr("is not null");
    default: {
        const std::string_view symbol = result::symbolOf(op);
        return QString::fromUtf8(symbol.data(), static_cast<qsizetype>(symbol.size()));
    }
    }
}

GridFilterBar::GridFilterBar(const GridModel *model, QWidget *parent)
    : QWidget(parent), model_(model), columns_(new QComboBox), ops_(new QComboBox), operand_(new QLineEdit), match_case_(new QToolButton),
      add_(new QPushButton(tr("Add"))), problem_(new QLabel), chips_area_(new QScrollArea)
{
    auto *rows = new QVBoxLayout(this);
    rows->setContentsMargins(spacing::control, spacing::unit, spacing::control, spacing::unit);
    rows->setSpacing(spacing::unit);
    auto *line = new QHBoxLayout;
    line->setSpacing(spacing::unit);
    buildLine(line);
    rows->addLayout(line);
    chips_area_->setFrameShape(QFrame::NoFrame);
    chips_area_->setVerticalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    chips_area_->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    chips_area_->setWidgetResizable(true);
    chips_area_->setFocusPolicy(Qt::NoFocus);
    chips_area_->hide();
    rows->addWidget(chips_area_);

    timer_.setSingleShot(true);
    timer_.setInterval(pause_ms);
    connect(&timer_, &QTimer::timeout, this, &GridFilterBar::apply);
    connect(columns_, &QComboBox::currentIndexChanged, this, [this] {
        fillOps();
        timer_.start();
    });
    connect(ops_, &QComboBox::currentIndexChanged, this, [this] {
        operand_->setEnabled(needsOperand(op()));
        match_case_->setVisible(hasCase(op()));
        operand_->setPlaceholderText(op() == FilterOp::Between ? tr("from .. to")
                                     : op() == FilterOp::In || op() == FilterOp::NotIn ? tr("a, b, 'c, with a comma'")
                                     : needsOperand(op()) ? tr("Value") : QString());
        timer_.start();
    });
    connect(operand_, &QLineEdit::textChanged, this, [this] { timer_.start(); });
    connect(operand_, &QLineEdit::returnPressed, this, &GridFilterBar::commit);
    connect(match_case_, &QToolButton::toggled, this, [this] { timer_.start(); });
    connect(add_, &QPushButton::clicked, this, &GridFilterBar::commit);
    hide();
}

void GridFilterBar::buildLine(QHBoxLayout *row)
{
    auto *picture = new QLabel;
    const auto paint = [picture] { picture->setPixmap(icon(QStringLiteral("filter"), colors().dim).pixmap(16, 16)); };
    paint();
    connect(&ThemeNotifier::instance(), &ThemeNotifier::themeChanged, picture, paint);
    columns_->setEditable(true);
    columns_->setInsertPolicy(QComboBox::NoInsert);
    columns_->completer()->setCompletionMode(QCompleter::PopupCompletion);
    columns_->completer()->setFilterMode(Qt::MatchContains);
    columns_->setFixedWidth(column_width);
    columns_->setAccessibleName(tr("Column"));
    columns_->setToolTip(tr("The column that is asked; type to find it"));
    ops_->setMinimumWidth(op_width);
    ops_->setAccessibleName(tr("Condition"));
    ops_->setToolTip(tr("Negative conditions keep the rows where the value is NULL"));
    operand_->setAccessibleName(tr("Value"));
    operand_->setClearButtonEnabled(true);
    match_case_->setText(QStringLiteral("Aa"));
    match_case_->setCheckable(true);
    match_case_->setToolTip(tr("Match case"));
    match_case_->setAccessibleName(tr("Match case"));
    add_->setToolTip(tr("Keep this condition and write another one (Enter)"));
    problem_->setProperty("role", QStringLiteral("error"));
    problem_->hide();
    auto *shut = new QToolButton;
    shut->setIcon(icon(QStringLiteral("close")));
    shut->setToolTip(tr("Remove the filter (Esc)"));
    shut->setAccessibleName(tr("Remove the filter"));
    connect(shut, &QToolButton::clicked, this, &GridFilterBar::close);
    row->addWidget(picture);
    row->addWidget(columns_);
    row->addWidget(ops_);
    row->addWidget(operand_, 1);
    row->addWidget(match_case_);
    row->addWidget(problem_);
    row->addWidget(add_);
    row->addWidget(shut);
}

void GridFilterBar::fillColumns()
{
    if (filled_)
        return;
    filled_ = true;
    const QSignalBlocker quiet(columns_);
    columns_->clear();
    for (int column = 0; column < model_->columnCount(); ++column)
        columns_->addItem(lineText(model_->column(column).name, 64));
    columns_->setCurrentIndex(model_->columnCount() > 0 ? 0 : -1);
    fillOps();
}

void GridFilterBar::fillOps()
{
    if (column() < 0)
        return;
    const int before = ops_->count() > 0 ? static_cast<int>(op()) : -1;
    const auto fitting = result::filterOps(model_->kind(column()));
    int chosen = 0;
    {
        const QSignalBlocker quiet(ops_);
        ops_->clear();
        for (const FilterOp each : fitting) {
            // Contains comes first for texts alone: what was chosen there means nothing for numbers.
            if (before == static_cast<int>(each) && each != FilterOp::Contains)
                chosen = ops_->count();
            ops_->addItem(filterOpText(each), static_cast<int>(each));
        }
    }
    ops_->setCurrentIndex(-1);
    ops_->setCurrentIndex(chosen);
}

int GridFilterBar::column() const
{
    const int column = columns_->currentIndex();
    return column < model_->columnCount() ? column : -1;
}

FilterOp GridFilterBar::op() const
{
    return static_cast<FilterOp>(ops_->currentData().toInt());
}

bool GridFilterBar::lineIsEmpty() const
{
    return column() < 0 || ops_->currentIndex() < 0 || !isVisibleTo(parentWidget()) || (needsOperand(op()) && operand_->text().isEmpty());
}

Result<Condition> GridFilterBar::line() const
{
    const auto made = result::conditionFrom(static_cast<std::size_t>(column()), op(), operand_->text().toStdString(), match_case_->isChecked());
    if (!made)
        return made;
    const auto test = result::RowFilter::make({*made}, model_->rows().source->columns());
    return test ? made : Result<Condition>(tl::unexpected(test.error()));
}

std::vector<Condition> GridFilterBar::conditions() const
{
    std::vector<Condition> all = chips_;
    if (!lineIsEmpty()) {
        if (auto last = line())
            all.push_back(std::move(*last));
    }
    return all;
}

void GridFilterBar::open(int column)
{
    fillColumns();
    show();
    if (column >= 0)
        columns_->setCurrentIndex(column);
    operand_->setFocus(Qt::ShortcutFocusReason);
    operand_->selectAll();
}

void GridFilterBar::close()
{
    const bool shown = !isHidden();
    hide();
    clear();
    if (shown)
        Q_EMIT closed();
}

void GridFilterBar::reset()
{
    filled_ = false;
    chips_.clear();
    applied_.clear();
    timer_.stop();
    const QSignalBlocker quiet(operand_);
    operand_->clear();
    showChips();
    hide();
}

void GridFilterBar::clear()
{
    chips_.clear();
    {
        const QSignalBlocker quiet(operand_);
        operand_->clear();
    }
    if (ops_->count() > 0 && !needsOperand(op()))
        ops_->setCurrentIndex(0);
    showChips();
    apply();
}

void GridFilterBar::setLine(int column, FilterOp op, const QString &operand)
{
    fillColumns();
    columns_->setCurrentIndex(column);
    ops_->setCurrentIndex(ops_->findData(static_cast<int>(op)));
    operand_->setText(operand);
    apply();
}

void GridFilterBar::add(const Condition &condition)
{
    fillColumns();
    if (std::find(chips_.begin(), chips_.end(), condition) == chips_.end())
        chips_.push_back(condition);
    show();
    showChips();
    apply();
}

void GridFilterBar::commit()
{
    if (lineIsEmpty())
        return;
    const auto made = line();
    apply();
    if (!made)
        return;
    if (std::find(chips_.begin(), chips_.end(), *made) == chips_.end())
        chips_.push_back(*made);
    {
        const QSignalBlocker quiet(operand_);
        operand_->clear();
    }
    if (!needsOperand(op()))
        ops_->setCurrentIndex(0);
    showChips();
    apply();
    operand_->setFocus();
}

void GridFilterBar::edit(std::size_t chip)
{
    const Condition condition = chips_[chip];
    chips_.erase(chips_.begin() + static_cast<std::ptrdiff_t>(chip));
    showChips();
    match_case_->setChecked(condition.match_case);
    setLine(static_cast<int>(condition.column), condition.op, QString::fromStdString(result::operandText(condition)));
    operand_->setFocus();
}

void GridFilterBar::apply()
{
    timer_.stop();
    QString said;
    if (!lineIsEmpty()) {
        if (const auto made = line(); !made)
            said = QString::fromStdString(made.error().message);
    }
    problem_->setText(fontMetrics().elidedText(said, Qt::ElideRight, 320));
    problem_->setToolTip(said);
    problem_->setVisible(!said.isEmpty());
    std::vector<Condition> now = conditions();
    if (now == applied_)
        return;
    const auto filter = result::RowFilter::make(now, model_->rows().source->columns());
    if (!filter)
        return;
    applied_ = std::move(now);
    Q_EMIT filterChanged(*filter);
}

QString GridFilterBar::problem() const
{
    return problem_->isHidden() ? QString() : problem_->toolTip();
}

QString GridFilterBar::textOf(const Condition &condition) const
{
    QStringList parts{lineText(model_->column(static_cast<int>(condition.column)).name, 40), filterOpText(condition.op)};
    if (!condition.values.empty())
        parts << lineText(result::operandText(condition), widest_chip_characters);
    return parts.join(QLatin1Char(' '));
}

QWidget *GridFilterBar::chipOf(std::size_t index)
{
    const QString text = textOf(chips_[index]);
    auto *chip = new QFrame;
    chip->setProperty("role", QStringLiteral("card"));
    auto *row = new QHBoxLayout(chip);
    row->setContentsMargins(1, 1, 1, 1);
    row->setSpacing(0);
    auto *change = new QPushButton(QString(text).replace(QLatin1Char('&'), QStringLiteral("&&")));
    change->setProperty("role", QStringLiteral("flat"));
    change->setToolTip(tr("Change this condition"));
    connect(change, &QPushButton::clicked, this, [this, index] { edit(index); });
    auto *remove = new QToolButton;
    remove->setIcon(icon(QStringLiteral("close")));
    remove->setIconSize({12, 12});
    remove->setToolTip(tr("Remove this condition"));
    remove->setAccessibleName(tr("Remove the condition %1").arg(text));
    connect(remove, &QToolButton::clicked, this, [this, index] {
        chips_.erase(chips_.begin() + static_cast<std::ptrdiff_t>(index));
        showChips();
        apply();
    });
    row->addWidget(change);
    row->addWidget(remove);
    return chip;
}

void GridFilterBar::showChips()
{
    auto *strip = new QWidget;
    auto *row = new QHBoxLayout(strip);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(spacing::unit);
    for (std::size_t i = 0; i < chips_.size(); ++i)
        row->addWidget(chipOf(i));
    row->addStretch(1);
    // A chip's own button asked for this: it goes when its click is done.
    if (QWidget *old = chips_area_->takeWidget())
        old->deleteLater();
    chips_area_->setWidget(strip);
    chips_area_->setFixedHeight(strip->sizeHint().height());
    chips_area_->setVisible(!chips_.empty());
}

void GridFilterBar::keyPressEvent(QKeyEvent *event)
{
    if (event->key() == Qt::Key_Escape)
        close();
    else
        QWidget::keyPressEvent(event);
}

} // namespace howdah::ui
