// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/plan/diff.h"

#include <algorithm>
#include <cmath>
#include <string_view>
#include <unordered_map>

#include "core/plan/subplans.h"

namespace howdah::plan {

namespace {

constexpr std::uint64_t seed = 1469598103934665603ULL;

/// FNV-1a: the same on every machine.
std::uint64_t mix(std::uint64_t hash, std::string_view text)
{
    for (const char c : text)
        hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
    return (hash ^ 0xFFU) * 1099511628211ULL;
}

std::uint64_t mix(std::uint64_t hash, std::uint64_t value)
{
    for (int byte = 0; byte < 8; ++byte, value >>= 8U)
        hash = (hash ^ (value & 0xFFU)) * 1099511628211ULL;
    return hash;
}

/// "InitPlan 1 (returns $0)" up to 16, "InitPlan 1" after, "expr_1" from 19 on: the kind is what all share.
std::string_view subplanKind(const Node &node)
{
    const std::string_view name = node.subplan_name;
    return isCteBody(node) ? name : name.substr(0, name.find(' '));
}

std::string describe(const Node &node)
{
    const std::string target = node.target();
    return target.empty() ? node.label() : node.label() + " on " + target;
}

std::string identity(const Node &node)
{
    if (!node.alias.empty())
        return node.relation_name + "\x1f" + node.alias;
    if (!node.relation_name.empty() || !node.cte_name.empty() || !node.function_name.empty())
        return node.relation_name + node.cte_name + node.function_name;
    return node.index_name;
}

/// Node types that do the same work in another way.
std::string_view role(const Node &node)
{
    const std::string_view type = node.node_type;
    if (type == "Nested Loop" || type == "Hash Join" || type == "Merge Join")
        return "join";
    if (type == "Sort" || type == "Incremental Sort")
        return "sort";
    if (type == "Aggregate" || type == "Group" || type == "Unique")
        return "group";
    if (type == "Append" || type == "Merge Append")
        return "append";
    if (type == "Gather" || type == "Gather Merge")
        return "gather";
    if (type == "Materialize" || type == "Memoize")
        return "store";
    if (type == "Bitmap Index Scan" || type == "BitmapAnd" || type == "BitmapOr")
        return "bitmap";
    return !node.relation_name.empty() && type != "ModifyTable" ? "scan" : type;
}

struct Side {
    explicit Side(const Plan &plan_in) : plan(plan_in), metrics(measure(plan_in))
    {
        const std::size_t count = plan.nodes.size();
        below.assign(count, 0);
        keys.assign(count, 0);
        for (std::size_t i = count; i-- > 0;) {
            const Node &node = plan.nodes[i];
            const std::string own = identity(node);
            // The set of what is read below; order and nesting of joins do not matter.
            if (node.children.empty() || !own.empty())
                below[i] += mix(seed, own.empty() ? node.node_type : own);
            if (node.parent != no_node)
                below[node.parent] += below[i];
            keys[i] = mix(mix(mix(seed, role(node)), own), below[i]);
            keys[i] = mix(mix(keys[i], subplanKind(node)), node.partial_mode == "Partial" ? 1U : 0U);
        }
    }
    const Plan &plan;
    Metrics metrics;
    std::vector<std::uint64_t> below, keys;
};

class Differ
{
public:
    Differ(const Plan &before, const Plan &after, const DiffOptions &options)
        : before_(before), after_(after), options_(options), partner_before_(before.nodes.size(), no_node),
          partner_after_(after.nodes.size(), no_node)
    {}
    PlanDiff run();

private:
    void match();
    void pair(NodeId before, NodeId after);
    template <typename Key> void matchBy(Key key);
    NodeDiff compare(NodeId before, NodeId after) const;
    [[nodiscard]] bool isNoise(double delta, double a, double b) const;
    void order(PlanDiff &out) const;

