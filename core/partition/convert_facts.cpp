// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/partition/convert_facts.h"

#include <algorithm>

#include <fmt/format.h>

#include "core/ddl/ddl.h"
#include "core/ddl/reading.h"
#include "core/partition/conditions.h"
#include "core/partition/iso_session.h"
#include "core/sql/lexer.h"
#include "core/sql/quote.h"

namespace howdah::partition {

using ddl::Record;

namespace {

std::vector<std::string> splitNames(const std::string &text)
{
    std::vector<std::string> names;
    for (std::size_t begin = 0; begin < text.size();) {
        const std::size_t end = std::min(text.find('\x01', begin), text.size());
        names.push_back(text.substr(begin, end - begin));
        begin = end + 1;
    }
    return names;
}

/// SQL: the names of a table's columns by numbers, as splitNames() reads them.
std::string namesSql(const char *relation, const char *numbers)
{
    return fmt::format("array_to_string(ARRAY(SELECT quote_ident(a.attname) FROM unnest({1}) WITH ORDINALITY k(attnum, place) JOIN pg_catalog.pg_attribute a "
                       "ON a.attrelid = {0} AND a.attnum = k.attnum ORDER BY k.place), E'\\x01')", relation, numbers);
}

class OldTableReader
{
public:
    OldTableReader(pg::Connection &connection, const ConvertWish &wish) : connection_(connection), wish_(wish) { table_.server_major = connection.facts().major(); }

    Result<OldTable> read(std::uint32_t oid)
    {
        table_.oid = oid;
        oid_ = std::to_string(oid);
        {
            const IsoSession session(connection_);
            readRelation();
            readKeyColumn();
            readExtremes();
            readIndexes();
            readForeignKeys();
            readSequences();
            readDependants();
            readTriggers();
            readPublications();
            readColumnSettings();
        }
        readParts();
        if (error_)
            return tl::unexpected(*error_);
        return std::move(table_);
    }

private:
    std::vector<Record> rows(std::string_view sql)
    {
        return rows(sql, {oid_});
    }
    std::vector<Record> rows(std::string_view sql, const std::vector<pg::Parameter> &parameters)
    {
        if (error_)
            return {};
        auto found = ddl::records(connection_, sql, parameters);
        if (found)
            return std::move(*found);
        error_ = found.error();
        return {};
    }
    void give(Error error)
    {
        if (!error_)
            error_ = std::move(error);
    }
    void block(std::string text) { table_.blockers.push_back(std::move(text)); }
    void warn(std::string text) { table_.warnings.push_back(std::move(text)); }

    void readRelation();
    void readKeyColumn();
    void readExtremes();
    void readIndexes();
    void readForeignKeys();
    void readSequences();
    void readDependants();
    void readTriggers();
    void readPublications();
    void readColumnSettings();
    void readParts();
    [[nodiscard]] bool hasKey(const std::vector<std::string> &columns) const
    {
        return std::find(columns.begin(), columns.end(), table_.key.expression) != columns.end();
    }

