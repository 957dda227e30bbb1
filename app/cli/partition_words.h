// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

#include "core/partition/scheme.h"

namespace howdah::cli {

/// "a, b" at its commas, blanks around them left out.
[[nodiscard]] std::vector<std::string> commaParts(const std::string &text);
/// "range", "list" or "hash".
[[nodiscard]] partition::Strategy strategyCalled(const std::string &name);

} // namespace howdah::cli
