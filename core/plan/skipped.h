// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace howdah::plan {

/// A line in the middle of a damaged plan that could not be read and was stepped over.
struct Skipped {
    std::size_t offset = 0;
    std::string problem;
};

/// A file that is no plan at all has a problem on every line; nobody reads more than these.
inline constexpr std::size_t most_skipped = 50;

inline void noteSkipped(std::vector<Skipped> &skipped, std::size_t offset, std::string problem)
{
    if (skipped.size() < most_skipped)
        skipped.push_back({offset, std::move(problem)});
}

} // namespace howdah::plan
