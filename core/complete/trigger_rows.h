// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/complete/scope.h"

namespace howdah::complete {

/// Name of the trigger function that CREATE FUNCTION … RETURNS trigger in these words makes; "" for anything else.
[[nodiscard]] std::string triggerFunction(const Statement &outer);
/// The variables of a trigger function beside its own.
[[nodiscard]] const std::vector<std::string> &triggerVariables();

/// What NEW and OLD hold in a trigger function: a row of the table that a CREATE TRIGGER in the buffer puts it on, else
/// of the table whose name is in the function's name ("orders_touch"), else of no table: then each column of all of
/// them once, so that one can at least be completed.
[[nodiscard]] Source triggerRow(std::string_view function, std::string_view buffer, const Snapshot &snapshot);

} // namespace howdah::complete
