// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/plan/times.h"

#include <algorithm>

#include <fmt/format.h>

#include "core/plan/subplans.h"

namespace howdah::plan {

namespace {

constexpr double rounding_per_loop = 0.0005; ///< EXPLAIN prints three decimals
constexpr double passing_ms_per_row = 0.001; ///< about what a row costs on its way from a worker to the Gather

bool isGather(const Node &node)
{
    return node.node_type == "Gather" || node.node_type == "Gather Merge";
}

double workOf(const Node &node)
{
    return node.never_executed ? 0 : node.actual_total_ms.value_or(0) * node.loops.value_or(1);
}

/// Wall time of the part below a Gather. With VERBOSE the slowest process is known, the leader being what the
/// workers leave of the sum. Without, it lies between the average over the processes and what the Gather has for
/// it: processes that take their work piece by piece end together, except for the one with the last slow piece, and
/// then the Gather waits for that one. `held` is the Gather's time less what is known to be its own.
double parallelWall(const Node &top, double work, double processes, double held)
{
    double wall = work / processes;
    double leader = work;
    std::size_t timed = 0;
    double slowest = 0;
    for (const WorkerStats &worker : top.workers) {
        if (!worker.total_ms)
            continue;
        const double spent = *worker.total_ms * worker.loops.value_or(1);
        slowest = std::max(slowest, spent);
        leader -= spent;
        ++timed;
    }
    if (timed > 0 && static_cast<double>(timed) + 1.5 > processes)
        wall = std::max({wall, slowest, std::min(leader, work)});
    else
        wall = std::max(wall, held);
    return std::min(wall, work);
}

class Accountant {
public:
    explicit Accountant(const Plan &plan) : plan_(plan), nodes_(plan.nodes), gathers_(gathersAbove(plan)) {}
    Times run();

private:
    void findProcesses();
    void reserveForInitPlans();
    void scaleChildren(NodeId id);
    [[nodiscard]] double wall(NodeId id) const { return out_.scale[id] * out_.work[id]; }
    void chargeCte(const SubplanUse &use);
    void chargeLeftOver(const SubplanUse &use, double ms);
    void chargeInitPlan(const SubplanUse &use);
    NodeId descend(NodeId owner, double ms);
    void charge(NodeId body, NodeId consumer, double ms);
    void finish();

    const Plan &plan_;
    const std::vector<Node> &nodes_;
    std::vector<NodeId> gathers_;
    std::vector<SubplanUse> uses_;
    std::vector<double> reserved_; ///< of a Gather's time: InitPlans that it may have evaluated
    std::vector<double> left_; ///< wall time of the node alone, as far as accounted
    std::size_t steps_left_ = 0;
    Times out_;
};

/// A Gather's child runs in (its loops / the Gather's loops) processes; the
/// leader may or may not be one of them. A node below that ran fewer times ran
/// in fewer processes.
void Accountant::findProcesses()
{
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
        const NodeId gather = gathers_[i];
        if (gather == no_node)
            continue;
        const double runs = std::max(1.0, nodes_[gather].loops.value_or(1));
        const double loops = std::max(1.0, nodes_[i].loops.value_or(1) / runs);
        out_.processes[i]
            = nodes_[i].parent == gather ? loops : std::min(loops, out_.processes[nodes_[i].parent]);
        if (nodes_[nodes_[i].parent].node_type == "Append" && nodes_[i].parent != gather)
            out_.processes[i] = loops; // members of a Parallel Append: each has its
                                       // own set of processes
    }
}

/// A Gather evaluates the InitPlans that its workers need, so their time is its own. Those that nobody mentions
/// (select lists are not printed without VERBOSE) may belong to any Gather below their owner.
void Accountant::reserveForInitPlans()
{
    reserved_.assign(nodes_.size(), 0);
    std::vector<double> unmentioned(nodes_.size(), 0);
    for (const SubplanUse &use : uses_) {
        if (use.is_cte)
            continue;
        if (use.consumers.empty())
            unmentioned[nodes_[use.body].parent] += out_.work[use.body];
        NodeId last = no_node;
        for (const NodeId consumer : use.consumers) {
            if (isGather(nodes_[consumer]) && consumer != last)
                reserved_[consumer] += out_.work[use.body];
            last = consumer;
        }
    }
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
        if (i > 0)
            unmentioned[i] += unmentioned[nodes_[i].parent];
        reserved_[i] += unmentioned[i];
    }
}

