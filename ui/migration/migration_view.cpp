// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/migration/migration_view.h"

#include <algorithm>

#include <QDateTime>
#include <QHBoxLayout>
#include <QLabel>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QScrollArea>
#include <QScrollBar>
#include <QSplitter>
#include <QTimer>
#include <QVBoxLayout>

#include "core/base/human.h"
#include "ui/base/banner.h"
#include "ui/base/bridge.h"
#include "ui/base/card.h"
#include "ui/base/hairline.h"
#include "ui/base/palette.h"
#include "ui/base/pill.h"
#include "ui/base/task_progress.h"
#include "ui/change/step_row.h"
#include "ui/migration/migration_charts.h"
#include "ui/migration/migration_execution.h"

namespace howdah::ui {

namespace {

using migration::JournalMigration;
using migration::JournalStep;
using migration::JournalStepState;
using migration::MigrationState;

constexpr int pace_ms = 500;
constexpr int resting_pace_ms = 3000;
constexpr int events_shown = 200;
constexpr int statements_in_question = 14; ///< lines; each step shows its own way back

QString qt(const std::string &text)
{
    return QString::fromStdString(text);
}

struct StateWords {
    QString text;
    QString icon;
    Tone tone;
};

StateWords wordsOf(const JournalMigration &migration)
{
    if (migration.isInterrupted())
        return {MigrationView::tr("interrupted"), QStringLiteral("warning"), Tone::Warn};
    switch (migration.state) {
    case MigrationState::Planned: return {MigrationView::tr("planned"), QString(), Tone::Neutral};
    case MigrationState::Running: return {MigrationView::tr("running"), QStringLiteral("run"), Tone::Accent};
    case MigrationState::Waiting: return {MigrationView::tr("waits for a deployment"), QStringLiteral("clock"), Tone::Warn};
    case MigrationState::Paused: return {MigrationView::tr("paused"), QStringLiteral("stop"), Tone::Neutral};
    case MigrationState::Failed: return {MigrationView::tr("failed"), QStringLiteral("error"), Tone::Bad};
    case MigrationState::Done: return {MigrationView::tr("done"), QStringLiteral("check"), Tone::Good};
    case MigrationState::RollingBack: return {MigrationView::tr("rolling back"), QStringLiteral("undo"), Tone::Accent};
    case MigrationState::RolledBack: return {MigrationView::tr("rolled back"), QStringLiteral("undo"), Tone::Neutral};
    }
    return {};
}

StateWords wordsOf(JournalStepState state)
{
    switch (state) {
    case JournalStepState::Waiting: return {MigrationView::tr("waiting"), QString(), Tone::Neutral};
    case JournalStepState::Running: return {MigrationView::tr("running"), QString(), Tone::Accent};
    case JournalStepState::Done: return {MigrationView::tr("done"), QStringLiteral("check"), Tone::Good};
    case JournalStepState::Failed: return {MigrationView::tr("failed"), QStringLiteral("error"), Tone::Bad};
    case JournalStepState::Undoing: return {MigrationView::tr("taking back"), QString(), Tone::Accent};
    case JournalStepState::Undone: return {MigrationView::tr("taken back"), QStringLiteral("undo"), Tone::Neutral};
    case JournalStepState::Kept: return {MigrationView::tr("kept"), QStringLiteral("minus"), Tone::Neutral};
    }
    return {};
}

QString batchesText(const migration::BatchProgress &batches)
{
    QString text = MigrationView::tr("%1 of about %2 rows").arg(qt(human::count(batches.rows_done)), qt(human::count(std::max(batches.rows_total, batches.rows_done))));
    if (!batches.finished && batches.rows_per_second > 0)
        text += MigrationView::tr(" · %1 rows/s").arg(qt(human::compactCount(batches.rows_per_second)));
    return text;
}

/// The step at hand; -1 when none is.
int currentStep(const JournalMigration &migration)
{
    for (std::size_t i = 0; i < migration.steps.size(); ++i) {
        if (migration.steps[i].state == JournalStepState::Running || migration.steps[i].state == JournalStepState::Undoing)
            return static_cast<int>(i);
    }
    return -1;
}

} // namespace

MigrationView::MigrationView(std::shared_ptr<pg::Session> session, bool read_only, QWidget *parent)
    : QWidget(parent), session_(std::move(session)), read_only_(read_only), timer_(new QTimer(this))
{
    build();
    connect(timer_, &QTimer::timeout, this, &MigrationView::look);
    refreshButtons();
}

MigrationView::~MigrationView() = default;

void MigrationView::addHead(QVBoxLayout *page)
{
    title_ = new QLabel;
    title_->setTextFormat(Qt::PlainText);
    title_->setProperty("role", QStringLiteral("title"));
    title_->setWordWrap(true);
    state_ = new Pill;
    run_button_ = new QPushButton(icon(QStringLiteral("run"), colors().accent_text), tr("Go on"));
    run_button_->setProperty("role", QStringLiteral("primary"));
    pause_button_ = new QPushButton(icon(QStringLiteral("stop")), tr("Pause"));
    pause_button_->setToolTip(tr("Stops after the batch or statement at hand. Nothing is lost."));
    back_button_ = new QPushButton(icon(QStringLiteral("undo")), tr("Roll back…"));
    back_button_->setToolTip(tr("Takes the steps back, the last one first. Rows written meanwhile stay."));
    connect(run_button_, &QPushButton::clicked, this, &MigrationView::run);
    connect(pause_button_, &QPushButton::clicked, this, &MigrationView::pause);
    connect(back_button_, &QPushButton::clicked, this, &MigrationView::askToRollBack);
    auto *line = new QHBoxLayout;
    line->setSpacing(spacing::control);
    line->addWidget(title_, 1);
    line->addWidget(state_, 0, Qt::AlignVCenter);
    line->addSpacing(spacing::control);
    for (QPushButton *button : {back_button_, pause_button_, run_button_})
        line->addWidget(button, 0, Qt::AlignVCenter);
    page->addLayout(line);
    about_ = new QLabel;
    about_->setTextFormat(Qt::PlainText);
    about_->setProperty("role", QStringLiteral("dim"));
    about_->setWordWrap(true);
    page->addWidget(about_);
}

void MigrationView::build()
{
    auto *page = new QVBoxLayout(this);
    page->setContentsMargins(spacing::page, spacing::page, spacing::page, spacing::page);
    page->setSpacing(spacing::card);
    addHead(page);
    banner_ = new Banner;
    page->addWidget(banner_);
    progress_ = new TaskProgress;
    progress_->setCancellable(false);
    progress_->hide();
    page->addWidget(progress_);
    charts_ = new MigrationCharts;
    charts_->hide();
    page->addWidget(charts_);
    scroll_ = new QScrollArea;
    scroll_->setWidgetResizable(true);
    scroll_->setFrameShape(QFrame::NoFrame);
    scroll_->setAccessibleName(tr("Steps"));
    events_ = new QPlainTextEdit;
    events_->setReadOnly(true);
    events_->setFont(monoFont());
    events_->setMaximumBlockCount(events_shown);
    events_->setAccessibleName(tr("What happened"));
    events_->setPlaceholderText(tr("What happens is written here: locks waited for, batches held back, steps done."));
    auto *splitter = new QSplitter(Qt::Vertical);
    splitter->setChildrenCollapsible(false);
    splitter->addWidget(scroll_);
    auto *below = new QWidget;
    auto *margin = new QVBoxLayout(below);
    margin->setContentsMargins(0, spacing::card, 0, 0);
    margin->addWidget(events_);
    splitter->addWidget(below);
    splitter->setStretchFactor(0, 4);
    splitter->setStretchFactor(1, 1);
    splitter->setSizes({400, 130});
    page->addWidget(splitter, 1);
}

void MigrationView::attach(std::int64_t id)
{
    id_ = id;
    migration_.reset();
    last_event_ = 0;
    events_->clear();
    charts_->clear();
    charts_->hide();
    timer_->start(pace_ms);
    look();
}

void MigrationView::look()
{
    if (looking_ || id_ == 0)
        return;
    looking_ = true;
    const auto done = onGui<Look>(this, [this](const Look &look) { take(look); });
    const auto failed = onGui<Error>(this, [this](const Error &error) { cannotLook(error); });
    session_->post(
        [id = id_, done, failed](pg::Connection &connection) {
            auto read = migration::readMigration(connection, id, events_shown);
            if (!read) {
                failed(read.error());
                return;
            }
            Look look{std::move(*read), {}};
            if (look.migration.attended) {
                if (auto pulse = migration::readPulse(connection, look.migration.executor_pid))
                    look.pulse = *pulse;
            }
            done(std::move(look));
        },
        failed);
}

void MigrationView::cannotLook(const Error &error)
{
    looking_ = false;
    timer_->setInterval(resting_pace_ms);
    const QString key = QStringLiteral("journal:") + qt(error.message);
    if (key == banner_key_)
        return;
    banner_key_ = key;
    banner_->showMessage(Tone::Bad, tr("The journal cannot be read: %1").arg(qt(error.message)), qt(error.hint));
}

void MigrationView::take(Look look)
{
    looking_ = false;
    if (look.migration.id != id_)
        return;
    const bool first = !migration_ || rows_.size() != look.migration.steps.size();
    migration_ = std::move(look.migration);
    if (!migration_->request.empty() || (migration_->state != MigrationState::Running && migration_->state != MigrationState::RollingBack))
        pausing_ = false;
    if (first)
        rebuildSteps();
    timer_->setInterval(migration_->attended || runsHere() ? pace_ms : resting_pace_ms);
    refreshHead();
    refreshBanner();
    refreshSteps();
    refreshProgress();
    refreshEvents();
    refreshCharts(look.pulse);
    refreshButtons();
    Q_EMIT looked();
}

void MigrationView::rebuildSteps()
{
    auto *content = new QWidget;
    auto *layout = new QVBoxLayout(content);
    layout->setContentsMargins(0, 0, 0, 0);
    steps_ = new Card;
    steps_->body()->setContentsMargins(1, 1, 1, 1);
    steps_->body()->setSpacing(0);
    rows_.clear();
    bars_.clear();
    shown_states_.assign(migration_->steps.size(), JournalStepState::Waiting);
    for (std::size_t i = 0; i < migration_->steps.size(); ++i) {
        if (i > 0)
            steps_->body()->addWidget(hairline(this));
        rows_.push_back(new StepRow(i + 1, migration_->script.steps[i]));
        steps_->body()->addWidget(rows_.back());
        auto *bar = new TaskProgress;
        bar->setCancellable(false);
        bar->hide();
        auto *indented = new QHBoxLayout;
        indented->setContentsMargins(56, 0, spacing::card, spacing::control);
        indented->addWidget(bar);
        steps_->body()->addLayout(indented);
        bars_.push_back(bar);
    }
    layout->addWidget(steps_);
    layout->addStretch();
    scroll_->setWidget(content);
}

void MigrationView::refreshHead()
{
    const JournalMigration &m = *migration_;
    title_->setText(qt(m.title));
    const StateWords words = wordsOf(m);
    state_->setText(words.text);
    state_->setIconName(words.icon);
    state_->setTone(words.tone);
    QString about = tr("Migration %1 by %2, %3 of %4 steps done").arg(m.id).arg(qt(m.created_by)).arg(m.steps_done).arg(m.steps_total);
    if (m.attended)
        about += runsHere() ? tr(" · run by this window, server process %1").arg(m.executor_pid) : tr(" · run by %1, server process %2").arg(qt(m.executor)).arg(m.executor_pid);
    if (!m.reason.empty())
        about += QLatin1Char('\n') + qt(m.reason);
    about_->setText(about);
}

void MigrationView::refreshBanner()
{
    const JournalMigration &m = *migration_;
    if (asking_)
        return;
    QString key = qt(m.stateText()) + qt(m.waits_for) + (m.error ? qt(m.error->message) : QString()) + qt(m.throttle_reason).section(QLatin1Char(' '), 0, 2);
    if (!m.throttle_reason.empty())
        key += qt(m.throttle_reason);
    if (key == banner_key_)
        return;
    banner_key_ = key;
    if (m.isInterrupted()) {
        banner_->showMessage(Tone::Warn, tr("Whoever ran this migration is gone."), tr("Nothing is lost: go on where it stands, or roll it back."));
    } else if (m.state == MigrationState::Waiting) {
        banner_->showMessage(Tone::Warn, tr("It waits until this is deployed:"), qt(m.waits_for));
    } else if (m.state == MigrationState::Failed && m.error) {
        QStringList details;
        for (const std::string &part : {m.error->detail, m.error->hint}) {
            if (!part.empty())
                details << qt(part);
        }
        banner_->showMessage(Tone::Bad, qt(m.error->message), details.join(QLatin1Char('\n')));
    } else if (!m.throttle_reason.empty()) {
        banner_->showMessage(Tone::Warn, tr("Batches wait: %1").arg(qt(m.throttle_reason)), tr("They go on by themselves."));
    } else {
        banner_->dismiss();
    }
}

void MigrationView::refreshSteps()
{
    for (std::size_t i = 0; i < rows_.size(); ++i) {
        const JournalStep &step = migration_->steps[i];
        if (step.state != shown_states_[i]) {
            shown_states_[i] = step.state;
            migration::StepOutcome outcome;
            outcome.duration_ms = step.duration_ms;
            outcome.state = step.state == JournalStepState::Done ? migration::StepState::Done
                : step.state == JournalStepState::Failed ? migration::StepState::Failed
                : step.state == JournalStepState::Running || step.state == JournalStepState::Undoing ? migration::StepState::Running
                : migration::StepState::Waiting;
            if (!step.error.empty()) {
                outcome.error.emplace();
                outcome.error->message = step.error;
            }
            rows_[i]->setOutcome(outcome);
            const StateWords words = wordsOf(step.state);
            rows_[i]->setMark(words.text, words.icon, words.tone);
        }
        const bool shown = step.batches && step.batches->rows_total > 0 && (step.state == JournalStepState::Running || step.state == JournalStepState::Failed || step.state == JournalStepState::Done);
        bars_[i]->setVisible(shown);
        if (shown)
            bars_[i]->setProgress(batchesText(*step.batches), step.batches->fraction(), step.batches->finished ? -1 : step.batches->secondsLeft().value_or(-1));
    }
}

void MigrationView::refreshProgress()
{
    const JournalMigration &m = *migration_;
    const int at = currentStep(m);
    progress_->setVisible(m.attended && at >= 0);
    if (at < 0)
        return;
    const JournalStep &step = m.steps[static_cast<std::size_t>(at)];
    QString what = tr("Step %1: %2").arg(at + 1).arg(qt(step.title));
    if (!m.progress.empty())
        what += QStringLiteral(" · ") + qt(m.progress);
    if (pausing_ || !m.request.empty())
        what += tr(" · pauses after the batch or statement at hand");
    const bool batches = step.batches && step.state == JournalStepState::Running;
    progress_->setProgress(what, batches ? step.batches->fraction() : -1, batches ? step.batches->secondsLeft().value_or(-1) : -1);
}

/// They stay as they were when it has come to an end, until another one is looked at.
void MigrationView::refreshCharts(const std::optional<migration::Pulse> &pulse)
{
    if (!pulse)
        return;
    const int at = currentStep(*migration_);
    const JournalStep *step = at < 0 ? nullptr : &migration_->steps[static_cast<std::size_t>(at)];
    const bool batches = step != nullptr && step->batches && step->state == JournalStepState::Running && step->batches->rows_per_second > 0;
    charts_->add(QDateTime::currentMSecsSinceEpoch(), *pulse, batches ? step->batches->rows_per_second : series::no_value);
    charts_->show();
}

void MigrationView::refreshEvents()
{
    const std::int64_t before = last_event_;
    for (const migration::JournalEvent &event : migration_->events) {
        if (event.id <= last_event_)
            continue;
        last_event_ = event.id;
        const QString step = event.step > 0 ? QStringLiteral("%1. ").arg(event.step) : QString();
        events_->appendPlainText(qt(event.at).mid(11, 8) + QStringLiteral("  ") + step + qt(event.kind) + QStringLiteral(": ") + qt(event.message));
    }
    // The view may have been made smaller by a message above it, and then no longer follows by itself.
    if (last_event_ != before)
        events_->verticalScrollBar()->setValue(events_->verticalScrollBar()->maximum());
}

bool MigrationView::runsHere() const
{
    return execution_ != nullptr && execution_->isRunning();
}

void MigrationView::refreshButtons()
{
    const bool known = migration_.has_value() && !read_only_;
    const bool busy = known && (migration_->attended || runsHere());
    const MigrationState state = known ? migration_->state : MigrationState::Planned;
    const bool over = state == MigrationState::Done || state == MigrationState::RolledBack;
    run_button_->setVisible(known && !busy && !over);
    run_button_->setText(state == MigrationState::Planned ? tr("Run") : state == MigrationState::Waiting ? tr("It is deployed, go on") : known && migration_->backward ? tr("Go on rolling back") : tr("Go on"));
    pause_button_->setVisible(busy);
    pause_button_->setEnabled(busy && !pausing_ && migration_->request.empty());
    const bool begun = known && state != MigrationState::Planned && state != MigrationState::RolledBack && !migration_->backward;
    back_button_->setVisible(begun);
    const auto stuck = begun ? migration::irreversible(*migration_) : std::vector<std::string>();
    back_button_->setEnabled(begun && !busy && stuck.empty());
    if (begun && !stuck.empty())
        back_button_->setToolTip(tr("There is no way back. %1").arg(qt(stuck.front())));
    else if (busy)
        back_button_->setToolTip(tr("Pause it first."));
    else
        back_button_->setToolTip(tr("Takes the steps back, the last one first. Rows written meanwhile stay."));
}

void MigrationView::run()
{
    if (!read_only_ && !runsHere())
        execute(false);
}

void MigrationView::execute(bool backward)
{
    asking_ = false;
    banner_key_ = QStringLiteral("-");
    banner_->dismiss();
    execution_ = std::make_unique<MigrationExecution>(session_->spec(), id_);
    connect(execution_.get(), &MigrationExecution::told, this, [this](const migration::RunEvent &event) {
        if (event.kind != migration::RunEventKind::Progress)
            look();
    });
    connect(execution_.get(), &MigrationExecution::finished, this, [this](const migration::Execution &execution) {
        // What was refused before it was begun stands nowhere but here.
        if (execution.error && execution.step == 0) {
            banner_key_ = QStringLiteral("refused:") + qt(execution.error->message);
            banner_->showMessage(Tone::Bad, qt(execution.error->message), qt(execution.error->detail + "\n" + execution.error->hint).trimmed());
        }
        look();
        refreshButtons();
        Q_EMIT ended();
    });
    execution_->start(backward);
    timer_->setInterval(pace_ms);
    refreshButtons();
}

void MigrationView::pause()
{
    pausing_ = true;
    refreshButtons();
    const auto failed = onGui<Error>(this, [this](const Error &error) { cannotLook(error); });
    session_->post(
        [id = id_, failed](pg::Connection &connection) {
            if (auto asked = migration::requestPause(connection, id); !asked)
                failed(asked.error());
        },
        failed);
}

void MigrationView::askToRollBack()
{
    if (!migration_)
        return;
    QStringList statements;
    for (std::size_t i = migration_->steps.size(); i-- > 0;) {
        const JournalStepState state = migration_->steps[i].state;
        if (state != JournalStepState::Waiting && state != JournalStepState::Undone && !migration_->script.steps[i].undo_sql.empty())
            statements << qt(migration_->script.steps[i].undo_sql);
    }
    QStringList lines = statements.join(QLatin1Char('\n')).split(QLatin1Char('\n'));
    if (lines.size() > statements_in_question) {
        const auto more = lines.size() - statements_in_question + 1;
        lines = lines.mid(0, statements_in_question - 1) << tr("… and %1 more lines; each step below shows its way back").arg(more);
    }
    asking_ = true;
    banner_key_.clear();
    banner_->showMessage(Tone::Warn, tr("Roll back? These statements run, each with its own short lock:"),
                         statements.isEmpty() ? tr("None: nothing that was done has to be taken back.") : lines.join(QLatin1Char('\n')));
    banner_->addButton(tr("Roll back"), [this] { execute(true); });
    banner_->addButton(tr("Keep it"), [this] {
        asking_ = false;
        banner_->dismiss();
    });
}

} // namespace howdah::ui
