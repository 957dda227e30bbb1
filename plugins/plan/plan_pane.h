// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>

#include <QPointer>

#include "core/plan/explain.h"
#include "core/plan/findings.h"
#include "core/plan/sql_map.h"
#include "ui/plan/plan_view.h"
#include "ui/plugin/tool_context.h"

namespace howdah::ui {
class FindingsPanel;
}

namespace howdah::plan_tool {

/// What the worker brings back of one EXPLAIN.
struct Explained {
    Result<plan::ExplainOutcome> outcome = fail(ErrorKind::Cancelled, "Cancelled");
    Result<std::shared_ptr<const ui::PlanDocument>> document = fail(ErrorKind::Cancelled, "Cancelled");
    std::vector<plan::Finding> findings;
    std::vector<plan::NodeSource> sources;
};

/// Explains on the connection and judges what came; for the worker. `catalog` may be null.
[[nodiscard]] Explained explainOn(pg::Connection &connection, const std::string &sql, const plan::ExplainOptions &options,
                                  const std::shared_ptr<const pg::Catalog> &catalog);

/// The plan of a statement under its SQL page, with what was found in it; the selected node lights up its words.
class PlanPane : public ui::PlanView
{
    Q_OBJECT
public:
    PlanPane(ui::ToolContext *context, ui::SqlDocument *document);
    void showExplained(const Explained &explained, const ui::SqlDocument::Statement &statement,
                       const plan::ExplainOptions &options);
    [[nodiscard]] ui::FindingsPanel *panel() const { return panel_; }

private:
    void highlight(plan::NodeId id);
    void attempt(std::size_t finding);
    void apply(std::size_t finding);

    ui::ToolContext *context_;
    QPointer<ui::SqlDocument> sql_document_;
    ui::FindingsPanel *panel_;
    ui::SqlDocument::Statement statement_;
    plan::ExplainOptions options_;
    std::vector<plan::NodeSource> sources_;
};

} // namespace howdah::plan_tool
