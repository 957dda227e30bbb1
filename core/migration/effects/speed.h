// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/migration/effects/analysis.h"

namespace howdah::migration::effects {

/// How long the work takes that an analysis found, from sizes in the catalog.
[[nodiscard]] DurationRange durationOf(Analysis &at);

} // namespace howdah::migration::effects
