// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/pg/catalog.h"

#include <chrono>

#include "core/pg/catalog_row.h"
#include "core/pg/catalog_words.h"
#include "core/pg/connection.h"

namespace howdah::pg {

namespace {

// One query a kind of thing, each in its natural order; rows are joined to their relation by OID here, so that the
// server sorts and joins little. All of them filter by the same list of schemas.

constexpr const char *schemas_sql = R"(
SELECT n.oid, n.nspname, pg_get_userbyid(n.nspowner),
       n.nspname ~ '^pg_' OR n.nspname = 'information_schema'
FROM pg_namespace n
WHERE n.nspname !~ '^pg_(toast_)?temp_' AND ($1 OR NOT (n.nspname ~ '^pg_' OR n.nspname = 'information_schema'))
ORDER BY n.nspname)";

// pg_relation_size() and friends take a lock and stat files; relpages would be stale. A partitioned table has no
// storage. A relation dropped meanwhile gives NULL.
constexpr const char *relations_sql = R"(
SELECT c.oid, n.nspname, c.relname, c.relkind, c.relispartition, COALESCE(i.inhparent, 0),
       CASE WHEN c.relispartition THEN pg_get_expr(c.relpartbound, c.oid) END,
       CASE WHEN c.relkind = 'p' THEN pg_get_partkeydef(c.oid) END,
       CASE WHEN c.relkind IN ('r', 'm', 'S') THEN pg_table_size(c.oid) END,
       CASE WHEN c.relkind IN ('r', 'm') AND c.relhasindex THEN pg_indexes_size(c.oid) END,
       c.reltuples, pg_get_userbyid(c.relowner), d.description,
       GREATEST(pg_stat_get_last_analyze_time(c.oid), pg_stat_get_last_autoanalyze_time(c.oid)),
       GREATEST(pg_stat_get_last_vacuum_time(c.oid), pg_stat_get_last_autovacuum_time(c.oid)),
       pg_stat_get_mod_since_analyze(c.oid), pg_stat_get_live_tuples(c.oid), pg_stat_get_dead_tuples(c.oid)
FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_inherits i ON i.inhrelid = c.oid AND c.relispartition
LEFT JOIN pg_description d ON d.objoid = c.oid AND d.classoid = 'pg_class'::regclass AND d.objsubid = 0
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
  AND n.nspname !~ '^pg_(toast_)?temp_' AND n.nspname <> 'pg_toast'
  AND ($1 OR NOT (n.nspname ~ '^pg_' OR n.nspname = 'information_schema'))
ORDER BY n.nspname, c.relname)";

/// What the tree needs to open: nothing in it opens a file or takes a lock for each relation.
constexpr const char *names_sql = R"(
SELECT c.oid, n.nspname, c.relname, c.relkind, c.relispartition, COALESCE(i.inhparent, 0), c.reltuples
FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_inherits i ON i.inhrelid = c.oid AND c.relispartition
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
  AND n.nspname !~ '^pg_(toast_)?temp_' AND n.nspname <> 'pg_toast'
  AND ($1 OR NOT (n.nspname ~ '^pg_' OR n.nspname = 'information_schema'))
ORDER BY n.nspname, c.relname)";

constexpr const char *columns_sql = R"(
SELECT a.attrelid, a.attname, format_type(a.atttypid, a.atttypmod), a.attnum, a.attnotnull, a.attidentity <> '',
       a.attgenerated <> '', pg_get_expr(f.adbin, f.adrelid), d.description
FROM pg_attribute a
JOIN pg_class c ON c.oid = a.attrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_attrdef f ON f.adrelid = a.attrelid AND f.adnum = a.attnum
LEFT JOIN pg_description d ON d.objoid = a.attrelid AND d.classoid = 'pg_class'::regclass AND d.objsubid = a.attnum
WHERE a.attnum > 0 AND NOT a.attisdropped AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
  AND n.nspname !~ '^pg_(toast_)?temp_' AND n.nspname <> 'pg_toast'
  AND ($1 OR NOT (n.nspname ~ '^pg_' OR n.nspname = 'information_schema'))
ORDER BY a.attrelid, a.attnum)";

