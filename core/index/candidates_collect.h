// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <unordered_map>

#include "core/index/candidates.h"

namespace howdah::index {

/// Gathers candidates, each once.
class Collector
{
public:
    Collector(const Facts &of_facts, const Expressions &of_expressions, const CandidateLimits &within)
        : facts(of_facts), expressions(of_expressions), limits(within) {}

    /// For the statement in hand; what exists already, or a method that is not wanted, is left out.
    void add(Candidate candidate);
    [[nodiscard]] const ColumnFacts *value(const TableUse &use, const std::string &expression, int attnum) const
    {
        return valueFacts(use.table, expression, attnum, facts, expressions);
    }
    [[nodiscard]] bool wanted(const std::string &method) const { return limits.methods.empty() || limits.methods.count(method) > 0; }
    [[nodiscard]] const TableFacts &table(const TableUse &use) const { return facts.tables[use.table]; }

    const Facts &facts;
    const Expressions &expressions;
    const CandidateLimits &limits;
    std::size_t statement = 0;
    Shape *shape = nullptr;
    std::vector<Candidate> candidates;
    std::unordered_map<std::string, double> popularity; ///< "table\x01expression" → weight of its equalities

private:
    std::unordered_map<std::string, std::size_t> places_;
};

/// GIN, GiST, SP-GiST, vector methods, patterns, BRIN, hash: by what their operator classes can do.
void addSpecial(Collector &collector, const TableUse &use);

[[nodiscard]] IndexKey keyOf(const Term &term);
/// Whether a B-tree can look `term` up; equality or a range.
[[nodiscard]] bool isEquality(const Collector &collector, const TableUse &use, const Term &term);
[[nodiscard]] bool isRange(const Collector &collector, const TableUse &use, const Term &term);

} // namespace howdah::index
