// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/plan/plan_head.h"

namespace howdah::plan_tool {

bool looksLikePlan(std::string_view head)
{
    const auto has = [head](std::string_view mark) { return head.find(mark) != std::string_view::npos; };
    // JSON and YAML keys, the XML root, the figures of a TEXT line, psql's title, what auto_explain logs.
    return has("\"Node Type\"") || has("\\\"Node Type\\\"") || has("\"\"Node Type\"\"") || has("Node Type: ") ||
           has("<Node-Type>") || has("postgresql.org/2009/explain") || has("(cost=") || has("(actual time=") ||
           (has("QUERY PLAN") && !has("EXPLAIN ")) || (has(" plan:\n") && has("duration: "));
}

} // namespace howdah::plan_tool
