// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/plan/plan_tool.h"

#include <QAction>
#include <QApplication>
#include <QClipboard>
#include <QCryptographicHash>
#include <QFile>
#include <QFileDialog>
#include <QFileInfo>
#include <QPointer>
#include <QThreadPool>
#include <QToolButton>

#include "core/sql/quote.h"
#include "plugins/plan/compare_menu.h"
#include "plugins/plan/plan_head.h"
#include "plugins/plan/plan_history_page.h"
#include "plugins/plan/plan_pane.h"
#include "plugins/plan/statement_picker.h"
#include "ui/base/bridge.h"
#include "ui/base/empty_state.h"
#include "ui/base/palette.h"
#include "ui/settings/settings.h"

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
    context.registerAction({QStringLiteral("plan.what_if"), tr("Reword and measure…"),
                            tr("Change the text of the statement that was explained, and measure it against the original"),
                            QStringLiteral("edit"), {}, QStringLiteral("query"), false, has_document},
                           [this] { reword(); });
    context.registerAction({QStringLiteral("plan.running"), tr("Explain a running statement…"),
                            tr("Choose among the statements that other sessions run"), QStringLiteral("activity"), {},
                            QStringLiteral("tools"), false, [this] { return context_->isConnected(); }},
                           [this] { pickStatement(QStringLiteral("running")); });
    context.registerAction({QStringLiteral("plan.kept"), tr("Explain a statement that took long…"),
                            tr("Choose among the statements of pg_stat_statements"), QStringLiteral("clock"), {},
                            QStringLiteral("tools"), false, [this] { return context_->isConnected(); }},
                           [this] { pickStatement(QStringLiteral("kept")); });
    context.registerAction({QStringLiteral("plan.history"), tr("Plan history"),
                            tr("Plans that were explained before, and where they flipped"), QStringLiteral("history"), {},
                            QStringLiteral("tools"), false, {}},
                           [this] { showHistory(); });
    connect(QApplication::clipboard(), &QClipboard::dataChanged, this, &PlanTool::lookAtClipboard);
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
    explainStatement(document, statement, analyze);
}

void PlanTool::explainStatement(SqlDocument *document, const SqlDocument::Statement &statement, bool analyze)
{
    const QPointer<SqlDocument> alive(document);
    // Once the values are there, they are the page's, and the statement is asked for again.
    const bool complete = document->haveParameters(statement, [this, alive, analyze] {
        if (!alive.isNull())
            explainStatement(alive, alive->currentStatement(), analyze);
    });
    if (!complete && analyze)
        return; // it cannot run without them; a plan for any values may be had meanwhile
    plan::ExplainOptions options;
    options.analyze = analyze;
    options.parameters = statement.parameters;
    explainIn(document, statement, options);
}

void PlanTool::explainIn(SqlDocument *document, const SqlDocument::Statement &statement,
                         const plan::ExplainOptions &options)
{
    const auto explained = std::make_shared<Explained>();
    const auto unkept = std::make_shared<std::string>();
    const QPointer<SqlDocument> alive(document);
    document->runTask(
        options.analyze ? tr("Explain analyze") : tr("Explain"),
        [explained, unkept, sql = statement.sql.toStdString(), options, catalog = context_->catalog(),
         keep = Settings::instance().get(Settings::keepPlans())](pg::Connection &connection) {
            *explained = explainOn(connection, sql, options, catalog);
            if (keep)
                *unkept = recordExplained(connection, *explained, sql, options);
        },
        [this, explained, unkept, alive, statement, options] {
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
                pane = new PlanPane(context_, &open_plans_, alive);
            pane->showExplained(*explained, statement, options);
            alive->showPane(plan_id, tr("Plan"), pane);
            if (!unkept->empty())
                context_->showStatus(tr("The plan could not be kept: %1").arg(QString::fromStdString(*unkept)));
        });
}

