// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/index/write_budget.h"

#include <map>
#include <utility>

namespace howdah::index {

namespace {

constexpr double step = 4, dearest = 1e6;
constexpr int refinements = 4;

double upkeepOf(const Selection &selection, const std::vector<SelectableIndex> &indexes)
{
    double sum = 0;
    for (const std::size_t one : selection.indexes)
        sum += indexes[one].upkeep;
    return sum;
}

} // namespace

Result<Selection> selectWithinUpkeep(const std::vector<SelectableIndex> &indexes, const std::vector<SelectableStatement> &statements, const PlanFunction &plan,
                                     const SelectOptions &options, double most_upkeep, const std::vector<std::vector<RecordedPlan>> &given,
                                     const std::function<bool(double)> &progress)
{
    std::map<std::pair<std::size_t, std::vector<std::size_t>>, RecordedPlan> known;
    const PlanFunction remembered = [&](std::size_t statement, const std::vector<std::size_t> &available) -> Result<RecordedPlan> {
        auto key = std::make_pair(statement, available);
        if (const auto found = known.find(key); found != known.end())
            return found->second;
        auto answer = plan(statement, available);
        if (answer)
            known.emplace(std::move(key), *answer);
        return answer;
    };
    const auto at = [&](double price) {
        std::vector<SelectableIndex> priced = indexes;
        for (SelectableIndex &one : priced)
            one.upkeep *= price;
        return select(priced, statements, remembered, options, given, progress);
    };
    auto first = select(indexes, statements, most_upkeep > 0 ? remembered : plan, options, given, progress);
    if (!first || most_upkeep <= 0 || upkeepOf(*first, indexes) <= most_upkeep)
        return first;
    double low = 1, high = step;
    Result<Selection> best = at(high);
    while (best && best->complete && upkeepOf(*best, indexes) > most_upkeep && high < dearest) {
        low = high;
        high *= step;
        best = at(high);
    }
    if (!best)
        return best;
    for (int i = 0; i < refinements && best->complete; ++i) {
        const double between = (low + high) / 2;
        auto trial = at(between);
        if (!trial)
            return trial;
        if (upkeepOf(*trial, indexes) > most_upkeep) {
            low = between;
        } else {
            high = between;
            best = std::move(trial);
        }
    }
    best->frontier = std::move(first->frontier);
    return best;
}

} // namespace howdah::index
