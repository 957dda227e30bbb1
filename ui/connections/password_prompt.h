// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QDialog>

class QCheckBox;
class QLabel;
class QLineEdit;

namespace howdah::ui {

/// Asked when the server wants a password and none is known, or when it refused the one it got.
class PasswordPrompt : public QDialog
{
    Q_OBJECT
public:
    /// `message` is what the server or libpq said; it is shown as it is.
    PasswordPrompt(const QString &connection, const QString &message, QWidget *parent = nullptr);
    /// Whether "Keep in the keychain" is offered; it is by default. `why_not` says why it is not.
    void setCanKeep(bool can_keep, const QString &why_not = {});

Q_SIGNALS:
    void entered(const QString &password, bool keep);

private:
    QLineEdit *password_;
    QCheckBox *keep_;
    QLabel *why_not_;
};

} // namespace howdah::ui
