// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "core/pg/connection.h"

namespace howdah::replication {

/// One thing that must hold before a set-up begins.
struct Check {
    std::string name;              ///< "wal_level"
    bool ok = false;
    std::string figure;            ///< what was found
    std::string message;           ///< what it means, and what to do when it does not hold
    std::string fix_sql;           ///< on the server named in `node`; "" for none
    std::string node;              ///< "primary", "standby", "publisher", "subscriber", "this machine"
    bool required = true;          ///< false: advice; the set-up works without it
};

/// A further check at the end of `checks`; `fix` is kept where it does not hold.
Check &addCheck(std::vector<Check> &checks, const char *name, const char *node, bool ok, std::string figure, std::string message, std::string fix = {}, bool required = true);

/// Nothing that is required fails.
[[nodiscard]] bool mayBegin(const std::vector<Check> &checks);

/// A data directory as pg_controldata and its files tell of it.
struct OldDirectory {
    bool is_cluster = false;       ///< PG_VERSION and a control file are there and can be read
    int major = 0;
    std::string system_identifier;
    std::string state;             ///< "shut down in recovery", "in production" …
    int timeline = 0;
    bool runs = false;             ///< its postmaster.pid names a process that lives
    bool was_primary = false;      ///< no standby.signal: it was promoted, or was a primary
    bool keeps_hints = false;      ///< wal_log_hints or data checksums: pg_rewind can tell what was changed
    bool has_tablespaces = false;
    int port = 0;                  ///< of its configuration; 0: not said there
    std::string slot, cluster_name;
    std::string error;             ///< why it could not be read
};

/// A standby that is to be made.
struct StreamingPlan {
    std::string primary_conninfo;  ///< as the standby reaches the primary; without a password
    std::string password;          ///< for it; goes through the environment only
    std::filesystem::path target;  ///< its data directory; empty: on another host, only the commands are shown
    std::filesystem::path bin;     ///< of the PostgreSQL that runs it; empty: found by the primary's major version
    std::string slot;
    std::string role;              ///< that it connects as; "": the one of the conninfo
    std::string role_password;     ///< that a role which is made gets
    std::string application_name;  ///< also its cluster_name
    std::string standby_address;   ///< where it connects from; "": this machine
    int port = 0;                  ///< of the standby; 0: the next free one

    bool rebuild = false;          ///< the target holds a lost standby, which is made again in its place
    std::string method;            ///< "copy" (pg_basebackup) or "rewind" (pg_rewind); "": as the old directory allows
    std::filesystem::path aside;   ///< where the old directory is kept until the proof; filled in
    bool remove_old = false;       ///< after the proof; else it is left there
    OldDirectory old;              ///< filled in
};

/// A table that is to be published.
struct PublishedChoice {
    std::string schema, name;
    std::string columns;           ///< "id, name"; 15; "" for all
    std::string where;             ///< row filter without WHERE; 15; "" for none
};

/// A subscription that is to be made.
struct LogicalPlan {
    std::string publisher_conninfo; ///< as the subscriber reaches the publisher; without a password
    std::string password;           ///< for it
    std::string publication, subscription, slot;
    std::vector<PublishedChoice> tables; ///< empty: every table of the database
    bool copy_data = true;
};

/// `standby` is one that runs already, or null.
[[nodiscard]] Result<std::vector<Check>> preflightStreaming(pg::Connection &primary, pg::Connection *standby, const StreamingPlan &plan);
[[nodiscard]] Result<std::vector<Check>> preflightLogical(pg::Connection &publisher, pg::Connection &subscriber, const LogicalPlan &plan);

/// Whether pg_hba.conf lets that role in, as the first line that matches says. `database` may be "replication".
[[nodiscard]] Check hbaCheck(pg::Connection &server, const std::string &database, const std::string &role, const std::string &conninfo,
                             const std::string &address);

/// Tables that the plan publishes: those that it names, or all that can be.
[[nodiscard]] Result<std::vector<PublishedChoice>> tablesOf(pg::Connection &publisher, const LogicalPlan &plan);

} // namespace howdah::replication
