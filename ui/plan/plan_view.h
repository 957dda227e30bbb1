// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include <QWidget>

#include "ui/plan/plan_document.h"
#include "ui/plan/plan_sql.h"

class QComboBox;
class QHBoxLayout;
class QLabel;
class QLineEdit;
class QSplitter;
class QStackedWidget;
class QToolButton;

namespace howdah::ui {

class Banner;
class EmptyState;
class FlameView;
class HotNodes;
class NodeDetails;
class PlanCanvas;
class PlanGrid;
class PlanLegend;
class PlanSqlPane;
class PlanTextPane;
class SegmentedTabs;
class SideColumn;
class StatStrip;
class TimeBar;
class TimelineView;

/// One input's plans: figures at the top, one of the views (tree, flame, timeline, grid, text, SQL) on one selection, and
/// beside it the slowest nodes and all that is
/// known of the selected one. Speaks to no server: whoever has a plan hands it over.
class PlanView : public QWidget
{
    Q_OBJECT
public:
    explicit PlanView(QWidget *parent = nullptr);

    /// Null shows the empty state.
    void setDocument(std::shared_ptr<const PlanDocument> document);
    [[nodiscard]] std::shared_ptr<const PlanDocument> document() const { return document_; }
    /// Which of the input's plans is shown.
    [[nodiscard]] std::size_t planIndex() const { return index_; }
    void setPlanIndex(std::size_t index);
    /// The statements of the document's plans, one a plan, for the SQL view; an empty one has none.
    void setStatements(std::vector<PlanSql> statements);
    /// What the choice of plans says behind each ("3 findings"); one a plan.
    void setPlanRemarks(const QStringList &remarks);

    void selectNode(plan::NodeId id, bool center = true);
    [[nodiscard]] std::optional<plan::NodeId> selectedNode() const;

    /// "plan" (the tree), "flame", "timeline", "grid", "text", "sql" or "json".
    void setTab(const QString &id);
    [[nodiscard]] QString tab() const;

    /// A sentence above the plan, for example that the statement's changes were rolled back.
    void setNotice(const QString &sentence, const QString &details = {});
    /// What the empty state says; its buttons are the caller's.
    [[nodiscard]] EmptyState *emptyState() const { return empty_; }
    /// Takes a button of the caller's into the tool bar, before "Export".
    void addToolButton(QToolButton *button);
    /// On top of the column beside the plan, over the bar of time; takes the panel. The column scrolls: a panel is
    /// as high as it has something to say.
    void addSidePanel(QWidget *panel);
    [[nodiscard]] SideColumn *sideColumn() const { return side_; }

    [[nodiscard]] PlanCanvas *canvas() const { return canvas_; }
    [[nodiscard]] FlameView *flame() const { return flame_; }
    [[nodiscard]] TimelineView *timeline() const { return timeline_; }
    [[nodiscard]] PlanGrid *grid() const { return grid_; }
    [[nodiscard]] PlanSqlPane *sqlPane() const { return sql_; }
    /// Writes "png", "svg", "html", "md" or "json"; a sentence when that failed.
    [[nodiscard]] QString exportTo(const QString &path, const QString &suffix);
    [[nodiscard]] QLineEdit *searchField() const { return search_; }
    [[nodiscard]] std::vector<plan::NodeId> foundNodes() const { return found_; }

Q_SIGNALS:
    void nodeSelected(howdah::plan::NodeId id);
    void planShown(std::size_t index); ///< another plan of the document, or another document

protected:
    bool eventFilter(QObject *watched, QEvent *event) override;

private:
    QWidget *buildBar();
    QWidget *buildSide();
    void buildExportMenu();
    void addShortcuts();
    void showPlan();
    void showTab(const QString &id);
    void fillStats();
    void fillBar();
    void fillTexts();
    void fillSql();
    void fitBar();
    void search(const QString &text);
    void stepFound(int way);
    void onSelected(plan::NodeId id);
    void saveAs(const QString &suffix, const QString &filter);
    void setColourBy();
    void fillLegend();
    void markInViews(plan::NodeId id);
    [[nodiscard]] const plan::Plan &plan() const { return document_->plans[index_]; }
    [[nodiscard]] const plan::Metrics &metrics() const { return document_->metrics[index_]; }

    std::shared_ptr<const PlanDocument> document_;
    std::size_t index_ = 0;
    std::vector<plan::NodeId> found_;
    std::size_t found_at_ = 0;
    bool text_filled_ = false, json_filled_ = false;

    QStackedWidget *stack_ = nullptr;
    EmptyState *empty_ = nullptr;
    StatStrip *stats_ = nullptr;
    Banner *notice_ = nullptr;
    SegmentedTabs *tabs_ = nullptr;
    QComboBox *plans_ = nullptr;
    QComboBox *colour_by_ = nullptr;
    PlanLegend *legend_ = nullptr;
    QLineEdit *search_ = nullptr;
    QLabel *search_count_ = nullptr;
    QToolButton *zoom_out_ = nullptr, *fit_ = nullptr, *zoom_in_ = nullptr, *export_ = nullptr, *side_toggle_ = nullptr;
    QHBoxLayout *bar_ = nullptr;
    QStackedWidget *content_ = nullptr;
    PlanCanvas *canvas_ = nullptr;
    FlameView *flame_ = nullptr;
    TimelineView *timeline_ = nullptr;
    PlanGrid *grid_ = nullptr;
    PlanTextPane *text_ = nullptr;
    PlanTextPane *json_ = nullptr;
    PlanSqlPane *sql_ = nullptr;
    std::vector<PlanSql> statements_;
    QSplitter *splitter_ = nullptr;
    SideColumn *side_ = nullptr;
    QLabel *hot_caption_ = nullptr, *bar_caption_ = nullptr;
    HotNodes *hot_ = nullptr;
    TimeBar *time_bar_ = nullptr;
    NodeDetails *details_ = nullptr;
};

} // namespace howdah::ui
