// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/partition/live_slot.h"

#include <fmt/format.h>

#include "core/partition/steps.h"
#include "core/sql/quote.h"

namespace howdah::partition {

namespace {

constexpr int changes_at_once = 20'000;

std::string typeOf(const LiveCopy &copy, const std::string &column)
{
    for (const CopyColumn &one : copy.columns) {
        if (one.name == column)
            return one.type;
    }
    return "text";
}

std::string procedureName(const LiveCopy &copy)
{
    return "howdah." + copy.tag + "_read";
}

/// A piece for each column of the key, {n} its number from 1, {column} its name, {type} its type.
std::string each(const LiveCopy &copy, const char *pattern, const char *between = "")
{
    std::string text;
    const auto &key = copy.sources.front().key;
    for (std::size_t i = 0; i < key.size(); ++i)
        text += (i == 0 ? "" : between) + fmt::format(fmt::runtime(pattern), fmt::arg("n", i + 1), fmt::arg("column", key[i]), fmt::arg("literal", sql::quoteLiteral(key[i])), fmt::arg("type", typeOf(copy, key[i])));
    return text;
}

/// Messages of pgoutput, version 1: R names the columns of a relation; I, U and D have one or two rows, each column of
/// which is null, unchanged, or a length and a text; T is TRUNCATE.
std::string readProcedure(const LiveCopy &copy)
{
    const std::string parameters = each(copy, "keys{n}", ", "), columns = each(copy, "a{n}", ", ");
    std::string log_columns;
    for (std::size_t i = 0; i < copy.match.size(); ++i)
        log_columns += fmt::format("{}m{}", i == 0 ? "" : ", ", i + 1);
    return fmt::format(R"(CREATE OR REPLACE PROCEDURE {name}() LANGUAGE plpgsql AS $howdah$
DECLARE
    goal pg_lsn := pg_catalog.pg_current_wal_insert_lsn();
    flushed pg_lsn;
    last pg_lsn;
    change record;
    encoding name := pg_catalog.pg_client_encoding();
    d bytea; kind int; p int; part int; columns int; begins int; len int; called text; changes bigint;
{declarations}
BEGIN
    LOOP
        flushed := pg_catalog.pg_current_wal_flush_lsn();
        last := NULL; changes := 0;
        {empty}
        FOR change IN SELECT lsn, data FROM pg_catalog.pg_logical_slot_peek_binary_changes({slot}, NULL, {at_once}, 'proto_version', '1', 'publication_names', {slot}) LOOP
            changes := changes + 1; last := change.lsn; d := change.data; kind := get_byte(d, 0);
            IF kind = 82 THEN -- R: relid, schema, name, identity, then flags, name, type and modifier of each column
                p := 5;
                FOR part IN 1..2 LOOP
                    WHILE get_byte(d, p) <> 0 LOOP p := p + 1; END LOOP;
                    p := p + 1;
                END LOOP;
                columns := get_byte(d, p + 1) * 256 + get_byte(d, p + 2);
                p := p + 3;
                FOR i IN 1..columns LOOP
                    begins := p + 1; p := begins;
                    WHILE get_byte(d, p) <> 0 LOOP p := p + 1; END LOOP;
                    called := convert_from(substring(d FROM begins + 1 FOR p - begins), encoding);
                    {ordinals}
                    p := p + 9;
                END LOOP;
            ELSIF kind IN (73, 85, 68) THEN -- I, U, D: relid, then K or O and the old row, N and the new one
                p := 5;
                WHILE p < length(d) LOOP
                    {nulls}
                    columns := get_byte(d, p + 1) * 256 + get_byte(d, p + 2);
                    p := p + 3;
                    FOR i IN 1..columns LOOP
                        IF get_byte(d, p) IN (110, 117) THEN
                            p := p + 1;
                        ELSE
                            len := (get_byte(d, p + 1) << 24) | (get_byte(d, p + 2) << 16) | (get_byte(d, p + 3) << 8) | get_byte(d, p + 4);
                            {values}
                            p := p + 5 + len;
                        END IF;
                    END LOOP;
                    IF {any_null} THEN RAISE EXCEPTION 'a change in the slot has no key: REPLICA IDENTITY of the table was changed meanwhile'; END IF;
                    {append}
                END LOOP;
            ELSIF kind = 84 THEN
                TRUNCATE {target};
            END IF;
        END LOOP;
        IF keys1 <> '{{}}' THEN
            INSERT INTO {log} ({log_columns})
            SELECT {match_t} FROM (SELECT DISTINCT {casts} FROM unnest({parameters}) AS u({columns})) k JOIN {target} t ON {same_t}
            UNION SELECT {match_s} FROM (SELECT DISTINCT {casts} FROM unnest({parameters}) AS u({columns})) k JOIN {source} s ON {same_s};
        END IF;
        COMMIT; -- in the log first, then out of the slot
        IF changes < {at_once} THEN
            last := greatest(last, flushed);
        END IF;
        PERFORM pg_catalog.pg_replication_slot_advance({slot}, last);
        COMMIT;
        EXIT WHEN last >= goal; -- what is written from here on is the next reading's
        IF flushed < goal THEN PERFORM pg_catalog.pg_sleep(0.02); END IF;
    END LOOP;
END $howdah$;
)",
                       fmt::arg("name", procedureName(copy)), fmt::arg("slot", sql::quoteLiteral(slotName(copy))), fmt::arg("at_once", changes_at_once),
                       fmt::arg("declarations", each(copy, "    keys{n} text[]; value{n} text; ordinal{n} int;", "\n")), fmt::arg("empty", each(copy, "keys{n} := '{{}}';", " ")),
                       fmt::arg("ordinals", each(copy, "IF quote_ident(called) = {literal} THEN ordinal{n} := i; END IF;", " ")), fmt::arg("nulls", each(copy, "value{n} := NULL;", " ")),
                       fmt::arg("values", each(copy, "IF i = ordinal{n} THEN value{n} := convert_from(substring(d FROM p + 6 FOR len), encoding); END IF;", " ")),
                       fmt::arg("any_null", each(copy, "value{n} IS NULL", " OR ")), fmt::arg("append", each(copy, "keys{n} := array_append(keys{n}, value{n});", " ")),
                       fmt::arg("target", copy.target), fmt::arg("log", "howdah." + copy.tag + "_log"), fmt::arg("log_columns", log_columns), fmt::arg("match_t", commaList(copy.match, "t.")),
                       fmt::arg("match_s", commaList(copy.match, "s.")), fmt::arg("casts", each(copy, "a{n}::{type} AS k{n}", ", ")), fmt::arg("parameters", parameters), fmt::arg("columns", columns),
                       fmt::arg("same_t", each(copy, "t.{column} = k.k{n}", " AND ")), fmt::arg("same_s", each(copy, "s.{column} = k.k{n}", " AND ")), fmt::arg("source", copy.sources.front().table));
}

std::string dropSlot(const LiveCopy &copy)
{
    return fmt::format("SELECT pg_catalog.pg_drop_replication_slot(slot_name) FROM pg_catalog.pg_replication_slots WHERE slot_name = {}", sql::quoteLiteral(slotName(copy)));
}

} // namespace

