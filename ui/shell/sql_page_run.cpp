// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>

#include <QKeyEvent>
#include <QLabel>
#include <QPushButton>

#include "core/base/human.h"
#include "core/sql/quote.h"
#include "core/workspace/confirmation.h"
#include "ui/base/banner.h"
#include "ui/base/empty_state.h"
#include "ui/base/palette.h"
#include "ui/editor/parameter_bar.h"
#include "ui/editor/second_view.h"
#include "ui/editor/sql_editor.h"
#include "ui/grid/messages_pane.h"
#include "ui/grid/result_grid.h"
#include "ui/grid/results_pane.h"
#include "ui/shell/confirm_run_dialog.h"
#include "ui/shell/link.h"
#include "ui/shell/page_document.h"
#include "ui/shell/sql_page.h"

// Running: from the text to what the panes show.

namespace howdah::ui {

namespace {

/// Command tags of statements after which the browser shows something else.
bool changesCatalog(const std::string &tag)
{
    for (const char *verb : {"CREATE", "DROP", "ALTER", "COMMENT", "IMPORT", "REINDEX", "CLUSTER", "ANALYZE", "VACUUM",
                             "TRUNCATE", "REFRESH", "SELECT INTO"}) {
        if (tag.rfind(verb, 0) == 0)
            return true;
    }
    return false;
}

} // namespace

void SqlPage::connectRunner()
{
    connect(runner_, &SqlRunner::started, this, [this](const QString &title) {
        task_title_ = title;
        elapsed_.start();
        refreshElapsed();
    });
    connect(runner_, &SqlRunner::stateChanged, this, &SqlPage::refreshState);
    connect(runner_, &SqlRunner::statementStarted, this, [this](std::size_t, ByteSpan span) {
        if (!text_moved_)
            task_title_ = sqlOf(span).simplified().left(60);
    });
    connect(runner_, &SqlRunner::resultOpened, this,
            [this](std::size_t index, const std::shared_ptr<pg::RowStore> &store) {
                results_->openResult(index, task_title_, store);
                showPane(QStringLiteral("result"));
            });
    connect(results_, &ResultsPane::loadAllRequested, this, [this](std::size_t index) {
        if (const auto span = spans_.find(index); span != spans_.end() && !runner_->isBusy())
            start(std::string(span->second.of(run_text_)), span->second.begin, tr("All rows"), true);
    });
    connect(results_, &ResultsPane::editRequested, this, &SqlPage::editResult);
    connect(results_, &ResultsPane::applyRequested, this, &SqlPage::applyEdits);
    connect(runner_, &SqlRunner::rowsArrived, results_, &ResultsPane::rowsArrived);
    connect(runner_, &SqlRunner::noticed, messages_, &MessagesPane::addNotice);
    connect(runner_, &SqlRunner::statementFinished, this, &SqlPage::onStatementFinished);
    connect(runner_, &SqlRunner::finished, this, &SqlPage::onFinished);
    connect(runner_, &SqlRunner::cancelStuck, this, &SqlPage::offerStrongerCancel);
    connect(runner_, &SqlRunner::failed, this, &SqlPage::onFailed);
    connect(runner_, &SqlRunner::taskFinished, this, [this](bool connected) {
        timing_ = QString::fromStdString(human::duration(runner_->elapsedMs()));
        if (connected && !runner_->isBroken())
            banner_->dismiss();
        Q_EMIT statusChanged();
    });
}

void SqlPage::run(Scope scope)
{
    if (!link()) {
        Q_EMIT connectRequested();
        return;
    }
    if (runner_->isBusy()) {
        banner_->showMessage(Tone::Warn, tr("This page is still running something."),
                             tr("Wait for it, cancel it with Esc, or open another page."), 6);
        return;
    }
    if (second_ && second_->hasFocus())
        second_->handOver();
    const std::string text = editor_->utf8();
    ByteSpan span = editor_->selection();
    QString title = tr("Selection");
    if (scope == Scope::All) {
        span = {ByteOffset{0}, ByteOffset{text.size()}};
        title = tr("Whole script");
    } else if (span.size() == 0) {
        span = editor_->currentStatement();
        title = tr("Current statement");
    }
    std::string script(span.of(text));
    if (script.find_first_not_of(" \t\r\n;") == std::string::npos) {
        banner_->showMessage(Tone::Neutral, tr("There is no statement at the cursor."),
                             tr("Put the cursor into a statement, or select what to run."), 5);
        return;
    }
    if (!haveParameters(script, scope))
        return;
    if (askFirst(script, span.begin, title))
        return;
    start(std::move(script), span.begin, title);
}

bool SqlPage::haveParameters(std::string_view script, Scope scope)
{
    asked_scope_ = scope;
    return haveParameters(script, std::function<void()>());
}

bool SqlPage::haveParameters(std::string_view script, std::function<void()> then)
{
    const std::vector<std::string> names = asks_parameters_ ? sql::parameterNames(script) : std::vector<std::string>();
    if (names.empty()) {
        parameter_bar_->hide();
        return true;
    }
    asked_then_ = std::move(then);
    parameter_bar_->ask(names);
    const std::vector<std::string> unknown = parameter_bar_->unknown(names);
    if (!unknown.empty())
        parameter_bar_->focusFirst(unknown.front());
    return unknown.empty();
}

void SqlPage::setAsksParameters(bool asks)
{
    asks_parameters_ = asks;
    parameter_bar_->hide();
    banner_->showMessage(Tone::Neutral,
                         asks ? tr("Values of :name and $1 are asked for on this page.")
                              : tr(":name and $1 go to the server as they stand on this page."), {}, 4);
}

namespace {

/// "about 1.2 million rows" of the relations that every row of is reached, where the catalog knows them.
QString reachOf(const workspace::Concern &concern, const pg::Catalog *catalog)
{
    QStringList reach;
    for (const std::string &object : concern.objects) {
        if (catalog == nullptr || concern.kind == workspace::ConcernKind::Drops)
            break;
        const auto found = std::find_if(catalog->relations.begin(), catalog->relations.end(), [&](const pg::CatalogRelation &relation) {
            return sql::quoteQualified(relation.schema, relation.name) == object || sql::quoteIdentifier(relation.name) == object;
        });
        if (found != catalog->relations.end() && found->estimated_rows >= 0)
            reach << QStringLiteral("~") + QString::fromStdString(human::count(static_cast<std::int64_t>(found->estimated_rows)));
    }
    return reach.isEmpty() ? QString() : SqlPage::tr(" (%1 rows)").arg(reach.join(QStringLiteral(", ")));
}

} // namespace

bool SqlPage::askFirst(const std::string &script, ByteOffset base, const QString &title)
{
    const workspace::SavedConnection &saved = link()->choice().saved;
    // What a read-only session refuses anyway need not be asked about.
    const bool off = link()->isReadOnly() || (link()->isProduction() && !confirm_on_production_);
    const workspace::ConfirmRule rule = off ? workspace::ConfirmRule::Never : workspace::ruleNamed(saved.confirm, saved.environment);
    const std::vector<workspace::Concern> concerns = workspace::concernsOf(script, rule);
    if (concerns.empty())
        return false;
    QList<ConfirmItem> dangers;
    QString name;
    for (const workspace::Concern &concern : concerns) {
        if (!concern.isDangerous())
            continue;
        const std::string_view text = concern.span.of(script);
        dangers.append({QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size())),
                        QString::fromStdString(concern.reason) + reachOf(concern, link()->catalog().get())});
        if (name.isEmpty() && link()->isProduction() && !concern.objects.empty())
            name = QString::fromStdString(concern.objects.front());
    }
    const auto go = [this, script, base, title] {
        if (link() && !runner_->isBusy())
            start(script, base, title);
    };
    if (!dangers.isEmpty()) {
        auto *dialog = new ConfirmRunDialog(link()->target(), dangers, name, this);
        dialog->setAttribute(Qt::WA_DeleteOnClose);
        connect(dialog, &QDialog::accepted, this, go);
        dialog->open();
        return true;
    }
    const QString what = rule == workspace::ConfirmRule::Everything && concerns.front().kind == workspace::ConcernKind::Reads
                             ? tr("Every statement is confirmed on %1.") : tr("This can change data on %1.");
    banner_->showMessage(Tone::Bad, what.arg(link()->target()), tr("%1: %2").arg(title, QString::fromStdString(script).simplified().left(200)));
    banner_->addButton(link()->isProduction() ? tr("Run on production") : tr("Run"), [this, go] {
        banner_->dismiss();
        go();
    });
    banner_->addButton(tr("Do not run"), [this] {
        banner_->dismiss();
        editor_->setFocus();
    });
    return true;
}

