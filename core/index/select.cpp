// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/index/select_search.h"

#include <numeric>

namespace howdah::index {

namespace search {

Ids Search::pretended(const Ids &ids) const
{
    Ids result;
    std::copy_if(ids.begin(), ids.end(), std::back_inserter(result), [&](std::size_t one) { return !indexes_[one].estimated; });
    return result;
}

const RecordedPlan *Search::known(std::size_t statement, const Ids &available) const
{
    for (const RecordedPlan &one : plans_[statement]) {
        if (!one.estimated && std::includes(available.begin(), available.end(), one.used.begin(), one.used.end())
            && std::includes(one.available.begin(), one.available.end(), available.begin(), available.end()))
            return &one;
    }
    return nullptr;
}

Result<void> Search::explain(std::size_t statement, const Ids &available)
{
    if (known(statement, available) != nullptr)
        return {};
    ++plans_asked_;
    auto answer = plan_(statement, available);
    if (!answer) {
        if (answer.error().kind == ErrorKind::Cancelled) {
            stopped_ = true;
            return {};
        }
        if (answer.error().kind == ErrorKind::Connection)
            return tl::unexpected(answer.error());
        // Without an answer nothing is gained.
        record(statement, {available, {}, base_[statement], false});
        return {};
    }
    answer->available = available;
    record(statement, std::move(*answer));
    return {};
}

void Search::record(std::size_t statement, RecordedPlan plan)
{
    sayPlan(statement, plan);
    plans_[statement].push_back(std::move(plan));
}

void Search::sayPlan(std::size_t statement, const RecordedPlan &plan)
{
    std::vector<Way> &ways = ways_[statement];
    const auto beats = [](double cost, const Ids &used, double other_cost, const Ids &other_used) {
        return cost <= other_cost && std::includes(other_used.begin(), other_used.end(), used.begin(), used.end());
    };
    if (std::any_of(ways.begin(), ways.end(), [&](const Way &one) { return beats(one.cost, one.used, plan.cost, plan.used); }))
        return;
    std::erase_if(ways, [&](const Way &one) { return beats(plan.cost, plan.used, one.cost, one.used); });
    ways.insert(std::upper_bound(ways.begin(), ways.end(), plan.cost, [](double cost, const Way &one) { return cost < one.cost; }), {plan.cost, plan.used});
}

double Search::upper(std::size_t statement, const std::vector<char> &taken, const Ids &adds, std::size_t without) const
{
    for (const Way &one : ways_[statement]) {
        if (std::all_of(one.used.begin(), one.used.end(), [&](std::size_t index) { return index != without && (taken[index] != 0 || (!adds.empty() && contains(adds, index))); }))
            return one.cost;
    }
    return std::numeric_limits<double>::max();
}

double Search::leastGain() const
{
    double total = 0;
    for (std::size_t i = 0; i < statements_.size(); ++i)
        total += statements_[i].weight * base_[i];
    const double share = options_.least_gain * std::min(1.0, 100.0 / std::max(1.0, static_cast<double>(statements_.size())));
    return std::max(share * total, options_.least_saving);
}

/// An index whose statements all together cost less than it would have to save is never pretended.
void Search::dropHopeless()
{
    const double least = leastGain();
    std::vector<char> hopeful(indexes_.size());
    for (std::size_t i = 0; i < indexes_.size(); ++i) {
        double most = 0;
        for (const std::size_t statement : by_index_[i])
            most += statements_[statement].weight * base_[statement];
        hopeful[i] = most - price(i) >= least && (options_.budget_bytes <= 0 || indexes_[i].bytes <= options_.budget_bytes) ? 1 : 0;
    }
    at_hand_.resize(statements_.size());
    for (std::size_t i = 0; i < statements_.size(); ++i)
        std::copy_if(statements_[i].indexes.begin(), statements_[i].indexes.end(), std::back_inserter(at_hand_[i]), [&](std::size_t one) { return hopeful[one] != 0; });
}

/// Plans with everything at hand, with thin indexes alone, and with what those plans used taken away in turn: most where
/// most is to be won.
Result<void> Search::harvest()
{
    struct Look {
        double priority;
        std::size_t order, statement;
        Ids available;
        int depth;
        bool operator<(const Look &other) const { return priority != other.priority ? priority < other.priority : order > other.order; }
    };
    std::priority_queue<Look> queue;
    std::size_t order = 0, helped = 0;
    const auto follow = [&](std::size_t statement, const RecordedPlan &found, int depth) {
        const double gain = statements_[statement].weight * (base_[statement] - found.cost);
        if (found.used.empty() || gain < 0.01 * statements_[statement].weight * base_[statement])
            return;
        double bytes = 1;
        for (const std::size_t one : found.used)
            bytes += indexes_[one].bytes;
        for (const std::size_t one : found.used)
            queue.push({gain * (0.4 + indexes_[one].bytes / bytes) * std::pow(0.7, depth), order++, statement, without(found.available, one), depth + 1});
    };
    std::vector<std::size_t> dearest(statements_.size());
    std::iota(dearest.begin(), dearest.end(), 0);
    std::stable_sort(dearest.begin(), dearest.end(), [&](std::size_t a, std::size_t b) { return statements_[a].weight * base_[a] > statements_[b].weight * base_[b]; });
    for (std::size_t place = 0; place < dearest.size() && !timeIsUp() && plans_asked_ < part(0.7); ++place) {
        const std::size_t i = dearest[place];
        const Ids all = pretended(at_hand_[i]);
        if (all.empty())
            continue;
        std::vector<Ids> looks{all};
        Ids thin, small, tiny;
        for (const std::size_t one : all) {
            if (indexes_[one].thin)
                thin.push_back(one);
            if (options_.budget_bytes > 0 && indexes_[one].bytes <= options_.budget_bytes / 3)
                small.push_back(one);
            if (options_.budget_bytes > 0 && indexes_[one].bytes <= options_.budget_bytes / 8)
                tiny.push_back(one);
        }
        looks.push_back(thin);
        if (options_.budget_bytes > 0) {
            looks.push_back(small);
            looks.push_back(tiny);
        }
        for (std::size_t look = 0; look < looks.size(); ++look) {
            const Ids &available = looks[look];
            if (available.empty() || known(i, available) != nullptr)
                continue;
            if (auto done = explain(i, available); !done)
                return done;
            if (stopped_)
                break;
            const RecordedPlan found = plans_[i].back();
            if (look == 0 && found.cost < base_[i] * 0.99)
                ++helped;
            follow(i, found, look == 0 ? 0 : 1);
            if (look == 0 && found.cost > base_[i] * 0.995)
                break; // nothing helps it
        }
        if (progress_ && place % 16 == 0 && !progress_(0))
            stopped_ = true;
        tellSoFar();
    }
    for (std::size_t looked = 0; !queue.empty() && looked < helped * options_.plans_each && plans_asked_ < part(0.8) && !timeIsUp();) {
        const Look look = queue.top();
        queue.pop();
        if (look.available.empty() || known(look.statement, look.available) != nullptr)
            continue;
        if (auto done = explain(look.statement, look.available); !done)
            return done;
        ++looked;
        if (!stopped_) {
            const RecordedPlan found = plans_[look.statement].back();
            follow(look.statement, found, look.depth);
        }
        tellSoFar();
    }
    return {};
}

void Search::tellFound(const Choice &choice)
{
    if (options_.found)
        options_.found(workload(choice), ids(choice));
    told_ = std::chrono::steady_clock::now();
}

/// What would be taken by the plans that are known so far; not more than twice a second.
void Search::tellSoFar()
{
    if (!options_.found || std::chrono::steady_clock::now() - told_ < std::chrono::milliseconds(500))
        return;
    Choice choice = chosen({});
    grow(choice, options_.budget_bytes);
    tellFound(choice);
}

/// Plans what was chosen; true where that taught something new.
Result<bool> Search::verify(const Choice &choice)
{
    bool learned = false;
    const Ids taken = ids(choice);
    for (std::size_t i = 0; i < statements_.size() && !timeIsUp(); ++i) {
        Ids at_hand;
        std::set_intersection(taken.begin(), taken.end(), statements_[i].indexes.begin(), statements_[i].indexes.end(), std::back_inserter(at_hand));
        at_hand = pretended(at_hand);
        if (known(i, at_hand) != nullptr)
            continue;
        const double believed = choice.costs[i];
        if (auto done = explain(i, at_hand); !done)
            return tl::unexpected(done.error());
        learned = learned || plans_[i].back().cost < believed * 0.9999;
    }
    return learned;
}

/// What statements would use next, beside what is taken: thin indexes that could still find room, and at last wide ones for
/// which nearly everything would have to go.
Result<void> Search::lookBeside(const Choice &choice, double share)
{
    const double left = options_.budget_bytes > 0 ? std::max(options_.budget_bytes - choice.bytes, options_.budget_bytes * share) : std::numeric_limits<double>::max();
    for (std::size_t i = 0; i < statements_.size() && !timeIsUp() && plans_asked_ < part(0.9); ++i) {
        double least = base_[i];
        for (const RecordedPlan &one : plans_[i])
            least = std::min(least, one.cost);
        if (choice.costs[i] < least * 1.01)
            continue;
        Ids at_hand;
        for (const std::size_t one : at_hand_[i]) {
            if (choice.taken[one] != 0 || ((indexes_[one].thin || share > 0.5) && indexes_[one].bytes <= left))
                at_hand.push_back(one);
        }
        at_hand = pretended(at_hand);
        if (auto done = explain(i, at_hand); !done)
            return done;
        // Each of the new ones without the others of them: there may be room for one alone.
        const RecordedPlan *answer = known(i, at_hand);
        if (answer == nullptr)
            continue;
        const RecordedPlan found = *answer;
        Ids fresh;
        std::copy_if(found.used.begin(), found.used.end(), std::back_inserter(fresh), [&](std::size_t one) { return choice.taken[one] == 0; });
        if (fresh.size() < 2 || found.cost > choice.costs[i] * 0.99)
            continue;
        for (const std::size_t alone : fresh) {
            Ids rest;
            std::copy_if(at_hand.begin(), at_hand.end(), std::back_inserter(rest), [&](std::size_t one) { return one == alone || choice.taken[one] != 0; });
            if (timeIsUp() || plans_asked_ >= part(0.9))
                break;
            if (auto done = explain(i, rest); !done)
                return done;
        }
    }
    return {};
}

/// Nearly the same for a fraction of the bytes: taken, though the planner's cost says a little less.
Result<void> Search::economise(Choice &choice)
{
    if (options_.thrift <= 0)
        return {};
    for (const std::size_t one : ids(choice)) {
        const double gain = lossOf(choice, one);
        for (const std::size_t other : indexes_[one].smaller) {
            if (timeIsUp() || plans_asked_ >= most_plans_ || choice.taken[one] == 0 || choice.taken[other] != 0)
                continue;
            Choice trial = choice;
            remove(trial, one);
            add(trial, {other});
            if (auto learned = verify(trial); !learned)
                return tl::unexpected(learned.error());
            trial = chosen(ids(trial));
            if (workload(trial) - workload(choice) <= options_.thrift * gain)
                choice = std::move(trial);
        }
    }
    return {};
}

Result<void> Search::prune(Choice &choice, Selection &selection)
{
    const double least = leastGain();
    for (bool again = true; again && !timeIsUp();) {
        again = false;
        const Ids taken = ids(choice);
        std::size_t worst = indexes_.size();
        double worst_gain = 0;
        for (const std::size_t one : taken) {
            // The statements that use it are planned without it, where that is not known.
            for (const std::size_t statement : by_index_[one]) {
                Ids at_hand;
                const Ids rest = without(taken, one);
                std::set_intersection(rest.begin(), rest.end(), statements_[statement].indexes.begin(), statements_[statement].indexes.end(), std::back_inserter(at_hand));
                at_hand = pretended(at_hand);
                Ids now = at_hand;
                if (!indexes_[one].estimated)
                    now.insert(std::upper_bound(now.begin(), now.end(), one), one);
                const RecordedPlan *with = known(statement, now);
                if (with != nullptr && contains(with->used, one)) {
                    if (auto done = explain(statement, at_hand); !done)
                        return done;
                }
            }
            const double gain = lossOf(choice, one) - price(one);
            if (gain < least && (worst == indexes_.size() || gain < worst_gain)) {
                worst = one;
                worst_gain = gain;
            }
        }
        if (worst < indexes_.size()) {
            remove(choice, worst);
            again = true;
            if (auto learned = verify(choice); !learned)
                return tl::unexpected(learned.error());
            choice = chosen(ids(choice));
        }
    }
    selection.indexes = ids(choice);
    for (const std::size_t one : selection.indexes) {
        Ids served;
        double benefit = 0;
        for (const std::size_t statement : by_index_[one]) {
            const double loss = upper(statement, choice.taken, {}, one) - choice.costs[statement];
            if (loss > 0.005 * choice.costs[statement])
                served.push_back(statement);
            benefit += std::max(0.0, loss) * statements_[statement].weight;
        }
        selection.benefit.push_back(benefit);
        selection.serves.push_back(std::move(served));
    }
    return {};
}

std::vector<FrontierPoint> Search::frontier(const Choice &final_choice) const
{
    std::vector<FrontierPoint> points;
    const auto keep = [&](const Choice &choice) { points.push_back({choice.bytes, workload(choice), ids(choice)}); };
    Choice from = best(0, &final_choice);
    keep(from);
    while (from.count > 0 && points.size() < 400) {
        std::size_t worst = indexes_.size();
        double least = std::numeric_limits<double>::max();
        for (std::size_t i = 0; i < indexes_.size(); ++i) {
            const double worth = from.taken[i] != 0 ? lossOf(from, i) / (indexes_[i].bytes + page_bytes) : least;
            if (worth < least) {
                least = worth;
                worst = i;
            }
        }
        if (worst == indexes_.size())
            break;
        remove(from, worst);
        keep(from);
    }
    keep(final_choice);
    std::stable_sort(points.begin(), points.end(), [](const FrontierPoint &a, const FrontierPoint &b) { return a.bytes != b.bytes ? a.bytes < b.bytes : a.cost < b.cost; });
    std::vector<FrontierPoint> falling;
    for (FrontierPoint &point : points) {
        if (falling.empty() || point.cost < falling.back().cost * 0.9999)
            falling.push_back(std::move(point));
    }
    return falling;
}

Result<Selection> Search::run()
{
    Selection selection;
    for (std::size_t i = 0; i < statements_.size(); ++i) {
        base_.push_back(0);
        if (const RecordedPlan *plain = known(i, {}); plain == nullptr) {
            auto answer = plan_(i, {});
            if (!answer)
                return tl::unexpected(answer.error());
            answer->available.clear();
            record(i, std::move(*answer));
        }
        base_.back() = known(i, {})->cost;
    }
    plans_asked_ = statements_.size();
    most_plans_ = options_.most_plans > 0 ? options_.most_plans : std::max<std::size_t>(1850, 2 * statements_.size());
    dropHopeless();
    if (auto done = harvest(); !done)
        return tl::unexpected(done.error());
    Choice choice = best(options_.budget_bytes, nullptr);
    std::size_t looked = 0;
    for (int round = 0; round < 12; ++round) {
        auto learned = verify(choice);
        if (!learned)
            return tl::unexpected(learned.error());
        tellFound(choice);
        if (progress_ && !progress_(workload(choice)))
            stopped_ = true;
        if (timeIsUp())
            break;
        if (!*learned) {
            // Settled; a look at what could stand beside it may unsettle it again.
            static constexpr std::array shares{0.1, 0.25, 0.5, 0.9};
            if (looked >= shares.size())
                break;
            if (auto done = lookBeside(choice, shares[looked++]); !done)
                return tl::unexpected(done.error());
        }
        Choice better = best(options_.budget_bytes, &choice);
        choice = std::move(better);
    }
    choice = chosen(ids(choice));
    if (auto done = economise(choice); !done)
        return tl::unexpected(done.error());
    if (auto done = prune(choice, selection); !done)
        return tl::unexpected(done.error());
    selection.before = base_;
    selection.after = choice.costs;
    selection.frontier = frontier(choice);
    selection.complete = !timeIsUp();
    return selection;
}

} // namespace search

Result<Selection> select(const std::vector<SelectableIndex> &indexes, const std::vector<SelectableStatement> &statements, const PlanFunction &plan,
                         const SelectOptions &options, std::vector<std::vector<RecordedPlan>> given, const std::function<bool(double)> &progress)
{
    return search::Search(indexes, statements, plan, options, std::move(given), progress).run();
}

} // namespace howdah::index
