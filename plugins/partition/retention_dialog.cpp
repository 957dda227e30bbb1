// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/partition/retention_dialog.h"

#include <QComboBox>
#include <QDialogButtonBox>
#include <QFormLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QVBoxLayout>

#include "ui/base/palette.h"

namespace howdah::partition_tool {

using namespace howdah::ui;
using partition::RetentionAction;
using partition::RetentionOptions;

RetentionDialog::RetentionDialog(const QString &table, QWidget *parent) : QDialog(parent)
{
    setWindowTitle(tr("Retention of %1").arg(table));
    setMinimumWidth(440);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(spacing::page, spacing::page, spacing::page, spacing::page);
    layout->setSpacing(spacing::card);
    auto *text = new QLabel(tr("Partitions that lie wholly before that time leave the table. Each is detached first, so that the table is hardly locked."), this);
    text->setWordWrap(true);
    layout->addWidget(text);
    auto *form = new QFormLayout;
    keep_ = new QLineEdit(QStringLiteral("12 months"), this);
    keep_->setToolTip(tr("An interval like \"12 months\" or \"90 days\"; for numbers how many values"));
    form->addRow(tr("&Keep"), keep_);
    action_ = new QComboBox(this);
    action_->addItems({tr("Detach them: they stay as tables"), tr("Detach them to be archived"), tr("Detach and drop them")});
    form->addRow(tr("&Then"), action_);
    schema_ = new QLineEdit(this);
    schema_->setPlaceholderText(tr("stays where it is"));
    schema_->setToolTip(tr("Detached tables move to this schema"));
    form->addRow(tr("&Schema"), schema_);
    layout->addLayout(form);
    error_ = new QLabel(this);
    error_->setWordWrap(true);
    QPalette ink = error_->palette();
    ink.setColor(QPalette::WindowText, colors().bad_ink);
    error_->setPalette(ink);
    layout->addWidget(error_);
    auto *buttons = new QDialogButtonBox(QDialogButtonBox::Cancel, this);
    show_ = buttons->addButton(tr("Show the script…"), QDialogButtonBox::AcceptRole);
    show_->setDefault(true);
    layout->addWidget(buttons);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    connect(keep_, &QLineEdit::textChanged, this, &RetentionDialog::check);
    connect(action_, &QComboBox::currentIndexChanged, this, [this](int at) { schema_->setEnabled(at != 2); });
    connect(buttons, &QDialogButtonBox::accepted, this, [this] {
        const auto keep = partition::parseInterval(keep_->text().trimmed().toStdString());
        if (!keep)
            return;
        RetentionOptions options;
        options.keep = *keep;
        options.action = action_->currentIndex() == 0 ? RetentionAction::Detach : action_->currentIndex() == 1 ? RetentionAction::Archive : RetentionAction::Drop;
        options.schema = schema_->text().trimmed().toStdString();
        Q_EMIT chosen(options);
        accept();
    });
    check();
}

void RetentionDialog::check()
{
    const auto keep = partition::parseInterval(keep_->text().trimmed().toStdString());
    error_->setText(keep ? QString() : QString::fromStdString(keep.error().message));
    show_->setEnabled(keep.has_value());
}

} // namespace howdah::partition_tool
