// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/partition/live_copy.h"

#include <functional>

#include <fmt/format.h>

#include "core/ddl/reading.h"
#include "core/partition/steps.h"
#include "core/sql/quote.h"

namespace howdah::partition {

namespace {

// Of several AFTER triggers the first by name fires first: before one of the user's could change the row again.
constexpr const char *sync_trigger = "\"!howdah_sync\"";
constexpr const char *truncate_trigger = "\"!howdah_truncate\"";
constexpr const char *back_trigger = "\"!howdah_back\"";
constexpr const char *back_truncate_trigger = "\"!howdah_back_truncate\"";
constexpr const char *safety = "LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET row_security = off";

// IF NOT EXISTS asks for the right to make one even where it is there.
constexpr const char *make_schema = "DO $howdah$ BEGIN IF to_regnamespace('howdah') IS NULL THEN CREATE SCHEMA howdah; END IF; END $howdah$;\n";

std::string joined(const std::vector<std::string> &names, const char *between, const std::function<std::string(std::size_t, const std::string &)> &write)
{
    std::string text;
    for (std::size_t i = 0; i < names.size(); ++i)
        text += (i == 0 ? "" : between) + write(i, names[i]);
    return text;
}

/// "t.a = OLD.a AND t.b = OLD.b"
std::string same(const std::vector<std::string> &names, const std::string &left, const std::string &right)
{
    return joined(names, " AND ", [&](std::size_t, const std::string &name) { return left + "." + name + " = " + right + "." + name; });
}

/// The same against the log, whose columns are m1, m2 …
std::string sameAsLog(const std::vector<std::string> &names, const std::string &left)
{
    return joined(names, " AND ", [&](std::size_t i, const std::string &name) { return fmt::format("{}.{} = l.m{}", left, name, i + 1); });
}

std::vector<std::string> writable(const LiveCopy &copy)
{
    std::vector<std::string> names;
    for (const CopyColumn &column : copy.columns) {
        if (!column.generated)
            names.push_back(column.name);
    }
    return names;
}

std::string logName(const LiveCopy &copy)
{
    return "howdah." + copy.tag + "_log";
}

std::string note(const LiveCopy &copy, const char *row)
{
    std::string columns, values;
    for (std::size_t i = 0; i < copy.match.size(); ++i) {
        columns += fmt::format("{}m{}", i == 0 ? "" : ", ", i + 1);
        values += fmt::format("{}{}.{}", i == 0 ? "" : ", ", row, copy.match[i]);
    }
    return fmt::format("INSERT INTO {} ({}) VALUES ({});", logName(copy), columns, values);
}

/// The row as the source has it now. A trigger's NEW may be older than that: another trigger may have changed the row
/// in the same statement, and the events of that change come first.
std::string putFrom(const LiveCopy &copy, const std::string &source, const std::string &target, const char *row, bool on_conflict)
{
    const auto columns = writable(copy);
    return fmt::format("INSERT INTO {} ({}) OVERRIDING SYSTEM VALUE SELECT {} FROM {} s WHERE {}{};", target, commaList(columns), commaList(columns, "s."), source,
                       same(copy.match, "s", row), on_conflict ? " ON CONFLICT (" + commaList(copy.match) + ") DO NOTHING" : "");
}

std::string updateFrom(const LiveCopy &copy, const std::string &source, const std::string &target)
{
    return fmt::format("UPDATE {} t SET {} FROM {} s WHERE {} AND {};", target,
                       joined(writable(copy), ", ", [](std::size_t, const std::string &name) { return name + " = s." + name; }), source, same(copy.match, "s", "NEW"),
                       same(copy.match, "t", "OLD"));
}

/// `copying`: batches are under way, and one of them may have seen a row that is deleted now, whether or not the target had it
/// already (by an INSERT or a move since): so every row that goes is noted. Afterwards only what was not found is.
std::string triggerFunction(const LiveCopy &copy, const CopySource &source, std::size_t number, bool copying)
{
    const std::string unchanged = "(" + commaList(copy.match, "OLD.") + ") IS NOT DISTINCT FROM (" + commaList(copy.match, "NEW.") + ")";
    return fmt::format(R"(CREATE OR REPLACE FUNCTION howdah.{tag}_{number}() RETURNS trigger {safety} AS $howdah$
BEGIN
    IF TG_OP = 'INSERT' THEN
        {put}
        IF NOT FOUND THEN {note_new} END IF;
    ELSIF TG_OP = 'DELETE' THEN
        DELETE FROM {target} t WHERE {is_old};
        {note_gone}
    ELSIF {unchanged} THEN
        {update}
        IF NOT FOUND THEN {note_old} END IF;
    ELSE
        DELETE FROM {target} t WHERE {is_old};
        {note_gone}
        {put}
        IF NOT FOUND THEN {note_new} END IF;
    END IF;
    RETURN NULL;
END $howdah$;
)",
                       fmt::arg("tag", copy.tag), fmt::arg("number", number), fmt::arg("safety", safety), fmt::arg("target", copy.target),
                       fmt::arg("put", putFrom(copy, source.table, copy.target, "NEW", true)), fmt::arg("update", updateFrom(copy, source.table, copy.target)),
                       fmt::arg("is_old", same(copy.match, "t", "OLD")), fmt::arg("unchanged", unchanged), fmt::arg("note_old", note(copy, "OLD")),
                       fmt::arg("note_gone", copying ? note(copy, "OLD") : "IF NOT FOUND THEN " + note(copy, "OLD") + " END IF;"), fmt::arg("note_new", note(copy, "NEW")));
}

std::string truncateFunction(const LiveCopy &copy, const CopySource &source, std::size_t number)
{
    const std::string empty = source.belongs.empty() ? "TRUNCATE " + copy.target : fmt::format("DELETE FROM {} WHERE {}", copy.target, source.belongs);
    return fmt::format("CREATE OR REPLACE FUNCTION howdah.{}_{}_truncate() RETURNS trigger {} AS $howdah$\nBEGIN\n    {};\n    RETURN NULL;\nEND $howdah$;\n", copy.tag, number, safety, empty);
}

/// Works off one row of the log: false when somebody holds the row.
std::string applyFunction(const LiveCopy &copy)
{
    const auto columns = writable(copy);
    std::string hold, put;
    for (const CopySource &source : copy.sources) {
        const std::string match = sameAsLog(copy.match, "s");
        hold += fmt::format(R"(
    PERFORM 1 FROM {0} s WHERE {1} FOR SHARE SKIP LOCKED;
    IF NOT FOUND AND EXISTS (SELECT FROM {0} s WHERE {1}) THEN RETURN false; END IF;)", source.table, match);
        put += fmt::format("\n    INSERT INTO {} ({}) OVERRIDING SYSTEM VALUE SELECT {} FROM {} s WHERE {} ON CONFLICT ({}) DO NOTHING;", copy.target, commaList(columns),
                           commaList(columns, "s."), source.table, match, commaList(copy.match));
    }
    return fmt::format(R"(CREATE OR REPLACE FUNCTION howdah.{tag}_apply(l {log}) RETURNS boolean {safety} AS $howdah$
BEGIN{hold}
    DELETE FROM {target} t WHERE {match};{put}
    DELETE FROM {log} WHERE n = l.n;
    RETURN true;
END $howdah$;
REVOKE ALL ON FUNCTION howdah.{tag}_apply({log}) FROM PUBLIC;
)",
                       fmt::arg("tag", copy.tag), fmt::arg("log", logName(copy)), fmt::arg("safety", safety), fmt::arg("hold", hold), fmt::arg("target", copy.target),
                       fmt::arg("match", sameAsLog(copy.match, "t")), fmt::arg("put", put));
}

