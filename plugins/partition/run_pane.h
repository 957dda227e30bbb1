// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <optional>

#include <QWidget>

#include "core/migration/change_script.h"
#include "core/pg/session.h"

class QComboBox;
class QLabel;
class QPushButton;
class QScrollArea;
class QStackedWidget;

namespace howdah::ui {
class Banner;
class MigrationView;
class ToolContext;
} // namespace howdah::ui

namespace howdah::partition_tool {

/// A script whose work is long: every step is shown first, then it runs with its journal, which another window or
/// howdah-cli can go on with. How fast it goes may be changed while it runs, and how far the copy is behind is told.
class RunPane : public QWidget
{
    Q_OBJECT
public:
    explicit RunPane(ui::ToolContext *context, QWidget *parent = nullptr);
    ~RunPane() override;

    /// Shows the steps; nothing is written before run().
    void review(const migration::ChangeScript &script);
    void run();
    /// One that the journal has.
    void attach(std::int64_t id);
    [[nodiscard]] ui::MigrationView *view() const { return view_; }
    [[nodiscard]] QString lagText() const;
    [[nodiscard]] QComboBox *speed() const { return speed_; }

    /// What runs for long or must wait for a deployment is not a script for a dialog.
    [[nodiscard]] static bool wants(const migration::ChangeScript &script);

Q_SIGNALS:
    void left();    ///< back to the table
    void ended();   ///< the run came to an end here
    void lagRead();

private:
    void build();
    void writeDown();
    void setSpeed();
    void readLag();
    void fail(const QString &what, const Error &error);

    ui::ToolContext *context_;
    std::shared_ptr<pg::Session> session_;
    std::optional<migration::ChangeScript> script_;
    bool reading_lag_ = false;
    QStackedWidget *sides_ = nullptr;
    QScrollArea *steps_ = nullptr;
    QLabel *title_ = nullptr;
    QLabel *about_ = nullptr;
    QLabel *lag_ = nullptr;
    QLabel *speed_label_ = nullptr;
    QComboBox *speed_ = nullptr;
    QPushButton *run_button_ = nullptr;
    ui::Banner *banner_ = nullptr;
    ui::MigrationView *view_ = nullptr;
};

} // namespace howdah::partition_tool
