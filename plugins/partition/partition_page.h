// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <QWidget>

#include "core/partition/check.h"
#include "core/partition/scheme.h"
#include "ui/plugin/tool_context.h"

class QComboBox;
class QLabel;
class QPushButton;
class QScrollArea;
class QStackedWidget;
class QToolButton;
class QTreeView;

namespace howdah::ui {
class Banner;
class EmptyState;
} // namespace howdah::ui

namespace howdah::partition_tool {

class FindingsList;
class PartitionMap;
class PartitionTreeModel;
class RunPane;

/// A partitioned table: what is wrong with it, the map of its key's range, the tree of its partitions, and what can be done.
class PartitionPage : public QWidget
{
    Q_OBJECT
public:
    explicit PartitionPage(ui::ToolContext *context, QWidget *parent = nullptr);

    /// "schema.name", quoted where SQL needs it; the page reads it.
    void showTable(const QString &name);
    [[nodiscard]] QString table() const { return table_; }
    [[nodiscard]] bool isReading() const { return reading_; }
    [[nodiscard]] bool hasScheme() const { return scheme_ != nullptr; }
    void refresh();
    // Each shows its script first.
    void makeNext();
    void drainDefault();
    void analyze();
    void askRetention();
    void detachCurrent();
    void askConversion(const QString &table = {});
    void askNewTable();
    void askPartman();
    /// A script's work that is long, under way or to be begun. Null before there was one.
    [[nodiscard]] RunPane *runPane() const { return run_pane_; }

    [[nodiscard]] PartitionMap *map() const { return map_; }
    [[nodiscard]] FindingsList *findings() const { return findings_; }
    [[nodiscard]] QTreeView *tree() const { return tree_; }

Q_SIGNALS:
    void shown(); ///< what was asked for is on the page, or the reason why not

protected:
    void showEvent(QShowEvent *event) override;

private:
    struct Reading;
    using Make = std::function<Result<migration::ChangeScript>(pg::Connection &, const partition::Scheme &, const partition::Table &)>;

    void build();
    [[nodiscard]] QWidget *buildHead();
    [[nodiscard]] QWidget *buildBody();
    void connectionChanged();
    void readList();
    void setList(const std::vector<partition::SchemeSummary> &all);
    void read();
    void take(std::shared_ptr<const partition::Scheme> scheme, std::vector<partition::Finding> findings);
    void fail(const Error &error);
    void choose(std::size_t table, bool from_map);
    void open(std::size_t table);
    /// Has the script made on the session's worker, then shows it.
    void offer(const Make &make);
    void offerScript(const migration::ChangeScript &script);
    [[nodiscard]] RunPane *makeRunPane();
    void findUnfinished();
    void refreshButtons();

    ui::ToolContext *context_;
    std::shared_ptr<pg::Session> session_;
    std::shared_ptr<const partition::Scheme> scheme_;
    QString table_;
    bool reading_ = false, again_ = false, stale_ = true;
    std::size_t shown_parent_ = 0;
    std::optional<std::size_t> current_;
    int round_ = 0; ///< answers of an earlier question are dropped

    QStackedWidget *stack_ = nullptr;
    ui::EmptyState *empty_ = nullptr;
    RunPane *run_pane_ = nullptr;
    QWidget *head_ = nullptr;
    QPushButton *unfinished_ = nullptr;
    ui::Banner *banner_ = nullptr;
    QComboBox *tables_ = nullptr;
    QLabel *summary_ = nullptr;
    QPushButton *next_button_ = nullptr;
    QToolButton *more_button_ = nullptr;
    QScrollArea *findings_scroll_ = nullptr;
    QLabel *healthy_ = nullptr;
    FindingsList *findings_ = nullptr;
    PartitionMap *map_ = nullptr;
    QLabel *map_title_ = nullptr;
    QPushButton *up_button_ = nullptr;
    PartitionTreeModel *model_ = nullptr;
    QTreeView *tree_ = nullptr;
};

} // namespace howdah::partition_tool
