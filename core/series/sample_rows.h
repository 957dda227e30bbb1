// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/series/probe_round.h"

namespace howdah::series {

/// What a probe brought; no rows for one that the server has not, or refused.
[[nodiscard]] inline const ProbeRows &rowsOf(const Sample &sample, const char *probe)
{
    static const ProbeRows none;
    const auto found = sample.rows.find(probe);
    return found == sample.rows.end() ? none : found->second;
}

} // namespace howdah::series
