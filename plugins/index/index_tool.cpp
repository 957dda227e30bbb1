// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/index/index_tool.h"

#include <QAction>
#include <QTimer>
#include <QVariantMap>

#include "core/workload/values_in_text.h"
#include "plugins/index/advise_tab.h"
#include "plugins/index/health_tab.h"
#include "plugins/index/index_page.h"
#include "plugins/index/session_work.h"
#include "plugins/index/verify_tab.h"
#include "ui/base/palette.h"

namespace howdah::index_tool {

using namespace howdah::ui;

namespace {

const QString tool_id = QStringLiteral("index");
const QString health_id = QStringLiteral("health"), advise_id = QStringLiteral("advise"), verify_id = QStringLiteral("verify");

} // namespace

ToolInfo IndexTool::info() const
{
    return {tool_id, tr("Indexes"), tr("See which indexes work, which only cost, and which are missing"), QStringLiteral("index"), 30};
}

void IndexTool::initialize(ToolContext &context)
{
    context_ = &context;
    const auto connected = [this] { return context_->isConnected(); };
    const auto has_document = [this] { return context_->isConnected() && context_->currentDocument() != nullptr; };
    const QString tools = QStringLiteral("tools");
    context.registerAction({QStringLiteral("index.health"), tr("Index health"),
                            tr("Unused, redundant, invalid, bloated and missing indexes of this database"), QStringLiteral("index"), {}, tools, false, connected},
                           [this] { open(health_id); });
    context.registerAction({QStringLiteral("index.advise"), tr("Index advice"), tr("The set of indexes that serves a workload best, each with its proof"), QStringLiteral("index"), {}, tools, false, connected},
                           [this] { open(advise_id); });
    context.registerAction({QStringLiteral("index.verify"), tr("What built indexes did"), tr("The same queries before and after, and whether the server uses them"), QStringLiteral("index"), {}, tools, false, connected},
                           [this] { open(verify_id); });
    context.registerAction({QStringLiteral("index.advise_statement"), tr("Advise indexes"), tr("Finds the indexes that the statement under the cursor lacks"), QStringLiteral("index"), {},
                            QStringLiteral("query"), false, has_document},
                           [this] { adviseStatement(); });
    // Also for other tools, which set its data: {"statement": …, "ddl": …}.
    QAction *why = context.registerAction({QStringLiteral("index.why"), tr("Why not this index?"), tr("Judges an index that you thought of: what it would serve, what it would cost, and what serves already"),
                                           QStringLiteral("index"), {}, tools, false, connected},
                                          [this] { judge(); });
    why_action_ = why;
    connect(&context, &ToolContext::connectionChanged, this, &IndexTool::remind);
}

QWidget *IndexTool::createPage(const CatalogObject *, QWidget *parent)
{
    auto *page = new IndexPage(context_, parent);
    page->addTab(health_id, tr("Health"), tr("What the indexes that are there cost, and what they are used for (Alt+1)"),
                 [this] { return new HealthTab(context_); });
    page->addTab(advise_id, tr("Advise"), tr("Which indexes a workload lacks, each with its proof (Alt+2)"), [this, page] {
        auto *advise = new AdviseTab(context_);
        connect(advise, &AdviseTab::built, page, [page] {
            if (auto *verify = static_cast<VerifyTab *>(page->madeTab(verify_id)))
                verify->read();
        });
        connect(advise, &AdviseTab::verifyRequested, page, [page] { page->showTab(verify_id); });
        return advise;
    });
    page->addTab(verify_id, tr("Verify"), tr("What indexes that were built from advice did (Alt+3)"), [this, page] {
        auto *verify = new VerifyTab(context_);
        connect(verify, &VerifyTab::adviseRequested, page, [page] { page->showTab(advise_id); });
        return verify;
    });
    page_ = page;
    return page;
}

IndexPage *IndexTool::open(const QString &tab)
{
    if (page_.isNull())
        createPage(nullptr, nullptr);
    IndexPage *page = page_;
    const ToolInfo tool = info();
    context_->openPage(tool_id, tool.name, tool.icon, page);
    if (!tab.isEmpty())
        page->showTab(tab);
    return page;
}

AdviseTab *IndexTool::adviseTab()
{
    return static_cast<AdviseTab *>(open(advise_id)->tab(advise_id));
}

void IndexTool::adviseStatement()
{
    SqlDocument *document = context_->currentDocument();
    if (document == nullptr)
        return;
    const SqlDocument::Statement statement = document->currentStatement();
    const QString sql = QString::fromStdString(workload::withValues(statement.sql.toStdString(), statement.parameters)).trimmed();
    if (sql.isEmpty()) {
        context_->showStatus(tr("Put the cursor into the statement that indexes are to be found for."));
        return;
    }
    // The tab is made and shown in one turn, and asked in the next.
    AdviseTab *tab = adviseTab();
    QTimer::singleShot(0, tab, [tab, sql] { tab->adviseFor(sql); });
}

void IndexTool::judge()
{
    const QVariantMap asked = why_action_.isNull() ? QVariantMap() : why_action_->data().toMap();
    if (!why_action_.isNull())
        why_action_->setData({});
    const QString statement = asked.value(QStringLiteral("statement")).toString(), ddl = asked.value(QStringLiteral("ddl")).toString();
    AdviseTab *tab = adviseTab();
    if (!statement.isEmpty())
        tab->judgeFor(statement, ddl);
    else
        tab->focusWhy(ddl);
}

/// A day after indexes were built the server's counts tell whether they were worth it.
void IndexTool::remind()
{
    const auto session = context_->metadataSession();
    if (!session)
        return;
    const auto task = [](pg::Connection &connection) -> Result<int> {
        auto ledger = index::Ledger::open(index::Ledger::defaultFile());
        if (!ledger)
            return tl::unexpected(ledger.error());
        const auto due = (*ledger)->due(index::serverName(connection), index::nowMs());
        if (!due)
            return tl::unexpected(due.error());
        int count = 0;
        for (const index::Applied &one : *due)
            count += static_cast<int>(one.indexes.size());
        return count;
    };
    onSession<int>(*session, this, task, [this, session](const Result<int> &count) {
        // A record that cannot be read is said where it is asked for.
        if (count && *count > 0 && context_->metadataSession() == session)
            context_->offer(tr("%n index(es) built from advice are a day old: did they help?", nullptr, *count), tr("Verify"), [this] { open(verify_id); });
    });
}

QList<QAction *> IndexTool::objectActions(const CatalogObject &object, QObject *parent)
{
    static const QStringList indexed{QStringLiteral("table"), QStringLiteral("partitioned table"), QStringLiteral("materialized view")};
    if (!indexed.contains(object.kind))
        return {};
    auto *action = new QAction(icon(QStringLiteral("index")), tr("Indexes…"), parent);
    action->setToolTip(tr("Shows how the indexes of %1 do").arg(object.name));
    connect(action, &QAction::triggered, this, [this, object] { open(health_id)->setRelation(object.schema, object.name); });
    auto *advise = new QAction(icon(QStringLiteral("index")), tr("Advise indexes…"), parent);
    advise->setToolTip(tr("Finds indexes for what the server was asked of %1 (pg_stat_statements)").arg(object.name));
    connect(advise, &QAction::triggered, this, [this, object] { adviseTab()->adviseForRelation(object.schema, object.name); });
    return {action, advise};
}

} // namespace howdah::index_tool
