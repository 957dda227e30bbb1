// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

#include <QWidget>

#include "core/migration/lint.h"
#include "core/migration/migration_plan.h"

class QPushButton;
class QVBoxLayout;

namespace howdah::ui {
class Card;
}

namespace howdah::migration_tool {

using ui::Card;

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
    void setPlan(const migration::MigrationPlan &plan, const std::vector<migration::LintFinding> &findings = {}, bool editable = false);
    /// Opens the step's editor; nothing happens for one that cannot be edited.
    void editStep(std::size_t step);

Q_SIGNALS:
    /// A person wrote the step otherwise.
    void stepEdited(std::size_t step, const QString &sql, const QString &undo);

private:
    struct Row {
        QVBoxLayout *below = nullptr;
        migration::ChangeStep step;
        QWidget *editor = nullptr;
        QPushButton *button = nullptr;
    };
    void closeEditor(std::size_t step);
    void addFindings(const std::vector<migration::LintFinding> &findings);
    void addStep(Card *card, const migration::ChangeStep &step, const migration::PlannedStep &planned);
    void addWanted(const migration::WantedChange &change);
    void addSteps(const migration::MigrationPlan &plan);

    QVBoxLayout *page_ = nullptr;
    std::vector<Row> rows_;
    bool editable_ = false;
};

} // namespace howdah::migration_tool
