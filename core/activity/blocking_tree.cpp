// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <map>
#include <set>

#include "core/activity/activity.h"

namespace howdah::activity {

namespace {

class TreeBuilder
{
public:
    explicit TreeBuilder(const std::vector<Backend> &backends)
    {
        for (const Backend &backend : backends) {
            if (backend.blocked_by.empty())
                continue;
            std::vector<int> blockers = backend.blocked_by;
            std::sort(blockers.begin(), blockers.end());
            blockers.erase(std::unique(blockers.begin(), blockers.end()), blockers.end());
            waits_[backend.pid] = backend.wait_ms;
            blockers_[backend.pid] = std::move(blockers);
        }
    }

    std::vector<BlockingNode> build()
    {
        for (const auto &[pid, blockers] : blockers_)
            chooseParent(pid, blockers);
        std::set<int> roots;
        for (const auto &[pid, blockers] : blockers_) {
            for (const int blocker : blockers) {
                if (!parents_.contains(blocker))
                    roots.insert(blocker);
            }
            if (!parents_.contains(pid))
                roots.insert(pid);
        }
        for (const int root : byWeight({roots.begin(), roots.end()})) {
            // A root that has nobody below is the second blocker of somebody who stands elsewhere.
            if (children_.contains(root))
                add(root, -1);
        }
        markLast();
        return std::move(nodes_);
    }

private:
    /// Steps up to somebody who does not wait; a circle counts as its members.
    int height(int pid)
    {
        if (const auto known = heights_.find(pid); known != heights_.end())
            return known->second;
        heights_[pid] = 0; // what comes back here is a circle
        int highest = 0;
        if (const auto found = blockers_.find(pid); found != blockers_.end()) {
            for (const int blocker : found->second)
                highest = std::max(highest, height(blocker) + 1);
        }
        return heights_[pid] = highest;
    }

    bool leadsTo(int from, int to) const
    {
        for (auto at = parents_.find(from); at != parents_.end(); at = parents_.find(at->second)) {
            if (at->second == to)
                return true;
        }
        return from == to;
    }

    void chooseParent(int pid, const std::vector<int> &blockers)
    {
        int best = -1;
        int best_height = -1;
        for (const int blocker : blockers) {
            if (leadsTo(blocker, pid)) {
                cycle_.insert(pid);
                cycle_.insert(blocker);
                continue;
            }
            if (const int high = height(blocker); high > best_height) {
                best = blocker;
                best_height = high;
            }
        }
        if (best < 0)
            return;
        parents_[pid] = best;
        children_[best].push_back(pid);
    }

    int weight(int pid)
    {
        if (const auto known = weights_.find(pid); known != weights_.end())
            return known->second;
        int sum = 0;
        for (const int child : children_[pid])
            sum += 1 + weight(child);
        return weights_[pid] = sum;
    }

    std::vector<int> byWeight(std::vector<int> pids)
    {
        std::sort(pids.begin(), pids.end(), [this](int a, int b) {
            const auto key = [this](int pid) { return std::tuple(-weight(pid), -waits_[pid], pid); };
            return key(a) < key(b);
        });
        return pids;
    }

    void add(int pid, int parent)
    {
        BlockingNode node;
        node.pid = pid;
        node.parent = parent;
        node.depth = parent < 0 ? 0 : nodes_[static_cast<std::size_t>(parent)].depth + 1;
        node.waiting_below = weight(pid);
        node.in_cycle = cycle_.contains(pid);
        const int parent_pid = parent < 0 ? -1 : nodes_[static_cast<std::size_t>(parent)].pid;
        if (const auto found = blockers_.find(pid); found != blockers_.end())
            std::copy_if(found->second.begin(), found->second.end(), std::back_inserter(node.also_blocked_by),
                         [parent_pid](int blocker) { return blocker != parent_pid; });
        const int here = static_cast<int>(nodes_.size());
        nodes_.push_back(std::move(node));
        for (const int child : byWeight(children_[pid]))
            add(child, here);
    }

    void markLast()
    {
        std::set<int> closed;
        for (std::size_t i = nodes_.size(); i-- > 0;)
            nodes_[i].is_last = closed.insert(nodes_[i].parent).second;
    }

    std::map<int, std::vector<int>> blockers_, children_;
    std::map<int, double> waits_;
    std::map<int, int> parents_, heights_, weights_;
    std::set<int> cycle_;
    std::vector<BlockingNode> nodes_;
};

} // namespace

std::vector<BlockingNode> blockingTree(const std::vector<Backend> &backends)
{
    return TreeBuilder(backends).build();
}

int rootOf(const std::vector<BlockingNode> &tree, int node)
{
    while (node >= 0 && tree[static_cast<std::size_t>(node)].parent >= 0)
        node = tree[static_cast<std::size_t>(node)].parent;
    return node;
}

const Backend *Activity::find(int pid) const
{
    const auto found = std::find_if(backends.begin(), backends.end(), [pid](const Backend &one) { return one.pid == pid; });
    return found == backends.end() ? nullptr : &*found;
}

int Activity::waiters() const
{
    return static_cast<int>(std::count_if(backends.begin(), backends.end(), [](const Backend &one) { return one.isWaitingForLock(); }));
}

} // namespace howdah::activity
