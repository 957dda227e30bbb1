// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>
#include <QPointer>

#include "core/plan/explain.h"
#include "ui/plan/plan_document.h"
#include "ui/findings/findings_panel.h"
#include "ui/plan/plan_view.h"
#include "ui/plugin/tool_context.h"
#include "ui/plugin/tool_plugin.h"

namespace howdah::plan_tool {

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
    void explainIn(ui::SqlDocument *document, const ui::SqlDocument::Statement &statement,
                   const plan::ExplainOptions &options);
    void openFromFile();
    void openFromClipboard();
    void readInto(const QString &title, const QByteArray &text);
    [[nodiscard]] ui::PlanView *page();

    ui::ToolContext *context_ = nullptr;
    QPointer<ui::FindingsPanel> page_panel_;
    QPointer<ui::PlanView> page_; ///< the tool's own page while it is open
};

} // namespace howdah::plan_tool
