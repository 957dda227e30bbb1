// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/pg/backend_signal.h"

namespace howdah::pg {

Result<bool> signalBackend(Connection &connection, const ServerFacts &target, BackendSignal signal)
{
    const std::string function = signal == BackendSignal::Cancel ? "pg_cancel_backend" : "pg_terminate_backend";
    // backend_start is NULL to roles that may not see it; those may not signal either.
    const auto sent = connection.query("SELECT pg_catalog." + function +
                                           "(s.pid) FROM pg_catalog.pg_stat_get_activity($1::int) AS s "
                                           "WHERE s.backend_start = $2::timestamptz",
                                       {std::to_string(target.backend_pid), target.backend_start});
    return sent.map([](const StatementOutcome &outcome) {
        return outcome.result && outcome.result->rowCount() == 1 && outcome.result->cell(0, 0).text == "t";
    });
}

} // namespace howdah::pg
