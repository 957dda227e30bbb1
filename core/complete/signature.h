// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>

#include "core/complete/complete.h"
#include "core/complete/words.h"

namespace howdah::complete {

/// The call that the cursor is in; none where it is in none, or its function is unknown.
[[nodiscard]] std::optional<SignatureHelp> signatureAt(const Statement &statement, const Snapshot &snapshot);

} // namespace howdah::complete
