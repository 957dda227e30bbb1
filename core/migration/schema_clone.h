// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <string>

#include "core/base/error.h"
#include "core/pg/connection.h"
#include "core/pg/connection_spec.h"

namespace howdah::migration {

/// An empty copy of a database's schema, made to try a migration on, and gone with this object. Owners and privileges
/// are left out; roles are there by name, without a login. The copy's session has the search_path and time zone of the
/// source's. pg_dump of the server's major version or newer must be installed here; it gets the password by its environment.
class SchemaClone
{
public:
    /// On a server of its own, of the same major version, started on this machine from installed programs: the source is only
    /// read. Fails with Unsupported where that version is not installed.
    [[nodiscard]] static Result<std::unique_ptr<SchemaClone>> onScratchServer(pg::Connection &source, const pg::ConnectionSpec &spec);
    /// In a new database of the source's server, dropped afterwards; needs CREATEDB.
    [[nodiscard]] static Result<std::unique_ptr<SchemaClone>> onScratchDatabase(pg::Connection &source, const pg::ConnectionSpec &spec);
    ~SchemaClone();
    SchemaClone(const SchemaClone &) = delete;
    SchemaClone &operator=(const SchemaClone &) = delete;

    [[nodiscard]] pg::Connection &connection();
    /// One more, for who watches the first.
    [[nodiscard]] Result<std::unique_ptr<pg::Connection>> connectAgain() const;
    /// Where it is, for people: "a scratch server (PostgreSQL 17.11)".
    [[nodiscard]] const std::string &place() const;
    /// Takes it away; the destructor does the same and is silent about failure.
    Result<void> remove();

private:
    SchemaClone();
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace howdah::migration