std::string slotName(const LiveCopy &copy)
{
    return "howdah_" + copy.tag;
}

void addSlotSteps(std::vector<ChangeStep> &steps, const LiveCopy &copy)
{
    const std::string publication = sql::quoteIdentifier(slotName(copy));
    ChangeStep reader = undoable(step("Make the publication of " + copy.sources.front().table + " and what reads it",
                                      readProcedure(copy) + fmt::format("CREATE PUBLICATION {} FOR TABLE {};\n", publication, copy.sources.front().table), "SHARE UPDATE EXCLUSIVE"),
                                 fmt::format("DROP PUBLICATION IF EXISTS {};\nDROP PROCEDURE IF EXISTS {}();\n", publication, procedureName(copy)));
    reader.phase = Phase::Expand;
    reader.note = "Nobody subscribes to it: it says to the slot which table is meant.";
    steps.push_back(std::move(reader));
    ChangeStep slot = undoable(patient(step("Keep the write-ahead log from here on",
                                            fmt::format("SELECT pg_catalog.pg_create_logical_replication_slot({0}, 'pgoutput') WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_replication_slots WHERE slot_name = {0})",
                                                        sql::quoteLiteral(slotName(copy))))),
                               dropSlot(copy));
    slot.phase = Phase::Expand;
    slot.check_after = fmt::format("SELECT count(*) = 1 FROM pg_catalog.pg_replication_slots WHERE slot_name = {}", sql::quoteLiteral(slotName(copy)));
    slot.note = "Waits for transactions that are older than it. What the application writes is kept in the log until it has been read: while rows are copied the log grows.";
    steps.push_back(std::move(slot));
}

void addSlotReadStep(std::vector<ChangeStep> &steps, const LiveCopy &copy, Phase phase)
{
    ChangeStep read = patient(step("Read what was written meanwhile", fmt::format("CALL {}()", procedureName(copy))));
    read.in_transaction = false; // it commits what it has read, piece by piece
    read.phase = phase;
    read.note = "Keys of changed rows out of the slot, into the log of the synchronisation. Broken off, it goes on where it was.";
    read.no_undo_reason = "The log goes with the functions of the synchronisation.";
    steps.push_back(std::move(read));
}

void addSlotEndStep(std::vector<ChangeStep> &steps, const LiveCopy &copy, Phase phase)
{
    ChangeStep end = forGood(step("Drop the slot and its publication", fmt::format("DROP PUBLICATION IF EXISTS {};\nDROP PROCEDURE IF EXISTS {}();\n{}", sql::quoteIdentifier(slotName(copy)), procedureName(copy), dropSlot(copy))),
                             "Triggers keep step from here; nothing of it is needed for the way back.");
    end.phase = phase;
    end.note = "The log is kept for it no longer.";
    steps.push_back(std::move(end));
}

} // namespace howdah::partition
