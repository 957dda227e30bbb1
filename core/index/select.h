// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "core/base/error.h"

namespace howdah::index {

// Which of many indexes to take. Knows no server: plans are asked for through one function, and remembered.
//
// A plan with the indexes A at hand that used U and cost c is the plan for every choice between the two: for U ⊆ X ⊆ A it
// costs c. So a few plans for each statement (all at hand, thin ones alone, each of those used taken away …) tell what most
// choices cost, and the search goes over them; only what it settles on is planned for again.

struct SelectableIndex {
    double bytes = 0;
    double upkeep = 0;      ///< for the whole workload, in the planner's units
    int table = 0;
    bool thin = true;       ///< two plain columns at most: for the second look
    bool estimated = false; ///< never pretended; its plans are given with `given`
    std::vector<std::size_t> smaller; ///< others that may do nearly the same for a fraction of the bytes
};

struct SelectableStatement {
    double weight = 1;
    std::vector<std::size_t> indexes; ///< that may serve it, ascending
};

/// One plan: those at hand, those it used (both ascending), what it costs.
struct RecordedPlan {
    std::vector<std::size_t> available, used;
    double cost = 0;
    bool estimated = false;
};

struct SelectOptions {
    double budget_bytes = 0;        ///< 0: none
    std::size_t most_indexes = 0;   ///< 0: any
    double page_price = 0.01;       ///< cost units for a page of index, so that of two that do the same the smaller wins
    double least_gain = 0.0005;     ///< of the whole cost, for an index to be taken; less where there are more than 100 statements
    double least_saving = 30;       ///< the same in cost units
    double thrift = 0.1;            ///< of an index's gain, that is given up for one of `smaller` in its place
    std::size_t plans_each = 10;    ///< plans to look at alternatives of a statement, on average
    /// Plans in all, those of the statements as they are with them. 0: 1,850, or two for each statement where that is more.
    /// What would take the most is looked at first.
    std::size_t most_plans = 0;
    double seconds = 50;            ///< the best so far is given after that
    /// Told of each choice that is better than the one before, and now and then while plans are gathered: for those who watch.
    std::function<void(double cost, const std::vector<std::size_t> &indexes)> found;
};

struct FrontierPoint {
    double bytes = 0, cost = 0;     ///< cost of the statements, without upkeep
    std::vector<std::size_t> indexes;
};

struct Selection {
    std::vector<std::size_t> indexes;      ///< ascending
    std::vector<double> before, after;     ///< a statement's cost, without its weight
    std::vector<double> benefit;           ///< of each chosen: what would be lost without it, weights counted, upkeep not
    std::vector<std::vector<std::size_t>> serves; ///< of each chosen: statements that get worse without it
    std::vector<FrontierPoint> frontier;   ///< rising bytes, falling cost; over plans that are known
    bool complete = true;                  ///< false: time was up, or it was cancelled
};

/// The plan of a statement with those indexes at hand.
using PlanFunction = std::function<Result<RecordedPlan>(std::size_t statement, const std::vector<std::size_t> &available)>;

/// Deterministic for the same answers. `given` are plans known beforehand, by statement. `progress` gets the best cost so far
/// (weighted) and returns false to stop.
[[nodiscard]] Result<Selection> select(const std::vector<SelectableIndex> &indexes, const std::vector<SelectableStatement> &statements, const PlanFunction &plan,
                                       const SelectOptions &options, std::vector<std::vector<RecordedPlan>> given = {},
                                       const std::function<bool(double)> &progress = {});

/// All of `indexes`, as a choice that somebody else has made: what they cost and save, nothing left out. No frontier.
[[nodiscard]] Result<Selection> evaluate(const std::vector<SelectableIndex> &indexes, const std::vector<SelectableStatement> &statements, const PlanFunction &plan,
                                         const std::vector<std::vector<RecordedPlan>> &given);

} // namespace howdah::index
