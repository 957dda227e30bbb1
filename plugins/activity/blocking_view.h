// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include <QAbstractListModel>
#include <QWidget>

#include "core/activity/activity.h"

class QLabel;
class QListView;
class QPushButton;
class QStackedWidget;

namespace howdah::activity_tool {

/// A row of the tree with everything that is painted of it.
struct BlockingRow {
    activity::BlockingNode node;
    std::optional<activity::Backend> backend; ///< none: a prepared transaction, or gone
    std::vector<bool> rails;                  ///< per level above: the line goes on below this row
};

/// The rows of the blocking tree in reading order. Waiting times change in place; the view is reset only when somebody
/// comes or goes.
class BlockingModel : public QAbstractListModel
{
    Q_OBJECT
public:
    using QAbstractListModel::QAbstractListModel;
    /// True when rows came, went or moved.
    bool setActivity(const activity::Activity &now);
    [[nodiscard]] int rowCount(const QModelIndex &parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex &index, int role) const override;
    [[nodiscard]] const BlockingRow &at(int row) const { return rows_[static_cast<std::size_t>(row)]; }

private:
    std::vector<BlockingRow> rows_;
};

/// Who waits for whom, drawn as a tree: the roots that hold up everybody on top.
class BlockingView : public QWidget
{
    Q_OBJECT
public:
    explicit BlockingView(QWidget *parent = nullptr);

    void setActivity(const std::shared_ptr<const activity::Activity> &now);
    void setReadOnly(bool read_only);
    [[nodiscard]] QListView *tree() const { return tree_; }
    [[nodiscard]] BlockingModel *model() const { return model_; }
    /// The root of what is selected, else the one that holds up most; 0 when there is nobody to terminate.
    [[nodiscard]] int rootToEnd() const;

Q_SIGNALS:
    void rootEndRequested();
    void chosen(int pid); ///< to be shown among the sessions

private:
    [[nodiscard]] QWidget *makeBar();
    void refreshBar();

    std::shared_ptr<const activity::Activity> now_;
    bool read_only_ = false;
    BlockingModel *model_;
    QStackedWidget *stack_ = nullptr;
    QListView *tree_ = nullptr;
    QLabel *summary_ = nullptr;
    QPushButton *end_root_ = nullptr;
};

} // namespace howdah::activity_tool
