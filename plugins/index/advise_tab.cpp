// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/index/advise_tab.h"

#include <algorithm>
#include <set>

#include <QCheckBox>
#include <QLabel>
#include <QLineEdit>
#include <QPointer>
#include <QPushButton>
#include <QStackedWidget>
#include <QTimer>
#include <QVBoxLayout>

#include "core/index/facts.h"
#include "core/index/to_json.h"
#include "plugins/index/advice_details.h"
#include "plugins/index/advise_words.h"
#include "plugins/index/frontier_view.h"
#include "plugins/index/plans_view.h"
#include "plugins/index/session_work.h"
#include "ui/base/banner.h"
#include "ui/base/empty_state.h"
#include "ui/base/palette.h"
#include "ui/base/task_progress.h"
#include "ui/table/table_view.h"

// What the tab asks the server, and what it does with the answers. Its parts are made in advise_tab_parts.cpp.

namespace howdah::index_tool {

using namespace howdah::ui;
using W = AdviseWords;

namespace {

/// What is known of a server before it is asked for advice.
struct ServerState {
    QStringList methods;
    bool standby = false;
    QString measure_hindrance;
};

Result<ServerState> readServerState(pg::Connection &connection)
{
    const auto facts = index::readServerFacts(connection);
    if (!facts)
        return tl::unexpected(facts.error());
    ServerState state;
    const pg::ServerFacts &server = connection.facts();
    state.standby = server.in_recovery;
    for (const index::ClassFacts &one : facts->methods.classes) {
        if (const QString method = W::qt(one.method); !state.methods.contains(method))
            state.methods << method;
    }
    state.methods.sort();
    // What there is always stands in front.
    if (state.methods.removeAll(QStringLiteral("btree")) > 0)
        state.methods.prepend(QStringLiteral("btree"));
    if (server.in_recovery || server.read_only)
        state.measure_hindrance = AdviseTab::tr("Samples cannot be made on a read-only connection or a standby.");
    else if (!facts->may_create_schema && !facts->may_create_temporary)
        state.measure_hindrance = AdviseTab::tr("Samples need the right to make a schema or temporary tables in this database.");
    return state;
}

} // namespace

AdviseTab::~AdviseTab()
{
    if (stop_)
        stop_->store(true);
    if (session_)
        session_->cancelAll();
}

void AdviseTab::activate()
{
    const auto link = context_->metadataSession();
    if (link_.lock() == link && session_)
        return;
    if (stop_)
        stop_->store(true);
    if (session_)
        session_->cancelAll();
    session_ = context_->newSession();
    link_ = link;
    ++turn_;
    ++why_turn_;
    found_ = shown_ = {};
    priced_.clear();
    banner_->dismiss();
    setRunning(false);
    showAdvice({});
    readServer();
    if (pending_start_) {
        pending_start_ = false;
        start();
    }
}

void AdviseTab::readServer()
{
    onSession<ServerState>(*session_, this, readServerState, [this, link = link_](const Result<ServerState> &state) {
        if (!state || link_.lock() != link.lock())
            return;
        standby_ = state->standby;
        bar_->setMethods(state->methods);
        bar_->setMeasureHindrance(state->measure_hindrance);
        showFigures();
    });
}

QString AdviseTab::summary() const
{
    if (!shown_.advice)
        return {};
    const index::Advice &advice = *shown_.advice;
    const auto count = [](auto size) { return static_cast<int>(size); };
    return tr("%1 · %2, %3 in %4").arg(tr("%n query(ies)", nullptr, count(advice.queries.size())), tr("%n candidate(s)", nullptr, count(advice.candidates)),
                                       tr("%n plan(s)", nullptr, count(advice.whatif_calls)), W::duration(advice.elapsed_ms));
}

void AdviseTab::adviseFor(const QString &statements)
{
    bar_->setRelation({}, {});
    bar_->setStatements(statements);
    pending_why_.clear();
    start();
}

void AdviseTab::judgeFor(const QString &statements, const QString &ddl)
{
    adviseFor(statements);
    why_->setText(ddl);
    pending_why_ = ddl;
}

void AdviseTab::focusWhy(const QString &ddl)
{
    // The field stands among the lists; alone it judges an index without a workload.
    if (stack_->currentWidget() != body_ && !running_)
        stack_->setCurrentWidget(body_);
    if (!ddl.isEmpty())
        why_->setText(ddl);
    why_->setFocus();
}

void AdviseTab::adviseForRelation(const QString &schema, const QString &name)
{
    bar_->setRelation(schema, name);
    bar_->setSource(WorkloadSource::Kept);
    pending_why_.clear();
    start();
}

void AdviseTab::start()
{
    if (keeping_) {
        context_->showStatus(tr("What was built is being looked at; a moment yet."));
        return;
    }
    // What is asked for last counts.
    if (running_ && session_) {
        if (stop_)
            stop_->store(true);
        session_->cancel();
    }
    point_pause_->stop();
    // The tab was never seen, or the connection is another: activate() begins then.
    if (!session_ || link_.lock() != context_->metadataSession()) {
        pending_start_ = true;
        return;
    }
    wish_ = bar_->wish();
    const bool file = wish_.source == WorkloadSource::File || wish_.source == WorkloadSource::Log;
    if (file && wish_.file.isEmpty()) {
        bar_->chooseFile();
        return;
    }
    if (wish_.source == WorkloadSource::Statements && QString::fromStdString(wish_.text).trimmed().isEmpty()) {
        banner_->showMessage(Tone::Neutral, tr("Write the statements that indexes are to be found for, or choose another workload."), {}, 8);
        return;
    }
    banner_->dismiss();
    stop_ = std::make_shared<std::atomic<bool>>(false);
    asked_to_stop_ = false;
    setRunning(true, tr("Reading the workload"));
    showSoFar({});
    stack_->setCurrentWidget(waiting_);
    const quint64 turn = ++turn_;
    const auto tell = onGui<SoFar>(this, [this, turn](const SoFar &so_far) {
        if (turn == turn_ && running_)
            showSoFar(so_far);
    });
    onSession<Advised>(*session_, this, [wish = wish_, stop = stop_, tell](pg::Connection &connection) { return adviseOn(connection, wish, stop, tell); },
                       [this, turn](const Result<Advised> &result) {
                           if (turn == turn_)
                               take(result);
                       });
}

void AdviseTab::stop()
{
    if (!running_ || !session_)
        return;
    // At first gently, so that the best so far can be taken; before there is one, and the second time, at once.
    const bool gently = stop_ && !stop_->load() && has_best_;
    if (stop_)
        stop_->store(true);
    asked_to_stop_ = true;
    progress_->setProgress(tr("Stopping"), -1, -1);
    if (!gently)
        session_->cancel();
}

void AdviseTab::take(const Result<Advised> &result)
{
    setRunning(false);
    if (!result) {
        showFailure(result.error());
        Q_EMIT advised();
        return;
    }
    found_ = *result;
    priced_.clear();
    showAdvice(found_);
    fillFrontier();
    showNotes();
    if (!pending_why_.isEmpty()) {
        pending_why_.clear();
        askWhy();
    }
    Q_EMIT advised();
}

void AdviseTab::showFailure(const Error &error)
{
    stack_->setCurrentWidget(shown_.advice ? body_ : intro_);
    if (error.kind == ErrorKind::Cancelled || asked_to_stop_) {
        banner_->showMessage(Tone::Neutral, shown_.advice ? tr("Cancelled; what is shown is from before.") : tr("Cancelled."), {}, 6);
        return;
    }
    // Not there at all, or not loaded with the server.
    const bool kept = wish_.source == WorkloadSource::Kept && (error.kind == ErrorKind::Unsupported || error.sqlstate == "55000");
    if (kept) {
        missing_->setTexts(tr("pg_stat_statements is not at hand"),
                           W::qt(error.message) + QStringLiteral(". ") + (error.hint.empty() ? tr("It must stand in shared_preload_libraries; the server is restarted once for it.") : W::qt(error.hint)));
        stack_->setCurrentWidget(missing_);
        return;
    }
    banner_->showMessage(Tone::Bad, tr("No advice could be had"), W::qt(error.text()));
    banner_->addButton(tr("Again"), [this] { start(); });
}

void AdviseTab::choosePoint(int point)
{
    if (!found_.advice || point < 0)
        return;
    wanted_point_ = point;
    if (const auto known = priced_.find(point); known != priced_.end()) {
        point_pause_->stop();
        takePriced(known->second, point);
        return;
    }
    // Keys run over many points: only where they rest is asked for.
    point_pause_->start();
}

void AdviseTab::price(const std::vector<std::string> &ddl, int point)
{
    if (!found_.load || (running_ && !pricing_))
        return;
    if (pricing_)
        session_->cancel();
    setRunning(true, tr("Pricing the set"));
    pricing_ = true;
    asked_to_stop_ = false;
    const quint64 turn = ++turn_;
    onSession<Advised>(*session_, this, [base = found_, options = wish_.options, ddl](pg::Connection &connection) { return priceOn(connection, base, options, ddl); },
                       [this, turn, point](const Result<Advised> &result) {
                           if (turn != turn_)
                               return;
                           setRunning(false);
                           takePriced(result, point);
                       });
}

void AdviseTab::takePriced(const Result<Advised> &result, int point)
{
    if (!result) {
        showFailure(result.error());
        Q_EMIT priced();
        return;
    }
    if (point >= 0)
        priced_.insert_or_assign(point, *result);
    showAdvice(*result);
    frontier_->setCurrent(point);
    const index::Advice &advice = *shown_.advice;
    double bytes = 0;
    for (const index::AdvisedIndex &one : advice.indexes)
        bytes += static_cast<double>(one.size_bytes);
    frontier_->setOwn(bytes, point >= 0 || advice.cost_before <= 0 ? -1 : advice.cost_after / advice.cost_before);
    Q_EMIT priced();
}

void AdviseTab::leaveOut(const QList<int> &places)
{
    if (!shown_.advice)
        return;
    std::vector<std::string> rest;
    for (std::size_t i = 0; i < shown_.advice->indexes.size(); ++i) {
        if (!places.contains(static_cast<int>(i)))
            rest.push_back(shown_.advice->indexes[i].nameless_ddl);
    }
    price(rest, -1);
}

void AdviseTab::keepOnly(const QList<int> &places)
{
    if (!shown_.advice)
        return;
    std::vector<std::string> kept;
    for (const int place : places)
        kept.push_back(shown_.advice->indexes[static_cast<std::size_t>(place)].nameless_ddl);
    price(kept, -1);
}

void AdviseTab::askWhy()
{
    const QString ddl = why_->text().trimmed();
    if (ddl.isEmpty() || !session_)
        return;
    // Without a workload it is judged alone: whether it could be built, how large it would be, what serves already.
    const auto load = found_.load ? found_.load : std::make_shared<const workload::Workload>();
    ask_->setEnabled(false);
    onSession<index::Why>(*session_, this, [load, ddl = ddl.toStdString()](pg::Connection &connection) { return index::why(connection, ddl, *load); },
                          [this, ddl, turn = ++why_turn_](const Result<index::Why> &answer) {
                              if (turn != why_turn_)
                                  return;
                              ask_->setEnabled(true);
                              if (!found_.load)
                                  stack_->setCurrentWidget(body_);
                              if (answer)
                                  details_->showWhy(*answer);
                              else
                                  details_->showRefusal(ddl, answer.error());
                              Q_EMIT answered();
                          });
}

QString AdviseTab::hindrance() const
{
    if (context_->isReadOnly())
        return tr("This connection is read-only.");
    return standby_ ? tr("This server is a standby: indexes are built on its primary.") : QString();
}

void AdviseTab::apply()
{
    if (!shown_.advice || shown_.advice->indexes.empty() || running_)
        return;
    if (const QString reason = hindrance(); !reason.isEmpty()) {
        context_->showStatus(reason);
        return;
    }
    setRunning(true, time_->isChecked() ? tr("Running the queries as they are") : tr("Planning the queries as they are"));
    index::StateOptions options;
    options.run = time_->isChecked();
    asked_to_stop_ = false;
    using States = std::vector<index::QueryState>;
    onSession<States>(*session_, this,
                      [load = index::workloadOf(*shown_.advice), options](pg::Connection &connection) { return index::queryStates(connection, load, options); },
                      [this, turn = ++turn_](const Result<States> &states) {
                          if (turn != turn_)
                              return;
                          setRunning(false);
                          if (states)
                              offerScript(*states);
                          else
                              showFailure(states.error());
                      });
}

void AdviseTab::offerScript(std::vector<index::QueryState> before)
{
    migration::ChangeScript script = index::scriptOf(*shown_.advice);
    if (!drop_->isHidden() && drop_->isChecked())
        index::addRedundantDrops(*shown_.advice, script);
    context_->offerChangeScript(script, [guard = QPointer<AdviseTab>(this), advice = shown_.advice, before = std::move(before), run = time_->isChecked()](const migration::ChangeOutcome &outcome) {
        if (!guard)
            return;
        index::Applied applied = index::appliedBy(*advice, outcome);
        if (applied.indexes.empty())
            return;
        applied.before = before;
        applied.run = run;
        guard->keep(std::move(applied), advice);
    });
}

void AdviseTab::keep(index::Applied applied, const SharedAdvice &advice)
{
    built_ = advice;
    setRunning(true, tr("Asking the queries again"));
    keeping_ = true;
    const auto task = [applied = std::move(applied)](pg::Connection &connection) mutable -> Result<std::pair<qint64, index::Applied>> {
        applied.server = index::serverName(connection);
        // What cannot be asked now is asked by whoever looks later; that they were built is kept in any case.
        if (auto look = index::lookAgain(connection, applied)) {
            applied.after = look->after;
            applied.verdict = look->verdict;
        }
        auto ledger = index::Ledger::open(index::Ledger::defaultFile());
        if (!ledger)
            return tl::unexpected(ledger.error());
        const auto id = (*ledger)->record(applied);
        if (!id)
            return tl::unexpected(id.error());
        return std::pair<qint64, index::Applied>(*id, applied);
    };
    onSession<std::pair<qint64, index::Applied>>(*session_, this, task, [this, turn = ++turn_](const Result<std::pair<qint64, index::Applied>> &kept) {
        if (turn != turn_)
            return;
        setRunning(false);
        if (!kept) {
            banner_->showMessage(Tone::Warn, tr("The indexes were built, but that could not be kept"), W::qt(kept.error().text()));
            return;
        }
        const index::Applied &done = kept->second;
        banner_->showMessage(done.verdict == "did not help" ? Tone::Warn : Tone::Good, tr("%n index(es) built: %1", nullptr, static_cast<int>(done.indexes.size())).arg(W::verdict(done.verdict)),
                             tr("The server's counts tell more in a day."));
        banner_->addButton(tr("See what they did"), [this] { Q_EMIT verifyRequested(); });
        Q_EMIT built(kept->first);
    });
}

void AdviseTab::showPlans(std::size_t query)
{
    if (!shown_.advice || query >= shown_.advice->queries.size())
        return;
    const QueryRow row{shown_.advice, query};
    std::vector<PlansView::Pair> pairs;
    if (!row.query().plan_before.empty() && !row.query().plan_after.empty())
        pairs.push_back({tr("As planned, on the whole table"), tr("AS IT IS"), tr("WITH THE SET"), row.query().plan_before, row.query().plan_after});
    if (const index::Measured *measured = row.measured(); measured != nullptr && !measured->plan_after.empty())
        pairs.push_back({tr("As measured, on a sample"), tr("ON THE SAMPLE, WITHOUT"), tr("ON THE SAMPLE, WITH IT"), measured->plan_before, measured->plan_after});
    if (pairs.empty()) {
        context_->showStatus(row.query().indexes.empty() ? tr("Its plan stays as it is.") : tr("An index of this method cannot be pretended: measure on samples to see its plan."));
        return;
    }
    makePlans();
    plans_->showPairs(W::qt(row.query().statement.text), std::move(pairs));
    stack_->setCurrentWidget(plans_);
    plans_->backButton()->setFocus();
}

} // namespace howdah::index_tool
