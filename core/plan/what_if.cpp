// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/plan/what_if.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "core/base/human.h"
#include "core/plan/explain.h"
#include "core/plan/what_if_trial.h"
#include "core/sql/lexer.h"
#include "core/sql/parser.h"

namespace howdah::plan {

namespace {

/// One side: its plan as EXPLAIN printed it, and the times of its runs.
struct Side {
    std::string source;
    Plan plan;
    RunTimes times;
    std::vector<std::string> warnings;
};

std::vector<double> warmOnes(const std::vector<double> &ms)
{
    std::vector<double> warm(ms.begin() + (ms.size() > 1 ? 1 : 0), ms.end());
    std::sort(warm.begin(), warm.end());
    return warm;
}

/// Whether something came from outside the server's buffers.
bool readBlocks(const Plan &plan)
{
    const std::optional<Buffers> buffers = plan.nodes.empty() ? std::nullopt : plan.nodes.front().buffers;
    return buffers && buffers->shared_read + buffers->local_read > 0;
}

Result<Side> measureSide(pg::Connection &connection, std::string_view statement, const WhatIf &tried, bool execute)
{
    ExplainOptions options;
    options.analyze = execute;
    options.parameters = tried.parameters;
    Side side;
    std::vector<std::pair<std::string, Plan>> seen;
    int runs = execute ? std::max(1, tried.runs) : 1;
    for (int run = 0; run < runs; ++run) {
        auto explained = runExplain(connection, statement, options);
        if (!explained)
            return tl::unexpected(std::move(explained.error()));
        auto plans = read(explained->source);
        if (!plans)
            return tl::unexpected(std::move(plans.error()));
        side.warnings = std::move(explained->warnings);
        side.times.ms.push_back(plans->plans.front().execution_ms.value_or(0));
        seen.emplace_back(std::move(explained->source), std::move(plans->plans.front()));
        // What the first run had to fetch, the other side would find: one run would flatter whatever is tried.
        if (execute && runs == 1 && readBlocks(seen.back().second))
            runs = 2;
    }
    // The run that stands for all is the warm one nearest to their median.
    std::size_t typical = seen.size() - 1;
    const double median = side.times.typical().value_or(0);
    for (std::size_t i = seen.size() > 1 ? 1 : 0; i < seen.size(); ++i) {
        if (std::abs(side.times.ms[i] - median) < std::abs(side.times.ms[typical] - median))
            typical = i;
    }
    side.source = std::move(seen[typical].first);
    side.plan = std::move(seen[typical].second);
    if (!execute)
        side.times.ms.clear();
    return side;
}

Result<bool> hasHypoPg(pg::Connection &connection)
{
    const auto installed = connection.query("SELECT FROM pg_extension WHERE extname = 'hypopg'");
    if (!installed)
        return tl::unexpected(installed.error());
    return installed->result->rowCount() > 0;
}

/// A variant under trial.
struct Trial {
    pg::Connection &connection;
    const WhatIf &tried;
    Undone &undone;
    WhatIfOutcome &outcome;
    bool hypothetical = false;
    double built_ms = 0;
};

Result<void> pretendIndex(Trial &trial, const TriedIndex &index)
{
    const auto made = trial.connection.query("SELECT indexrelid, indexname FROM hypopg_create_index($1)", {{index.statement}});
    if (!made)
        return tl::unexpected(made.error());
    for (std::int64_t row = 0; row < made->result->rowCount(); ++row) {
        trial.undone.hypothetical.emplace_back(made->result->cell(row, 0).text);
        trial.outcome.indexes.emplace_back(made->result->cell(row, 1).text);
    }
    trial.hypothetical = true;
    return {};
}

Result<std::int64_t> tableBytes(pg::Connection &connection, const std::string &table)
{
    // Partitions are built one after the other, so their sizes add up.
    const auto size = connection.query("SELECT coalesce((SELECT sum(pg_catalog.pg_table_size(p.relid)) FROM pg_catalog.pg_partition_tree(r) p), "
                                       "pg_catalog.pg_table_size(r)) FROM (SELECT $1::text::regclass AS r) t",
                                       {{table}});
    if (!size)
        return tl::unexpected(size.error());
    return std::strtoll(std::string(size->result->cell(0, 0).text).c_str(), nullptr, 10);
}

constexpr const char *indexes_of = "SELECT i.indexrelid::text, c.relname, i.indcheckxmin FROM pg_catalog.pg_index i "
                                   "JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid WHERE i.indrelid IN "
                                   "(SELECT relid FROM pg_catalog.pg_partition_tree($1::text::regclass) UNION SELECT $1::text::regclass)";

Result<void> buildIndex(Trial &trial, const TriedIndex &index)
{
    const auto bytes = tableBytes(trial.connection, index.table);
    if (!bytes)
        return tl::unexpected(bytes.error());
    if (*bytes > trial.tried.build_up_to_bytes)
        return fail(ErrorKind::Unsupported,
                    index.table + " has " + human::bytes(*bytes) + ", more than the " + human::bytes(trial.tried.build_up_to_bytes)
                        + " up to which an index is built to be tried",
                    "Raise the limit, or run CREATE EXTENSION hypopg in this database. Nothing was changed.");
    const auto before = trial.connection.query(indexes_of, {{index.table}});
    if (!before)
        return tl::unexpected(before.error());
    const auto built = trial.connection.query(index.statement);
    if (!built)
        return tl::unexpected(built.error());
    trial.built_ms += built->duration_ms;
    const auto after = trial.connection.query(indexes_of, {{index.table}});
    if (!after)
        return tl::unexpected(after.error());
    const auto known = [&](std::string_view oid) {
        for (std::int64_t row = 0; row < before->result->rowCount(); ++row) {
            if (before->result->cell(row, 0).text == oid)
                return true;
        }
        return false;
    };
    for (std::int64_t row = 0; row < after->result->rowCount(); ++row) {
        if (known(after->result->cell(row, 0).text))
            continue;
        trial.outcome.indexes.emplace_back(after->result->cell(row, 1).text);
        if (after->result->cell(row, 2).text == "t")
            trial.outcome.warnings.emplace_back("Rows of " + index.table + " were updated lately, so that the index cannot be used before older "
                                                "transactions have ended: it was built, but not tried.");
    }
    trial.outcome.locks.push_back("SHARE on " + index.table + ": writes to it waited from the building (" + human::duration(built->duration_ms)
                                  + ") until it was rolled back; reads went on.");
    trial.outcome.warnings.emplace_back("CREATE INDEX has brought the table's row and page counts up to date, which no rollback undoes.");
    return {};
}

Result<void> tryIndex(Trial &trial, const std::string &statement)
{
    const TriedIndex index = triedIndex(statement);
    const auto hypopg = hasHypoPg(trial.connection);
    if (!hypopg)
        return tl::unexpected(hypopg.error());
    const bool may_build = trial.tried.build_up_to_bytes > 0 && !index.table.empty();
    if (*hypopg && !(trial.tried.build && may_build))
        return pretendIndex(trial, index);
    if (may_build)
        return buildIndex(trial, index);
    return fail(ErrorKind::Unsupported, "An index can be tried without building it only where HypoPG is installed",
                "Run CREATE EXTENSION hypopg in this database, or allow it to be built and rolled back for tables up to a size. "
                "Nothing was changed.");
}

Result<void> apply(Trial &trial, const std::vector<std::string> &statements)
{
    for (const std::string &statement : statements) {
        const TriedKind kind = triedKind(statement);
        if (kind == TriedKind::Other)
            return fail(ErrorKind::Unsupported, "This cannot be tried and undone: " + statement,
                        "Tried are CREATE INDEX, ANALYZE, CREATE STATISTICS, SET STATISTICS and settings. Nothing was changed.");
        if (kind == TriedKind::Index) {
            if (auto done = tryIndex(trial, statement); !done)
                return done;
        } else if (const auto done = trial.connection.query(statement); !done) {
            return tl::unexpected(done.error());
        }
        if (kind == TriedKind::Analyze)
            trial.outcome.warnings.emplace_back("ANALYZE has brought the table's row and page counts up to date, which no rollback undoes.");
    }
    return {};
}

bool uses(const Plan &plan, const std::vector<std::string> &indexes)
{
    return std::any_of(plan.nodes.begin(), plan.nodes.end(), [&](const Node &node) {
        return std::find(indexes.begin(), indexes.end(), node.index_name) != indexes.end();
    });
}

/// The count of a statement's rows and a sum over them that their order does not change; nothing where that cannot be had.
std::optional<std::string> digestOf(pg::Connection &connection, std::string_view statement, const sql::ParameterValues &values)
{
    const sql::BoundStatement bound = sql::bindParameters(statement, values);
    const std::vector<sql::StatementSpan> parts = sql::splitStatements(bound.sql);
    if (parts.size() != 1 || !bound.missing.empty())
        return {};
    const std::string text(parts.front().text.of(bound.sql));
    const sql::StatementNature nature = sql::natureOf(text);
    if (nature.kind != "SelectStmt" || nature.writes)
        return {};
    Undone guard(connection);
    if (!guard.begin())
        return {};
    const auto digest = connection.query("SELECT count(*)::text || ' ' || coalesce(sum(pg_catalog.hashtextextended(r::text, 0)::numeric), 0) FROM (\n"
                                             + text + "\n) AS r",
                                         bound.values);
    if (!digest)
        return {};
    return std::string(digest->result->cell(0, 0).text);
}

bool withinNoise(const WhatIfOutcome &outcome)
{
    if (!outcome.ms_before || !outcome.ms_after)
        return false;
    // Ranges of several warm runs tell better than a rule of thumb.
    if (outcome.runs_before.ms.size() > 2 && outcome.runs_after.ms.size() > 2)
        return *outcome.runs_before.least() <= *outcome.runs_after.most() && *outcome.runs_after.least() <= *outcome.runs_before.most();
    return outcome.diff.noise;
}

void compare(const Side &before, const Side &after, WhatIfOutcome &outcome)
{
    outcome.before_source = before.source;
    outcome.after_source = after.source;
    outcome.warnings.insert(outcome.warnings.end(), after.warnings.begin(), after.warnings.end());
    outcome.diff = diffPlans(before.plan, after.plan);
    outcome.cost_before = before.plan.nodes.empty() ? 0 : before.plan.nodes.front().total_cost.value_or(0);
    outcome.cost_after = after.plan.nodes.empty() ? 0 : after.plan.nodes.front().total_cost.value_or(0);
    outcome.runs_before = before.times;
    outcome.runs_after = after.times;
    outcome.ms_before = before.times.typical();
    outcome.ms_after = after.times.typical();
    outcome.index_used = uses(after.plan, outcome.indexes);
    outcome.noise = withinNoise(outcome);
}

/// `before` is measured again without running where an index is only pretended: figures of the same kind are compared.
Result<WhatIfOutcome> tryVariant(pg::Connection &connection, std::string_view statement, const WhatIf &tried,
                                 const std::vector<std::string> &statements, const Side &before)
{
    WhatIfOutcome outcome;
    Undone undone(connection);
    if (auto begun = undone.begin(); !begun)
        return tl::unexpected(begun.error());
    Trial trial{connection, tried, undone, outcome};
    if (auto applied = apply(trial, statements); !applied)
        return tl::unexpected(applied.error());
    const bool execute = tried.execute && !trial.hypothetical;
    const std::string_view after_text = tried.rewrite.empty() ? statement : std::string_view(tried.rewrite);
    auto after = measureSide(connection, after_text, tried, execute);
    if (!after)
        return tl::unexpected(std::move(after.error()));
    Side compared = before;
    if (!execute)
        compared.times.ms.clear();
    if (!tried.rewrite.empty() && execute) {
        const auto old_rows = digestOf(connection, statement, tried.parameters);
        const auto new_rows = digestOf(connection, tried.rewrite, tried.parameters);
        if (old_rows && new_rows)
            outcome.same_rows = *old_rows == *new_rows;
        if (outcome.same_rows && !*outcome.same_rows)
            outcome.warnings.emplace_back("The rewritten statement does not give the same rows: before " + old_rows->substr(0, old_rows->find(' '))
                                          + ", after " + new_rows->substr(0, new_rows->find(' ')) + ", or other values in them.");
    }
    compare(compared, *after, outcome);
    outcome.level_of_proof = trial.hypothetical       ? "planned with a hypothetical index"
                             : trial.built_ms > 0     ? execute ? "measured with a built index, rolled back" : "planned with a built index, rolled back"
                             : execute                ? "measured on this server, rolled back"
                                                      : "planned on this server, rolled back";
    return outcome;
}

/// Whether it makes sense to run the statement at all: a pretended index is compared by plans alone.
Result<bool> runsFirst(pg::Connection &connection, const WhatIf &tried, const std::vector<std::vector<std::string>> &variants)
{
    if (!tried.execute || (tried.build && tried.build_up_to_bytes > 0))
        return tried.execute;
    const auto pretends = [](const std::vector<std::string> &variant) {
        return std::any_of(variant.begin(), variant.end(), [](const std::string &sql) { return triedKind(sql) == TriedKind::Index; });
    };
    if (variants.empty() || !std::all_of(variants.begin(), variants.end(), pretends))
        return true;
    const auto hypopg = hasHypoPg(connection);
    if (!hypopg)
        return tl::unexpected(hypopg.error());
    return !*hypopg && tried.build_up_to_bytes > 0;
}

bool canBeTried(const std::vector<std::string> &statements)
{
    return std::none_of(statements.begin(), statements.end(), [](const std::string &sql) { return triedKind(sql) == TriedKind::Other; });
}

} // namespace

std::optional<double> RunTimes::cold() const
{
    return ms.size() > 1 ? std::optional(ms.front()) : std::nullopt;
}

std::optional<double> RunTimes::typical() const
{
    const std::vector<double> warm = warmOnes(ms);
    if (warm.empty())
        return {};
    const std::size_t middle = warm.size() / 2;
    return warm.size() % 2 == 1 ? warm[middle] : (warm[middle - 1] + warm[middle]) / 2;
}

std::optional<double> RunTimes::least() const
{
    const std::vector<double> warm = warmOnes(ms);
    return warm.empty() ? std::nullopt : std::optional(warm.front());
}

std::optional<double> RunTimes::most() const
{
    const std::vector<double> warm = warmOnes(ms);
    return warm.empty() ? std::nullopt : std::optional(warm.back());
}

Result<WhatIfOutcome> whatIf(pg::Connection &connection, std::string_view statement, const WhatIf &tried)
{
    const pg::CancelScope scope(connection.canceller());
    if (!canBeTried(tried.statements)) { // before anything runs
        const auto refused = std::find_if(tried.statements.begin(), tried.statements.end(), [](const std::string &sql) { return triedKind(sql) == TriedKind::Other; });
        if (connection.transaction() != pg::TransactionState::InFailedTransaction)
            return fail(ErrorKind::Unsupported, "This cannot be tried and undone: " + *refused,
                        "Tried are CREATE INDEX, ANALYZE, CREATE STATISTICS, SET STATISTICS and settings. Nothing was changed.");
    }
    Undone undone(connection);
    if (auto begun = undone.begin(); !begun)
        return tl::unexpected(begun.error());
    const auto execute = runsFirst(connection, tried, {tried.statements});
    if (!execute)
        return tl::unexpected(execute.error());
    const auto before = measureSide(connection, statement, tried, *execute);
    if (!before)
        return tl::unexpected(before.error());
    return tryVariant(connection, statement, tried, tried.statements, *before);
}

std::vector<std::vector<std::string>> fixesApart(const std::vector<std::string> &statements)
{
    std::vector<std::vector<std::string>> fixes;
    for (const std::string &statement : statements) {
        const TriedKind kind = triedKind(statement);
        const bool joins = !fixes.empty() && triedKind(fixes.back().front()) == TriedKind::Statistics
                           && triedKind(fixes.back().back()) != TriedKind::Analyze
                           && (kind == TriedKind::Analyze || kind == TriedKind::Statistics);
        if (joins)
            fixes.back().push_back(statement);
        else
            fixes.push_back({statement});
    }
    return fixes;
}

Result<std::vector<WhatIfTrial>> whatIfEach(pg::Connection &connection, std::string_view statement, const WhatIf &tried)
{
    const pg::CancelScope scope(connection.canceller());
    Undone undone(connection);
    if (auto begun = undone.begin(); !begun)
        return tl::unexpected(begun.error());
    const std::vector<std::vector<std::string>> fixes = fixesApart(tried.statements);
    const auto execute = runsFirst(connection, tried, fixes);
    if (!execute)
        return tl::unexpected(execute.error());
    const auto before = measureSide(connection, statement, tried, *execute);
    if (!before)
        return tl::unexpected(before.error());
    std::vector<WhatIfTrial> trials;
    std::vector<std::string> all;
    std::size_t tried_alone = 0;
    const auto attempt = [&](const std::vector<std::string> &statements, bool together) {
        trials.push_back({statements, together, tryVariant(connection, statement, tried, statements, *before)});
        return trials.back().outcome || trials.back().outcome.error().kind != ErrorKind::Cancelled;
    };
    for (const std::vector<std::string> &fix : fixes) {
        if (!attempt(fix, false))
            return tl::unexpected(trials.back().outcome.error());
        if (!trials.back().outcome)
            continue;
        all.insert(all.end(), fix.begin(), fix.end());
        ++tried_alone;
    }
    if (tried_alone > 1 && !attempt(all, true))
        return tl::unexpected(trials.back().outcome.error());
    return trials;
}

} // namespace howdah::plan
