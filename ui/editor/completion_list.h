// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

#include <QAbstractListModel>
#include <QListView>
#include <QStyledItemDelegate>

#include "core/complete/complete.h"

namespace howdah::ui {

/// What completion offers, the best first.
class CompletionModel : public QAbstractListModel
{
    Q_OBJECT
public:
    using QAbstractListModel::QAbstractListModel;
    void setCandidates(std::vector<complete::Candidate> candidates);
    [[nodiscard]] const complete::Candidate &candidate(int row) const { return candidates_[static_cast<std::size_t>(row)]; }
    [[nodiscard]] int rowCount(const QModelIndex &parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex &index, int role) const override;

private:
    std::vector<complete::Candidate> candidates_;
};

/// A row: icon, label with the matched letters, what it is to the right.
class CompletionDelegate : public QStyledItemDelegate
{
    Q_OBJECT
public:
    using QStyledItemDelegate::QStyledItemDelegate;
    static constexpr int row_height = 24;
    void paint(QPainter *painter, const QStyleOptionViewItem &option, const QModelIndex &index) const override;
    [[nodiscard]] QSize sizeHint(const QStyleOptionViewItem &option, const QModelIndex &index) const override;
    /// What a row wants to be shown whole.
    [[nodiscard]] static int widthOf(const complete::Candidate &candidate);
};

/// The list under the cursor. Never has the focus: the editor passes keys on.
class CompletionPopup : public QFrame
{
    Q_OBJECT
public:
    explicit CompletionPopup(QWidget *parent);

    void show(std::vector<complete::Candidate> candidates);
    /// Beside the word: `top` and `bottom` of its line and its left edge, in the parent's coordinates.
    void place(int left, int top, int bottom);
    [[nodiscard]] int count() const { return model_->rowCount(); }
    [[nodiscard]] const complete::Candidate &current() const;
    [[nodiscard]] CompletionModel *model() const { return model_; }
    [[nodiscard]] int currentRow() const { return view_->currentIndex().row(); }
    void step(int rows);
    void stepPage(int pages);
    void toEnd(bool last);

Q_SIGNALS:
    void chosen(); ///< by the mouse

private:
    void applyTheme();
    void select(int row);

    CompletionModel *model_;
    QListView *view_;
};

} // namespace howdah::ui
