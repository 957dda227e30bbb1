// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/result/decode/value_tree.h"

namespace howdah::result::decode {

/// Puts nodes into a tree as a reader comes by them.
class TreeBuilder
{
public:
    explicit TreeBuilder(TreeBounds bounds) : bounds_(bounds) { }
    [[nodiscard]] std::size_t depth() const { return open_.size(); }
    [[nodiscard]] bool tooDeep() const { return open_.size() > bounds_.depth; }
    [[nodiscard]] bool full() const { return tree_.nodes.size() >= bounds_.nodes; }
    /// Adds a node below the one that is open; false when there is no more room, and it is left out.
    bool add(TreeNode node)
    {
        if (full()) {
            tree_.complete = false;
            return false;
        }
        if (!open_.empty()) {
            node.parent = open_.back();
            node.place = tree_.nodes[node.parent].children++;
        }
        node.end = static_cast<std::uint32_t>(tree_.nodes.size()) + 1;
        tree_.nodes.push_back(node);
        return true;
    }
    void open(const TreeNode &node)
    {
        // Without room the children go into the nearest that had some: they are left out as well.
        const bool added = add(node);
        open_.push_back(added ? static_cast<std::uint32_t>(tree_.nodes.size() - 1) : open_.empty() ? 0 : open_.back());
    }
    void close()
    {
        tree_.nodes[open_.back()].end = static_cast<std::uint32_t>(tree_.nodes.size());
        open_.pop_back();
    }
    [[nodiscard]] const TreeNode *current() const { return open_.empty() ? nullptr : &tree_.nodes[open_.back()]; }
    [[nodiscard]] bool empty() const { return tree_.nodes.empty(); }
    [[nodiscard]] Tree take() { return std::move(tree_); }

private:
    TreeBounds bounds_;
    Tree tree_;
    std::vector<std::uint32_t> open_;
};

} // namespace howdah::result::decode
