// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>
#include <QPointer>

#include "core/plan/explain.h"
#include "plugins/plan/judged_view.h"
#include "ui/plugin/tool_context.h"
#include "ui/plugin/tool_plugin.h"

namespace howdah::plan_tool {

class PlanHistoryPage;

/// The plan explorer: explains what is in the editor and shows the plan under it, and reads plans that EXPLAIN, psql
/// or a log printed elsewhere.
class PlanTool : public QObject, public ui::ToolPlugin
{
    Q_OBJECT
    Q_PLUGIN_METADATA(IID HOWDAH_TOOL_PLUGIN_IID FILE "plan.json")
    Q_INTERFACES(howdah::ui::ToolPlugin)
public:
    [[nodiscard]] ui::ToolInfo info() const override;
    void initialize(ui::ToolContext &context) override;
    [[nodiscard]] QWidget *createPage(const ui::CatalogObject *object, QWidget *parent) override;
    [[nodiscard]] QList<QAction *> objectActions(const ui::CatalogObject &object, QObject *parent) override;
    [[nodiscard]] bool openFile(const QString &path, const QByteArray &head) override;

private:
    void explain(bool analyze);
    void explainStatement(ui::SqlDocument *document, const ui::SqlDocument::Statement &statement, bool analyze);
    void explainIn(ui::SqlDocument *document, const ui::SqlDocument::Statement &statement,
                   const plan::ExplainOptions &options);
    void openFromFile();
    void openFromClipboard();
    void readInto(const QString &title, const QByteArray &text);
    void reword();
    void pickStatement(const QString &source);
    void showHistory();
    void lookAtClipboard();
    [[nodiscard]] JudgedView *page();

    ui::ToolContext *context_ = nullptr;
    OpenPlans open_plans_;
    QPointer<JudgedView> page_; ///< the tool's own page while it is open
    QPointer<PlanHistoryPage> history_;
    QByteArray offered_; ///< the plan in the clipboard that was offered last, as a hash
};

} // namespace howdah::plan_tool
