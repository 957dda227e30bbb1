// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/plan/tree_layout.h"

#include <algorithm>
#include <utility>

namespace howdah::ui {

namespace {

using plan::NodeId;

constexpr std::size_t small_subtree = 2; ///< a partition's scan with what belongs to it (a bitmap, a sort)

/// One side of a subtree's outline: x of the cards' middles, a value a level. The last entry is the subtree's
/// root, so that a new root is appended in no time; `shift` is added to all, for the same reason.
struct Outline {
    std::vector<double> x;
    double shift = 0;

    [[nodiscard]] double at(std::size_t depth) const { return x[x.size() - 1 - depth] + shift; }
    void set(std::size_t depth, double value) { x[x.size() - 1 - depth] = value - shift; }
};

struct Subtree {
    Outline left, right;
    [[nodiscard]] std::size_t height() const { return left.x.size(); }
};

/// Puts `next` to the right of `all`, as near as the outlines allow; returns how far it was moved. Costs no more
/// than the lower of the two heights.
double place(Subtree &all, Subtree &next, double distance)
{
    const std::size_t common = std::min(all.height(), next.height());
    double move = 0;
    for (std::size_t depth = 0; depth < common; ++depth) {
        const double needed = all.right.at(depth) + distance - next.left.at(depth);
        move = depth == 0 ? needed : std::max(move, needed);
    }
    next.left.shift += move;
    next.right.shift += move;
    if (next.height() > all.height()) {
        for (std::size_t depth = 0; depth < common; ++depth)
            next.left.set(depth, all.left.at(depth));
        all = std::move(next);
    } else {
        for (std::size_t depth = 0; depth < common; ++depth)
            all.right.set(depth, next.right.at(depth));
    }
    return move;
}

class Builder {
public:
    Builder(const plan::Plan &plan, const plan::Metrics &metrics, const TreeState &state, const TreeMetrics &sizes)
        : plan_(plan), metrics_(metrics), state_(state), sizes_(sizes)
    {
    }
    TreeLayout run();

private:
    void addItems();
    void addChildren(std::size_t item);
    std::size_t add(NodeId node, std::size_t parent);
    [[nodiscard]] std::vector<NodeId> foldedChildren(const plan::Node &node) const;
    void countHidden();
    void placeItems();

