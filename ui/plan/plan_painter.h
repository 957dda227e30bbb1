// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <vector>

#include <QCoreApplication>
#include <QRectF>

#include "ui/base/tone.h"
#include "ui/plan/plan_document.h"
#include "ui/plan/plan_scale.h"
#include "ui/plan/tree_layout.h"

class QPainter;

namespace howdah::ui {

/// Paints cards and connectors at zoom 1; the canvas and pictures to export share it. How much it paints
/// follows from the painter's scale: words only where they can be read.
class PlanPainter
{
    Q_DECLARE_TR_FUNCTIONS(howdah::ui::PlanPainter)
public:
    PlanPainter(std::shared_ptr<const PlanDocument> document, std::size_t plan_index);

    void setColourBy(ColourBy colour_by);
    /// What a card's share is of what the colours tell, 0..1.
    [[nodiscard]] double share(plan::NodeId id) const;
    [[nodiscard]] Tone tone(plan::NodeId id) const;

    /// A card is as high as what it has to say.
    [[nodiscard]] qreal cardHeight(plan::NodeId id) const;

    struct CardState {
        bool selected = false, focused = false, found = false, dimmed = false;
        bool picture = false; ///< to be exported
    };
    void paintCard(QPainter &painter, const LayoutItem &item, CardState state, qreal zoom) const;
    void paintConnector(QPainter &painter, const LayoutItem &parent, const LayoutItem &child, bool highlighted,
                        qreal zoom) const;
    /// A parent of more children than this has one line along all of them, from which each hangs; curves to
    /// all would cover each other, and ten thousand of them would cross every view.
    static constexpr std::size_t most_curves = 40;
    /// The line along the children, between the two ends.
    void paintTrunk(QPainter &painter, const LayoutItem &parent, qreal from, qreal to, qreal child_top, qreal zoom) const;
    void paintDrop(QPainter &painter, const LayoutItem &child, qreal parent_bottom, bool highlighted, qreal zoom) const;
    /// The whole tree, for pictures.
    void paintAll(QPainter &painter, const TreeLayout &layout) const;
    /// Round button under a card that hides or shows what is below.
    [[nodiscard]] static QRectF toggleRect(const LayoutItem &item);

    [[nodiscard]] const plan::Plan &plan() const { return document_->plans[index_]; }
    [[nodiscard]] const plan::Metrics &metrics() const { return document_->metrics[index_]; }

private:
    void paintNode(QPainter &painter, const LayoutItem &item, const CardState &state, qreal zoom) const;
    void paintFold(QPainter &painter, const LayoutItem &item, const CardState &state, qreal zoom) const;
    void paintToggle(QPainter &painter, const LayoutItem &item) const;
    [[nodiscard]] double rowsOf(plan::NodeId id) const;

    std::shared_ptr<const PlanDocument> document_;
    std::size_t index_ = 0;
    ColourBy colour_by_ = ColourBy::Time;
    double most_rows_ = 1;
    double most_blocks_ = 1;
};

} // namespace howdah::ui
