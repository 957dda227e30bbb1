// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/migration/recipes/parts.h"

#include <algorithm>

#include <fmt/format.h>

#include "core/ddl/ddl.h"
#include "core/ddl/reading.h"
#include "core/sql/quote.h"

namespace howdah::migration::recipes {

namespace {

using ddl::Record;

constexpr const char *columns_sql = R"(
SELECT a.attnum, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, pg_get_expr(d.adbin, d.adrelid), a.attidentity, a.attgenerated,
       concat_ws(', ',
         CASE WHEN a.attstattarget >= 0 THEN 'ALTER COLUMN {{}} SET STATISTICS ' || a.attstattarget END,
         CASE WHEN a.attstorage <> t.typstorage THEN 'ALTER COLUMN {{}} SET STORAGE ' || CASE a.attstorage WHEN 'p' THEN 'PLAIN' WHEN 'e' THEN 'EXTERNAL' WHEN 'x' THEN 'EXTENDED' ELSE 'MAIN' END END,
         {}
         (SELECT 'ALTER COLUMN {{}} SET (' || string_agg(quote_ident(option_name) || ' = ' || quote_literal(option_value), ', ') || ')' FROM pg_options_to_table(a.attoptions) WHERE option_name IN ('n_distinct', 'n_distinct_inherited'))),
       col_description(a.attrelid, a.attnum),
       {}
FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
WHERE a.attrelid = $1::oid AND a.attnum = ANY ($2::int2[]) ORDER BY a.attnum)";

constexpr const char *grants_sql = R"(
SELECT a.attnum, format('GRANT %s ({{}}) ON %I.%I TO %s%s', x.privilege_type, n.nspname, c.relname,
       CASE WHEN x.grantee = 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(x.grantee)) END, CASE WHEN x.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END)
FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace, aclexplode(a.attacl) x
WHERE a.attrelid = $1::oid AND a.attnum = ANY ($2::int2[]))";

constexpr const char *indexes_sql = R"(
SELECT i.oid, n.nspname, i.relname, pg_get_indexdef(i.oid), x.indisunique, x.indisprimary, x.indisvalid AND x.indisready, o.conname, o.contype,
       CASE WHEN o.condeferred THEN ' DEFERRABLE INITIALLY DEFERRED' WHEN o.condeferrable THEN ' DEFERRABLE' ELSE '' END, x.indisreplident, x.indisclustered
FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_namespace n ON n.oid = i.relnamespace
LEFT JOIN pg_constraint o ON o.conindid = i.oid AND o.conrelid = x.indrelid AND o.contype IN ('p', 'u', 'x')
WHERE x.indrelid = $1::oid AND (x.indkey::int2[] && $2::int2[] OR EXISTS (SELECT FROM pg_depend d
      WHERE d.classid = 'pg_class'::regclass AND d.objid = i.oid AND d.refclassid = 'pg_class'::regclass AND d.refobjid = $1::oid AND d.refobjsubid = ANY ($2::int2[])))
ORDER BY i.relname)";

constexpr const char *constraints_sql = R"(
SELECT o.contype, o.conname, pg_get_constraintdef(o.oid), o.convalidated FROM pg_constraint o
WHERE o.conrelid = $1::oid AND o.contype IN ('c', 'f', 'x') AND o.conkey && $2::int2[] AND o.conparentid = 0 ORDER BY o.conname)";

constexpr const char *incoming_sql = R"(
SELECT format('%I.%I', n.nspname, c.relname), o.conname, pg_get_constraintdef(o.oid), c.oid = $1::oid, c.relkind = 'p', o.convalidated
FROM pg_constraint o JOIN pg_class c ON c.oid = o.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE o.confrelid = $1::oid AND o.contype = 'f' AND o.conparentid = 0 AND o.confkey && $2::int2[] ORDER BY c.oid::regclass::text, o.conname)";