    Side before_, after_;
    DiffOptions options_;
    std::vector<NodeId> partner_before_, partner_after_;
};

void Differ::pair(NodeId before, NodeId after)
{
    partner_before_[before] = after;
    partner_after_[after] = before;
}

/// Pairs what has one key on both sides, in order, those whose parents are paired first.
template <typename Key> void Differ::matchBy(Key key)
{
    struct Bucket {
        std::vector<NodeId> nodes;
        std::size_t first = 0;
    };
    std::unordered_map<std::uint64_t, Bucket> open;
    for (NodeId id = 0; id < partner_before_.size(); ++id) {
        if (partner_before_[id] == no_node)
            open[key(before_, id)].nodes.push_back(id);
    }
    for (NodeId id = 0; id < partner_after_.size(); ++id) {
        if (partner_after_[id] != no_node)
            continue;
        const auto found = open.find(key(after_, id));
        if (found == open.end())
            continue;
        Bucket &bucket = found->second;
        while (bucket.first < bucket.nodes.size() && partner_before_[bucket.nodes[bucket.first]] != no_node)
            ++bucket.first;
        if (bucket.first == bucket.nodes.size())
            continue;
        NodeId chosen = bucket.nodes[bucket.first];
        const NodeId parent = after_.plan.nodes[id].parent;
        const std::size_t last = std::min(bucket.nodes.size(), bucket.first + 16);
        for (std::size_t i = bucket.first; parent != no_node && i < last; ++i) {
            const NodeId candidate = bucket.nodes[i];
            const NodeId above = before_.plan.nodes[candidate].parent;
            if (partner_before_[candidate] == no_node && above != no_node && partner_before_[above] == parent) {
                chosen = candidate;
                break;
            }
        }
        pair(chosen, id);
    }
}

void Differ::match()
{
    // The same work in the same way, then in another way, then on the same thing, then of the same kind at the same
    // place.
    matchBy([](const Side &side, NodeId id) { return mix(side.keys[id], side.plan.nodes[id].label()); });
    matchBy([](const Side &side, NodeId id) { return side.keys[id]; });
    matchBy([](const Side &side, NodeId id) {
        const Node &node = side.plan.nodes[id];
        const std::string own = identity(node);
        // Without an object of its own a node is told by its place alone, which the last pass does.
        return own.empty() ? mix(mix(seed, std::uint64_t(id)), reinterpret_cast<std::uintptr_t>(&side))
                           : mix(mix(seed, role(node)), own);
    });
    for (NodeId id = 0; id < partner_after_.size(); ++id) {
        const NodeId parent = after_.plan.nodes[id].parent;
        if (partner_after_[id] != no_node)
            continue;
        const NodeId above = parent == no_node ? no_node : partner_after_[parent];
        if (parent == no_node) {
            if (!partner_before_.empty() && partner_before_[0] == no_node
                && role(before_.plan.nodes[0]) == role(after_.plan.nodes[id]))
                pair(0, id);
        } else if (above != no_node && before_.plan.nodes[above].children.size() < 64) {
            for (const NodeId child : before_.plan.nodes[above].children) {
                if (partner_before_[child] == no_node
                    && role(before_.plan.nodes[child]) == role(after_.plan.nodes[id])) {
                    pair(child, id);
                    break;
                }
            }
        }
    }
}

bool Differ::isNoise(double delta, double a, double b) const
{
    return std::abs(delta) <= std::max(options_.noise_ms, options_.noise_share * std::max(a, b));
}

NodeDiff Differ::compare(NodeId before, NodeId after) const
{
    static const NodeMetrics none;
    NodeDiff diff;
    diff.before = before;
    diff.after = after;
    const NodeMetrics &a = before == no_node ? none : before_.metrics.nodes[before];
    const NodeMetrics &b = after == no_node ? none : after_.metrics.nodes[after];
    const bool timed = (before == no_node || a.exclusive_ms) && (after == no_node || b.exclusive_ms);
    if (timed) {
        diff.exclusive_ms = b.exclusive_ms.value_or(0) - a.exclusive_ms.value_or(0);
        diff.inclusive_ms = b.inclusive_ms.value_or(0) - a.inclusive_ms.value_or(0);
        const double rounding = a.rounding_ms + b.rounding_ms;
        diff.noise = isNoise(*diff.exclusive_ms, a.exclusive_ms.value_or(0), b.exclusive_ms.value_or(0))
                     || std::abs(*diff.exclusive_ms) <= rounding;
    }
    if ((before == no_node || a.rows_total) && (after == no_node || b.rows_total))
        diff.rows_total = b.rows_total.value_or(0) - a.rows_total.value_or(0);
    diff.exclusive_cost = b.exclusive_cost - a.exclusive_cost;
    const auto blocks = [](const NodeMetrics &node) {
        const Buffers own = node.exclusive_buffers.value_or(Buffers());
        return own.shared_hit + own.shared_read + own.local_hit + own.local_read;
    };
    if (a.exclusive_buffers || b.exclusive_buffers)
        diff.blocks = blocks(b) - blocks(a);
    if (before == no_node) {
        diff.kind = DiffKind::Added;
        diff.change = "added: " + describe(after_.plan.nodes[after]);
    } else if (after == no_node) {
        diff.kind = DiffKind::Removed;
        diff.change = "removed: " + describe(before_.plan.nodes[before]);
    } else {
        const Node &x = before_.plan.nodes[before];
        const Node &y = after_.plan.nodes[after];
        const NodeId parent = x.parent == no_node ? no_node : partner_before_[x.parent];
        const bool moved = parent != y.parent;
        const std::string from = describe(x);
        const std::string to = describe(y);
        if (from != to) {
            diff.kind = DiffKind::Changed;
            diff.change = from + " → " + to;
        } else if (moved && y.parent != no_node && x.parent != no_node && partner_after_[y.parent] != no_node) {
            diff.kind = DiffKind::Changed;
            diff.change = to + " moved below " + describe(after_.plan.nodes[y.parent]);
        } else if (x.parent_relationship != y.parent_relationship && !moved) {
            diff.kind = DiffKind::Changed;
            diff.change = to + ": " + x.parent_relationship + " → " + y.parent_relationship;
        }
    }
    return diff;
}

/// Removed nodes stand where they hung: after the partner of their nearest ancestor that has one.
void Differ::order(PlanDiff &out) const
{
    std::vector<std::vector<NodeId>> removed(partner_after_.size() + 1);
    std::vector<NodeId> anchor(partner_before_.size(), no_node);
    for (NodeId id = 0; id < partner_before_.size(); ++id) {
        const NodeId parent = before_.plan.nodes[id].parent;
        anchor[id] = partner_before_[id] != no_node ? partner_before_[id]
                     : parent == no_node            ? no_node
                                                    : anchor[parent];
        if (partner_before_[id] == no_node)
            removed[anchor[id] == no_node ? partner_after_.size() : anchor[id]].push_back(id);
    }
    for (const NodeId id : removed[partner_after_.size()])
        out.nodes.push_back(compare(id, no_node));
    for (NodeId id = 0; id < partner_after_.size(); ++id) {
        out.nodes.push_back(compare(partner_after_[id], id));
        for (const NodeId gone : removed[id])
            out.nodes.push_back(compare(gone, no_node));
    }
}

PlanDiff Differ::run()
{
    PlanDiff out;
    match();
    order(out);
    out.same_shape = shapeHash(before_.plan) == shapeHash(after_.plan);
    for (const NodeDiff &node : out.nodes) {
        if (!node.change.empty())
            out.changes.push_back(node.change);
    }
    const auto &a = before_.metrics.execution_ms;
    const auto &b = after_.metrics.execution_ms;
    if (a && b) {
        out.execution_ms = *b - *a;
        out.noise = isNoise(*out.execution_ms, *a, *b);
    }
    if (before_.plan.planning_ms && after_.plan.planning_ms)
        out.planning_ms = *after_.plan.planning_ms - *before_.plan.planning_ms;
    const auto cost = [](const Plan &plan) { return plan.nodes.empty() ? 0.0 : plan.nodes[0].total_cost.value_or(0); };
    out.total_cost = cost(after_.plan) - cost(before_.plan);
    return out;
}

} // namespace

std::uint64_t shapeHash(const Plan &plan)
{
    std::uint64_t hash = seed;
    std::vector<std::uint32_t> depth(plan.nodes.size(), 0);
    for (std::size_t i = 0; i < plan.nodes.size(); ++i) {
        const Node &node = plan.nodes[i];
        depth[i] = node.parent == no_node ? 0 : depth[node.parent] + 1;
        hash = mix(hash, std::uint64_t(depth[i]));
        hash = mix(mix(mix(hash, node.label()), node.relation_name), node.index_name);
        hash = mix(mix(hash, node.alias), subplanKind(node));
    }
    return hash;
}

PlanDiff diffPlans(const Plan &before, const Plan &after, const DiffOptions &options)
{
    return Differ(before, after, options).run();
}

} // namespace howdah::plan
