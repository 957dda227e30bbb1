// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/pg/connection.h"

namespace howdah::pg {

enum class BackendSignal : std::uint8_t {
    Cancel,   ///< pg_cancel_backend: ends the statement that runs
    Terminate ///< pg_terminate_backend: ends the session, and with it its transaction
};

/// Signals the backend of another connection from this one. True when the signal was sent; false when the backend that
/// `target` tells of is no more (its pid may belong to somebody else by now). Takes the same role, a member of it, a
/// member of pg_signal_backend, or a superuser: else 42501.
[[nodiscard]] Result<bool> signalBackend(Connection &connection, const ServerFacts &target, BackendSignal signal);

} // namespace howdah::pg
