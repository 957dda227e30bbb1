// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/replication/replication_page.h"

#include <algorithm>
#include <thread>

#include <QDialog>
#include <QDialogButtonBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QScrollArea>
#include <QSplitter>
#include <QStackedWidget>
#include <QVBoxLayout>

#include "core/pg/connection_spec.h"
#include "plugins/replication/alerts_view.h"
#include "plugins/replication/lag_view.h"
#include "plugins/replication/tables.h"
#include "plugins/replication/topology_view.h"
#include "plugins/replication/words.h"
#include "ui/base/banner.h"
#include "ui/base/bridge.h"
#include "ui/base/card.h"
#include "ui/base/elided_label.h"
#include "ui/base/empty_state.h"
#include "ui/base/palette.h"
#include "ui/base/pill.h"
#include "ui/base/segmented_tabs.h"
#include "ui/settings/settings.h"

namespace howdah::replication_tool {

using namespace howdah::ui;
using namespace howdah::replication;

namespace {

constexpr auto front_tick = std::chrono::seconds(2);
constexpr auto behind_tick = std::chrono::seconds(10);
constexpr int forget_after_ms = 10 * 60'000;

/// Nodes are remembered by the server that they were looked at from, never with a password.
QString nodesKey(const std::string &primary)
{
    return QStringLiteral("replication/nodes/") + qt(primary);
}

} // namespace

ReplicationPage::ReplicationPage(ToolContext *context, QWidget *parent) : QWidget(parent), context_(context), stack_(new QStackedWidget(this))
{
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(stack_);
    stack_->addWidget(new EmptyState(QStringLiteral("replication"), tr("Not connected"),
                                     tr("Connect to a primary, a standby, a publisher or a subscriber to see who takes from whom, and what is wrong.")));
    makeBody();
    forget_timer_.setSingleShot(true);
    forget_timer_.setInterval(forget_after_ms);
    connect(&forget_timer_, &QTimer::timeout, this, [this] {
        if (monitor_)
            monitor_->stop();
    });
    connect(context_, &ToolContext::connectionChanged, this, [this] {
        if (isVisible())
            attach();
    });
}

ReplicationPage::~ReplicationPage()
{
    stopMonitor();
}

/// The end of a session may wait for a dead network.
void ReplicationPage::stopMonitor()
{
    if (!monitor_)
        return;
    monitor_->stop();
    std::thread([monitor = std::move(monitor_), finding = std::move(finding_)]() mutable {
        monitor.reset();
        finding.reset();
    }).detach();
    monitor_.reset();
    finding_.reset();
}

QWidget *ReplicationPage::makeHeader()
{
    auto *bar = new QWidget;
    auto *line = new QHBoxLayout(bar);
    line->setContentsMargins(0, 0, 0, 0);
    line->setSpacing(spacing::control);
    auto *title = new QLabel(tr("Replication"));
    title->setProperty("role", QStringLiteral("title"));
    status_ = new Pill;
    summary_ = new ElidedLabel;
    summary_->setProperty("role", QStringLiteral("dim"));
    auto *add = new QPushButton(icon(QStringLiteral("plus")), tr("Look at a node…"));
    add->setToolTip(tr("A standby, a publisher or a subscriber: with both ends in sight the picture tells the truth"));
    remove_ = new QPushButton(tr("Leave out"));
    remove_->setToolTip(tr("Does not look at the chosen node any more"));
    remove_->hide();
    standby_ = new QPushButton(tr("Add standby…"));
    logical_button_ = new QPushButton(tr("Logical replication…"));
    line->addWidget(title);
    line->addWidget(status_);
    line->addWidget(summary_, 1);
    line->addWidget(remove_);
    line->addWidget(add);
    line->addWidget(standby_);
    line->addWidget(logical_button_);
    connect(add, &QPushButton::clicked, this, &ReplicationPage::askForNode);
    connect(remove_, &QPushButton::clicked, this, &ReplicationPage::removeNode);
    connect(standby_, &QPushButton::clicked, this, [this] { Q_EMIT setupRequested(SetupKind::Standby); });
    connect(logical_button_, &QPushButton::clicked, this, [this] { Q_EMIT setupRequested(SetupKind::Logical); });
    return bar;
}

void ReplicationPage::makeBody()
{
    auto *page = new QWidget;
    stack_->addWidget(page);
    auto *layout = new QVBoxLayout(page);
    layout->setContentsMargins(spacing::page, spacing::card, spacing::page, spacing::card);
    layout->setSpacing(spacing::card);
    layout->addWidget(makeHeader());
    banner_ = new Banner;
    layout->addWidget(banner_);
    auto *left = new QSplitter(Qt::Vertical);
    auto *picture = new Card;
    auto *caption = new QLabel(tr("Topology, seen from both ends").toUpper());
    caption->setProperty("role", QStringLiteral("caption"));
    picture->body()->addWidget(caption);
    auto *scroll = new QScrollArea;
    scroll->setWidgetResizable(true);
    scroll->setFrameShape(QFrame::NoFrame);
    topology_ = new TopologyView;
    scroll->setWidget(topology_);
    // The card shows through.
    scroll->viewport()->setAutoFillBackground(false);
    topology_->setAutoFillBackground(false);
    picture->body()->addWidget(scroll, 1);
    left->addWidget(picture);
    auto *lower = new QWidget;
    auto *lower_layout = new QVBoxLayout(lower);
    lower_layout->setContentsMargins(0, spacing::unit, 0, 0);
    lower_layout->setSpacing(spacing::unit);
    tabs_ = new SegmentedTabs(SegmentedTabs::Look::Quiet);
    tabs_->addSegment(QStringLiteral("lag"), tr("Lag"), tr("How far a receiver is behind, in four stages"));
    tabs_->addSegment(QStringLiteral("slots"), tr("Slots"), tr("What is kept for whom, and for how long yet"));
    tabs_->addSegment(QStringLiteral("logical"), tr("Logical"), tr("Publications and subscriptions"));
    tabs_->addSegment(QStringLiteral("tables"), tr("Tables"), tr("The state of each table of a subscription"));
    auto *tabs_line = new QHBoxLayout;
    tabs_line->addWidget(tabs_);
    tabs_line->addStretch();
    lower_layout->addLayout(tabs_line);
    auto *frame = new QFrame;
    frame->setProperty("role", QStringLiteral("card"));
    auto *inside = new QVBoxLayout(frame);
    inside->setContentsMargins(1, 1, 1, 1);
    views_ = new QStackedWidget;
    inside->addWidget(views_);
    lower_layout->addWidget(frame, 1);
    lag_ = new LagView;
    slots_ = new SlotsView;
    logical_ = new LogicalView;
    relations_ = new RelationsView;
    for (QWidget *view : {static_cast<QWidget *>(lag_), static_cast<QWidget *>(slots_), static_cast<QWidget *>(logical_), static_cast<QWidget *>(relations_)})
        views_->addWidget(view);
    offerSetups();
    left->addWidget(lower);
    left->setStretchFactor(0, 3);
    left->setStretchFactor(1, 4);
    left->setChildrenCollapsible(false);
    auto *right = new QWidget;
    auto *right_layout = new QVBoxLayout(right);
    // Its caption stands beside that of the picture.
    right_layout->setContentsMargins(spacing::control, spacing::card, 0, 0);
    right_layout->setSpacing(spacing::control);
    alerts_title_ = new QLabel(tr("Alerts").toUpper());
    alerts_title_->setProperty("role", QStringLiteral("caption"));
    right_layout->addWidget(alerts_title_);
    alerts_ = new AlertsView;
    right_layout->addWidget(alerts_, 1);
    auto *across = new QSplitter(Qt::Horizontal);
    across->addWidget(left);
    across->addWidget(right);
    across->setStretchFactor(0, 1);
    across->setStretchFactor(1, 0);
    across->setSizes({900, 330});
    across->setChildrenCollapsible(false);
    layout->addWidget(across, 1);
    connect(tabs_, &SegmentedTabs::currentChanged, this, [this](const QString &id) {
        views_->setCurrentIndex(id == QLatin1String("lag") ? 0 : id == QLatin1String("slots") ? 1 : id == QLatin1String("logical") ? 2 : 3);
    });
    connect(topology_, &TopologyView::placeChosen, this, [this](const QString &place) {
        lag_->choose(place);
        remove_->setVisible(std::any_of(others_.begin(), others_.end(), [&place](const OtherNode &one) { return qt(one.name) == place; }));
    });
    connect(topology_, &TopologyView::canaryRequested, this, [this](std::size_t at) { openCanary(at); });
    alerts_->setActions([this](const Alert &alert) { return actionsOf(alert); });
    connect(alerts_, &AlertsView::repairRequested, this, &ReplicationPage::repair);
}

/// Where nothing is yet, the way to it.
void ReplicationPage::offerSetups()
{
    const auto offer = [this](EmptyState *empty, SetupKind kind, const QString &text) {
        offers_.push_back(empty->addButton(text, QStringLiteral("plus"), [this, kind] { Q_EMIT setupRequested(kind); }));
    };
    for (EmptyState *empty : {lag_->empty(), slots_->empty()})
        offer(empty, SetupKind::Standby, tr("Add standby…"));
    for (EmptyState *empty : {lag_->empty(), logical_->empty()})
        offer(empty, SetupKind::Logical, tr("Logical replication…"));
}

void ReplicationPage::showEvent(QShowEvent *event)
{
    QWidget::showEvent(event);
    forget_timer_.stop();
    attach();
}

void ReplicationPage::hideEvent(QHideEvent *event)
{
    QWidget::hideEvent(event);
    if (monitor_)
        monitor_->setTick(behind_tick);
    forget_timer_.start();
}

void ReplicationPage::attach()
{
    const auto link = context_->isConnected() ? context_->metadataSession() : nullptr;
    if (!link) {
        stopMonitor();
        overview_.reset();
        link_.reset();
        stack_->setCurrentIndex(0);
        return;
    }
    stack_->setCurrentIndex(1);
    const bool writes = !context_->isReadOnly();
    standby_->setVisible(writes);
    logical_button_->setVisible(writes);
    topology_->offerCanaries(writes);
    for (QPushButton *offer : offers_)
        offer->setVisible(writes);
    if (link_.lock() != link) {
        link_ = link;
        others_.clear();
        std::vector<std::string> names{nodeName(link->spec().conninfo, {})};
        for (const QString &conninfo : Settings::instance().remembered(nodesKey(names.front())).toStringList()) {
            names.push_back(nodeName(conninfo.toStdString(), names));
            others_.push_back({names.back(), conninfo.toStdString()});
        }
        restart();
    } else if (monitor_) {
        monitor_->setTick(front_tick);
        if (!monitor_->isStarted())
            monitor_->start(onGui<std::shared_ptr<const Overview>>(this, [this](const std::shared_ptr<const Overview> &overview) { accept(overview); }));
        monitor_->sampleNow();
    }
}

void ReplicationPage::restart()
{
    stopMonitor();
    const auto link = link_.lock();
    auto own = context_->newSession();
    if (!link || !own)
        return;
    std::vector<Monitor::Source> sources{{nodeName(link->spec().conninfo, {}), std::move(own)}};
    for (const OtherNode &other : others_) {
        pg::ConnectionSpec spec;
        spec.conninfo = other.conninfo;
        spec.read_only = true;
        sources.push_back({other.name, std::make_shared<pg::Session>(std::move(spec))});
    }
    monitor_ = std::make_shared<Monitor>(std::move(sources));
    monitor_->setTick(front_tick);
    monitor_->start(onGui<std::shared_ptr<const Overview>>(this, [this](const std::shared_ptr<const Overview> &overview) { accept(overview); }));
    status_->setText(tr("connecting"));
    status_->setTone(Tone::Neutral);
}

void ReplicationPage::accept(const std::shared_ptr<const Overview> &overview)
{
    // One of a monitor that has been replaced may still have been on its way.
    if (!monitor_ || overview->nodes.size() != monitor_->sources().size())
        return;
    overview_ = overview;
    topology_->setOverview(overview);
    alerts_->setAlerts(overview->alerts, context_->isReadOnly());
    lag_->setOverview(overview, *monitor_);
    slots_->setOverview(*overview);
    logical_->setOverview(*overview);
    relations_->setOverview(*overview);
    showHead();
    Q_EMIT overviewChanged();
}

void ReplicationPage::showHead()
{
    const auto lost = std::count_if(overview_->nodes.begin(), overview_->nodes.end(), [](const auto &node) { return node->isLost(); });
    const auto critical = std::count_if(overview_->alerts.begin(), overview_->alerts.end(), [](const Alert &one) { return one.severity == Severity::Critical; });
    const auto warnings = std::count_if(overview_->alerts.begin(), overview_->alerts.end(), [](const Alert &one) { return one.severity == Severity::Warning; });
    status_->setTone(critical > 0 ? Tone::Bad : warnings > 0 ? Tone::Warn : Tone::Good);
    status_->setIconName(critical > 0 ? QStringLiteral("error") : warnings > 0 ? QStringLiteral("warning") : QStringLiteral("check"));
    status_->setText(critical > 0 ? tr("%n critical", nullptr, static_cast<int>(critical)) : warnings > 0 ? tr("%n warnings", nullptr, static_cast<int>(warnings)) : tr("all well"));
    QStringList parts;
    parts << tr("%n nodes looked at", nullptr, static_cast<int>(overview_->nodes.size()));
    if (lost > 0)
        parts << tr("%n lost", nullptr, static_cast<int>(lost));
    parts << tr("%1 a look").arg(timeText(overview_->server_ms));
    summary_->setText(parts.join(QStringLiteral(" · ")));
    alerts_title_->setText(overview_->alerts.empty() ? tr("Alerts").toUpper() : tr("Alerts · %1").arg(overview_->alerts.size()).toUpper());
    tabs_->setText(QStringLiteral("slots"), slots_->model()->rowCount() > 0 ? tr("Slots · %1").arg(slots_->model()->rowCount()) : tr("Slots"));
    for (const auto &node : overview_->nodes) {
        if (node->notes.empty() || node->isLost())
            continue;
        const QString sentence = tr("Not everything of %1 can be seen").arg(qt(node->name));
        if (banner_->sentence() != sentence)
            banner_->showMessage(Tone::Warn, sentence, qt(node->notes.front()));
        return;
    }
    if (banner_->isVisibleTo(this))
        banner_->dismiss();
}

void ReplicationPage::askForNode()
{
    auto *dialog = new QDialog(this);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setWindowTitle(tr("Look at a node"));
    auto *layout = new QVBoxLayout(dialog);
    auto *words = new QLabel(tr("How to reach the standby, publisher or subscriber. It is only read; a password in it is kept in memory alone."));
    words->setWordWrap(true);
    auto *edit = new QLineEdit;
    edit->setPlaceholderText(QStringLiteral("host=db-2.eu dbname=shop user=ann"));
    edit->setAccessibleName(tr("Connection string"));
    edit->setMinimumWidth(440);
    auto *buttons = new QDialogButtonBox(QDialogButtonBox::Ok | QDialogButtonBox::Cancel);
    buttons->button(QDialogButtonBox::Ok)->setText(tr("Look at it"));
    layout->addWidget(words);
    layout->addWidget(edit);
    layout->addWidget(buttons);
    connect(buttons, &QDialogButtonBox::rejected, dialog, &QDialog::reject);
    connect(buttons, &QDialogButtonBox::accepted, this, [this, dialog, edit] {
        if (edit->text().trimmed().isEmpty())
            return;
        addNode(edit->text().trimmed());
        dialog->accept();
    });
    dialog->open();
}

void ReplicationPage::addNode(const QString &conninfo)
{
    const auto link = link_.lock();
    if (!link)
        return;
    // One that is looked at already may come again with its password.
    const std::string bare = pg::withoutPassword(conninfo.toStdString());
    const auto known = std::find_if(others_.begin(), others_.end(), [&bare](const OtherNode &one) { return pg::withoutPassword(one.conninfo) == bare; });
    if (known != others_.end()) {
        known->conninfo = conninfo.toStdString();
        restart();
        return;
    }
    std::vector<std::string> names{nodeName(link->spec().conninfo, {})};
    for (const OtherNode &other : others_)
        names.push_back(other.name);
    others_.push_back({nodeName(conninfo.toStdString(), names), conninfo.toStdString()});
    QStringList kept;
    for (const OtherNode &other : others_)
        kept << qt(pg::withoutPassword(other.conninfo));
    Settings::instance().remember(nodesKey(names.front()), kept);
    restart();
}

void ReplicationPage::removeNode()
{
    const auto link = link_.lock();
    const std::string chosen = topology_->chosen().toStdString();
    std::erase_if(others_, [&chosen](const OtherNode &one) { return one.name == chosen; });
    QStringList kept;
    for (const OtherNode &other : others_)
        kept << qt(pg::withoutPassword(other.conninfo));
    if (link)
        Settings::instance().remember(nodesKey(nodeName(link->spec().conninfo, {})), kept);
    remove_->hide();
    restart();
}

} // namespace howdah::replication_tool
