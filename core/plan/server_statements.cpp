// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/plan/server_statements.h"

#include <cstdlib>

#include "core/sql/parser.h"
#include "core/sql/quote.h"

namespace howdah::plan {

namespace {

std::optional<double> numberOf(const pg::RowStore &rows, std::int64_t row, int column)
{
    const auto cell = rows.cell(row, column);
    if (cell.is_null)
        return {};
    return std::strtod(std::string(cell.text).c_str(), nullptr);
}

void judge(ServerStatement &statement)
{
    const sql::StatementNature nature = sql::natureOf(statement.text);
    statement.explainable = !statement.truncated && (nature.kind.empty() || nature.is_explainable);
}

} // namespace

Result<std::vector<ServerStatement>> runningStatements(pg::Connection &connection)
{
    const auto answer = connection.query(
        "SELECT a.pid, coalesce(a.usename, ''), coalesce(a.application_name, ''), coalesce(a.state, ''), a.query, "
        "extract(epoch FROM clock_timestamp() - a.query_start) * 1000, "
        "octet_length(a.query) >= pg_catalog.pg_size_bytes(pg_catalog.current_setting('track_activity_query_size')) - 1 "
        "FROM pg_catalog.pg_stat_activity a WHERE a.datname = pg_catalog.current_database() AND a.backend_type = 'client backend' "
        "AND a.pid <> pg_catalog.pg_backend_pid() AND a.query <> '' AND a.query <> '<insufficient privilege>' "
        "ORDER BY a.state <> 'active', a.query_start LIMIT 500");
    if (!answer)
        return tl::unexpected(answer.error());
    const pg::RowStore &rows = *answer->result;
    std::vector<ServerStatement> found;
    for (std::int64_t row = 0; row < rows.rowCount(); ++row) {
        ServerStatement statement;
        statement.pid = static_cast<int>(numberOf(rows, row, 0).value_or(0));
        statement.user = rows.cell(row, 1).text;
        statement.application = rows.cell(row, 2).text;
        statement.state = rows.cell(row, 3).text;
        statement.text = rows.cell(row, 4).text;
        if (statement.state == "active")
            statement.running_ms = numberOf(rows, row, 5);
        statement.truncated = rows.cell(row, 6).text == "t";
        judge(statement);
        found.push_back(std::move(statement));
    }
    return found;
}

Result<std::vector<ServerStatement>> keptStatements(pg::Connection &connection)
{
    const auto extension = connection.query("SELECT n.nspname FROM pg_catalog.pg_extension e JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace "
                                            "WHERE e.extname = 'pg_stat_statements'");
    if (!extension)
        return tl::unexpected(extension.error());
    if (extension->result->rowCount() == 0)
        return fail(ErrorKind::Unsupported, "pg_stat_statements is not installed in this database",
                    "Add it to shared_preload_libraries, restart the server and run CREATE EXTENSION pg_stat_statements.");
    const std::string view = sql::quoteQualified(std::string(extension->result->cell(0, 0).text), "pg_stat_statements");
    // An extension that was not updated with its server still calls it total_time.
    const auto answer = connection.query(
        "SELECT coalesce(r.rolname, ''), s.query, s.calls, coalesce(j->>'total_exec_time', j->>'total_time')::float8 AS total, "
        "coalesce(j->>'mean_exec_time', j->>'mean_time')::float8, s.rows FROM " + view + " s "
        "CROSS JOIN LATERAL (SELECT pg_catalog.to_jsonb(s) - 'query' AS j) t LEFT JOIN pg_catalog.pg_roles r ON r.oid = s.userid "
        "WHERE s.dbid = (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database()) "
        "AND s.query IS NOT NULL AND s.query <> '<insufficient privilege>' ORDER BY total DESC LIMIT 500");
    if (!answer)
        return tl::unexpected(answer.error());
    const pg::RowStore &rows = *answer->result;
    std::vector<ServerStatement> found;
    for (std::int64_t row = 0; row < rows.rowCount(); ++row) {
        ServerStatement statement;
        statement.user = rows.cell(row, 0).text;
        statement.text = rows.cell(row, 1).text;
        statement.calls = numberOf(rows, row, 2);
        statement.total_ms = numberOf(rows, row, 3);
        statement.mean_ms = numberOf(rows, row, 4);
        statement.rows = numberOf(rows, row, 5);
        judge(statement);
        if (statement.explainable)
            found.push_back(std::move(statement));
    }
    return found;
}

} // namespace howdah::plan
