// SPDX-License-Identifier: GPL-3.0-or-later
// The yardstick of the index benches: Extend, and how sets are judged.
#pragma once

#include <algorithm>
#include <chrono>
#include <map>
#include <set>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "core/pg/connection.h"

namespace howdah::bench {

using Clock = std::chrono::steady_clock;

inline double secondsSince(Clock::time_point begun)
{
    return std::chrono::duration<double>(Clock::now() - begun).count();
}

inline std::shared_ptr<pg::RowStore> must(pg::Connection &connection, const std::string &sql)
{
    const auto done = connection.query(sql);
    if (!done) {
        fmt::print(stderr, "{}\n{}\n", sql, done.error().text());
        std::exit(1);
    }
    return done->result;
}

inline double number(pg::Connection &connection, const std::string &sql)
{
    return std::strtod(std::string(must(connection, sql)->cell(0, 0).text).c_str(), nullptr);
}

/// A hypothetical index of columns, as Extend knows them.
struct PlainIndex {
    std::string table;
    std::vector<std::string> columns;
    auto operator<=>(const PlainIndex &) const = default;
    [[nodiscard]] std::string ddl() const
    {
        std::string text = "CREATE INDEX ON " + table + " (";
        for (std::size_t i = 0; i < columns.size(); ++i)
            text += (i > 0 ? ", " : "") + columns[i];
        return text + ")";
    }
};

/// The primary keys, as indexes.
inline std::vector<PlainIndex> keyColumns(pg::Connection &connection)
{
    std::vector<PlainIndex> keys;
    const auto rows = must(connection, "SELECT c.relname, a.attname FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid CROSS JOIN LATERAL unnest(k.conkey) WITH ORDINALITY u(n, nr) "
                                       "JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.n WHERE k.contype = 'p' AND k.connamespace = 'public'::regnamespace ORDER BY k.oid, u.nr");
    for (std::int64_t row = 0; row < rows->rowCount(); ++row) {
        const std::string table(rows->cell(row, 0).text), column(rows->cell(row, 1).text);
        if (keys.empty() || keys.back().table != table)
            keys.push_back({table, {}});
        keys.back().columns.push_back(column);
    }
    return keys;
}

/// Schlosser, Kossmann, Boissier 2019: start empty; add the index, or widen one by a column, with the best benefit for a
/// byte; stop at the budget or at a gain below 0.3 %.
class Extend
{
public:
    /// `keys`: column lists that are served already; none that stands in front of one is taken.
    Extend(pg::Connection &connection, std::vector<std::string> queries, std::size_t width, std::vector<PlainIndex> keys = {})
        : connection_(connection), queries_(std::move(queries)), width_(width), keys_(std::move(keys))
    {
        const auto rows = must(connection_, "SELECT c.relname, a.attname FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace "
                                            "WHERE n.nspname = 'public' AND c.relkind = 'r' AND a.attnum > 0 ORDER BY 1, a.attnum");
        columns_of_.resize(queries_.size());
        for (std::int64_t row = 0; row < rows->rowCount(); ++row) {
            const std::string table(rows->cell(row, 0).text), column(rows->cell(row, 1).text);
            bool used = false;
            for (std::size_t i = 0; i < queries_.size(); ++i) {
                if (queries_[i].find(column) == std::string::npos)
                    continue;
                columns_of_[i].insert(column);
                used = true;
            }
            if (used)
                singles_.push_back({table, {column}});
        }
    }

