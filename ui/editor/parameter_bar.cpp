// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/editor/parameter_bar.h"

#include <algorithm>

#include <QGridLayout>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QToolButton>
#include <QVBoxLayout>

#include "ui/base/palette.h"

namespace howdah::ui {

namespace {

constexpr int fields_a_row = 3;

} // namespace

ParameterBar::ParameterBar(QWidget *parent) : QWidget(parent)
{
    setAutoFillBackground(true);
    setBackgroundRole(QPalette::Window);
    auto *layout = new QHBoxLayout(this);
    layout->setContentsMargins(spacing::card, spacing::control, spacing::control, spacing::control);
    layout->setSpacing(spacing::card);
    auto *title = new QLabel(tr("Parameters"), this);
    title->setFont(captionFont());
    title->setToolTip(tr("Values go to the server apart from the statement's text: quotes in them are no danger, and the "
                         "type is the one that the statement wants."));
    title->setContentsMargins(0, spacing::control, 0, 0);
    layout->addWidget(title, 0, Qt::AlignTop);
    grid_ = new QGridLayout;
    grid_->setHorizontalSpacing(spacing::control);
    grid_->setVerticalSpacing(spacing::unit);
    layout->addLayout(grid_, 1);
    auto *run = new QPushButton(icon(QStringLiteral("run")), tr("Run"), this);
    run->setToolTip(tr("Run with these values (Enter)"));
    connect(run, &QPushButton::clicked, this, &ParameterBar::accept);
    auto *off = new QToolButton(this);
    off->setText(tr("Off"));
    off->setToolTip(tr("Leave :name and $1 alone on this page"));
    connect(off, &QToolButton::clicked, this, &ParameterBar::switchedOff);
    auto *shut = new QToolButton(this);
    shut->setIcon(icon(QStringLiteral("close")));
    shut->setToolTip(tr("Close (Esc); the values stay"));
    shut->setAccessibleName(tr("Close parameters"));
    connect(shut, &QToolButton::clicked, this, &QWidget::hide);
    for (QWidget *widget : std::initializer_list<QWidget *>{run, off, shut})
        layout->addWidget(widget, 0, Qt::AlignTop);
    setAccessibleName(tr("Parameters of the statement"));
}

void ParameterBar::ask(const std::vector<std::string> &names)
{
    const bool same = rows_.size() == names.size() &&
                      std::equal(rows_.begin(), rows_.end(), names.begin(), [](const Row &row, const std::string &name) { return row.name == name; });
    if (!same) {
        rows_.clear();
        while (QLayoutItem *item = grid_->takeAt(0)) {
            delete item->widget();
            delete item;
        }
        for (int i = 0; i < static_cast<int>(names.size()); ++i)
            addRow(names[static_cast<std::size_t>(i)], i);
    }
    show();
}

void ParameterBar::addRow(const std::string &name, int position)
{
    const bool positional = !name.empty() && name.front() >= '0' && name.front() <= '9';
    const QString shown = (positional ? QStringLiteral("$") : QStringLiteral(":")) + QString::fromStdString(name);
    auto *cell = new QWidget(this);
    auto *layout = new QHBoxLayout(cell);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(spacing::unit);
    auto *label = new QLabel(shown, cell);
    label->setFont(monoFont());
    auto *field = new QLineEdit(cell);
    field->setAccessibleName(tr("Value of %1").arg(shown));
    field->setClearButtonEnabled(true);
    auto *null = new QToolButton(cell);
    null->setText(tr("NULL"));
    null->setCheckable(true);
    null->setToolTip(tr("Give no value: NULL"));
    null->setAccessibleName(tr("%1 is NULL").arg(shown));
    label->setBuddy(field);
    layout->addWidget(label);
    layout->addWidget(field, 1);
    layout->addWidget(null);
    if (const auto known = values_.find(name); known != values_.end()) {
        field->setText(QString::fromStdString(known->second.value_or(std::string())));
        null->setChecked(!known->second);
    }
    field->setEnabled(!null->isChecked());
    field->setPlaceholderText(null->isChecked() ? tr("NULL") : QString());
    const Row row{name, field, null};
    connect(field, &QLineEdit::textEdited, this, [this, row] { remember(row); });
    connect(field, &QLineEdit::returnPressed, this, &ParameterBar::accept);
    connect(null, &QToolButton::toggled, this, [this, row](bool is_null) {
        row.field->setEnabled(!is_null);
        row.field->setPlaceholderText(is_null ? tr("NULL") : QString());
        remember(row);
    });
    grid_->addWidget(cell, position / fields_a_row, position % fields_a_row);
    rows_.push_back(row);
}

void ParameterBar::remember(const Row &row)
{
    values_[row.name] = row.null->isChecked() ? std::nullopt : std::optional(row.field->text().toStdString());
}

void ParameterBar::accept()
{
    for (const Row &row : rows_)
        remember(row);
    Q_EMIT runRequested();
}

std::vector<std::string> ParameterBar::unknown(const std::vector<std::string> &names) const
{
    std::vector<std::string> result;
    std::copy_if(names.begin(), names.end(), std::back_inserter(result),
                 [this](const std::string &name) { return values_.find(name) == values_.end(); });
    return result;
}

void ParameterBar::focusFirst(const std::string &name)
{
    for (const Row &row : rows_) {
        if (row.name == name) {
            row.field->setFocus();
            row.field->selectAll();
            return;
        }
    }
}

void ParameterBar::keyPressEvent(QKeyEvent *event)
{
    if (event->key() == Qt::Key_Escape) {
        hide();
        if (parentWidget() != nullptr)
            parentWidget()->setFocus();
        return;
    }
    QWidget::keyPressEvent(event);
}

} // namespace howdah::ui