/// Gives each child its share of the parent's wall time. Children take part in
/// the parent's average over processes; two stand out: the child of a Gather,
/// and what builds a shared bitmap, for which all wait.
void Accountant::scaleChildren(NodeId id)
{
    const Node &node = nodes_[id];
    const double own = wall(id);
    double sum = 0;
    for (const NodeId child : node.children) {
        double scale = out_.scale[id];
        const double work = out_.work[child];
        const bool detached = isDetached(nodes_[child]);
        if (detached) {
            // Evaluated by one process, whoever asked for it.
            scale = 1;
        } else if (work > 0 && isGather(node)) {
            const double passing = node.actual_rows.value_or(0) * node.loops.value_or(1) * passing_ms_per_row;
            scale = parallelWall(nodes_[child], work * scale, out_.processes[child], own - reserved_[id] - passing)
                    / work;
        } else if (work > 0 && node.parallel_aware && node.node_type == "Bitmap Heap Scan") {
            scale = std::max(scale, std::min(1.0 / out_.processes[child], own / work));
        }
        out_.scale[child] = scale;
        if (!detached)
            sum += scale * work;
    }
    // Rounding, and members that run at the same time (asynchronous Append), can
    // add up to more than the parent took. Scaled down, every millisecond is
    // still told once.
    const double shrink = sum > own && sum > 0 ? own / sum : 1;
    if (shrink < 1)
        out_.clamped[id] = sum - own;
    left_[id] = std::max(0.0, own - sum);
    if (shrink == 1)
        return;
    for (const NodeId child : node.children) {
        if (!isDetached(nodes_[child]))
            out_.scale[child] *= shrink;
    }
}

void Accountant::charge(NodeId body, NodeId consumer, double ms)
{
    if (ms <= 0)
        return;
    if (ms > left_[consumer])
        out_.clamped[consumer] += ms - left_[consumer];
    left_[consumer] = std::max(0.0, left_[consumer] - ms);
    out_.charges.push_back({body, nodes_[body].parent, consumer, ms});
}

/// The body runs while its scans ask for rows, so its time lies inside theirs:
/// in the one that was first, or in several where they take turns. It is taken
/// from each by its own time.
void Accountant::chargeCte(const SubplanUse &use)
{
    const double total = wall(use.body);
    double in_scans = 0;
    for (const NodeId scan : use.consumers)
        in_scans += left_[scan];
    const double share = in_scans > 0 ? std::min(1.0, total / in_scans) : 0;
    for (const NodeId scan : use.consumers)
        charge(use.body, scan, left_[scan] * share);
    const double rest = total - in_scans * share;
    if (rest > 0)
        chargeLeftOver(use, rest);
}

/// INSERT … in WITH runs to its end even if nobody reads it: after the main query, outside its time. Other bodies
/// stop when nobody reads on; what their scans do not hold is the end of a Gather's workers, for which the node on
/// top waits.
void Accountant::chargeLeftOver(const SubplanUse &use, double ms)
{
    const std::optional<double> whole = plan_.execution_ms ? plan_.execution_ms : plan_.duration_ms;
    double room = whole ? std::max(0.0, *whole - out_.work[0] - out_.outside_tree) : ms;
    const auto outside = [&] {
        const double part = std::min(ms, room);
        out_.outside_tree += part;
        room -= part;
        ms -= part;
    };
    if (nodes_[use.body].node_type == "ModifyTable")
        outside();
    for (NodeId at = nodes_[use.body].parent; ms > 0 && at != no_node && steps_left_ > 0; at = nodes_[at].parent) {
        --steps_left_;
        const double part = std::min(ms, left_[at]);
        charge(use.body, at, part);
        ms -= part;
    }
    outside();
    // More than the whole query took: so much of the body is told elsewhere already.
    if (const double part = std::min(ms, left_[use.body]); part > 0) {
        left_[use.body] -= part;
        out_.clamped[use.body] += part;
    }
}

/// From the owner down to the node that is slow enough: select lists are not
/// printed without VERBOSE, and pruning at run time is not printed at all. Never
/// below a Gather: workers evaluate no InitPlan.
NodeId Accountant::descend(NodeId owner, double ms)
{
    NodeId at = owner;
    while (left_[at] < ms && steps_left_ > 0 && !isGather(nodes_[at])) {
        NodeId slowest = no_node;
        for (const NodeId child : nodes_[at].children) {
            steps_left_ -= steps_left_ > 0 ? 1 : 0;
            if (!isDetached(nodes_[child]) && (slowest == no_node || wall(child) > wall(slowest)))
                slowest = child;
        }
        if (slowest == no_node || wall(slowest) < ms)
            break;
        at = slowest;
    }
    return left_[at] >= ms ? at : owner;
}

