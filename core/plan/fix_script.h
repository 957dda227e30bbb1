// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>

#include "core/migration/change_script.h"
#include "core/plan/findings.h"

namespace howdah::plan {

/// What a finding proposes as a change script: indexes, statistics, VACUUM and ANALYZE with their locks and ways back.
/// Nothing when it proposes only settings of a session, which change no server.
[[nodiscard]] std::optional<migration::ChangeScript> fixScript(const Finding &finding);

} // namespace howdah::plan
