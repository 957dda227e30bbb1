// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>

#include <QWidget>

#include "ui/connections/conninfo_text.h"
#include "ui/connections/connection_store.h"

class QCheckBox;
class QComboBox;
class QFormLayout;
class QLabel;
class QLineEdit;

namespace howdah::ui {

class ColorSwatches;
class PasswordField;
class SegmentedTabs;

/// Stands for "none of ours" in the choice of an environment.
inline const QString own_environment_id = QStringLiteral("own");

/// One connection: where to connect as one text and as fields, both views of the same conninfo; what kind of server it
/// is; its password.
class ConnectionForm : public QWidget
{
    Q_OBJECT
public:
    explicit ConnectionForm(QWidget *parent = nullptr);

    /// Shows a connection; passwords in its conninfo go into the password field. Not modified afterwards.
    void load(const workspace::SavedConnection &saved, const QString &password = {});
    /// A conninfo or URI put in by somebody else than the user's fingers.
    void setAddress(const QString &conninfo);
    /// The connection as it stands. Takes passwords out of the text first.
    [[nodiscard]] workspace::SavedConnection saved();
    [[nodiscard]] ConnectionChoice choice();
    /// What was typed into the password field; nullopt when nothing was.
    [[nodiscard]] std::optional<QString> password() const;
    /// Why the text cannot be read; "" when it can.
    [[nodiscard]] QString problem() const;
    [[nodiscard]] bool isModified() const { return modified_; }
    void setModified(bool modified);
    /// It has been saved as this: what is shown stays as it was typed.
    void markSaved(const workspace::SavedConnection &saved);
    [[nodiscard]] QString id() const { return QString::fromStdString(original_.id); }
    void setKeychain(ConnectionStore::Keychain state, const QString &problem);
    void focusName();

Q_SIGNALS:
    void edited();

private:
    void buildAddress(QFormLayout *rows);
    void buildSafety(QFormLayout *rows);
    void buildPassword(QFormLayout *rows);
    void buildSsh(QFormLayout *rows);
    void loadSafety(const workspace::SavedConnection &saved);
    void saveSafety(workspace::SavedConnection &saved) const;
    void refreshSsh();
    void textEdited();
    void fieldsEdited();
    /// Takes a password out of the text, once the user has finished with it.
    void takeTypedPassword();
    void showFields(const Keywords &keywords);
    [[nodiscard]] Result<Keywords> keywordsInFields() const;
    void showProblem(const QString &problem);
    void environmentChosen();
    [[nodiscard]] QString environment() const;
    void refreshReadOnlyNote();
    void touched();
    [[nodiscard]] QString suggestedName() const;

    QLineEdit *name_ = nullptr;
    QLineEdit *text_ = nullptr;
    QLabel *problem_ = nullptr;
    QLineEdit *host_ = nullptr;
    QLineEdit *port_ = nullptr;
    QLineEdit *database_ = nullptr;
    QLineEdit *user_ = nullptr;
    QComboBox *sslmode_ = nullptr;
    QComboBox *service_ = nullptr;
    QLabel *service_label_ = nullptr;
    QLineEdit *more_ = nullptr;
    SegmentedTabs *environment_ = nullptr;
    QLineEdit *own_environment_ = nullptr; ///< its name, where it is none of the four
    ColorSwatches *color_ = nullptr;
    QCheckBox *read_only_ = nullptr;
    QLabel *read_only_note_ = nullptr;
    QComboBox *confirm_ = nullptr;
    QLineEdit *statement_timeout_ = nullptr;
    QLineEdit *lock_timeout_ = nullptr;
    QLineEdit *idle_timeout_ = nullptr;
    QLineEdit *ssh_ = nullptr;
    QLineEdit *ssh_jump_ = nullptr;
    QLineEdit *ssh_key_ = nullptr;
    QLabel *ssh_note_ = nullptr;
    PasswordField *password_ = nullptr;
    QCheckBox *keep_ = nullptr;
    QLabel *keep_note_ = nullptr;

    workspace::SavedConnection original_;
    bool modified_ = false;
    bool syncing_ = false;
    bool chose_read_only_ = false; ///< by hand: then the environment no longer decides
    bool password_touched_ = false;
    qsizetype last_length_ = 0;    ///< of the text, to tell pasting from typing
};

} // namespace howdah::ui
