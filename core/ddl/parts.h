// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/error.h"
#include "core/pg/connection.h"

namespace howdah::ddl {

/// The storage parameters "a='b', c='d'" out of reloptions, quoted as pg_dump does; an SQL expression over `array`.
[[nodiscard]] std::string relationOptionsSql(std::string_view array, std::string_view prefix = "");

/// What hangs on a table, for those who build another one like it: statements as ddlOf() writes them, without semicolons.
struct TableParts {
    std::vector<std::string> triggers, rules, policies, privileges, foreign_keys, comments;
};
[[nodiscard]] Result<TableParts> tableParts(pg::Connection &connection, std::uint32_t table);

} // namespace howdah::ddl
