// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>

#include "core/sql/parameters.h"

namespace howdah::workload {

/// A statement as an application would send it: values in place of its parameters, as quoted literals. A name without a
/// value becomes the next free $n, which the advisor finds values for.
[[nodiscard]] std::string withValues(std::string_view statement, const sql::ParameterValues &values);

} // namespace howdah::workload
