// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

#include <QWidget>

#include "core/plan/findings.h"

class QVBoxLayout;

namespace howdah::ui {

/// What is wrong with a plan, a card each: what it is, what it costs, the evidence, and what can be done about it.
class FindingsPanel : public QWidget
{
    Q_OBJECT
public:
    explicit FindingsPanel(QWidget *parent = nullptr);
    /// `can_try`: there is a server to try fixes on.
    void setFindings(std::vector<plan::Finding> findings, bool can_try);
    [[nodiscard]] const std::vector<plan::Finding> &findings() const { return findings_; }

Q_SIGNALS:
    void nodeChosen(howdah::plan::NodeId id);
    void tryRequested(std::size_t finding);
    void tryAllRequested(); ///< every fix alone, and all together
    void adviceRequested(std::size_t finding); ///< whether its index is the best there is

private:
    QWidget *makeCard(std::size_t index, bool can_try);

    std::vector<plan::Finding> findings_;
    QVBoxLayout *cards_ = nullptr;
};

} // namespace howdah::ui
