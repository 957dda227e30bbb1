// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

#include <QPlainTextEdit>

#include "core/plan/print.h"

namespace howdah::ui {

/// The plan as EXPLAIN words it. The selected node's lines are tinted; a click on a line selects its node.
class PlanTextPane : public QPlainTextEdit
{
    Q_OBJECT
public:
    explicit PlanTextPane(QWidget *parent = nullptr);
    void setPrinted(plan::PrintedPlan printed);
    void setPlain(const QString &text);
    void markNode(plan::NodeId id);
    void markFound(const std::vector<plan::NodeId> &found);

Q_SIGNALS:
    void nodeClicked(howdah::plan::NodeId id);

protected:
    void mouseReleaseEvent(QMouseEvent *event) override;

private:
    void refresh();
    [[nodiscard]] QTextEdit::ExtraSelection tint(std::size_t first, std::size_t count, const QColor &color) const;

    std::vector<plan::PrintedLines> nodes_;
    plan::NodeId marked_ = plan::no_node;
    std::vector<plan::NodeId> found_;
};

} // namespace howdah::ui
