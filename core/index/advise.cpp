// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/index/advise.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <map>

#include "core/index/advise_parts.h"
#include "core/index/estimate.h"
#include "core/index/size.h"
#include "core/index/trial.h"
#include "core/index/write_budget.h"
#include "core/sql/quote.h"

namespace howdah::index {

namespace {

double since(std::chrono::steady_clock::time_point begun)
{
    return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begun).count();
}

/// Names of relations that are there already, "schema.name".
std::set<std::string> takenNames(pg::Connection &connection, const Ground &ground)
{
    std::string schemas;
    for (const TableFacts &table : ground.facts.tables)
        schemas += (schemas.empty() ? "" : "\x01") + table.schema;
    std::set<std::string> taken;
    const auto names = connection.query("SELECT n.nspname || '.' || c.relname FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace "
                                        "WHERE c.relkind IN ('i', 'I') AND n.nspname = ANY (pg_catalog.string_to_array($1, E'\\x01'))", {{schemas}});
    for (std::int64_t row = 0; names && row < names->result->rowCount(); ++row)
        taken.emplace(names->result->cell(row, 0).text);
    return taken;
}

/// A build for each leaf of a partitioned table.
void addParts(pg::Connection &connection, const TableFacts &table, AdvisedIndex &index, std::set<std::string> &taken)
{
    index.partitioned = true;
    const auto leaves = connection.query("SELECT n.nspname, c.relname FROM pg_catalog.pg_partition_tree($1::oid::regclass) t JOIN pg_catalog.pg_class c ON c.oid = t.relid "
                                         "JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE t.isleaf AND c.relkind = 'r' ORDER BY 1, 2", {{std::to_string(table.oid)}});
    for (std::int64_t row = 0; leaves && row < leaves->result->rowCount(); ++row) {
        TableFacts leaf = table;
        leaf.schema = leaves->result->cell(row, 0).text;
        leaf.name = leaves->result->cell(row, 1).text;
        Ground alone;
        alone.facts.tables.push_back(leaf);
        Candidate candidate = index.candidate;
        candidate.table = 0;
        const std::string name = nameFor(candidate, alone, taken);
        index.parts.push_back({leaf.schema, name, candidate.ddl(leaf, name, true)});
    }
}

/// What an expression index could not be: said as what to write instead.
void explainRefusals(const std::unordered_map<std::size_t, Error> &refused, const std::vector<Candidate> &candidates, Ground &ground)
{
    for (std::size_t i = 0; i < candidates.size(); ++i) {
        const auto found = refused.find(i);
        if (found == refused.end() || found->second.message.find("IMMUTABLE") == std::string::npos)
            continue;
        for (const IndexKey &key : candidates[i].keys) {
            if (key.attnum > 0)
                continue;
            for (const std::size_t statement : candidates[i].statements) {
                auto &rewrites = ground.shapes[statement].rewrites;
                const std::string message = key.expression + " depends on settings such as the time zone or the search configuration, so that no index can hold it. Compare the bare column with a range "
                                                             "(column >= start AND column < end), or name what it depends on in the expression.";
                if (std::none_of(rewrites.begin(), rewrites.end(), [&](const Rewrite &one) { return one.message == message; }))
                    rewrites.push_back({"not-immutable", message});
            }
        }
    }
}

void dropRefused(std::vector<Candidate> &candidates, const std::unordered_map<std::size_t, Error> &refused)
{
    std::vector<Candidate> kept;
    kept.reserve(candidates.size());
    for (std::size_t i = 0; i < candidates.size(); ++i) {
        if (refused.count(i) == 0)
            kept.push_back(std::move(candidates[i]));
    }
    candidates = std::move(kept);
}

class Advisor
{
public:
    Advisor(pg::Connection &connection, const AdviseOptions &options, const std::function<bool(const AdviseProgress &)> &progress)
        : connection_(connection), options_(options), progress_(progress) {}

