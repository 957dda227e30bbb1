// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cmath>
#include <cstdint>
#include <optional>
#include <string>

#include <nlohmann/json.hpp>

namespace howdah::json {

// Fields of what is told of a server: what is not known ("", below 0, no value) is left out.

inline void put(nlohmann::ordered_json &object, const char *key, const std::string &text)
{
    if (!text.empty())
        object[key] = text;
}

/// Three decimals say all that these figures know.
inline void put(nlohmann::ordered_json &object, const char *key, double value)
{
    if (std::isfinite(value) && value >= 0)
        object[key] = std::round(value * 1000) / 1000;
}

inline void put(nlohmann::ordered_json &object, const char *key, std::int64_t value)
{
    if (value >= 0)
        object[key] = value;
}

inline void put(nlohmann::ordered_json &object, const char *key, const std::optional<bool> &value)
{
    if (value)
        object[key] = *value;
}

} // namespace howdah::json
