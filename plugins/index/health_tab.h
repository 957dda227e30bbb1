// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>

#include <QDateTime>
#include <QStringList>

#include "core/pg/session.h"
#include "plugins/index/health_models.h"
#include "plugins/index/index_page.h"

class QComboBox;
class QLabel;
class QLineEdit;
class QPushButton;
class QSplitter;
class QStackedWidget;
class QToolButton;

namespace howdah::ui {
class Banner;
class EmptyState;
class SegmentedTabs;
class StatStrip;
class TableView;
class TaskProgress;
class TreemapView;
} // namespace howdah::ui

namespace howdah::index_tool {

class FindingDetails;

/// What is wrong with the indexes that are there: figures, a map of their sizes coloured by use, the findings, and the
/// statements that mend them. Reads once for a connection, and again when asked.
class HealthTab : public IndexTab
{
    Q_OBJECT
public:
    explicit HealthTab(ui::ToolContext *context, QWidget *parent = nullptr);
    ~HealthTab() override;
    void activate() override;
    void setRelation(const QString &schema, const QString &name) override;
    [[nodiscard]] QString summary() const override;

    /// Reads anew; measuring reads the indexes themselves.
    void read(bool measure);
    void cancel();
    [[nodiscard]] bool isReading() const { return reading_; }
    [[nodiscard]] SharedReport report() const { return report_; }
    /// Opens the change dialog for the findings that are selected; nothing runs before the user agrees.
    void applySelected();

    [[nodiscard]] ui::TreemapView *map() const { return map_; }
    [[nodiscard]] ui::TableView *findingsTable() const { return findings_; }
    [[nodiscard]] ui::TableView *indexesTable() const { return indexes_; }
    [[nodiscard]] FindingDetails *details() const { return details_; }
    [[nodiscard]] QLineEdit *filter() const { return filter_; }
    [[nodiscard]] ui::SegmentedTabs *lists() const { return lists_; }

Q_SIGNALS:
    void readFinished(); ///< well or not

private:
    QWidget *makeBar();
    QWidget *makeReplicaBar();
    QWidget *makeMap();
    QWidget *makeLists();
    void addShortcuts();
    void take(const Result<SharedReport> &result);
    void showReport();
    void showFigures();
    void showNotes();
    void showLegend();
    void refilter();
    [[nodiscard]] bool takesIndex(const IndexRow &row) const;
    [[nodiscard]] bool takesFinding(const FindingRow &row) const;
    [[nodiscard]] bool inRelation(const std::string &schema, const std::string &table) const;
    [[nodiscard]] bool hasWords(const QString &text) const;
    void showSelection();
    void chooseIndex(quint64 oid);
    bool selectFinding(quint64 oid);
    void selectRow(ui::TableView *table, int source_row);
    [[nodiscard]] std::vector<FindingRow> selectedFindings() const;
    void showMenu(ui::TableView *table, const QPoint &at);
    void setReading(bool reading);

    ui::ToolContext *context_;
    std::shared_ptr<pg::Session> session_;
    std::weak_ptr<pg::Session> link_;   ///< the connection that the report is of
    SharedReport report_;
    QDateTime read_at_;
    bool reading_ = false;
    quint64 turn_ = 0;                  ///< of reading: what an earlier one brings is dropped
    QStringList standbys_;              ///< connection strings
    QString schema_, relation_;

    FindingsModel *findings_model_;
    IndexesModel *indexes_model_;
    QStackedWidget *stack_ = nullptr;
    ui::EmptyState *nothing_ = nullptr;
    ui::StatStrip *figures_ = nullptr;
    ui::Banner *banner_ = nullptr;
    ui::TaskProgress *progress_ = nullptr;
    QWidget *replica_bar_ = nullptr;
    QLineEdit *replica_ = nullptr;
    QLineEdit *filter_ = nullptr;
    QComboBox *rule_ = nullptr;
    QPushButton *relation_button_ = nullptr;
    QPushButton *measure_ = nullptr;
    QToolButton *refresh_ = nullptr;
    ui::TreemapView *map_ = nullptr;
    QLabel *legend_ = nullptr;
    ui::SegmentedTabs *lists_ = nullptr;
    QStackedWidget *tables_ = nullptr;
    ui::TableView *findings_ = nullptr;
    ui::TableView *indexes_ = nullptr;
    FindingDetails *details_ = nullptr;
    bool following_ = false;            ///< one view is being led by another
};

} // namespace howdah::index_tool
