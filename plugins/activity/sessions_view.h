// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>

#include <QWidget>

#include "core/activity/activity.h"
#include "core/activity/end_backend.h"
#include "plugins/activity/sessions_model.h"

class QCheckBox;
class QLabel;
class QLineEdit;
class QMenu;
class QPushButton;
class QSplitter;

namespace howdah::ui {
class TableView;
}

namespace howdah::activity_tool {

class SessionDetails;

/// The sessions of the server as a table to filter, sort and choose from, and the chosen one beside it.
class SessionsView : public QWidget
{
    Q_OBJECT
public:
    explicit SessionsView(QWidget *parent = nullptr);
    ~SessionsView() override;

    void setActivity(std::shared_ptr<const activity::Activity> now);
    void setReadOnly(bool read_only);
    /// Selects that session, showing it even where the filter would not.
    void choose(int pid);
    void focusFilter();
    [[nodiscard]] QList<int> selectedPids() const;
    /// Whether ending any of what is selected makes sense.
    [[nodiscard]] bool canEnd(activity::Ending ending) const;
    [[nodiscard]] ui::TableView *table() const { return table_; }
    [[nodiscard]] SessionDetails *details() const { return details_; }

Q_SIGNALS:
    void endRequested(const QList<int> &pids, howdah::activity::Ending ending);
    void openRequested(const QString &title, const QString &sql);
    void selectionMoved();

private:
    QWidget *makeBar();
    void addShortcuts();
    void refilter();
    [[nodiscard]] bool takes(const activity::Backend &backend) const;
    void showCurrent();
    void refreshButtons();
    void showMenu(const QPoint &at);
    void openCurrent();
    [[nodiscard]] const activity::Backend *current() const;

    std::shared_ptr<const activity::Activity> now_;
    bool read_only_ = false;
    SessionsModel *model_ = nullptr;
    ui::TableView *table_ = nullptr;
    SessionDetails *details_ = nullptr;
    QSplitter *splitter_ = nullptr;
    QLineEdit *filter_ = nullptr;
    QCheckBox *idle_ = nullptr;
    QCheckBox *background_ = nullptr;
    QLabel *count_ = nullptr;
    QPushButton *cancel_ = nullptr;
    QPushButton *terminate_ = nullptr;
};

} // namespace howdah::activity_tool
