// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>

#include <QWidget>

#include "core/edit/row_edit.h"

class QLabel;
class QPushButton;
class QMenu;

namespace howdah::ui {

class GridModel;
class GridView;

/// Editing the rows of a grid: what was changed is kept beside the rows until it is applied, each change shown in its
/// cell, and a bar says how many there are. Nothing is sent from here.
class GridEditing : public QWidget
{
    Q_OBJECT
public:
    GridEditing(edit::EditableTable table, GridModel *model, GridView *view, QWidget *parent = nullptr);
    ~GridEditing() override;

    [[nodiscard]] const edit::EditableTable &table() const { return table_; }
    [[nodiscard]] const edit::PendingChanges &changes() const { return changes_; }
    [[nodiscard]] bool canEdit(int column) const;
    void setCurrentNull();
    void toggleDeleted();
    /// A form with a field for each column of the table.
    void addRow();
    /// Fields of a form filled in by somebody else.
    void addRow(const std::map<std::size_t, edit::NewValue> &values);
    void revertSelected();
    void discard();
    void addActions(QMenu *menu);
    /// All changes as they would be sent.
    [[nodiscard]] migration::ChangeScript script() const;

Q_SIGNALS:
    void applyRequested();
    void changed();
    void closeRequested();

private:
    void refresh();
    [[nodiscard]] std::vector<std::int64_t> selectedRows() const;

    edit::EditableTable table_;
    edit::PendingChanges changes_;
    GridModel *model_;
    GridView *view_;
    QLabel *text_;
    QPushButton *apply_;
    QPushButton *discard_;
};

} // namespace howdah::ui