    Result<Advice> run(const workload::Workload &load);

private:
    [[nodiscard]] bool tell(const char *step, double cost = 0) { return !progress_ || progress_({step, cost > 0 ? cost : best_cost_, cost_before_, planner_ ? planner_->calls() : 0, &best_, best_bytes_}); }
    void prepareCandidates();
    void sayThrifty(std::vector<SelectableIndex> &indexes) const;
    [[nodiscard]] Result<Selection> choose();
    [[nodiscard]] Result<Selection> selected(const std::vector<SelectableIndex> &indexes, const std::vector<SelectableStatement> &statements, const PlanFunction &plan,
                                             std::vector<std::vector<RecordedPlan>> given);
    void keepPlans(const Selection &selection);
    void nameIndexes(std::string &plan, const std::vector<std::size_t> &used) const;
    void fillQueries(const Selection &selection);
    void fillIndexes(const Selection &selection);
    void fillRest(const Selection &selection);
    void measure();
    void sayRedundant();
    void sayForeignKeys();
    [[nodiscard]] std::string ddlOf(std::size_t candidate) const { return candidates_[candidate].ddl(ground_.facts.tables[candidates_[candidate].table]); }

    pg::Connection &connection_;
    const AdviseOptions &options_;
    const std::function<bool(const AdviseProgress &)> &progress_;
    Ground ground_;
    std::unique_ptr<Planner> planner_;
    std::vector<Candidate> candidates_;
    std::vector<std::vector<KeyCheck>> key_checks_;
    std::map<std::pair<std::size_t, std::size_t>, EstimatedPlan> estimated_;
    Advice advice_;
    double best_cost_ = 0, best_bytes_ = 0, cost_before_ = 0;
    std::vector<std::string> best_;
};

void Advisor::prepareCandidates()
{
    std::vector<double> weights;
    for (const workload::Statement &statement : ground_.statements)
        weights.push_back(statement.weight);
    CandidateLimits limits = options_.limits;
    if (!options_.methods.empty())
        limits.methods = options_.methods;
    candidates_ = candidatesFor(ground_.shapes, weights, ground_.facts, ground_.expressions, limits);
    if (!options_.only.empty())
        std::erase_if(candidates_, [&](const Candidate &one) { return options_.only.count(one.ddl(ground_.facts.tables[one.table])) == 0; });
    const auto refused = planner_->check(candidates_);
    explainRefusals(refused, candidates_, ground_);
    dropRefused(candidates_, refused);
    for (Candidate &candidate : candidates_)
        candidate.size_bytes = estimatedBytes(candidate, ground_.facts, ground_.expressions);
    for (std::size_t i = 0; i < ground_.statements.size(); ++i)
        key_checks_.push_back(keyChecks(i, ground_, candidates_));
}

/// What may do nearly the same at a fraction of the size: a partial index for one on the column of its predicate, the bare
/// keys for a covering one, BRIN for a B-tree of one column.
void Advisor::sayThrifty(std::vector<SelectableIndex> &indexes) const
{
    std::map<std::size_t, std::vector<std::size_t>> by_table;
    for (std::size_t i = 0; i < candidates_.size(); ++i)
        by_table[candidates_[i].table].push_back(i);
    const auto thrifty = [&](const Candidate &whole, const Candidate &part) {
        if (!whole.predicate.empty() || whole.method != "btree")
            return false;
        if (part.method == "brin")
            return whole.keys == part.keys;
        if (part.method != "btree")
            return false;
        if (part.predicate.empty())
            return part.include.empty() && !whole.include.empty() && part.keys == whole.keys;
        const bool about_first = part.predicate.starts_with(whole.keys.front().expression + " ");
        const std::vector<IndexKey> rest(whole.keys.begin() + 1, whole.keys.end());
        return about_first && (part.keys == rest || (rest.empty() && part.keys == whole.keys)) && part.include == whole.include;
    };
    for (const auto &[table, ids] : by_table) {
        for (const std::size_t i : ids) {
            for (const std::size_t j : ids) {
                if (indexes[j].bytes <= indexes[i].bytes * 0.75 && thrifty(candidates_[i], candidates_[j]))
                    indexes[i].smaller.push_back(j);
            }
        }
    }
}

Result<Selection> Advisor::choose()
{
    std::vector<SelectableIndex> indexes;
    std::vector<std::size_t> to_estimate;
    for (std::size_t i = 0; i < candidates_.size(); ++i) {
        const Candidate &candidate = candidates_[i];
        SelectableIndex one;
        one.bytes = static_cast<double>(options_.hypothetical_sizes && candidate.pretended_bytes > 0 ? candidate.pretended_bytes : candidate.size_bytes);
        one.upkeep = upkeepOf(candidate, ground_);
        one.table = static_cast<int>(candidate.table);
        one.thin = candidate.include.empty() && candidate.keys.size() <= 2;
        one.estimated = !candidate.pretendable() || !planner_->pretends();
        if (one.estimated)
            to_estimate.push_back(i);
        indexes.push_back(one);
    }
    sayThrifty(indexes);
    std::vector<std::vector<RecordedPlan>> given(ground_.statements.size());
    for (const EstimatedPlan &plan : estimatePlans(connection_, ground_, candidates_, to_estimate)) {
        given[plan.statement].push_back({{plan.candidate}, {plan.candidate}, plan.cost, true});
        estimated_[{plan.statement, plan.candidate}] = plan;
    }
    // Without HypoPG an index for a foreign key is as good as known, too.
    std::vector<SelectableStatement> statements(ground_.statements.size());
    for (std::size_t i = 0; i < ground_.statements.size(); ++i)
        statements[i].weight = ground_.statements[i].weight;
    for (std::size_t i = 0; i < candidates_.size(); ++i) {
        for (const std::size_t statement : candidates_[i].statements)
            statements[statement].indexes.push_back(i);
    }
    for (std::size_t i = 0; i < statements.size(); ++i) {
        for (const KeyCheck &check : key_checks_[i])
            statements[i].indexes.insert(statements[i].indexes.end(), check.candidates.begin(), check.candidates.end());
        std::sort(statements[i].indexes.begin(), statements[i].indexes.end());
        statements[i].indexes.erase(std::unique(statements[i].indexes.begin(), statements[i].indexes.end()), statements[i].indexes.end());
    }
    if (!planner_->pretends()) {
        for (std::size_t i = 0; i < statements.size(); ++i) {
            double all = ground_.base[i].cost;
            for (const KeyCheck &check : key_checks_[i])
                all += check.cost;
            for (const KeyCheck &check : key_checks_[i]) {
                for (const std::size_t one : check.candidates)
                    given[i].push_back({{one}, {one}, all - check.cost, true});
            }
        }
    }
    const PlanFunction plan = [&](std::size_t statement, const std::vector<std::size_t> &available) -> Result<RecordedPlan> {
        if (!tell("choosing"))
            return fail(ErrorKind::Cancelled, "Stopped");
        RecordedPlan record;
        if (available.empty()) {
            record.cost = ground_.base[statement].cost;
        } else {
            auto answer = planner_->plan(ground_.planned[statement], candidates_, available);
            if (!answer)
                return tl::unexpected(answer.error());
            record.cost = answer->cost;
            record.used = std::move(answer->used);
        }
        for (const KeyCheck &check : key_checks_[statement]) {
            const auto found = std::find_if(check.candidates.begin(), check.candidates.end(), [&](std::size_t one) { return std::binary_search(available.begin(), available.end(), one); });
            if (found == check.candidates.end())
                record.cost += check.cost;
            else if (!std::binary_search(record.used.begin(), record.used.end(), *found))
                record.used.insert(std::upper_bound(record.used.begin(), record.used.end(), *found), *found);
        }
        return record;
    };
    return selected(indexes, statements, plan, std::move(given));
}

Result<Selection> Advisor::selected(const std::vector<SelectableIndex> &indexes, const std::vector<SelectableStatement> &statements, const PlanFunction &plan,
                                    std::vector<std::vector<RecordedPlan>> given)
{
    if (!options_.only.empty())
        return evaluate(indexes, statements, plan, given);
    SelectOptions how = options_.select;
    if (progress_)
        how.found = [&](double cost, const std::vector<std::size_t> &ids) {
            best_cost_ = cost;
            best_.clear();
            best_bytes_ = 0;
            for (const std::size_t one : ids) {
                best_.push_back(ddlOf(one));
                best_bytes_ += indexes[one].bytes;
            }
            static_cast<void>(tell("choosing"));
        };
    how.budget_bytes = static_cast<double>(options_.budget_bytes);
    how.most_indexes = options_.most_indexes;
    return selectWithinUpkeep(indexes, statements, plan, how, options_.write_budget * cost_before_, given, [&](double cost) { return tell("choosing", cost); });
}

/// HypoPG's names ("<13583>btree_orders_status") give way to those that the indexes would have.
void Advisor::nameIndexes(std::string &plan, const std::vector<std::size_t> &used) const
{
    std::size_t at = 0;
    while ((at = plan.find("\"Index Name\": \"<", at)) != std::string::npos) {
        at = plan.find('<', at);
        const std::size_t end = plan.find('"', at), close = plan.find('>', at);
        if (end == std::string::npos || close == std::string::npos || close > end)
            return;
        const std::string told = plan.substr(close + 1, end - close - 1);
        for (const AdvisedIndex &index : advice_.indexes) {
            const Candidate &candidate = index.candidate;
            std::string expected = candidate.method + "_" + ground_.facts.tables[candidate.table].name;
            for (const IndexKey &key : candidate.keys) {
                const ColumnFacts *column = key.attnum > 0 ? ground_.facts.tables[candidate.table].column(key.attnum) : nullptr;
                expected += "_" + (column != nullptr ? column->name : "expr");
            }
            // Long names are cut.
            if (used.size() != 1 && !expected.starts_with(told))
                continue;
            const bool in_plan = std::any_of(used.begin(), used.end(), [&](std::size_t one) { return candidates_[one].signature() == candidate.signature(); });
            if (!in_plan)
                continue;
            plan.replace(at, end - at, index.name);
            break;
        }
        at = plan.find('"', at);
    }
}

/// Each query's plans with what was there and with what was chosen, as far as that can be pretended.
void Advisor::keepPlans(const Selection &selection)
{
    for (std::size_t i = 0; i < ground_.statements.size(); ++i) {
        AdvisedQuery &query = advice_.queries[i];
        query.plan_before = ground_.base[i].source;
        if (!planner_->pretends() || query.indexes.empty())
            continue;
        std::vector<std::size_t> at_hand;
        for (const std::size_t one : selection.indexes) {
            if (candidates_[one].pretendable() && candidates_[one].statements.count(i) > 0)
                at_hand.push_back(one);
        }
        const auto answer = at_hand.empty() ? Result<PlanAnswer>(PlanAnswer()) : planner_->plan(ground_.planned[i], candidates_, at_hand);
        if (answer && !answer->used.empty()) {
            query.plan_after = answer->source;
            nameIndexes(query.plan_after, answer->used);
        }
    }
}

void Advisor::fillQueries(const Selection &selection)
{
    for (std::size_t i = 0; i < ground_.statements.size(); ++i) {
        AdvisedQuery query;
        query.statement = ground_.statements[i];
        query.cost_before = selection.before[i];
        query.cost_after = selection.after[i];
        query.values = ground_.planned[i].values_text;
        query.rewrites = ground_.shapes[i].rewrites;
        advice_.cost_before += query.cost_before * query.statement.weight;
        advice_.cost_after += query.cost_after * query.statement.weight;
        advice_.queries.push_back(std::move(query));
    }
}

void Advisor::fillIndexes(const Selection &selection)
{
    std::set<std::string> taken = takenNames(connection_, ground_);
    std::vector<std::size_t> order(selection.indexes.size());
    for (std::size_t i = 0; i < order.size(); ++i)
        order[i] = i;
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return selection.benefit[a] > selection.benefit[b]; });
    for (const std::size_t place : order) {
        const std::size_t id = selection.indexes[place];
        AdvisedIndex index;
        index.candidate = candidates_[id];
        countDistinct(connection_, index.candidate, ground_.facts);
        index.candidate.size_bytes = estimatedBytes(index.candidate, ground_.facts, ground_.expressions);
        const TableFacts &table = ground_.facts.tables[index.candidate.table];
        index.table = table.quoted();
        index.name = nameFor(index.candidate, ground_, taken);
        index.schema = table.schema;
        index.ddl = index.candidate.ddl(table, index.name);
        index.nameless_ddl = index.candidate.ddl(table);
        index.concurrent_ddl = index.candidate.ddl(table, index.name, true);
        if (table.kind == 'p')
            addParts(connection_, table, index, taken);
        index.size_bytes = index.candidate.size_bytes;
        index.benefit = selection.benefit[place];
        index.write_cost = upkeepOf(index.candidate, ground_);
        index.queries = selection.serves[place];
        index.proof = index.candidate.pretendable() && planner_->pretends() ? Proof::WhatIf : Proof::Estimated;
        for (const std::size_t statement : index.queries) {
            const auto plan = estimated_.find({statement, id});
            if (plan != estimated_.end() && plan->second.probed)
                index.proof = Proof::Probe;
        }
        if (index.candidate.keys.size() == 1 && index.candidate.predicate.empty() && index.candidate.method == "btree") {
            const ColumnFacts *value = valueFacts(index.candidate.table, index.candidate.keys.front().expression, index.candidate.keys.front().attnum, ground_.facts, ground_.expressions);
            index.unique_values = value != nullptr && value->has_statistics && table.rows > 1000 && value->distinct > table.rows * 0.999 && value->null_fraction == 0;
        }
        for (const std::size_t statement : index.queries)
            advice_.queries[statement].indexes.push_back(advice_.indexes.size());
        index.reason = reasonOf(index, ground_);
        advice_.write_cost += index.write_cost;
        advice_.indexes.push_back(std::move(index));
    }
}

