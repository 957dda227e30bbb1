// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "core/result/row_source.h"

namespace howdah::result {

/// Looks for one text in many. Without `match_case` letters of every alphabet are compared regardless of case.
class TextMatcher
{
public:
    TextMatcher() = default;
    TextMatcher(std::string needle, bool match_case);
    [[nodiscard]] bool matches(std::string_view text) const;
    [[nodiscard]] bool empty() const { return needle_.empty(); }

private:
    std::string needle_;       ///< folded unless match_case_
    bool match_case_ = true;
    bool ascii_ = true;
};

/// A cell by what is shown where.
struct CellPlace {
    std::int64_t row = 0;
    std::size_t column = 0;
    auto operator<=>(const CellPlace &) const = default;
};

struct FoundCells {
    std::vector<CellPlace> places; ///< row by row, within a row in the order of `columns`
    bool complete = true;          ///< false: there are more than were asked for
};

/// Values only: NULL matches nothing. An incomplete answer is also what a request to stop gives.
[[nodiscard]] FoundCells findCells(const RowView &rows, std::int64_t row_count, const std::vector<std::size_t> &columns,
                                   const TextMatcher &matcher, std::size_t most, std::stop_token stop = {});

} // namespace howdah::result
