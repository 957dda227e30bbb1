// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/partition/advise.h"

#include <algorithm>
#include <cmath>
#include <functional>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "core/base/human.h"
#include "core/ddl/reading.h"
#include "core/partition/conditions.h"
#include "core/partition/iso_session.h"
#include "core/plan/server_statements.h"
#include "core/sql/parameters.h"
#include "core/sql/parser.h"
#include "core/sql/quote.h"

namespace howdah::partition {

using ddl::Record;

namespace {

constexpr double wanted_bytes = 4e9;      ///< of a partition: VACUUM and index builds of it take minutes
constexpr double fewest = 6, most = 500;  ///< partitions

struct Column {
    std::string name, type;
    bool not_null = false;
    std::optional<double> correlation, distinct;
    std::string lowest, highest;          ///< of the histogram: good enough to count partitions
};

struct Facts {
    std::uint32_t oid = 0;
    std::string schema, name, sql_name;
    double rows = 0;
    std::int64_t bytes = 0;
    double updates_share = 0;
    std::vector<Column> columns;
    std::vector<std::string> primary;     ///< bare column names
    bool referenced = false;
    std::string now;
};

class Advisor
{
public:
    Advisor(pg::Connection &connection, const AdviseOptions &options) : connection_(connection), options_(options) {}

    Result<Advice> advise(const std::string &table)
    {
        if (auto read = readFacts(table); !read)
            return tl::unexpected(read.error());
        readWorkload();
        weigh();
        choose();
        if (!advice_.column.empty())
            plan();
        judge();
        return std::move(advice_);
    }

private:
    Result<void> readFacts(const std::string &table);
    void readWorkload();
    void weigh();
    void choose();
    void chooseInterval(const Column &column);
    void plan();
    Result<void> makeCopy();
    QueryPruning planOne(const WorkloadQuery &query);
    void judge();
    [[nodiscard]] const Column *column(const std::string &name) const
    {
        const auto found = std::find_if(facts_.columns.begin(), facts_.columns.end(), [&](const Column &one) { return one.name == name; });
        return found == facts_.columns.end() ? nullptr : &*found;
    }

