// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "core/base/error.h"

namespace howdah::plan {

// One model for a plan, whichever format it came in. Nodes live in one vector in depth-first order (a parent
// before its children), so that everything over them is linear and nothing recurses.

using NodeId = std::uint32_t;
inline constexpr NodeId no_node = 0xFFFFFFFFU;

struct PropertyList;

/// A property's value, as EXPLAIN's JSON types it. Text input is converted to the same types, so that the
/// same plan read from two formats compares equal.
struct PropertyValue {
    using Group = std::vector<std::pair<std::string, PropertyValue>>; ///< ordered, keys verbatim
    using List = std::vector<PropertyValue>;
    std::variant<bool, std::int64_t, double, std::string, List, Group> value;
    bool operator==(const PropertyValue &) const;
};
// clang has to see a whole value before the first Property: completing std::pair, it would look into the variant.
static_assert(PropertyValue{}.value.index() == 0, "a fresh value is false");
using Property = std::pair<std::string, PropertyValue>;

/// Block counters (totals over all loops, children included), in blocks.
struct Buffers {
    std::int64_t shared_hit = 0, shared_read = 0, shared_dirtied = 0, shared_written = 0;
    std::int64_t local_hit = 0, local_read = 0, local_dirtied = 0, local_written = 0;
    std::int64_t temp_read = 0, temp_written = 0;
    bool operator==(const Buffers &) const = default;
};

/// Milliseconds spent in I/O (track_io_timing); a sum over processes.
struct IoTimes {
    double shared_read_ms = 0, shared_write_ms = 0; ///< 13 to 16: "I/O Read Time" counts as shared
    double local_read_ms = 0, local_write_ms = 0;
    double temp_read_ms = 0, temp_write_ms = 0;
    bool operator==(const IoTimes &) const = default;
};

struct WalUsage {
    std::int64_t records = 0, fpi = 0, bytes = 0, buffers_full = 0;
    bool operator==(const WalUsage &) const = default;
};

/// One entry of "Workers": what that process measured for this node.
struct WorkerStats {
    int number = 0;
    std::optional<double> startup_ms, total_ms; ///< per loop
    std::optional<double> rows, loops;
    std::vector<Property> properties;           ///< everything else, by EXPLAIN's own key
    bool operator==(const WorkerStats &) const = default;
};

/// A plan node. A field is absent when EXPLAIN did not print it (and for text: when it does not print zeros).
struct Node {
    NodeId parent = no_node;
    std::vector<NodeId> children;
    std::string node_type;            ///< EXPLAIN's JSON name: "Seq Scan", "Aggregate" …
    std::string parent_relationship;  ///< Outer, Inner, Member, Subquery, InitPlan, SubPlan; "" at the root
    std::string subplan_name;         ///< "CTE x", "InitPlan 1 (returns $0)", "SubPlan 2", "InitPlan expr_1"
    std::string strategy;             ///< Aggregate, SetOp: Plain, Sorted, Hashed, Mixed
    std::string partial_mode;         ///< Simple, Partial, Finalize
    std::string operation;            ///< Insert, Update, Delete, Merge; Foreign Scan: Select …
    std::string join_type;
    std::string scan_direction;
    std::string command;              ///< SetOp: Intersect …
    std::string custom_plan_provider;
    bool parallel_aware = false;
    bool async_capable = false;
    bool disabled = false;
    std::string schema, relation_name, alias, index_name;
    std::string function_name, cte_name, tuplestore_name, table_function_name;
    std::optional<double> startup_cost, total_cost, plan_rows;
    std::optional<std::int64_t> plan_width;
    std::optional<double> actual_startup_ms, actual_total_ms; ///< per loop, as printed
    std::optional<double> actual_rows;                        ///< per loop, as printed
    std::optional<double> loops;
    bool never_executed = false;      ///< ANALYZE ran and this node had no loop
    std::optional<Buffers> buffers;
    std::optional<IoTimes> io;
    std::optional<WalUsage> wal;
    std::vector<WorkerStats> workers;
    std::vector<Property> properties; ///< every other property, by EXPLAIN's own JSON key, in the order printed
    std::vector<std::string> extra_lines; ///< text only: lines that no rule knows, verbatim

    [[nodiscard]] const PropertyValue *property(std::string_view key) const;
    /// Text of a property, lists joined by ", "; "" when absent.
    [[nodiscard]] std::string text(std::string_view key) const;
    [[nodiscard]] std::optional<double> number(std::string_view key) const;
    /// What people call it: "Parallel Seq Scan", "Hash Left Join", "Partial HashAggregate", "Insert".
    [[nodiscard]] std::string label() const;
    /// What it works on: "orders o", "orders using orders_user_id_idx", "CTE c"; "" when nothing.
    [[nodiscard]] std::string target() const;
    /// Every field, children and unknown properties included.
    bool operator==(const Node &) const = default;
};

struct TriggerTime {
    std::string name, constraint, relation;
    std::optional<double> time_ms;
    double calls = 0;
    bool operator==(const TriggerTime &) const = default;
};

/// How the server words "I/O Timings"; only printing needs it.
enum class IoStyle : std::uint8_t {
    Unknown,     ///< no I/O time was printed
    Single,      ///< 13, 14: "read=", "I/O Read Time"
    SharedLocal, ///< 15, 16: "shared/local read=", "I/O Read Time" and "Temp I/O Read Time"
    Separate     ///< 17 and later: "shared read=", "local read=", "temp read="
};

/// One EXPLAIN result.
struct Plan {
    std::vector<Node> nodes;              ///< nodes[0] is the root; may be empty (utility statements)
    std::optional<double> planning_ms, execution_ms;
    std::optional<double> duration_ms;    ///< auto_explain: "duration: … ms" of the log line
    std::optional<Buffers> planning_buffers;
    std::optional<IoTimes> planning_io;
    std::vector<Property> planning;       ///< "Planning", the rest: "Memory Used", "Memory Allocated" (kB)
    std::vector<TriggerTime> triggers;
    std::vector<Property> settings;       ///< "Settings"
    std::vector<Property> jit;            ///< "JIT", as the JSON has it
    std::vector<Property> serialization;  ///< "Serialization"
    std::vector<Property> properties;     ///< everything else at plan level, by key ("Query Identifier", …)
    std::vector<std::string> extra_lines;
    std::string query_text;               ///< from auto_explain, or the statement that was explained
    std::string note;                     ///< a statement without a plan: "Query rewrites to nothing" …
    IoStyle io_style = IoStyle::Unknown;
    bool fractional_rows = false;         ///< actual rows came with decimals (18 and later)

    [[nodiscard]] bool analyzed() const;  ///< some node has actual figures
    bool operator==(const Plan &) const = default;
};

/// The plan as EXPLAIN's TEXT format could have told it, so that a plan read from TEXT compares equal to the
/// same plan read from JSON, XML or YAML. Left out is only what TEXT does not say; core/plan/normalize.cpp
/// lists each omission with its reason.
[[nodiscard]] Plan normalizedForComparison(Plan plan);

/// Something in the input that could not be read; the rest was.
struct Diagnostic {
    std::size_t line = 0; ///< of the input, from 1
    std::string message;
};

enum class Format : std::uint8_t { Text, Json, Xml, Yaml };

struct ReadResult {
    std::vector<Plan> plans;
    std::vector<Diagnostic> diagnostics;
    Format format = Format::Text;
};

/// Reads whatever EXPLAIN, psql or a log printed. Fails (Parse) only when no plan was found at all.
[[nodiscard]] Result<ReadResult> read(std::string_view input);

} // namespace howdah::plan
