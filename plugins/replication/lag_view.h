// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <memory>

#include <QWidget>

#include "core/replication/monitor.h"

class QComboBox;
class QLabel;
class QStackedWidget;

namespace howdah::ui {
class EmptyState;
class SeriesChart;
}

namespace howdah::replication_tool {

/// How far a receiver is behind in its four stages, in bytes and in time, over the last minutes or hours.
class LagView : public QWidget
{
    Q_OBJECT
public:
    explicit LagView(QWidget *parent = nullptr);
    void setOverview(const std::shared_ptr<const replication::Overview> &overview, const replication::Monitor &monitor);
    /// The receiver that is drawn, by the name of its place in the picture or of itself.
    void choose(const QString &receiver);
    /// What stands there while nobody receives, to offer the way on.
    [[nodiscard]] ui::EmptyState *empty() const { return empty_; }
    [[nodiscard]] QComboBox *window() const { return window_; }
    [[nodiscard]] ui::SeriesChart *bytes() const { return bytes_; }
    [[nodiscard]] ui::SeriesChart *times() const { return times_; }

private:
    void draw();

    std::function<std::shared_ptr<series::SeriesStore>(const std::string &)> series_;
    std::shared_ptr<const replication::Overview> overview_;
    QComboBox *receiver_ = nullptr;
    QComboBox *window_ = nullptr;
    QLabel *trend_ = nullptr;
    QStackedWidget *stack_ = nullptr;
    ui::EmptyState *empty_ = nullptr;
    ui::SeriesChart *bytes_ = nullptr, *times_ = nullptr;
};

} // namespace howdah::replication_tool
