// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <optional>

#include <QPlainTextEdit>

#include "ui/plan/plan_document.h"
#include "ui/plan/plan_sql.h"

namespace howdah::ui {

/// The statement with what its clauses took in the gutter beside it, a bar of heat under each figure. The selected
/// node's words are tinted; a click on words selects the node that they caused, a click on a figure the slowest of its
/// line.
class PlanSqlPane : public QPlainTextEdit
{
    Q_OBJECT
public:
    explicit PlanSqlPane(QWidget *parent = nullptr);
    void setPlan(std::shared_ptr<const PlanDocument> document, std::size_t index, PlanSql sql);
    void markNode(plan::NodeId id);
    [[nodiscard]] const PlanSql &sql() const { return sql_; }
    [[nodiscard]] const std::vector<SqlLineTime> &lines() const { return lines_; }
    /// "120 ms", "<1 ms"; "" where nothing was spent. What the gutter says beside a line.
    [[nodiscard]] QString figureOf(int line) const;
    [[nodiscard]] int gutterWidth() const;

Q_SIGNALS:
    void nodeClicked(howdah::plan::NodeId id);

protected:
    void resizeEvent(QResizeEvent *event) override;
    void mouseReleaseEvent(QMouseEvent *event) override;
    void keyPressEvent(QKeyEvent *event) override;
    void showEvent(QShowEvent *event) override;

private:
    class Gutter;
    void refresh();
    void fitGutter();
    void paintGutter(QPaintEvent *event);
    void clickGutter(int y);
    [[nodiscard]] QString gutterTip(int y) const;
    [[nodiscard]] int lineAt(int y) const;
    void chooseAtCursor();
    [[nodiscard]] QTextEdit::ExtraSelection tint(ByteSpan span) const;

    std::shared_ptr<const PlanDocument> document_;
    std::size_t index_ = 0;
    PlanSql sql_;
    std::vector<SqlLineTime> lines_;
    std::vector<std::pair<ByteSpan, int>> inks_; ///< of tokens
    plan::NodeId marked_ = plan::no_node;
    Gutter *gutter_;
};

} // namespace howdah::ui
