// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/migration/change_script.h"
#include "core/partition/maintain.h"
#include "core/partition/scheme.h"

namespace howdah::partition {

enum class Severity : std::uint8_t { Info, Warning, Problem };
[[nodiscard]] const char *severityName(Severity severity); ///< "info", "warning", "problem"

/// What is wrong with a partitioned table, with what shows it and what mends it.
struct Finding {
    std::string rule;        ///< stable: "gap", "default-has-rows", "running-out" …
    Severity severity = Severity::Warning;
    std::string relation;    ///< quoted
    std::string message;     ///< one sentence
    std::string detail;      ///< what follows from it, what it costs
    std::string evidence;    ///< the figures
    std::optional<migration::ChangeScript> fix;
    std::string no_fix;      ///< why there is no script
};

struct CheckOptions {
    std::int64_t oversized_bytes = 100LL * 1024 * 1024 * 1024; ///< of one partition with its indexes
    double skew_factor = 5;            ///< the largest against the median of those that hold rows
    std::int64_t skew_min_bytes = 64LL * 1024 * 1024; ///< of the largest: below it a skew costs nothing
    std::int64_t read_default_bytes = 256LL * 1024 * 1024; ///< a larger default partition is not read from end to end
    int ahead = 2;                     ///< intervals beyond now that must have partitions
    int premake = 4;                   ///< how many the script makes
    std::size_t many_partitions = 2000;
    std::string from;                  ///< now, for tests and what-ifs: a value of the key; "" is now
};

/// The rules over a scheme; the connection is asked for what a scheme does not hold (the default's rows, the largest
/// key). Worst first.
[[nodiscard]] Result<std::vector<Finding>> check(pg::Connection &connection, const Scheme &scheme, const CheckOptions &options = {});

} // namespace howdah::partition
