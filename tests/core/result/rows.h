// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/result/row_source.h"

namespace howdah::test {

inline constexpr std::uint32_t bool_oid = 16, bytea_oid = 17, int8_oid = 20, int4_oid = 23, text_oid = 25, json_oid = 114,
                               float8_oid = 701, money_oid = 790, date_oid = 1082, timestamp_oid = 1114, timestamptz_oid = 1184,
                               interval_oid = 1186, numeric_oid = 1700;

inline pg::Column column(std::string name, std::uint32_t oid)
{
    pg::Column result;
    result.name = std::move(name);
    result.type_oid = oid;
    return result;
}

using Values = std::vector<std::optional<std::string>>;

inline std::shared_ptr<pg::RowStore> storeOf(std::vector<pg::Column> columns, const std::vector<Values> &rows)
{
    auto store = std::make_shared<pg::RowStore>(std::move(columns));
    for (const Values &row : rows) {
        store->beginRow();
        for (const auto &value : row)
            store->appendCell(value ? value->data() : "", value ? value->size() : 0, !value);
    }
    if (!store->publish())
        return nullptr;
    return store;
}

inline result::RowView viewOf(std::vector<pg::Column> columns, const std::vector<Values> &rows)
{
    return {std::make_shared<result::StoreRows>(storeOf(std::move(columns), rows)), nullptr};
}

} // namespace howdah::test
