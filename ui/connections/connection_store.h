// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <vector>

#include <QColor>
#include <QObject>
#include <QString>

#include "core/base/error.h"
#include "core/pg/connection_spec.h"
#include "core/workspace/connections.h"

namespace howdah::ui {

/// A connection the user wants to open: what is saved of it, and the spec to open it with, the password in it where
/// one is known.
struct ConnectionChoice {
    workspace::SavedConnection saved;
    pg::ConnectionSpec spec;
};

/// Saved connections of this user and their passwords in the system keychain (service "Howdah", key = id). Without a
/// keychain no password is kept anywhere: the window asks each time. Never a plain file. GUI thread only.
class ConnectionStore : public QObject
{
    Q_OBJECT
public:
    /// Reads connections.json of this user's configuration.
    explicit ConnectionStore(QObject *parent = nullptr);
    explicit ConnectionStore(std::filesystem::path file, QObject *parent = nullptr);
    ~ConnectionStore() override;

    /// The last used first, those never used behind them by name.
    [[nodiscard]] const std::vector<workspace::SavedConnection> &all() const { return all_; }
    /// Null when there is none of that id.
    [[nodiscard]] const workspace::SavedConnection *find(const QString &id) const;
    /// Why the file could not be read; nothing is written over it then.
    [[nodiscard]] const std::optional<Error> &loadError() const { return load_error_; }

    /// Adds (empty id: a new one is given) or replaces, and returns what was saved. Passwords in the conninfo are
    /// taken out. With keep_password a given password goes into the keychain; without it, one that is there is
    /// taken out of it.
    Result<workspace::SavedConnection> save(workspace::SavedConnection saved, const std::optional<QString> &password = {});
    /// Removes the connection and its password.
    Result<void> remove(const QString &id);
    /// It was used just now.
    void touch(const QString &id);

    /// Looks the password up; `done` is called later on this thread, unless the receiver is gone by then. Nullopt
    /// without an error: there is none.
    using PasswordDone = std::function<void(std::optional<QString> password, QString error)>;
    void password(const QString &id, QObject *receiver, PasswordDone done);

    enum class Keychain { Unknown, Works, Missing };
    /// Unknown until the keychain has answered; keychainChanged() tells.
    [[nodiscard]] Keychain keychain() const { return keychain_; }
    [[nodiscard]] bool keychainWorks() const { return keychain_ == Keychain::Works; }
    /// Why it does not work, as the keychain says it.
    [[nodiscard]] QString keychainProblem() const { return keychain_problem_; }

Q_SIGNALS:
    void changed();
    void keychainChanged();
    /// A password could not be written or removed; the connection itself is saved.
    void keychainFailed(const QString &id, const QString &error);

private:
    void reload();
    Result<void> write(std::vector<workspace::SavedConnection> connections);
    void probeKeychain();
    void keep(const QString &id, const QString &password);
    void forget(const QString &id);

    std::filesystem::path file_;
    std::vector<workspace::SavedConnection> all_;
    std::optional<Error> load_error_;
    Keychain keychain_ = Keychain::Unknown;
    QString keychain_problem_;
};

/// Whether another password could help: none was given, or the server refused the one it got.
[[nodiscard]] bool wantsPassword(const Error &error);
/// The connection's own colour, or its environment's.
[[nodiscard]] QColor environmentColor(const workspace::SavedConnection &saved);

} // namespace howdah::ui
