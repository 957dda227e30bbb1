// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/partition/maintain.h"
#include "core/partition/scheme.h"

// pg_partman 4 and 5, and what runs its maintenance. Scripts for the version at hand.

namespace howdah::partition {

/// What the server has of it.
struct PartmanState {
    std::string schema, version;        ///< of the installed extension; "" when it is not
    std::string available;              ///< the version that CREATE EXTENSION would install; "" when the package is missing
    bool background_worker = false;     ///< pg_partman_bgw is in shared_preload_libraries
    bool cron_installed = false, cron_preloaded = false;
    std::string cron_database;          ///< where pg_cron lives
    std::vector<std::string> versions;  ///< that CREATE EXTENSION … VERSION takes, newest first
    [[nodiscard]] int major() const { return std::atoi((version.empty() ? available : version).c_str()); }
};
[[nodiscard]] Result<PartmanState> partmanState(pg::Connection &connection);

/// CREATE SCHEMA and CREATE EXTENSION, into a schema of its own. `version`: "" takes the server's default.
[[nodiscard]] Result<ChangeScript> installPartman(const PartmanState &state, const std::string &schema = "partman", const std::string &version = {});
/// Hands a partitioned table over to it: create_parent() in the form of its version, then its retention. `config` may hold
/// premake, retention, retention_keep_table, infinite_time_partitions … as part_config calls them.
[[nodiscard]] Result<ChangeScript> adoptPartman(const PartmanState &state, const Scheme &scheme, const Interval &interval, const std::map<std::string, std::string> &config);
/// UPDATE part_config; unknown names are refused (Usage).
[[nodiscard]] Result<ChangeScript> configurePartman(const Scheme &scheme, const std::map<std::string, std::string> &config);
/// run_maintenance of this table, now.
[[nodiscard]] Result<ChangeScript> runPartman(const Scheme &scheme);

/// How maintenance is run from time to time.
struct Schedule {
    std::string means;                  ///< "pg_cron", "pg_partman_bgw", "systemd timer"
    std::optional<ChangeScript> script; ///< what makes it, where SQL does
    std::string text;                   ///< the units of a timer and the line of a crontab, or what stands in postgresql.conf
};
/// The settings of part_config that this major of pg_partman has and people set.
[[nodiscard]] std::vector<std::string> partmanSettings(int major);

/// How a job of pg_cron went.
struct CronRun {
    std::int64_t job = 0, run = 0;
    std::string started, finished, status, message; ///< status: "succeeded", "failed", "running" …
};
/// Of the scheme's jobs, the latest first. Nothing without pg_cron or the right to read it.
[[nodiscard]] Result<std::vector<CronRun>> cronHistory(pg::Connection &connection, const Scheme &scheme, int limit = 20);
/// Takes a job out of pg_cron. Usage when the scheme has none of that number.
[[nodiscard]] Result<ChangeScript> unscheduleMaintenance(const Scheme &scheme, std::int64_t job);

/// pg_cron where it is (or is preloaded and this is its database), else partman's own worker, else a timer that runs howdah-cli partition maintain.
[[nodiscard]] Schedule scheduleMaintenance(const PartmanState &state, const Scheme &scheme, const std::string &database, const std::string &cron = "17 * * * *");

} // namespace howdah::partition
