// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/pg/connection.h"
#include "core/series/time_series.h"

namespace howdah::series {

/// SQL that holds for servers from major version `since` to `until`, both included; 0 is no bound.
struct VersionedSql {
    std::string sql;
    int since = 0;
    int until = 0;
    [[nodiscard]] bool holdsFor(int major) const { return major >= since && (until == 0 || major <= until); }
};

enum class ColumnKind : std::uint8_t {
    Value,   ///< only in the rows
    Gauge,   ///< also a series of the value itself
    Counter  ///< also a series of its rate per second
};

struct ProbeColumn {
    std::string name;
    std::vector<VersionedSql> expressions; ///< the first that holds for the server is used; none: NULL
    ColumnKind kind = ColumnKind::Value;

    ProbeColumn(std::string column, const char *expression, ColumnKind column_kind = ColumnKind::Value)
        : name(std::move(column)), expressions{{expression, 0, 0}}, kind(column_kind) {}
    ProbeColumn(std::string column, std::vector<VersionedSql> versions, ColumnKind column_kind = ColumnKind::Value)
        : name(std::move(column)), expressions(std::move(versions)), kind(column_kind) {}
};

/// A named query whose columns differ between server versions, asked again and again. Its gauges and counters become
/// the series "<probe>.<column>", or "<probe>.<column>[<key>]" when `key` names a column and the probe has several rows.
struct Probe {
    std::string name;
    std::vector<ProbeColumn> columns;
    std::vector<VersionedSql> from;  ///< "FROM … WHERE … ORDER BY …"; the pieces that hold are joined; none holds: not asked
    std::string key;
    int max_rows = 1000;             ///< always a LIMIT; ProbeRows::more tells that there was more
    std::int64_t every_ms = 0;       ///< no more often than that; 0: every tick
};

/// The query as that server gets it; "" when the server has nothing of the kind. The last column is the time that the
/// server has spent on it, in milliseconds.
[[nodiscard]] std::string sqlOf(const Probe &probe, int major);

/// What a probe brought: its columns by name, whatever the version.
class ProbeRows
{
public:
    ProbeRows() = default;
    ProbeRows(std::shared_ptr<const pg::RowStore> rows, int max_rows);

    [[nodiscard]] std::size_t size() const { return size_; }
    [[nodiscard]] bool more() const { return more_; }
    /// Nothing for NULL and for a column that there is not.
    [[nodiscard]] std::optional<std::string_view> text(std::size_t row, std::string_view column) const;
    [[nodiscard]] std::string string(std::size_t row, std::string_view column) const; ///< "" for NULL
    [[nodiscard]] std::optional<double> number(std::size_t row, std::string_view column) const;
    [[nodiscard]] std::int64_t integer(std::size_t row, std::string_view column, std::int64_t otherwise = 0) const;
    [[nodiscard]] bool flag(std::size_t row, std::string_view column) const;          ///< false for NULL
    /// As measured on the server; 0 without rows.
    [[nodiscard]] double serverMs() const;

private:
    std::shared_ptr<const pg::RowStore> rows_;
    std::size_t size_ = 0;
    bool more_ = false;
};

} // namespace howdah::series
