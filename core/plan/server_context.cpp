// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/plan/server_context.h"

#include <cstdlib>
#include <set>


namespace howdah::plan {

namespace {

constexpr std::size_t most_relations = 200; // partitions by the thousand have like statistics

std::string arrayOf(const std::vector<std::string> &names)
{
    std::string text = "{";
    for (const std::string &name : names) {
        text += text.size() > 1 ? ",\"" : "\"";
        for (const char c : name)
            text += (c == '"' || c == '\\') ? std::string("\\") + c : std::string(1, c);
        text += '"';
    }
    return text + "}";
}

double numberOf(std::string_view text)
{
    return std::strtod(std::string(text).c_str(), nullptr);
}

void readColumns(pg::Connection &connection, const std::vector<Plan> &plans, FindingContext &context)
{
    std::set<std::pair<std::string, std::string>> relations;
    for (const Plan &plan : plans) {
        for (const Node &node : plan.nodes) {
            if (!node.relation_name.empty() && !node.schema.empty() && relations.size() < most_relations)
                relations.emplace(node.schema, node.relation_name);
        }
    }
    if (relations.empty())
        return;
    std::vector<std::string> schemas, names;
    for (const auto &[schema, name] : relations) {
        schemas.push_back(schema);
        names.push_back(name);
    }
    const auto rows = connection.query(
        "SELECT s.schemaname, s.tablename, s.attname, s.n_distinct, greatest(c.reltuples, 0), "
        "coalesce(pg_catalog.array_length(s.most_common_freqs, 1), 0) "
        "FROM pg_catalog.unnest($1::text[], $2::text[]) AS r(nsp, rel) "
        "JOIN pg_catalog.pg_namespace n ON n.nspname = r.nsp "
        "JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relname = r.rel "
        "JOIN pg_catalog.pg_stats s ON s.schemaname = r.nsp AND s.tablename = r.rel AND NOT s.inherited",
        {{arrayOf(schemas)}, {arrayOf(names)}});
    if (!rows)
        return;
    for (std::int64_t row = 0; row < rows->result->rowCount(); ++row) {
        const auto cell = [&](int column) { return rows->result->cell(row, column).text; };
        ColumnStatistics column;
        column.schema = cell(0);
        column.relation = cell(1);
        column.column = cell(2);
        column.rows = numberOf(cell(4));
        const double distinct = numberOf(cell(3));
        column.distinct = distinct < 0 ? -distinct * column.rows : distinct;
        column.common_values = static_cast<int>(numberOf(cell(5)));
        context.columns.push_back(std::move(column));
    }
}

} // namespace

FindingContext readFindingContext(pg::Connection &connection, const std::vector<Plan> &plans, const pg::Catalog *catalog)
{
    FindingContext context;
    context.server_version = connection.facts().version_num;
    context.catalog = catalog;
    if (const auto settings = connection.query("SELECT name, pg_catalog.current_setting(name, true) FROM pg_catalog.pg_settings")) {
        for (std::int64_t row = 0; row < settings->result->rowCount(); ++row)
            context.settings.emplace_back(settings->result->cell(row, 0).text, settings->result->cell(row, 1).text);
    }
    readColumns(connection, plans, context);
    return context;
}

} // namespace howdah::plan
