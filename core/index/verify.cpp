// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>

#include <nlohmann/json.hpp>

#include "core/index/advise_parts.h"
#include "core/index/why.h"
#include "core/pg/catalog_row.h"

namespace howdah::index {

namespace {

Result<void> readIndexState(pg::Connection &connection, const std::vector<std::string> &names, const Ground &ground, Verification &verification)
{
    std::string wanted;
    for (const std::string &name : names)
        wanted += (wanted.empty() ? "" : "\x01") + name;
    std::string tables;
    for (const TableFacts &table : ground.facts.tables)
        tables += (tables.empty() ? "" : ",") + std::to_string(table.oid);
    const auto found = connection.query(
        "SELECT pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(c.relname), pg_catalog.quote_ident(tn.nspname) || '.' || pg_catalog.quote_ident(t.relname), "
        "pg_catalog.pg_get_indexdef(c.oid), i.indisvalid AND i.indisready, "
        "i.indisunique OR i.indisexclusion OR i.indisreplident OR EXISTS (SELECT FROM pg_catalog.pg_constraint k WHERE k.conindid = c.oid), "
        "coalesce(pg_catalog.pg_stat_get_numscans(c.oid), 0), pg_catalog.pg_relation_size(c.oid) "
        "FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace "
        "JOIN pg_catalog.pg_class t ON t.oid = i.indrelid JOIN pg_catalog.pg_namespace tn ON tn.oid = t.relnamespace "
        "WHERE CASE WHEN $1 <> '' THEN c.oid IN (SELECT pg_catalog.to_regclass(w)::oid FROM pg_catalog.unnest(pg_catalog.string_to_array($1, E'\\x01')) w) "
        "ELSE i.indrelid = ANY ($2::oid[]) END ORDER BY 1 LIMIT 10000", {{wanted}, {"{" + tables + "}"}});
    if (!found)
        return tl::unexpected(found.error());
    for (std::int64_t place = 0; place < found->result->rowCount(); ++place) {
        pg::CatalogRow row(*found->result, place);
        Verified one;
        one.name = row.text();
        one.table = row.text();
        one.definition = row.text();
        one.valid = row.flag();
        one.needed = row.flag();
        one.scans = row.number<std::int64_t>();
        one.size_bytes = row.number<std::int64_t>();
        verification.indexes.push_back(std::move(one));
    }
    for (const std::string &name : names) {
        const auto known = connection.query("SELECT EXISTS (SELECT FROM pg_catalog.pg_index WHERE indexrelid = pg_catalog.to_regclass($1)::oid)", {{name}});
        if (known && known->result->cell(0, 0).text != "t")
            verification.problems.push_back({name, "There is no index of that name", 0});
    }
    return {};
}

void collectNames(const nlohmann::json &node, std::set<std::string> &names)
{
    if (node.contains("Index Name"))
        names.insert(node.value("Schema", "") + node.value("Index Name", ""));
    for (const auto &child : node.value("Plans", nlohmann::json::array()))
        collectNames(child, names);
}

/// Without its schema and quotes.
std::string bareName(const std::string &quoted)
{
    const std::size_t dot = quoted.ends_with('"') ? quoted.rfind(".\"") : quoted.rfind('.');
    std::string name = dot == std::string::npos ? quoted : quoted.substr(dot + 1);
    if (name.size() > 1 && name.front() == '"') {
        name = name.substr(1, name.size() - 2);
        for (std::size_t at = name.find("\"\""); at != std::string::npos; at = name.find("\"\"", at + 1))
            name.erase(at, 1);
    }
    return name;
}

} // namespace

Result<Verification> verifyIndexes(pg::Connection &connection, const std::vector<std::string> &names, const workload::Workload &load)
{
    auto ground = readGround(connection, load);
    if (!ground)
        return tl::unexpected(ground.error());
    Verification verification;
    if (auto done = readIndexState(connection, names, *ground, verification); !done)
        return tl::unexpected(done.error());
    const auto since = connection.query("SELECT coalesce(stats_reset::text, ''), extract(epoch FROM now() - coalesce(stats_reset, pg_catalog.pg_postmaster_start_time())) / 3600 "
                                        "FROM pg_catalog.pg_stat_database WHERE datname = pg_catalog.current_database()");
    if (since && since->result->rowCount() > 0) {
        verification.counted_since = since->result->cell(0, 0).text;
        verification.counted_hours = std::strtod(std::string(since->result->cell(0, 1).text).c_str(), nullptr);
    }
    {
        Planner planner(connection, ground->facts);
        if (auto done = planner.begin(); !done)
            return tl::unexpected(done.error());
        if (auto done = planGround(connection, planner, *ground); !done)
            return tl::unexpected(done.error());
    }
    for (std::size_t i = 0; i < ground->statements.size(); ++i) {
        verification.queries.push_back(workload::oneLine(ground->statements[i].text));
        verification.costs.push_back(ground->base[i].cost);
        std::set<std::string> used;
        const auto document = nlohmann::json::parse(ground->base[i].source, nullptr, false);
        if (document.is_array() && !document.empty())
            collectNames(document[0]["Plan"], used);
        for (Verified &one : verification.indexes) {
            if (used.count(bareName(one.name)) > 0)
                one.queries.push_back(i);
        }
    }
    for (Verified &one : verification.indexes) {
        one.verdict = !one.valid ? "invalid" : one.scans > 0 || !one.queries.empty() ? "used" : "unused";
        if (one.verdict != "used" && !one.needed)
            one.drop_sql = "DROP INDEX CONCURRENTLY " + one.name;
    }
    verification.problems.insert(verification.problems.end(), ground->problems.begin(), ground->problems.end());
    return verification;
}

std::string toJson(const Verification &verification)
{
    nlohmann::ordered_json document{{"indexes", nlohmann::ordered_json::array()}, {"queries", nlohmann::ordered_json::array()}, {"counted_hours", verification.counted_hours},
                                    {"problems", nlohmann::ordered_json::array()}};
    if (!verification.counted_since.empty())
        document["counted_since"] = verification.counted_since;
    for (const Verified &one : verification.indexes) {
        nlohmann::ordered_json object{{"name", one.name}, {"table", one.table}, {"ddl", one.definition}, {"valid", one.valid}, {"scans", one.scans}, {"size_bytes", one.size_bytes},
                                      {"queries", one.queries}, {"verdict", one.verdict}};
        if (!one.drop_sql.empty())
            object["drop_sql"] = one.drop_sql;
        document["indexes"].push_back(std::move(object));
    }
    for (std::size_t i = 0; i < verification.queries.size(); ++i)
        document["queries"].push_back({{"query", i}, {"text", verification.queries[i]}, {"cost", verification.costs[i]}});
    for (const workload::Problem &problem : verification.problems)
        document["problems"].push_back({{"statement", problem.statement}, {"message", problem.message}});
    return document.dump(2, ' ', false, nlohmann::json::error_handler_t::replace);
}

} // namespace howdah::index