std::string createTriggers(const CopySource &source, const std::string &function, const char *row_trigger, const char *statement_trigger)
{
    return fmt::format("CREATE TRIGGER {0} AFTER INSERT OR UPDATE OR DELETE ON {1} FOR EACH ROW EXECUTE FUNCTION howdah.{2}();\n"
                       "ALTER TABLE {1} ENABLE ALWAYS TRIGGER {0};\n"
                       "CREATE TRIGGER {3} AFTER TRUNCATE ON {1} FOR EACH STATEMENT EXECUTE FUNCTION howdah.{2}_truncate();\n"
                       "ALTER TABLE {1} ENABLE ALWAYS TRIGGER {3};\n",
                       row_trigger, source.table, function, statement_trigger);
}

std::string dropTriggers(const std::string &table, const char *row_trigger, const char *statement_trigger)
{
    return fmt::format("DROP TRIGGER IF EXISTS {0} ON {1};\nDROP TRIGGER IF EXISTS {2} ON {1};\n", row_trigger, table, statement_trigger);
}

} // namespace

std::string commaList(const std::vector<std::string> &names, const std::string &prefix)
{
    return joined(names, ", ", [&](std::size_t, const std::string &name) { return prefix + name; });
}

Result<CopyFacts> copyFacts(pg::Connection &connection, std::uint32_t table)
{
    const std::string oid = std::to_string(table);
    const auto columns = ddl::records(connection, "SELECT quote_ident(attname), format_type(atttypid, atttypmod), attgenerated <> '', attnotnull FROM pg_catalog.pg_attribute "
                                                  "WHERE attrelid = $1::oid AND attnum > 0 AND NOT attisdropped ORDER BY attnum", {oid});
    if (!columns)
        return tl::unexpected(columns.error());
    CopyFacts facts;
    for (const ddl::Record &row : *columns)
        facts.columns.push_back({row[0], row[1], row.flag(2), row.flag(3)});
    const auto keys = ddl::records(connection, R"(
SELECT array_to_string(ARRAY(SELECT quote_ident(a.attname) FROM unnest(x.indkey::int2[]) WITH ORDINALITY k(attnum, place)
           JOIN pg_catalog.pg_attribute a ON a.attrelid = x.indrelid AND a.attnum = k.attnum WHERE k.place <= x.indnkeyatts ORDER BY k.place), E'\x01'), c.relname
FROM pg_catalog.pg_index x JOIN pg_catalog.pg_class c ON c.oid = x.indexrelid JOIN pg_catalog.pg_am m ON m.oid = c.relam AND m.amname = 'btree'
WHERE x.indrelid = $1::oid AND x.indisunique AND x.indimmediate AND x.indisvalid AND x.indpred IS NULL AND x.indexprs IS NULL
  AND NOT EXISTS (SELECT FROM unnest(x.indkey::int2[]) WITH ORDINALITY k(attnum, place) JOIN pg_catalog.pg_attribute a ON a.attrelid = x.indrelid AND a.attnum = k.attnum
                  WHERE k.place <= x.indnkeyatts AND NOT a.attnotnull)
ORDER BY x.indisprimary DESC, x.indnkeyatts, c.relname LIMIT 1)", {oid});
    if (!keys)
        return tl::unexpected(keys.error());
    for (const ddl::Record &row : *keys) {
        facts.key_index = row[1];
        const std::string &text = row[0];
        for (std::size_t begin = 0; begin <= text.size();) {
            const std::size_t end = std::min(text.find('\x01', begin), text.size());
            facts.key.push_back(text.substr(begin, end - begin));
            begin = end + 1;
        }
    }
    return facts;
}

