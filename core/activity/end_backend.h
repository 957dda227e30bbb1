// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

#include "core/activity/activity.h"
#include "core/migration/change_script.h"

namespace howdah::activity {

enum class Ending : std::uint8_t {
    Cancel,   ///< pg_cancel_backend: ends the statement that runs, the session stays
    Terminate ///< pg_terminate_backend: ends the session
};

/// What follows when a backend is cancelled or terminated, in sentences: what is rolled back and what that costs, who
/// goes on then, and what is special about it (autovacuum, WAL sender, parallel worker, a superuser's session).
[[nodiscard]] std::string consequence(const Activity &activity, const Backend &backend, Ending ending);

/// Why that cannot or must not be done; "" when it can. A superuser's session can be ended by a superuser only.
[[nodiscard]] std::string refusal(const Activity &activity, const Backend &backend, Ending ending);

/// The backend to end instead of that one: a parallel worker's leader; else itself.
[[nodiscard]] const Backend &target(const Activity &activity, const Backend &backend);

/// One step a backend, in the order given, each once, those that are refused left out. Every step makes sure first that
/// the pid still is the backend that was seen.
[[nodiscard]] migration::ChangeScript endScript(const Activity &activity, const std::vector<int> &pids, Ending ending);

/// The roots that hold up waiters, without prepared transactions: those that ending lets others go on.
[[nodiscard]] std::vector<int> rootBlockers(const Activity &activity);

} // namespace howdah::activity
