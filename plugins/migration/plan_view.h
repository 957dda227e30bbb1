// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

#include <QWidget>

#include "core/migration/migration_plan.h"

class QVBoxLayout;

namespace howdah::migration_tool {

/// The phases of a plan side by side, wide as they have steps.
class PhaseStrip : public QWidget
{
    Q_OBJECT
public:
    explicit PhaseStrip(QWidget *parent = nullptr);
    void setScript(const migration::ChangeScript &script);
    [[nodiscard]] QSize sizeHint() const override;
    [[nodiscard]] QSize minimumSizeHint() const override;

protected:
    void paintEvent(QPaintEvent *event) override;

private:
    struct Segment {
        QString name;
        int steps = 0;
        bool blocks = false; ///< one of its steps holds readers or writers up
        bool last = false;   ///< there is no way back
    };
    std::vector<Segment> segments_;
};

/// What was wanted and what is done about it, then every step with what has to be deployed in between.
class PlanView : public QWidget
{
    Q_OBJECT
public:
    explicit PlanView(QWidget *parent = nullptr);
    void setPlan(const migration::MigrationPlan &plan);

private:
    void addWanted(const migration::WantedChange &change);
    void addSteps(const migration::MigrationPlan &plan);

    QVBoxLayout *page_ = nullptr;
};

} // namespace howdah::migration_tool
