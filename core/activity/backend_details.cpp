// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/activity/backend_details.h"

#include <charconv>

#include "core/series/probe.h"

namespace howdah::activity {

namespace {

constexpr const char *query_sql =
    "SELECT query, octet_length(query) >= pg_size_bytes(current_setting('track_activity_query_size')) - 1 "
    "FROM pg_stat_get_activity($1::int)";

/// Only the names of what is shown are looked up.
series::Probe lockProbe()
{
    series::Probe probe;
    probe.max_rows = max_locks;
    probe.columns = {
        {"type", "l.locktype"},
        {"object",
         "CASE WHEN l.relation IS NOT NULL AND l.database IN (0, (SELECT oid FROM pg_database WHERE datname = current_database())) "
         "THEN l.relation::regclass::text WHEN l.relation IS NOT NULL THEN 'relation ' || l.relation || ' of another database' "
         "WHEN l.locktype = 'transactionid' THEN 'transaction ' || l.transactionid "
         "WHEN l.locktype = 'virtualxid' THEN 'virtual transaction ' || l.virtualxid "
         "WHEN l.locktype = 'advisory' THEN l.classid || ', ' || l.objid "
         "ELSE concat_ws(' ', l.classid::regclass::text, l.objid) END "
         "|| CASE WHEN l.locktype = 'tuple' THEN ' (' || l.page || ',' || l.tuple || ')' WHEN l.locktype = 'page' THEN ' page ' || l.page ELSE '' END"},
        {"mode", "l.mode"},
        {"granted", "l.granted"},
        {"waited", {{"EXTRACT(epoch FROM clock_timestamp() - l.waitstart) * 1000", 14, 0}}},
        {"total", "l.total"},
    };
    probe.from = {{"FROM (SELECT k.*, count(*) OVER () AS total FROM pg_locks k WHERE k.pid = $1::int "
                   "ORDER BY k.granted, (k.locktype = 'relation') DESC, k.mode, k.relation LIMIT " +
                       std::to_string(max_locks + 1) + ") l ORDER BY l.granted, (l.locktype = 'relation') DESC",
                   0, 0}};
    return probe;
}

/// "RowExclusiveLock" as people write it: "ROW EXCLUSIVE".
std::string modeWords(std::string_view mode)
{
    if (mode.ends_with("Lock"))
        mode.remove_suffix(4);
    std::string words;
    for (const char c : mode) {
        const bool upper = c >= 'A' && c <= 'Z';
        if (upper && !words.empty())
            words += ' ';
        words += upper ? c : static_cast<char>(c - ('a' - 'A'));
    }
    if (words.starts_with("S I READ"))
        return "SIREAD";
    return words;
}

} // namespace

Result<BackendDetails> readBackendDetails(pg::Connection &connection, int pid, bool with_locks)
{
    const std::vector<pg::Parameter> parameters{std::to_string(pid)};
    BackendDetails details;
    const auto query = connection.query(query_sql, parameters);
    if (!query)
        return tl::unexpected(query.error());
    if (query->result->rowCount() == 0)
        return fail(ErrorKind::Unsupported, "The session has ended");
    details.query = query->result->cell(0, 0).text;
    details.query_cut = query->result->cell(0, 1).text == "t";
    if (!with_locks)
        return details;
    const series::Probe probe = lockProbe();
    const auto locks = connection.query(series::sqlOf(probe, connection.facts().major()), parameters);
    if (!locks)
        return tl::unexpected(locks.error());
    const series::ProbeRows rows(locks->result, probe.max_rows);
    details.locks_total = rows.integer(0, "total");
    for (std::size_t row = 0; row < rows.size(); ++row)
        details.locks.push_back({rows.string(row, "type"), rows.string(row, "object"), modeWords(rows.string(row, "mode")),
                                 rows.flag(row, "granted"), rows.number(row, "waited").value_or(-1)});
    return details;
}

} // namespace howdah::activity
