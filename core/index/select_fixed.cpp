// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>

#include "core/index/select.h"

namespace howdah::index {

namespace {

using Ids = std::vector<std::size_t>;

/// A set that is not to be changed.
class Fixed
{
public:
    Fixed(const std::vector<SelectableIndex> &indexes, const std::vector<SelectableStatement> &statements, const PlanFunction &plan, const std::vector<std::vector<RecordedPlan>> &given)
        : indexes_(indexes), statements_(statements), plan_(plan), given_(given) {}

    Result<Selection> run();

private:
    [[nodiscard]] Ids atHand(std::size_t statement, std::size_t left_out) const;
    [[nodiscard]] double cheapestGiven(std::size_t statement, double cost, std::size_t left_out) const;

    const std::vector<SelectableIndex> &indexes_;
    const std::vector<SelectableStatement> &statements_;
    const PlanFunction &plan_;
    const std::vector<std::vector<RecordedPlan>> &given_;
};

Ids Fixed::atHand(std::size_t statement, std::size_t left_out) const
{
    Ids ids;
    for (const std::size_t one : statements_[statement].indexes) {
        if (one != left_out && !indexes_[one].estimated)
            ids.push_back(one);
    }
    return ids;
}

double Fixed::cheapestGiven(std::size_t statement, double cost, std::size_t left_out) const
{
    for (const RecordedPlan &one : given_[statement]) {
        if (std::find(one.used.begin(), one.used.end(), left_out) == one.used.end())
            cost = std::min(cost, one.cost);
    }
    return cost;
}

Result<Selection> Fixed::run()
{
    const std::size_t none = indexes_.size();
    Selection selection;
    for (std::size_t i = 0; i < indexes_.size(); ++i)
        selection.indexes.push_back(i);
    selection.benefit.assign(indexes_.size(), 0);
    selection.serves.resize(indexes_.size());
    for (std::size_t i = 0; i < statements_.size(); ++i) {
        const auto before = plan_(i, {});
        if (!before)
            return tl::unexpected(before.error());
        const Ids all = atHand(i, none);
        const auto with = all.empty() ? before : plan_(i, all);
        if (!with && with.error().kind != ErrorKind::Server)
            return tl::unexpected(with.error());
        selection.before.push_back(before->cost);
        const double planned = with ? with->cost : before->cost, after = cheapestGiven(i, planned, none);
        selection.after.push_back(after);
        for (const std::size_t one : statements_[i].indexes) {
            double without = planned;
            if (with && std::find(with->used.begin(), with->used.end(), one) != with->used.end()) {
                const auto rest = plan_(i, atHand(i, one));
                if (!rest && rest.error().kind != ErrorKind::Server)
                    return tl::unexpected(rest.error());
                without = rest ? rest->cost : before->cost;
            }
            const double loss = cheapestGiven(i, without, one) - after;
            if (loss > 0.005 * after)
                selection.serves[one].push_back(i);
            selection.benefit[one] += std::max(0.0, loss) * statements_[i].weight;
        }
    }
    return selection;
}

} // namespace

Result<Selection> evaluate(const std::vector<SelectableIndex> &indexes, const std::vector<SelectableStatement> &statements, const PlanFunction &plan,
                           const std::vector<std::vector<RecordedPlan>> &given)
{
    return Fixed(indexes, statements, plan, given).run();
}

} // namespace howdah::index
