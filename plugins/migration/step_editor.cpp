// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/migration/step_editor.h"

#include <algorithm>

#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QVBoxLayout>

#include "core/migration/plan_edit.h"
#include "ui/base/palette.h"

namespace howdah::migration_tool {

using namespace howdah::ui;

namespace {

constexpr int indent = 56; ///< below the texts of the step's row
constexpr int fewest_lines = 2, most_lines = 10;

QPlainTextEdit *editor(const QString &text, const QString &name, QWidget *parent)
{
    auto *edit = new QPlainTextEdit(text, parent);
    edit->setFont(monoFont());
    edit->setAccessibleName(name);
    edit->setTabChangesFocus(true);
    const int lines = std::clamp(static_cast<int>(text.count(QLatin1Char('\n'))) + 2, fewest_lines, most_lines);
    edit->setFixedHeight(edit->fontMetrics().lineSpacing() * lines + 2 * spacing::control);
    return edit;
}

} // namespace

StepEditor::StepEditor(std::size_t step, const migration::ChangeStep &what, QWidget *parent) : QWidget(parent), step_(step)
{
    auto *column = new QVBoxLayout(this);
    column->setContentsMargins(indent, 0, spacing::card, spacing::card);
    column->setSpacing(spacing::control);
    sql_ = editor(QString::fromStdString(migration::editableSql(what)), tr("Statements of the step"), this);
    undo_ = editor(QString::fromStdString(what.undo_sql), tr("Way back of the step"), this);
    column->addWidget(new QLabel(what.batches ? tr("The statement of each batch; {range} stands for its rows") : tr("Statements, which commit together"), this));
    column->addWidget(sql_);
    column->addWidget(new QLabel(tr("Way back"), this));
    column->addWidget(undo_);
    auto *buttons = new QHBoxLayout;
    auto *use = new QPushButton(icon(QStringLiteral("check")), tr("Use it"), this);
    use->setToolTip(tr("Takes the step so and tells the effects of all steps anew (Ctrl+Return)"));
    auto *leave = new QPushButton(tr("Leave as it was"), this);
    connect(use, &QPushButton::clicked, this, &StepEditor::accept);
    connect(leave, &QPushButton::clicked, this, &StepEditor::cancelled);
    buttons->addStretch(1);
    buttons->addWidget(leave);
    buttons->addWidget(use);
    column->addLayout(buttons);
    setFocusProxy(sql_);
}

QString StepEditor::sql() const
{
    return sql_->toPlainText().trimmed();
}

QString StepEditor::undo() const
{
    return undo_->toPlainText().trimmed();
}

void StepEditor::setSql(const QString &sql)
{
    sql_->setPlainText(sql);
}

void StepEditor::accept()
{
    Q_EMIT accepted(step_, sql(), undo());
}

void StepEditor::keyPressEvent(QKeyEvent *event)
{
    if (event->key() == Qt::Key_Escape)
        Q_EMIT cancelled();
    else if (event->key() == Qt::Key_Return && event->modifiers().testFlag(Qt::ControlModifier))
        accept();
    else
        QWidget::keyPressEvent(event);
}

} // namespace howdah::migration_tool
