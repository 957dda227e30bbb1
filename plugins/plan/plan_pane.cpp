// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/plan/plan_pane.h"

#include <algorithm>

#include "core/plan/fix_script.h"
#include "core/plan/what_if.h"
#include "ui/findings/findings_panel.h"
#include "ui/findings/what_if_view.h"

namespace howdah::plan_tool {

using namespace howdah::ui;

namespace {

const QString what_if_id = QStringLiteral("what_if");

plan::FindingContext contextOf(pg::Connection &connection, const std::shared_ptr<const pg::Catalog> &catalog)
{
    plan::FindingContext context;
    context.server_version = connection.facts().version_num;
    context.catalog = catalog.get();
    // Findings do without what a role may not see.
    if (const auto settings = connection.query("SELECT name, current_setting(name, true) FROM pg_settings")) {
        for (std::int64_t row = 0; row < settings->result->rowCount(); ++row)
            context.settings.emplace_back(settings->result->cell(row, 0).text, settings->result->cell(row, 1).text);
    }
    return context;
}

} // namespace

Explained explainOn(pg::Connection &connection, const std::string &sql, const plan::ExplainOptions &options,
                    const std::shared_ptr<const pg::Catalog> &catalog)
{
    Explained explained;
    explained.outcome = plan::runExplain(connection, sql, options);
    if (!explained.outcome)
        return explained;
    explained.document = readPlanDocument(explained.outcome->source);
    if (!explained.document || (*explained.document)->plans.empty())
        return explained;
    const PlanDocument &document = **explained.document;
    explained.findings = plan::findings(document.plans[0], document.metrics[0], contextOf(connection, catalog));
    explained.sources = plan::mapToSql(document.plans[0], sql);
    return explained;
}

PlanPane::PlanPane(ToolContext *context, SqlDocument *document)
    : context_(context), sql_document_(document), panel_(new FindingsPanel)
{
    addSidePanel(panel_);
    connect(panel_, &FindingsPanel::nodeChosen, this, [this](plan::NodeId id) { selectNode(id); });
    connect(panel_, &FindingsPanel::tryRequested, this, &PlanPane::attempt);
    connect(this, &PlanView::nodeSelected, this, &PlanPane::highlight);
}

void PlanPane::showExplained(const Explained &explained, const SqlDocument::Statement &statement,
                             const plan::ExplainOptions &options)
{
    statement_ = statement;
    options_ = options;
    sources_ = explained.sources;
    panel_->setFindings(explained.findings, true);
    setDocument(*explained.document);
    QStringList warnings;
    for (const std::string &warning : explained.outcome->warnings)
        warnings << QString::fromStdString(warning);
    if (explained.outcome->rolled_back && !warnings.isEmpty())
        setNotice(tr("The statement was run, and its changes were rolled back."), warnings.join(QLatin1Char('\n')));
    else if (!warnings.isEmpty())
        setNotice(warnings.first(), warnings.mid(1).join(QLatin1Char('\n')));
}

void PlanPane::highlight(plan::NodeId id)
{
    if (sql_document_.isNull())
        return;
    // A node's own most telling source comes first.
    const auto source = std::find_if(sources_.begin(), sources_.end(), [id](const auto &one) { return one.node == id; });
    ByteSpan span;
    if (source != sources_.end()) {
        span = source->spans.front();
        span.begin.value += statement_.span.begin.value;
        span.end.value += statement_.span.begin.value;
    }
    sql_document_->highlight(span);
}

void PlanPane::attempt(std::size_t finding)
{
    if (sql_document_.isNull())
        return;
    plan::WhatIf tried;
    tried.statements = panel_->findings()[finding].fix_sql;
    tried.execute = options_.analyze;
    const auto outcome = std::make_shared<Result<plan::WhatIfOutcome>>(fail(ErrorKind::Cancelled, "Cancelled"));
    sql_document_->runTask(
        tr("Try it"),
        [outcome, tried, sql = statement_.sql.toStdString()](pg::Connection &connection) {
            *outcome = plan::whatIf(connection, sql, tried);
        },
        [this, outcome, tried, finding, guard = QPointer<PlanPane>(this)] {
            if (guard.isNull() || sql_document_.isNull())
                return;
            if (!*outcome) {
                context_->reportError(tr("This could not be tried."), outcome->error());
                return;
            }
            auto *view = qobject_cast<WhatIfView *>(sql_document_->pane(what_if_id));
            if (view == nullptr)
                view = new WhatIfView;
            view->disconnect(this);
            connect(view, &WhatIfView::applyRequested, this, [this, finding] { apply(finding); });
            view->setOutcome(**outcome, tried.statements);
            view->setCanApply(plan::fixScript(panel_->findings()[finding]).has_value());
            sql_document_->showPane(what_if_id, tr("What if"), view);
        });
}

void PlanPane::apply(std::size_t finding)
{
    if (finding >= panel_->findings().size())
        return;
    if (const auto script = plan::fixScript(panel_->findings()[finding]))
        context_->offerChangeScript(*script, {});
}

} // namespace howdah::plan_tool
