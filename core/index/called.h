// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

#include "core/base/error.h"
#include "core/index/facts.h"

namespace howdah::pg {
class Connection;
}

namespace howdah::index {

/// The functions that a statement calls, itself or through the views that it reads, and that may have effects: volatile
/// ones, and those whose effects outlast a rollback. "a, b"; "" when there are none. Asked before anything of a workload
/// is run; fails where the server cannot tell.
[[nodiscard]] Result<std::string> functionsWithEffects(pg::Connection &connection, const Facts &facts, const std::string &statement);

} // namespace howdah::index
