// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string>

namespace howdah::pg {

/// The password that a conninfo or URI carries, for handing it on by other ways than a string that others can see.
[[nodiscard]] std::optional<std::string> passwordIn(const std::string &conninfo);

} // namespace howdah::pg
