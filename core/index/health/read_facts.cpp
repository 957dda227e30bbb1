// SPDX-License-Identifier: GPL-3.0-or-later
#include <charconv>
#include <chrono>
#include <cstdlib>
#include <set>

#include "core/index/health/facts.h"
#include "core/index/health/facts_sql.h"
#include "core/pg/catalog_row.h"
#include "core/pg/connection.h"

namespace howdah::index_health {

namespace {

std::string replaced(std::string sql, std::string_view what, std::string_view with)
{
    for (std::size_t at = sql.find(what); at != std::string::npos; at = sql.find(what, at + with.size()))
        sql.replace(at, what.size(), with);
    return sql;
}

/// "1 2 3": oidvector, int2vector, or an array that was joined by blanks.
template <typename T> std::vector<T> listOf(const std::string &text)
{
    std::vector<T> list;
    for (const char *at = text.data(), *const end = text.data() + text.size(); at < end;) {
        T value{};
        const auto [next, error] = std::from_chars(at, end, value);
        if (error == std::errc())
            list.push_back(value);
        at = std::max(at + 1, next);
    }
    return list;
}

class Reader
{
public:
    Reader(pg::Connection &connection, const std::string &schema) : connection_(connection), schema_(schema) {}
    Result<Facts> read();

private:
    template <typename Take> Result<void> each(const std::string &sql, const std::vector<pg::Parameter> &parameters, Take take)
    {
        const auto outcome = connection_.query(sql, parameters);
        if (!outcome)
            return tl::unexpected(outcome.error());
        for (std::int64_t i = 0; i < outcome->result->rowCount(); ++i) {
            pg::CatalogRow row(*outcome->result, i);
            take(row);
        }
        return {};
    }
    [[nodiscard]] int version() const { return connection_.facts().version_num; }
    Result<void> readAll();
    Result<void> readOperators();
    Result<void> readCollations();
    void takeDatabase(pg::CatalogRow &row);
    void takeTable(pg::CatalogRow &row);
    void takeIndex(pg::CatalogRow &row);
    void takeColumn(pg::CatalogRow &row);
    void takeStatistics(pg::CatalogRow &row);
    void takeForeignKey(pg::CatalogRow &row);

