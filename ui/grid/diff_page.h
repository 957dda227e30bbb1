// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>

#include <QWidget>

#include "core/result/diff_rows.h"
#include "ui/grid/latest_job.h"

class QLabel;
class QMenu;
class QPushButton;
class QTableView;

namespace howdah::ui {

class DiffModel;
class ElidedLabel;
class SegmentedTabs;

/// Two results side by side in one table: rows added, removed and changed. Rows are matched by key columns, guessed first
/// and for the user to choose. All counting happens off the GUI thread.
class DiffPage : public QWidget
{
    Q_OBJECT
public:
    explicit DiffPage(QWidget *parent = nullptr);
    /// `key` empty: guessed.
    void compare(result::RowView before, QString before_title, result::RowView after, QString after_title,
                 std::vector<std::size_t> key = {});
    void setKey(const std::vector<std::size_t> &key);
    void swap();
    void copySelection();
    [[nodiscard]] DiffModel *model() const { return model_; }
    [[nodiscard]] SegmentedTabs *kinds() const { return kinds_; }
    /// Places among the pairs of columns.
    [[nodiscard]] const std::vector<std::size_t> &key() const { return key_; }
    [[nodiscard]] QString sentence() const;

Q_SIGNALS:
    void compared();
    void closed();

protected:
    void keyPressEvent(QKeyEvent *event) override;

private:
    struct Compared {
        std::vector<std::size_t> key;
        Result<result::RowsDiff> diff;
    };
    void start(std::vector<std::size_t> key);
    void accept(Compared done);
    void showKey();
    void fillKeyMenu();
    void chooseKind();

    DiffModel *model_;
    ElidedLabel *title_;
    QPushButton *key_button_;
    QMenu *key_menu_;
    SegmentedTabs *kinds_;
    QTableView *table_;
    QLabel *sentence_;
    result::RowView before_, after_;
    QString before_title_, after_title_;
    std::vector<result::ColumnPair> pairs_;
    std::vector<std::size_t> key_;
    LatestJob job_;
};

} // namespace howdah::ui
