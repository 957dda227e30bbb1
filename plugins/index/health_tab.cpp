// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/index/health_tab.h"

namespace howdah::index_tool {

HealthTab::HealthTab(ui::ToolContext *context, QWidget *parent) : IndexTab(parent), context_(context) {}

void HealthTab::activate() {}

void HealthTab::setRelation(const QString &, const QString &) {}

} // namespace howdah::index_tool
