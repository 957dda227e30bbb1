// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <vector>

#include <QPointer>
#include <QTimer>
#include <QWidget>

#include "core/activity/activity.h"
#include "core/activity/end_backend.h"
#include "core/activity/monitor.h"
#include "ui/plugin/tool_context.h"

class QComboBox;
class QLabel;
class QPushButton;
class QStackedWidget;
class QToolButton;

namespace howdah::ui {
class Banner;
class ElidedLabel;
class EmptyState;
class Pill;
class SegmentedTabs;
}

namespace howdah::activity_tool {

class BlockingView;
class ChartStrip;
class HoldersView;
class ProgressView;
class SessionsView;

/// What the server of the present connection does: charts, sessions, who blocks whom, commands that run, and what holds
/// old snapshots. Samples every tick while it is in front, every ten seconds for some minutes behind other tabs, so that
/// the charts have no hole, and then no more.
class ActivityPage : public QWidget
{
    Q_OBJECT
public:
    explicit ActivityPage(ui::ToolContext *context, QWidget *parent = nullptr);
    ~ActivityPage() override;

    void setPaused(bool paused);
    [[nodiscard]] bool isPaused() const { return paused_; }
    void sampleNow();
    void endSelected(activity::Ending ending);
    void endRoot();
    [[nodiscard]] bool canEnd(activity::Ending ending) const;
    [[nodiscard]] bool hasRoot() const;
    [[nodiscard]] std::shared_ptr<const activity::Activity> activity() const { return now_; }

    [[nodiscard]] SessionsView *sessions() const { return sessions_; }
    [[nodiscard]] BlockingView *blocking() const { return blocking_; }
    [[nodiscard]] ProgressView *progress() const { return progress_; }
    [[nodiscard]] HoldersView *holders() const { return holders_; }
    [[nodiscard]] ChartStrip *charts() const { return charts_; }
    [[nodiscard]] ui::SegmentedTabs *tabs() const { return tabs_; }
    [[nodiscard]] ui::Pill *status() const { return status_; }

Q_SIGNALS:
    void sampled(); ///< something new is shown

protected:
    void showEvent(QShowEvent *event) override;
    void hideEvent(QHideEvent *event) override;

private:
    /// A server that was looked at from here, with its series.
    struct Source {
        std::weak_ptr<pg::Session> link; ///< the connection's metadata session: who it is
        std::shared_ptr<activity::Monitor> monitor;
        std::shared_ptr<const activity::Activity> last;
        series::SamplerState state = series::SamplerState::Stopped;
        Error error;
    };
    QWidget *makeHeader();
    void makeBody();
    void addShortcuts();
    void attach();
    void start(const std::shared_ptr<Source> &source);
    static void release(std::shared_ptr<Source> source);
    void accept(const std::shared_ptr<const activity::Activity> &now);
    void showState();
    void showAll();
    void showCharts();
    void showCounts();
    void setTick(int seconds);
    void end(const QList<int> &pids, activity::Ending ending);
    void readDetails(int pid, bool with_locks);

    ui::ToolContext *context_;
    std::vector<std::shared_ptr<Source>> sources_;
    std::shared_ptr<Source> source_;
    std::shared_ptr<const activity::Activity> now_; ///< as shown
    bool paused_ = false;
    int tick_s_ = 2;
    QTimer forget_timer_;

    QStackedWidget *stack_ = nullptr;
    ui::EmptyState *empty_ = nullptr;
    ui::Pill *status_ = nullptr;
    ui::ElidedLabel *summary_ = nullptr;
    QComboBox *window_ = nullptr;
    QComboBox *tick_ = nullptr;
    QToolButton *charts_button_ = nullptr;
    QPushButton *pause_ = nullptr;
    ui::Banner *banner_ = nullptr;
    ChartStrip *charts_ = nullptr;
    ui::SegmentedTabs *tabs_ = nullptr;
    QStackedWidget *views_ = nullptr;
    SessionsView *sessions_ = nullptr;
    BlockingView *blocking_ = nullptr;
    ProgressView *progress_ = nullptr;
    HoldersView *holders_ = nullptr;
};

} // namespace howdah::activity_tool
