// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/plan/plan_document.h"

#include <utility>

namespace howdah::ui {

Result<std::shared_ptr<const PlanDocument>> readPlanDocument(std::string source)
{
    Result<plan::ReadResult> result = plan::read(source);
    if (!result)
        return tl::unexpected<Error>(std::move(result.error()));
    auto document = std::make_shared<PlanDocument>();
    document->source = std::move(source);
    document->format = result->format;
    document->plans = std::move(result->plans);
    document->diagnostics = std::move(result->diagnostics);
    for (const plan::Plan &plan : document->plans)
        document->metrics.push_back(plan::measure(plan));
    return std::shared_ptr<const PlanDocument>(std::move(document));
}

} // namespace howdah::ui
