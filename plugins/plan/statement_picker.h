// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <vector>

#include <QDialog>

#include "core/pg/session.h"
#include "core/plan/server_statements.h"

class QLabel;
class QLineEdit;
class QPlainTextEdit;
class QPushButton;
class QStandardItemModel;
class QSortFilterProxyModel;
class QTableView;

namespace howdah::ui {
class SegmentedTabs;
}

namespace howdah::plan_tool {

/// Statements that the server knows of, to choose one to explain: those that run now, and those of pg_stat_statements.
class StatementPicker : public QDialog
{
    Q_OBJECT
public:
    StatementPicker(std::shared_ptr<pg::Session> session, QWidget *parent);
    /// "running" or "kept".
    void setSource(const QString &id);
    [[nodiscard]] QTableView *table() const { return table_; }
    [[nodiscard]] QString remark() const;

Q_SIGNALS:
    void chosen(const QString &title, const QString &sql);
    void filled(); ///< the server has answered

private:
    void ask();
    void fill(const Result<std::vector<plan::ServerStatement>> &statements, bool running);
    void onCurrent();
    void choose();
    [[nodiscard]] const plan::ServerStatement *current() const;

    std::shared_ptr<pg::Session> session_;
    std::vector<plan::ServerStatement> statements_;
    ui::SegmentedTabs *source_;
    QLineEdit *search_;
    QTableView *table_;
    QStandardItemModel *model_;
    QSortFilterProxyModel *order_;
    QPlainTextEdit *text_;
    QLabel *remark_;
    QPushButton *explain_;
    quint64 request_ = 0;
};

} // namespace howdah::plan_tool
