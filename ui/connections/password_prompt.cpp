// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/connections/password_prompt.h"

#include <QCheckBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QVBoxLayout>

#include "ui/base/palette.h"
#include "ui/connections/note_label.h"
#include "ui/connections/password_field.h"

namespace howdah::ui {

namespace {
constexpr int least_width = 400;
}

PasswordPrompt::PasswordPrompt(const QString &connection, const QString &message, QWidget *parent)
    : QDialog(parent), password_(new PasswordField(this)), keep_(new QCheckBox(tr("Keep in the system keychain"), this)),
      why_not_(new NoteLabel(this))
{
    setWindowTitle(tr("Password"));
    setMinimumWidth(least_width);
    auto *title = new QLabel(tr("Password for %1").arg(connection), this);
    title->setProperty("role", QStringLiteral("title"));
    title->setTextFormat(Qt::PlainText);
    title->setWordWrap(true);
    auto *said = new NoteLabel(this);
    said->setText(message.simplified());
    said->setTextInteractionFlags(Qt::TextSelectableByMouse);
    said->setVisible(!message.isEmpty());
    password_->setAccessibleName(tr("Password"));
    keep_->setToolTip(tr("Howdah looks it up there the next time. It is never written into a file."));
    why_not_->hide();

    auto *cancel = new QPushButton(tr("Cancel"), this);
    auto *enter = new QPushButton(tr("Connect"), this);
    enter->setProperty("role", QStringLiteral("primary"));
    enter->setDefault(true);
    auto *buttons = new QHBoxLayout;
    buttons->setSpacing(spacing::control);
    buttons->addStretch(1);
    buttons->addWidget(cancel);
    buttons->addWidget(enter);
    connect(enter, &QPushButton::clicked, this, [this] {
        const QString password = password_->text();
        const bool keep = keep_->isChecked();
        accept();
        Q_EMIT entered(password, keep);
    });
    connect(cancel, &QPushButton::clicked, this, &QDialog::reject);

    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(spacing::page, spacing::page, spacing::page, spacing::page);
    layout->setSpacing(spacing::control);
    for (QWidget *widget : {static_cast<QWidget *>(title), static_cast<QWidget *>(said), static_cast<QWidget *>(password_),
                            static_cast<QWidget *>(keep_), static_cast<QWidget *>(why_not_)})
        layout->addWidget(widget);
    layout->addSpacing(spacing::control);
    layout->addStretch(1);
    layout->addLayout(buttons);
    password_->setFocus();
}

void PasswordPrompt::setCanKeep(bool can_keep, const QString &why_not)
{
    keep_->setEnabled(can_keep);
    if (!can_keep)
        keep_->setChecked(false);
    why_not_->setText(why_not);
    why_not_->setVisible(!can_keep && !why_not.isEmpty());
}

} // namespace howdah::ui
