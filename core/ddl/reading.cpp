// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/ddl/reading.h"

namespace howdah::ddl {

Result<std::vector<Record>> records(pg::Connection &connection, std::string_view sql,
                                    const std::vector<pg::Parameter> &parameters)
{
    const auto outcome = connection.query(sql, parameters);
    if (!outcome)
        return tl::unexpected(outcome.error());
    std::vector<Record> rows;
    if (!outcome->result)
        return rows;
    const pg::RowStore &store = *outcome->result;
    const std::size_t width = store.columns().size();
    for (std::int64_t row = 0; row < store.rowCount(); ++row) {
        std::vector<std::optional<std::string>> cells(width);
        for (std::size_t column = 0; column < width; ++column) {
            if (const pg::Cell cell = store.cell(row, column); !cell.is_null)
                cells[column] = std::string(cell.text);
        }
        rows.emplace_back(std::move(cells));
    }
    return rows;
}

Snapshot::Snapshot(pg::Connection &connection, bool bare_search_path) : connection_(connection)
{
    if (connection.transaction() == pg::TransactionState::Idle) {
        if (auto begun = connection.query("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"); !begun) {
            failure_ = begun.error();
            return;
        }
        own_ = true;
    } else if (bare_search_path) {
        if (auto before = records(connection, "SELECT current_setting('search_path')"))
            search_path_ = before->front()[0];
        else
            failure_ = before.error();
    }
    if (bare_search_path && !failure_) {
        if (auto set = connection.query("SELECT set_config('search_path', '', true)"); !set)
            failure_ = set.error();
    }
}

Snapshot::~Snapshot()
{
    if (!connection_.alive())
        return;
    const pg::CancelShield shield(connection_.canceller());
    if (own_)
        (void)connection_.query("ROLLBACK");
    else if (search_path_ && connection_.transaction() == pg::TransactionState::InTransaction)
        (void)connection_.query("SELECT set_config('search_path', $1, true)", {*search_path_});
}

} // namespace howdah::ddl