constexpr const char *indexes_sql = R"(
SELECT x.indrelid, c.oid, c.relname, m.amname, pg_get_indexdef(c.oid),
       CASE WHEN c.relkind = 'i' THEN pg_relation_size(c.oid) END, pg_stat_get_numscans(c.oid),
       x.indisunique, x.indisprimary, x.indisvalid AND x.indisready, x.indkey
FROM pg_index x
JOIN pg_class c ON c.oid = x.indexrelid
JOIN pg_am m ON m.oid = c.relam
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname !~ '^pg_(toast_)?temp_' AND n.nspname <> 'pg_toast'
  AND ($1 OR NOT (n.nspname ~ '^pg_' OR n.nspname = 'information_schema'))
ORDER BY x.indrelid, c.relname)";

constexpr const char *constraints_sql = R"(
SELECT o.conrelid, o.conname, o.contype, pg_get_constraintdef(o.oid), o.convalidated, o.confrelid, o.conkey, o.confkey
FROM pg_constraint o
JOIN pg_namespace n ON n.oid = o.connamespace
WHERE o.conrelid <> 0 AND n.nspname !~ '^pg_(toast_)?temp_' AND n.nspname <> 'pg_toast'
  AND ($1 OR NOT (n.nspname ~ '^pg_' OR n.nspname = 'information_schema'))
ORDER BY o.conrelid, o.conname)";

constexpr const char *functions_sql = R"(
SELECT p.oid, n.nspname, p.proname, pg_get_function_arguments(p.oid), pg_get_function_result(p.oid), p.prokind, l.lanname, d.description
FROM pg_proc p
JOIN pg_namespace n ON n.oid = p.pronamespace
JOIN pg_language l ON l.oid = p.prolang
LEFT JOIN pg_description d ON d.objoid = p.oid AND d.classoid = 'pg_proc'::regclass
WHERE n.nspname !~ '^pg_(toast_)?temp_' AND n.nspname <> 'pg_toast'
  AND ($1 OR NOT (n.nspname ~ '^pg_' OR n.nspname = 'information_schema'))
  AND NOT EXISTS (SELECT FROM pg_depend e WHERE e.classid = 'pg_proc'::regclass AND e.objid = p.oid AND e.deptype = 'e')
ORDER BY n.nspname, p.proname, p.oid)";

constexpr const char *extensions_sql = R"(
SELECT e.extname, n.nspname, e.extversion FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace ORDER BY e.extname)";

constexpr const char *path_sql = "SELECT array_to_string(current_schemas(true), E'\\x01')";
constexpr const char *database_sql = "SELECT pg_database_size(current_database())";

class Reader
{
public:
    Reader(Connection &connection, const CatalogOptions &options) : connection_(connection), options_(options) {}

    Result<std::shared_ptr<const Catalog>> read()
    {
        const auto begin = std::chrono::steady_clock::now();
        const bool own_transaction = connection_.transaction() == TransactionState::Idle;
        if (own_transaction) {
            if (auto begun = connection_.query("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"); !begun)
                return tl::unexpected(begun.error());
        }
        const auto done = readAll();
        if (own_transaction && connection_.alive()) {
            const CancelShield shield(connection_.canceller());
            if (auto ended = connection_.query("COMMIT"); !ended && done)
                return tl::unexpected(ended.error());
        }
        if (!done)
            return tl::unexpected(done.error());
        catalog_->buildLookups();
        catalog_->read_ms = std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count();
        return std::shared_ptr<const Catalog>(catalog_);
    }

private:
    template <typename Take> Result<void> each(const char *sql, bool filtered, Take take)
    {
        std::vector<Parameter> parameters;
        if (filtered)
            parameters.emplace_back(options_.with_system_schemas ? "t" : "f");
        const auto outcome = connection_.query(sql, parameters);
        if (!outcome)
            return tl::unexpected(outcome.error());
        for (std::int64_t i = 0; i < outcome->result->rowCount(); ++i) {
            CatalogRow row(*outcome->result, i);
            take(row);
        }
        return {};
    }

    Result<void> readAll();
    Result<void> readParts();
    void takeName(CatalogRow &row);
    void takeRelation(CatalogRow &row);
    void takeColumn(CatalogRow &row);
    void takeIndex(CatalogRow &row);
    void takeConstraint(CatalogRow &row);
    void takeFunction(CatalogRow &row);

