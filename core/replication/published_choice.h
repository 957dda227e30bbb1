// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

#include "core/replication/preflight.h"

namespace howdah::replication {

/// "schema.name (a, b) WHERE (c > 0)": schema, columns and condition where wanted. Names are read as the server reads
/// them: quoted as they stand, else in lower case; without a schema "public". Fails (Usage).
[[nodiscard]] Result<PublishedChoice> publishedChoice(const std::string &text);
/// Several of them between commas; a comma within parentheses or quotes belongs to one.
[[nodiscard]] Result<std::vector<PublishedChoice>> publishedChoices(const std::string &list);

} // namespace howdah::replication