void addSyncObjectSteps(std::vector<ChangeStep> &steps, const LiveCopy &copy, bool copying)
{
    std::string log = fmt::format("{}CREATE TABLE {} (n bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY", make_schema, logName(copy));
    for (std::size_t i = 0; i < copy.match.size(); ++i)
        log += fmt::format(", m{} {} NOT NULL", i + 1, copy.match_types[i]);
    log += ");\n" + applyFunction(copy);
    for (std::size_t i = 0; i < copy.sources.size(); ++i)
        log += triggerFunction(copy, copy.sources[i], i + 1, copying) + truncateFunction(copy, copy.sources[i], i + 1);
    ChangeStep objects = undoable(step("Make the log and the functions of the synchronisation", std::move(log)), dropSyncSql(copy));
    objects.phase = Phase::Expand;
    steps.push_back(std::move(objects));
}

void addSyncTriggerSteps(std::vector<ChangeStep> &steps, const LiveCopy &copy, Phase phase)
{
    for (std::size_t i = 0; i < copy.sources.size(); ++i) {
        const CopySource &source = copy.sources[i];
        ChangeStep triggers = undoable(step("Carry writes to " + source.table + " over from now on",
                                            createTriggers(source, fmt::format("{}_{}", copy.tag, i + 1), sync_trigger, truncate_trigger), "SHARE ROW EXCLUSIVE"),
                                       dropTriggers(source.table, sync_trigger, truncate_trigger));
        triggers.phase = phase;
        triggers.note = "From here each write to the table writes to the copy too, in the same transaction.";
        steps.push_back(std::move(triggers));
    }
}

void addSyncSteps(std::vector<ChangeStep> &steps, const LiveCopy &copy)
{
    addSyncObjectSteps(steps, copy, true);
    addSyncTriggerSteps(steps, copy, Phase::Expand);
}