    pg::Connection &connection_;
    std::string schema_;
    Facts facts_;
    std::unordered_map<Oid, std::size_t> index_at_;
};

void Reader::takeDatabase(pg::CatalogRow &row)
{
    facts_.database = row.text();
    facts_.block_bytes = row.number<std::int64_t>();
    facts_.in_recovery = row.flag();
    facts_.counts = row.flag();
    facts_.statistics_reset = row.optionalText();
    facts_.server_start = row.text();
    facts_.statistics_since = row.text();
    facts_.statistics_age_s = row.number<double>();
    facts_.standbys = row.number<std::int64_t>();
    facts_.sees_everything = row.flag();
    facts_.pgstattuple_schema = row.text();
    facts_.pending_list_limit_kb = row.number<std::int64_t>();
    facts_.system_identifier = row.text();
}

void Reader::takeTable(pg::CatalogRow &row)
{
    TableFacts table;
    table.oid = row.number<Oid>();
    table.schema = row.text();
    table.name = row.text();
    table.kind = row.letter();
    table.parent = row.number<Oid>();
    table.unlogged = row.flag();
    table.rows = row.number<double>();
    table.pages = row.number<std::int64_t>();
    table.all_visible_pages = row.number<std::int64_t>();
    table.was_vacuumed = row.flag();
    table.was_analyzed = row.flag();
    table.inserted = row.number<std::int64_t>();
    table.updated = row.number<std::int64_t>();
    table.hot_updated = row.number<std::int64_t>();
    table.deleted = row.number<std::int64_t>();
    table.modified_since_analyze = row.number<std::int64_t>();
    table.seq_scans = row.number<std::int64_t>();
    table.replica_identity = row.letter();
    // Before 14 an empty table and one that was never looked at both have 0.
    if (version() < 140000 && table.rows == 0 && table.pages > 0)
        table.rows = -1;
    facts_.tables.push_back(std::move(table));
}

void Reader::takeIndex(pg::CatalogRow &row)
{
    IndexFacts index;
    index.oid = row.number<Oid>();
    index.table = row.number<Oid>();
    index.schema = row.text();
    index.name = row.text();
    index.access_method = row.text();
    index.kind = row.letter();
    index.keys = row.number<std::size_t>();
    const auto numbers = listOf<std::int16_t>(row.text());
    const auto classes = listOf<Oid>(row.text());
    const auto collations = listOf<Oid>(row.text());
    const auto options = listOf<int>(row.text());
    const auto expressions = row.texts();
    const std::string opclass_options = row.text();
    for (std::size_t i = 0; i < numbers.size(); ++i) {
        PartFacts part;
        part.attnum = numbers[i];
        part.opclass = i < classes.size() ? classes[i] : 0;
        part.collation = i < collations.size() ? collations[i] : 0;
        part.options = i < options.size() ? options[i] : 0;
        if (part.attnum == 0 && i < expressions.size())
            part.expression = expressions[i];
        if (i == 0)
            part.opclass_options = opclass_options; // of all parts; compared as a whole
        index.parts.push_back(std::move(part));
    }
    index.predicate = row.text();
    index.options = row.text();
    index.parent = row.number<Oid>();
    index.unique = row.flag();
    index.primary = row.flag();
    index.exclusion = row.flag();
    index.nulls_not_distinct = row.flag();
    index.immediate = row.flag();
    index.valid = row.flag();
    index.ready = row.flag();
    index.live = row.flag();
    index.clustered = row.flag();
    index.replica_identity = row.flag();
    index.being_built = row.flag();
    index.constraint = row.text();
    index.referenced = row.flag();
    index.pages = row.number<std::int64_t>();
    index.tuples = row.number<double>();
    index.scans = row.number<std::int64_t>();
    index.tuples_read = row.number<std::int64_t>();
    index.tuples_fetched = row.number<std::int64_t>();
    index.last_scan = row.optionalText();
    if (const auto age = row.optionalText())
        index.last_scan_age_s = std::strtod(age->c_str(), nullptr);
    if (facts_.table(index.table) == nullptr) // made meanwhile, or an extension's
        return;
    index_at_.emplace(index.oid, facts_.indexes.size());
    facts_.indexes.push_back(std::move(index));
}

void Reader::takeColumn(pg::CatalogRow &row)
{
    TableFacts *table = facts_.table(row.number<Oid>());
    if (table == nullptr)
        return;
    const auto number = row.number<std::int16_t>();
    ColumnFacts column;
    column.name = row.text();
    column.type = row.number<Oid>();
    column.collation = row.number<Oid>();
    column.not_null = row.flag();
    table->columns.emplace(number, std::move(column));
}

void Reader::takeStatistics(pg::CatalogRow &row)
{
    const Oid relation = row.number<Oid>();
    const auto number = row.number<std::int16_t>();
    ColumnFacts *column = nullptr;
    if (TableFacts *table = facts_.table(relation)) {
        const auto found = table->columns.find(number);
        column = found == table->columns.end() ? nullptr : &found->second;
    } else if (const auto index = index_at_.find(relation); index != index_at_.end()) {
        auto &parts = facts_.indexes[index->second].parts;
        if (number >= 1 && static_cast<std::size_t>(number) <= parts.size())
            column = &parts[static_cast<std::size_t>(number) - 1].statistics.emplace();
    }
    if (column == nullptr)
        return;
    column->width = row.number<double>();
    column->null_fraction = row.number<double>();
    column->distinct = row.number<double>();
}

void Reader::takeForeignKey(pg::CatalogRow &row)
{
    ForeignKeyFacts key;
    key.oid = row.number<Oid>();
    key.parent = row.number<Oid>();
    key.name = row.text();
    key.table = row.number<Oid>();
    key.referenced = row.number<Oid>();
    key.columns = row.numbers();
    key.operators = listOf<Oid>(row.text());
    key.on_delete = row.letter();
    key.on_update = row.letter();
    if (facts_.table(key.table) != nullptr)
        facts_.foreign_keys.push_back(std::move(key));
}

Result<void> Reader::readOperators()
{
    auto done = each(opclasses_sql, {}, [&](pg::CatalogRow &row) {
        OpclassFacts opclass;
        const Oid oid = row.number<Oid>();
        opclass.name = row.text();
        opclass.access_method = row.text();
        opclass.family = row.number<Oid>();
        opclass.input_type = row.number<Oid>();
        opclass.is_default = row.flag();
        facts_.types.emplace(opclass.input_type, row.text());
        opclass.deduplicates = row.flag();
        facts_.opclasses.emplace(oid, std::move(opclass));
    });
    if (done)
        done = each(operators_sql, {}, [&](pg::CatalogRow &row) {
            const Oid family = row.number<Oid>();
            facts_.search_operators.emplace(family, listOf<Oid>(row.text()));
        });
    return done;
}

Result<void> Reader::readCollations()
{
    std::set<Oid> used;
    for (const IndexFacts &index : facts_.indexes) {
        for (const PartFacts &part : index.parts)
            used.insert(part.collation);
    }
    for (const TableFacts &table : facts_.tables) {
        for (const auto &[number, column] : table.columns)
            used.insert(column.collation);
    }
    std::string list = "{";
    for (const Oid oid : used)
        list += (list.size() > 1 ? "," : "") + std::to_string(oid);
    std::string sql = replaced(collations_sql, "{database_is_c}",
                               version() < 150000 ? "d.datcollate IN ('C', 'POSIX')"
                                                  : "d.datlocprovider = 'b' OR d.datlocprovider = 'c' AND d.datcollate IN ('C', 'POSIX')");
    sql = replaced(sql, "{database_version}", version() < 150000 ? "NULL" : "d.datcollversion");
    sql = replaced(sql, "{database_actual_version}", version() < 150000 ? "NULL" : "pg_database_collation_actual_version(d.oid)");
    return each(sql, {list + "}"}, [&](pg::CatalogRow &row) {
        const Oid oid = row.number<Oid>();
        CollationFacts collation;
        collation.name = row.text();
        collation.is_c = row.flag();
        collation.deterministic = row.flag();
        const auto recorded = row.optionalText(), actual = row.optionalText();
        collation.recorded_version = recorded.value_or("");
        collation.actual_version = actual.value_or("");
        collation.version_differs = recorded && actual && *recorded != *actual;
        facts_.collations.emplace(oid, std::move(collation));
    });
}

Result<void> Reader::readAll()
{
    const std::vector<pg::Parameter> schema{schema_};
    auto done = each(database_sql, {}, [&](pg::CatalogRow &row) { takeDatabase(row); });
    if (done)
        done = each(replaced(tables_sql, "{wanted}", wanted_relation_sql), schema, [&](pg::CatalogRow &row) { takeTable(row); });
    if (!done)
        return done;
    facts_.buildLookups();
    std::string indexes = replaced(indexes_sql, "{wanted}", wanted_relation_sql);
    indexes = replaced(indexes, "{nulls_not_distinct}", version() < 150000 ? "false" : "x.indnullsnotdistinct");
    indexes = replaced(indexes, "{last_scan}", version() < 160000
                                                   ? "NULL"
                                                   : "to_char(pg_stat_get_lastscan(c.oid) AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')");
    indexes = replaced(indexes, "{last_scan_age}",
                       version() < 160000 ? "NULL" : "EXTRACT(epoch FROM clock_timestamp() - pg_stat_get_lastscan(c.oid))");
    done = each(indexes, schema, [&](pg::CatalogRow &row) { takeIndex(row); });
    if (done)
        done = each(columns_sql, {}, [&](pg::CatalogRow &row) { takeColumn(row); });
    if (done)
        done = each(statistics_sql, schema, [&](pg::CatalogRow &row) { takeStatistics(row); });
    if (done)
        done = each(replaced(foreign_keys_sql, "{enforced}", version() < 180000 ? "" : " AND o.conenforced AND NOT o.conperiod"), schema,
                    [&](pg::CatalogRow &row) { takeForeignKey(row); });
    if (done)
        done = readOperators();
    return done ? readCollations() : done;
}

Result<Facts> Reader::read()
{
    const auto begin = std::chrono::steady_clock::now();
    const bool own_transaction = connection_.transaction() == pg::TransactionState::Idle;
    if (own_transaction) {
        if (auto begun = connection_.query("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"); !begun)
            return tl::unexpected(begun.error());
        // A catalog of many relations looks dear enough to be compiled; that takes longer than reading it.
        if (auto set = connection_.query("SET LOCAL jit = off"); !set)
            return tl::unexpected(set.error());
    }
    const auto done = readAll();
    if (own_transaction && connection_.alive()) {
        const pg::CancelShield shield(connection_.canceller());
        if (auto ended = connection_.query("COMMIT"); !ended && done)
            return tl::unexpected(ended.error());
    }
    if (!done)
        return tl::unexpected(done.error());
    facts_.version_num = version();
    facts_.buildLookups();
    if (!facts_.counts)
        facts_.notes.push_back("track_counts is off: the server counts no scans, so nothing is said about use.");
    facts_.read_ms = std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count();
    return std::move(facts_);
}

} // namespace

Result<Facts> readFacts(pg::Connection &connection, const std::string &schema)
{
    const pg::CancelScope scope(connection.canceller());
    return Reader(connection, schema).read();
}

} // namespace howdah::index_health