    /// Where a row that begins with a relation's OID belongs; the relation may have gone meanwhile.
    CatalogRelation *relation(CatalogRow &row)
    {
        const auto found = position_.find(row.number<std::uint32_t>());
        return found == position_.end() ? nullptr : &catalog_->relations[found->second];
    }

    Connection &connection_;
    CatalogOptions options_;
    std::shared_ptr<Catalog> catalog_ = std::make_shared<Catalog>();
    std::unordered_map<std::uint32_t, std::size_t> position_;
};

Result<void> Reader::readAll()
{
    auto done = each(schemas_sql, true, [&](CatalogRow &row) {
        CatalogSchema schema;
        schema.oid = row.number<std::uint32_t>();
        schema.name = row.text();
        schema.owner = row.text();
        schema.is_system = row.flag();
        catalog_->schemas.push_back(std::move(schema));
    });
    if (done && options_.names_only) {
        catalog_->names_only = true;
        done = each(names_sql, true, [&](CatalogRow &row) { takeName(row); });
    } else if (done) {
        done = readParts();
    }
    if (done)
        done = each(path_sql, false, [&](CatalogRow &row) { catalog_->search_path = row.texts(); });
    return done;
}

/// Everything about the schemas' objects.
Result<void> Reader::readParts()
{
    auto done = each(relations_sql, true, [&](CatalogRow &row) { takeRelation(row); });
    for (std::size_t i = 0; i < catalog_->relations.size(); ++i)
        position_.emplace(catalog_->relations[i].oid, i);
    if (done && options_.with_columns)
        done = each(columns_sql, true, [&](CatalogRow &row) { takeColumn(row); });
    if (done)
        done = each(indexes_sql, true, [&](CatalogRow &row) { takeIndex(row); });
    if (done)
        done = each(constraints_sql, true, [&](CatalogRow &row) { takeConstraint(row); });
    if (done && options_.with_functions)
        done = each(functions_sql, true, [&](CatalogRow &row) { takeFunction(row); });
    if (done)
        done = each(extensions_sql, false, [&](CatalogRow &row) {
            std::string name = row.text(), schema = row.text(), version = row.text();
            catalog_->extensions.push_back({std::move(name), std::move(schema), std::move(version)});
        });
    if (done)
        done = each(database_sql, false, [&](CatalogRow &row) { catalog_->database_bytes = row.number<std::int64_t>(); });
    if (done && options_.with_words) {
        auto words = readCatalogWords(connection_);
        if (!words)
            return tl::unexpected(words.error());
        catalog_->words = std::move(*words);
    }
    return done;
}

void Reader::takeName(CatalogRow &row)
{
    CatalogRelation relation;
    relation.oid = row.number<std::uint32_t>();
    relation.schema = row.text();
    relation.name = row.text();
    relation.kind = row.letter();
    relation.is_partition = row.flag();
    relation.parent_oid = row.number<std::uint32_t>();
    relation.estimated_rows = row.number<double>();
    catalog_->relations.push_back(std::move(relation));
}

void Reader::takeRelation(CatalogRow &row)
{
    CatalogRelation relation;
    relation.oid = row.number<std::uint32_t>();
    relation.schema = row.text();
    relation.name = row.text();
    relation.kind = row.letter();
    relation.is_partition = row.flag();
    relation.parent_oid = row.number<std::uint32_t>();
    relation.partition_bound = row.text();
    relation.partition_key = row.text();
    relation.size_bytes = row.number<std::int64_t>();
    relation.index_bytes = row.number<std::int64_t>();
    relation.estimated_rows = row.number<double>();
    relation.owner = row.text();
    relation.comment = row.text();
    relation.last_analyze = row.optionalText();
    relation.last_vacuum = row.optionalText();
    relation.modified_since_analyze = row.number<std::int64_t>();
    relation.live_tuples = row.number<std::int64_t>();
    relation.dead_tuples = row.number<std::int64_t>();
    // Before 14 an empty relation and one that was never analysed both have 0 tuples; without a page there is nothing
    // to tell, so only a relation with pages counts as unknown.
    if (connection_.facts().version_num < 140000 && relation.estimated_rows == 0 && relation.size_bytes > 0 && !relation.last_analyze)
        relation.estimated_rows = -1;
    catalog_->relations.push_back(std::move(relation));
}

