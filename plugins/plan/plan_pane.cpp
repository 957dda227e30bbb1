// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/plan/plan_pane.h"

#include <algorithm>

#include <QAction>
#include <QTime>
#include <QToolButton>
#include <QVariantMap>

#include "core/plan/fix_script.h"
#include "core/workload/values_in_text.h"
#include "plugins/plan/compare_menu.h"
#include "ui/base/palette.h"
#include "ui/findings/findings_panel.h"
#include "ui/findings/what_if_view.h"

namespace howdah::plan_tool {

using namespace howdah::ui;

namespace {

const QString what_if_id = QStringLiteral("what_if");

} // namespace

PlanPane::PlanPane(ToolContext *context, OpenPlans *open, SqlDocument *document) : context_(context), sql_document_(document)
{
    open->add(this);
    auto *compare = new QToolButton(this);
    compare->setIcon(icon(QStringLiteral("compare")));
    compare->setAccessibleName(tr("Compare with…"));
    compare->setToolTip(tr("Put another plan beside this one"));
    compare->setPopupMode(QToolButton::InstantPopup);
    compare->setMenu(new CompareMenu(context_, open, this));
    addToolButton(compare);
    auto *what_if = new QToolButton(this);
    what_if->setIcon(icon(QStringLiteral("edit")));
    what_if->setAccessibleName(tr("What if…"));
    what_if->setToolTip(tr("Reword the statement and measure it against the original"));
    connect(what_if, &QToolButton::clicked, this, &PlanPane::startRewording);
    addToolButton(what_if);
    connect(panel(), &FindingsPanel::tryRequested, this, [this](std::size_t finding) { attempt(panel()->findings()[finding].fix_sql); });
    connect(panel(), &FindingsPanel::tryAllRequested, this, &PlanPane::attemptAll);
    connect(panel(), &FindingsPanel::adviceRequested, this, [this](std::size_t finding) { askAboutIndex(panel()->findings()[finding]); });
    connect(this, &PlanView::nodeSelected, this, &PlanPane::highlight);
}

void PlanPane::showExplained(const Explained &explained, const SqlDocument::Statement &statement,
                             const plan::ExplainOptions &options)
{
    statement_ = statement;
    options_ = options;
    sources_ = explained.sources;
    const QString words = statement.sql.simplified().left(40);
    showJudged(explained.judged, tr("%1, %2").arg(QTime::currentTime().toString(QStringLiteral("HH:mm:ss")), words), true);
    if (auto *view = sql_document_.isNull() ? nullptr : qobject_cast<WhatIfView *>(sql_document_->pane(what_if_id)))
        view->setStatement(statement_.sql);
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
    if (sql_document_.isNull() || planIndex() >= sources_.size())
        return;
    // A node's own most telling source comes first.
    const std::vector<plan::NodeSource> &sources = sources_[planIndex()];
    const auto source = std::find_if(sources.begin(), sources.end(), [id](const auto &one) { return one.node == id; });
    ByteSpan span;
    if (source != sources.end()) {
        span = source->spans.front();
        span.begin.value += statement_.span.begin.value;
        span.end.value += statement_.span.begin.value;
    }
    sql_document_->highlight(span);
}

WhatIfView *PlanPane::whatIfView()
{
    auto *view = qobject_cast<WhatIfView *>(sql_document_->pane(what_if_id));
    if (view == nullptr) {
        view = new WhatIfView;
        view->setStatement(statement_.sql);
        view->setCanApply(false);
    }
    view->disconnect(this);
    connect(view, &WhatIfView::applyRequested, this, &PlanPane::apply);
    connect(view, &WhatIfView::rewordingRequested, this, &PlanPane::attemptRewording);
    connect(view, &WhatIfView::againRequested, this, [this] { run(tried_); });
    return view;
}

/// Tools know each other by their actions alone; the one about indexes takes the statement and the index as its data.
void PlanPane::askAboutIndex(const plan::Finding &finding)
{
    const auto index = std::find_if(finding.fix_sql.begin(), finding.fix_sql.end(), [](const std::string &fix) { return fix.starts_with("CREATE INDEX"); });
    auto *action = window()->findChild<QAction *>(QStringLiteral("index.why"));
    if (action == nullptr || index == finding.fix_sql.end()) {
        context_->showStatus(tr("The tool for indexes is not there."));
        return;
    }
    action->setData(QVariantMap{{QStringLiteral("statement"), QString::fromStdString(workload::withValues(statement_.sql.toStdString(), statement_.parameters))},
                                {QStringLiteral("ddl"), QString::fromStdString(*index)}});
    action->trigger();
}

void PlanPane::startRewording()
{
    if (sql_document_.isNull())
        return;
    WhatIfView *view = whatIfView();
    sql_document_->showPane(what_if_id, tr("What if"), view);
    view->startRewording();
}

void PlanPane::attempt(std::vector<std::string> statements)
{
    plan::WhatIf tried;
    tried.statements = std::move(statements);
    run(tried);
}

void PlanPane::attemptAll()
{
    std::vector<std::string> statements;
    for (const plan::Finding &finding : panel()->findings()) {
        for (const std::vector<std::string> &fix : plan::fixesApart(finding.fix_sql)) {
            if (std::find(statements.begin(), statements.end(), fix.front()) == statements.end())
                statements.insert(statements.end(), fix.begin(), fix.end());
        }
    }
    attempt(std::move(statements));
}

void PlanPane::attemptRewording()
{
    if (sql_document_.isNull())
        return;
    plan::WhatIf tried;
    tried.rewrite = whatIfView()->rewording().toStdString();
    run(tried);
}

void PlanPane::run(const plan::WhatIf &chosen)
{
    if (sql_document_.isNull())
        return;
    WhatIfView *view = whatIfView();
    tried_ = chosen;
    tried_.execute = options_.analyze;
    tried_.parameters = options_.parameters;
    tried_.runs = view->runs();
    tried_.build_up_to_bytes = context_->isReadOnly() ? 0 : view->buildUpToBytes();
    if (sql_document_->pane(what_if_id) == nullptr)
        sql_document_->showPane(what_if_id, tr("What if"), view); // owned by the page from here on
    using Trials = Result<std::vector<plan::WhatIfTrial>>;
    const auto trials = std::make_shared<Trials>(fail(ErrorKind::Cancelled, "Cancelled"));
    sql_document_->runTask(
        tr("Try it"),
        [trials, tried = tried_, sql = statement_.sql.toStdString()](pg::Connection &connection) {
            if (tried.rewrite.empty()) {
                *trials = plan::whatIfEach(connection, sql, tried);
                return;
            }
            auto outcome = plan::whatIf(connection, sql, tried);
            if (!outcome && outcome.error().kind == ErrorKind::Cancelled) {
                *trials = tl::unexpected(outcome.error());
                return;
            }
            std::vector<plan::WhatIfTrial> one;
            one.push_back({{tried.rewrite}, false, std::move(outcome)});
            *trials = std::move(one);
        },
        [this, trials, guard = QPointer<PlanPane>(this)] {
            if (guard.isNull() || sql_document_.isNull())
                return;
            if (!*trials) {
                context_->reportError(tr("This could not be tried."), trials->error());
                return;
            }
            WhatIfView *shown = whatIfView();
            plan::Finding all;
            all.fix_sql = tried_.statements;
            shown->setTrials(std::move(**trials));
            shown->setCanApply(!context_->isReadOnly() && plan::fixScript(all).has_value());
            sql_document_->showPane(what_if_id, tr("What if"), shown);
        });
}

void PlanPane::apply()
{
    if (sql_document_.isNull())
        return;
    // What is in front is applied, not all that was tried.
    plan::Finding fix;
    fix.message = tr("What was tried for this statement").toStdString();
    fix.fix_sql = whatIfView()->shownStatements();
    const auto &findings = panel()->findings();
    const auto of = std::find_if(findings.begin(), findings.end(), [&](const plan::Finding &finding) {
        return !fix.fix_sql.empty() && std::find(finding.fix_sql.begin(), finding.fix_sql.end(), fix.fix_sql.front()) != finding.fix_sql.end();
    });
    if (of != findings.end()) {
        fix.message = of->message;
        fix.why = of->why;
    }
    if (const auto script = plan::fixScript(fix))
        context_->offerChangeScript(*script, {});
}

} // namespace howdah::plan_tool
