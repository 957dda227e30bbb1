// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <string>

#include "core/pg/connection.h"
#include "core/replication/preflight.h"

namespace howdah::replication {

/// What is added to the copied postgresql.auto.conf, which is read last, so that the standby stands apart from its primary.
[[nodiscard]] std::string standbyLines(const StreamingPlan &plan);
/// Where the primary's configuration lies elsewhere (Debian's packages), the copy has none: one is written from what
/// the primary's pg_settings and pg_hba_file_rules say.
[[nodiscard]] Result<void> writeStandbyFiles(pg::Connection &primary, const StreamingPlan &plan);
/// A port that nobody listens on, from `first` on.
[[nodiscard]] int freePortFrom(int first);

} // namespace howdah::replication
