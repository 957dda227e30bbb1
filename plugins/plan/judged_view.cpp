// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/plan/judged_view.h"

#include "ui/findings/findings_panel.h"

namespace howdah::plan_tool {

using namespace howdah::ui;

JudgedPlans judge(std::shared_ptr<const PlanDocument> document, const plan::FindingContext &context,
                  const std::string &statement, const sql::ParameterValues &values)
{
    JudgedPlans judged;
    for (std::size_t i = 0; i < document->plans.size(); ++i) {
        const plan::Plan &plan = document->plans[i];
        judged.findings.push_back(plan::findings(plan, document->metrics[i], context));
        judged.statements.push_back(planSql(plan, statement.empty() ? plan.query_text : statement, values));
    }
    judged.document = std::move(document);
    return judged;
}

void OpenPlans::add(JudgedView *view)
{
    views_.removeAll(nullptr);
    views_ << view;
}

QList<JudgedView *> OpenPlans::others(const JudgedView *than) const
{
    QList<JudgedView *> open;
    for (const QPointer<JudgedView> &view : views_) {
        if (!view.isNull() && view != than && view->document() != nullptr)
            open << view;
    }
    return open;
}

JudgedView::JudgedView(QWidget *parent) : PlanView(parent), panel_(new FindingsPanel)
{
    addSidePanel(panel_);
    connect(panel_, &FindingsPanel::nodeChosen, this, [this](plan::NodeId id) { selectNode(id); });
    connect(this, &PlanView::planShown, this, &JudgedView::showFindings);
}

void JudgedView::showJudged(const JudgedPlans &judged, const QString &title, bool can_try)
{
    judged_ = judged;
    title_ = title;
    can_try_ = can_try;
    setDocument(judged_.document);
    setStatements(judged_.statements);
    if (judged_.findings.size() > 1) {
        QStringList remarks;
        for (const std::vector<plan::Finding> &findings : judged_.findings)
            remarks << (findings.empty() ? QString() : tr("%n finding(s)", nullptr, static_cast<int>(findings.size())));
        setPlanRemarks(remarks);
    }
    Q_EMIT judgedShown();
}

void JudgedView::showFindings()
{
    const std::size_t index = planIndex();
    panel_->setFindings(index < judged_.findings.size() ? judged_.findings[index] : std::vector<plan::Finding>(), can_try_);
}

std::string JudgedView::statement() const
{
    return document() == nullptr || planIndex() >= document()->plans.size() ? std::string() : document()->plans[planIndex()].query_text;
}

} // namespace howdah::plan_tool
