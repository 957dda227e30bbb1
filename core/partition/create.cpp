// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/partition/create.h"

#include <fmt/format.h>

#include "core/ddl/reading.h"
#include "core/partition/iso_session.h"
#include "core/partition/live_copy.h"
#include "core/partition/steps.h"
#include "core/sql/quote.h"

namespace howdah::partition {

namespace {

struct Named {
    std::string schema, name;
};

/// The parts of a name as SQL has it.
Result<Named> nameParts(pg::Connection &connection, const std::string &table)
{
    const auto parts = ddl::records(connection, "SELECT array_length(p, 1), p[1], p[2], current_schema() FROM parse_ident($1) p", {table});
    if (!parts)
        return tl::unexpected(parts.error());
    const ddl::Record &row = parts->front();
    if (row[0] == "1")
        return Named{row[3], row[1]};
    if (row[0] == "2")
        return Named{row[1], row[2]};
    return fail(ErrorKind::Usage, "\"" + table + "\" is no name of a table");
}

Result<Key> keyOf(pg::Connection &connection, const CreateWish &wish, const std::string &probe)
{
    Key key;
    key.strategy = wish.by;
    for (const std::string &column : wish.key) {
        const auto found = ddl::records(connection, "SELECT attname, quote_ident(attname), format_type(atttypid, atttypmod), attnotnull FROM pg_catalog.pg_attribute WHERE attrelid = to_regclass($1) AND attname = $2 AND attnum > 0", {probe, column});
        if (!found)
            return tl::unexpected(found.error());
        if (found->empty())
            return fail(ErrorKind::Usage, "There is no column " + column + " to partition by");
        const ddl::Record &row = found->front();
        key.columns.push_back({row[0], row[1], row[2], {}, valueKindOf(row[2]), row.flag(3)});
    }
    std::vector<std::string> names;
    for (const KeyColumn &column : key.columns)
        names.push_back(column.expression);
    key.definition = fmt::format("{} ({})", wish.by == Strategy::Range ? "RANGE" : wish.by == Strategy::List ? "LIST" : "HASH", commaList(names));
    return key;
}

Result<std::vector<Bound>> boundsOf(pg::Connection &connection, const CreateWish &wish, const Key &key)
{
    std::vector<Bound> bounds;
    if (wish.by == Strategy::Hash) {
        if (wish.modulus < 1)
            return fail(ErrorKind::Usage, "A hash needs a number of partitions", "--modulus 16");
        for (int remainder = 0; remainder < wish.modulus; ++remainder) {
            Bound bound;
            bound.kind = Bound::Kind::Hash;
            bound.modulus = wish.modulus;
            bound.remainder = remainder;
            bounds.push_back(std::move(bound));
        }
        return bounds;
    }
    for (const std::vector<std::string> &values : wish.lists) {
        Bound bound;
        bound.kind = Bound::Kind::List;
        for (const std::string &value : values)
            bound.values.push_back(boundValue(value, key.columns.front().kind));
        bounds.push_back(std::move(bound));
    }
    if (wish.by == Strategy::Range && wish.interval) {
        const ValueKind kind = key.columns.front().kind;
        if (key.columns.size() != 1 || kind == ValueKind::Other)
            return fail(ErrorKind::Usage, "An interval wants one column with numbers or times");
        std::string from = wish.from;
        if (from.empty() && isTime(kind)) {
            const auto now = ddl::records(connection, "SELECT now()::text");
            if (!now)
                return tl::unexpected(now.error());
            from = now->front()[0];
        }
        Bound start;
        start.kind = Bound::Kind::Range;
        start.lower = {boundValue(from.empty() ? "0" : from, kind)};
        if (auto good = canonicalise(connection, key, start); !good)
            return tl::unexpected(good.error());
        auto lower = floorTo(start.lower.front(), kind, *wish.interval);
        for (int i = 0; i <= wish.ahead; ++i) {
            const auto upper = lower ? advance(*lower, kind, *wish.interval, 1) : std::nullopt;
            if (!upper)
                return fail(ErrorKind::Usage, "The interval does not fit the type of the key (" + key.columns.front().type + ")");
            Bound bound;
            bound.kind = Bound::Kind::Range;
            bound.lower = {*lower};
            bound.upper = {*upper};
            bounds.push_back(std::move(bound));
            lower = upper;
        }
    }
    if (wish.with_default)
        bounds.emplace_back();
    return bounds;
}

/// Runs the whole in a transaction that is rolled back.
Result<void> tryOut(pg::Connection &connection, const ChangeScript &script)
{
    const auto end = [&] {
        const pg::CancelShield shield(connection.canceller());
        static_cast<void>(connection.endTransaction(false));
    };
    if (auto begun = connection.query("BEGIN"); !begun)
        return tl::unexpected(begun.error());
    for (const ChangeStep &one : script.steps) {
        const auto outcome = connection.run(one.sql);
        if (outcome.error) {
            end();
            return tl::unexpected(*outcome.error);
        }
    }
    end();
    return {};
}

} // namespace

Result<ChangeScript> createPartitioned(pg::Connection &connection, const CreateWish &wish)
{
    if (wish.key.empty())
        return fail(ErrorKind::Usage, "Say by which column the table is to be partitioned", "--key created_at");
    if (wish.columns.empty() == wish.like.empty())
        return fail(ErrorKind::Usage, "Say the columns of the table, or a table that it is to be like", "--columns 'id bigint, created_at timestamptz NOT NULL', or --like events");
    const auto named = nameParts(connection, wish.table);
    if (!named)
        return tl::unexpected(named.error());
    const std::string table = sql::quoteQualified(named->schema, named->name);
    const std::string body = wish.like.empty() ? wish.columns : "LIKE " + wish.like + " INCLUDING ALL EXCLUDING INDEXES";
    ChangeScript script;
    script.title = "Make the partitioned table " + table;
    script.all_or_nothing = true;
    std::vector<Bound> bounds;
    Key key;
    {
        // The types of the key's columns: asked of a temporary table that is never seen.
        if (auto begun = connection.query("BEGIN"); !begun)
            return tl::unexpected(begun.error());
        static_cast<void>(connection.query("SET LOCAL DateStyle = 'ISO, YMD'"));
        Result<void> done;
        if (auto probe = connection.run("CREATE TEMPORARY TABLE howdah_probe (" + body + ")"); probe.error)
            done = tl::unexpected(*probe.error);
        if (done) {
            if (auto read = keyOf(connection, wish, "pg_temp.howdah_probe"))
                key = std::move(*read);
            else
                done = tl::unexpected(read.error());
        }
        if (done) {
            if (auto made = boundsOf(connection, wish, key))
                bounds = std::move(*made);
            else
                done = tl::unexpected(made.error());
        }
        static_cast<void>(connection.endTransaction(false));
        if (!done)
            return tl::unexpected(done.error());
    }
    script.steps.push_back(undoable(step("Make the table", fmt::format("CREATE TABLE {} ({}) PARTITION BY {}", table, body, key.definition)), "DROP TABLE " + table));
    for (const Bound &bound : bounds) {
        const std::string name = sql::quoteQualified(named->schema, freshPartitionName(named->name, key, bound));
        script.steps.push_back(undoable(step("Make its partition for " + boundWords(bound), fmt::format("CREATE TABLE {} PARTITION OF {} {}", name, table, bound.sql())), "DROP TABLE " + name));
    }
    if (auto good = tryOut(connection, script); !good)
        return tl::unexpected(good.error());
    return script;
}

} // namespace howdah::partition