/// Views that read the columns, and views on those: a view stands behind what it reads.
constexpr const char *views_sql = R"(
WITH RECURSIVE v(oid, depth, over_materialized) AS (
    SELECT r.ev_class, 1, c.relkind = 'm' FROM pg_depend d JOIN pg_rewrite r ON r.oid = d.objid JOIN pg_class c ON c.oid = r.ev_class
    WHERE d.classid = 'pg_rewrite'::regclass AND d.refclassid = 'pg_class'::regclass AND d.refobjid = $1::oid AND d.refobjsubid = ANY ($2::int2[]) AND r.ev_class <> $1::oid
  UNION
    SELECT r.ev_class, v.depth + 1, v.over_materialized OR c.relkind = 'm' FROM v JOIN pg_depend d ON d.refclassid = 'pg_class'::regclass AND d.refobjid = v.oid
    JOIN pg_rewrite r ON r.oid = d.objid AND d.classid = 'pg_rewrite'::regclass JOIN pg_class c ON c.oid = r.ev_class WHERE r.ev_class <> v.oid AND v.depth < 100)
SELECT v.oid, max(v.depth), bool_and(v.over_materialized), c.relkind = 'm', format('%I.%I', n.nspname, c.relname)
FROM v JOIN pg_class c ON c.oid = v.oid JOIN pg_namespace n ON n.oid = c.relnamespace GROUP BY v.oid, c.relkind, n.nspname, c.relname ORDER BY 2, 5)";

constexpr const char *others_sql = R"(
SELECT 'policy', 'pg_policy', p.oid, format('%I ON %I.%I', p.polname, n.nspname, c.relname)
FROM pg_depend d JOIN pg_policy p ON p.oid = d.objid JOIN pg_class c ON c.oid = p.polrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE d.classid = 'pg_policy'::regclass AND d.refclassid = 'pg_class'::regclass AND d.refobjid = $1::oid AND d.refobjsubid = ANY ($2::int2[])
UNION
SELECT 'trigger', 'pg_trigger', t.oid, format('%I ON %I.%I', t.tgname, n.nspname, c.relname)
FROM pg_depend d JOIN pg_trigger t ON t.oid = d.objid JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE d.classid = 'pg_trigger'::regclass AND d.refclassid = 'pg_class'::regclass AND d.refobjid = $1::oid AND d.refobjsubid = ANY ($2::int2[]) AND NOT t.tgisinternal AND t.tgparentid = 0
UNION
SELECT 'statistics', 'pg_statistic_ext', s.oid, format('%I.%I', n.nspname, s.stxname)
FROM pg_statistic_ext s JOIN pg_namespace n ON n.oid = s.stxnamespace
WHERE s.stxrelid = $1::oid AND EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_statistic_ext'::regclass AND d.objid = s.oid
      AND d.refclassid = 'pg_class'::regclass AND d.refobjid = $1::oid AND d.refobjsubid = ANY ($2::int2[]))
UNION
SELECT 'function', 'pg_proc', p.oid, p.oid::regprocedure::text
FROM pg_depend d JOIN pg_proc p ON p.oid = d.objid
WHERE d.classid = 'pg_proc'::regclass AND d.refclassid = 'pg_class'::regclass AND d.refobjid = $1::oid AND d.refobjsubid = ANY ($2::int2[])
ORDER BY 1, 4)";

constexpr const char *generated_sql = R"(
SELECT DISTINCT a.attname FROM pg_attrdef f JOIN pg_attribute a ON a.attrelid = f.adrelid AND a.attnum = f.adnum
JOIN pg_depend d ON d.refclassid = 'pg_class'::regclass AND d.refobjid = f.adrelid AND d.refobjsubid = ANY ($2::int2[])
 AND ((d.classid = 'pg_attrdef'::regclass AND d.objid = f.oid) OR (d.classid = 'pg_class'::regclass AND d.objid = f.adrelid AND d.objsubid = a.attnum))
WHERE f.adrelid = $1::oid AND a.attgenerated <> '' AND NOT a.attnum = ANY ($2::int2[]))";

