// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/plan/model.h"

namespace howdah::plan {

// The keys EXPLAIN prints, with the type each has in its JSON. XML and TEXT have no types of their own, so
// every reader converts by this one table; that is what makes the same plan equal from all formats.

enum class KeyType : std::uint8_t {
    Unknown, ///< not in the table: an extension's, or a newer server's
    Text,
    Int,
    Real,
    Bool,
    List,  ///< of text
    Groups ///< a list or a group of further keys
};

/// Where a node's (or worker's) key goes: a field of the model, or its list of properties.
enum class Slot : std::uint8_t {
    Other,
    NodeType, ParentRelationship, SubplanName, Strategy, PartialMode, Operation, JoinType, ScanDirection,
    Command, CustomPlanProvider, ParallelAware, AsyncCapable, Disabled, Schema, RelationName, Alias, IndexName,
    FunctionName, CteName, TuplestoreName, TableFunctionName,
    StartupCost, TotalCost, PlanRows, PlanWidth,
    ActualStartupTime, ActualTotalTime, ActualRows, ActualLoops,
    Buffer, Io, Wal,
    Workers, WorkerNumber, Plans
};

struct KeyInfo {
    std::string_view key;
    KeyType type = KeyType::Unknown;
    Slot slot = Slot::Other;
    std::int64_t Buffers::*buffer = nullptr;
    double IoTimes::*io = nullptr;
    std::int64_t WalUsage::*wal = nullptr;
};

/// nullptr when the key is not in the table.
[[nodiscard]] const KeyInfo *findKey(std::string_view key);

/// The key of an XML element: EXPLAIN turns spaces and slashes into "-" ("Shared-I-O-Read-Time"). nullptr when
/// it is not in the table.
[[nodiscard]] const KeyInfo *findXmlTag(std::string_view tag);

/// How a scalar stood in the input.
enum class Written : std::uint8_t {
    Quoted, ///< a JSON or YAML string
    Bare,   ///< a JSON or YAML number or boolean
    Untyped ///< XML and TEXT
};

/// The value as EXPLAIN's JSON would type it. Under an unknown key whole numbers and true/false become such
/// in every format (pg_overexplain quotes some of its numbers in JSON; XML could not tell), decimals only
/// where they were not quoted.
[[nodiscard]] PropertyValue typedValue(KeyType type, std::string_view text, Written written);

/// Whole text as a number; nothing when any character is left over.
[[nodiscard]] bool parseReal(std::string_view text, double &out);
[[nodiscard]] bool parseInt(std::string_view text, std::int64_t &out);

} // namespace howdah::plan
