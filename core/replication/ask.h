// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

#include "core/pg/connection.h"
#include "core/series/probe.h"

namespace howdah::replication {

/// The rows of one small query, by the names of their columns.
[[nodiscard]] inline Result<series::ProbeRows> ask(pg::Connection &connection, const std::string &sql, const std::vector<pg::Parameter> &parameters = {})
{
    auto outcome = connection.query(sql, parameters);
    if (!outcome)
        return tl::unexpected(std::move(outcome.error()));
    return series::ProbeRows(outcome->result, 1'000'000);
}

/// The first value of the first row; "" for NULL and for no row.
[[nodiscard]] inline Result<std::string> askText(pg::Connection &connection, const std::string &sql, const std::vector<pg::Parameter> &parameters = {})
{
    auto outcome = connection.query(sql, parameters);
    if (!outcome)
        return tl::unexpected(std::move(outcome.error()));
    if (!outcome->result || outcome->result->rowCount() == 0)
        return std::string();
    return std::string(outcome->result->cell(0, 0).text);
}

} // namespace howdah::replication
