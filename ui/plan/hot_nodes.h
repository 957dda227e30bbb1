// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QListWidget>

#include "ui/plan/plan_document.h"

namespace howdah::ui {

/// The nodes that cost most, the worst first.
class HotNodes : public QListWidget
{
    Q_OBJECT
public:
    explicit HotNodes(QWidget *parent = nullptr);
    void setPlan(const PlanDocument *document, std::size_t index);
    void markSelected(plan::NodeId id);
    [[nodiscard]] QSize sizeHint() const override;

Q_SIGNALS:
    void nodeChosen(howdah::plan::NodeId id);
};

} // namespace howdah::ui
