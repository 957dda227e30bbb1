// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

#include "core/migration/change_script.h"

namespace howdah::migration {

/// A script in phases as SQL for psql, with comments: what to deploy in between, locks, ways back. Steps that lock have
/// their lock_timeout; batches loop over the rows in a DO block with a COMMIT after each. What psql cannot do, trying
/// again, pacing and the journal, is left to who runs it.
[[nodiscard]] std::string planSql(const ChangeScript &script);

} // namespace howdah::migration
