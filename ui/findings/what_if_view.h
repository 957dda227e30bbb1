// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <vector>

#include <QWidget>

#include "core/plan/what_if.h"
#include "ui/plan/plan_document.h"

class QLabel;
class QPushButton;

namespace howdah::ui {

class Pill;
class PlanView;
class SegmentedTabs;

/// What a try has shown: the verdict with its figures and its level of proof, what changed, and both plans.
class WhatIfView : public QWidget
{
    Q_OBJECT
public:
    explicit WhatIfView(QWidget *parent = nullptr);
    void setOutcome(const plan::WhatIfOutcome &outcome, const std::vector<std::string> &tried);
    void setCanApply(bool can_apply);
    [[nodiscard]] QString verdict() const;

Q_SIGNALS:
    void applyRequested();

private:
    void showSide(bool after);

    QLabel *verdict_ = nullptr, *figures_ = nullptr, *changes_ = nullptr;
    Pill *proof_ = nullptr;
    QPushButton *apply_ = nullptr;
    SegmentedTabs *side_ = nullptr;
    PlanView *plan_ = nullptr;
    std::shared_ptr<const PlanDocument> before_, after_;
};

} // namespace howdah::ui
