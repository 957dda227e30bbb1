// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <vector>

#include <QTimer>
#include <QWidget>

#include "core/result/filter_rows.h"

class QComboBox;
class QHBoxLayout;
class QLabel;
class QLineEdit;
class QPushButton;
class QScrollArea;
class QToolButton;

namespace howdah::ui {

class GridModel;

/// What rows have to meet: a line to write a condition, and the conditions written so far as chips below it. What stands
/// in the line counts as soon as it can be read.
class GridFilterBar : public QWidget
{
    Q_OBJECT
public:
    explicit GridFilterBar(const GridModel *model, QWidget *parent = nullptr);
    /// `column` -1: the one chosen last.
    void open(int column = -1);
    /// Ends the filter too.
    void close();
    /// Another result is in the model.
    void reset();
    /// The conditions of chips and, last, of the line.
    [[nodiscard]] std::vector<result::Condition> conditions() const;
    /// Makes it a chip; one that says the same is there once.
    void add(const result::Condition &condition);
    void clear();
    /// For tests and for other ways in: as if typed into the line.
    void setLine(int column, result::FilterOp op, const QString &operand);
    [[nodiscard]] QString problem() const;
    [[nodiscard]] int chipCount() const { return static_cast<int>(chips_.size()); }

Q_SIGNALS:
    void filterChanged(const howdah::result::RowFilter &filter);
    void closed();

protected:
    void keyPressEvent(QKeyEvent *event) override;

private:
    void buildLine(QHBoxLayout *row);
    void fillColumns();
    void fillOps();
    void commit();
    void edit(std::size_t chip);
    void apply();
    void showChips();
    [[nodiscard]] QWidget *chipOf(std::size_t index);
    [[nodiscard]] int column() const;
    [[nodiscard]] result::FilterOp op() const;
    [[nodiscard]] bool lineIsEmpty() const;
    [[nodiscard]] Result<result::Condition> line() const;
    [[nodiscard]] QString textOf(const result::Condition &condition) const;

    const GridModel *model_;
    QComboBox *columns_;
    QComboBox *ops_;
    QLineEdit *operand_;
    QToolButton *match_case_;
    QPushButton *add_;
    QLabel *problem_;
    QScrollArea *chips_area_;
    QTimer timer_;
    std::vector<result::Condition> chips_;
    std::vector<result::Condition> applied_;
    bool filled_ = false;
};

/// How an operator is called in the window.
[[nodiscard]] QString filterOpText(result::FilterOp op);

} // namespace howdah::ui
