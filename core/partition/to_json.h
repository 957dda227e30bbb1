// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "core/partition/advise.h"
#include "core/partition/check.h"
#include "core/partition/convert.h"
#include "core/partition/scheme.h"

namespace howdah::partition {

// Keys are the names of the fields. Sizes are bytes, times milliseconds unless the key says otherwise; what is not known
// is absent.

[[nodiscard]] nlohmann::ordered_json summaryJson(const SchemeSummary &summary);
/// The tree as a list, parents first, each with the position of its parent.
[[nodiscard]] nlohmann::ordered_json schemeJson(const Scheme &scheme);
[[nodiscard]] nlohmann::ordered_json boundJson(const Bound &bound);
[[nodiscard]] nlohmann::ordered_json findingJson(const Finding &finding);
[[nodiscard]] nlohmann::ordered_json conversionJson(const Conversion &conversion);
[[nodiscard]] nlohmann::ordered_json adviceJson(const Advice &advice);

} // namespace howdah::partition
