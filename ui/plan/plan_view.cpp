// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/plan/plan_view.h"

#include <QComboBox>
#include <QEvent>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QShortcut>
#include <QSplitter>
#include <QStackedWidget>
#include <QToolButton>
#include <QVBoxLayout>

#include "core/plan/print.h"
#include "ui/base/banner.h"
#include "ui/base/empty_state.h"
#include "ui/base/hairline.h"
#include "ui/base/palette.h"
#include "ui/base/segmented_tabs.h"
#include "ui/plan/flame_view.h"
#include "ui/plan/hot_nodes.h"
#include "ui/plan/node_details.h"
#include "ui/plan/node_text.h"
#include "ui/plan/plan_canvas.h"
#include "ui/plan/plan_grid.h"
#include "ui/plan/plan_scale.h"
#include "ui/plan/plan_sql_pane.h"
#include "ui/plan/plan_text_pane.h"
#include "ui/plan/side_column.h"
#include "ui/plan/stat_strip.h"
#include "ui/plan/time_bar.h"
#include "ui/plan/timeline_view.h"

namespace howdah::ui {

namespace {

const QString plan_tab = QStringLiteral("plan");
const QString flame_tab = QStringLiteral("flame");
const QString timeline_tab = QStringLiteral("timeline");
const QString grid_tab = QStringLiteral("grid");
const QString text_tab = QStringLiteral("text");
const QString sql_tab = QStringLiteral("sql");
const QString json_tab = QStringLiteral("json");

QToolButton *toolButton(const QString &icon_name, const QString &tooltip, QWidget *parent)
{
    auto *button = new QToolButton(parent);
    button->setIcon(icon(icon_name));
    button->setToolTip(tooltip);
    button->setAccessibleName(tooltip);
    return button;
}

} // namespace

PlanView::PlanView(QWidget *parent)
    : QWidget(parent), stack_(new QStackedWidget(this)),
      empty_(new EmptyState(QStringLiteral("plan"), tr("See how PostgreSQL runs a statement"),
                            tr("Explain a statement, or open a plan that EXPLAIN, psql or auto_explain printed."), this))
{
    auto *outer = new QVBoxLayout(this);
    outer->setContentsMargins(0, 0, 0, 0);
    outer->addWidget(stack_);
    stack_->addWidget(empty_);

    auto *page = new QWidget(this);
    auto *layout = new QVBoxLayout(page);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    auto *top = new QFrame(page);
    top->setProperty("role", QStringLiteral("panel"));
    auto *top_layout = new QVBoxLayout(top);
    top_layout->setContentsMargins(0, 0, 0, 0);
    top_layout->setSpacing(0);
    stats_ = new StatStrip(top);
    top_layout->addWidget(stats_);
    top_layout->addWidget(hairline(top));
    top_layout->addWidget(buildBar());
    top_layout->addWidget(hairline(top));
    layout->addWidget(top);
    notice_ = new Banner(page);
    layout->addWidget(notice_);

    content_ = new QStackedWidget(page);
    canvas_ = new PlanCanvas(content_);
    text_ = new PlanTextPane(content_);
    json_ = new PlanTextPane(content_);
    json_->setAccessibleName(tr("Plan as JSON"));
    flame_ = new FlameView(content_);
    timeline_ = new TimelineView(content_);
    grid_ = new PlanGrid(content_);
    sql_ = new PlanSqlPane(content_);
    for (QWidget *each : std::initializer_list<QWidget *>{canvas_, flame_, timeline_, grid_, text_, sql_, json_})
        content_->addWidget(each);
    legend_ = new PlanLegend(page);
    auto *views = new QWidget(page);
    auto *views_layout = new QVBoxLayout(views);
    views_layout->setContentsMargins(0, 0, 0, 0);
    views_layout->setSpacing(0);
    views_layout->addWidget(content_, 1);
    views_layout->addWidget(legend_);
    splitter_ = new QSplitter(Qt::Horizontal, page);
    splitter_->addWidget(views);
    splitter_->addWidget(buildSide());
    splitter_->setStretchFactor(0, 1);
    splitter_->setStretchFactor(1, 0);
    splitter_->setCollapsible(0, false);
    splitter_->setSizes({900, 300});
    layout->addWidget(splitter_, 1);
    stack_->addWidget(page);

    connect(canvas_, &PlanCanvas::selectionChanged, this, &PlanView::onSelected);
    connect(flame_, &FlameView::nodeChosen, this, [this](plan::NodeId id) { selectNode(id); });
    connect(timeline_, &TimelineView::nodeChosen, this, [this](plan::NodeId id) { selectNode(id); });
    connect(grid_, &PlanGrid::nodeChosen, this, [this](plan::NodeId id) { selectNode(id); });
    connect(text_, &PlanTextPane::nodeClicked, this, [this](plan::NodeId id) { selectNode(id); });
    connect(sql_, &PlanSqlPane::nodeClicked, this, [this](plan::NodeId id) { selectNode(id); });
    connect(hot_, &HotNodes::nodeChosen, this, [this](plan::NodeId id) { selectNode(id); });
    connect(time_bar_, &TimeBar::nodeClicked, this, [this](plan::NodeId id) { selectNode(id); });
    addShortcuts();
}

QWidget *PlanView::buildBar()
{
    auto *bar = new QWidget(this);
    bar->setMinimumWidth(1); // what it has no room for goes away, see fitBar()
    bar->installEventFilter(this);
    bar_ = new QHBoxLayout(bar);
    bar_->setContentsMargins(spacing::control, 6, spacing::control, 6);
    bar_->setSpacing(spacing::control);
    tabs_ = new SegmentedTabs(SegmentedTabs::Look::Quiet, bar);
    tabs_->addSegment(plan_tab, tr("Tree"), tr("The tree of nodes"));
    tabs_->addSegment(flame_tab, tr("Flame"), tr("Every node as wide as its time with all below it"));
    tabs_->addSegment(timeline_tab, tr("Timeline"), tr("When each node gave its first and its last row"));
    tabs_->addSegment(grid_tab, tr("Grid"), tr("The nodes as a table to sort and to copy"));
    tabs_->addSegment(text_tab, tr("Text"), tr("As EXPLAIN prints it"));
    tabs_->addSegment(sql_tab, tr("SQL"), tr("The statement, with the time of its clauses beside it"));
    tabs_->setSegmentEnabled(sql_tab, false);
    tabs_->addSegment(json_tab, tr("JSON"), tr("As the server sent it"));
    connect(tabs_, &SegmentedTabs::currentChanged, this, &PlanView::showTab);
    plans_ = new QComboBox(bar);
    plans_->setAccessibleName(tr("Plan"));
    plans_->setToolTip(tr("The input holds several plans"));
    connect(plans_, &QComboBox::activated, this, [this](int row) { setPlanIndex(static_cast<std::size_t>(row)); });

    colour_by_ = new QComboBox(bar);
    colour_by_->setAccessibleName(tr("Colour by"));
    colour_by_->setToolTip(tr("What the colours tell"));
    colour_by_->addItem(tr("by time"), static_cast<int>(ColourBy::Time));
    colour_by_->addItem(tr("by rows"), static_cast<int>(ColourBy::Rows));
    colour_by_->addItem(tr("by cost"), static_cast<int>(ColourBy::Cost));
    colour_by_->addItem(tr("by buffers"), static_cast<int>(ColourBy::Buffers));
    colour_by_->addItem(tr("by estimate"), static_cast<int>(ColourBy::Estimate));
    connect(colour_by_, &QComboBox::activated, this, &PlanView::setColourBy);

    search_ = new QLineEdit(bar);
    search_->setPlaceholderText(tr("Search nodes"));
    search_->setClearButtonEnabled(true);
    search_->addAction(icon(QStringLiteral("search")), QLineEdit::LeadingPosition);
    search_->setMaximumWidth(180);
    search_->setMinimumWidth(90);
    search_->setToolTip(tr("Node types, relations, indexes, conditions (Ctrl+F); Enter goes to the next"));
    connect(search_, &QLineEdit::textChanged, this, &PlanView::search);
    connect(search_, &QLineEdit::returnPressed, this, [this] { stepFound(1); });
    search_count_ = new QLabel(bar);
    search_count_->setProperty("role", QStringLiteral("dim"));

    zoom_out_ = toolButton(QStringLiteral("zoom-out"), tr("Zoom out (−)"), bar);
    fit_ = toolButton(QStringLiteral("fit"), tr("Fit the whole plan (F)"), bar);
    zoom_in_ = toolButton(QStringLiteral("zoom-in"), tr("Zoom in (+)"), bar);
    connect(zoom_out_, &QToolButton::clicked, this, [this] { canvas_->setZoom(canvas_->zoom() / 1.2); });
    connect(zoom_in_, &QToolButton::clicked, this, [this] { canvas_->setZoom(canvas_->zoom() * 1.2); });
    connect(fit_, &QToolButton::clicked, this, [this] { canvas_->fit(); });
    export_ = toolButton(QStringLiteral("export"), tr("Export"), bar);
    export_->setPopupMode(QToolButton::InstantPopup);
    side_toggle_ = toolButton(QStringLiteral("info"), tr("Show or hide the details"), bar);
    side_toggle_->setCheckable(true);
    side_toggle_->setChecked(true);
    connect(side_toggle_, &QToolButton::toggled, this, [this](bool on) { side_->setVisible(on); });

    bar_->addWidget(tabs_);
    bar_->addWidget(plans_);
    bar_->addStretch(1);
    bar_->addWidget(colour_by_);
    bar_->addWidget(search_count_);
    bar_->addWidget(search_);
    for (QToolButton *button : {zoom_out_, fit_, zoom_in_, export_, side_toggle_})
        bar_->addWidget(button);
    buildExportMenu();
    return bar;
}

QWidget *PlanView::buildSide()
{
    details_ = new NodeDetails(this);
    side_ = new SideColumn(details_, this);
    const auto caption = [this](const QString &text) {
        auto *label = new QLabel(text, side_);
        label->setProperty("role", QStringLiteral("caption"));
        label->setContentsMargins(spacing::unit, 0, 0, 0);
        return label;
    };
    bar_caption_ = caption({});
    time_bar_ = new TimeBar(side_);
    hot_caption_ = caption(tr("SLOWEST NODES"));
    hot_ = new HotNodes(side_);
    side_->addToOverview(bar_caption_);
    side_->addToOverview(time_bar_);
    side_->addToOverview(hot_caption_, spacing::control);
    side_->addToOverview(hot_);
    return side_;
}

void PlanView::addSidePanel(QWidget *panel)
{
    side_->addPanel(panel);
}

void PlanView::addShortcuts()
{
    const auto shortcut = [this](const QKeySequence &keys, auto function) {
        auto *added = new QShortcut(keys, this);
        added->setContext(Qt::WidgetWithChildrenShortcut);
        connect(added, &QShortcut::activated, this, function);
    };
    shortcut(QKeySequence::Find, [this] {
        search_->show();
        search_->setFocus(Qt::ShortcutFocusReason);
        search_->selectAll();
    });
    shortcut(QKeySequence::FindNext, [this] { stepFound(1); });
    shortcut(QKeySequence::FindPrevious, [this] { stepFound(-1); });
    shortcut(QKeySequence(Qt::CTRL | Qt::Key_Plus), [this] { canvas_->setZoom(canvas_->zoom() * 1.2); });
    shortcut(QKeySequence(Qt::CTRL | Qt::Key_Minus), [this] { canvas_->setZoom(canvas_->zoom() / 1.2); });
    shortcut(QKeySequence(Qt::CTRL | Qt::Key_0), [this] { canvas_->setZoom(1); });
    auto *leave = new QShortcut(QKeySequence(Qt::Key_Escape), search_);
    leave->setContext(Qt::WidgetShortcut);
    connect(leave, &QShortcut::activated, this, [this] {
        search_->clear();
        canvas_->setFocus(Qt::OtherFocusReason);
    });
}

void PlanView::addToolButton(QToolButton *button)
{
    bar_->insertWidget(bar_->indexOf(export_), button);
}

void PlanView::setNotice(const QString &sentence, const QString &details)
{
    if (sentence.isEmpty())
        notice_->dismiss();
    else
        notice_->showMessage(Tone::Warn, sentence, details);
}

void PlanView::setDocument(std::shared_ptr<const PlanDocument> document)
{
    document_ = std::move(document);
    index_ = 0;
    statements_.clear();
    fillSql();
    notice_->dismiss();
    if (document_ == nullptr || document_->plans.empty()) {
        document_.reset();
        canvas_->setPlan(nullptr, 0);
        flame_->setPlan(nullptr, 0);
        timeline_->setPlan(nullptr, 0);
        grid_->setPlan(nullptr, 0);
        stack_->setCurrentIndex(0);
        return;
    }
    stack_->setCurrentIndex(1);
    plans_->clear();
    for (std::size_t i = 0; i < document_->plans.size(); ++i) {
        const plan::Plan &each = document_->plans[i];
        const QString root = each.nodes.empty() ? QString::fromStdString(each.note) : NodeText::name(each.nodes[0]);
        plans_->addItem(tr("%1 of %2: %3").arg(i + 1).arg(document_->plans.size()).arg(root));
    }
    plans_->setVisible(document_->plans.size() > 1);
    const bool has_json = document_->format == plan::Format::Json;
    tabs_->setSegmentEnabled(json_tab, has_json);
    json_filled_ = false;
    if (!has_json && tab() == json_tab)
        tabs_->setCurrent(plan_tab);
    if (!document_->diagnostics.empty()) {
        const plan::Diagnostic &first = document_->diagnostics.front();
        setNotice(tr("Not all of the input could be read."),
                  tr("Line %1: %2").arg(first.line).arg(QString::fromStdString(first.message)));
    }
    showPlan();
}

void PlanView::setPlanIndex(std::size_t index)
{
    if (document_ == nullptr || index >= document_->plans.size() || index == index_)
        return;
    index_ = index;
    plans_->setCurrentIndex(static_cast<int>(index));
    showPlan();
}

void PlanView::setStatements(std::vector<PlanSql> statements)
{
    statements_ = std::move(statements);
    fillSql();
}

void PlanView::fillSql()
{
    const bool has = document_ != nullptr && index_ < statements_.size() && !statements_[index_].text.empty();
    tabs_->setSegmentEnabled(sql_tab, has);
    if (!has && tab() == sql_tab)
        tabs_->setCurrent(plan_tab);
    sql_->setPlan(has ? document_ : nullptr, index_, has ? statements_[index_] : PlanSql());
    if (has && canvas_->selected())
        sql_->markNode(*canvas_->selected());
}

void PlanView::setPlanRemarks(const QStringList &remarks)
{
    for (int i = 0; i < std::min(plans_->count(), static_cast<int>(remarks.size())); ++i) {
        if (!remarks[i].isEmpty())
            plans_->setItemText(i, plans_->itemText(i) + QStringLiteral(" · ") + remarks[i]);
    }
}

void PlanView::showPlan()
{
    text_filled_ = false;
    search_->clear();
    details_->clear();
    canvas_->setPlan(document_, index_);
    flame_->setPlan(document_, index_);
    timeline_->setPlan(document_, index_);
    grid_->setPlan(document_, index_);
    fillLegend();
    hot_->setPlan(document_.get(), index_);
    fillStats();
    fillBar();
    fillTexts();
    fillSql();
    Q_EMIT planShown(index_);
    if (plan().nodes.empty()) { // a statement without a plan
        tabs_->setCurrent(text_tab);
        return;
    }
    // The slowest node is what people look for; a plan that was not executed starts at the root.
    const std::vector<plan::NodeId> hot = plan::hottest(metrics(), 1);
    canvas_->select(metrics().execution_ms && !hot.empty() ? hot.front() : 0);
    canvas_->resetView();
}

void PlanView::showTab(const QString &id)
{
    const std::pair<QString, QWidget *> views[] = {{flame_tab, flame_}, {timeline_tab, timeline_}, {grid_tab, grid_},
                                                   {text_tab, text_}, {sql_tab, sql_}, {json_tab, json_}};
    QWidget *view = canvas_;
    for (const auto &[name, widget] : views) {
        if (name == id)
            view = widget;
    }
    content_->setCurrentWidget(view);
    fitBar();
    fillLegend();
    fillTexts();
    if (document_ != nullptr && canvas_->selected()) // what was hidden could not scroll
        markInViews(*canvas_->selected());
}

/// A narrow bar gives up first what keys and the wheel do as well.
void PlanView::fitBar()
{
    const QString id = tab();
    const bool tree = id == plan_tab;
    const bool coloured = tree || id == flame_tab || id == timeline_tab;
    const std::pair<QWidget *, bool> parts[] = {{zoom_out_, tree}, {zoom_in_, tree}, {fit_, tree}, {colour_by_, coloured}, {search_, true}};
    for (const auto &[part, wanted] : parts)
        part->setVisible(wanted);
    const int room = bar_->parentWidget()->width();
    for (const auto &[part, wanted] : parts) {
        bar_->invalidate();
        if (bar_->minimumSize().width() <= room)
            break;
        part->hide();
    }
}

bool PlanView::eventFilter(QObject *watched, QEvent *event)
{
    if (event->type() == QEvent::Resize && watched == bar_->parentWidget())
        fitBar();
    return QWidget::eventFilter(watched, event);
}

void PlanView::markInViews(plan::NodeId id)
{
    flame_->setSelected(id);
    timeline_->setSelected(id);
    grid_->setSelected(id);
}

void PlanView::setColourBy()
{
    const auto by = static_cast<ColourBy>(colour_by_->currentData().toInt());
    canvas_->setColourBy(by);
    flame_->setColourBy(by);
    timeline_->setColourBy(by);
    fillLegend();
}

void PlanView::fillLegend()
{
    const QString id = tab();
    legend_->setVisible(document_ != nullptr && id != text_tab && id != sql_tab && id != json_tab && !plan().nodes.empty());
    if (document_ == nullptr)
        return;
    const bool timed = metrics().execution_ms.has_value();
    legend_->setShowsScale(id != grid_tab);
    legend_->setColourBy(static_cast<ColourBy>(colour_by_->currentData().toInt()), timed);
    QString remark;
    if (id == flame_tab)
        remark = flame_->measure() == FlameMeasure::Time   ? tr("Width: time of the node and all below it. Double click zooms, Esc goes back.")
                 : flame_->measure() == FlameMeasure::Cost ? tr("Width: cost of the node and all below it. Double click zooms, Esc goes back.")
                                                           : tr("Width: nodes below; this plan has neither times nor costs.");
    else if (id == timeline_tab)
        remark = tr("EXPLAIN gives averages per loop and no starting times: starts follow from the tree; a dashed bar ran in "
                    "several loops somewhere within it.");
    else if (id == grid_tab)
        remark = tr("Figures of all loops. Right click on the titles chooses columns; Ctrl+C copies for a spreadsheet.");
    legend_->setRemark(remark);
}

/// Large texts take their time, so only those in front are filled.
void PlanView::fillTexts()
{
    if (document_ == nullptr)
        return;
    if (content_->currentWidget() == text_ && !text_filled_) {
        text_filled_ = true;
        text_->setPrinted(plan::printText(plan()));
        if (const auto selected = canvas_->selected())
            text_->markNode(*selected);
    }
    if (content_->currentWidget() == json_ && !json_filled_) {
        json_filled_ = true;
        constexpr std::size_t most = 4'000'000; // what the text view opens at once; "Copy" has it all
        QString text = QString::fromUtf8(document_->source.data(),
                                         static_cast<qsizetype>(std::min(most, document_->source.size())));
        if (document_->source.size() > most)
            text += tr("\n… cut here; Export copies the whole JSON.");
        json_->setPlain(text);
    }
}

void PlanView::setTab(const QString &id)
{
    if (id == sql_tab && sql_->sql().text.empty())
        return;
    tabs_->setCurrent(id);
}

QString PlanView::tab() const
{
    return tabs_->current();
}

void PlanView::selectNode(plan::NodeId id, bool center)
{
    if (document_ != nullptr)
        canvas_->select(id, center);
}

std::optional<plan::NodeId> PlanView::selectedNode() const
{
    return canvas_->selected();
}

void PlanView::onSelected(plan::NodeId id)
{
    details_->showNode(document_, index_, id);
    hot_->markSelected(id);
    markInViews(id);
    if (text_filled_)
        text_->markNode(id);
    sql_->markNode(id);
    Q_EMIT nodeSelected(id);
}

} // namespace howdah::ui
