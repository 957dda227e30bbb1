// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QPointer>

#include "core/plan/what_if.h"
#include "plugins/plan/explained.h"
#include "plugins/plan/judged_view.h"
#include "ui/plugin/tool_context.h"

namespace howdah::ui {
class WhatIfView;
}

namespace howdah::plan_tool {

/// The plan of a statement under its SQL page, with what was found in it; the selected node lights up its words. Fixes
/// and other wordings are tried on the page's own session.
class PlanPane : public JudgedView
{
    Q_OBJECT
public:
    PlanPane(ui::ToolContext *context, OpenPlans *open, ui::SqlDocument *document);
    void showExplained(const Explained &explained, const ui::SqlDocument::Statement &statement,
                       const plan::ExplainOptions &options);
    [[nodiscard]] std::string statement() const override { return statement_.sql.toStdString(); }
    /// Opens the page on which the statement can be reworded and measured.
    void startRewording();

private:
    void highlight(plan::NodeId id);
    void attempt(std::vector<std::string> statements);
    void attemptAll();
    void askAboutIndex(const plan::Finding &finding);
    void attemptRewording();
    void run(const plan::WhatIf &tried);
    void apply();
    [[nodiscard]] ui::WhatIfView *whatIfView();

    ui::ToolContext *context_;
    QPointer<ui::SqlDocument> sql_document_;
    ui::SqlDocument::Statement statement_;
    plan::ExplainOptions options_;
    std::vector<std::vector<plan::NodeSource>> sources_;
    plan::WhatIf tried_;
};

} // namespace howdah::plan_tool
