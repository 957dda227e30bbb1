// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/workload/workload.h"

namespace howdah::pg {
class Connection;
}

namespace howdah::index {

/// How one statement of a workload is planned now and, where it was run, how long it takes.
struct QueryState {
    std::string fingerprint, text;
    double weight = 1;
    double cost = 0;                  ///< one execution, in the planner's units
    std::optional<double> ms;         ///< the quicker of two runs
    std::string not_run;              ///< why it was not; "" where nobody asked for it
    std::string plan;                 ///< EXPLAIN's JSON, with times where it was run
    std::vector<std::string> indexes; ///< names in the plan, as EXPLAIN gives them, each once
};

struct StateOptions {
    bool run = false;        ///< statements that only read are run, twice each; those that write are planned alone
    int most_ms = 10'000;    ///< of one run; what takes longer is cancelled and said
    double seconds = 120;    ///< for all runs together; the rest is planned alone
};

/// In a read-only transaction that is rolled back. One for each statement that can be planned, in the workload's order; of
/// several samples the first counts, so that before and after are the same question. What cannot be planned is left out.
[[nodiscard]] Result<std::vector<QueryState>> queryStates(pg::Connection &connection, const workload::Workload &load, const StateOptions &options = {},
                                                          const std::function<bool(std::size_t done, std::size_t all)> &progress = {});

} // namespace howdah::index
