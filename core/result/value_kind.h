// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/pg/row_store.h"

namespace howdah::result {

/// What the text of a value means for sorting, alignment and quoting.
enum class ValueKind : std::uint8_t {
    Text, Boolean, Integer, Float, Numeric, Money, Date, Timestamp, Time, Interval, Json, Bytea
};

[[nodiscard]] ValueKind valueKind(std::uint32_t type_oid);
/// pg_type.typname of the built-in types ("int4", "timestamptz", "text[]"); "" for every other type.
[[nodiscard]] std::string_view builtinTypeName(std::uint32_t type_oid);
/// For headers: the column's own type_name where it is known, else the built-in name with its modifier
/// ("numeric(10,2)", "varchar(20)"), else "".
[[nodiscard]] std::string shownType(const pg::Column &column);
/// Right-aligned, summed, written without quotes.
[[nodiscard]] bool isNumber(ValueKind kind);
/// A number as SQL and JSON both write it: no NaN, no Infinity, no currency.
[[nodiscard]] bool isPlainNumber(std::string_view text);

} // namespace howdah::result
