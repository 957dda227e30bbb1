// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/link.h"

#include <utility>

#include <QThreadPool>

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
        if (read)
            catalog_ = *read;
        failure_.reset();
        if (!read)
            failure_ = read.error();
        Q_EMIT catalogChanged();
    });
    pg::CatalogOptions options;
    options.with_system_schemas = system_schemas_;
    options.with_words = true;
    metadata_->post([done, options](pg::Connection &connection) { done(pg::readCatalog(connection, options)); },
                    [done](Error error) { done(tl::unexpected(std::move(error))); });
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
