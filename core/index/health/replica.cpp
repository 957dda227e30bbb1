// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <cstdlib>
#include <unordered_map>

#include "core/index/health/facts.h"
#include "core/pg/catalog_row.h"
#include "core/pg/connection.h"
#include "core/sql/quote.h"

namespace howdah::index_health {

namespace {

constexpr const char *about_sql = R"(
SELECT pg_is_in_recovery(), s.system_identifier, current_database(),
       round(EXTRACT(epoch FROM clock_timestamp() - f.since)::numeric, 3), to_char(f.since AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
FROM pg_control_system() s,
     (SELECT COALESCE(d.stats_reset, (SELECT b.stats_reset FROM pg_stat_bgwriter b), pg_postmaster_start_time()) AS since
      FROM pg_stat_database d WHERE d.datname = current_database()) f)";

std::string scansSql(int version)
{
    return std::string("SELECT i.indexrelid, i.schemaname, i.indexrelname, i.idx_scan, ") +
           (version < 160000 ? "NULL" : "EXTRACT(epoch FROM clock_timestamp() - i.last_idx_scan)") + " FROM pg_stat_user_indexes i WHERE i.idx_scan > 0";
}

} // namespace

Result<void> addReplica(Facts &facts, pg::Connection &replica, const std::string &name)
{
    const auto about = replica.query(about_sql);
    if (!about)
        return tl::unexpected(about.error());
    pg::CatalogRow row(*about->result, 0);
    ReplicaFacts asked;
    asked.name = name;
    asked.is_standby = row.flag();
    const bool same_cluster = row.text() == facts.system_identifier;
    const std::string database = row.text();
    if (const auto age = row.optionalText())
        asked.statistics_age_s = std::strtod(age->c_str(), nullptr);
    asked.statistics_since = row.optionalText();
    if (same_cluster && database != facts.database)
        return fail(ErrorKind::Usage, "The standby was asked about the database " + database + " instead of " + facts.database, "Name the database in its connection string.");
    asked.matched_by_name = !same_cluster;
    std::unordered_map<std::string, IndexFacts *> by_name;
    std::unordered_map<Oid, IndexFacts *> by_oid;
    for (IndexFacts &index : facts.indexes) {
        if (same_cluster)
            by_oid.emplace(index.oid, &index);
        else
            by_name.emplace(sql::quoteQualified(index.schema, index.name), &index);
    }
    const auto scans = replica.query(scansSql(replica.facts().version_num));
    if (!scans)
        return tl::unexpected(scans.error());
    for (std::int64_t i = 0; i < scans->result->rowCount(); ++i) {
        pg::CatalogRow one(*scans->result, i);
        const Oid oid = one.number<Oid>();
        const std::string schema = one.text(), index_name = one.text();
        IndexFacts *index = nullptr;
        if (const auto found = by_oid.find(oid); same_cluster && found != by_oid.end())
            index = found->second;
        else if (const auto named = by_name.find(sql::quoteQualified(schema, index_name)); !same_cluster && named != by_name.end())
            index = named->second;
        if (index == nullptr)
            continue;
        const auto count = one.number<std::int64_t>();
        index->replica_scans += count;
        asked.scans += count;
        if (const auto text = one.optionalText()) {
            const double age = std::strtod(text->c_str(), nullptr);
            index->last_scan_age_s = index->last_scan_age_s ? std::min(*index->last_scan_age_s, age) : age;
        }
    }
    // An index is known to be idle only for as long as the one who counts least has counted.
    if (asked.statistics_age_s && *asked.statistics_age_s < facts.statistics_age_s) {
        facts.statistics_age_s = *asked.statistics_age_s;
        facts.statistics_since = asked.statistics_since.value_or(facts.statistics_since);
    }
    facts.replicas.push_back(std::move(asked));
    return {};
}

} // namespace howdah::index_health
