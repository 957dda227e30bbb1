// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

#include "core/plan/model.h"

namespace howdah::plan {

/// One printed line of a node, worker or "Planning"; `depth` steps further in
/// than the first.
struct PropertyLine {
    std::string text;
    int depth = 0;
};

/// Properties as TEXT prints them: several keys in one line where EXPLAIN does
/// so, zeros and "false" left out where it does so.
[[nodiscard]] std::vector<PropertyLine> propertyLines(const std::vector<Property> &properties);

[[nodiscard]] std::vector<PropertyLine> counterLines(const std::optional<Buffers> &buffers,
                                                     const std::optional<IoTimes> &io,
                                                     const std::optional<WalUsage> &wal, IoStyle style);

/// "  (cost=… rows=… width=…) (actual time=… rows=… loops=…)"; "" without
/// figures.
[[nodiscard]] std::string figures(const Node &node, bool fractional_rows);
[[nodiscard]] std::string actualFigures(const std::optional<double> &startup_ms,
                                        const std::optional<double> &total_ms,
                                        const std::optional<double> &rows, const std::optional<double> &loops,
                                        bool fractional_rows);

/// Buffers, I/O times and WAL counters of workers and of "Serialization" stand
/// among their properties.
enum class KeyedCounter : std::uint8_t { No, Buffer, Io, Wal };
/// Adds the counter to the node's; No when the property is none.
KeyedCounter countInto(const Property &property, Node &counters);

[[nodiscard]] std::string scalarText(const PropertyValue &value);
[[nodiscard]] std::string listText(const PropertyValue &value);

} // namespace howdah::plan