    /// Cut short after so many seconds: what it has by then.
    std::vector<PlainIndex> run(double budget, double most_seconds = 1e9)
    {
        const auto begun = Clock::now();
        std::vector<PlainIndex> chosen;
        double cost = workload(chosen);
        for (;;) {
            std::vector<PlainIndex> best;
            double best_ratio = 0, best_cost = cost;
            const auto look = [&](std::vector<PlainIndex> trial, double added) {
                if (std::any_of(trial.begin(), trial.end(), [&](const PlainIndex &one) { return served(one); }))
                    return;
                double bytes = 0;
                for (const PlainIndex &one : trial)
                    bytes += size(one);
                if (bytes > budget)
                    return;
                const double now = workload(trial);
                if (now * 1.003 >= cost)
                    return;
                const double ratio = (cost - now) / std::max(1.0, added);
                if (ratio > best_ratio) {
                    best_ratio = ratio;
                    best_cost = now;
                    best = std::move(trial);
                }
            };
            for (const PlainIndex &single : singles_) {
                if (std::find(chosen.begin(), chosen.end(), single) != chosen.end())
                    continue;
                std::vector<PlainIndex> trial = chosen;
                trial.push_back(single);
                look(std::move(trial), size(single));
                if (secondsSince(begun) > most_seconds)
                    break;
                for (std::size_t i = 0; i < chosen.size(); ++i) {
                    PlainIndex wider = chosen[i];
                    if (wider.table != single.table || wider.columns.size() >= width_ || std::find(wider.columns.begin(), wider.columns.end(), single.columns[0]) != wider.columns.end())
                        continue;
                    wider.columns.push_back(single.columns[0]);
                    if (std::find(chosen.begin(), chosen.end(), wider) != chosen.end())
                        continue;
                    std::vector<PlainIndex> widened = chosen;
                    widened[i] = wider;
                    look(std::move(widened), size(wider) - size(chosen[i]));
                }
            }
            complete = secondsSince(begun) <= most_seconds;
            if (best.empty() || !complete)
                return chosen;
            chosen = std::move(best);
            cost = best_cost;
        }
    }
    std::size_t calls = 0;
    bool complete = true;

private:
    [[nodiscard]] bool served(const PlainIndex &index) const
    {
        return std::any_of(keys_.begin(), keys_.end(), [&](const PlainIndex &key) {
            return key.table == index.table && index.columns.size() <= key.columns.size() && std::equal(index.columns.begin(), index.columns.end(), key.columns.begin());
        });
    }

    double size(const PlainIndex &index)
    {
        const auto known = sizes_.find(index);
        if (known != sizes_.end())
            return known->second;
        const double bytes = number(connection_, "SELECT hypopg_relation_size(indexrelid) FROM hypopg_create_index('" + index.ddl() + "')");
        must(connection_, "SELECT hypopg_reset()");
        alive_.clear();
        return sizes_[index] = bytes;
    }

    double workload(const std::vector<PlainIndex> &indexes)
    {
        double sum = 0;
        for (std::size_t i = 0; i < queries_.size(); ++i) {
            std::set<PlainIndex> relevant;
            for (const PlainIndex &one : indexes) {
                if (std::any_of(one.columns.begin(), one.columns.end(), [&](const std::string &column) { return columns_of_[i].count(column) > 0; }))
                    relevant.insert(one);
            }
            const auto key = std::pair(i, relevant);
            auto known = costs_.find(key);
            if (known == costs_.end()) {
                if (relevant != alive_) {
                    must(connection_, "SELECT hypopg_reset()");
                    for (const PlainIndex &one : relevant)
                        must(connection_, "SELECT FROM hypopg_create_index('" + one.ddl() + "')");
                    alive_ = relevant;
                }
                ++calls;
                const std::string plan(must(connection_, "EXPLAIN " + queries_[i])->cell(0, 0).text);
                const std::size_t dots = plan.find("..");
                known = costs_.emplace(key, std::strtod(plan.c_str() + dots + 2, nullptr)).first;
            }
            sum += known->second;
        }
        return sum;
    }

    pg::Connection &connection_;
    std::vector<std::string> queries_;
    std::size_t width_;
    std::vector<PlainIndex> keys_;
    std::vector<std::set<std::string>> columns_of_;
    std::vector<PlainIndex> singles_;
    std::map<PlainIndex, double> sizes_;
    std::map<std::pair<std::size_t, std::set<PlainIndex>>, double> costs_;
    std::set<PlainIndex> alive_;
};

/// Cost of each query with these; and their bytes as HypoPG sees them.
inline std::vector<double> judge(pg::Connection &connection, const std::vector<std::string> &ddl, const std::vector<std::string> &queries, double &bytes)
{
    must(connection, "SELECT hypopg_reset()");
    bytes = 0;
    for (const std::string &one : ddl)
        bytes += number(connection, "SELECT hypopg_relation_size(indexrelid) FROM hypopg_create_index($q$" + one + "$q$)");
    std::vector<double> costs;
    for (const std::string &query : queries) {
        const std::string plan(must(connection, "EXPLAIN " + query)->cell(0, 0).text);
        costs.push_back(std::strtod(plan.c_str() + plan.find("..") + 2, nullptr));
    }
    must(connection, "SELECT hypopg_reset()");
    return costs;
}

inline double sum(const std::vector<double> &values)
{
    double total = 0;
    for (const double value : values)
        total += value;
    return total;
}

} // namespace howdah::bench
