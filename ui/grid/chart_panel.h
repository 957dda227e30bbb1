// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>

#include <QTimer>
#include <QWidget>

#include "core/result/decimate.h"
#include "ui/grid/latest_job.h"

class QChart;
class QChartView;
class QComboBox;
class QLabel;
class QMenu;
class QPushButton;
class QHBoxLayout;

namespace howdah::ui {

class GridModel;
class SegmentedTabs;

/// A result drawn: lines, bars, points or a histogram of columns guessed first and for the user to choose. Figures are made
/// off the GUI thread, with at most result::most_chart_points points a series.
class ChartPanel : public QWidget
{
    Q_OBJECT
public:
    explicit ChartPanel(const GridModel *model, QWidget *parent = nullptr);
    /// Guesses what to draw unless that is known for these columns.
    void open();
    /// Another result is in the model.
    void reset();
    /// The rows shown are others.
    void refresh();
    void setRequest(const result::ChartRequest &request);
    [[nodiscard]] const result::ChartRequest &request() const { return request_; }
    /// What is drawn.
    [[nodiscard]] const result::ChartData &chartData() const { return data_; }
    [[nodiscard]] QString note() const;
    void copyImage();
    /// By its ending: .png or .svg.
    [[nodiscard]] bool saveTo(const QString &path);

Q_SIGNALS:
    void drawn();
    void closed();

protected:
    void keyPressEvent(QKeyEvent *event) override;

private:
    void makeView();
    void buildLine(QHBoxLayout *line);
    void showRequest();
    void compute();
    void draw();
    void style();
    void saveAs();

    const GridModel *model_;
    SegmentedTabs *kinds_;
    QComboBox *x_;
    QPushButton *y_;
    QMenu *y_menu_;
    QChart *chart_ = nullptr;     ///< made when it is first needed
    QChartView *view_ = nullptr;
    QLabel *note_;
    QTimer timer_;
    LatestJob job_;
    result::ChartRequest request_;
    result::ChartData data_;
    bool guessed_ = false;
};

} // namespace howdah::ui
