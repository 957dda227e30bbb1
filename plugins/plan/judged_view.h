// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <vector>

#include <QList>
#include <QPointer>

#include "core/plan/findings.h"
#include "ui/plan/plan_delta_model.h"
#include "ui/plan/plan_view.h"

namespace howdah::ui {
class FindingsPanel;
}

namespace howdah::plan_tool {

/// All plans of one input with what was found in each, and their statements.
struct JudgedPlans {
    std::shared_ptr<const ui::PlanDocument> document;
    std::vector<std::vector<plan::Finding>> findings; ///< one a plan
    std::vector<ui::PlanSql> statements;              ///< one a plan
};

/// Judges every plan. `statement` is what was explained; without it each plan's own query text. Any thread.
[[nodiscard]] JudgedPlans judge(std::shared_ptr<const ui::PlanDocument> document, const plan::FindingContext &context = {},
                                const std::string &statement = {}, const sql::ParameterValues &values = {});

class JudgedView;

/// The plans that are open anywhere in the window, to be compared with.
class OpenPlans : public QObject
{
    Q_OBJECT
public:
    using QObject::QObject;
    void add(JudgedView *view);
    [[nodiscard]] QList<JudgedView *> others(const JudgedView *than) const;

private:
    mutable QList<QPointer<JudgedView>> views_;
};

/// Plans with their findings beside them, those of the plan that is shown.
class JudgedView : public ui::PlanView
{
    Q_OBJECT
public:
    explicit JudgedView(QWidget *parent = nullptr);
    /// `can_try`: there is a server to try fixes on.
    void showJudged(const JudgedPlans &judged, const QString &title, bool can_try);
    [[nodiscard]] const QString &title() const { return title_; } ///< "orders.json", "SQL 1, 14:05"
    [[nodiscard]] ui::FindingsPanel *panel() const { return panel_; }
    [[nodiscard]] const JudgedPlans &judged() const { return judged_; }
    /// The plan that is shown; empty when none is.
    [[nodiscard]] ui::PlanSide side() const { return {document(), planIndex()}; }
    /// The statement of the plan that is shown, as it was written; "" when unknown.
    [[nodiscard]] virtual std::string statement() const;

Q_SIGNALS:
    void judgedShown();

private:
    void showFindings();

    ui::FindingsPanel *panel_;
    JudgedPlans judged_;
    QString title_;
    bool can_try_ = false;
};

} // namespace howdah::plan_tool