void SqlPage::start(std::string script, ByteOffset base, const QString &title, bool all_rows)
{
    Q_EMIT aboutToRun();
    banner_->dismiss();
    editor_->clearErrors();
    if (!all_rows) {
        run_text_ = editor_->utf8();
        text_moved_ = false;
    }
    spans_.clear();
    tally_ = {};
    results_->beginRun();
    messages_->beginRun(title);
    if (history_) {
        workspace::StatementRecord record;
        record.text = script;
        record.connection = link()->title().toStdString();
        record.database = link()->facts() ? link()->facts()->database : std::string();
        history_token_ = history_->begin(std::move(record));
    }
    SqlRunner::Work work;
    work.script = std::move(script);
    work.base = base;
    work.title = title;
    work.options.limits = limits_;
    if (all_rows)
        work.options.limits.max_rows = -1;
    work.options.stop_on_error = stop_on_error_;
    work.options.begin_transactions = manual_commit_;
    if (asks_parameters_)
        work.options.values = parameter_bar_->values();
    runner_->run(std::move(work));
}

void SqlPage::keyPressEvent(QKeyEvent *event)
{
    // The editor claims Esc from the shortcut and hands it up when it has no use for it.
    if (event->key() == Qt::Key_Escape && runner_->isBusy())
        runner_->cancel();
    else
        QWidget::keyPressEvent(event);
}