/// Indexes whose keys stand in front of an advised one, and that no constraint needs.
void Advisor::sayRedundant()
{
    for (const TableFacts &table : ground_.facts.tables) {
        for (const IndexFacts &old : table.indexes) {
            if (old.unique || old.constraint || !old.valid || old.access_method != "btree" || !old.included.empty())
                continue;
            for (const AdvisedIndex &fresh : advice_.indexes) {
                const Candidate &candidate = fresh.candidate;
                if (&ground_.facts.tables[candidate.table] != &table || candidate.method != "btree" || candidate.keys.size() < old.keys.size() || old.predicate != candidate.predicate)
                    continue;
                bool prefix = true;
                for (std::size_t i = 0; i < old.keys.size(); ++i) {
                    const int option = i < old.options.size() ? old.options[i] : 0;
                    prefix = prefix && candidate.keys[i].expression == old.keys[i] && candidate.keys[i].operator_class.empty() && ((option & 1) != 0) == candidate.keys[i].descending
                             && ((option & 2) != 0) == candidate.keys[i].nulls_first;
                }
                if (!prefix)
                    continue;
                advice_.redundant.push_back({sql::quoteQualified(old.schema, old.name), "DROP INDEX CONCURRENTLY " + sql::quoteQualified(old.schema, old.name),
                                             "Its columns stand in front of " + fresh.name + ", which serves whatever it serves.", old.size_bytes, old.definition});
                break;
            }
        }
    }
}

