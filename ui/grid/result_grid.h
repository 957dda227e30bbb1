// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <optional>

#include <QTimer>
#include <QWidget>

#include "core/edit/row_edit.h"
#include "core/pg/connection.h"
#include "core/result/copy_format.h"
#include "core/result/filter_rows.h"
#include "core/result/sort_rows.h"
#include "core/result/summary.h"
#include "ui/grid/latest_job.h"

class QLabel;
class QMenu;
class QSplitter;
class QStackedWidget;

namespace howdah::ui {

class CellViewer;
class ChartPanel;
class GridEditing;
class GridFilterBar;
class GridFindBar;
class GridFooter;
class GridModel;
class GridView;
class StatisticsPanel;

/// The rows of one result: the table, finding in it, one value in full beside it, and a line of figures below.
/// Everything that looks at all rows (sorting, finding, adding up, large copies) happens off the GUI thread.
class ResultGrid : public QWidget
{
    Q_OBJECT
public:
    explicit ResultGrid(QWidget *parent = nullptr);
    /// For tests: how many rows the model shows before it slides.
    ResultGrid(int window, QWidget *parent);
    ~ResultGrid() override;

    /// A result that begins: rows may come until finish().
    void setStore(std::shared_ptr<pg::RowStore> store);
    /// Rows from anywhere else.
    void setSource(std::shared_ptr<const result::RowSource> source);
    /// There may be more rows now. Any number of calls: the view looks at most every 100 ms (250 ms above a million
    /// rows), at the first rows at once.
    void rowsArrived();
    void finish(const pg::StatementOutcome &outcome);
    /// The rows are complete and nothing else is known of them.
    void finish();
    [[nodiscard]] bool isRunning() const { return running_; }

    [[nodiscard]] GridModel *model() const { return model_; }
    [[nodiscard]] GridView *view() const { return view_; }
    [[nodiscard]] CellViewer *viewer() const { return viewer_; }
    [[nodiscard]] GridFindBar *findBar() const { return find_; }
    [[nodiscard]] GridFilterBar *filterBar() const { return filter_bar_; }
    [[nodiscard]] GridFooter *footer() const { return footer_; }

    /// For "copy as INSERT", as it is to be written.
    void setTableName(const std::string &table);
    /// The selection in the clipboard: at once when it is small, else when copied() says so.
    void copyAs(result::CopyFormat format);
    /// nullopt: the server's order. Refused while rows still arrive.
    void sortBy(std::optional<result::SortKey> key);
    /// Only rows that match are shown, those still to come too. Works together with sorting.
    void setFilter(const result::RowFilter &filter);
    /// The filter's conditions with the names of their columns, for another result of the same statement; those whose
    /// column that one does not have fall away.
    [[nodiscard]] std::vector<std::pair<std::string, result::Condition>> namedFilter() const;
    void setNamedFilter(const std::vector<std::pair<std::string, result::Condition>> &conditions);
    [[nodiscard]] bool isFiltered() const { return !filter_.empty(); }
    void openFilter(int column = -1);
    /// The rows drawn, in place of the table until it is closed.
    void openChart();
    void closeChart();
    [[nodiscard]] ChartPanel *chart() const { return chart_; }
    /// What a column holds, beside the grid; -1: the current one.
    void openStatistics(int column = -1);
    void closeStatistics();
    [[nodiscard]] StatisticsPanel *statistics() const { return statistics_; }
    /// Values can be typed into the cells from now on; nothing is sent before applyRequested() is answered.
    void beginEditing(edit::EditableTable table);
    /// Forgets what was not applied.
    void endEditing();
    [[nodiscard]] GridEditing *editing() const { return editing_; }
    void openFind();
    void openViewer();
    void closeViewer();
    /// The list of all columns with a search.
    void openColumns(const QPoint &global);
    void setPinned(bool pinned);
    [[nodiscard]] QString summary() const { return summary_text_; }

    /// Widths, order and hidden columns, for a result with the same columns. restoreColumns() is refused for others.
    [[nodiscard]] QByteArray saveColumns() const;
    void restoreColumns(const QByteArray &state);

Q_SIGNALS:
    void summaryChanged(const QString &text);
    void sorted();
    void copied(const QString &message);
    void loadAllRequested();
    void pinToggled(bool pinned);
    void editRequested();  ///< editing is to begin, or to end
    void applyRequested(); ///< what was changed is to be sent

private:
    void build();
    void connectParts();
    void flush();
    void showSentence();
    void sortClicked(int column);
    void arrange(std::optional<result::SortKey> key);
    void forgetArrangement();
    void filterMore();
    void showArranged();
    void showFigures();
    void addFilterActions(QMenu *menu);
    void showSummary(const QString &text);
    void summarizeSelection();
    void showCurrentValue();
    void rememberViewer() const;
    void columnMenu(int column, const QPoint &global);
    void cellMenu(const QPoint &at);
    void addCopyActions(QMenu *menu);
    void copyFinished(const Result<QString> &text, qint64 rows, result::CopyFormat format);
    [[nodiscard]] QByteArray columnsKey() const;

    GridModel *model_;
    GridView *view_;
    CellViewer *viewer_;
    StatisticsPanel *statistics_;
    ChartPanel *chart_;
    QStackedWidget *pages_;
    GridFindBar *find_;
    GridFilterBar *filter_bar_;
    GridFooter *footer_;
    GridEditing *editing_ = nullptr; ///< while rows are edited
    QLabel *sentence_;
    QSplitter *splitter_;
    std::shared_ptr<pg::RowStore> store_;
    std::string table_ = "table_name";
    QByteArray columns_state_;
    QString summary_text_;
    QTimer rows_timer_;
    QTimer summary_timer_;
    LatestJob arrange_job_;     ///< sorts and filters
    result::RowFilter filter_;
    std::optional<result::SortKey> sorted_key_;
    std::shared_ptr<const result::RowOrder> sorted_; ///< all rows by sorted_key_, whatever the filter leaves of them
    qint64 filtered_rows_ = 0;  ///< so many rows of the source have been looked at
    LatestJob summary_job_;
    LatestJob copy_job_;
    bool running_ = false;
    bool fitted_ = false;
};

} // namespace howdah::ui
