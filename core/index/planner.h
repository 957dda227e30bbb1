// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/index/candidates.h"
#include "core/pg/connection.h"
#include "core/workload/workload.h"

namespace howdah::index {

/// A statement as it is planned: with values where it has parameters.
struct PlannedStatement {
    struct Sample {
        std::string sql;                      ///< without EXPLAIN
        std::vector<pg::Parameter> values;
        bool generic = false;                 ///< GENERIC_PLAN: for any values
    };
    std::vector<Sample> samples;
    std::string values_text;                  ///< what was put in for parameters, to be shown
    std::vector<std::size_t> tables;          ///< in Facts::tables, each once
};

/// Values of parameters come from the statistics of the columns that they are compared with; from 16 on the statement is
/// planned for any values. Fails where a parameter cannot be given a value.
[[nodiscard]] Result<PlannedStatement> planned(const workload::Statement &statement, const Shape &shape, const Facts &facts, std::size_t most_samples);

struct PlanAnswer {
    double cost = 0;                      ///< of the root, mean of the samples
    std::vector<std::size_t> used;        ///< candidates in the plan, ascending
    std::string source;                   ///< JSON of the first sample's plan
};

/// Plans statements with indexes that are pretended by HypoPG, in one transaction that is rolled back: in it the connection
/// belongs to this object. Hypothetical indexes live in the server's process alone, so that nothing outlives it.
class Planner
{
public:
    Planner(pg::Connection &connection, const Facts &facts) : connection_(connection), facts_(facts) {}
    ~Planner();
    Planner(const Planner &) = delete;
    Planner &operator=(const Planner &) = delete;

    /// Begins the transaction: read-only, with short time-outs. Where HypoPG is on the server but not in the database it is
    /// made within the transaction, which takes it away again.
    [[nodiscard]] Result<void> begin();
    [[nodiscard]] bool pretends() const { return pretends_; }
    /// Whether HypoPG had to be made for the time of this transaction.
    [[nodiscard]] bool made() const { return made_; }

    /// Tries to pretend each pretendable candidate once; gives its size as HypoPG sees it. The message where the server
    /// refuses, by place in `candidates`.
    [[nodiscard]] std::unordered_map<std::size_t, Error> check(std::vector<Candidate> &candidates);

    /// The plan with just those candidates; not pretendable ones are passed over.
    [[nodiscard]] Result<PlanAnswer> plan(const PlannedStatement &statement, const std::vector<Candidate> &candidates, const std::vector<std::size_t> &available);

    [[nodiscard]] std::size_t calls() const { return calls_; }
    [[nodiscard]] bool cancelled() const { return connection_.canceller().requested(); }

private:
    [[nodiscard]] Result<void> pretend(const std::vector<std::size_t> &wanted, const std::vector<Candidate> &candidates, const std::vector<std::size_t> &tables);
    [[nodiscard]] Result<void> drop(const std::vector<std::string> &oids);
    void recover();
    void releaseLocks();

    struct Pretended {
        std::string oid, name;
        std::size_t table = 0;
    };
    pg::Connection &connection_;
    const Facts &facts_;
    std::unordered_map<std::size_t, Pretended> alive_; ///< by candidate
    std::unordered_map<std::string, std::size_t> by_name_;
    std::string schema_; ///< of HypoPG's functions, quoted, with a dot
    bool begun_ = false, nested_ = false, pretends_ = false, made_ = false;
    std::size_t calls_ = 0, calls_at_release_ = 0;
};

} // namespace howdah::index
