// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/migration/change_script.h"
#include "core/replication/forecast.h"
#include "core/replication/topology.h"

namespace howdah::replication {

enum class Severity : std::uint8_t { Critical, Warning, Info };
[[nodiscard]] const char *severityName(Severity severity); ///< "critical", "warning", "info"

struct Alert {
    std::string rule;              ///< of the table below
    Severity severity = Severity::Warning;
    std::string node;              ///< where it was seen
    std::string subject;           ///< slot, subscription, receiver, relation; "" for the node itself
    std::string title;             ///< "Replay is paused on b"
    std::string figure;            ///< what was measured, with its unit
    std::string limit;             ///< what it was held against
    std::string message;           ///< what it means
    std::string action;            ///< what to do
    std::optional<migration::ChangeScript> script; ///< that mends it
    std::string script_node;       ///< where the script is run
    series::TimeMs since_ms = 0;   ///< first seen; 0 before the keeper of the alerts has set it
};

/// Every figure that rules are held against, by a name that the user can set.
struct Limits {
    double retained_warning = 0.5;           ///< share of max_slot_wal_keep_size
    double retained_critical = 0.85;
    double sender_settle_ms = 60'000;        ///< a walsender streams by then
    double lag_factor = 3;                   ///< of the receiver's own baseline
    double lag_baseline_ms = 90'000;         ///< for so long a receiver is watched before it has a baseline
    double lag_recent_ms = 30'000;           ///< that does not belong to the baseline yet
    double lag_floor_bytes = 16.0 * 1024 * 1024; ///< below that nobody cares
    double lag_bytes = 1024.0 * 1024 * 1024; ///< always too much, when rising
    double xmin_age = 10'000'000;            ///< transactions
    double archive_ready_warning = 16, archive_ready_critical = 128; ///< segments
    double archive_stalled_ms = 300'000;     ///< that one segment waits
    double copying_ms = 600'000;             ///< a relation in state d
    double slot_end_measured_s = 30;         ///< the rate is known for so long before anything is foretold from it
    double slot_end_warning_s = 24 * 3600, slot_end_critical_s = 3600;
};

/// Sets one by name ("retained_warning"); false when there is none of that name.
[[nodiscard]] bool setLimit(Limits &limits, std::string_view name, double value);
[[nodiscard]] std::vector<std::string> limitNames();

/// What rules look at.
struct Situation {
    std::vector<std::shared_ptr<const Node>> nodes;
    Topology topology;
    Forecast forecast;
    Limits limits;
    SeriesOf series;
    std::set<std::string> expected;          ///< application_names or slots that the user says must be there
    std::map<std::string, std::set<std::string>> seen; ///< by instance: receivers that were streaming before
    std::map<std::string, std::int64_t> first_conflicts; ///< by instance: recovery conflicts when the watch began
    std::set<std::string> were_standbys;     ///< instances that were in recovery before
    series::TimeMs watched_ms = 0;           ///< since the watch began
};

struct Rule {
    const char *name;
    const char *about;             ///< one line: when it speaks
    void (*judge)(const Situation &, std::vector<Alert> &);
};

[[nodiscard]] const std::vector<Rule> &rules();
/// All rules; the worst first.
[[nodiscard]] std::vector<Alert> alertsOf(const Situation &situation);

/// Terms of synchronous_standby_names.
struct SyncRequirement {
    int wanted = 0;                ///< standbys that a commit waits for
    bool any = false;
    std::vector<std::string> names;
};
[[nodiscard]] std::optional<SyncRequirement> syncRequirement(std::string_view synchronous_standby_names);

} // namespace howdah::replication