void addBatchSteps(std::vector<ChangeStep> &steps, const LiveCopy &copy)
{
    const auto columns = writable(copy);
    for (const CopySource &source : copy.sources) {
        ChangeStep rows = step("Copy the rows of " + source.table, "");
        rows.phase = Phase::Backfill;
        migration::BatchWork work;
        work.table = source.table;
        work.key = source.key;
        // What a trigger has put there already is left out by looking at it once a batch; ON CONFLICT, a row at a time, takes half
        // as long again. A row that comes between looking and writing fails the batch, which is then made again.
        work.batch_sql = fmt::format("INSERT INTO {target} ({columns}) OVERRIDING SYSTEM VALUE SELECT {columns_s} FROM (SELECT * FROM {source} WHERE {{range}}) s "
                                     "WHERE NOT EXISTS (SELECT FROM (SELECT {match} FROM {target} WHERE {{range}}) t WHERE {same})",
                                     fmt::arg("target", copy.target), fmt::arg("columns", commaList(columns)), fmt::arg("columns_s", commaList(columns, "s.")), fmt::arg("source", source.table),
                                     fmt::arg("match", commaList(copy.match)), fmt::arg("same", same(copy.match, "t", "s")));
        work.first_rows = 5000;
        work.vacuum = false;
        rows.batches = std::move(work);
        rows.note = "Locks no row: writes go on.";
        rows.no_undo_reason = "The copy goes with the new table.";
        steps.push_back(std::move(rows));
    }
}

void addCopySteps(std::vector<ChangeStep> &steps, const LiveCopy &copy)
{
    addBatchSteps(steps, copy);
    std::string lean;
    for (std::size_t i = 0; i < copy.sources.size(); ++i)
        lean += triggerFunction(copy, copy.sources[i], i + 1, false);
    ChangeStep copied = forGood(step("Note only what writers do not find from now on", std::move(lean)), "It goes with the functions of the synchronisation.");
    copied.phase = Phase::Backfill;
    copied.note = "No batch is under way any more that could bring a deleted row back.";
    steps.push_back(std::move(copied));
    addLogStep(steps, copy, Phase::Backfill);
}

void addLogStep(std::vector<ChangeStep> &steps, const LiveCopy &copy, Phase phase)
{
    ChangeStep missed = step("Work off what writers could not carry over", "");
    missed.phase = phase;
    migration::BatchWork work;
    work.table = logName(copy);
    work.key = {"n"};
    work.batch_sql = fmt::format("SELECT howdah.{}_apply(l) FROM {} l WHERE {{range}}", copy.tag, logName(copy));
    work.first_rows = 500;
    missed.batches = std::move(work);
    missed.note = "Rows that were changed before they were copied: each is read anew under a row lock that lasts as long as its batch.";
    missed.no_undo_reason = "The copy goes with the new table.";
    steps.push_back(std::move(missed));
}

void addCompareSteps(std::vector<ChangeStep> &steps, const LiveCopy &copy)
{
    std::vector<std::string> names;
    for (const CopyColumn &column : copy.columns)
        names.push_back(column.name);
    const auto figures = [&](const std::string &table, const std::string &more) {
        // Rows that the log still has are not in step by intention; the switch settles them.
        const std::string logged = joined(copy.match, " AND ", [](std::size_t i, const std::string &name) { return fmt::format("l.m{} = r.{}", i + 1, name); });
        return fmt::format("SELECT count(*), coalesce(sum(hashtextextended(ROW({})::text, 0)::numeric), 0) FROM {} r WHERE {{range}}{} AND NOT EXISTS (SELECT FROM {} l WHERE {})",
                           commaList(names), table, more, logName(copy), logged);
    };
    for (const CopySource &source : copy.sources) {
        ChangeStep check = step("Compare " + source.table + " with its copy", "");
        check.phase = Phase::Validate;
        check.lock_policy = LockPolicy::Patient;
        migration::Comparison comparison;
        comparison.table = source.table;
        comparison.key = source.key;
        const std::string more = source.belongs.empty() ? "" : " AND (" + source.belongs + ")";
        comparison.left_sql = figures(source.table, "");
        comparison.right_sql = figures(copy.target, more);
        comparison.differences_sql = fmt::format("SELECT {}, CASE WHEN n.{} IS NULL THEN 'missing in the copy' WHEN o.{} IS NULL THEN 'only in the copy' ELSE 'differs' END "
                                                 "FROM (SELECT {} FROM {} WHERE {{range}}) o FULL JOIN (SELECT {} FROM {} WHERE {{range}}{}) n ON {} WHERE ROW({})::text IS DISTINCT FROM ROW({})::text",
                                                 joined(source.key, ", ", [](std::size_t, const std::string &name) { return fmt::format("coalesce(o.{0}, n.{0})", name); }), copy.match.front(),
                                                 copy.match.front(), commaList(names), source.table, commaList(names), copy.target, more, same(copy.match, "o", "n"), commaList(names, "o."), commaList(names, "n."));
        check.comparison = std::move(comparison);
        check.note = "Counts and hashes of each range, old and new read in one snapshot; writes go on.";
        check.no_undo_reason = "It changes nothing.";
        steps.push_back(std::move(check));
    }
}

