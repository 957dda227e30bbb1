// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/index/advise_parts.h"

namespace howdah::index {

struct TrialWish {
    const Candidate *candidate = nullptr;
    bool run_volatile = false;        ///< statements that call volatile functions may be run
    double most_rows = 200'000;       ///< of the larger sample; a smaller table is copied as a whole
    double most_bytes = 256.0 * 1024 * 1024;
};

/// Builds the index on samples of its table, in a schema of its own, and runs the statement with and without it: at two
/// sizes, from which the whole is extended. All of it happens in one transaction that is rolled back, so that nothing can be
/// left behind, whatever happens to us; of the table itself no more than a read lock is held. Without the right to make a
/// schema, temporary tables do. `statement` is one of ground's that only reads; too large for none: then only size and
/// write cost are measured.
[[nodiscard]] Result<Measured> measureIndex(pg::Connection &connection, const Ground &ground, const TrialWish &wish, std::size_t statement);

} // namespace howdah::index
