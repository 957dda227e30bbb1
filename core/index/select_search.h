// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <limits>
#include <map>
#include <queue>

#include "core/index/select.h"

namespace howdah::index::search {

using Ids = std::vector<std::size_t>;
constexpr double page_bytes = 8192;

inline bool contains(const Ids &sorted, std::size_t one)
{
    return std::binary_search(sorted.begin(), sorted.end(), one);
}

inline Ids without(const Ids &sorted, std::size_t one)
{
    Ids rest;
    rest.reserve(sorted.size());
    std::copy_if(sorted.begin(), sorted.end(), std::back_inserter(rest), [&](std::size_t other) { return other != one; });
    return rest;
}

/// What a choice makes of the workload.
struct Choice {
    std::vector<char> taken;
    std::vector<double> costs; ///< by statement
    double bytes = 0, objective = 0;
    std::size_t count = 0;
};

class Search
{
public:
    Search(const std::vector<SelectableIndex> &indexes, const std::vector<SelectableStatement> &statements, const PlanFunction &plan, const SelectOptions &options,
           std::vector<std::vector<RecordedPlan>> given, const std::function<bool(double)> &progress)
        : indexes_(indexes), statements_(statements), plan_(plan), options_(options), plans_(std::move(given)), progress_(progress), by_index_(indexes.size())
    {
        plans_.resize(statements.size());
        ways_.resize(statements.size());
        for (std::size_t i = 0; i < statements.size(); ++i) {
            for (const std::size_t one : statements[i].indexes)
                by_index_[one].push_back(i);
            for (const RecordedPlan &one : plans_[i])
                sayPlan(i, one);
        }
    }

    Result<Selection> run();

private:
    static constexpr std::size_t none = static_cast<std::size_t>(-1);
    /// What plans tell of a statement: those that no other beats with no more indexes, the cheapest first.
    struct Way {
        double cost = 0;
        Ids used;
    };
    // plans
    Result<void> explain(std::size_t statement, const Ids &available);
    [[nodiscard]] double leastGain() const;
    void dropHopeless();
    [[nodiscard]] Ids pretended(const Ids &ids) const;
    [[nodiscard]] const RecordedPlan *known(std::size_t statement, const Ids &available) const;
    /// What it costs by the plans that are known, with those taken, `adds` beside them, and without one.
    [[nodiscard]] double upper(std::size_t statement, const std::vector<char> &taken, const Ids &adds = {}, std::size_t without = none) const;
    void record(std::size_t statement, RecordedPlan plan);
    void sayPlan(std::size_t statement, const RecordedPlan &plan);
    Result<void> harvest();
    Result<bool> verify(const Choice &choice);
    Result<void> lookBeside(const Choice &choice, double share);
    Result<void> economise(Choice &choice);
    Result<void> prune(Choice &choice, Selection &selection);

    // choices
    struct Move {
        Ids adds;
        Ids concerned; ///< statements that any of them may serve
        double gain = 0, price = 0, bytes = 0;
    };
    /// The moves from a choice, kept up to date as it grows: only those that what was added concerns are weighed again.
    class Moves
    {
    public:
        Moves(const Search &search, const Choice &choice);
        void grown(const Choice &choice, const Ids &added);
        [[nodiscard]] const Move *best(const Choice &choice, double budget, double thrift) const;
        [[nodiscard]] std::vector<Move> take() { return std::move(moves_); }

    private:
        void gather(const Choice &choice, std::size_t statement);
        void weigh(const Choice &choice, Move &move) const;
        void insert(const Choice &choice, Ids adds);

        const Search &search_;
        std::vector<Move> moves_;
        std::map<Ids, std::size_t> places_;
        std::vector<Ids> by_statement_; ///< moves that concern it
    };
    [[nodiscard]] Choice chosen(const Ids &ids) const;
    [[nodiscard]] double price(std::size_t index) const { return indexes_[index].upkeep + indexes_[index].bytes / page_bytes * options_.page_price; }
    [[nodiscard]] double lossOf(const Choice &choice, std::size_t index) const;
    void add(Choice &choice, const Ids &ids) const;
    void remove(Choice &choice, std::size_t index) const;
    void refresh(Choice &choice, const Ids &changed) const;
    [[nodiscard]] bool fits(const Choice &choice, double budget) const;
    void shrink(Choice &choice, double budget, const Ids &kept) const;
    void grow(Choice &choice, double budget, double thrift = 1) const;
    void polish(Choice &choice, double budget) const;
    [[nodiscard]] Choice best(double budget, const Choice *start) const;
    [[nodiscard]] std::vector<FrontierPoint> frontier(const Choice &final_choice) const;
    [[nodiscard]] Ids ids(const Choice &choice) const;
    [[nodiscard]] double workload(const Choice &choice) const;

    void tellFound(const Choice &choice);
    void tellSoFar();

    /// So much of the plans beside those of the statements as they are.
    [[nodiscard]] std::size_t part(double share) const
    {
        const std::size_t first = statements_.size();
        return first + static_cast<std::size_t>(share * static_cast<double>(most_plans_ > first ? most_plans_ - first : 0));
    }
    [[nodiscard]] bool timeIsUp() const
    {
        return stopped_ || std::chrono::duration<double>(std::chrono::steady_clock::now() - begun_).count() > options_.seconds;
    }

    const std::vector<SelectableIndex> &indexes_;
    const std::vector<SelectableStatement> &statements_;
    const PlanFunction &plan_;
    const SelectOptions &options_;
    std::vector<std::vector<RecordedPlan>> plans_;
    const std::function<bool(double)> &progress_;
    std::vector<Ids> by_index_; ///< statements
    std::vector<std::vector<Way>> ways_; ///< by statement
    std::vector<double> base_;
    std::vector<Ids> at_hand_; ///< of each statement: what may serve it and could be worth it
    std::size_t plans_asked_ = 0, most_plans_ = 0;
    std::chrono::steady_clock::time_point begun_ = std::chrono::steady_clock::now(), told_ = begun_;
    bool stopped_ = false;
};

} // namespace howdah::index::search
