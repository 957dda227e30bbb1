// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/index/candidates.h"
#include "core/index/select.h"
#include "core/workload/workload.h"

namespace howdah::index {

/// How well it is known that an index helps, the best last.
enum class Proof : std::uint8_t {
    Estimated, ///< worked out from statistics and the plan without it
    Probe,     ///< BRIN: the table was looked at, range by range
    WhatIf,    ///< the planner planned with a hypothetical one
    Sample,    ///< really built and used on a sample of the table
    Copy       ///< really built and used on a copy of the whole table
};
[[nodiscard]] const char *proofName(Proof proof); ///< "what-if", "measured on a sample" …

/// What really building it on a sample, and running a statement with and without it, gave.
struct Measured {
    bool used = false;                    ///< the planner took it
    double sample_rows = 0;
    bool whole = false;                   ///< the sample was all of the table
    double ms_before = 0;                 ///< of the whole table: as measured, or extended from two samples
    double ms_after_least = 0, ms_after_most = 0; ///< between "as on the sample" and "growing with the table"
    double bytes_least = 0, bytes_most = 0;
    double build_ms = 0;                  ///< of the whole table
    double write_factor = 1;              ///< WAL of inserting rows with it, to that without
    std::optional<double> recall;         ///< of the nearest neighbours, on the larger sample
    std::string note;
    std::size_t query = 0;                ///< in Advice::queries; what was run
    std::string plan_before, plan_after;  ///< of it on the larger sample: EXPLAIN's JSON; "" where nothing was planned
};

struct AdvisedIndex {
    Candidate candidate;
    std::string table;               ///< quoted
    std::string name;                ///< free on the server
    std::string schema;              ///< of table and index, not quoted
    std::string ddl;                 ///< CREATE INDEX name ON …
    std::string nameless_ddl;        ///< the same without a name: what AdviseOptions::only and the frontier's points are made of
    std::string concurrent_ddl;      ///< the same with CONCURRENTLY
    bool partitioned = false;        ///< the table is: parts has a build for each leaf
    struct Part {
        std::string schema, index, concurrent_ddl;
    };
    std::vector<Part> parts;
    std::int64_t size_bytes = 0;     ///< estimated, or measured
    double benefit = 0;              ///< what the workload would cost more without it, weights counted
    double write_cost = 0;           ///< what its upkeep costs the workload
    std::vector<std::size_t> queries; ///< in Advice::queries
    Proof proof = Proof::Estimated;
    std::string reason;
    std::optional<Measured> measured;
    bool unique_values = false;      ///< no value occurs twice, as far as the statistics tell: it could be UNIQUE
};

struct AdvisedQuery {
    workload::Statement statement;
    double cost_before = 0, cost_after = 0;   ///< one execution
    std::vector<std::size_t> indexes;         ///< in Advice::indexes
    std::string values;                       ///< put in for its parameters
    std::vector<Rewrite> rewrites;
    std::string plan_before, plan_after;      ///< with AdviseOptions::plans: EXPLAIN's JSON; plan_after "" where no plan with them can be had
};

struct Advice {
    std::vector<AdvisedIndex> indexes;        ///< by benefit, the largest first
    std::vector<AdvisedQuery> queries;
    std::vector<workload::Problem> problems;
    std::vector<std::string> notes;           ///< what holds for all of it: no HypoPG …
    /// Indexes that are there and add nothing beside the advised ones.
    struct Redundant {
        std::string name, ddl, reason;
        std::int64_t size_bytes = 0;
        std::string definition; ///< CREATE INDEX, as the server prints it
    };
    std::vector<Redundant> redundant;
    struct MissingKey {
        std::string table, constraint, ddl;
    };
    std::vector<MissingKey> foreign_keys;     ///< referencing sides without an index, that the workload gives no reason for
    struct Point {
        double bytes = 0, cost = 0;
        std::vector<std::string> ddl;
    };
    std::vector<Point> frontier;
    double cost_before = 0, cost_after = 0;   ///< weights counted
    double write_cost = 0;
    std::size_t candidates = 0, whatif_calls = 0;
    double elapsed_ms = 0;
    bool complete = true;
    bool what_if = false;                     ///< HypoPG was at hand
};

struct AdviseOptions {
    std::int64_t budget_bytes = 0;            ///< 0: none
    std::size_t most_indexes = 0;             ///< 0: any
    double write_budget = 0;                  ///< upkeep of all new indexes, as a share of the workload's cost as it is; 0: none
    std::set<std::string> methods;            ///< empty: all
    bool measure = false;                     ///< build candidates on samples, in a transaction that is rolled back
    bool run_volatile = false;                ///< statements with volatile functions may be run by `measure`
    bool plans = false;                       ///< keep each query's plan before and after: a plan more for each
    std::set<std::string> only;               ///< AdvisedIndex::nameless_ddl of some: all of these and no others, whatever the limits say
    bool hypothetical_sizes = false;          ///< the budget counts HypoPG's bytes, to compare with other tools
    CandidateLimits limits;
    SelectOptions select;
};

struct AdviseProgress {
    const char *step = "";
    double cost = 0;     ///< of the best choice so far; 0: not known yet
    double cost_before = 0; ///< with the indexes that are there; 0: not known yet
    std::size_t calls = 0;
    const std::vector<std::string> *best = nullptr; ///< nameless_ddl of the best choice so far; during the call
    double best_bytes = 0;                          ///< of it
};

/// The indexes that serve a workload best. Everything is done in one transaction that is rolled back; statements are
/// planned, never run (with `measure` they run on samples, in it). Cancelled, it gives the best so far once there is one.
[[nodiscard]] Result<Advice> advise(pg::Connection &connection, const workload::Workload &load, const AdviseOptions &options = {},
                                    const std::function<bool(const AdviseProgress &)> &progress = {});

} // namespace howdah::index
