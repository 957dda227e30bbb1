// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

#include <QWidget>

class QComboBox;
class QPushButton;

namespace howdah::ui {
class ElidedLabel;
class PlanCompare;
} // namespace howdah::ui

namespace howdah::index_tool {

/// Plans of one query before and after, side by side, with what differs in them, and a way back to where they come from.
class PlansView : public QWidget
{
    Q_OBJECT
public:
    /// Two plans of one query; there may be several pairs: planned, and measured on a sample.
    struct Pair {
        QString title;              ///< "as planned"
        QString before_title, after_title;
        std::string before, after;  ///< what EXPLAIN printed
    };

    explicit PlansView(QWidget *parent = nullptr);
    void showPairs(const QString &statement, std::vector<Pair> pairs);
    [[nodiscard]] ui::PlanCompare *compare() const { return compare_; }
    [[nodiscard]] QPushButton *backButton() const { return back_; }

Q_SIGNALS:
    void closed();

private:
    void showPair(int at);

    std::vector<Pair> pairs_;
    QPushButton *back_ = nullptr;
    ui::ElidedLabel *statement_ = nullptr;
    QComboBox *choice_ = nullptr;
    ui::PlanCompare *compare_ = nullptr;
};

} // namespace howdah::index_tool
