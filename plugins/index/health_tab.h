// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "plugins/index/index_page.h"

namespace howdah::index_tool {

/// What is wrong with the indexes that are there.
class HealthTab : public IndexTab
{
    Q_OBJECT
public:
    explicit HealthTab(ui::ToolContext *context, QWidget *parent = nullptr);
    void activate() override;
    void setRelation(const QString &schema, const QString &name) override;

private:
    ui::ToolContext *context_;
};

} // namespace howdah::index_tool
