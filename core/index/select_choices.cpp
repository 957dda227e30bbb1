// SPDX-License-Identifier: GPL-3.0-or-later
// Sets of indexes: what each makes of the workload by the plans that are known, and the moves from one to a better one.
#include "core/index/select_search.h"

namespace howdah::index::search {

Choice Search::chosen(const Ids &wanted) const
{
    Choice choice;
    choice.taken.assign(indexes_.size(), 0);
    choice.costs.resize(statements_.size());
    for (std::size_t i = 0; i < statements_.size(); ++i)
        choice.costs[i] = upper(i, choice.taken);
    choice.objective = workload(choice);
    add(choice, wanted);
    return choice;
}

double Search::workload(const Choice &choice) const
{
    double sum = 0;
    for (std::size_t i = 0; i < statements_.size(); ++i)
        sum += statements_[i].weight * choice.costs[i];
    return sum;
}

Ids Search::ids(const Choice &choice) const
{
    Ids result;
    for (std::size_t i = 0; i < choice.taken.size(); ++i) {
        if (choice.taken[i] != 0)
            result.push_back(i);
    }
    return result;
}

void Search::refresh(Choice &choice, const Ids &changed) const
{
    Ids concerned;
    for (const std::size_t one : changed)
        concerned.insert(concerned.end(), by_index_[one].begin(), by_index_[one].end());
    std::sort(concerned.begin(), concerned.end());
    concerned.erase(std::unique(concerned.begin(), concerned.end()), concerned.end());
    for (const std::size_t one : concerned) {
        const double now = upper(one, choice.taken);
        choice.objective += statements_[one].weight * (now - choice.costs[one]);
        choice.costs[one] = now;
    }
}

void Search::add(Choice &choice, const Ids &wanted) const
{
    Ids fresh;
    for (const std::size_t one : wanted) {
        if (choice.taken[one] != 0)
            continue;
        choice.taken[one] = 1;
        choice.bytes += indexes_[one].bytes;
        choice.objective += price(one);
        ++choice.count;
        fresh.push_back(one);
    }
    refresh(choice, fresh);
}

void Search::remove(Choice &choice, std::size_t index) const
{
    choice.taken[index] = 0;
    choice.bytes -= indexes_[index].bytes;
    choice.objective -= price(index);
    --choice.count;
    refresh(choice, {index});
}

double Search::lossOf(const Choice &choice, std::size_t index) const
{
    double loss = 0;
    for (const std::size_t one : by_index_[index])
        loss += statements_[one].weight * (upper(one, choice.taken, {}, index) - choice.costs[one]);
    return loss;
}

bool Search::fits(const Choice &choice, double budget) const
{
    return (budget <= 0 || choice.bytes <= budget) && (options_.most_indexes == 0 || choice.count <= options_.most_indexes);
}

std::vector<Search::Move> Search::moves(const Choice &choice) const
{
    std::map<Ids, double> found; // what it is worth to the statement that wants it most
    for (std::size_t i = 0; i < statements_.size(); ++i) {
        for (const Way &one : ways_[i]) {
            const double gain = statements_[i].weight * (choice.costs[i] - one.cost);
            if (gain <= 0)
                break;
            if (one.used.empty())
                continue;
            Ids adds;
            std::copy_if(one.used.begin(), one.used.end(), std::back_inserter(adds), [&](std::size_t index) { return choice.taken[index] == 0; });
            if (adds.empty())
                continue;
            double &worth = found[adds];
            worth += gain;
            // Each index of it alone, too: others may want just that.
            if (adds.size() > 1) {
                for (const std::size_t index : adds)
                    found.try_emplace({index}, 0);
            }
        }
    }
    std::vector<Move> result;
    result.reserve(found.size());
    for (auto &[adds, worth] : found) {
        Move move;
        move.adds = adds;
        move.gain = worth;
        for (const std::size_t one : adds) {
            move.bytes += indexes_[one].bytes;
            move.price += price(one);
        }
        result.push_back(std::move(move));
    }
    constexpr std::size_t most = 600;
    if (result.size() > most) {
        std::stable_sort(result.begin(), result.end(), [](const Move &a, const Move &b) { return a.gain / (a.bytes + page_bytes) > b.gain / (b.bytes + page_bytes); });
        result.resize(most);
    }
    for (Move &move : result) {
        Ids concerned;
        for (const std::size_t one : move.adds)
            concerned.insert(concerned.end(), by_index_[one].begin(), by_index_[one].end());
        std::sort(concerned.begin(), concerned.end());
        concerned.erase(std::unique(concerned.begin(), concerned.end()), concerned.end());
        move.gain = -move.price;
        for (const std::size_t one : concerned)
            move.gain += statements_[one].weight * (choice.costs[one] - upper(one, choice.taken, move.adds));
    }
    std::erase_if(result, [](const Move &move) { return move.gain <= 0; });
    return result;
}

/// The best benefit for a byte, again and again.
void Search::grow(Choice &choice, double budget) const
{
    for (int round = 0; round < 500 && !timeIsUp(); ++round) {
        const Move *best_move = nullptr;
        const std::vector<Move> all = moves(choice);
        for (const Move &move : all) {
            const bool fitting = (budget <= 0 || choice.bytes + move.bytes <= budget) && (options_.most_indexes == 0 || choice.count + move.adds.size() <= options_.most_indexes);
            if (!fitting)
                continue;
            const auto worth = [&](const Move &one) { return options_.most_indexes > 0 ? one.gain / static_cast<double>(one.adds.size()) : one.gain / (one.bytes + page_bytes); };
            if (best_move == nullptr || worth(move) > worth(*best_move))
                best_move = &move;
        }
        if (best_move == nullptr)
            return;
        add(choice, best_move->adds);
    }
}

/// What is least worth its bytes goes, until the rest fits.
void Search::shrink(Choice &choice, double budget, const Ids &kept) const
{
    while (!fits(choice, budget)) {
        std::size_t worst = indexes_.size();
        double least = std::numeric_limits<double>::max();
        for (std::size_t i = 0; i < indexes_.size(); ++i) {
            if (choice.taken[i] == 0 || contains(kept, i))
                continue;
            const double loss = lossOf(choice, i) - price(i);
            const double worth = budget > 0 && choice.bytes > budget ? loss / (indexes_[i].bytes + page_bytes) : loss;
            if (worth < least) {
                least = worth;
                worst = i;
            }
        }
        if (worst == indexes_.size())
            return;
        remove(choice, worst);
    }
}

/// Adds, drops and exchanges as long as it gets better.
void Search::polish(Choice &choice, double budget) const
{
    for (int round = 0; round < 60 && !timeIsUp(); ++round) {
        Choice best_choice = choice;
        for (const std::size_t one : ids(choice)) {
            if (lossOf(choice, one) > price(one))
                continue;
            Choice trial = choice;
            remove(trial, one);
            if (trial.objective < best_choice.objective)
                best_choice = std::move(trial);
        }
        std::vector<Move> all = moves(choice);
        std::stable_sort(all.begin(), all.end(), [](const Move &a, const Move &b) { return a.gain > b.gain; });
        if (all.size() > 80)
            all.resize(80);
        std::vector<Choice> exchanged;
        for (const Move &move : all) {
            if (budget > 0 && move.bytes > budget)
                continue;
            Choice trial = choice;
            add(trial, move.adds);
            shrink(trial, budget, move.adds);
            if (fits(trial, budget))
                exchanged.push_back(std::move(trial));
        }
        // The room that an exchange leaves is filled for the most promising alone.
        constexpr std::size_t filled = 8;
        std::stable_sort(exchanged.begin(), exchanged.end(), [](const Choice &a, const Choice &b) { return a.objective < b.objective; });
        if (exchanged.size() > filled)
            exchanged.resize(filled);
        for (Choice &trial : exchanged) {
            grow(trial, budget);
            if (trial.objective < best_choice.objective)
                best_choice = std::move(trial);
        }
        if (best_choice.objective > choice.objective * (1 - 1e-6))
            return;
        choice = std::move(best_choice);
    }
}

Choice Search::best(double budget, const Choice *start) const
{
    std::vector<Choice> starts;
    if (start != nullptr)
        starts.push_back(chosen(ids(*start)));
    Choice grown = chosen({});
    grow(grown, budget);
    starts.push_back(std::move(grown));
    // From above: everything that any best plan wants.
    Ids wanted;
    for (const auto &ways : ways_) {
        if (!ways.empty())
            wanted.insert(wanted.end(), ways.front().used.begin(), ways.front().used.end());
    }
    Choice shrunk = chosen(wanted);
    shrink(shrunk, budget, {});
    grow(shrunk, budget);
    starts.push_back(std::move(shrunk));
    Choice *found = nullptr;
    for (Choice &one : starts) {
        if (!fits(one, budget))
            shrink(one, budget, {});
        polish(one, budget);
        if (found == nullptr || one.objective < found->objective)
            found = &one;
    }
    return std::move(*found);
}

} // namespace howdah::index::search
