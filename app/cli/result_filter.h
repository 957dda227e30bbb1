// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>

#include "app/cli/result_printer.h"

namespace howdah::cli {

/// Passes on only the rows that meet all conditions (result::readCondition). What is wrong with a condition stands in
/// `failure`, and then nothing is passed on. Both outlive the printer.
[[nodiscard]] std::unique_ptr<ResultPrinter> makeFilteringPrinter(std::unique_ptr<ResultPrinter> inner, const std::vector<std::string> &conditions,
                                                                  std::optional<Error> &failure);
/// The figures of each column instead of the rows.
[[nodiscard]] std::unique_ptr<ResultPrinter> makeStatisticsPrinter(bool json);

} // namespace howdah::cli