QWidget *PlanTool::createPage(const CatalogObject *, QWidget *parent)
{
    auto *view = new JudgedView(parent);
    view->emptyState()->setTexts(tr("Read a plan"),
                                 tr("Explain a statement with Ctrl+E on its SQL page, or bring a plan from elsewhere: what "
                                    "EXPLAIN or psql printed, in any format, or an auto_explain log."));
    view->emptyState()->addButton(tr("Paste from clipboard"), QStringLiteral("copy"), [this] { openFromClipboard(); });
    view->emptyState()->addButton(tr("Open a file…"), QStringLiteral("open"), [this] { openFromFile(); });
    view->emptyState()->addButton(tr("Plan history"), QStringLiteral("history"), [this] { showHistory(); });
    auto *compare = new QToolButton(view);
    compare->setIcon(icon(QStringLiteral("compare")));
    compare->setAccessibleName(tr("Compare with…"));
    compare->setToolTip(tr("Put another plan beside this one"));
    compare->setPopupMode(QToolButton::InstantPopup);
    compare->setMenu(new CompareMenu(context_, &open_plans_, view));
    view->addToolButton(compare);
    open_plans_.add(view);
    page_ = view;
    return view;
}

void PlanTool::reword()
{
    SqlDocument *document = context_->currentDocument();
    auto *pane = document == nullptr ? nullptr : qobject_cast<PlanPane *>(document->pane(plan_id));
    if (pane == nullptr) {
        context_->showStatus(tr("Explain the statement first (Ctrl+E)."));
        return;
    }
    pane->startRewording();
}

void PlanTool::pickStatement(const QString &source)
{
    const auto session = context_->metadataSession();
    if (session == nullptr)
        return;
    auto *dialog = new StatementPicker(session, QApplication::activeWindow());
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setSource(source);
    connect(dialog, &StatementPicker::chosen, this, [this](const QString &title, const QString &sql) {
        if (SqlDocument *document = context_->openSql(title, sql))
            explainStatement(document, document->currentStatement(), false);
    });
    dialog->open();
}

void PlanTool::showHistory()
{
    if (history_.isNull()) {
        history_ = new PlanHistoryPage(context_);
        connect(history_, &PlanHistoryPage::openRequested, this, &PlanTool::readInto);
    }
    context_->openPage(QStringLiteral("plan.history"), tr("Plan history"), QStringLiteral("history"), history_);
}

void PlanTool::lookAtClipboard()
{
    constexpr qsizetype most = 64 * 1024 * 1024, head = 64 * 1024;
    const QClipboard *clipboard = QApplication::clipboard();
    // What this program copied was seen here already.
    if (!Settings::instance().get(Settings::watchClipboard()) || clipboard->ownsClipboard())
        return;
    const QString text = clipboard->text();
    if (text.isEmpty() || text.size() > most)
        return;
    const QByteArray begin = text.left(head).toUtf8();
    if (!looksLikePlan(std::string_view(begin.constData(), static_cast<std::size_t>(begin.size()))))
        return;
    const QByteArray hash = QCryptographicHash::hash(begin, QCryptographicHash::Sha1);
    if (std::exchange(offered_, hash) != hash)
        context_->offer(tr("There is a plan in the clipboard."), tr("Open plan"), [this] { openFromClipboard(); });
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

JudgedView *PlanTool::page()
{
    return page_.isNull() ? qobject_cast<JudgedView *>(createPage(nullptr, nullptr)) : page_.data();
}

void PlanTool::readInto(const QString &title, const QByteArray &text)
{
    using Read = Result<JudgedPlans>;
    const auto show = onGui<Read>(this, [this, title](const Read &read) {
        if (!read) {
            context_->reportError(tr("No plan was found in %1.").arg(title), read.error());
            return;
        }
        JudgedView *view = page();
        view->showJudged(*read, title, false);
        context_->openPage(plan_id, tr("Plan · %1").arg(title), QStringLiteral("plan"), view);
    });
    // A log of 100 MB takes a second or two.
    QThreadPool::globalInstance()->start([text, show] {
        auto document = readPlanDocument(text.toStdString());
        show(document ? Read(judge(std::move(*document))) : Read(tl::unexpected(document.error())));
    });
}

} // namespace howdah::plan_tool
