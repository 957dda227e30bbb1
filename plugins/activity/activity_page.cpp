// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/activity/activity_page.h"

#include <algorithm>
#include <thread>

#include <QComboBox>
#include <QDateTime>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QShortcut>
#include <QStackedWidget>
#include <QToolButton>
#include <QVBoxLayout>

#include "core/activity/backend_details.h"
#include "core/base/human.h"
#include "plugins/activity/blocking_view.h"
#include "plugins/activity/chart_strip.h"
#include "plugins/activity/holders_view.h"
#include "plugins/activity/progress_view.h"
#include "plugins/activity/session_details.h"
#include "plugins/activity/sessions_view.h"
#include "plugins/activity/words.h"
#include "ui/base/banner.h"
#include "ui/base/bridge.h"
#include "ui/base/elided_label.h"
#include "ui/base/empty_state.h"
#include "ui/base/hairline.h"
#include "ui/base/palette.h"
#include "ui/base/pill.h"
#include "ui/base/segmented_tabs.h"
#include "ui/settings/settings.h"

namespace howdah::activity_tool {

using namespace howdah::ui;
using activity::Activity;
using activity::Ending;
using series::SamplerState;

namespace {

constexpr int behind_tick_s = 10;
constexpr int forget_after_ms = 10 * 60'000;
constexpr std::size_t most_sources = 4;

const QString window_key = QStringLiteral("activity/window");
const QString tick_key = QStringLiteral("activity/tick");
const QString charts_key = QStringLiteral("activity/charts_hidden");

} // namespace

ActivityPage::ActivityPage(ToolContext *context, QWidget *parent) : QWidget(parent), context_(context), stack_(new QStackedWidget(this))
{
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(stack_);
    empty_ = new EmptyState(QStringLiteral("activity"), tr("Not connected"),
                            tr("Connect to a server to see its sessions, who blocks whom, and how its load goes up and down."));
    stack_->addWidget(empty_);
    makeBody();
    addShortcuts();
    forget_timer_.setSingleShot(true);
    forget_timer_.setInterval(forget_after_ms);
    connect(&forget_timer_, &QTimer::timeout, this, [this] {
        for (const auto &source : sources_)
            source->monitor->stop();
    });
    connect(context_, &ToolContext::connectionChanged, this, [this] {
        if (isVisible())
            attach();
    });
}

ActivityPage::~ActivityPage()
{
    for (auto &source : sources_)
        release(std::move(source));
}

/// The end of a session may wait for a dead network.
void ActivityPage::release(std::shared_ptr<Source> source)
{
    source->monitor->stop();
    std::thread([monitor = std::move(source->monitor)]() mutable { monitor.reset(); }).detach();
}

QWidget *ActivityPage::makeHeader()
{
    auto *bar = new QWidget;
    auto *line = new QHBoxLayout(bar);
    line->setContentsMargins(0, 0, 0, 0);
    line->setSpacing(spacing::control);
    auto *title = new QLabel(tr("Activity"));
    title->setProperty("role", QStringLiteral("title"));
    status_ = new Pill;
    summary_ = new ElidedLabel;
    summary_->setProperty("role", QStringLiteral("dim"));
    window_ = new QComboBox;
    window_->setToolTip(tr("How far back the charts show"));
    window_->setAccessibleName(tr("Length of the charts"));
    for (const int minutes : {5, 15, 60, 6 * 60, 24 * 60})
        window_->addItem(minutes < 60 ? tr("%1 min").arg(minutes) : tr("%1 h").arg(minutes / 60), minutes);
    tick_ = new QComboBox;
    tick_->setToolTip(tr("How often the server is looked at. What costs it more than a twentieth of its time is looked at less often by itself."));
    tick_->setAccessibleName(tr("Interval"));
    for (const int seconds : {1, 2, 5, 10})
        tick_->addItem(tr("every %1 s").arg(seconds), seconds);
    charts_button_ = new QToolButton;
    charts_button_->setIcon(icon(QStringLiteral("chart")));
    charts_button_->setCheckable(true);
    charts_button_->setToolTip(tr("Show the charts"));
    charts_button_->setAccessibleName(tr("Charts"));
    pause_ = new QPushButton(tr("Pause"));
    pause_->setCheckable(true);
    pause_->setToolTip(tr("Holds the page still to read it; measuring goes on (Pause, or Space in the charts)"));
    line->addWidget(title);
    line->addWidget(status_);
    line->addWidget(summary_, 1);
    line->addWidget(charts_button_);
    line->addWidget(window_);
    line->addWidget(tick_);
    line->addWidget(pause_);
    connect(pause_, &QPushButton::toggled, this, &ActivityPage::setPaused);
    return bar;
}

void ActivityPage::makeBody()
{
    auto *page = new QWidget;
    stack_->addWidget(page);
    auto *layout = new QVBoxLayout(page);
    layout->setContentsMargins(spacing::page, spacing::card, spacing::page, 0);
    layout->setSpacing(spacing::card);
    layout->addWidget(makeHeader());
    banner_ = new Banner;
    layout->addWidget(banner_);
    charts_ = new ChartStrip;
    layout->addWidget(charts_);
    tabs_ = new SegmentedTabs(SegmentedTabs::Look::Quiet);
    tabs_->addSegment(QStringLiteral("sessions"), tr("Sessions"), tr("Who is connected and what runs"));
    tabs_->addSegment(QStringLiteral("blocking"), tr("Blocking"), tr("Who waits for whom"));
    tabs_->addSegment(QStringLiteral("progress"), tr("Progress"), tr("VACUUM, CREATE INDEX, COPY and other long commands"));
    tabs_->addSegment(QStringLiteral("holders"), tr("Old snapshots"), tr("Long and prepared transactions, replication slots"));
    auto *tabs_line = new QHBoxLayout;
    tabs_line->addWidget(tabs_);
    tabs_line->addStretch();
    auto *lower = new QVBoxLayout;
    lower->setSpacing(spacing::unit);
    lower->addLayout(tabs_line);
    auto *frame = new QFrame;
    frame->setProperty("role", QStringLiteral("panel"));
    auto *inside = new QVBoxLayout(frame);
    inside->setContentsMargins(0, 0, 0, 0);
    inside->setSpacing(0);
    inside->addWidget(hairline(frame));
    views_ = new QStackedWidget;
    inside->addWidget(views_);
    lower->addWidget(frame, 1);
    layout->addLayout(lower, 1);
    sessions_ = new SessionsView;
    blocking_ = new BlockingView;
    progress_ = new ProgressView;
    holders_ = new HoldersView;
    for (QWidget *view : {static_cast<QWidget *>(sessions_), static_cast<QWidget *>(blocking_), static_cast<QWidget *>(progress_),
                          static_cast<QWidget *>(holders_)})
        views_->addWidget(view);

    const auto show_session = [this](int pid) {
        tabs_->setCurrent(QStringLiteral("sessions"));
        sessions_->choose(pid);
    };
    connect(tabs_, &SegmentedTabs::currentChanged, this, [this](const QString &id) {
        static const QStringList order{QStringLiteral("sessions"), QStringLiteral("blocking"), QStringLiteral("progress"), QStringLiteral("holders")};
        views_->setCurrentIndex(static_cast<int>(order.indexOf(id)));
    });
    connect(sessions_, &SessionsView::endRequested, this, &ActivityPage::end);
    connect(progress_, &ProgressView::endRequested, this, &ActivityPage::end);
    connect(blocking_, &BlockingView::rootEndRequested, this, &ActivityPage::endRoot);
    connect(blocking_, &BlockingView::chosen, this, show_session);
    connect(holders_, &HoldersView::chosen, this, show_session);
    connect(sessions_, &SessionsView::openRequested, this, [this](const QString &title, const QString &sql) { context_->openSql(title, sql); });
    connect(sessions_->details(), &SessionDetails::detailsWanted, this, &ActivityPage::readDetails);

    Settings &settings = Settings::instance();
    window_->setCurrentIndex(std::max(0, window_->findData(settings.remembered(window_key).toInt())));
    const int kept_tick = tick_->findData(settings.remembered(tick_key).toInt());
    tick_->setCurrentIndex(kept_tick >= 0 ? kept_tick : 1);
    tick_s_ = tick_->currentData().toInt();
    charts_button_->setChecked(!settings.remembered(charts_key).toBool());
    charts_->setVisible(charts_button_->isChecked());
    charts_->setWindow(window_->currentData().toLongLong() * 60'000);
    connect(window_, &QComboBox::currentIndexChanged, this, [this] {
        Settings::instance().remember(window_key, window_->currentData());
        charts_->setWindow(window_->currentData().toLongLong() * 60'000);
        showCharts();
    });
    connect(tick_, &QComboBox::currentIndexChanged, this, [this] { setTick(tick_->currentData().toInt()); });
    connect(charts_button_, &QToolButton::toggled, this, [this](bool shown) {
        Settings::instance().remember(charts_key, !shown);
        charts_->setVisible(shown);
    });
}

void ActivityPage::addShortcuts()
{
    const auto add = [this](const QKeySequence &keys, QWidget *where, std::function<void()> act) {
        auto *shortcut = new QShortcut(keys, where, nullptr, nullptr, Qt::WidgetWithChildrenShortcut);
        connect(shortcut, &QShortcut::activated, this, std::move(act));
    };
    add(Qt::Key_Pause, this, [this] { pause_->toggle(); });
    add(Qt::Key_Space, charts_, [this] { pause_->toggle(); });
    add(QKeySequence::Find, this, [this] {
        tabs_->setCurrent(QStringLiteral("sessions"));
        sessions_->focusFilter();
    });
    const QStringList ids{QStringLiteral("sessions"), QStringLiteral("blocking"), QStringLiteral("progress"), QStringLiteral("holders")};
    for (int i = 0; i < ids.size(); ++i)
        add(QKeySequence(Qt::ALT | static_cast<Qt::Key>(Qt::Key_1 + i)), this, [this, id = ids[i]] { tabs_->setCurrent(id); });
}

void ActivityPage::showEvent(QShowEvent *event)
{
    QWidget::showEvent(event);
    forget_timer_.stop();
    attach();
}

void ActivityPage::hideEvent(QHideEvent *event)
{
    QWidget::hideEvent(event);
    if (source_)
        source_->monitor->sampler().setTick(std::chrono::seconds(behind_tick_s));
    forget_timer_.start();
}

void ActivityPage::attach()
{
    const auto link = context_->isConnected() ? context_->metadataSession() : nullptr;
    if (!link) {
        if (source_)
            source_->monitor->stop();
        source_.reset();
        now_.reset();
        stack_->setCurrentIndex(0);
        return;
    }
    const bool read_only = context_->isReadOnly();
    sessions_->setReadOnly(read_only);
    blocking_->setReadOnly(read_only);
    progress_->setReadOnly(read_only);
    const auto known = std::find_if(sources_.begin(), sources_.end(), [&link](const auto &one) { return one->link.lock() == link; });
    std::shared_ptr<Source> wanted = known == sources_.end() ? nullptr : *known;
    if (!wanted) {
        auto session = context_->newSession();
        if (!session)
            return;
        wanted = std::make_shared<Source>();
        wanted->link = link;
        wanted->monitor = std::make_shared<activity::Monitor>(std::move(session));
        sources_.push_back(wanted);
        if (sources_.size() > most_sources) {
            release(std::move(sources_.front()));
            sources_.erase(sources_.begin());
        }
    }
    if (source_ && source_ != wanted && source_->monitor)
        source_->monitor->stop();
    const bool other = source_ != wanted;
    source_ = wanted;
    stack_->setCurrentIndex(1);
    source_->monitor->sampler().setTick(std::chrono::seconds(tick_s_));
    if (other) {
        now_ = source_->last ? source_->last : std::make_shared<Activity>();
        showAll();
    }
    if (!source_->monitor->isStarted())
        start(source_);
    else
        source_->monitor->sampler().sampleNow();
    showState();
}

void ActivityPage::start(const std::shared_ptr<Source> &source)
{
    source->state = SamplerState::Starting;
    const std::weak_ptr<Source> weak = source;
    source->monitor->start(onGui<std::shared_ptr<const Activity>>(this,
                                                                  [this, weak](const std::shared_ptr<const Activity> &now) {
                                                                      const auto from = weak.lock();
                                                                      if (!from)
                                                                          return;
                                                                      from->last = now;
                                                                      if (from == source_)
                                                                          accept(now);
                                                                  }),
                           onGui<SamplerState, const Error &>(this, std::function<void(SamplerState, const Error &)>(
                                                                        [this, weak](SamplerState state, const Error &error) {
                                                                            const auto from = weak.lock();
                                                                            if (!from)
                                                                                return;
                                                                            from->state = state;
                                                                            from->error = error;
                                                                            if (from == source_)
                                                                                showState();
                                                                        })));
}

void ActivityPage::accept(const std::shared_ptr<const Activity> &now)
{
    source_->state = SamplerState::Live;
    if (!paused_) {
        now_ = now;
        showAll();
    }
    showState();
}

void ActivityPage::showState()
{
    if (!source_)
        return;
    const SamplerState state = source_->state;
    if (state == SamplerState::Lost) {
        status_->setText(tr("connection lost"));
        status_->setTone(Tone::Bad);
        status_->setIconName(QStringLiteral("error"));
        const QString sentence = tr("The connection was lost. It is tried again with every tick; what is shown is from before.");
        if (banner_->sentence() != sentence)
            banner_->showMessage(Tone::Bad, sentence, Words::qt(source_->error.message));
        return;
    }
    if (now_ && !now_->sees_everything && now_->time_ms > 0) {
        const QString sentence = tr("This role sees only its own sessions in whole.");
        if (banner_->sentence() != sentence)
            banner_->showMessage(Tone::Warn, sentence, tr("GRANT pg_read_all_stats TO %1 shows what the others do.").arg(Words::qt(now_->server ? now_->server->role : "")));
    } else if (now_ && !now_->notes.empty()) {
        if (banner_->sentence() != Words::qt(now_->notes.front()))
            banner_->showMessage(Tone::Warn, Words::qt(now_->notes.front()));
    } else if (banner_->isVisibleTo(this)) {
        banner_->dismiss();
    }
    if (paused_) {
        status_->setText(now_ ? tr("paused at %1").arg(QDateTime::fromMSecsSinceEpoch(now_->time_ms).toString(QStringLiteral("HH:mm:ss"))) : tr("paused"));
        status_->setTone(Tone::Warn);
        status_->setIconName(QStringLiteral("clock"));
    } else if (state == SamplerState::Slow) {
        status_->setText(tr("server answers slowly"));
        status_->setTone(Tone::Warn);
        status_->setIconName(QStringLiteral("clock"));
    } else if (state == SamplerState::Live) {
        status_->setText(tr("live"));
        status_->setTone(Tone::Good);
        status_->setIconName(QStringLiteral("activity"));
    } else {
        status_->setText(tr("connecting"));
        status_->setTone(Tone::Neutral);
        status_->setIconName(QString());
    }
    if (now_)
        status_->setToolTip(tr("A look costs the server %1 and takes %2 from here").arg(Words::qt(human::duration(now_->server_ms)),
                                                                                       Words::qt(human::duration(now_->round_trip_ms))));
}

void ActivityPage::showAll()
{
    sessions_->setActivity(now_);
    blocking_->setActivity(now_);
    progress_->setProgress(now_->progress);
    holders_->setActivity(*now_);
    showCharts();
    showCounts();
    Q_EMIT sampled();
}

void ActivityPage::showCharts()
{
    if (source_ && now_ && now_->time_ms > 0)
        charts_->show(*source_->monitor->series(), now_->time_ms, now_->figures.max_connections);
}

void ActivityPage::showCounts()
{
    const activity::Figures &f = now_->figures;
    const auto titled = [](const QString &title, int count) {
        return count > 0 ? QStringLiteral("%1 · %2").arg(title).arg(count) : title;
    };
    tabs_->setText(QStringLiteral("sessions"), titled(tr("Sessions"), f.clients));
    tabs_->setText(QStringLiteral("blocking"), titled(tr("Blocking"), now_->waiters()));
    tabs_->setText(QStringLiteral("progress"), titled(tr("Progress"), static_cast<int>(now_->progress.size())));
    tabs_->setText(QStringLiteral("holders"), titled(tr("Old snapshots"), holders_->model()->rowCount()));
    if (now_->time_ms == 0) {
        summary_->setText(QString());
        return;
    }
    QStringList parts;
    parts << tr("%1 of %2 connections").arg(f.clients).arg(f.max_connections);
    parts << tr("%1 active").arg(f.active);
    if (f.waiting > 0)
        parts << tr("%1 waiting").arg(f.waiting);
    if (f.idle_in_transaction > 0)
        parts << tr("%1 idle in transaction").arg(f.idle_in_transaction);
    if (f.database_bytes >= 0)
        parts << tr("database %1").arg(Words::qt(human::bytes(f.database_bytes)));
    if (f.deadlocks_total > 0)
        parts << (f.deadlocks_total == 1 ? tr("1 deadlock so far") : tr("%1 deadlocks so far").arg(Words::count(f.deadlocks_total)));
    summary_->setText(parts.join(QStringLiteral(" · ")));
}

void ActivityPage::setTick(int seconds)
{
    tick_s_ = seconds;
    Settings::instance().remember(tick_key, seconds);
    if (source_)
        source_->monitor->sampler().setTick(std::chrono::seconds(seconds));
}

void ActivityPage::setPaused(bool paused)
{
    if (paused_ == paused)
        return;
    paused_ = paused;
    pause_->setChecked(paused);
    pause_->setText(paused ? tr("Go on") : tr("Pause"));
    if (!paused && source_ && source_->last) {
        now_ = source_->last;
        showAll();
    }
    showState();
}

void ActivityPage::sampleNow()
{
    if (source_)
        source_->monitor->sampler().sampleNow();
}

bool ActivityPage::canEnd(Ending ending) const
{
    return source_ && isVisible() && views_->currentWidget() == sessions_ && sessions_->canEnd(ending);
}

bool ActivityPage::hasRoot() const
{
    return source_ && isVisible() && blocking_->rootToEnd() != 0;
}

void ActivityPage::endSelected(Ending ending)
{
    end(sessions_->selectedPids(), ending);
}

void ActivityPage::endRoot()
{
    if (const int root = blocking_->rootToEnd(); root != 0)
        end({root}, Ending::Terminate);
}

void ActivityPage::end(const QList<int> &pids, Ending ending)
{
    if (!now_ || context_->isReadOnly())
        return;
    const migration::ChangeScript script = activity::endScript(*now_, {pids.begin(), pids.end()}, ending);
    if (script.steps.empty()) {
        const activity::Backend *backend = pids.isEmpty() ? nullptr : now_->find(pids.first());
        context_->showStatus(backend == nullptr ? tr("That session has ended.") : Words::qt(activity::refusal(*now_, *backend, ending)));
        return;
    }
    context_->offerChangeScript(script, [guard = QPointer<ActivityPage>(this)](const migration::ChangeOutcome &) {
        if (guard)
            guard->sampleNow();
    });
}

void ActivityPage::readDetails(int pid, bool with_locks)
{
    if (!source_)
        return;
    using Read = Result<activity::BackendDetails>;
    const auto show = onGui<Read>(this, [this, pid, with_locks](const Read &read) { sessions_->details()->setDetails(pid, read, with_locks); });
    source_->monitor->session()->post(
        [pid, with_locks, show](pg::Connection &connection) { show(activity::readBackendDetails(connection, pid, with_locks)); },
        [show](const Error &error) { show(tl::unexpected(error)); });
}

} // namespace howdah::activity_tool