void Advisor::sayForeignKeys()
{
    for (std::size_t place = 0; place < ground_.facts.tables.size(); ++place) {
        const TableFacts &table = ground_.facts.tables[place];
        for (const ForeignKey &key : table.foreign_keys) {
            std::set<std::string> wanted;
            for (const std::string &name : key.columns)
                wanted.insert(sql::quoteIdentifier(name));
            const auto leads = [&](const std::vector<std::string> &keys) {
                return keys.size() >= wanted.size() && std::set<std::string>(keys.begin(), keys.begin() + static_cast<std::ptrdiff_t>(wanted.size())) == wanted;
            };
            bool served = std::any_of(table.indexes.begin(), table.indexes.end(), [&](const IndexFacts &one) { return one.valid && one.predicate.empty() && leads(one.keys); });
            for (const AdvisedIndex &one : advice_.indexes) {
                std::vector<std::string> keys;
                for (const IndexKey &part : one.candidate.keys)
                    keys.push_back(part.expression);
                served = served || (one.candidate.table == place && one.candidate.predicate.empty() && leads(keys));
            }
            if (served || advice_.foreign_keys.size() >= 200)
                continue;
            Candidate candidate;
            candidate.table = place;
            for (const std::string &name : key.columns)
                candidate.keys.push_back({sql::quoteIdentifier(name), 1, false, false, {}});
            advice_.foreign_keys.push_back({table.quoted(), key.name, candidate.ddl(table)});
        }
    }
}

