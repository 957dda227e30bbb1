// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>

#include "core/replication/compare.h"
#include "core/replication/replicated_tables.h"

namespace howdah::replication {

/// One table of a comparison; both sessions write values alike by then. `choice` has a row filter and a column list.
[[nodiscard]] TableComparison compareTable(pg::Connection &a, pg::Connection &b, const CompareOptions &options, const PublishedChoice &choice,
                                           const TableFacts &ours, const TableFacts &theirs,
                                           const std::function<void(const TableComparison &)> &progress);

} // namespace howdah::replication
