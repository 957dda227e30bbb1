// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>

#include "core/plan/builder.h"
#include "core/plan/skipped.h"

namespace howdah::plan {

struct JsonEnd {
    std::size_t offset = 0; ///< first byte that was not read
    std::string problem;    ///< why reading stopped early, at `offset`; empty when the value was complete
    std::vector<Skipped> skipped; ///< lines inside a plan that could not be read
};

/// Reads the one JSON value that begins at `offset` and sends it to the builder. A pull parser without
/// recursion and without a document in memory: 17 MB take some tens of milliseconds, and depth is bounded by
/// memory only. Forgives trailing and missing commas, raw control characters in strings (logs and terminals
/// put newlines there) and whatever follows the value. Once a plan has begun, lines that are no JSON are stepped over.
[[nodiscard]] JsonEnd readJson(std::string_view input, std::size_t offset, PlanBuilder &builder);

/// Decodes the JSON string whose opening quote stands at `offset`; returns the offset behind it, or the input's end
/// when it was cut.
[[nodiscard]] std::size_t readJsonString(std::string_view input, std::size_t offset, std::string &out);

} // namespace howdah::plan