void Advisor::fillRest(const Selection &selection)
{
    for (const FrontierPoint &point : selection.frontier) {
        Advice::Point kept{point.bytes, point.cost, {}};
        for (const std::size_t one : point.indexes)
            kept.ddl.push_back(ddlOf(one));
        advice_.frontier.push_back(std::move(kept));
    }
    sayRedundant();
    sayForeignKeys();
    advice_.problems = ground_.problems;
    advice_.candidates = candidates_.size();
    advice_.complete = selection.complete;
    advice_.what_if = planner_->pretends();
    if (!planner_->pretends())
        advice_.notes.emplace_back("HypoPG is not on this server: indexes are judged from statistics alone. With --measure they are built on a sample and tried.");
    else if (planner_->made())
        advice_.notes.emplace_back("HypoPG is not installed in this database: it was made within the transaction that planned, and is gone with it.");
    if (!selection.complete)
        advice_.notes.emplace_back("Stopped before everything was looked at: this is the best set so far.");
    std::set<std::string> unanalyzed;
    for (const TableFacts &table : ground_.facts.tables) {
        const bool none = std::none_of(table.columns.begin(), table.columns.end(), [](const ColumnFacts &column) { return column.has_statistics; });
        if (none && table.pages > 10 && (table.kind == 'r' || table.kind == 'm'))
            unanalyzed.insert(table.quoted());
    }
    for (const std::string &name : unanalyzed)
        advice_.notes.push_back("There are no statistics of " + name + " that may be seen: run ANALYZE " + name + " first, else its costs are guesses.");
}

