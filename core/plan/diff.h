// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/plan/metrics.h"
#include "core/plan/model.h"

namespace howdah::plan {

// Two plans of one query beside each other: before and after an index, on two versions, with other parameters.

/// A number that two plans with the same shape share: node types, joins, relations, indexes and where they stand;
/// no costs, rows, times, constants. The same on every machine and in every format.
[[nodiscard]] std::uint64_t shapeHash(const Plan &plan);

enum class DiffKind : std::uint8_t {
    Same,    ///< the same node on both sides
    Changed, ///< the same work done in another way: another node type, index or join order
    Removed, ///< only in the first plan
    Added    ///< only in the second
};

struct NodeDiff {
    DiffKind kind = DiffKind::Same;
    NodeId before = no_node;            ///< no_node when Added
    NodeId after = no_node;             ///< no_node when Removed
    std::optional<double> exclusive_ms; ///< after less before; a node of one side counts as 0 on the other
    std::optional<double> inclusive_ms;
    std::optional<double> rows_total;
    double exclusive_cost = 0;
    std::optional<std::int64_t> blocks; ///< shared and local blocks hit and read, of the node alone
    bool noise = true;                  ///< exclusive_ms is within what two runs of one plan differ by
    std::string change; ///< "Seq Scan on orders → Index Scan using orders_customer_idx on orders"; "" when Same
};

struct PlanDiff {
    bool same_shape = false;
    std::vector<NodeDiff> nodes;        ///< in the order of the second plan, removed ones after the parent they hung on
    std::optional<double> execution_ms; ///< after less before
    std::optional<double> planning_ms;
    double total_cost = 0;
    bool noise = true;                ///< of execution_ms
    std::vector<std::string> changes; ///< of shape, each in one line, the topmost first
};

struct DiffOptions {
    double noise_share = 0.1; ///< of the larger of two times
    double noise_ms = 0.2;    ///< and at least so much
};

/// Nodes are matched by what they work on (relation, alias, subplan, join partners), not by where they stand.
/// About linear in the number of nodes.
[[nodiscard]] PlanDiff diffPlans(const Plan &before, const Plan &after, const DiffOptions &options = {});

} // namespace howdah::plan
