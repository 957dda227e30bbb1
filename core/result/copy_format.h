// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/error.h"
#include "core/result/cell_bands.h"
#include "core/result/row_source.h"

namespace howdah::result {

/// How rows are written as text for somebody else.
enum class CopyFormat : std::uint8_t {
    Tsv,            ///< spreadsheets: quotes only where a value has tabs, line breaks or quotes; NULL is empty
    TsvWithHeaders,
    Csv,            ///< RFC 4180 with headers; NULL is empty and the empty string is "", as COPY … CSV does it
    Json,           ///< an array of objects; numbers, booleans and json values keep their type
    JsonLines,      ///< the same objects, one a line
    Markdown,
    SqlInsert,      ///< INSERT INTO … VALUES, a statement per thousand rows
    InList          ///< (1, 2, 3): distinct values without NULL; tuples where several columns are chosen
};

struct CopyRequest {
    RowView rows;
    std::vector<std::size_t> columns;       ///< in the order they are shown; those in no band are left out
    std::vector<CellBand> bands;            ///< a cell outside its row's band counts as NULL
    CopyFormat format = CopyFormat::Tsv;
    std::string table = "table_name";       ///< for SqlInsert, as it is to be written (quoted where needed)
    std::int64_t max_bytes = 100LL * 1024 * 1024;
};

/// Fails with Usage when the text outgrows max_bytes, with Cancelled when asked to stop. One single cell as Tsv is
/// the bare value. Text that is no valid UTF-8 is passed on as it is, except in Json, which forbids it.
[[nodiscard]] Result<std::string> formatRows(const CopyRequest &request, std::stop_token stop = {});

/// Appends `text` as a JSON string with its quotes; invalid UTF-8 becomes U+FFFD.
void appendJsonString(std::string &out, std::string_view text);

} // namespace howdah::result
