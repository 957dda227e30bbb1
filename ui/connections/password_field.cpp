// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/connections/password_field.h"

#include <QAction>

#include "ui/base/palette.h"

namespace howdah::ui {

PasswordField::PasswordField(QWidget *parent) : QLineEdit(parent)
{
    setEchoMode(QLineEdit::Password);
    setInputMethodHints(Qt::ImhHiddenText | Qt::ImhNoPredictiveText | Qt::ImhNoAutoUppercase | Qt::ImhSensitiveData);
    QAction *show = addAction(icon(QStringLiteral("view")), QLineEdit::TrailingPosition);
    show->setCheckable(true);
    show->setToolTip(tr("Show the password"));
    connect(show, &QAction::toggled, this, [this](bool on) { setEchoMode(on ? QLineEdit::Normal : QLineEdit::Password); });
}

} // namespace howdah::ui
