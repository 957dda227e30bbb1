// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/plan/metrics.h"
#include "core/plan/model.h"

namespace howdah::pg {
class Catalog;
} // namespace howdah::pg

namespace howdah::plan {

// What is wrong with a plan, why it costs what it costs, and what can be tried against it.

enum class Severity : std::uint8_t {
    Info,    ///< worth knowing; little or no time is known to be lost
    Warning, ///< at least a tenth of the time
    Serious  ///< at least a third of the time
};

struct Finding {
    std::string rule;      ///< a stable name: "sort-spill"; findingRules() lists them
    NodeId node = no_node; ///< no_node: of the plan as a whole
    Severity severity = Severity::Info;
    double lost_ms = 0;               ///< wall time that this is thought to cost; 0 when it cannot be told
    std::string message;              ///< one sentence, with the figures that matter
    std::string evidence;             ///< the plan's own figures, as they stand in it
    std::vector<std::string> fix_sql; ///< to try, best first; each can be run as it is. May be empty
    std::string why;                  ///< how it comes about, and what the fix changes
};

/// What pg_stats says of one column.
struct ColumnStatistics {
    std::string schema, relation, column;
    double rows = 0;     ///< of the table, as estimated
    double distinct = 0; ///< different values, as estimated; 0 when unknown
    int common_values = 0; ///< in its list of most common values
};

/// Facts of the server that a plan does not tell. All are optional; they make rules sharper, never louder.
struct FindingContext {
    int server_version = 0;                                    ///< server_version_num; 0 when unknown
    std::vector<std::pair<std::string, std::string>> settings; ///< as SHOW gives them: {"work_mem", "4MB"}
    const pg::Catalog *catalog = nullptr;                      ///< not owned; indexes, constraints, pg_stat_user_tables
    std::vector<ColumnStatistics> columns;                     ///< of the plan's tables
};

/// All rules over one plan, the costliest first. A plan that was not executed is judged by its shape alone.
/// Linear in the number of nodes.
[[nodiscard]] std::vector<Finding> findings(const Plan &plan, const Metrics &metrics,
                                            const FindingContext &context = {});

struct FindingRule {
    std::string_view name;
    std::string_view title; ///< what it looks for, as a heading
};
[[nodiscard]] const std::vector<FindingRule> &findingRules();

} // namespace howdah::plan
