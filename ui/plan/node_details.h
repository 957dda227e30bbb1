// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <optional>

#include <QTextBrowser>
#include <QWidget>

#include "ui/plan/plan_document.h"

class QToolButton;

namespace howdah::ui {

class ElidedLabel;

/// Everything that is known of the selected node, grouped; the whole can be selected and copied.
class NodeDetails : public QWidget
{
    Q_OBJECT
public:
    explicit NodeDetails(QWidget *parent = nullptr);
    void showNode(std::shared_ptr<const PlanDocument> document, std::size_t index, plan::NodeId id);
    void clear();
    /// What "Copy" copies.
    [[nodiscard]] QString plainText() const;

protected:
    void showEvent(QShowEvent *event) override;

private:
    void refresh();

    std::shared_ptr<const PlanDocument> document_;
    std::size_t index_ = 0;
    std::optional<plan::NodeId> node_;
    ElidedLabel *title_ = nullptr;
    QToolButton *copy_ = nullptr;
    QTextBrowser *text_ = nullptr;
    bool other_colors_ = false; ///< the theme changed while this was hidden
};

} // namespace howdah::ui
