// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string_view>
#include <vector>

#include "core/plan/model.h"

namespace howdah::plan {

// The values of TEXT property lines. Several of the other formats' keys stand in one line there
// ("Buckets: 1024  Batches: 1  Memory Usage: 9kB"); these functions take them apart again.

/// Where a line's figures go: a node's typed fields, or the bare list of properties that workers and
/// "Serialization" have.
struct TextTarget {
    Node *node = nullptr; ///< nullptr: everything becomes a property
    std::vector<Property> *properties = nullptr;
    std::optional<Buffers> *buffers = nullptr; ///< nullptr: counters become properties
    std::optional<IoTimes> *io = nullptr;
    std::optional<WalUsage> *wal = nullptr;
    IoStyle *io_style = nullptr;
};

/// "Key: value" of a node, a worker, "Planning" or "Serialization". False when the value cannot be that of
/// a TEXT line with this key (the caller keeps the line verbatim).
[[nodiscard]] bool applyTextProperty(std::string_view key, std::string_view value, const TextTarget &target);

/// Items of "a, f(b, c), 'x, y'::text": commas in parentheses, brackets and quotes do not separate.
[[nodiscard]] PropertyValue::List splitItems(std::string_view text);

/// "a = 'x', b = 'it''s'".
[[nodiscard]] std::vector<Property> readSettings(std::string_view text);

/// "Trigger name for constraint c on r: time=0.450 calls=1".
[[nodiscard]] bool readTrigger(std::string_view line, TriggerTime &out);

/// The lines under "JIT:".
[[nodiscard]] Property readJitLine(std::string_view key, std::string_view value);

} // namespace howdah::plan
