// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <QByteArray>
#include <QPointer>
#include <QTimer>
#include <QWidget>

#include "core/pg/connection.h"
#include "core/result/filter_rows.h"

class QMenu;
class QStackedWidget;
class QToolButton;

namespace howdah::ui {

class DiffPage;
class EmptyState;
class ResultChips;
class ResultGrid;
class RunStatus;

/// The results of one run: a grid for each statement that returned rows, chosen by a strip of chips when there are
/// several. A run without any grid shows what its statements did. All calls on the GUI thread.
class ResultsPane : public QWidget
{
    Q_OBJECT
public:
    explicit ResultsPane(QWidget *parent = nullptr);
    ~ResultsPane() override;

    /// Forgets the run before; pinned results stay.
    void beginRun();
    /// The statement's columns are known, rows may come.
    void openResult(std::size_t index, const QString &sql, std::shared_ptr<pg::RowStore> store);
    /// As often as one likes: coalesced by time.
    void rowsArrived(std::size_t index);
    /// Also for statements without rows.
    void finishStatement(const pg::StatementOutcome &outcome, const QString &sql);
    void endRun();

    /// Shown before the first run.
    [[nodiscard]] EmptyState *emptyState() const { return empty_; }
    [[nodiscard]] ResultGrid *currentGrid() const;
    /// The statement that gave it; "" where there is none, and cut off where it is very long.
    [[nodiscard]] QString currentSql() const;
    /// The server had more rows than were read.
    [[nodiscard]] bool isCurrentTruncated() const;
    [[nodiscard]] bool hasResults() const { return !results_.empty(); }
    [[nodiscard]] int resultCount() const { return static_cast<int>(results_.size()); }
    [[nodiscard]] ResultChips *chips() const { return chips_; }
    /// What is said when a run has no grid.
    [[nodiscard]] QString statusText() const;
    void setCurrent(int position);
    void setPinned(int position, bool pinned);
    /// What changed from one result to another, in place of the grid until it is closed.
    void compare(int before, int after);
    [[nodiscard]] DiffPage *diffPage() const { return diff_; }

Q_SIGNALS:
    /// What the selection adds up to: "12 cells · sum 1 204.5 · …", else "".
    void summaryChanged(const QString &text);
    /// The rows of that statement were cut at the limit; it is to be run again without one.
    void loadAllRequested(std::size_t index);
    /// Rows of the current grid are to be edited, or no longer.
    void editRequested();
    void applyRequested(howdah::ui::ResultGrid *grid);

private:
    using NamedCondition = std::pair<std::string, result::Condition>; ///< with its column's name
    /// A grid costs a widget, so that it is made when the result is first looked at.
    struct Shown {
        std::size_t index = 0;
        int run = 0;
        QString sql;
        std::string relation;
        std::shared_ptr<pg::RowStore> store;
        std::optional<pg::StatementOutcome> outcome;
        QPointer<ResultGrid> grid;
        QByteArray columns;
        std::vector<NamedCondition> filter; ///< to begin with, of the run before
        bool pinned = false;
    };
    /// What is kept of a result for the next run of its statement.
    struct Old {
        std::size_t index = 0;
        QString sql;
        QByteArray columns;
        std::vector<NamedCondition> filter;
    };

    Shown *find(std::size_t index);
    [[nodiscard]] const Shown *currentShown() const;
    ResultGrid *gridOf(Shown &shown);
    void connectGrid(ResultGrid *grid);
    void showChip(const Shown &shown);
    void showCurrent();
    void fillCompareMenu(QMenu *menu, int after);
    [[nodiscard]] QString titleOf(const Shown &shown) const;
    void showChosen();
    void leaveOld();
    static void rememberColumns(const Shown &shown);
    [[nodiscard]] int positionOf(const Shown &shown) const;
    [[nodiscard]] QString figuresOf(const Shown &shown) const;

    ResultChips *chips_;
    QStackedWidget *stack_;
    EmptyState *empty_;
    RunStatus *status_;
    DiffPage *diff_ = nullptr;      ///< made when it is first needed
    QToolButton *compare_;
    std::vector<std::unique_ptr<Shown>> results_; ///< in the order of the chips
    std::vector<Old> old_;
    QPointer<ResultGrid> leaving_;  ///< of the run before, on the screen until there is something new
    QTimer leave_timer_;
    QTimer chip_timer_;
    int run_ = 0;
    bool running_ = false;
    bool status_wanted_ = true; ///< this run has no grid and nobody has chosen an older one
};

} // namespace howdah::ui
