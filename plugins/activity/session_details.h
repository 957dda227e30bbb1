// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>

#include <QWidget>

#include "core/activity/activity.h"
#include "core/activity/backend_details.h"

class QLabel;
class QPushButton;
class QStackedWidget;
class QTreeWidget;

namespace howdah::ui {
class Pill;
class SqlEditor;
}

namespace howdah::activity_tool {

/// One session beside the table: who it is, what it runs in whole, what it locks. The samples bring the facts; the rest
/// of a long query and the locks are asked for.
class SessionDetails : public QWidget
{
    Q_OBJECT
public:
    explicit SessionDetails(QWidget *parent = nullptr);

    void setBackend(const activity::Backend *backend); ///< null: none is chosen
    void setDetails(int pid, const Result<activity::BackendDetails> &details, bool with_locks);
    [[nodiscard]] QString query() const { return query_; }
    [[nodiscard]] int pid() const { return backend_ ? backend_->pid : 0; }

Q_SIGNALS:
    void detailsWanted(int pid, bool with_locks);
    void openRequested(const QString &sql);

private:
    void addHead(QWidget *page);
    void showFacts();
    void showQuery(const QString &query, bool cut);
    void showLocks(const activity::BackendDetails &details);

    std::optional<activity::Backend> backend_;
    QString key_;
    QString shown_query_; ///< as the sample has it; a new one is asked for anew
    QString query_;
    QStackedWidget *stack_ = nullptr;
    QLabel *title_ = nullptr;
    ui::Pill *state_ = nullptr;
    QLabel *fact_names_ = nullptr;
    QLabel *facts_ = nullptr;
    ui::SqlEditor *editor_ = nullptr;
    QLabel *note_ = nullptr;
    QTreeWidget *locks_ = nullptr;
    QLabel *locks_note_ = nullptr;
    QPushButton *locks_button_ = nullptr;
};

} // namespace howdah::activity_tool
