// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

#include "core/partition/check.h"

// For core/partition alone.

namespace howdah::partition {

/// What the rules work on.
struct Checking {
    pg::Connection &connection;
    const Scheme &scheme;
    const CheckOptions &options;
    std::vector<Finding> findings;

    void add(Finding finding);
    void add(Finding finding, Result<migration::ChangeScript> fix);
};

/// Statistics, indexes, keys, foreign keys, pending detaches.
void checkStructure(Checking &in);
/// pg_partman's and pg_cron's state.
void checkPartman(Checking &in);

} // namespace howdah::partition
