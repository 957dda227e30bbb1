// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <string>

#include <QWidget>

#include "plugins/plan/plan_history_models.h"
#include "ui/plan/plan_delta_model.h"
#include "ui/plugin/tool_context.h"

class QLabel;
class QLineEdit;
class QPushButton;
class QSortFilterProxyModel;
class QStackedWidget;
class QTableView;

namespace howdah::plan_tool {

/// The plans that were explained, by statement, with the runs at which a plan flipped. A run is opened; two are
/// compared. The file is read by a worker.
class PlanHistoryPage : public QWidget
{
    Q_OBJECT
public:
    explicit PlanHistoryPage(ui::ToolContext *context, QWidget *parent = nullptr);
    void read();
    [[nodiscard]] QTableView *queries() const { return queries_; }
    [[nodiscard]] QTableView *runs() const { return runs_; }
    [[nodiscard]] HistoryQueryModel *queryModel() const { return query_model_; }
    [[nodiscard]] HistoryRunModel *runModel() const { return run_model_; }
    /// Both do their work on a worker and read anew.
    void exportTo(const QString &path);
    void importFrom(const QString &path);

Q_SIGNALS:
    void openRequested(const QString &title, const QByteArray &plan);
    void readDone();

protected:
    void showEvent(QShowEvent *event) override;

private:
    QWidget *buildBar();
    QWidget *buildRuns();
    void readRuns();
    void onRuns();
    void open();
    void compare();
    void forget();
    void failed(const QString &what, const Error &error);
    [[nodiscard]] std::string fingerprint() const;
    [[nodiscard]] std::vector<int> chosenRuns() const;

    ui::ToolContext *context_;
    HistoryQueryModel *query_model_;
    HistoryRunModel *run_model_;
    QSortFilterProxyModel *order_;
    QLineEdit *search_ = nullptr;
    QStackedWidget *stack_ = nullptr;
    QTableView *queries_ = nullptr, *runs_ = nullptr;
    QPushButton *open_ = nullptr, *compare_ = nullptr, *forget_ = nullptr;
    QLabel *statement_ = nullptr;
    quint64 request_ = 0;
};

} // namespace howdah::plan_tool
