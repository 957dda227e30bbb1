// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

#include "core/activity/activity.h"

namespace howdah::activity {

/// One line of JSON. Ages and times are milliseconds, rates are per second; what is not known is absent.
[[nodiscard]] std::string toJson(const Activity &activity);

} // namespace howdah::activity
