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

/// Nothing that is required fails.
[[nodiscard]] bool mayBegin(const std::vector<Check> &checks);

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