void Advisor::measure()
{
    for (AdvisedIndex &index : advice_.indexes) {
        if (!tell("measuring"))
            return;
        TrialWish wish;
        wish.candidate = &index.candidate;
        wish.run_volatile = options_.run_volatile;
        const std::size_t none = advice_.queries.size();
        std::size_t statement = none;
        double most = -1;
        for (const std::size_t one : index.queries) {
            const double gain = advice_.queries[one].cost_before - advice_.queries[one].cost_after;
            if (ground_.shapes[one].write == WriteKind::None && !ground_.statements[one].writes && gain > most) {
                most = gain;
                statement = one;
            }
        }
        auto measured = measureIndex(connection_, ground_, wish, statement);
        if (!measured) {
            advice_.problems.push_back({index.ddl, "It could not be measured: " + measured.error().message, 0});
            continue;
        }
        index.measured = std::move(*measured);
        index.measured->query = statement;
        index.size_bytes = static_cast<std::int64_t>((index.measured->bytes_least + index.measured->bytes_most) / 2);
        index.candidate.size_measured = true;
        if (index.measured->used)
            index.proof = index.measured->whole ? Proof::Copy : Proof::Sample;
    }
}

Result<Advice> Advisor::run(const workload::Workload &load)
{
    const auto begun = std::chrono::steady_clock::now();
    static_cast<void>(tell("reading"));
    auto ground = readGround(connection_, load);
    if (!ground)
        return tl::unexpected(ground.error());
    ground_ = std::move(*ground);
    planner_ = std::make_unique<Planner>(connection_, ground_.facts);
    if (auto done = planner_->begin(); !done)
        return tl::unexpected(done.error());
    static_cast<void>(tell("planning"));
    if (auto done = planGround(connection_, *planner_, ground_); !done)
        return tl::unexpected(done.error());
    for (std::size_t i = 0; i < ground_.statements.size(); ++i)
        cost_before_ += ground_.statements[i].weight * ground_.base[i].cost;
    prepareCandidates();
    auto selection = choose();
    if (!selection)
        return tl::unexpected(selection.error());
    fillQueries(*selection);
    fillIndexes(*selection);
    fillRest(*selection);
    if (options_.plans)
        keepPlans(*selection);
    advice_.whatif_calls = planner_->calls();
    planner_.reset();
    if (options_.measure)
        measure();
    advice_.elapsed_ms = since(begun);
    return std::move(advice_);
}

} // namespace

Result<Advice> advise(pg::Connection &connection, const workload::Workload &load, const AdviseOptions &options, const std::function<bool(const AdviseProgress &)> &progress)
{
    return Advisor(connection, options, progress).run(load);
}

} // namespace howdah::index
