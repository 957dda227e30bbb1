// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

#include "core/migration/change_script.h"

namespace howdah::migration {

/// What a step does as people read it before it runs: its statements; of batches and comparisons what each sends, with {range} as it is.
[[nodiscard]] std::string shownSql(const ChangeStep &step);

} // namespace howdah::migration
