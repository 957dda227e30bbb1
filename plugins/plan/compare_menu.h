// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <QMenu>

#include "core/plan/history.h"
#include "plugins/plan/judged_view.h"
#include "ui/plugin/tool_context.h"

namespace howdah::plan_tool {

/// "Compare with…" of a plan: its runs before, the other open plans, a file.
class CompareMenu : public QMenu
{
    Q_OBJECT
public:
    CompareMenu(ui::ToolContext *context, OpenPlans *open, JudgedView *view);

    /// Shows two plans beside each other on the page for that.
    static void show(ui::ToolContext *context, const ui::PlanSide &before, const QString &before_title,
                     const ui::PlanSide &after, const QString &after_title);

private:
    void withRun(const plan::HistoryEntry &run);
    void readHistory();
    void fill();
    void withFile();
    void with(const ui::PlanSide &before, const QString &title);

    ui::ToolContext *context_;
    OpenPlans *open_;
    JudgedView *view_;
    std::vector<plan::HistoryEntry> runs_; ///< of the same query, the latest first
    quint64 request_ = 0;
};

using PlanDocuments = Result<std::vector<std::shared_ptr<const ui::PlanDocument>>>;

/// Reads what the history kept on another thread; `done` gets one for each source, in their order, on `receiver`'s.
/// Plans in the history may be of megabytes.
void readPlans(QObject *receiver, std::vector<std::string> sources, std::function<void(const PlanDocuments &)> done);

/// "14:05:12, 120 ms", with the day when it was not today.
[[nodiscard]] QString runTitle(const plan::HistoryEntry &entry);

} // namespace howdah::plan_tool
