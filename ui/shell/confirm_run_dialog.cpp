// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/confirm_run_dialog.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QVBoxLayout>

#include "ui/base/palette.h"

namespace howdah::ui {

namespace {

constexpr int most_items = 8;

} // namespace

ConfirmRunDialog::ConfirmRunDialog(const QString &target, const QList<ConfirmItem> &items, const QString &typed_name, QWidget *parent)
    : QDialog(parent)
{
    setWindowTitle(tr("Run on %1").arg(target));
    setMinimumWidth(520);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(spacing::page, spacing::page, spacing::page, spacing::page);
    layout->setSpacing(spacing::card);
    auto *head = new QLabel(tr("This cannot be taken back on %1.").arg(target), this);
    head->setFont(titleFont());
    head->setWordWrap(true);
    layout->addWidget(head);
    for (qsizetype i = 0; i < std::min<qsizetype>(items.size(), most_items); ++i) {
        auto *reason = new QLabel(items[i].reason, this);
        reason->setProperty("role", QStringLiteral("error"));
        reason->setWordWrap(true);
        reason->setTextFormat(Qt::PlainText);
        layout->addWidget(reason);
        auto *sql = new QLabel(items[i].sql.simplified().left(300), this);
        sql->setFont(monoFont());
        sql->setWordWrap(true);
        sql->setTextFormat(Qt::PlainText);
        sql->setTextInteractionFlags(Qt::TextSelectableByMouse);
        layout->addWidget(sql);
    }
    if (items.size() > most_items)
        layout->addWidget(new QLabel(tr("… and %n more", nullptr, static_cast<int>(items.size()) - most_items), this));
    if (!typed_name.isEmpty()) {
        auto *label = new QLabel(tr("Type %1 to go on:").arg(typed_name), this);
        name_ = new QLineEdit(this);
        name_->setAccessibleName(label->text());
        label->setBuddy(name_);
        layout->addWidget(label);
        layout->addWidget(name_);
    }
    auto *buttons = new QHBoxLayout;
    buttons->addStretch(1);
    auto *cancel = new QPushButton(tr("Do not run"), this);
    run_ = new QPushButton(tr("Run"), this);
    run_->setProperty("role", QStringLiteral("danger"));
    run_->setAutoDefault(false);
    cancel->setDefault(true);
    buttons->addWidget(cancel);
    buttons->addWidget(run_);
    layout->addLayout(buttons);
    connect(cancel, &QPushButton::clicked, this, &QDialog::reject);
    connect(run_, &QPushButton::clicked, this, &QDialog::accept);
    if (name_ != nullptr) {
        run_->setEnabled(false);
        connect(name_, &QLineEdit::textChanged, this, [this, typed_name](const QString &text) { run_->setEnabled(text.trimmed() == typed_name); });
        name_->setFocus();
    }
}

} // namespace howdah::ui