    const plan::Plan &plan_;
    const plan::Metrics &metrics_;
    const TreeState &state_;
    const TreeMetrics &sizes_;
    std::vector<std::size_t> below_; ///< nodes in each node's subtree, without itself
    TreeLayout out_;
};

std::size_t Builder::add(NodeId node, std::size_t parent)
{
    const std::size_t index = out_.items.size();
    LayoutItem item;
    item.node = node;
    item.parent = parent;
    if (parent != LayoutItem::no_item) {
        item.level = out_.items[parent].level + 1;
        out_.items[parent].children.push_back(index);
    }
    out_.items.push_back(std::move(item));
    return index;
}

/// Of more like children than a row can show, those that cost least; the rest keep their cards.
std::vector<NodeId> Builder::foldedChildren(const plan::Node &node) const
{
    if (node.children.size() <= sizes_.fold_from)
        return {};
    std::vector<NodeId> leaves;
    for (const NodeId child : node.children) {
        const plan::Node &below = plan_.nodes[child];
        if (below.subplan_name.empty() && below_[child] <= small_subtree)
            leaves.push_back(child);
    }
    const std::size_t keep = sizes_.fold_from / 3;
    if (leaves.size() <= sizes_.fold_from)
        return {};
    const auto weight = [this](NodeId id) {
        const plan::NodeMetrics &m = metrics_.nodes[id];
        return m.inclusive_ms ? *m.inclusive_ms : plan_.nodes[id].total_cost.value_or(0);
    };
    std::nth_element(leaves.begin(), leaves.begin() + static_cast<std::ptrdiff_t>(keep), leaves.end(),
                     [&](NodeId a, NodeId b) { return weight(a) != weight(b) ? weight(a) > weight(b) : a < b; });
    leaves.erase(leaves.begin(), leaves.begin() + static_cast<std::ptrdiff_t>(keep));
    std::sort(leaves.begin(), leaves.end());
    return leaves;
}

void Builder::addChildren(std::size_t item)
{
    const NodeId id = out_.items[item].node;
    const plan::Node &node = plan_.nodes[id];
    std::vector<NodeId> folded;
    if (!state_.unfolded[id])
        folded = foldedChildren(node);
    for (const NodeId child : node.children) {
        if (!std::binary_search(folded.begin(), folded.end(), child))
            out_.item_of[child] = add(child, item);
    }
    if (!folded.empty())
        out_.items[add(id, item)].folded = std::move(folded);
}

void Builder::addItems()
{
    out_.item_of.assign(plan_.nodes.size(), LayoutItem::no_item);
    if (plan_.nodes.empty())
        return;
    out_.item_of[0] = add(0, LayoutItem::no_item);
    for (std::size_t i = 0; i < out_.items.size(); ++i) {
        if (out_.items[i].folded.empty() && !state_.collapsed[out_.items[i].node])
            addChildren(i);
    }
}

void Builder::countHidden()
{
    for (LayoutItem &item : out_.items) {
        if (item.folded.empty() && state_.collapsed[item.node])
            item.hidden = below_[item.node];
    }
}

void Builder::placeItems()
{
    std::vector<LayoutItem> &items = out_.items;
    std::vector<Subtree> subtrees(items.size());
    std::vector<double> offset(items.size(), 0); // of the middle, from the parent's
    const double distance = sizes_.width + sizes_.gap_x;
    // Items are in breadth-first order: from the end, children come before their parents.
    for (std::size_t i = items.size(); i-- > 0;) {
        Subtree tree;
        double middle = 0;
        const std::vector<std::size_t> &children = items[i].children;
        for (std::size_t k = 0; k < children.size(); ++k) {
            if (k == 0)
                tree = std::move(subtrees[children[0]]);
            else
                offset[children[k]] = place(tree, subtrees[children[k]], distance);
            subtrees[children[k]] = {};
        }
        if (!children.empty())
            middle = offset[children.back()] / 2;
        for (const std::size_t child : children)
            offset[child] -= middle;
        tree.left.shift -= middle;
        tree.right.shift -= middle;
        tree.left.x.push_back(-tree.left.shift);
        tree.right.x.push_back(-tree.right.shift);
        subtrees[i] = std::move(tree);
    }
    double leftmost = 0;
    double rightmost = 0;
    std::vector<double> x(items.size(), 0);
    for (std::size_t i = 0; i < items.size(); ++i) {
        x[i] = items[i].parent == LayoutItem::no_item ? 0 : x[items[i].parent] + offset[i];
        leftmost = std::min(leftmost, x[i]);
        rightmost = std::max(rightmost, x[i]);
        if (out_.levels.size() <= items[i].level)
            out_.levels.resize(items[i].level + 1);
        out_.levels[items[i].level].push_back(i);
    }
    qreal top = 0;
    for (const std::vector<std::size_t> &level : out_.levels) {
        out_.level_top.push_back(top);
        qreal highest = 0;
        for (const std::size_t i : level) {
            const qreal height = items[i].folded.empty() ? sizes_.heights[items[i].node] : sizes_.fold_height;
            items[i].rect = QRectF(x[i] - leftmost, top, sizes_.width, height);
            highest = std::max(highest, height);
        }
        top += highest + sizes_.gap_y;
    }
    out_.size = QSizeF(rightmost - leftmost + sizes_.width, top - sizes_.gap_y);
}

TreeLayout Builder::run()
{
    below_.assign(plan_.nodes.size(), 0);
    for (std::size_t i = plan_.nodes.size(); i-- > 1;)
        below_[plan_.nodes[i].parent] += below_[i] + 1;
    addItems();
    if (out_.items.empty())
        return std::move(out_);
    countHidden();
    placeItems();
    return std::move(out_);
}

} // namespace

std::size_t TreeLayout::levelAt(qreal y) const
{
    const auto after = std::upper_bound(level_top.begin(), level_top.end(), y);
    return after == level_top.begin() ? 0 : static_cast<std::size_t>(after - level_top.begin()) - 1;
}

TreeLayout layoutTree(const plan::Plan &plan, const plan::Metrics &metrics, const TreeState &state,
                      const TreeMetrics &sizes)
{
    return Builder(plan, metrics, state, sizes).run();
}

} // namespace howdah::ui
