// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/plan/findings.h"

namespace howdah::pg {
struct CatalogRelation;
} // namespace howdah::pg

namespace howdah::plan {

/// What every rule sees: the plan, its figures, and what was computed once for all rules.
class RuleInput
{
public:
    RuleInput(const Plan &plan, const Metrics &metrics, const FindingContext &context);

    const Plan &plan;
    const Metrics &metrics;
    const FindingContext &context;
    double execution_ms = 0;
    bool analyzed = false;

    [[nodiscard]] std::size_t size() const { return plan.nodes.size(); }
    [[nodiscard]] const Node &node(NodeId id) const { return plan.nodes[id]; }
    [[nodiscard]] const NodeMetrics &of(NodeId id) const { return metrics.nodes[id]; }
    [[nodiscard]] double exclusive(NodeId id) const { return of(id).exclusive_ms.value_or(0); }
    [[nodiscard]] double inclusive(NodeId id) const { return of(id).inclusive_ms.value_or(0); }
    [[nodiscard]] double rows(NodeId id) const { return of(id).rows_total.value_or(0); }
    [[nodiscard]] bool executed(NodeId id) const { return node(id).loops.value_or(0) > 0; }

    /// Whether losing so much is worth a word: a twentieth of the time, and at least a millisecond.
    [[nodiscard]] bool worth(double lost_ms) const;
    /// A setting's value from the plan ("Settings") or the context; "" when neither tells.
    [[nodiscard]] std::string setting(std::string_view name) const;
    [[nodiscard]] int version() const { return context.server_version; }
    /// nullptr without a catalog, or when the node reads no relation that it knows.
    [[nodiscard]] const pg::CatalogRelation *relation(NodeId id) const;

private:
    std::vector<std::pair<std::string, std::string>> settings_;
};

using Rule = void (*)(const RuleInput &, std::vector<Finding> &);

/// A finding with its severity by what it costs.
Finding &report(const RuleInput &in, std::vector<Finding> &out, std::string_view rule, NodeId node, double lost_ms,
                std::string message, std::string evidence);

/// "Seq Scan on orders o".
[[nodiscard]] std::string nameOf(const Node &node);
/// "public.orders", quoted where needed.
[[nodiscard]] std::string relationName(const Node &node);
/// "12,345".
[[nodiscard]] std::string countText(double count);
/// "12.3 ms", "4.56 s".
[[nodiscard]] std::string timeText(double ms);
/// "96 MB": rounded up to what a person would set.
[[nodiscard]] std::string memorySetting(double kilobytes);
/// "SET LOCAL work_mem = '96MB';"
[[nodiscard]] std::string workMemFix(double kilobytes);

/// Adds CREATE INDEX for a scan's relation, unless the catalog knows that an index begins with these columns.
void offerIndex(const RuleInput &in, NodeId scan, const std::vector<std::string> &columns, Finding &finding,
                bool all_partitions = false);

struct Qual;
/// Finds out by the catalog, where there is one, which casts hide a column from its indexes.
void settleCasts(const RuleInput &in, NodeId scan, std::vector<Qual> &quals);
/// readQuals(), its casts settled.
[[nodiscard]] std::vector<Qual> qualsOf(const RuleInput &in, NodeId scan, std::string_view text);
/// "CREATE INDEX CONCURRENTLY ON public.orders (…);" for what the scan reads. Of a partition, `all` means the table it
/// is a part of, where the catalog knows it (an index there cannot be made concurrently).
[[nodiscard]] std::string createIndex(const RuleInput &in, NodeId scan, std::string_view columns, bool all);

// One file each in core/plan/findings/.
void ruleMisestimate(const RuleInput &, std::vector<Finding> &);
void ruleStaleStatistics(const RuleInput &, std::vector<Finding> &);
void ruleSeqScan(const RuleInput &, std::vector<Finding> &);
void ruleSortSpill(const RuleInput &, std::vector<Finding> &);
void ruleHashSpill(const RuleInput &, std::vector<Finding> &);
void ruleAggregateSpill(const RuleInput &, std::vector<Finding> &);
void ruleMaterializeSpill(const RuleInput &, std::vector<Finding> &);
void ruleLossyBitmap(const RuleInput &, std::vector<Finding> &);
void ruleHeapFetches(const RuleInput &, std::vector<Finding> &);
void ruleInefficientIndex(const RuleInput &, std::vector<Finding> &);
void ruleLateFilter(const RuleInput &, std::vector<Finding> &);
void ruleLimitIndex(const RuleInput &, std::vector<Finding> &);
void ruleNestedLoop(const RuleInput &, std::vector<Finding> &);
void ruleLargeOffset(const RuleInput &, std::vector<Finding> &);
void ruleCorrelatedSubplan(const RuleInput &, std::vector<Finding> &);
void ruleJit(const RuleInput &, std::vector<Finding> &);
void ruleWorkers(const RuleInput &, std::vector<Finding> &);
void ruleParallelSkew(const RuleInput &, std::vector<Finding> &);
void rulePlanningTime(const RuleInput &, std::vector<Finding> &);
void ruleTriggerTime(const RuleInput &, std::vector<Finding> &);
void ruleColdReads(const RuleInput &, std::vector<Finding> &);
void rulePruning(const RuleInput &, std::vector<Finding> &);
void ruleMaterializedCte(const RuleInput &, std::vector<Finding> &);
void ruleDisabled(const RuleInput &, std::vector<Finding> &);
void ruleSettings(const RuleInput &, std::vector<Finding> &);
void ruleSerialization(const RuleInput &, std::vector<Finding> &);

} // namespace howdah::plan
