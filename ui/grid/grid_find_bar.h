// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QTimer>
#include <QWidget>

#include "core/result/find_cells.h"
#include "ui/grid/latest_job.h"

class QLabel;
class QLineEdit;
class QToolButton;

namespace howdah::ui {

class GridModel;
class GridView;

/// Finds a text in the rows loaded, off the GUI thread.
class GridFindBar : public QWidget
{
    Q_OBJECT
public:
    GridFindBar(GridView *view, GridModel *model, QWidget *parent = nullptr);
    void open();
    void close();
    /// Rows came: they are searched when the search under way has ended.
    void searchMore();
    /// The rows are in another order.
    void searchAgain();
    void findNext();
    void findPrevious();
    [[nodiscard]] std::size_t matchCount() const { return found_.places.size(); }
    void setText(const QString &text, bool match_case);

Q_SIGNALS:
    void searched();

protected:
    void keyPressEvent(QKeyEvent *event) override;

private:
    QToolButton *addTool(const QString &icon_name, const QString &tooltip);
    void search();
    void accept(result::FoundCells found);
    void goTo(std::size_t match);
    void showCount(std::optional<std::size_t> match);
    /// Where places stand: row, then the place of the column on the screen.
    [[nodiscard]] std::size_t firstBehind(result::CellPlace place) const;

    GridView *view_;
    GridModel *model_;
    QLineEdit *find_;
    QToolButton *match_case_;
    QLabel *count_;
    QTimer timer_;
    LatestJob job_;
    std::vector<std::size_t> columns_; ///< as they stood when the search began
    result::FoundCells found_;
    qint64 searched_rows_ = 0;
    bool jump_ = false;
};

} // namespace howdah::ui
