// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QTimer>
#include <QWidget>

#include "ui/grid/latest_job.h"
#include "ui/grid/value_tree_model.h"

class QLabel;
class QLineEdit;
class QTreeView;

namespace howdah::ui {

/// A foldable tree of a value with a search over names and values; copies paths and values.
class ValueTreeView : public QWidget
{
    Q_OBJECT
public:
    explicit ValueTreeView(QWidget *parent = nullptr);
    void show(std::shared_ptr<const result::decode::Tree> tree, std::shared_ptr<const result::RowSource> owner, ValueTreeModel::Language language);
    [[nodiscard]] ValueTreeModel *model() const { return model_; }
    [[nodiscard]] QTreeView *tree() const { return tree_; }
    void setSearch(const QString &text);
    [[nodiscard]] std::size_t foundCount() const { return found_.size(); }

Q_SIGNALS:
    void searched();

protected:
    bool eventFilter(QObject *watched, QEvent *event) override;

private:
    void search();
    void goTo(std::ptrdiff_t found);
    void copy(bool path);
    void contextMenu(const QPoint &at);

    ValueTreeModel *model_;
    QTreeView *tree_;
    QLineEdit *find_;
    QLabel *count_;
    QTimer timer_;
    LatestJob job_;
    std::vector<std::uint32_t> found_;
    std::ptrdiff_t current_ = -1;
};

} // namespace howdah::ui