void Reader::takeColumn(CatalogRow &row)
{
    CatalogRelation *owner = relation(row);
    if (owner == nullptr)
        return;
    CatalogColumn column;
    column.name = row.text();
    column.type = row.text();
    column.attnum = row.number<std::int16_t>();
    column.not_null = row.flag();
    column.is_identity = row.flag();
    column.is_generated = row.flag();
    column.default_expr = row.text();
    column.comment = row.text();
    owner->columns.push_back(std::move(column));
}

void Reader::takeIndex(CatalogRow &row)
{
    CatalogRelation *owner = relation(row);
    if (owner == nullptr)
        return;
    CatalogIndex index;
    index.oid = row.number<std::uint32_t>();
    index.name = row.text();
    index.access_method = row.text();
    index.definition = row.text();
    index.size_bytes = row.number<std::int64_t>();
    index.scans = row.number<std::int64_t>();
    index.is_unique = row.flag();
    index.is_primary = row.flag();
    index.is_valid = row.flag();
    index.key_columns = row.numbers();
    owner->indexes.push_back(std::move(index));
}

void Reader::takeConstraint(CatalogRow &row)
{
    CatalogRelation *owner = relation(row);
    if (owner == nullptr)
        return;
    CatalogConstraint constraint;
    constraint.name = row.text();
    constraint.type = row.letter();
    constraint.definition = row.text();
    constraint.validated = row.flag();
    constraint.referenced_oid = row.number<std::uint32_t>();
    constraint.columns = row.numbers();
    constraint.referenced_columns = row.numbers();
    owner->constraints.push_back(std::move(constraint));
}

void Reader::takeFunction(CatalogRow &row)
{
    CatalogFunction function;
    function.oid = row.number<std::uint32_t>();
    function.schema = row.text();
    function.name = row.text();
    function.arguments = row.text();
    function.result = row.text();
    function.kind = row.letter();
    function.language = row.text();
    function.comment = row.text();
    catalog_->functions.push_back(std::move(function));
}

/// Identifiers hold no NUL, so it keeps schema and name apart.
std::string lookupKey(std::string_view schema, std::string_view name)
{
    std::string key(schema);
    key += '\0';
    key += name;
    return key;
}

} // namespace

void Catalog::buildLookups()
{
    by_name_.clear();
    by_oid_.clear();
    for (std::size_t i = 0; i < relations.size(); ++i) {
        by_name_.emplace(lookupKey(relations[i].schema, relations[i].name), i);
        by_oid_.emplace(relations[i].oid, i);
    }
}

const CatalogRelation *Catalog::find(std::string_view schema, std::string_view name) const
{
    if (schema.empty()) {
        for (const std::string &candidate : search_path) {
            if (const CatalogRelation *found = candidate.empty() ? nullptr : find(candidate, name))
                return found;
        }
        return nullptr;
    }
    const auto found = by_name_.find(lookupKey(schema, name));
    return found == by_name_.end() ? nullptr : &relations[found->second];
}

const CatalogRelation *Catalog::find(std::uint32_t oid) const
{
    const auto found = by_oid_.find(oid);
    return found == by_oid_.end() ? nullptr : &relations[found->second];
}

Result<std::shared_ptr<const Catalog>> readCatalog(Connection &connection, const CatalogOptions &options)
{
    const CancelScope scope(connection.canceller());
    return Reader(connection, options).read();
}

Result<bool> isLargeCatalog(Connection &connection)
{
    // Rows of pg_attribute are what most of a snapshot is; by its size no row of it need be read.
    constexpr std::int64_t large_bytes = 8 * 1024 * 1024;
    const auto size = connection.query("SELECT pg_relation_size('pg_catalog.pg_attribute')");
    if (!size)
        return tl::unexpected(size.error());
    return CatalogRow(*size->result, 0).number<std::int64_t>() > large_bytes;
}

} // namespace howdah::pg
