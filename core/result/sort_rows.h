// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <stop_token>

#include "core/result/row_source.h"

namespace howdah::result {

struct SortKey {
    std::size_t column = 0;
    bool descending = false;
    bool operator==(const SortKey &) const = default;
};

/// Sorts the first `rows` rows of a source by one column, stable, and by what the type means: numbers by value
/// (NaN after all others), dates and times by time (infinity and BC too, time zones respected), intervals by their
/// length, text as this user's locale sorts it up to two million rows and by bytes beyond. NULLs come last in either
/// direction, so that values are in sight. A column whose text is not what its type promises (a DateStyle that is
/// not ISO) is sorted as text. Null when asked to stop.
[[nodiscard]] std::shared_ptr<const RowOrder> sortRows(const RowSource &source, std::int64_t rows, SortKey key,
                                                       std::stop_token stop = {});

} // namespace howdah::result
