// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>

#include <QColor>
#include <QObject>
#include <QString>

#include "core/pg/catalog.h"
#include "core/pg/session.h"
#include "ui/connections/connection_store.h"

namespace howdah::ui {

/// Lets go of a session without waiting for it: its destructor joins the worker, which may sit in a dead network.
void releaseSession(std::shared_ptr<pg::Session> session);

/// One database that the window works with: what the user chose, the metadata session that browser and dashboards
/// share, and the catalog as last read. Each SQL page has a session of its own besides. GUI thread only.
class Link : public QObject
{
    Q_OBJECT
public:
    enum class State { Closed, Opening, Open, Failed };

    explicit Link(ConnectionChoice choice, QObject *parent = nullptr);
    ~Link() override;

    /// Connects the metadata session and reads the catalog; again after a failure or with a new password.
    void open();
    void close();
    void setPassword(const QString &password);
    void refreshCatalog();
    /// Whether pg_catalog and its like are read too, from the next time on.
    void setSystemSchemas(bool wanted) { system_schemas_ = wanted; }
    /// Takes changed names and colours over; the server stays the same.
    void setSaved(const workspace::SavedConnection &saved);

    [[nodiscard]] State state() const { return state_; }
    [[nodiscard]] const ConnectionChoice &choice() const { return choice_; }
    [[nodiscard]] QString title() const;  ///< the connection's name, else "shop @ localhost"
    [[nodiscard]] QString target() const; ///< "shop @ localhost · production", for confirmations
    [[nodiscard]] QColor color() const;
    [[nodiscard]] bool isReadOnly() const { return choice_.spec.read_only; }
    [[nodiscard]] bool isProduction() const { return choice_.saved.environment == "production"; }
    [[nodiscard]] std::shared_ptr<const pg::ServerFacts> facts() const { return facts_; }
    [[nodiscard]] std::shared_ptr<pg::Session> metadataSession() const { return metadata_; }
    [[nodiscard]] std::shared_ptr<pg::Session> newSession() const;
    [[nodiscard]] std::shared_ptr<const pg::Catalog> catalog() const { return catalog_; }
    /// What to show before the catalog is there: the names read ahead of a large one, or those known from the last time;
    /// null when there are none, and once there is a catalog.
    [[nodiscard]] std::shared_ptr<const pg::Catalog> names() const { return names_; }
    [[nodiscard]] bool isReadingCatalog() const { return reading_; }
    [[nodiscard]] const std::optional<Error> &failure() const { return failure_; }

Q_SIGNALS:
    void stateChanged();
    void failed(const howdah::Error &error); ///< no connection could be made
    void catalogChanged();                   ///< read, being read, or failed to be read

private:
    void become(State state);
    void accept(Result<pg::ServerFacts> connected);
    void recallNames();
    void keepNames() const;
    void takeNames(std::shared_ptr<const pg::Catalog> names);
    [[nodiscard]] std::string databaseKey() const;

    ConnectionChoice choice_;
    State state_ = State::Closed;
    std::shared_ptr<pg::Session> metadata_;
    std::shared_ptr<const pg::ServerFacts> facts_;
    std::shared_ptr<const pg::Catalog> catalog_;
    std::shared_ptr<const pg::Catalog> names_;
    bool reading_ = false;
    bool system_schemas_ = false;
    std::optional<Error> failure_;
    quint64 generation_ = 0; ///< answers of an earlier open() are not taken
};

} // namespace howdah::ui
