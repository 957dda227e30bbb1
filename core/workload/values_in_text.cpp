// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/workload/values_in_text.h"

#include <algorithm>
#include <cstdlib>
#include <map>

#include "core/sql/quote.h"

namespace howdah::workload {

std::string withValues(std::string_view statement, const sql::ParameterValues &values)
{
    const std::vector<sql::ParameterUse> uses = sql::parametersOf(statement);
    const auto number = [](const std::string &name) { return name.find_first_not_of("0123456789") == std::string::npos ? std::atoi(name.c_str()) : 0; };
    int next = 1;
    for (const sql::ParameterUse &use : uses)
        next = std::max(next, number(use.name) + 1);
    std::map<std::string, int> given;
    std::string text;
    std::size_t at = 0;
    for (const sql::ParameterUse &use : uses) {
        text += statement.substr(at, use.span.begin.value - at);
        at = use.span.end.value;
        if (const auto value = values.find(use.name); value != values.end()) {
            text += value->second ? sql::quoteLiteral(*value->second) : "NULL";
        } else if (number(use.name) > 0) {
            text += "$" + use.name;
        } else {
            const auto [place, fresh] = given.try_emplace(use.name, next);
            next += fresh ? 1 : 0;
            text += "$" + std::to_string(place->second);
        }
    }
    return text + std::string(statement.substr(at));
}

} // namespace howdah::workload
