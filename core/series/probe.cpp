// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/series/probe.h"

#include <algorithm>
#include <charconv>

#include "core/sql/quote.h"

namespace howdah::series {

namespace {

constexpr const char *server_ms = "howdah_server_ms";

} // namespace

std::string sqlOf(const Probe &probe, int major)
{
    std::string from;
    for (const VersionedSql &piece : probe.from) {
        if (piece.holdsFor(major))
            from += piece.sql + '\n';
    }
    if (from.empty())
        return {};
    std::string columns;
    for (const ProbeColumn &column : probe.columns) {
        const auto found = std::find_if(column.expressions.begin(), column.expressions.end(),
                                        [major](const VersionedSql &expression) { return expression.holdsFor(major); });
        columns += columns.empty() ? "" : ", ";
        columns += (found == column.expressions.end() ? "NULL" : found->sql) + " AS " + sql::quoteIdentifier(column.name);
    }
    // The LIMIT keeps the subquery a subquery, so that the clock is read after the work has been done.
    return "SELECT p.*, EXTRACT(epoch FROM clock_timestamp() - statement_timestamp()) * 1000 AS " + std::string(server_ms) +
           " FROM (SELECT " + columns + "\n" + from + "LIMIT " + std::to_string(probe.max_rows + 1) + ") p";
}

ProbeRows::ProbeRows(std::shared_ptr<const pg::RowStore> rows, int max_rows) : rows_(std::move(rows))
{
    const auto count = rows_ ? rows_->rowCount() : 0;
    more_ = count > max_rows;
    size_ = static_cast<std::size_t>(std::min<std::int64_t>(count, max_rows));
}

std::optional<std::string_view> ProbeRows::text(std::size_t row, std::string_view column) const
{
    if (row >= size_)
        return {};
    const auto &columns = rows_->columns();
    const auto found = std::find_if(columns.begin(), columns.end(), [column](const pg::Column &one) { return one.name == column; });
    if (found == columns.end())
        return {};
    const pg::Cell cell = rows_->cell(static_cast<std::int64_t>(row), static_cast<std::size_t>(found - columns.begin()));
    if (cell.is_null)
        return {};
    return cell.text;
}

std::string ProbeRows::string(std::size_t row, std::string_view column) const
{
    return std::string(text(row, column).value_or(std::string_view()));
}

std::optional<double> ProbeRows::number(std::size_t row, std::string_view column) const
{
    const auto found = text(row, column);
    double value = 0;
    if (!found || std::from_chars(found->data(), found->data() + found->size(), value).ec != std::errc())
        return {};
    return value;
}

std::int64_t ProbeRows::integer(std::size_t row, std::string_view column, std::int64_t otherwise) const
{
    const auto found = text(row, column);
    std::int64_t value = 0;
    if (!found || std::from_chars(found->data(), found->data() + found->size(), value).ec != std::errc())
        return otherwise;
    return value;
}

bool ProbeRows::flag(std::size_t row, std::string_view column) const
{
    return text(row, column) == std::string_view("t");
}

double ProbeRows::serverMs() const
{
    return size_ == 0 ? 0 : number(size_ - 1, server_ms).value_or(0);
}

} // namespace howdah::series