constexpr const char *sequences_sql = R"(
SELECT format('%I.%I', n.nspname, c.relname), a.attname, format_type(s.seqtypid, NULL)
FROM pg_depend d JOIN pg_class c ON c.oid = d.objid AND c.relkind = 'S' JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_sequence s ON s.seqrelid = c.oid
JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
WHERE d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass AND d.refobjid = $1::oid AND d.refobjsubid = ANY ($2::int2[]) AND d.deptype IN ('a', 'i'))";

constexpr const char *triggers_sql = R"(
SELECT t.tgname, (t.tgtype & 2) <> 0 AND (t.tgtype & 1) <> 0 AND t.tgname > 'howdah_sync', (t.tgtype & 16) <> 0 AND t.tgattr = '' AND t.tgenabled <> 'D'
FROM pg_trigger t WHERE t.tgrelid = $1::oid AND NOT t.tgisinternal ORDER BY 1)";

constexpr const char *publications_sql = R"(
SELECT quote_ident(p.pubname) FROM pg_publication p WHERE p.puballtables OR EXISTS (SELECT FROM pg_publication_rel r WHERE r.prpubid = p.oid AND r.prrelid = $1::oid) ORDER BY 1)";

/// Publications that name columns or rows of the table: dropped from and added again.
constexpr const char *published_columns_sql = R"(
SELECT quote_ident(p.pubname), (SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum) FROM pg_attribute a WHERE a.attrelid = r.prrelid AND a.attnum = ANY (r.prattrs::int2[])),
       pg_get_expr(r.prqual, r.prrelid)
FROM pg_publication_rel r JOIN pg_publication p ON p.oid = r.prpubid
WHERE r.prrelid = $1::oid AND (r.prattrs::int2[] && $2::int2[] OR EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_publication_rel'::regclass AND d.objid = r.oid
      AND d.refclassid = 'pg_class'::regclass AND d.refobjid = $1::oid AND d.refobjsubid = ANY ($2::int2[]))) ORDER BY 1)";

class Asking
{
public:
    Asking(const Ground &ground, const pg::CatalogRelation &table, const std::vector<std::string> &columns) : ground_(ground), table_(table)
    {
        std::string numbers;
        for (const std::string &column : columns) {
            if (const pg::CatalogColumn *found = columnOf(table, column))
                numbers += (numbers.empty() ? "" : ",") + std::to_string(found->attnum);
        }
        parameters_ = {std::to_string(table.oid), "{" + numbers + "}"};
    }

    Result<TableParts> ask()
    {
        {
            const ddl::Snapshot snapshot(ground_.connection, true);
            if (snapshot.failure())
                return tl::unexpected(*snapshot.failure());
            columns();
            keys();
            others();
        }
        for (auto &[catalog, oid, dependant] : pending_)
            written(dependant, catalog, oid);
        if (error_)
            return tl::unexpected(*error_);
        return std::move(parts_);
    }

private:
    std::vector<Record> rows(const std::string &sql, bool with_columns = true)
    {
        if (error_)
            return {};
        auto parameters = parameters_;
        if (!with_columns)
            parameters.pop_back();
        auto found = ddl::records(ground_.connection, sql, parameters);
        if (!found) {
            error_ = found.error();
            return {};
        }
        return std::move(*found);
    }

    void columns()
    {
        const std::string compression = ground_.major >= 14 ? "CASE a.attcompression WHEN 'p' THEN 'ALTER COLUMN {} SET COMPRESSION pglz' WHEN 'l' THEN 'ALTER COLUMN {} SET COMPRESSION lz4' END," : "";
        const std::string named = ground_.major >= 18 ? "(SELECT o.conname FROM pg_constraint o WHERE o.conrelid = a.attrelid AND o.contype = 'n' AND o.conkey = ARRAY[a.attnum])" : "NULL";
        for (const Record &row : rows(fmt::format(columns_sql, compression, named)))
            parts_.columns.push_back({row.number<std::int16_t>(0), row[1], row[2], row.flag(3), row[9], row[4], row.letter(5), row.letter(6), row[7], row[8], {}});
        for (const Record &row : rows(filled(grants_sql))) {
            for (ColumnPart &column : parts_.columns) {
                if (column.attnum == row.number<std::int16_t>(0))
                    column.grants.push_back(row[1]);
            }
        }
        for (const Record &row : rows(generated_sql))
            parts_.generated.push_back(row[0]);
        for (const Record &row : rows(sequences_sql)) {
            parts_.sequences.push_back(row[0]);
            parts_.sequence_columns.push_back(row[1]);
            parts_.sequence_types.push_back(row[2]);
        }
    }

