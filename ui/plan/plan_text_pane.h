// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

#include <QPlainTextEdit>

#include "core/plan/print.h"
#include "ui/plan/text_folds.h"

namespace howdah::ui {

/// The plan as EXPLAIN words it, coloured, and folded by its indentation: in the margin, with minus and plus, or from
/// the menu. The selected node's lines are tinted; a click on a line selects its node.
class PlanTextPane : public QPlainTextEdit
{
    Q_OBJECT
public:
    explicit PlanTextPane(QWidget *parent = nullptr);
    void setPrinted(plan::PrintedPlan printed);
    void setPlain(const QString &text); ///< JSON as the server sent it
    /// Unfolds what hides it.
    void markNode(plan::NodeId id);
    void markFound(const std::vector<plan::NodeId> &found);

    [[nodiscard]] const TextFolds &folds() const { return folds_; }
    void setFolded(int line, bool folded);
    void setAllFolded(bool folded);

Q_SIGNALS:
    void nodeClicked(howdah::plan::NodeId id);

protected:
    void mouseReleaseEvent(QMouseEvent *event) override;
    void keyPressEvent(QKeyEvent *event) override;
    void paintEvent(QPaintEvent *event) override;
    void resizeEvent(QResizeEvent *event) override;
    void contextMenuEvent(QContextMenuEvent *event) override;

private:
    class Margin;
    void fill(const QString &text);
    void refresh();
    void showLines();
    void reveal(int line);
    void inkVisible();
    void paintMargin(QPaintEvent *event);
    void paintFolded();
    void clickMargin(int y);
    void placeMargin();
    [[nodiscard]] int foldableAt(int line) const;
    [[nodiscard]] QTextEdit::ExtraSelection tint(std::size_t first, std::size_t count, const QColor &color) const;

    std::vector<plan::PrintedLines> nodes_;
    plan::NodeId marked_ = plan::no_node;
    std::vector<plan::NodeId> found_;
    TextFolds folds_;
    Margin *margin_;
    bool json_ = false;
    int inked_ = 1; ///< a block with this state has its colours
};

} // namespace howdah::ui
