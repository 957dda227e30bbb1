// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/result/copy_format.h"

#include <algorithm>
#include <unordered_set>

#include "core/base/human.h"
#include "core/result/row_writer.h"

namespace howdah::result {

namespace {

std::vector<std::size_t> usedColumns(const CopyRequest &request)
{
    std::unordered_set<std::size_t> chosen;
    for (const CellBand &band : request.bands)
        chosen.insert(band.columns.begin(), band.columns.end());
    std::vector<std::size_t> used = request.columns;
    std::erase_if(used, [&](std::size_t column) { return !chosen.contains(column); });
    return used;
}

Error tooLarge(std::int64_t max_bytes)
{
    Error error;
    error.kind = ErrorKind::Usage;
    error.message = "The selection is larger than " + human::bytes(max_bytes) + " as text";
    error.detail = "Nothing was copied.";
    error.hint = "Select fewer rows, or export the result to a file.";
    return error;
}

} // namespace

Result<std::string> formatRows(const CopyRequest &request, std::stop_token stop)
{
    const std::vector<std::size_t> columns = usedColumns(request);
    if (request.bands.size() == 1 && columns.size() == 1 && request.format == CopyFormat::Tsv
        && request.bands[0].first_row == request.bands[0].last_row) {
        const pg::Cell cell = request.rows.cell(request.bands[0].first_row, columns[0]);
        if (static_cast<std::int64_t>(cell.text.size()) > request.max_bytes)
            return tl::unexpected(tooLarge(request.max_bytes));
        return std::string(cell.is_null ? std::string_view()
                                        : writtenText(cell, valueKind(request.rows.source->columns()[columns[0]].type_oid)));
    }
    std::vector<WrittenField> fields;
    for (const std::size_t column : columns) {
        const pg::Column &described = request.rows.source->columns()[column];
        fields.push_back({described.name, valueKind(described.type_oid)});
    }
    const auto writer = makeRowWriter(request.format, request.table);
    std::string out;
    writer->begin(out, fields);
    std::vector<pg::Cell> row(columns.size());
    for (const CellBand &band : request.bands) {
        std::vector<bool> chosen;
        for (const std::size_t column : columns)
            chosen.push_back(std::binary_search(band.columns.begin(), band.columns.end(), column));
        for (std::int64_t at = band.first_row; at <= band.last_row; ++at) {
            for (std::size_t i = 0; i < columns.size(); ++i)
                row[i] = chosen[i] ? request.rows.cell(at, columns[i]) : pg::Cell{{}, true};
            writer->row(out, fields, row);
            if (static_cast<std::int64_t>(out.size()) > request.max_bytes)
                return tl::unexpected(tooLarge(request.max_bytes));
            if ((at & 1023) == 0 && stop.stop_requested())
                return fail(ErrorKind::Cancelled, "Copying was cancelled");
        }
    }
    writer->end(out);
    return out;
}

} // namespace howdah::result
