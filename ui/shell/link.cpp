// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/link.h"

#include <utility>

#include <QThreadPool>

#include "core/workspace/known_names.h"
#include "ui/base/bridge.h"

namespace howdah::ui {

void releaseSession(std::shared_ptr<pg::Session> session)
{
    if (session)
        QThreadPool::globalInstance()->start([session = std::move(session)]() mutable { session.reset(); });
}

Link::Link(ConnectionChoice choice, QObject *parent) : QObject(parent), choice_(std::move(choice)) { }

Link::~Link()
{
    releaseSession(std::move(metadata_));
}

void Link::become(State state)
{
    state_ = state;
    Q_EMIT stateChanged();
}

void Link::open()
{
    const quint64 generation = ++generation_;
    releaseSession(std::move(metadata_));
    failure_.reset();
    metadata_ = newSession();
    become(State::Opening);
    recallNames();
    metadata_->connect(onGui<Result<pg::ServerFacts>>(this, [this, generation](Result<pg::ServerFacts> connected) {
        if (generation == generation_)
            accept(std::move(connected));
    }));
}

void Link::accept(Result<pg::ServerFacts> connected)
{
    if (!connected) {
        failure_ = connected.error();
        become(State::Failed);
        Q_EMIT failed(connected.error());
        return;
    }
    facts_ = std::make_shared<const pg::ServerFacts>(std::move(*connected));
    become(State::Open);
    refreshCatalog();
}

void Link::close()
{
    ++generation_;
    releaseSession(std::move(metadata_));
    metadata_ = nullptr;
    reading_ = false;
    become(State::Closed);
}

void Link::setPassword(const QString &password)
{
    choice_.spec.password = password.toStdString();
}

void Link::setSaved(const workspace::SavedConnection &saved)
{
    choice_.saved = saved;
    Q_EMIT stateChanged();
}

void Link::refreshCatalog()
{
    if (!metadata_ || reading_)
        return;
    reading_ = true;
    Q_EMIT catalogChanged();
    using Read = Result<std::shared_ptr<const pg::Catalog>>;
    const quint64 generation = generation_;
    const auto done = onGui<Read>(this, [this, generation](Read read) {
        if (generation != generation_)
            return;
        reading_ = false;
        if (read) {
            catalog_ = *read;
            names_ = nullptr;
            keepNames();
        }
        failure_.reset();
        if (!read)
            failure_ = read.error();
        Q_EMIT catalogChanged();
    });
    pg::CatalogOptions options;
    options.with_system_schemas = system_schemas_;
    options.with_words = true;
    const auto named = onGui<std::shared_ptr<const pg::Catalog>>(this, [this, generation](std::shared_ptr<const pg::Catalog> names) {
        if (generation == generation_)
            takeNames(std::move(names));
    });
    const bool names_first = catalog_ == nullptr;
    metadata_->post([done, named, names_first, options](pg::Connection &connection) {
        if (names_first && pg::isLargeCatalog(connection).value_or(false)) {
            pg::CatalogOptions names = options;
            names.names_only = true;
            if (auto read = pg::readCatalog(connection, names)) // a failure shows in what is read next
                named(*read);
        }
        done(pg::readCatalog(connection, options));
    }, [done](Error error) { done(tl::unexpected(std::move(error))); });
}

std::string Link::databaseKey() const
{
    return pg::withoutPassword(choice_.spec.conninfo) + (choice_.spec.ssh ? "\nssh " + choice_.spec.ssh->destination : std::string());
}

/// Off the GUI thread: 100,000 names are some megabytes.
void Link::recallNames()
{
    if (catalog_ || names_)
        return;
    const quint64 generation = generation_;
    const auto known = onGui<std::shared_ptr<const pg::Catalog>>(this, [this, generation](std::shared_ptr<const pg::Catalog> names) {
        if (generation == generation_ && !names_)
            takeNames(std::move(names));
    });
    QThreadPool::globalInstance()->start([known, key = databaseKey()] {
        if (auto names = workspace::knownNames(workspace::namesFile(key), key))
            known(std::move(names));
    });
}

void Link::keepNames() const
{
    QThreadPool::globalInstance()->start([key = databaseKey(), catalog = catalog_] {
        // They only make the next start quicker: without them it is as slow as the first.
        static_cast<void>(workspace::keepNames(workspace::namesFile(key), key, *catalog));
    });
}

void Link::takeNames(std::shared_ptr<const pg::Catalog> names)
{
    if (catalog_)
        return;
    names_ = std::move(names);
    Q_EMIT catalogChanged();
}

std::shared_ptr<pg::Session> Link::newSession() const
{
    return std::make_shared<pg::Session>(choice_.spec);
}

QString Link::title() const
{
    if (!choice_.saved.name.empty())
        return QString::fromStdString(choice_.saved.name);
    if (facts_) {
        const bool is_socket = facts_->host.empty() || facts_->host.front() == '/';
        return QStringLiteral("%1 @ %2").arg(QString::fromStdString(facts_->database),
                                             is_socket ? QStringLiteral("localhost")
                                                       : QString::fromStdString(facts_->host));
    }
    return tr("PostgreSQL");
}

QString Link::target() const
{
    return choice_.saved.environment == "development" ? title()
                                                      : title() + QStringLiteral(" · ") +
                                                            QString::fromStdString(choice_.saved.environment);
}

QColor Link::color() const
{
    return environmentColor(choice_.saved);
}

} // namespace howdah::ui
