// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/index/query_state.h"

#include <algorithm>
#include <chrono>
#include <set>

#include <nlohmann/json.hpp>

#include "core/index/advise_parts.h"
#include "core/index/called.h"
#include "core/pg/connection.h"

namespace howdah::index {

namespace {

using Json = nlohmann::json;

void collect(const Json &node, std::set<std::string> &names)
{
    if (const auto name = node.find("Index Name"); name != node.end() && name->is_string())
        names.insert(name->get<std::string>());
    if (const auto children = node.find("Plans"); children != node.end()) {
        for (const Json &child : *children)
            collect(child, names);
    }
}

/// Why it is not to be run without being asked for by name; "" when it may.
std::string reasonAgainstRunning(pg::Connection &connection, const Ground &ground, std::size_t i)
{
    if (ground.shapes[i].write != WriteKind::None || ground.statements[i].writes)
        return "It writes.";
    if (ground.planned[i].samples.front().generic)
        return "It has parameters, for which there are no values.";
    const auto named = functionsWithEffects(connection, ground.facts, ground.statements[i].text);
    if (!named)
        return "It could not be told what the functions do that it calls.";
    return named->empty() ? std::string() : "It calls " + *named + ", which may have effects.";
}

class Runner
{
public:
    Runner(pg::Connection &connection, const StateOptions &options) : connection_(connection), options_(options) {}

    [[nodiscard]] bool timeIsUp() const { return std::chrono::duration<double>(std::chrono::steady_clock::now() - begun_).count() > options_.seconds; }
    /// Fails only where nothing more can be asked.
    Result<void> run(const PlannedStatement::Sample &sample, QueryState &state) const;

private:
    pg::Connection &connection_;
    const StateOptions &options_;
    std::chrono::steady_clock::time_point begun_ = std::chrono::steady_clock::now();
};

Result<void> Runner::run(const PlannedStatement::Sample &sample, QueryState &state) const
{
    for (int i = 0; i < 2 && !timeIsUp(); ++i) {
        const auto explained = connection_.query("EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) " + sample.sql, sample.values);
        if (!explained) {
            if (explained.error().kind == ErrorKind::Connection || (explained.error().kind == ErrorKind::Cancelled && connection_.canceller().requested()))
                return tl::unexpected(explained.error());
            static_cast<void>(connection_.query("ROLLBACK TO SAVEPOINT howdah_advice"));
            state.not_run = explained.error().message;
            return {};
        }
        std::string source;
        for (std::int64_t row = 0; row < explained->result->rowCount(); ++row)
            source += explained->result->cell(row, 0).text;
        const Json document = Json::parse(source, nullptr, false);
        if (!document.is_array() || document.empty())
            return {};
        const double ms = document[0].value("Execution Time", 0.0) + document[0].value("Planning Time", 0.0);
        if (!state.ms || ms < *state.ms) {
            state.ms = ms;
            state.plan = std::move(source);
        }
    }
    return {};
}

} // namespace

Result<std::vector<QueryState>> queryStates(pg::Connection &connection, const workload::Workload &load, const StateOptions &options,
                                            const std::function<bool(std::size_t, std::size_t)> &progress)
{
    workload::Workload single = load;
    for (workload::Statement &statement : single.statements)
        statement.samples.assign(1, statement.text);
    auto ground = readGround(connection, single);
    if (!ground)
        return tl::unexpected(ground.error());
    Planner planner(connection, ground->facts);
    if (auto done = planner.begin(); !done)
        return tl::unexpected(done.error());
    if (auto done = planGround(connection, planner, *ground); !done)
        return tl::unexpected(done.error());
    if (options.run) {
        // The savepoint is made anew, so that going back to it keeps the limit.
        for (const std::string &setting : {"SET LOCAL statement_timeout = " + std::to_string(options.most_ms), std::string("SAVEPOINT howdah_advice")}) {
            if (const auto set = connection.query(setting); !set)
                return tl::unexpected(set.error());
        }
    }
    const Runner runner(connection, options);
    std::vector<QueryState> states;
    for (std::size_t i = 0; i < ground->statements.size(); ++i) {
        const workload::Statement &statement = ground->statements[i];
        QueryState state{statement.fingerprint, statement.text, statement.weight, ground->base[i].cost, {}, {}, ground->base[i].source, {}};
        if (options.run) {
            state.not_run = runner.timeIsUp() ? "The time for running queries was up." : reasonAgainstRunning(connection, *ground, i);
            if (state.not_run.empty()) {
                if (auto done = runner.run(ground->planned[i].samples.front(), state); !done)
                    return tl::unexpected(done.error());
            }
        }
        std::set<std::string> names;
        if (const Json document = Json::parse(state.plan, nullptr, false); document.is_array() && !document.empty())
            collect(document[0].value("Plan", Json::object()), names);
        state.indexes.assign(names.begin(), names.end());
        states.push_back(std::move(state));
        if (progress && !progress(i + 1, ground->statements.size()))
            return fail(ErrorKind::Cancelled, "Stopped");
    }
    return states;
}

} // namespace howdah::index