    pg::Connection &connection_;
    const AdviseOptions &options_;
    Facts facts_;
    std::vector<WorkloadQuery> workload_;
    std::optional<Interval> interval_;
    Advice advice_;
};

Result<void> Advisor::readFacts(const std::string &table)
{
    const IsoSession session(connection_);
    const auto found = ddl::records(connection_, R"(
SELECT c.oid, n.nspname, c.relname, format('%I.%I', n.nspname, c.relname), c.relkind, greatest(c.reltuples, pg_stat_get_live_tuples(c.oid), 0), pg_total_relation_size(c.oid), now()::text,
       pg_stat_get_tuples_updated(c.oid)::float8 / greatest(pg_stat_get_tuples_inserted(c.oid) + pg_stat_get_tuples_updated(c.oid) + pg_stat_get_tuples_deleted(c.oid), 1),
       EXISTS (SELECT FROM pg_catalog.pg_constraint o WHERE o.confrelid = c.oid AND o.contype = 'f'), c.relispartition
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = to_regclass($1))", {table});
    if (!found)
        return tl::unexpected(found.error());
    if (found->empty())
        return fail(ErrorKind::Usage, "There is no table " + table, "Name it with its schema when it is not in search_path.");
    const Record &row = found->front();
    if (row[4] == "p" || row.flag(10))
        return fail(ErrorKind::Usage, row[3] + " is partitioned already", "partition check looks at it.");
    if (row[4] != "r")
        return fail(ErrorKind::Usage, row[3] + " is no table", "Only tables can be partitioned.");
    facts_ = {row.number<std::uint32_t>(0), row[1], row[2], row[3], row.number<double>(5), row.number<std::int64_t>(6), row.number<double>(8), {}, {}, row.flag(9), row[7]};
    const std::string oid = std::to_string(facts_.oid);
    const auto columns = ddl::records(connection_, R"(
SELECT a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, s.correlation, s.n_distinct, (s.histogram_bounds::text::text[])[1],
       (s.histogram_bounds::text::text[])[array_length(s.histogram_bounds::text::text[], 1)], x.indrelid IS NOT NULL
FROM pg_catalog.pg_attribute a LEFT JOIN pg_catalog.pg_stats s ON s.schemaname = $2 AND s.tablename = $3 AND s.attname = a.attname AND NOT s.inherited
LEFT JOIN pg_catalog.pg_index x ON x.indrelid = a.attrelid AND x.indisprimary AND a.attnum = ANY (x.indkey::int2[])
WHERE a.attrelid = $1::oid AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum)", {oid, facts_.schema, facts_.name});
    if (!columns)
        return tl::unexpected(columns.error());
    for (const Record &one : *columns) {
        Column read{one[0], one[1], one.flag(2), {}, {}, one[5], one[6]};
        if (!one.isNull(3))
            read.correlation = one.number<double>(3);
        if (!one.isNull(4))
            read.distinct = one.number<double>(4);
        if (one.flag(7))
            facts_.primary.push_back(read.name);
        facts_.columns.push_back(std::move(read));
    }
    advice_.table = facts_.sql_name;
    advice_.rows = facts_.rows;
    advice_.bytes = facts_.bytes;
    if (!options_.column.empty() && column(options_.column) == nullptr)
        return fail(ErrorKind::Usage, fmt::format("{} has no column {}", facts_.sql_name, options_.column));
    return {};
}

void Advisor::readWorkload()
{
    workload_ = options_.workload;
    if (!workload_.empty())
        return;
    const auto kept = plan::keptStatements(connection_);
    if (!kept) {
        advice_.notes.push_back("No workload is known: " + kept.error().message + ". Give one in a file.");
        return;
    }
    for (const plan::ServerStatement &statement : *kept)
        workload_.push_back({statement.text, statement.calls.value_or(1), statement.total_ms.value_or(0)});
}

void Advisor::weigh()
{
    std::vector<std::string> names;
    for (const Column &one : facts_.columns)
        names.push_back(one.name);
    for (const Column &one : facts_.columns)
        advice_.columns.push_back({one.name, one.type, 0, 0, 0, 0, one.correlation});
    double whole = 0;
    std::vector<WorkloadQuery> ours;
    for (const WorkloadQuery &query : workload_) {
        const auto uses = conditionsOn(query.text, facts_.schema, facts_.name, names);
        const sql::StatementNature nature = sql::natureOf(query.text);
        if (query.text.find(facts_.name) == std::string::npos || !nature.is_explainable || nature.kind == "InsertStmt")
            continue;
        const double weight = query.total_ms > 0 ? query.total_ms : query.calls;
        whole += weight;
        ours.push_back(query);
        for (const ConditionUse &use : uses) {
            for (ColumnUse &known : advice_.columns) {
                if (known.column != use.column)
                    continue;
                known.weight += weight;
                ++known.queries;
                ++(use.range ? known.range_queries : known.equality_queries);
            }
        }
    }
    for (ColumnUse &known : advice_.columns)
        known.weight = whole > 0 ? known.weight / whole : 0;
    workload_ = std::move(ours);
    std::stable_sort(workload_.begin(), workload_.end(), [](const WorkloadQuery &a, const WorkloadQuery &b) { return a.total_ms > b.total_ms; });
}

void Advisor::choose()
{
    double best = -1;
    for (const ColumnUse &use : advice_.columns) {
        const Column &known = *column(use.column);
        const ValueKind kind = valueKindOf(known.type);
        if (!options_.column.empty() && use.column != options_.column)
            continue;
        double score = use.weight;
        if (isTime(kind))
            score += 0.15 + (use.range_queries > 0 ? 0.2 : 0) + (options_.keep && options_.keep->step == 0 ? 0.5 : 0) + (use.correlation ? std::abs(*use.correlation) * 0.2 : 0);
        else if (kind == ValueKind::Integer && use.range_queries == 0)
            score *= 0.5; // an equality finds its row by an index as fast
        else if (kind == ValueKind::Other)
            score *= 0.4;
        if (score > best) {
            best = score;
            advice_.column = use.column;
        }
    }
    if (best <= 0.05 && options_.column.empty())
        advice_.column.clear();
    if (const Column *chosen = column(advice_.column))
        chooseInterval(*chosen);
}

void Advisor::chooseInterval(const Column &chosen)
{
    const ValueKind kind = valueKindOf(chosen.type);
    if (kind == ValueKind::Other) {
        const bool few = chosen.distinct && *chosen.distinct > 0 && *chosen.distinct <= 50;
        advice_.strategy = few ? Strategy::List : Strategy::Hash;
        advice_.partitions = few ? static_cast<std::int64_t>(*chosen.distinct) : static_cast<std::int64_t>(std::clamp(std::exp2(std::ceil(std::log2(static_cast<double>(facts_.bytes) / wanted_bytes))), 4.0, 256.0));
        advice_.interval = few ? "one a value" : std::to_string(advice_.partitions);
        return;
    }
    const BoundValue low = boundValue(chosen.lowest, kind), high = boundValue(chosen.highest, kind);
    const double span = low.position && high.position && std::isfinite(*low.position) && std::isfinite(*high.position) ? *high.position - *low.position : 0;
    const double pieces = std::clamp(static_cast<double>(facts_.bytes) / wanted_bytes, fewest, most);
    const double width = span / pieces;
    if (isTime(kind)) {
        constexpr double day = 86400e6;
        const Interval choices[] = {{0, 3'600'000'000LL, 0}, {0, 86'400'000'000LL, 0}, {0, 7 * 86'400'000'000LL, 0}, {1, 0, 0}, {3, 0, 0}, {12, 0, 0}};
        const double limits[] = {day / 3, 5 * day, 20 * day, 75 * day, 270 * day, INFINITY};
        for (std::size_t i = 0; i < std::size(choices) && !interval_; ++i) {
            if (width < limits[i] && !(kind == ValueKind::Date && i == 0))
                interval_ = choices[i];
        }
        if (span == 0)
            interval_ = Interval{1, 0, 0};
    } else {
        interval_ = Interval{0, 0, static_cast<std::int64_t>(std::max(1.0, std::pow(10, std::ceil(std::log10(std::max(width, 1.0))))))};
    }
    if (options_.interval)
        interval_ = options_.interval;
    advice_.strategy = Strategy::Range;
    advice_.interval = interval_->text();
    const double each = isTime(kind) ? interval_->approximateMicros() : static_cast<double>(interval_->step);
    advice_.partitions = each > 0 ? static_cast<std::int64_t>(std::ceil(span / each)) + 1 : 1;
}

/// A temporary copy without rows: it comes first in search_path, so that the queries find it under their own name.
Result<void> Advisor::makeCopy()
{
    const auto send = [&](const std::string &sql) -> Result<void> {
        auto sent = connection_.query(sql);
        if (!sent)
            return tl::unexpected(sent.error());
        return {};
    };
    const Column &chosen = *column(advice_.column);
    const ValueKind kind = valueKindOf(chosen.type);
    const std::string key = sql::quoteIdentifier(chosen.name);
    const char *how = advice_.strategy == Strategy::Range ? "RANGE" : advice_.strategy == Strategy::List ? "LIST" : "HASH";
    // Queries that name the schema do not meet it; to rename the table itself would take a lock that everybody waits for.
    if (auto made = send(fmt::format("CREATE TEMPORARY TABLE {} (LIKE {} INCLUDING DEFAULTS INCLUDING GENERATED) PARTITION BY {} ({})", sql::quoteIdentifier(facts_.name), facts_.sql_name, how, key)); !made)
        return made;
    const std::string parent = "pg_temp." + sql::quoteIdentifier(facts_.name);
    int number = 0;
    const auto add = [&](const std::string &bound) { return send(fmt::format("CREATE TEMPORARY TABLE howdah_probe_{} PARTITION OF {} {}", ++number, parent, bound)); };
    if (advice_.strategy == Strategy::Hash) {
        const auto modulus = std::min<std::int64_t>(advice_.partitions, 64);
        for (std::int64_t i = 0; i < modulus; ++i) {
            if (auto made = add(fmt::format("FOR VALUES WITH (MODULUS {}, REMAINDER {})", modulus, i)); !made)
                return made;
        }
        return {};
    }
    if (advice_.strategy == Strategy::List) {
        const auto values = ddl::records(connection_, "SELECT v FROM pg_catalog.pg_stats s, unnest(s.most_common_vals::text::text[]) v WHERE s.schemaname = $1 AND s.tablename = $2 AND s.attname = $3 LIMIT 50",
                                         {facts_.schema, facts_.name, chosen.name});
        if (!values)
            return tl::unexpected(values.error());
        for (const Record &row : *values) {
            if (auto made = add("FOR VALUES IN (" + sql::quoteLiteral(row[0]) + ")"); !made)
                return made;
        }
        return add("DEFAULT");
    }
    const BoundValue high = boundValue(chosen.highest.empty() ? (isTime(kind) ? facts_.now : "0") : chosen.highest, kind);
    auto upper = floorTo(high, kind, *interval_);
    upper = upper ? advance(*upper, kind, *interval_, 2) : std::nullopt;
    const auto count = std::min<std::int64_t>(advice_.partitions + 2, 60);
    for (std::int64_t i = 0; i < count && upper; ++i) {
        const auto lower = advance(*upper, kind, *interval_, -1);
        if (!lower)
            break;
        if (auto made = add(fmt::format("FOR VALUES FROM ({}) TO ({})", lower->sql(), upper->sql())); !made)
            return made;
        upper = lower;
    }
    return upper ? add(fmt::format("FOR VALUES FROM (MINVALUE) TO ({})", upper->sql())) : Result<void>();
}

namespace {

/// Leaves of the copy in a plan, and whether a part of them is left out at run time.
void countLeaves(const nlohmann::json &node, int &leaves, int &removed, bool &at_run)
{
    if (node.is_array()) {
        for (const auto &one : node)
            countLeaves(one, leaves, removed, at_run);
        return;
    }
    if (!node.is_object())
        return;
    if (const auto name = node.find("Relation Name"); name != node.end() && name->is_string() && name->get<std::string>().starts_with("howdah_probe_"))
        ++leaves;
    if (const auto gone = node.find("Subplans Removed"); gone != node.end() && gone->is_number() && gone->get<int>() > 0) {
        removed += gone->get<int>();
        at_run = true;
    }
    for (const auto &[key, value] : node.items()) {
        if (value.is_structured())
            countLeaves(value, leaves, removed, at_run);
    }
}

} // namespace

QueryPruning Advisor::planOne(const WorkloadQuery &query)
{
    QueryPruning result;
    result.text = query.text;
    result.calls = query.calls;
    const auto total = ddl::records(connection_, "SELECT count(*) FROM pg_catalog.pg_class WHERE relname LIKE 'howdah\\_probe\\_%' AND relnamespace = pg_my_temp_schema()");
    result.partitions_total = total && !total->empty() ? total->front().number<int>(0) : 0;
    if (auto saved = connection_.query("SAVEPOINT howdah_probe"); !saved) {
        result.error = saved.error().message;
        return result;
    }
    const bool parameters = query.text.find('$') != std::string::npos;
    bool prepared = false;
    Result<pg::StatementOutcome> planned = fail(ErrorKind::Usage, "not planned");
    if (parameters) {
        // Values are not known: the generic plan says whether partitions would be left out for whatever value comes.
        planned = connection_.query("PREPARE howdah_probe AS " + query.text);
        prepared = planned.has_value();
        if (planned) {
            const auto types = ddl::records(connection_, "SELECT COALESCE(array_length(parameter_types, 1), 0) FROM pg_catalog.pg_prepared_statements WHERE name = 'howdah_probe'");
            const int count = types && !types->empty() ? types->front().number<int>(0) : 0;
            std::string nulls;
            for (int i = 0; i < count; ++i)
                nulls += i == 0 ? "(NULL" : ", NULL";
            static_cast<void>(connection_.query("SET LOCAL plan_cache_mode = force_generic_plan"));
            planned = connection_.query("EXPLAIN (FORMAT JSON) EXECUTE howdah_probe" + (count > 0 ? nulls + ")" : std::string()));
        }
    } else {
        planned = connection_.query("EXPLAIN (FORMAT JSON) " + query.text);
    }
    if (planned && planned->result && planned->result->rowCount() > 0) {
        int leaves = 0, removed = 0;
        bool at_run = false;
        const auto tree = nlohmann::json::parse(planned->result->cell(0, 0).text, nullptr, false);
        countLeaves(tree, leaves, removed, at_run);
        // Executing with NULLs removes all; without knowing the values one partition is read at the least.
        result.partitions_read = at_run && leaves == 0 ? 1 : leaves;
        result.prunes = result.partitions_read < result.partitions_total;
        result.how = at_run ? "when run" : result.prunes ? "when planned" : "";
    } else if (!planned) {
        result.error = planned.error().message;
    }
    static_cast<void>(connection_.query("ROLLBACK TO SAVEPOINT howdah_probe"));
    if (prepared) // outlives the rollback
        static_cast<void>(connection_.query("DEALLOCATE howdah_probe"));
    return result;
}

void Advisor::plan()
{
    if (workload_.empty())
        return;
    if (connection_.transaction() != pg::TransactionState::Idle) {
        advice_.notes.push_back("A transaction is open, so nothing was planned on a copy.");
        return;
    }
    const auto end = [&] {
        const pg::CancelShield shield(connection_.canceller());
        static_cast<void>(connection_.endTransaction(false));
    };
    if (auto begun = connection_.query("BEGIN"); !begun)
        return advice_.notes.push_back(begun.error().message);
    static_cast<void>(connection_.query("SET LOCAL DateStyle = 'ISO, YMD'"));
    static_cast<void>(connection_.query("SET LOCAL lock_timeout = '2s'"));
    if (auto made = makeCopy(); !made) {
        advice_.notes.push_back("The copy to plan on could not be made: " + made.error().message);
        return end();
    }
    for (std::size_t i = 0; i < std::min(options_.plan_queries, workload_.size()); ++i)
        advice_.queries.push_back(planOne(workload_[i]));
    end();
    advice_.proof = "planned by the server on an empty partitioned copy, rolled back; queries that name the schema meet the table itself and read no partition";
}

void Advisor::judge()
{
    const auto pruned = std::count_if(advice_.queries.begin(), advice_.queries.end(), [](const QueryPruning &query) { return query.prunes && query.partitions_read > 0; });
    const bool large = facts_.bytes >= options_.worth_bytes;
    const Column *chosen = column(advice_.column);
    auto &reasons = advice_.reasons;
    advice_.partition = chosen != nullptr && (large || options_.keep.has_value()) && (advice_.queries.empty() || pruned > 0 || options_.keep.has_value());
    if (large)
        reasons.push_back(fmt::format("It has {}: VACUUM, index builds and restores of the whole take long.", human::bytes(facts_.bytes)));
    else
        reasons.push_back(fmt::format("It has {}: below {} an index finds rows as fast, and partitions cost planning time and keys.", human::bytes(facts_.bytes), human::bytes(options_.worth_bytes)));
    if (chosen == nullptr) {
        reasons.push_back("No column stands out in the conditions of the queries that are known.");
        return;
    }
    if (options_.keep)
        reasons.push_back(fmt::format("Rows older than {} can go: dropping a partition takes no time and leaves no dead rows.", options_.keep->text()));
    if (!advice_.queries.empty())
        reasons.push_back(fmt::format("{} of {} queries would read fewer partitions.", pruned, advice_.queries.size()));
    const auto use = std::find_if(advice_.columns.begin(), advice_.columns.end(), [&](const ColumnUse &one) { return one.column == advice_.column; });
    if (use->weight > 0)
        reasons.push_back(fmt::format("{} stands in conditions of {:.0f} % of the time of its queries.", advice_.column, use->weight * 100));
    if (use->correlation && std::abs(*use->correlation) > 0.9 && isTime(valueKindOf(chosen->type)))
        reasons.push_back(fmt::format("Rows lie on disk in the order of {} ({:.2f}): old ones are not touched any more, and a BRIN index finds ranges of it cheaply, even without partitions.", advice_.column, *use->correlation));
    if (!facts_.primary.empty() && std::find(facts_.primary.begin(), facts_.primary.end(), advice_.column) == facts_.primary.end())
        reasons.push_back(fmt::format("Against it: the primary key lacks {}, so it would have to include it.", advice_.column));
    if (facts_.referenced)
        reasons.push_back("Against it: foreign keys point at it; they need a key that includes the partition key.");
    if (advice_.partitions > 1000)
        reasons.push_back(fmt::format("Against {}: it gives {} partitions.", advice_.interval, advice_.partitions));
}

} // namespace

Result<Advice> advise(pg::Connection &connection, const std::string &table, const AdviseOptions &options)
{
    return Advisor(connection, options).advise(table);
}

} // namespace howdah::partition
