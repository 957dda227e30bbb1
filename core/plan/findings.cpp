// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/plan/findings.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include <fmt/format.h>

#include "core/pg/catalog.h"
#include "core/plan/findings/rule.h"
#include "core/sql/quote.h"

namespace howdah::plan {

namespace {

struct Registered {
    FindingRule rule;
    Rule function;
};

const std::vector<Registered> &registry()
{
    static const std::vector<Registered> all{
        {{"misestimate", "Row estimate is wrong"}, ruleMisestimate},
        {{"stale-statistics", "Statistics are out of date"}, ruleStaleStatistics},
        {{"seq-scan", "A scan reads most rows in vain"}, ruleSeqScan},
        {{"sort-spill", "A sort went to disk"}, ruleSortSpill},
        {{"hash-spill", "A hash went to disk"}, ruleHashSpill},
        {{"aggregate-spill", "An aggregate went to disk"}, ruleAggregateSpill},
        {{"temp-files", "Rows were kept in temporary files"}, ruleMaterializeSpill},
        {{"lossy-bitmap", "A bitmap was too large for work_mem"}, ruleLossyBitmap},
        {{"heap-fetches", "An index-only scan reads the table"}, ruleHeapFetches},
        {{"inefficient-index", "An index finds too much"}, ruleInefficientIndex},
        {{"late-filter", "Rows are thrown away after joining"}, ruleLateFilter},
        {{"limit-index", "ORDER BY with LIMIT walks the wrong index"}, ruleLimitIndex},
        {{"nested-loop", "A nested loop runs many times"}, ruleNestedLoop},
        {{"large-offset", "OFFSET computes rows to skip them"}, ruleLargeOffset},
        {{"correlated-subplan", "A subquery runs once for every row"}, ruleCorrelatedSubplan},
        {{"jit", "Compiling costs more than it saves"}, ruleJit},
        {{"workers-not-launched", "Fewer workers ran than planned"}, ruleWorkers},
        {{"parallel-skew", "One process does most of the work"}, ruleParallelSkew},
        {{"planning-time", "Planning takes longer than running"}, rulePlanningTime},
        {{"trigger-time", "Triggers take the time"}, ruleTriggerTime},
        {{"cold-reads", "Blocks came from disk"}, ruleColdReads},
        {{"partitions-not-pruned", "Partitions are scanned for nothing"}, rulePruning},
        {{"materialized-cte", "WITH keeps a filter out"}, ruleMaterializedCte},
        {{"disabled-node", "A plan type that was switched off was used"}, ruleDisabled},
        {{"settings", "Settings steer the planner"}, ruleSettings},
        {{"serialization", "Results are large to send"}, ruleSerialization},
    };
    return all;
}

} // namespace

RuleInput::RuleInput(const Plan &plan_in, const Metrics &metrics_in, const FindingContext &context_in)
    : plan(plan_in), metrics(metrics_in), context(context_in)
{
    analyzed = plan.analyzed();
    execution_ms = metrics.execution_ms.value_or(0);
    for (const Property &property : plan.settings) {
        if (const auto *text = std::get_if<std::string>(&property.second.value))
            settings_.emplace_back(property.first, *text);
    }
    settings_.insert(settings_.end(), context.settings.begin(), context.settings.end());
}

bool RuleInput::worth(double lost_ms) const
{
    return lost_ms >= 1 && lost_ms >= 0.05 * execution_ms;
}

std::string RuleInput::setting(std::string_view name) const
{
    const auto found =
        std::find_if(settings_.begin(), settings_.end(), [name](const auto &s) { return s.first == name; });
    return found == settings_.end() ? std::string() : found->second;
}

const pg::CatalogRelation *RuleInput::relation(NodeId id) const
{
    if (context.catalog == nullptr || node(id).relation_name.empty())
        return nullptr;
    return context.catalog->find(node(id).schema, node(id).relation_name);
}

Finding &report(const RuleInput &in, std::vector<Finding> &out, std::string_view rule, NodeId node, double lost_ms,
                std::string message, std::string evidence)
{
    Finding &finding = out.emplace_back();
    finding.rule = rule;
    finding.node = node;
    finding.lost_ms = std::max(0.0, std::min(lost_ms, std::max(in.execution_ms, lost_ms)));
    const double whole = std::max(in.execution_ms, 0.001);
    if (in.analyzed && lost_ms >= 5 && lost_ms >= whole / 3)
        finding.severity = Severity::Serious;
    else if (in.analyzed && lost_ms >= 1 && lost_ms >= whole / 10)
        finding.severity = Severity::Warning;
    finding.message = std::move(message);
    finding.evidence = std::move(evidence);
    return finding;
}

std::string nameOf(const Node &node)
{
    const std::string target = node.target();
    return target.empty() ? node.label() : node.label() + " on " + target;
}

std::string relationName(const Node &node)
{
    const std::string name = sql::quoteIdentifier(node.relation_name);
    return node.schema.empty() ? name : sql::quoteIdentifier(node.schema) + "." + name;
}

std::string countText(double count)
{
    std::string digits = fmt::format("{:.0f}", count);
    for (std::size_t at = digits.size(); at > 3 && digits[at - 4] != '-'; at -= 3)
        digits.insert(at - 3, 1, ',');
    return digits;
}

std::string timeText(double ms)
{
    if (ms >= 1000)
        return fmt::format("{:.2f} s", ms / 1000);
    return ms >= 10 ? fmt::format("{:.0f} ms", ms) : fmt::format("{:.1f} ms", ms);
}

std::string memorySetting(double kilobytes)
{
    double megabytes = std::max(1.0, std::ceil(kilobytes / 1024));
    if (megabytes > 16) { // to the next multiple that people write
        const double unit = megabytes > 256 ? 64 : megabytes > 64 ? 32 : 8;
        megabytes = std::ceil(megabytes / unit) * unit;
    }
    return fmt::format("{:.0f}MB", megabytes);
}

std::string workMemFix(double kilobytes)
{
    return "SET LOCAL work_mem = '" + memorySetting(kilobytes) + "';";
}

std::string createIndex(const RuleInput &in, NodeId scan, std::string_view columns, bool all)
{
    const pg::CatalogRelation *top = all ? in.relation(scan) : nullptr;
    while (top != nullptr && top->is_partition && top->parent_oid != 0)
        top = in.context.catalog->find(top->parent_oid);
    if (top != nullptr && top->kind == 'p')
        return fmt::format("CREATE INDEX ON {}.{} ({});", sql::quoteIdentifier(top->schema), sql::quoteIdentifier(top->name), columns);
    return fmt::format("CREATE INDEX CONCURRENTLY ON {} ({});", relationName(in.node(scan)), columns);
}

void offerIndex(const RuleInput &in, NodeId scan, const std::vector<std::string> &columns, Finding &finding,
                bool all_partitions)
{
    if (columns.empty() || in.node(scan).relation_name.empty())
        return;
    if (const pg::CatalogRelation *relation = in.relation(scan)) {
        std::vector<std::int16_t> wanted;
        for (const std::string &name : columns) {
            for (const pg::CatalogColumn &column : relation->columns) {
                if (sql::quoteIdentifier(column.name) == name)
                    wanted.push_back(column.attnum);
            }
        }
        const bool known =
            std::any_of(relation->indexes.begin(), relation->indexes.end(), [&](const pg::CatalogIndex &index) {
                return index.is_valid && index.access_method == "btree"
                       && index.definition.find(" WHERE ") == std::string::npos
                       && index.key_columns.size() >= wanted.size()
                       && std::equal(wanted.begin(), wanted.end(), index.key_columns.begin());
            });
        if (known && wanted.size() == columns.size())
            return;
    }
    finding.fix_sql.push_back(createIndex(in, scan, fmt::format("{}", fmt::join(columns, ", ")), all_partitions));
}

std::vector<Finding> findings(const Plan &plan, const Metrics &metrics, const FindingContext &context)
{
    std::vector<Finding> out;
    if (plan.nodes.empty() || metrics.nodes.size() != plan.nodes.size())
        return out;
    const RuleInput input(plan, metrics, context);
    for (const Registered &each : registry())
        each.function(input, out);
    std::stable_sort(out.begin(), out.end(), [](const Finding &a, const Finding &b) {
        return a.severity != b.severity ? a.severity > b.severity : a.lost_ms > b.lost_ms;
    });
    return out;
}

const std::vector<FindingRule> &findingRules()
{
    static const std::vector<FindingRule> rules = [] {
        std::vector<FindingRule> names;
        for (const Registered &each : registry())
            names.push_back(each.rule);
        return names;
    }();
    return rules;
}

} // namespace howdah::plan
