// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/index/advise.h"
#include "core/index/planner.h"

namespace howdah::index {

// Between the steps of advise() and of why().

/// A workload as it is understood: statements that can be planned, and what is wrong with the others.
struct Ground {
    Facts facts;
    std::vector<workload::Statement> statements;
    std::vector<Shape> shapes;
    std::vector<PlannedStatement> planned;
    std::vector<PlanAnswer> base;   ///< the plan of each with the indexes that are there
    std::vector<double> written;    ///< rows that one execution writes
    Expressions expressions;
    std::vector<workload::Problem> problems;
};

/// Reads the catalog for the names that the statements use. Before the transaction.
[[nodiscard]] Result<Ground> readGround(pg::Connection &connection, const workload::Workload &load);
/// Plans each as it is; those that cannot be are problems. Within it.
[[nodiscard]] Result<void> planGround(pg::Connection &connection, Planner &planner, Ground &ground);

/// Its upkeep for the whole workload.
[[nodiscard]] double upkeepOf(const Candidate &candidate, const Ground &ground);

/// Costs of what cannot be pretended, by statement and candidate; BRIN is probed.
struct EstimatedPlan {
    std::size_t statement = 0, candidate = 0;
    double cost = 0;
    bool probed = false;
};
[[nodiscard]] std::vector<EstimatedPlan> estimatePlans(pg::Connection &connection, const Ground &ground, const std::vector<Candidate> &candidates, const std::vector<std::size_t> &which);

/// What deleting from a table costs by its foreign keys that no index serves; those candidates that would.
struct KeyCheck {
    double cost = 0;
    std::vector<std::size_t> candidates;
};
[[nodiscard]] std::vector<KeyCheck> keyChecks(std::size_t statement, const Ground &ground, const std::vector<Candidate> &candidates);

[[nodiscard]] std::string reasonOf(const AdvisedIndex &index, const Ground &ground);
/// A name that is free in the table's schema; `taken` are those given so far.
[[nodiscard]] std::string nameFor(const Candidate &candidate, const Ground &ground, std::set<std::string> &taken);

} // namespace howdah::index