/// Evaluated once, by the first node that needed the result; all that mention
/// it are candidates, and only one has the time to show for it.
void Accountant::chargeInitPlan(const SubplanUse &use)
{
    const double total = wall(use.body);
    if (total <= 0)
        return;
    const NodeId owner = nodes_[use.body].parent;
    NodeId best = no_node;
    for (const NodeId candidate : use.consumers) {
        if (best == no_node || left_[candidate] > left_[best])
            best = candidate;
    }
    const double printed = rounding_per_loop * (nodes_[use.body].loops.value_or(1) + 1) + 0.001;
    if (best == no_node || left_[best] < total / 2) {
        const NodeId found = descend(owner, std::max(0.0, total - printed));
        if (best == no_node || left_[found] > left_[best])
            best = found;
    }
    // A Gather in the body is shut down later, by a node further up (a Limit that has
    // enough), and that part of the body's time lies there.
    double rest = total;
    for (NodeId at = best;; at = nodes_[at].parent) {
        const double part = std::min(rest, left_[at]);
        charge(use.body, at, part);
        rest -= part;
        if (rest <= printed || at == owner || nodes_[at].parent == no_node || steps_left_ == 0)
            break;
        --steps_left_;
    }
    charge(use.body, best, rest);
}

/// Inclusive times without what was charged to a body that hangs further up.
void Accountant::finish()
{
    std::vector<double> moved(nodes_.size(), 0);
    for (const Charge &charge : out_.charges) {
        moved[charge.consumer] += charge.ms;
        moved[charge.owner] -= charge.ms;
    }
    for (std::size_t i = nodes_.size(); i-- > 1;)
        moved[nodes_[i].parent] += moved[i];
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
        out_.exclusive[i] = left_[i];
        out_.inclusive[i] = std::max(out_.exclusive[i], wall(static_cast<NodeId>(i)) - moved[i]);
    }
}

Times Accountant::run()
{
    const std::size_t count = nodes_.size();
    out_.known = std::any_of(nodes_.begin(), nodes_.end(),
                             [](const Node &node) { return node.actual_total_ms.has_value(); });
    out_.processes.assign(count, 1);
    if (plan_.analyzed())
        findProcesses();
    if (!out_.known)
        return std::move(out_);
    out_.scale.assign(count, 1);
    out_.clamped.assign(count, 0);
    out_.exclusive.assign(count, 0);
    out_.inclusive.assign(count, 0);
    left_.assign(count, 0);
    out_.work.reserve(count);
    for (const Node &node : nodes_)
        out_.work.push_back(workOf(node));
    uses_ = findSubplanUses(plan_);
    reserveForInitPlans();
    for (std::size_t i = 0; i < count; ++i)
        scaleChildren(static_cast<NodeId>(i));

    steps_left_ = 100'000 + 4 * count; // keeps the search for hidden consumers linear
    for (const SubplanUse &use : uses_) {
        if (use.is_cte)
            chargeCte(use);
    }
    for (const SubplanUse &use : uses_) {
        if (!use.is_cte)
            chargeInitPlan(use);
    }
    finish();
    return std::move(out_);
}

} // namespace

Times accountTimes(const Plan &plan)
{
    return Accountant(plan).run();
}

std::string derivation(const Plan &plan, const Times &times, NodeId id,
                       const std::vector<std::vector<std::uint32_t>> &charges_by_consumer)
{
    const Node &node = plan.nodes[id];
    if (!times.known || !node.actual_total_ms)
        return {};
    if (node.never_executed)
        return "never executed";
    std::string text = fmt::format("{:.3f} ms", *node.actual_total_ms);
    const double loops = node.loops.value_or(1);
    if (loops != 1)
        text += fmt::format(" × {:.0f} loops", loops);
    const double scale = times.scale[id];
    if (scale < 0.9995)
        text += fmt::format(" × {:.3f} (share of the wall time; {:.3g} processes)", scale,
                            times.processes[id]);
    double children = 0;
    std::size_t counted = 0;
    for (const NodeId child : node.children) {
        if (isDetached(plan.nodes[child]))
            continue;
        children += times.scale[child] * times.work[child];
        ++counted;
    }
    if (counted > 0)
        text += fmt::format(" − {:.3f} {}", children, counted == 1 ? "child" : "children");
    for (const std::uint32_t index : charges_by_consumer[id]) {
        const Charge &charge = times.charges[index];
        text += fmt::format(" − {:.3f} {}", charge.ms, plan.nodes[charge.subplan].subplan_name);
    }
    text += fmt::format(" = {:.3f} ms", times.exclusive[id]);
    if (times.clamped[id] > 0.0005)
        text += fmt::format(" ({:.3f} ms more below than here)", times.clamped[id]);
    return text;
}

} // namespace howdah::plan
