// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <cmath>
#include <map>

#include <fmt/format.h>

#include "core/base/human.h"
#include "core/index/ledger.h"
#include "core/pg/connection.h"
#include "core/sql/quote.h"

// Whether indexes that were built have helped.

namespace howdah::index {

namespace {

workload::Workload scriptWorkload(const std::vector<std::pair<std::string, double>> &statements)
{
    std::string script;
    for (const auto &[text, weight] : statements)
        script += fmt::format("-- weight: {}\n", weight) + text + "\n;\n";
    return workload::readWorkload(script);
}

/// Less than this share of the time, or of the cost, is a gain and not chance.
constexpr double gain_share = 0.9;

bool gained(const QueryState &before, const QueryState &after)
{
    if (before.ms && after.ms)
        return *after.ms < *before.ms * gain_share;
    return after.cost < before.cost * gain_share;
}

struct Comparison {
    const QueryState *before = nullptr, *after = nullptr;
};

/// Those queries whose plan has the index.
std::vector<Comparison> usersOf(const BuiltIndex &built, const std::vector<QueryState> &before, const std::vector<QueryState> &after)
{
    std::vector<Comparison> found;
    for (const QueryState &now : after) {
        const auto names = [&](const std::string &bare) {
            const std::string end = "." + sql::quoteIdentifier(bare);
            return built.name.ends_with(end) || std::any_of(built.parts.begin(), built.parts.end(), [&](const std::string &part) { return part.ends_with(end); });
        };
        if (std::none_of(now.indexes.begin(), now.indexes.end(), names))
            continue;
        const auto then = std::find_if(before.begin(), before.end(), [&](const QueryState &one) { return one.text == now.text; });
        if (then != before.end())
            found.push_back({&*then, &now});
    }
    return found;
}

std::string gainText(const Comparison &best)
{
    if (best.before->ms && best.after->ms)
        return fmt::format("{} → {}", human::duration(*best.before->ms), human::duration(*best.after->ms));
    return fmt::format("cost {} → {}", human::count(std::llround(best.before->cost)), human::count(std::llround(best.after->cost)));
}

void judge(Judged &judged, const BuiltIndex &built, const std::vector<QueryState> &before, const std::vector<QueryState> &after, double hours)
{
    const Verified &now = judged.now;
    if (!now.valid) {
        judged.reason = "It is invalid: the server keeps it up to date and uses it for nothing.";
    } else if (const std::vector<Comparison> users = usersOf(built, before, after); !users.empty()) {
        const auto best = std::min_element(users.begin(), users.end(), [](const Comparison &a, const Comparison &b) {
            const auto share = [](const Comparison &one) { return one.before->ms && one.after->ms ? *one.after->ms / std::max(1e-6, *one.before->ms) : one.after->cost / std::max(1e-6, one.before->cost); };
            return share(a) < share(b);
        });
        judged.helped = std::any_of(users.begin(), users.end(), [](const Comparison &one) { return gained(*one.before, *one.after); });
        judged.reason = judged.helped ? fmt::format("It serves {} of the queries; the best gained went {}.", users.size(), gainText(*best))
                                      : fmt::format("{} of the queries use it, and none is faster for it: {} at best.", users.size(), gainText(*best));
    } else if (now.scans > 0) {
        judged.helped = true;
        judged.reason = fmt::format("None of the queries that it was built for is planned with it, but the server has scanned it {} times.", human::count(now.scans));
    } else {
        judged.reason = hours < 24 ? "No query is planned with it, and it was not scanned so far; less than a day has been counted." : "No query is planned with it, and it was never scanned.";
    }
    if (!judged.helped && !now.needed)
        judged.drop_sql = (built.parts.empty() ? "DROP INDEX CONCURRENTLY " : "DROP INDEX ") + now.name;
    else if (!judged.helped)
        judged.reason += " A constraint stands on it, so that it stays.";
}

} // namespace

Applied appliedBy(const Advice &advice, const migration::ChangeOutcome &outcome)
{
    Applied applied;
    applied.at_ms = nowMs();
    std::size_t step = 0;
    for (const AdvisedIndex &index : advice.indexes) {
        const std::size_t end = step + (index.partitioned ? 1 + 2 * index.parts.size() : 1);
        bool built = end <= outcome.steps.size();
        for (; step < end && step < outcome.steps.size(); ++step)
            built = built && outcome.steps[step].state == migration::StepState::Done;
        if (!built)
            continue;
        applied.indexes.push_back({sql::quoteQualified(index.schema, index.name), index.table, index.ddl, index.candidate.method, proofName(index.proof), index.size_bytes, index.benefit, index.write_cost, {}});
        for (const AdvisedIndex::Part &part : index.parts)
            applied.indexes.back().parts.push_back(sql::quoteQualified(part.schema, part.index));
    }
    return applied;
}

workload::Workload workloadOf(const Advice &advice)
{
    std::vector<std::pair<std::string, double>> statements;
    for (const AdvisedQuery &query : advice.queries)
        statements.emplace_back(query.statement.text, query.statement.weight);
    return scriptWorkload(statements);
}

workload::Workload workloadOf(const Applied &applied)
{
    std::vector<std::pair<std::string, double>> statements;
    for (const QueryState &query : applied.before)
        statements.emplace_back(query.text, query.weight);
    return scriptWorkload(statements);
}

Result<Look> lookAgain(pg::Connection &connection, const Applied &applied, const std::function<bool(std::size_t, std::size_t)> &progress)
{
    const workload::Workload load = workloadOf(applied);
    StateOptions options;
    options.run = applied.run;
    // The server's counts first: asking the queries adds to them.
    std::vector<std::string> names;
    for (const BuiltIndex &one : applied.indexes) {
        names.push_back(one.name);
        names.insert(names.end(), one.parts.begin(), one.parts.end());
    }
    const auto verification = names.empty() ? Result<Verification>(Verification()) : verifyIndexes(connection, names, {});
    if (!verification)
        return tl::unexpected(verification.error());
    auto after = queryStates(connection, load, options, progress);
    if (!after)
        return tl::unexpected(after.error());
    Look look;
    look.after = std::move(*after);
    look.counted_since = verification->counted_since;
    look.counted_hours = verification->counted_hours;
    std::size_t helped = 0;
    for (const BuiltIndex &built : applied.indexes) {
        Judged judged;
        const auto named = [&](const std::string &name) {
            return std::find_if(verification->indexes.begin(), verification->indexes.end(), [&](const Verified &one) { return one.name == name; });
        };
        const auto found = named(built.name);
        if (found == verification->indexes.end()) {
            judged.gone = true;
            judged.reason = "It is not there any more.";
        } else {
            judged.now = *found;
            for (const std::string &name : built.parts) {
                if (const auto part = named(name); part != verification->indexes.end()) {
                    judged.now.scans += part->scans;
                    judged.now.size_bytes += part->size_bytes;
                }
            }
            judge(judged, built, applied.before, look.after, std::min(verification->counted_hours, static_cast<double>(nowMs() - applied.at_ms) / 3'600'000.0));
        }
        helped += judged.helped ? 1 : 0;
        look.indexes.push_back(std::move(judged));
    }
    look.verdict = helped == 0 ? "did not help" : helped == applied.indexes.size() ? "helped" : "partly";
    return look;
}

migration::ChangeScript dropScript(const Applied &applied, const Look &look)
{
    migration::ChangeScript script;
    script.reason = "Looked at again after they were built, they did not help.";
    for (std::size_t i = 0; i < look.indexes.size() && i < applied.indexes.size(); ++i) {
        const Judged &judged = look.indexes[i];
        if (judged.drop_sql.empty())
            continue;
        migration::ChangeStep step = dropStep(judged.now.name, judged.now.definition, judged.reason + fmt::format(" It gives back {}.", human::bytes(judged.now.size_bytes)));
        if (!applied.indexes[i].parts.empty()) {
            // The index of a partitioned table is neither dropped nor built concurrently.
            step.sql = judged.drop_sql;
            step.lock_level = "ACCESS EXCLUSIVE";
            step.in_transaction = true;
            step.lock_policy = migration::LockPolicy::Brief;
            step.undo_sql = judged.now.definition;
        }
        script.steps.push_back(std::move(step));
    }
    script.title = script.steps.size() == 1 ? script.steps.front().title : fmt::format("Drop {} indexes", script.steps.size());
    return script;
}

} // namespace howdah::index
