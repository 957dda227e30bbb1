// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QFrame>

class QLabel;
class QLineEdit;
class QListWidget;
class QListWidgetItem;

namespace howdah::ui {

class GridModel;
class GridView;

/// All columns of a result in a list with a search: ticks hide and show them, Enter goes to one.
class ColumnChooser : public QFrame
{
    Q_OBJECT
public:
    ColumnChooser(GridView *view, const GridModel *model, QWidget *parent = nullptr);
    void openAt(const QPoint &global);
    void setSearch(const QString &text);
    [[nodiscard]] int matchCount() const;
    /// Shows or hides all that the search has found. The last column shown cannot be hidden.
    void setFoundShown(bool shown);

protected:
    bool eventFilter(QObject *watched, QEvent *event) override;

private:
    void search();
    void changed(QListWidgetItem *item);
    void goTo(QListWidgetItem *item);
    void showCount();

    GridView *view_;
    const GridModel *model_;
    QLineEdit *find_;
    QListWidget *list_;
    QLabel *count_;
};

} // namespace howdah::ui
