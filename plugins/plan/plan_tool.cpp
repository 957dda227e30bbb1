// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/plan/plan_tool.h"

#include <QAction>
#include <QApplication>
#include <QClipboard>
#include <QFile>
#include <QFileDialog>
#include <QFileInfo>
#include <QPointer>
#include <QThreadPool>

#include "core/sql/quote.h"
#include "plugins/plan/plan_head.h"
#include "plugins/plan/plan_pane.h"
#include "ui/findings/findings_panel.h"
#include "ui/base/bridge.h"
#include "ui/base/empty_state.h"
#include "ui/base/palette.h"
#include "ui/plan/plan_view.h"

namespace howdah::plan_tool {

using namespace howdah::ui;

namespace {

const QString plan_id = QStringLiteral("plan");

} // namespace

ToolInfo PlanTool::info() const
{
    return {plan_id, tr("Plan"), tr("See how PostgreSQL runs a statement, and where its time goes"),
            QStringLiteral("plan"), 10};
}

void PlanTool::initialize(ToolContext &context)
{
    context_ = &context;
    const auto has_document = [this] { return context_->currentDocument() != nullptr; };
    context.registerAction({QStringLiteral("plan.explain"), tr("Explain"),
                            tr("Show the plan of the statement under the cursor, without running it"),
                            QStringLiteral("explain"), QKeySequence(Qt::CTRL | Qt::Key_E), QStringLiteral("query"), true,
                            has_document},
                           [this] { explain(false); });
    context.registerAction({QStringLiteral("plan.explain_analyze"), tr("Explain analyze"),
                            tr("Run the statement and show where its time went; what it writes is rolled back"),
                            QStringLiteral("explain-analyze"), QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_E),
                            QStringLiteral("query"), true, has_document},
                           [this] { explain(true); });
    context.registerAction({QStringLiteral("plan.open"), tr("Open plan…"),
                            tr("Read a plan that EXPLAIN, psql or auto_explain printed"), QStringLiteral("open"), {},
                            QStringLiteral("tools"), false, {}},
                           [this] { openFromFile(); });
    context.registerAction({QStringLiteral("plan.paste"), tr("Plan from clipboard"),
                            tr("Read the plan that was copied, in any format"), QStringLiteral("plan"),
                            QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_V), QStringLiteral("tools"), false, {}},
                           [this] { openFromClipboard(); });
}

void PlanTool::explain(bool analyze)
{
    SqlDocument *document = context_->currentDocument();
    if (document == nullptr)
        return;
    const SqlDocument::Statement statement = document->currentStatement();
    if (statement.sql.trimmed().isEmpty()) {
        context_->showStatus(tr("Put the cursor into the statement to explain."));
        return;
    }
    plan::ExplainOptions options;
    options.analyze = analyze;
    explainIn(document, statement, options);
}

void PlanTool::explainIn(SqlDocument *document, const SqlDocument::Statement &statement,
                         const plan::ExplainOptions &options)
{
    const auto explained = std::make_shared<Explained>();
    const QPointer<SqlDocument> alive(document);
    document->runTask(
        options.analyze ? tr("Explain analyze") : tr("Explain"),
        [explained, sql = statement.sql.toStdString(), options, catalog = context_->catalog()](pg::Connection &connection) {
            *explained = explainOn(connection, sql, options, catalog);
        },
        [this, explained, alive, statement, options] {
            if (alive.isNull())
                return;
            if (!explained->outcome) {
                alive->showError(explained->outcome.error(), statement);
                return;
            }
            if (!explained->document) {
                context_->reportError(tr("The plan that the server sent could not be read."), explained->document.error());
                return;
            }
            auto *pane = qobject_cast<PlanPane *>(alive->pane(plan_id));
            if (pane == nullptr)
                pane = new PlanPane(context_, alive);
            pane->showExplained(*explained, statement, options);
            alive->showPane(plan_id, tr("Plan"), pane);
        });
}