    /// The constant is written for fmt; here it is sent as it is.
    static std::string filled(const char *sql) { return fmt::format(fmt::runtime(sql)); }

    void keys()
    {
        for (const Record &row : rows(indexes_sql)) {
            parts_.indexes.push_back({row.number<std::uint32_t>(0), row[1], row[2], row[3], row.flag(4), row.flag(5), row.flag(6), row[7], row.letter(8), row[9], row.flag(10), row.flag(11)});
            if (row.letter(8) == 'x')
                parts_.exclusions.push_back(row[7]);
        }
        for (const Record &row : rows(constraints_sql)) {
            if (row[0] == "x")
                continue;
            (row[0] == "c" ? parts_.checks : parts_.foreign_keys).push_back({row[1], row[2], row.flag(3)});
        }
        for (const Record &row : rows(incoming_sql))
            parts_.incoming.push_back({row[0], row[1], row[2], row.flag(3), row.flag(4), row.flag(5)});
        for (const Record &row : rows("SELECT 1 FROM pg_inherits i JOIN pg_class c ON c.oid = $1::oid WHERE (i.inhparent = c.oid AND c.relkind = 'r') OR (i.inhrelid = c.oid) LIMIT 1", false))
            parts_.inherited = row[0] == "1";
    }

    void others()
    {
        for (const Record &row : rows(views_sql)) {
            Dependant view;
            view.materialized = row.flag(3);
            view.what = (view.materialized ? "materialized view " : "view ") + row[4];
            view.drop = fmt::format("DROP {} {}", view.materialized ? "MATERIALIZED VIEW" : "VIEW", row[4]);
            later("pg_class", row, 0, std::move(view), row.flag(2));
        }
        for (const Record &row : rows(others_sql)) {
            if (row[0] == "function") {
                parts_.functions.push_back(row[3]);
                continue;
            }
            Dependant other;
            other.what = row[0] + " " + row[3];
            other.drop = fmt::format("DROP {} {}", row[0] == "policy" ? "POLICY" : row[0] == "trigger" ? "TRIGGER" : "STATISTICS", row[3]);
            later(row[1], row, 2, std::move(other), false);
        }
        for (const Record &row : rows(triggers_sql, false)) {
            if (row.flag(1))
                parts_.late_triggers.push_back(row[0]);
            if (row.flag(2))
                parts_.update_triggers.push_back(row[0]);
        }
        for (const Record &row : rows(publications_sql, false))
            parts_.publications.push_back(row[0]);
        if (ground_.major < 15)
            return;
        for (const Record &row : rows(published_columns_sql)) {
            Dependant publication;
            const std::string table = nameOf(table_);
            publication.what = "publication " + row[0];
            publication.drop = fmt::format("ALTER PUBLICATION {} DROP TABLE {}", row[0], table);
            publication.create = {fmt::format("ALTER PUBLICATION {} ADD TABLE {}{}{};", row[0], table, row.isNull(1) ? "" : " (" + row[1] + ")", row.isNull(2) ? "" : " WHERE (" + row[2] + ")")};
            parts_.dependants.push_back(std::move(publication));
        }
    }

    void later(const std::string &catalog, const Record &row, std::size_t oid_column, Dependant dependant, bool on_materialized)
    {
        dependant.create.clear();
        pending_.emplace_back(catalog, row.number<std::uint32_t>(oid_column), std::move(dependant));
        on_materialized_.push_back(on_materialized);
    }

