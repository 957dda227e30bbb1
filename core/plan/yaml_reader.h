// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>

#include "core/plan/builder.h"
#include "core/plan/skipped.h"

namespace howdah::plan {

struct YamlEnd {
    std::size_t offset = 0; ///< first byte that was not read
    std::string problem;    ///< why reading stopped early, at `offset`; empty when the document just ended
    std::vector<Skipped> skipped; ///< lines that could not be read
};

/// Reads the YAML that begins at `offset`, the start of a line, up to the first line that is no part of it,
/// and sends it to the builder. Knows of YAML what EXPLAIN writes, and what comes of it when another program
/// loads and stores it: lists at the column of their key, single quotes, plain scalars, strings over several
/// lines, "|" and ">" blocks. No recursion.
[[nodiscard]] YamlEnd readYaml(std::string_view input, std::size_t offset, PlanBuilder &builder);

/// Start of the next line with which EXPLAIN's YAML begins ("- Plan:", "Plan:", "Query Text:"); npos when there is
/// none.
[[nodiscard]] std::size_t findYaml(std::string_view input, std::size_t from);

} // namespace howdah::plan
