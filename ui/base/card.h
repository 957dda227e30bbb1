// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>

#include <QFrame>

#include "ui/base/tone.h"

class QVBoxLayout;

namespace howdah::ui {

/// A panel with a thin line around it, round corners and, where it has something to say, an edge in a tone.
/// It comes with a vertical layout with the margins every card has.
class Card : public QFrame
{
    Q_OBJECT
public:
    explicit Card(QWidget *parent = nullptr);
    /// nullopt: no edge.
    void setEdge(std::optional<Tone> tone);
    [[nodiscard]] QVBoxLayout *body() const { return body_; }

protected:
    void paintEvent(QPaintEvent *event) override;

private:
    QVBoxLayout *body_ = nullptr;
    std::optional<Tone> edge_;
};

/// The same frame for those who paint for themselves (plan nodes).
void paintCard(QPainter &painter, const QRectF &rect, std::optional<Tone> edge, bool selected = false);

} // namespace howdah::ui
