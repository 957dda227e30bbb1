// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/index/estimate.h"

#include <algorithm>
#include <cmath>

#include <nlohmann/json.hpp>

#include "core/pg/connection.h"

namespace howdah::index {

namespace {

using Json = nlohmann::json;

struct Scan {
    std::string relation, alias, type;
    double total = 0, rows = 1, times = 1;
    double limit_rows = 0, limit_total = 0; ///< of the LIMIT above it; 0: none
    double sort_total = 0, sort_rows = 0;
};

void collectScans(const Json &node, double times, Scan above, std::vector<Scan> &scans)
{
    const std::string type = node.value("Node Type", "");
    const double total = node.value("Total Cost", 0.0), rows = std::max(1.0, node.value("Plan Rows", 1.0));
    if (type == "Limit") {
        above.limit_rows = rows;
        above.limit_total = total;
    } else if (type == "Sort" || type == "Incremental Sort") {
        above.sort_total = total;
    }
    if (node.contains("Relation Name")) {
        Scan scan = above;
        scan.relation = node.value("Relation Name", "");
        scan.alias = node.value("Alias", "");
        scan.type = type;
        scan.total = total;
        scan.rows = rows;
        scan.times = times;
        scans.push_back(scan);
    }
    const auto plans = node.find("Plans");
    if (plans == node.end())
        return;
    for (std::size_t i = 0; i < plans->size(); ++i) {
        double inner = times;
        if (type == "Nested Loop" && i == 1) {
            const std::string kept = (*plans)[1].value("Node Type", "");
            if (kept != "Materialize" && kept != "Memoize")
                inner *= std::max(1.0, (*plans)[0].value("Plan Rows", 1.0));
        }
        collectScans((*plans)[i], inner, above, scans);
    }
}

/// Mackert and Lohman's pages for that many rows anywhere in a table, at what a bitmap scan pays for each.
double heapCost(double rows, double pages, const PlannerCosts &costs)
{
    pages = std::max(1.0, pages);
    const double fetched = std::min(pages, 2 * pages * rows / (2 * pages + rows));
    const double each = fetched >= 2 ? costs.random_page - (costs.random_page - costs.seq_page) * std::sqrt(fetched / pages) : costs.random_page;
    return fetched * each + rows * (costs.cpu_tuple + 2 * costs.cpu_operator);
}

double searchCost(const Scan &scan, const Candidate &candidate, const TableFacts &table, const PlannerCosts &costs)
{
    const double entries = candidate.method == "gin" ? 6 : 4;
    // A class further down the list does the same with more to read: how much more no statistics tell.
    return entries * costs.random_page * 0.7 + candidate.rank * (4.0 + scan.total * 0.08) + scan.rows * costs.cpu_index_tuple + heapCost(scan.rows, table.pages, costs);
}

double treeCost(const Scan &scan, const ServedTerm &served, const Candidate &candidate, const Facts &facts, const Expressions &expressions)
{
    const TableFacts &table = facts.tables[candidate.table];
    double fraction = 1;
    for (const IndexKey &key : candidate.keys) {
        const Term *found = nullptr;
        for (const Term &term : served.use->terms) {
            if (term.expression == key.expression && (found == nullptr || term.op == "="))
                found = &term;
        }
        if (found == nullptr)
            break;
        fraction *= fractionOf(*found, valueFacts(candidate.table, key.expression, key.attnum, facts, expressions));
        if (found->op != "=")
            break;
    }
    const double rows = std::max(scan.rows, table.rows * fraction);
    const double pages = static_cast<double>(candidate.size_bytes) / 8192;
    const double index = facts.costs.random_page * 2 + pages * fraction * facts.costs.random_page + rows * facts.costs.cpu_index_tuple;
    return index + (candidate.include.empty() ? heapCost(rows, table.pages, facts.costs) : rows * facts.costs.cpu_tuple);
}

} // namespace

std::vector<ServedTerm> servedTerms(const Shape &shape, const Candidate &candidate, const Facts &facts, const Expressions &expressions)
{
    std::vector<ServedTerm> served;
    if (candidate.keys.empty())
        return served;
    const IndexKey &key = candidate.keys.front();
    const auto serves = [&](const Term &term) {
        if (term.expression != key.expression)
            return false;
        const ColumnFacts *value = valueFacts(candidate.table, key.expression, key.attnum, facts, expressions);
        if (value == nullptr)
            return false;
        if (candidate.purpose == Purpose::Pattern || term.op == "IS NULL")
            return candidate.method == "btree";
        for (const AccessMethods::Match &match : facts.methods.serving(value->type, term.op, false)) {
            if (match.operator_class->method == candidate.method && (key.operator_class.empty() ? match.operator_class->by_default : match.operator_class->name == key.operator_class))
                return true;
        }
        return false;
    };
    for (const TableUse &use : shape.uses) {
        if (use.table != candidate.table)
            continue;
        const std::size_t before = served.size();
        for (const Term &term : use.terms) {
            if (serves(term)) {
                served.push_back({&use, &term, nullptr});
                break;
            }
        }
        const bool arms = !use.alternatives.empty() && std::all_of(use.alternatives.begin(), use.alternatives.end(), [&](const auto &arm) { return std::any_of(arm.begin(), arm.end(), serves); });
        if (served.size() == before && arms)
            served.push_back({&use, &use.alternatives.front().front(), nullptr});
        if (served.size() == before && (candidate.purpose == Purpose::Nearest || candidate.purpose == Purpose::Sort)) {
            for (const SortWish &wish : use.sorts) {
                if (!wish.terms.empty() && wish.terms.front().expression == key.expression && wish.limited) {
                    served.push_back({&use, nullptr, &wish});
                    break;
                }
            }
        }
    }
    return served;
}

double estimatedCost(const std::string &source, const Shape &shape, const Candidate &candidate, const Facts &facts, const Expressions &expressions, double blocks_read)
{
    const Json document = Json::parse(source, nullptr, false);
    if (!document.is_array() || document.empty())
        return 0;
    const double root = document[0]["Plan"].value("Total Cost", 0.0);
    std::vector<Scan> scans;
    collectScans(document[0]["Plan"], 1, {}, scans);
    const TableFacts &table = facts.tables[candidate.table];
    const PlannerCosts &costs = facts.costs;
    double saved = 0;
    for (const ServedTerm &served : servedTerms(shape, candidate, facts, expressions)) {
        for (const Scan &scan : scans) {
            if (scan.relation != table.name || (!scan.alias.empty() && scan.alias != served.use->alias && scan.alias.rfind(served.use->alias + "_", 0) != 0))
                continue;
            if (served.sort != nullptr) {
                if (scan.limit_total <= 0 || scan.sort_total <= 0)
                    continue;
                const double first = (candidate.method == "hnsw" ? 60.0 : candidate.method == "ivfflat" ? table.pages * 0.1 : 8.0) + candidate.rank * (3.0 + scan.limit_total * 0.08);
                saved += std::max(0.0, scan.limit_total - first - scan.limit_rows * (costs.random_page + costs.cpu_tuple));
                break;
            }
            double now = scan.total;
            if (candidate.method == "brin")
                now = blocks_read * (table.pages * costs.seq_page + table.rows * (costs.cpu_tuple + 2 * costs.cpu_operator)) + static_cast<double>(candidate.size_bytes) / 8192 * costs.random_page + 10;
            else if (candidate.method == "btree" || candidate.method == "hash")
                now = treeCost(scan, served, candidate, facts, expressions);
            else
                now = searchCost(scan, candidate, table, costs);
            saved += std::max(0.0, scan.total - now) * scan.times;
            break;
        }
    }
    return std::max(0.0, root - saved);
}

std::optional<double> probeRanges(pg::Connection &connection, const Shape &shape, const Candidate &candidate, const Facts &facts)
{
    const TableFacts &table = facts.tables[candidate.table];
    if (facts.version < 140000 || table.kind != 'r' || candidate.keys.empty())
        return {};
    const std::string &column = candidate.keys.front().expression;
    std::string overlap;
    for (const TableUse &use : shape.uses) {
        if (use.table != candidate.table)
            continue;
        for (const Term &term : use.terms) {
            if (term.expression != column || term.join || term.list)
                continue;
            std::string value = term.value;
            const ColumnFacts *facts_of = table.column(candidate.keys.front().attnum);
            if (value.empty() && facts_of != nullptr && facts_of->histogram.size() > 20) {
                // A window as wide as a twentieth of the values, for want of the real one.
                const std::size_t middle = facts_of->histogram.size() / 2;
                value = "'" + facts_of->histogram[term.op.front() == '<' ? middle + facts_of->histogram.size() / 20 : middle] + "'::" + facts_of->type_name;
                if (value.find('\'', 1) != value.rfind('\''))
                    value.clear();
            }
            if (value.empty())
                continue;
            const auto both = [&](const char *side, const std::string &op) { overlap += std::string(overlap.empty() ? "" : " AND ") + side + " " + op + " (" + value + ")"; };
            if (term.op == "=") {
                both("low", "<=");
                both("high", ">=");
            } else {
                both(term.op.front() == '<' ? "low" : "high", term.op);
            }
        }
        if (!overlap.empty())
            break;
    }
    if (overlap.empty())
        return {};
    const std::size_t equals = candidate.options.find('=');
    const auto range = static_cast<std::uint64_t>(equals == std::string::npos ? 128 : std::max(1.0, std::strtod(candidate.options.c_str() + equals + 1, nullptr)));
    const std::uint64_t ranges = std::max<std::uint64_t>(1, static_cast<std::uint64_t>(table.pages) / range);
    std::string blocks;
    std::uint64_t state = 0x9E3779B97F4A7C15ULL;
    const std::uint64_t wanted = std::min<std::uint64_t>(ranges, 60);
    for (std::uint64_t i = 0; i < wanted; ++i) {
        state = state * 6364136223846793005ULL + 1442695040888963407ULL;
        // One out of each stretch of the table, so that all of it is seen.
        const std::uint64_t first = i * ranges / wanted, count = std::max<std::uint64_t>(1, (i + 1) * ranges / wanted - first);
        blocks += (blocks.empty() ? "" : ",") + std::to_string((first + (state >> 33U) % count) * range);
    }
    const auto probed = connection.query("SELECT count(low), count(low) FILTER (WHERE " + overlap + ") FROM pg_catalog.unnest($1::bigint[]) AS b CROSS JOIN LATERAL "
                                         "(SELECT min(" + column + ") AS low, max(" + column + ") AS high FROM " + table.quoted()
                                             + " WHERE ctid >= ('(' || b || ',0)')::tid AND ctid < ('(' || b + " + std::to_string(range) + " || ',0)')::tid) AS r",
                                         {{"{" + blocks + "}"}});
    if (!probed || probed->result->rowCount() == 0) {
        if (connection.transaction() == pg::TransactionState::InFailedTransaction)
            static_cast<void>(connection.query("ROLLBACK TO SAVEPOINT howdah_advice"));
        return {};
    }
    const double seen = std::strtod(std::string(probed->result->cell(0, 0).text).c_str(), nullptr);
    const double hit = std::strtod(std::string(probed->result->cell(0, 1).text).c_str(), nullptr);
    if (seen < 1)
        return {};
    // None of sixty is not none of all.
    return std::clamp(std::max(hit, 0.5) / seen, 1.0 / static_cast<double>(ranges), 1.0);
}

} // namespace howdah::index
