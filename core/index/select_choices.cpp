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

Search::Moves::Moves(const Search &search, const Choice &choice) : search_(search), by_statement_(search.statements_.size())
{
    for (std::size_t i = 0; i < search_.statements_.size(); ++i)
        gather(choice, i);
}

/// What each better plan of a statement lacks; and each index of it alone, as others may want just that.
void Search::Moves::gather(const Choice &choice, std::size_t statement)
{
    for (const Way &one : search_.ways_[statement]) {
        if (one.cost >= choice.costs[statement])
            break;
        Ids adds;
        std::copy_if(one.used.begin(), one.used.end(), std::back_inserter(adds), [&](std::size_t index) { return choice.taken[index] == 0; });
        if (adds.size() > 1) {
            for (const std::size_t index : adds)
                insert(choice, {index});
        }
        if (!adds.empty())
            insert(choice, std::move(adds));
    }
}

void Search::Moves::insert(const Choice &choice, Ids adds)
{
    const auto [place, fresh] = places_.emplace(std::move(adds), moves_.size());
    if (!fresh)
        return;
    Move move;
    move.adds = place->first;
    for (const std::size_t one : move.adds) {
        move.bytes += search_.indexes_[one].bytes;
        move.price += search_.price(one);
        move.concerned.insert(move.concerned.end(), search_.by_index_[one].begin(), search_.by_index_[one].end());
    }
    std::sort(move.concerned.begin(), move.concerned.end());
    move.concerned.erase(std::unique(move.concerned.begin(), move.concerned.end()), move.concerned.end());
    for (const std::size_t one : move.concerned)
        by_statement_[one].push_back(moves_.size());
    weigh(choice, move);
    moves_.push_back(std::move(move));
}

void Search::Moves::weigh(const Choice &choice, Move &move) const
{
    move.gain = 0;
    // What is taken by now is another move's business.
    if (std::any_of(move.adds.begin(), move.adds.end(), [&](std::size_t one) { return choice.taken[one] != 0; }))
        return;
    move.gain = -move.price;
    for (const std::size_t one : move.concerned)
        move.gain += search_.statements_[one].weight * (choice.costs[one] - search_.upper(one, choice.taken, move.adds));
}

void Search::Moves::grown(const Choice &choice, const Ids &added)
{
    Ids statements, moves;
    for (const std::size_t one : added)
        statements.insert(statements.end(), search_.by_index_[one].begin(), search_.by_index_[one].end());
    std::sort(statements.begin(), statements.end());
    statements.erase(std::unique(statements.begin(), statements.end()), statements.end());
    for (const std::size_t one : statements)
        moves.insert(moves.end(), by_statement_[one].begin(), by_statement_[one].end());
    std::sort(moves.begin(), moves.end());
    moves.erase(std::unique(moves.begin(), moves.end()), moves.end());
    for (const std::size_t one : moves)
        weigh(choice, moves_[one]);
    for (const std::size_t one : statements)
        gather(choice, one);
}

/// The most benefit for a byte; for an index where their count is what is scarce. `thrift` below 1 weighs bytes less: what
/// is large and worth it finds room before it is filled with what is small.
const Search::Move *Search::Moves::best(const Choice &choice, double budget, double thrift) const
{
    const std::size_t most = search_.options_.most_indexes;
    const auto worth = [&](const Move &one) { return most > 0 ? one.gain / static_cast<double>(one.adds.size()) : one.gain / std::pow(one.bytes + page_bytes, thrift); };
    const Move *found = nullptr;
    double found_worth = 0;
    for (const Move &move : moves_) {
        if (move.gain <= 0 || (budget > 0 && choice.bytes + move.bytes > budget) || (most > 0 && choice.count + move.adds.size() > most))
            continue;
        // Of equals the one that comes first by its indexes, however they were gathered.
        const double value = worth(move);
        if (found == nullptr || value > found_worth || (value == found_worth && move.adds < found->adds)) {
            found = &move;
            found_worth = value;
        }
    }
    return found;
}

/// The best benefit for a byte, again and again.
void Search::grow(Choice &choice, double budget, double thrift) const
{
    Moves moves(*this, choice);
    for (int round = 0; round < 2000 && !timeIsUp(); ++round) {
        const Move *move = moves.best(choice, budget, thrift);
        if (move == nullptr)
            return;
        const Ids adds = move->adds;
        add(choice, adds);
        moves.grown(choice, adds);
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
    std::size_t ways = 0;
    for (const auto &one : ways_)
        ways += one.size();
    const bool many = ways > 3000;
    for (int round = 0; round < (many ? 12 : 60) && !timeIsUp(); ++round) {
        Choice best_choice = choice;
        for (const std::size_t one : ids(choice)) {
            if (lossOf(choice, one) > price(one))
                continue;
            Choice trial = choice;
            remove(trial, one);
            if (trial.objective < best_choice.objective)
                best_choice = std::move(trial);
        }
        std::vector<Move> all = Moves(*this, choice).take();
        std::erase_if(all, [](const Move &move) { return move.gain <= 0; });
        std::stable_sort(all.begin(), all.end(), [](const Move &a, const Move &b) { return a.gain != b.gain ? a.gain > b.gain : a.adds < b.adds; });
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
        const std::size_t filled = many ? 2 : 8;
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
    for (const double thrift : {1.0, 0.5, 0.0}) {
        Choice grown = chosen({});
        grow(grown, budget, thrift);
        const bool known = std::any_of(starts.begin(), starts.end(), [&](const Choice &one) { return one.taken == grown.taken; });
        if (!known)
            starts.push_back(std::move(grown));
        if (budget <= 0)
            break;
    }
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