QString SqlPage::sqlOf(ByteSpan span) const
{
    if (span.end.value > run_text_.size())
        return {};
    const std::string_view sql = span.of(run_text_);
    // A title and a copy need no more than this; a script may hold statements of megabytes.
    // The mark keeps a part from being run in place of the whole.
    constexpr std::size_t most = 4096;
    const QString text = QString::fromUtf8(sql.data(), static_cast<qsizetype>(std::min(sql.size(), most)));
    return sql.size() > most ? text + QChar(0x2026) : text;
}

void SqlPage::onStatementFinished(const pg::StatementOutcome &told)
{
    const pg::StatementOutcome outcome = placed(told);
    const QString sql = sqlOf(outcome.span);
    results_->finishStatement(outcome, sql);
    messages_->addOutcome(outcome, sql);
    spans_[outcome.index] = outcome.span;
    ++tally_.statements;
    tally_.rows += outcome.rows;
    tally_.changed_catalog = tally_.changed_catalog || (!outcome.error && changesCatalog(outcome.command_tag));
}

void SqlPage::markError(const Error &error, ByteSpan within)
{
    if (error.position && !text_moved_)
        editor_->markError(*error.position, within, error);
}

void SqlPage::recordEnd(const pg::RunOutcome &outcome)
{
    if (!history_)
        return;
    workspace::StatementRecord record;
    record.duration_ms = outcome.duration_ms;
    record.rows = tally_.rows;
    if (outcome.error) {
        record.sqlstate = outcome.error->kind == ErrorKind::Cancelled ? "57014" : outcome.error->sqlstate;
        record.message = outcome.error->message;
    }
    history_->end(history_token_, std::move(record));
}

void SqlPage::onFinished(const pg::RunOutcome &outcome)
{
    results_->endRun();
    recordEnd(outcome);
    const QString duration = QString::fromStdString(human::duration(outcome.duration_ms));
    if (outcome.error && outcome.statements.empty())
        messages_->addError(*outcome.error);
    if (outcome.not_started > 0)
        messages_->addText(tr("%n statement(s) after it were not run.", nullptr, static_cast<int>(outcome.not_started)),
                           Tone::Warn);
    const bool cancelled = outcome.error && outcome.error->kind == ErrorKind::Cancelled;
    if (cancelled)
        timing_ = tr("cancelled after %1").arg(duration);
    else if (outcome.error)
        timing_ = tr("failed after %1").arg(duration);
    else
        timing_ = tr("%1 rows · %2").arg(QString::fromStdString(human::count(tally_.rows)), duration);
    if (outcome.error && !cancelled) {
        showPane(QStringLiteral("messages"));
        if (outcome.error->kind == ErrorKind::Connection)
            offerReconnect();
    } else if (!results_->hasResults()) {
        showPane(messages_->warningCount() > 0 ? QStringLiteral("messages") : QStringLiteral("result"));
    }
    if (tally_.changed_catalog)
        Q_EMIT ddlFinished();
    refreshElapsed();
    Q_EMIT statusChanged();
}

void SqlPage::onFailed(const Error &error)
{
    messages_->addError(error);
    if (error.kind == ErrorKind::Cancelled)
        return;
    showPane(QStringLiteral("messages"));
    if (error.kind == ErrorKind::Connection)
        offerReconnect();
}

void SqlPage::offerReconnect()
{
    const QString kept = tr("Temporary tables and settings of this page went with it. Your text is kept.");
    banner_->showMessage(Tone::Bad, tr("The connection to %1 is gone.").arg(link()->title()),
                         runner_->lostTransaction()
                             ? tr("The open transaction is gone: the server rolls it back, unless its COMMIT was on the way. ") + kept
                             : kept);
    banner_->addButton(tr("Reconnect"), [this] { runner_->reconnect(); });
}

void SqlPage::refreshElapsed()
{
    QString text;
    if (runner_->isBusy()) {
        const QString elapsed = QString::fromStdString(human::duration(runner_->elapsedMs()));
        text = runner_->isCancelling() ? tr("Cancelling … %1").arg(elapsed) : tr("Running … %1").arg(elapsed);
    } else {
        text = timing_;
    }
    activity_->setText(text);
}

void SqlPage::refreshState()
{
    const bool busy = runner_->isBusy();
    if (busy && !elapsed_.isActive())
        elapsed_.start();
    else if (!busy)
        elapsed_.stop();
    refreshTransaction();
    stop_->setVisible(busy);
    stop_->setEnabled(!runner_->isCancelling());
    refreshElapsed();
    Q_EMIT statusChanged();
}

} // namespace howdah::ui
