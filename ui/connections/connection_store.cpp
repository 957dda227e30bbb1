// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/connections/connection_store.h"

#include <algorithm>

#include <QDateTime>
#include <QPointer>
#include <QTimer>

#include <qt6keychain/keychain.h>

#include "core/base/paths.h"
#include "ui/base/palette.h"

namespace howdah::ui {

namespace {

const QString service = QStringLiteral("Howdah");

/// Jobs are children of nobody: a password on its way into the keychain must get there though the window closes.
template <typename Job> Job *jobFor(const QString &key)
{
    auto *job = new Job(service);
    job->setKey(key);
    job->setAutoDelete(true);
    job->setInsecureFallback(false); // never a plain file
    return job;
}

} // namespace

ConnectionStore::ConnectionStore(QObject *parent) : ConnectionStore(paths::config() / "connections.json", parent) { }

ConnectionStore::ConnectionStore(std::filesystem::path file, QObject *parent) : QObject(parent), file_(std::move(file))
{
    reload();
    // Asking takes a word with the session's bus: not before the first paint.
    QTimer::singleShot(0, this, &ConnectionStore::probeKeychain);
}

ConnectionStore::~ConnectionStore() = default;

void ConnectionStore::reload()
{
    auto loaded = workspace::loadConnections(file_);
    if (!loaded) {
        load_error_ = loaded.error();
        return;
    }
    load_error_.reset();
    all_ = std::move(*loaded);
    std::stable_sort(all_.begin(), all_.end(), [](const auto &a, const auto &b) {
        return a.last_used != b.last_used ? a.last_used > b.last_used : a.name < b.name;
    });
}

const workspace::SavedConnection *ConnectionStore::find(const QString &id) const
{
    const std::string wanted = id.toStdString();
    const auto found = std::find_if(all_.begin(), all_.end(), [&](const auto &saved) { return saved.id == wanted; });
    return found == all_.end() ? nullptr : &*found;
}

Result<void> ConnectionStore::write(std::vector<workspace::SavedConnection> connections)
{
    if (auto written = workspace::saveConnections(file_, connections); !written)
        return written;
    reload();
    Q_EMIT changed();
    return {};
}

Result<workspace::SavedConnection> ConnectionStore::save(workspace::SavedConnection saved, const std::optional<QString> &password)
{
    reload(); // another window may have written meanwhile
    if (load_error_)
        return tl::unexpected(*load_error_);
    if (saved.id.empty())
        saved.id = workspace::newId();
    if (!saved.conninfo.empty()) {
        if (const auto readable = pg::describe(saved.conninfo); !readable)
            return tl::unexpected(readable.error());
        saved.conninfo = pg::withoutPassword(saved.conninfo);
    }
    std::vector<workspace::SavedConnection> connections = all_;
    const auto found = std::find_if(connections.begin(), connections.end(), [&](const auto &other) { return other.id == saved.id; });
    const bool had_password = found != connections.end() && found->keep_password;
    if (found == connections.end())
        connections.push_back(saved);
    else
        *found = saved;
    if (auto written = write(std::move(connections)); !written)
        return tl::unexpected(written.error());
    const QString id = QString::fromStdString(saved.id);
    if (saved.keep_password && password)
        keep(id, *password);
    else if (!saved.keep_password && had_password)
        forget(id);
    return saved;
}

Result<void> ConnectionStore::remove(const QString &id)
{
    reload();
    if (load_error_)
        return tl::unexpected(*load_error_);
    std::vector<workspace::SavedConnection> connections = all_;
    const std::string wanted = id.toStdString();
    const auto found = std::find_if(connections.begin(), connections.end(), [&](const auto &saved) { return saved.id == wanted; });
    if (found == connections.end())
        return {};
    const bool had_password = found->keep_password;
    connections.erase(found);
    if (auto written = write(std::move(connections)); !written)
        return written;
    if (had_password)
        forget(id);
    return {};
}

void ConnectionStore::touch(const QString &id)
{
    reload();
    if (load_error_ || find(id) == nullptr)
        return;
    std::vector<workspace::SavedConnection> connections = all_;
    for (workspace::SavedConnection &saved : connections) {
        if (saved.id == id.toStdString())
            saved.last_used = QDateTime::currentDateTimeUtc().toString(Qt::ISODateWithMs).toStdString();
    }
    static_cast<void>(write(std::move(connections))); // only the order of the list depends on it
}

// The keychain

void ConnectionStore::probeKeychain()
{
    auto *job = jobFor<QKeychain::ReadPasswordJob>(QStringLiteral("probe"));
    connect(job, &QKeychain::Job::finished, this, [this](QKeychain::Job *done) {
        const bool works = done->error() == QKeychain::NoError || done->error() == QKeychain::EntryNotFound;
        keychain_ = works ? Keychain::Works : Keychain::Missing;
        keychain_problem_ = works ? QString() : done->errorString();
        Q_EMIT keychainChanged();
    });
    job->start();
}

void ConnectionStore::password(const QString &id, QObject *receiver, PasswordDone done)
{
    auto *job = jobFor<QKeychain::ReadPasswordJob>(id);
    connect(job, &QKeychain::Job::finished, receiver, [job, done = std::move(done)](QKeychain::Job *finished) {
        if (finished->error() == QKeychain::NoError)
            done(job->textData(), {});
        else if (finished->error() == QKeychain::EntryNotFound)
            done(std::nullopt, {});
        else
            done(std::nullopt, finished->errorString().isEmpty() ? tr("The keychain does not answer") : finished->errorString());
    });
    job->start();
}

void ConnectionStore::keep(const QString &id, const QString &password)
{
    auto *job = jobFor<QKeychain::WritePasswordJob>(id);
    job->setTextData(password);
    connect(job, &QKeychain::Job::finished, this, [this, id](QKeychain::Job *done) {
        if (done->error() != QKeychain::NoError)
            Q_EMIT keychainFailed(id, done->errorString());
    });
    job->start();
}

void ConnectionStore::forget(const QString &id)
{
    auto *job = jobFor<QKeychain::DeletePasswordJob>(id);
    connect(job, &QKeychain::Job::finished, this, [this, id](QKeychain::Job *done) {
        if (done->error() != QKeychain::NoError && done->error() != QKeychain::EntryNotFound)
            Q_EMIT keychainFailed(id, done->errorString());
    });
    job->start();
}

// Questions about connections

bool wantsPassword(const Error &error)
{
    if (error.sqlstate == "28P01")
        return true;
    const auto says = [&](const char *part) { return error.message.find(part) != std::string::npos; };
    if (says("no password supplied") || says("password authentication failed") || says("empty password returned by client"))
        return true;
    // Methods that check a password elsewhere report 28000; peer, ident, cert and pg_hba.conf do too, and there a
    // password changes nothing. The methods' names stay the same in every language.
    return (error.sqlstate == "28000" || error.kind == ErrorKind::Connection) && says("authentication") &&
           (says("LDAP") || says("PAM") || says("RADIUS") || says("BSD"));
}

QColor environmentColor(const workspace::SavedConnection &saved)
{
    if (const QColor own(QString::fromStdString(saved.color)); !saved.color.empty() && own.isValid())
        return own;
    const Colors &c = colors();
    if (saved.environment == "production")
        return c.warn;
    if (saved.environment == "staging")
        return c.series[1];
    if (saved.environment == "test")
        return c.series[0];
    if (!saved.environment.empty() && saved.environment != "development")
        return c.series[4]; // a kind of one's own
    return c.good;
}

} // namespace howdah::ui
