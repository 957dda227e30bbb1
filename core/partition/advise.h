// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/partition/scheme.h"
#include "core/pg/connection.h"

namespace howdah::partition {

/// A statement of the workload.
struct WorkloadQuery {
    std::string text;
    double calls = 1;
    double total_ms = 0; ///< 0: not known, the calls count
};

struct AdviseOptions {
    std::vector<WorkloadQuery> workload;   ///< empty: what pg_stat_statements has, where it is
    std::optional<Interval> keep;          ///< wish: rows older than that can go
    std::string column;                    ///< judge this one only; "" any
    std::optional<Interval> interval;      ///< this one; absent: chosen
    std::int64_t worth_bytes = 10LL * 1024 * 1024 * 1024; ///< below it partitions cost more than they give, unless old rows are to go
    std::size_t plan_queries = 20;         ///< of the workload to be planned on the scratch copy
};

/// What the workload asks of one column.
struct ColumnUse {
    std::string column, type;
    double weight = 0;                     ///< share of the workload's time whose conditions it is in, 0 to 1
    int queries = 0, range_queries = 0, equality_queries = 0;
    std::optional<double> correlation;     ///< pg_stats: of its order with that on disk
};

/// Whether a query would read fewer partitions, as the server planned it.
struct QueryPruning {
    std::string text;
    double calls = 0;
    bool prunes = false;
    int partitions_read = 0, partitions_total = 0;
    std::string how;                       ///< "when planned", "when run", ""
    std::string error;                     ///< why it could not be planned
};

struct Advice {
    std::string table;                     ///< qualified and quoted
    bool partition = false;
    std::vector<std::string> reasons;      ///< for and against, the weightiest first
    std::string column;                    ///< the best there is, also when the advice is no
    Strategy strategy = Strategy::Range;
    std::string interval;                  ///< or, for a hash, how many
    std::int64_t partitions = 0;
    double rows = 0;
    std::int64_t bytes = 0;
    std::vector<ColumnUse> columns;
    std::vector<QueryPruning> queries;
    std::string proof;                     ///< how the queries were judged
    std::vector<std::string> notes;
};

/// Reads statistics and the workload, then plans its queries on an empty partitioned copy of the table, made and rolled
/// back in one transaction (the lock on the table itself is ACCESS SHARE). Changes nothing.
[[nodiscard]] Result<Advice> advise(pg::Connection &connection, const std::string &table, const AdviseOptions &options = {});

/// Conditions of a statement on the columns of one table, by PostgreSQL's grammar.
struct ConditionUse {
    std::string column;
    bool range = false;                    ///< <, >, BETWEEN; else = or IN
};
[[nodiscard]] std::vector<ConditionUse> conditionsOn(const std::string &statement, const std::string &schema, const std::string &table, const std::vector<std::string> &columns);

} // namespace howdah::partition
