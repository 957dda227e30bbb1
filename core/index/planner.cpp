// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/index/planner.h"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "core/sql/parameters.h"
#include "core/sql/quote.h"

namespace howdah::index {

namespace {

using Json = nlohmann::json;

void collectIndexNames(const Json &node, std::vector<std::string> &names)
{
    if (const auto name = node.find("Index Name"); name != node.end() && name->is_string())
        names.push_back(name->get<std::string>());
    if (const auto plans = node.find("Plans"); plans != node.end()) {
        for (const Json &child : *plans)
            collectIndexNames(child, names);
    }
}

/// A value that is there: of the middle of the histogram, else the most frequent one.
std::optional<std::string> valueOf(const ColumnFacts &column, std::size_t which)
{
    const auto common = [&]() -> std::optional<std::string> {
        if (column.common_values.empty())
            return {};
        return column.common_values[std::min(which, column.common_values.size() - 1)];
    };
    if (column.histogram.size() > 2 && (which == 0 || column.common_values.empty()))
        return column.histogram[column.histogram.size() / 2];
    return common();
}

void gather(const TableUse &use, const Term &term, const Facts &facts, sql::ParameterValues &values, std::size_t which)
{
    if (term.parameter == 0)
        return;
    const std::string name = std::to_string(term.parameter);
    const ColumnFacts *column = facts.tables[use.table].column(term.attnum);
    if (values.count(name) > 0 || column == nullptr)
        return;
    std::optional<std::string> value = valueOf(*column, which);
    if (!value)
        return;
    if (term.list && term.op == "=")
        value = "{" + sql::quoteIdentifier(*value) + "}";
    values[name] = std::move(value);
}

} // namespace

Result<PlannedStatement> planned(const workload::Statement &statement, const Shape &shape, const Facts &facts, std::size_t most_samples)
{
    PlannedStatement result;
    for (const TableUse &use : shape.uses) {
        if (std::find(result.tables.begin(), result.tables.end(), use.table) == result.tables.end())
            result.tables.push_back(use.table);
    }
    if (!statement.has_parameters) {
        for (std::size_t i = 0; i < statement.samples.size() && i < std::max<std::size_t>(1, most_samples); ++i)
            result.samples.push_back({statement.samples[i], {}, false});
        return result;
    }
    const std::vector<sql::ParameterUse> uses = sql::parametersOf(statement.text);
    const bool positional = std::all_of(uses.begin(), uses.end(), [](const sql::ParameterUse &use) { return use.name.find_first_not_of("0123456789") == std::string::npos; });
    if (facts.version >= 160000 && positional) {
        result.samples.push_back({statement.text, {}, true});
        return result;
    }
    sql::ParameterValues values;
    for (const TableUse &use : shape.uses) {
        for (const Term &term : use.terms)
            gather(use, term, facts, values, 0);
        for (const auto &arm : use.alternatives)
            for (const Term &term : arm)
                gather(use, term, facts, values, 0);
    }
    for (const int limit : shape.limit_parameters)
        values.emplace(std::to_string(limit), "10");
    const sql::BoundStatement bound = sql::bindParameters(statement.text, values);
    if (!bound.missing.empty())
        return fail(ErrorKind::Unsupported, "There is no value to plan with for parameter " + bound.missing.front(),
                    "Write the statement with values, or use a server of 16 or later, which plans for any.");
    for (const auto &[name, value] : values)
        result.values_text += (result.values_text.empty() ? "$" : ", $") + name + " = " + value.value_or("NULL");
    result.samples.push_back({bound.sql, bound.values, false});
    return result;
}

Planner::~Planner()
{
    if (!begun_)
        return;
    const pg::CancelShield shield(connection_.canceller());
    recover();
    std::vector<std::string> oids;
    for (const auto &[candidate, one] : alive_)
        oids.push_back(one.oid);
    static_cast<void>(drop(oids));
    static_cast<void>(connection_.query(nested_ ? "ROLLBACK TO SAVEPOINT howdah_advice_outer" : "ROLLBACK"));
}

void Planner::recover()
{
    if (connection_.transaction() == pg::TransactionState::InFailedTransaction)
        static_cast<void>(connection_.query("ROLLBACK TO SAVEPOINT howdah_advice"));
}

/// Each table that is planned with stays locked, though weakly, until the transaction ends: thousands of them would fill the
/// server's lock table, and keep whoever wants to change one waiting. Hypothetical indexes are not the transaction's.
void Planner::releaseLocks()
{
    static_cast<void>(connection_.query("ROLLBACK TO SAVEPOINT howdah_advice"));
}

Result<void> Planner::begin()
{
    if (connection_.transaction() == pg::TransactionState::InFailedTransaction)
        return fail(ErrorKind::Usage, "The open transaction has failed; nothing can be planned in it", "Run ROLLBACK first.");
    nested_ = connection_.transaction() != pg::TransactionState::Idle;
    if (const auto begun = connection_.query(nested_ ? "SAVEPOINT howdah_advice_outer" : "BEGIN"); !begun)
        return tl::unexpected(begun.error());
    begun_ = true;
    if (!facts_.hypopg && facts_.hypopg_available && !connection_.facts().read_only && !connection_.facts().in_recovery) {
        static_cast<void>(connection_.query("SAVEPOINT howdah_advice"));
        made_ = connection_.query("CREATE EXTENSION hypopg").has_value();
        if (!made_)
            recover();
    }
    for (const char *setting : {"SET LOCAL lock_timeout = '2s'", "SET LOCAL statement_timeout = '60s'", "SET LOCAL jit = off"}) {
        if (const auto set = connection_.query(setting); !set)
            return tl::unexpected(set.error());
    }
    // The server notices within a second that we are gone, whatever it is busy with.
    if (facts_.version >= 140000)
        static_cast<void>(connection_.query("SET LOCAL client_connection_check_interval = '1s'"));
    // Planning evaluates what calls itself immutable or stable: what it does all the same is refused. Within a transaction of
    // the caller's it ends with the savepoint.
    if (const auto set = connection_.query("SET LOCAL transaction_read_only = on"); !set)
        return tl::unexpected(set.error());
    if (const auto saved = connection_.query("SAVEPOINT howdah_advice"); !saved)
        return tl::unexpected(saved.error());
    if (facts_.hypopg || made_) {
        const auto where = connection_.query("SELECT pg_catalog.quote_ident(n.nspname) || '.' FROM pg_catalog.pg_extension e JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace WHERE e.extname = 'hypopg'");
        pretends_ = where && where->result->rowCount() > 0;
        if (pretends_)
            schema_ = where->result->cell(0, 0).text;
    }
    return {};
}

Result<void> Planner::drop(const std::vector<std::string> &oids)
{
    if (oids.empty())
        return {};
    std::string list;
    for (const std::string &oid : oids)
        list += (list.empty() ? "" : ",") + oid;
    const auto dropped = connection_.query("SELECT count(" + schema_ + "hypopg_drop_index(o)) FROM pg_catalog.unnest($1::oid[]) o", {{"{" + list + "}"}});
    if (!dropped)
        return tl::unexpected(dropped.error());
    return {};
}

Result<void> Planner::pretend(const std::vector<std::size_t> &wanted, const std::vector<Candidate> &candidates, const std::vector<std::size_t> &tables)
{
    std::vector<std::string> gone;
    for (auto one = alive_.begin(); one != alive_.end();) {
        const bool concerned = std::find(tables.begin(), tables.end(), one->second.table) != tables.end();
        // Those of other tables do no harm, but each backend has names for some 2,500 alone.
        if ((concerned && !std::binary_search(wanted.begin(), wanted.end(), one->first)) || alive_.size() > 1500) {
            gone.push_back(one->second.oid);
            by_name_.erase(one->second.name);
            one = alive_.erase(one);
        } else {
            ++one;
        }
    }
    if (auto done = drop(gone); !done)
        return done;
    std::string statements;
    std::vector<std::size_t> missing;
    for (const std::size_t one : wanted) {
        if (alive_.count(one) > 0 || !candidates[one].pretendable())
            continue;
        statements += (missing.empty() ? "" : "\x01") + candidates[one].ddl(facts_.tables[candidates[one].table]);
        missing.push_back(one);
    }
    if (missing.empty())
        return {};
    const auto made = connection_.query("SELECT h.indexrelid, h.indexname FROM pg_catalog.unnest(pg_catalog.string_to_array($1, E'\\x01')) WITH ORDINALITY t(s, nr), "
                                        "LATERAL " + schema_ + "hypopg_create_index(t.s) h ORDER BY t.nr", {{statements}});
    if (!made)
        return tl::unexpected(made.error());
    if (made->result->rowCount() != static_cast<std::int64_t>(missing.size()))
        return fail(ErrorKind::Server, "HypoPG made other indexes than it was asked for");
    for (std::size_t i = 0; i < missing.size(); ++i) {
        Pretended one{std::string(made->result->cell(static_cast<std::int64_t>(i), 0).text), std::string(made->result->cell(static_cast<std::int64_t>(i), 1).text), candidates[missing[i]].table};
        by_name_[one.name] = missing[i];
        alive_[missing[i]] = std::move(one);
    }
    return {};
}

std::unordered_map<std::size_t, Error> Planner::check(std::vector<Candidate> &candidates)
{
    std::unordered_map<std::size_t, Error> refused;
    if (!pretends_)
        return refused;
    std::vector<std::size_t> batch;
    const auto sizes = [&] {
        std::string oids;
        std::vector<std::size_t> asked;
        for (const std::size_t one : batch) {
            if (const auto alive = alive_.find(one); alive != alive_.end()) {
                oids += (asked.empty() ? "" : ",") + alive->second.oid;
                asked.push_back(one);
            }
        }
        if (asked.empty())
            return;
        const auto size = connection_.query("SELECT " + schema_ + "hypopg_relation_size(o) FROM pg_catalog.unnest($1::oid[]) WITH ORDINALITY u(o, nr) ORDER BY nr", {{"{" + oids + "}"}});
        if (!size)
            return recover();
        for (std::size_t i = 0; i < asked.size(); ++i)
            candidates[asked[i]].pretended_bytes = std::strtoll(std::string(size->result->cell(static_cast<std::int64_t>(i), 0).text).c_str(), nullptr, 10);
    };
    const auto dropAll = [&] {
        std::vector<std::string> oids;
        for (const auto &[candidate, one] : alive_)
            oids.push_back(one.oid);
        static_cast<void>(drop(oids));
        alive_.clear();
        by_name_.clear();
    };
    const auto flush = [&] {
        if (!pretend(batch, candidates, {})) {
            recover();
            for (const std::size_t one : batch) {
                if (const auto alone = pretend({one}, candidates, {}); !alone) {
                    refused.emplace(one, alone.error());
                    recover();
                }
            }
        }
        sizes();
        dropAll();
        batch.clear();
        releaseLocks();
    };
    for (std::size_t i = 0; i < candidates.size() && !cancelled(); ++i) {
        if (candidates[i].pretendable())
            batch.push_back(i);
        if (batch.size() == 100)
            flush();
    }
    flush();
    return refused;
}

Result<PlanAnswer> Planner::plan(const PlannedStatement &statement, const std::vector<Candidate> &candidates, const std::vector<std::size_t> &available)
{
    if (cancelled())
        return fail(ErrorKind::Cancelled, "Stopped");
    constexpr std::size_t plans_under_locks = 50;
    if (calls_ - calls_at_release_ >= plans_under_locks) {
        calls_at_release_ = calls_;
        releaseLocks();
    }
    if (pretends_) {
        std::vector<std::size_t> wanted = available;
        std::sort(wanted.begin(), wanted.end());
        if (auto done = pretend(wanted, candidates, statement.tables); !done) {
            recover();
            return tl::unexpected(done.error());
        }
    }
    PlanAnswer answer;
    for (const PlannedStatement::Sample &sample : statement.samples) {
        ++calls_;
        const auto explained = connection_.query(std::string("EXPLAIN (FORMAT JSON") + (sample.generic ? ", GENERIC_PLAN" : "") + ") " + sample.sql, sample.values);
        if (!explained || explained->result == nullptr || explained->result->rowCount() == 0) {
            recover();
            return explained ? Result<PlanAnswer>(fail(ErrorKind::Unsupported, "The server plans nothing for it")) : tl::unexpected(explained.error());
        }
        std::string source;
        for (std::int64_t row = 0; row < explained->result->rowCount(); ++row)
            source += explained->result->cell(row, 0).text;
        const Json document = Json::parse(source, nullptr, false);
        if (!document.is_array() || document.empty() || !document[0].contains("Plan"))
            return fail(ErrorKind::Unsupported, "The server plans nothing for it");
        answer.cost += document[0]["Plan"].value("Total Cost", 0.0) / static_cast<double>(statement.samples.size());
        std::vector<std::string> names;
        collectIndexNames(document[0]["Plan"], names);
        for (const std::string &name : names) {
            if (const auto found = by_name_.find(name); found != by_name_.end())
                answer.used.push_back(found->second);
        }
        if (answer.source.empty())
            answer.source = std::move(source);
    }
    std::sort(answer.used.begin(), answer.used.end());
    answer.used.erase(std::unique(answer.used.begin(), answer.used.end()), answer.used.end());
    return answer;
}

} // namespace howdah::index
