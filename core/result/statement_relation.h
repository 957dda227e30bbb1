// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>

namespace howdah::result {

/// The relation that a statement is about, as written for SQL ("shop.orders"): of a SELECT the first one in FROM, of
/// INSERT, UPDATE and DELETE the target. "" where there is none, where it does not parse, and for statements so long
/// that parsing them would be felt.
[[nodiscard]] std::string relationOf(std::string_view statement);

} // namespace howdah::result