QWidget *PlanTool::createPage(const CatalogObject *, QWidget *parent)
{
    auto *view = new PlanView(parent);
    view->emptyState()->setTexts(tr("Read a plan"),
                                 tr("Explain a statement with Ctrl+E on its SQL page, or bring a plan from elsewhere: what "
                                    "EXPLAIN or psql printed, in any format, or an auto_explain log."));
    view->emptyState()->addButton(tr("Paste from clipboard"), QStringLiteral("copy"), [this] { openFromClipboard(); });
    view->emptyState()->addButton(tr("Open a file…"), QStringLiteral("open"), [this] { openFromFile(); });
    page_panel_ = new FindingsPanel;
    view->addSidePanel(page_panel_);
    connect(page_panel_, &FindingsPanel::nodeChosen, view, [view](plan::NodeId id) { view->selectNode(id); });
    page_ = view;
    return view;
}

QList<QAction *> PlanTool::objectActions(const CatalogObject &object, QObject *parent)
{
    static const QStringList readable{QStringLiteral("table"), QStringLiteral("view"), QStringLiteral("materialized view"),
                                      QStringLiteral("partitioned table"), QStringLiteral("foreign table")};
    if (!readable.contains(object.kind))
        return {};
    auto *action = new QAction(icon(QStringLiteral("explain")), tr("Explain reading all of it"), parent);
    action->setToolTip(tr("Shows the plan of SELECT * FROM %1, without running it").arg(object.name));
    connect(action, &QAction::triggered, this, [this, object] {
        const std::string name = sql::quoteQualified(object.schema.toStdString(), object.name.toStdString());
        SqlDocument *document = context_->openSql(object.name, QStringLiteral("SELECT *\nFROM %1;\n")
                                                                   .arg(QString::fromStdString(name)));
        explainIn(document, document->currentStatement(), {});
    });
    return {action};
}

bool PlanTool::openFile(const QString &path, const QByteArray &head)
{
    if (!looksLikePlan(std::string_view(head.constData(), static_cast<std::size_t>(head.size()))))
        return false;
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly))
        return false;
    readInto(QFileInfo(path).fileName(), file.readAll());
    return true;
}

void PlanTool::openFromFile()
{
    auto *dialog = new QFileDialog(QApplication::activeWindow(), tr("Open plan"), {},
                                   tr("Plans and logs (*.json *.txt *.xml *.yaml *.yml *.plan *.log *.csv);;All files (*)"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setFileMode(QFileDialog::ExistingFile);
    connect(dialog, &QFileDialog::fileSelected, this, [this](const QString &path) {
        QFile file(path);
        if (!file.open(QIODevice::ReadOnly)) {
            Error error;
            error.kind = ErrorKind::Io;
            error.message = file.errorString().toStdString();
            context_->reportError(tr("Cannot open %1.").arg(path), error);
            return;
        }
        readInto(QFileInfo(path).fileName(), file.readAll());
    });
    dialog->open();
}

void PlanTool::openFromClipboard()
{
    readInto(tr("clipboard"), QApplication::clipboard()->text().toUtf8());
}

PlanView *PlanTool::page()
{
    return page_.isNull() ? qobject_cast<PlanView *>(createPage(nullptr, nullptr)) : page_.data();
}

void PlanTool::readInto(const QString &title, const QByteArray &text)
{
    using Read = Result<std::shared_ptr<const PlanDocument>>;
    const auto show = onGui<Read>(this, [this, title](const Read &read) {
        if (!read) {
            context_->reportError(tr("No plan was found in %1.").arg(title), read.error());
            return;
        }
        PlanView *view = page();
        view->setDocument(*read);
        if (!(*read)->plans.empty())
            page_panel_->setFindings(plan::findings((*read)->plans[0], (*read)->metrics[0]), false);
        context_->openPage(plan_id, tr("Plan · %1").arg(title), QStringLiteral("plan"), view);
    });
    // A log of 100 MB takes a second or two.
    QThreadPool::globalInstance()->start([text, show] { show(readPlanDocument(text.toStdString())); });
}

} // namespace howdah::plan_tool
