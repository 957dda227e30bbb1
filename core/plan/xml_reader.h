// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>

#include "core/plan/builder.h"
#include "core/plan/skipped.h"

namespace howdah::plan {

struct XmlEnd {
    std::size_t offset = 0; ///< first byte that was not read
    std::string problem;    ///< why reading stopped early, at `offset`; empty when the element was complete
    std::vector<Skipped> skipped; ///< closing tags that close nothing
};

/// Reads the one element that begins at `offset` ("<explain", or a "<Query>" or "<Plan>" cut out of one) and
/// sends it to the builder. Knows of XML what EXPLAIN writes: elements, character references, and, to step
/// over, attributes, comments and declarations. Which elements are lists follows from their names and their
/// first child. No recursion; depth is bounded by memory only.
[[nodiscard]] XmlEnd readXml(std::string_view input, std::size_t offset, PlanBuilder &builder);

/// Where the next such element begins; npos when there is none.
[[nodiscard]] std::size_t findXml(std::string_view input, std::size_t from);

} // namespace howdah::plan