    pg::Connection &connection_;
    const ConvertWish &wish_;
    OldTable table_;
    std::string oid_;
    std::vector<std::pair<std::uint32_t, std::string>> view_oids_;
    std::vector<std::uint32_t> sequence_oids_;
    std::optional<Error> error_;
};

void OldTableReader::readRelation()
{
    for (const Record &row : rows(fmt::format(R"(
SELECT n.nspname, c.relname, quote_ident(pg_get_userbyid(c.relowner)), format('%I.%I', n.nspname, c.relname), {}, (SELECT quote_ident(spcname) FROM pg_catalog.pg_tablespace s WHERE s.oid = c.reltablespace),
       c.relpersistence, c.relreplident, CASE WHEN c.reltuples > 0 AND c.relpages > 0 THEN round((c.reltuples / c.relpages * (pg_relation_size(c.oid) / current_setting('block_size')::int))::numeric) ELSE greatest(pg_stat_get_live_tuples(c.oid), 0) END, pg_table_size(c.oid), pg_indexes_size(c.oid), c.relispartition, c.reloftype <> 0,
       EXISTS (SELECT FROM pg_catalog.pg_inherits i WHERE i.inhrelid = c.oid OR i.inhparent = c.oid), c.relrowsecurity AND c.relforcerowsecurity,
       pg_has_role(c.relowner, 'USAGE'), (SELECT rolbypassrls OR rolsuper FROM pg_catalog.pg_roles WHERE rolname = current_user), current_setting('wal_level'), now()::text,
       (pg_stat_get_tuples_inserted(c.oid) + pg_stat_get_tuples_updated(c.oid) + pg_stat_get_tuples_deleted(c.oid))
         / greatest(extract(epoch FROM now() - greatest((SELECT stats_reset FROM pg_catalog.pg_stat_database WHERE datname = current_database()), pg_postmaster_start_time())), 1)::float8,
       CASE WHEN to_regnamespace('howdah') IS NULL THEN has_database_privilege(current_database(), 'CREATE') ELSE has_schema_privilege(to_regnamespace('howdah')::oid, 'CREATE') AND has_schema_privilege(to_regnamespace('howdah')::oid, 'USAGE') END, has_schema_privilege(n.oid, 'CREATE'), pg_is_in_recovery(),
       (SELECT rolreplication OR rolsuper FROM pg_catalog.pg_roles WHERE rolname = current_user), current_setting('max_replication_slots')::int - (SELECT count(*) FROM pg_catalog.pg_replication_slots)
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = $1::oid)", ddl::relationOptionsSql("c.reloptions")))) {
        table_.schema = row[0];
        table_.name = row[1];
        table_.owner = row[2];
        table_.sql_name = row[3];
        table_.options = row[4];
        table_.tablespace = row[5];
        table_.persistence = row.letter(6);
        table_.replica_identity = row.letter(7);
        table_.rows = row.number<double>(8);
        table_.heap_bytes = row.number<std::int64_t>(9);
        table_.index_bytes = row.number<std::int64_t>(10);
        table_.wal_level = row[17];
        table_.may_replicate = row.flag(23);
        table_.free_slots = row.number<int>(24);
        table_.now = row[18];
        table_.writes_per_second = row.number<double>(19);
        if (row.flag(11))
            block("It is a partition already: convert it where it is, by partitioning its parent anew.");
        if (row.flag(12))
            block("It is a typed table (CREATE TABLE … OF): a partitioned table cannot be one.");
        else if (row.flag(13) && !row.flag(11))
            block("It takes part in inheritance: partitions cannot. Detach it with ALTER TABLE … NO INHERIT first.");
        if (table_.persistence == 't')
            block("It is a temporary table of this session.");
        if (row.flag(14) && !row.flag(16))
            block("Row security is forced on it and this role is subject to it: rows would be missed. Use a role with BYPASSRLS.");
        if (!row.flag(15))
            block("This role is not the owner (" + table_.owner + ") nor a member of it.");
        if (!row.flag(20))
            block("This role may not make the log in the schema howdah: GRANT CREATE ON DATABASE, or where the schema is there GRANT CREATE, USAGE ON SCHEMA howdah.");
        if (!row.flag(21))
            block("This role may not create tables in the schema " + table_.schema + ".");
        if (row.flag(22))
            block("The server is a standby: it takes no changes.");
        if (table_.persistence == 'u')
            warn("It is UNLOGGED: the partitions will be too, the table above them cannot be.");
    }
}

void OldTableReader::readKeyColumn()
{
    const auto found = rows("SELECT attname, quote_ident(attname), format_type(atttypid, atttypmod), attnotnull, attgenerated <> '', (SELECT format('%I.%I', n.nspname, l.collname) "
                            "FROM pg_catalog.pg_collation l JOIN pg_catalog.pg_namespace n ON n.oid = l.collnamespace WHERE l.oid = attcollation) "
                            "FROM pg_catalog.pg_attribute WHERE attrelid = $1::oid AND attname = $2 AND attnum > 0 AND NOT attisdropped", {oid_, wish_.column});
    if (error_)
        return;
    if (found.empty())
        return give(fail(ErrorKind::Usage, fmt::format("{} has no column {}", table_.sql_name, wish_.column)).value());
    const Record &row = found.front();
    table_.key = {row[0], row[1], row[2], row[5], valueKindOf(row[2]), row.flag(3)};
    if (row.flag(4))
        block(row[0] + " is a generated column: PostgreSQL takes none as a partition key.");
    if (wish_.by == Strategy::Range && table_.key.kind == ValueKind::Other)
        give(fail(ErrorKind::Usage, fmt::format("{} is of type {}: there is no interval on it", row[0], row[2]), "Partition by list or hash, or by a column with numbers or times.").value());
    if (wish_.by == Strategy::Range && isTime(table_.key.kind) != (wish_.interval && wish_.interval->step == 0))
        give(fail(ErrorKind::Usage, fmt::format("The interval does not fit {} ({})", row[0], row[2]), isTime(table_.key.kind) ? "Say one like '1 month'." : "Say a number of values: 1000000.").value());
}

void OldTableReader::readExtremes()
{
    if (error_)
        return;
    const std::string &key = table_.key.expression;
    if (!table_.key.not_null) {
        for (const Record &row : rows(fmt::format("SELECT EXISTS (SELECT FROM {} WHERE {} IS NULL)", table_.sql_name, key), {}))
            table_.key_has_nulls = row.flag(0);
    }
    if (wish_.by != Strategy::Range)
        return;
    const std::string finite = isTime(table_.key.kind) ? fmt::format(" WHERE {0} > '-infinity' AND {0} < 'infinity'", key) : std::string();
    for (const Record &row : rows(fmt::format("SELECT (SELECT min({0})::text FROM {1}{2}), (SELECT max({0})::text FROM {1}{2})", key, table_.sql_name, finite), {})) {
        table_.lowest = row[0];
        table_.highest = row[1];
    }
    if (!isTime(table_.key.kind))
        return;
    for (const Record &row : rows(fmt::format("SELECT EXISTS (SELECT FROM {} WHERE {} = 'infinity')", table_.sql_name, key), {}))
        table_.has_infinity = row.flag(0);
}

void OldTableReader::readIndexes()
{
    for (const Record &row : rows(fmt::format(R"(
SELECT c.relname, pg_get_indexdef(x.indexrelid), o.conname, CASE WHEN o.condeferrable THEN ' DEFERRABLE' || CASE WHEN o.condeferred THEN ' INITIALLY DEFERRED' ELSE '' END ELSE '' END,
       x.indisunique, x.indisprimary, x.indimmediate, COALESCE(o.contype = 'x', false), x.indisvalid, x.indisreplident, x.indisclustered,
       {}, obj_description(c.oid, 'pg_class')
FROM pg_catalog.pg_index x JOIN pg_catalog.pg_class c ON c.oid = x.indexrelid
LEFT JOIN pg_catalog.pg_constraint o ON o.conindid = x.indexrelid AND o.conrelid = x.indrelid AND o.contype IN ('p', 'u', 'x')
WHERE x.indrelid = $1::oid ORDER BY x.indisprimary DESC, c.relname)", namesSql("x.indrelid", "(x.indkey::int2[])[0:x.indnkeyatts - 1]")))) {
        OldIndex index;
        index.name = row[0];
        index.tail = indexTail(row[1]);
        index.constraint = row[2];
        index.constraint_tail = row[3];
        index.unique = row.flag(4);
        index.primary = row.flag(5);
        index.immediate = row.flag(6);
        index.exclusion = row.flag(7);
        index.replica_identity = row.flag(9);
        index.clustered = row.flag(10);
        index.has_key = hasKey(splitNames(row[11]));
        index.comment = row[12];
        if (!row.flag(8)) {
            warn("The index " + index.name + " is invalid and is left behind.");
            continue;
        }
        if (index.exclusion && (table_.server_major < 17 || !index.has_key))
            block(fmt::format("The exclusion constraint {} cannot hold over partitions{}: drop it first.", index.constraint, table_.server_major < 17 ? " before PostgreSQL 17" : " unless it compares the partition key for equality"));
        if (index.unique && !index.immediate)
            block(fmt::format("{} is DEFERRABLE: the copy finds rows by keys that hold at once. Make it NOT DEFERRABLE first.", index.name));
        if (index.clustered)
            warn("CLUSTER ON " + index.name + " is not carried along: a partitioned table has none, its partitions may.");
        table_.indexes.push_back(std::move(index));
    }
}

void OldTableReader::readForeignKeys()
{
    for (const Record &row : rows(fmt::format(R"(
SELECT o.conname, replace(pg_get_constraintdef(o.oid), ' NOT VALID', ''), format('%I.%I', n.nspname, c.relname), {}, {}, o.confdeltype, o.confupdtype, o.convalidated,
       o.conrelid = o.confrelid, o.confrelid = $1::oid, c.relkind
FROM pg_catalog.pg_constraint o JOIN pg_catalog.pg_class c ON c.oid = o.conrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE o.contype = 'f' AND o.conparentid = 0 AND $1::oid IN (o.conrelid, o.confrelid) ORDER BY c.relname, o.conname)", namesSql("o.conrelid", "o.conkey"), namesSql("o.confrelid", "o.confkey")))) {
        OldForeignKey key;
        key.name = row[0];
        key.definition = row[1];
        key.child = row[2];
        key.columns = splitNames(row[3]);
        key.referenced = splitNames(row[4]);
        key.on_delete = row.letter(5);
        key.on_update = row.letter(6);
        key.self = row.flag(8);
        key.referenced_has_key = hasKey(key.referenced);
        key.validated = row.flag(7);
        if (!row.flag(9)) {
            if (!row.flag(7))
                warn("The foreign key " + key.name + " is not validated; on the partitioned table it will be, or the conversion stops there.");
            table_.outgoing.push_back(std::move(key));
            continue;
        }
        if (row[10] == "p")
            block(fmt::format("{} refers to it by {} and is partitioned itself: drop that foreign key first.", key.child, key.name));
        table_.incoming.push_back(std::move(key));
    }
}

void OldTableReader::readSequences()
{
    std::vector<std::uint32_t> oids;
    for (const Record &row : rows(R"(
SELECT quote_ident(a.attname), n.nspname, c.relname, d.deptype = 'i', a.attidentity = 'a',
       format('START WITH %s INCREMENT BY %s MINVALUE %s MAXVALUE %s CACHE %s%s', s.seqstart, s.seqincrement, s.seqmin, s.seqmax, s.seqcache, CASE WHEN s.seqcycle THEN ' CYCLE' ELSE '' END), c.oid
FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_class c ON c.oid = d.objid AND c.relkind = 'S' JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_sequence s ON s.seqrelid = c.oid JOIN pg_catalog.pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
WHERE d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass AND d.refobjid = $1::oid AND d.deptype IN ('a', 'i') ORDER BY a.attnum)")) {
        table_.sequences.push_back({row[0], row[1], row[2], row.flag(3), row.flag(4), row[5], {}});
        oids.push_back(row.number<std::uint32_t>(6));
    }
    sequence_oids_ = std::move(oids);
}

void OldTableReader::readDependants()
{
    for (const Record &row : rows(R"(
SELECT DISTINCT v.oid, v.relkind, format('%I.%I', n.nspname, v.relname), pg_has_role(v.relowner, 'USAGE')
FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_rewrite r ON r.oid = d.objid AND d.classid = 'pg_rewrite'::regclass JOIN pg_catalog.pg_class v ON v.oid = r.ev_class
JOIN pg_catalog.pg_namespace n ON n.oid = v.relnamespace
WHERE d.refclassid = 'pg_class'::regclass AND d.refobjid = $1::oid AND v.oid <> $1::oid ORDER BY 3)")) {
        if (row[1] == "v" && row.flag(3))
            view_oids_.emplace_back(row.number<std::uint32_t>(0), row[2]);
        else if (row[1] == "v")
            block("The view " + row[2] + " reads it and belongs to another role: it would go on reading the old table.");
        else if (row[1] == "m")
            block("The materialized view " + row[2] + " reads it and cannot be pointed elsewhere: drop it, and make it again afterwards.");
        else
            block("A rule of " + row[2] + " names it: it would go on naming the old table. Drop the rule, and make it again afterwards.");
    }
    for (const Record &row : rows(R"(
SELECT pg_describe_object(d.classid, d.objid, d.objsubid) FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_class c ON c.oid = $1::oid JOIN pg_catalog.pg_type t ON t.oid = c.reltype
WHERE d.refclassid = 'pg_type'::regclass AND d.refobjid IN (t.oid, t.typarray) AND d.deptype IN ('n', 'a') AND d.classid IN ('pg_proc'::regclass, 'pg_class'::regclass, 'pg_type'::regclass) ORDER BY 1 LIMIT 20)"))
        block(row[0] + " uses its row type, which stays with the old table: it must be dropped and made again.");
    for (const Record &row : rows(R"(
SELECT DISTINCT pg_describe_object(d.classid, d.objid, 0) FROM pg_catalog.pg_depend d WHERE d.refclassid = 'pg_class'::regclass AND d.refobjid = $1::oid AND d.classid = 'pg_proc'::regclass AND d.deptype = 'n' LIMIT 20)"))
        block(row[0] + " has a BEGIN ATOMIC body that names it: it would go on naming the old table.");
}

void OldTableReader::readTriggers()
{
    for (const Record &row : rows("SELECT quote_ident(tgname), tgenabled, tgtype & 1 = 1 AND (tgoldtable IS NOT NULL OR tgnewtable IS NOT NULL), tgname LIKE '!howdah%' "
                                  "FROM pg_catalog.pg_trigger WHERE tgrelid = $1::oid AND NOT tgisinternal ORDER BY tgname")) {
        if (row.flag(3)) {
            block("A conversion of this table is under way (its trigger " + row[0] + " is there): go on with it, or take it back.");
            continue;
        }
        if (row.flag(2))
            block("The trigger " + row[0] + " is FOR EACH ROW with a transition table, which a partitioned table does not allow.");
        table_.triggers.push_back({row[0], row.letter(1)});
    }
}

void OldTableReader::readPublications()
{
    const bool lists = table_.server_major >= 15;
    for (const Record &row : rows(fmt::format("SELECT quote_ident(p.pubname), {}, p.pubviaroot FROM pg_catalog.pg_publication_rel r JOIN pg_catalog.pg_publication p ON p.oid = r.prpubid WHERE r.prrelid = $1::oid ORDER BY 1",
                                              lists ? "COALESCE(' (' || (SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum) FROM pg_catalog.pg_attribute a WHERE a.attrelid = r.prrelid AND a.attnum = ANY (r.prattrs::int2[])) || ')', '') "
                                                      "|| COALESCE(' WHERE (' || pg_get_expr(r.prqual, r.prrelid) || ')', '')" : "''"))) {
        if (row[0].starts_with("howdah_sync_")) {
            block("A conversion of this table by logical replication is under way (its publication " + row[0] + " is there): go on with it, or take it back.");
            continue;
        }
        table_.publications.push_back({row[0], row[1], row.flag(2)});
        if (!row.flag(2))
            warn(fmt::format("The publication {} gets publish_via_partition_root, so that subscribers go on seeing one table.", row[0]));
    }
    for (const Record &row : rows("SELECT quote_ident(pubname) FROM pg_catalog.pg_publication WHERE puballtables", {}))
        block("The publication " + row[0] + " is FOR ALL TABLES: the new tables would be published while they are filled, and subscribers that lack them would stop.");
    if (table_.replica_identity == 'i')
        warn("REPLICA IDENTITY USING INDEX becomes the primary key of the partitioned table.");
}

void OldTableReader::readColumnSettings()
{
    for (const Record &row : rows("SELECT quote_ident(attname), CASE WHEN COALESCE(attstattarget, -1) >= 0 THEN attstattarget END, (SELECT string_agg(o, ', ') FROM unnest(attoptions) o WHERE o NOT LIKE 'pg\\_attver=%') "
                                  "FROM pg_catalog.pg_attribute WHERE attrelid = $1::oid AND attnum > 0 AND NOT attisdropped ORDER BY attnum")) {
        if (!row.isNull(1))
            table_.column_settings.push_back(fmt::format("ALTER COLUMN {} SET STATISTICS {}", row[0], row[1]));
        if (!row[2].empty())
            table_.column_settings.push_back(fmt::format("ALTER COLUMN {} SET ({})", row[0], row[2]));
    }
}

void OldTableReader::readParts()
{
    if (error_)
        return;
    auto copy = copyFacts(connection_, table_.oid);
    auto parts = copy ? ddl::tableParts(connection_, table_.oid) : tl::unexpected(copy.error());
    if (!parts)
        return give(parts.error());
    table_.copy = std::move(*copy);
    table_.parts = std::move(*parts);
    for (std::size_t i = 0; i < sequence_oids_.size(); ++i) {
        if (!table_.sequences[i].identity)
            continue;
        if (auto of = ddl::tableParts(connection_, sequence_oids_[i]))
            table_.sequences[i].privileges = std::move(of->privileges);
        else
            return give(of.error());
    }
    for (const auto &[oid, name] : view_oids_) {
        const auto made = ddl::ddlOf(connection_, {"pg_class", oid, "view", name});
        if (!made)
            return give(made.error());
        std::string sql = made->statements.empty() ? std::string() : made->statements.front();
        if (!sql.starts_with("CREATE VIEW"))
            return give(fail(ErrorKind::Unsupported, "The definition of the view " + name + " cannot be replaced").value());
        if (sql.ends_with(';'))
            sql.pop_back();
        table_.views.push_back({name, "CREATE OR REPLACE VIEW" + sql.substr(11)});
    }
}

} // namespace

std::string withKey(const std::string &tail, const std::string &key)
{
    sql::Lexer lexer(tail);
    sql::Token token;
    int depth = 0;
    while (lexer.next(token)) {
        const std::string_view piece = token.span.of(tail);
        depth += piece == "(" ? 1 : 0;
        if (piece == ")" && --depth == 0)
            return tail.substr(0, token.span.begin.value) + ", " + key + tail.substr(token.span.begin.value);
    }
    return tail;
}

Result<OldTable> readOldTable(pg::Connection &connection, const ConvertWish &wish)
{
    const auto found = ddl::records(connection, "SELECT c.oid, c.relkind, c.oid::regclass FROM pg_catalog.pg_class c WHERE c.oid = to_regclass($1)", {wish.table});
    if (!found)
        return tl::unexpected(found.error());
    if (found->empty())
        return fail(ErrorKind::Usage, "There is no table " + wish.table, "Name it with its schema when it is not in search_path.");
    const Record &row = found->front();
    if (row[1] == "p")
        return fail(ErrorKind::Usage, row[2] + " is partitioned already", "partition maintain changes it.");
    if (row[1] != "r")
        return fail(ErrorKind::Usage, row[2] + " is no table", "Only tables can be partitioned.");
    return OldTableReader(connection, wish).read(row.number<std::uint32_t>(0));
}

} // namespace howdah::partition
