// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

#include "core/sql/parameters.h"

namespace howdah::cli {

/// Of "-v NAME=VALUE"; a name without "=" is NULL.
[[nodiscard]] inline sql::ParameterValues parameterValues(const std::vector<std::string> &set)
{
    sql::ParameterValues values;
    for (const std::string &entry : set) {
        const std::size_t equals = entry.find('=');
        values[entry.substr(0, equals)] = equals == std::string::npos ? std::nullopt : std::optional(entry.substr(equals + 1));
    }
    return values;
}

} // namespace howdah::cli
