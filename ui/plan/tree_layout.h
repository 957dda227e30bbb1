// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

#include <QRectF>
#include <QSizeF>

#include "core/plan/metrics.h"
#include "core/plan/model.h"

namespace howdah::ui {

/// A card on the canvas: a node, or many like children folded into one card.
struct LayoutItem {
    plan::NodeId node = plan::no_node;   ///< folded: the parent of those
    std::vector<plan::NodeId> folded;    ///< empty for a node's own card
    std::size_t parent = no_item;        ///< index of an item
    std::vector<std::size_t> children;   ///< indices of items, left to right
    std::size_t level = 0;
    std::size_t hidden = 0;              ///< nodes below that a collapsed card hides
    QRectF rect;                         ///< in pixels at zoom 1, from the top left of the tree
    static constexpr std::size_t no_item = static_cast<std::size_t>(-1);
};

struct TreeLayout {
    std::vector<LayoutItem> items;       ///< parents before children
    std::vector<std::size_t> item_of;    ///< node → item; no_item when hidden or folded
    std::vector<std::vector<std::size_t>> levels; ///< left to right
    std::vector<qreal> level_top;                 ///< y at which each level's cards begin
    /// The level at that height, the nearest one beyond the ends; there must be one.
    [[nodiscard]] std::size_t levelAt(qreal y) const;
    QSizeF size;
};

/// What the user chose to hide and to unfold; one entry a node.
struct TreeState {
    std::vector<bool> collapsed;
    std::vector<bool> unfolded; ///< of a parent: all its children have cards
};

/// Sizes of cards and the gaps between them, in pixels at zoom 1.
struct TreeMetrics {
    qreal width = 244;
    std::vector<qreal> heights; ///< one a node
    qreal fold_height = 100;    ///< of a card that stands for many
    qreal gap_x = 28;
    qreal gap_y = 48;
    std::size_t fold_from = 13; ///< like children under one parent, more than which they fold
};

/// Places the cards so that no two overlap, subtrees move as close as their outlines let them, and a parent
/// stands over the middle of its children. Linear in the number of cards, without recursion.
[[nodiscard]] TreeLayout layoutTree(const plan::Plan &plan, const plan::Metrics &metrics, const TreeState &state,
                                    const TreeMetrics &sizes);

} // namespace howdah::ui
