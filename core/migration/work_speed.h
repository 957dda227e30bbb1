// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"

namespace howdah::pg {
class Connection;
}

namespace howdah::migration {

struct WorkSpeed {
    double rows_per_s = 0;
    double bytes_per_s = 0; ///< of the table's own pages
};

/// How fast one server does the work that DDL causes.
struct WorkSpeeds {
    WorkSpeed verifying; ///< reading all rows to check a condition
    WorkSpeed rewriting; ///< writing the table and one index anew
    WorkSpeed building;  ///< an index on an integer
};

/// Does a little of each on a temporary table of 100,000 rows (about 12 MB), in a transaction that is rolled back: half a
/// second or so, and only the log's and the data folder's space for the moment. Temporary tables write no WAL, so the real
/// work is rather slower. The connection must be idle; fails on a read-only one.
[[nodiscard]] Result<WorkSpeeds> measureWorkSpeeds(pg::Connection &connection);

} // namespace howdah::migration