std::string finishSyncSql(const LiveCopy &copy)
{
    std::string sql = fmt::format(R"(DO $howdah$
DECLARE l {log};
BEGIN
    FOR l IN SELECT * FROM {log} ORDER BY n LOOP
        PERFORM howdah.{tag}_apply(l);
    END LOOP;
    IF EXISTS (SELECT FROM {log}) THEN RAISE EXCEPTION 'the log of the synchronisation is not empty'; END IF;
END $howdah$;
)",
                                  fmt::arg("log", logName(copy)), fmt::arg("tag", copy.tag));
    for (const CopySource &source : copy.sources)
        sql += dropTriggers(source.table, sync_trigger, truncate_trigger);
    return sql;
}

std::string dropSyncSql(const LiveCopy &copy)
{
    std::string sql;
    for (std::size_t i = 0; i < copy.sources.size(); ++i)
        sql += fmt::format("DROP FUNCTION IF EXISTS howdah.{0}_{1}() CASCADE;\nDROP FUNCTION IF EXISTS howdah.{0}_{1}_truncate() CASCADE;\n", copy.tag, i + 1);
    // Its type is an argument of the function.
    return sql + fmt::format("DROP TABLE IF EXISTS {} CASCADE;\n", logName(copy));
}

std::string reverseSyncSql(const LiveCopy &copy, const std::string &from, const std::string &to)
{
    const CopySource &source = copy.sources.front();
    const auto columns = writable(copy);
    std::string sql = fmt::format(R"(CREATE OR REPLACE FUNCTION howdah.{tag}_back() RETURNS trigger {safety} AS $howdah$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        {update}
        IF FOUND THEN RETURN NULL; END IF;
    END IF;
    IF TG_OP <> 'INSERT' THEN
        DELETE FROM {to} t WHERE {is_old};
    END IF;
    IF TG_OP = 'UPDATE' THEN
        DELETE FROM {to} t WHERE {key_new};
    END IF;
    IF TG_OP <> 'DELETE' THEN
        {put}
        IF NOT FOUND THEN
            INSERT INTO {to} ({columns}) OVERRIDING SYSTEM VALUE SELECT {columns_s} FROM {from} s WHERE {key_s} LIMIT 1;
        END IF;
    END IF;
    RETURN NULL;
END $howdah$;
CREATE OR REPLACE FUNCTION howdah.{tag}_back_truncate() RETURNS trigger {safety} AS $howdah$
BEGIN
    TRUNCATE {to};
    RETURN NULL;
END $howdah$;
)",
                                  fmt::arg("tag", copy.tag), fmt::arg("safety", safety), fmt::arg("update", updateFrom(copy, from, to)), fmt::arg("to", to), fmt::arg("from", from),
                                  fmt::arg("is_old", same(copy.match, "t", "OLD")), fmt::arg("key_new", same(source.key, "t", "NEW")), fmt::arg("put", putFrom(copy, from, to, "NEW", false)),
                                  fmt::arg("columns", commaList(columns)), fmt::arg("columns_s", commaList(columns, "s.")), fmt::arg("key_s", same(source.key, "s", "NEW")));
    CopySource back;
    back.table = from;
    // A partition's copy of the trigger can be enabled only with the parent's; ALTER TABLE does both.
    sql += createTriggers(back, copy.tag + "_back", back_trigger, back_truncate_trigger);
    return sql;
}

std::string dropReverseSyncSql(const LiveCopy &copy, const std::string &from)
{
    return dropTriggers(from, back_trigger, back_truncate_trigger) +
        fmt::format("DROP FUNCTION IF EXISTS howdah.{0}_back();\nDROP FUNCTION IF EXISTS howdah.{0}_back_truncate();\n", copy.tag);
}

} // namespace howdah::partition