    void written(Dependant &dependant, const std::string &catalog, std::uint32_t oid)
    {
        if (error_)
            return;
        const bool apart = on_materialized_[written_++];
        ddl::DdlOptions options;
        auto object = ddl::objectAt(ground_.connection, catalog, oid);
        auto made = object ? ddl::ddlOf(ground_.connection, *object, options) : Result<ddl::Ddl>(tl::unexpected(object.error()));
        if (!made) {
            error_ = made.error();
            return;
        }
        dependant.create = made->statements;
        (apart ? parts_.materialized : parts_.dependants).push_back(std::move(dependant));
    }

    const Ground &ground_;
    const pg::CatalogRelation &table_;
    std::vector<pg::Parameter> parameters_;
    std::vector<std::tuple<std::string, std::uint32_t, Dependant>> pending_;
    std::vector<bool> on_materialized_;
    std::size_t written_ = 0;
    std::optional<Error> error_;
    TableParts parts_;
};

} // namespace

std::string IndexPart::sql() const
{
    return sql::quoteQualified(schema, name);
}

Result<TableParts> partsOf(const Ground &ground, const pg::CatalogRelation &table, const std::vector<std::string> &columns)
{
    return Asking(ground, table, columns).ask();
}

const pg::CatalogColumn *columnOf(const pg::CatalogRelation &table, std::string_view name)
{
    for (const pg::CatalogColumn &column : table.columns) {
        if (column.name == name)
            return &column;
    }
    return nullptr;
}

std::string nameOf(const pg::CatalogRelation &table)
{
    return sql::quoteQualified(table.schema, table.name);
}

std::vector<std::string> walkKey(const pg::CatalogRelation &table)
{
    const auto usable = [&](const pg::CatalogIndex &index) {
        if (!index.is_unique || !index.is_valid || index.access_method != "btree" || index.key_columns.empty() || index.definition.find(" WHERE ") != std::string::npos
            || index.definition.find(" INCLUDE ") != std::string::npos)
            return false;
        return std::all_of(index.key_columns.begin(), index.key_columns.end(), [&](std::int16_t number) {
            return std::any_of(table.columns.begin(), table.columns.end(), [&](const pg::CatalogColumn &column) { return column.attnum == number && column.not_null; });
        });
    };
    const pg::CatalogIndex *best = nullptr;
    for (const pg::CatalogIndex &index : table.indexes) {
        if (usable(index) && (best == nullptr || (index.is_primary && !best->is_primary)))
            best = &index;
    }
    std::vector<std::string> key;
    for (const std::int16_t number : best == nullptr ? std::vector<std::int16_t>() : best->key_columns) {
        for (const pg::CatalogColumn &column : table.columns) {
            if (column.attnum == number)
                key.push_back(sql::quoteIdentifier(column.name));
        }
    }
    return key;
}

std::vector<const pg::CatalogRelation *> leavesOf(const Ground &ground, const pg::CatalogRelation &table)
{
    std::vector<const pg::CatalogRelation *> leaves;
    for (const pg::CatalogRelation &relation : ground.catalog.relations) {
        if (!relation.is_partition || relation.parent_oid != table.oid)
            continue;
        if (relation.kind == 'p') {
            const auto below = leavesOf(ground, relation);
            leaves.insert(leaves.end(), below.begin(), below.end());
        } else {
            leaves.push_back(&relation);
        }
    }
    return leaves;
}

tl::unexpected<Error> refuse(std::string message, std::string hint, std::string sqlstate)
{
    Error error;
    error.kind = sqlstate.empty() ? ErrorKind::Unsupported : ErrorKind::Server;
    error.message = std::move(message);
    error.hint = std::move(hint);
    error.sqlstate = std::move(sqlstate);
    return tl::unexpected(std::move(error));
}

} // namespace howdah::migration::recipes
