// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/migration/recipes/sync.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "core/migration/recipes/text.h"
#include "core/sql/quote.h"

namespace howdah::migration::recipes {

std::string SyncTrigger::createFunction() const
{
    return fmt::format("CREATE FUNCTION {}() RETURNS trigger LANGUAGE plpgsql AS $howdah$\nBEGIN\n{}  RETURN NEW;\nEND\n$howdah$", function, body);
}

std::string SyncTrigger::createTrigger() const
{
    return fmt::format("CREATE TRIGGER {} BEFORE INSERT OR UPDATE ON {} FOR EACH ROW{} EXECUTE FUNCTION {}()", trigger, table, when.empty() ? "" : " WHEN (" + when + ")", function);
}

std::string SyncTrigger::dropTrigger(bool if_exists) const
{
    return fmt::format("DROP TRIGGER {}{} ON {}", if_exists ? "IF EXISTS " : "", trigger, table);
}

std::string SyncTrigger::dropFunction(bool if_exists) const
{
    return fmt::format("DROP FUNCTION {}{}()", if_exists ? "IF EXISTS " : "", function);
}

SyncTrigger syncTrigger(const pg::CatalogRelation &table, const TableParts &parts, std::string_view purpose, std::string_view column, std::string body)
{
    const std::string name = objectName(purpose, {table.name, column});
    // Triggers fire in the order of their names: a later one of the table's own could change the row behind our back.
    const std::string trigger = parts.late_triggers.empty() ? name : "~" + name.substr(0, 62);
    return {nameOf(table), sql::quoteQualified(table.schema, name), sql::quoteIdentifier(trigger), std::move(body), {}};
}

std::string ofNewRow(const std::string &expression)
{
    return withColumns(expression, [](const std::string &column) { return "NEW." + sql::quoteIdentifier(column); });
}

std::string differs(const std::string &value, const std::string &other, const std::string &type)
{
    std::string bare = type.substr(0, type.find_first_of("( ["));
    std::transform(bare.begin(), bare.end(), bare.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    static const std::vector<std::string> without_equality{"json", "xml", "point", "polygon", "box", "line", "lseg", "path", "circle"};
    const bool by_text = std::find(without_equality.begin(), without_equality.end(), bare) != without_equality.end();
    return by_text ? fmt::format("({})::text IS DISTINCT FROM ({})::text", value, other) : fmt::format("{} IS DISTINCT FROM {}", value, other);
}

std::string whenStale(const pg::CatalogRelation &table, const std::string &stale)
{
    if (stale.find("::text IS DISTINCT FROM") != std::string::npos) // as text it costs more than the function
        return {};
    for (const std::string &name : columnsOf(stale)) { // computed behind BEFORE triggers only
        const pg::CatalogColumn *column = columnOf(table, name);
        if (column != nullptr && column->is_generated)
            return {};
    }
    return ofNewRow(stale);
}

Comparison comparisonOf(const pg::CatalogRelation &table, const std::vector<std::string> &expected, const std::vector<std::string> &found, const std::string &differences)
{
    Comparison comparison;
    comparison.table = nameOf(table);
    comparison.key = walkKey(table);
    const auto figures = [&](const std::vector<std::string> &values) {
        std::string row;
        for (const std::vector<std::string> *part : {&std::as_const(comparison.key), &values}) {
            for (const std::string &value : *part)
                row += (row.empty() ? "" : ", ") + value;
        }
        return fmt::format("SELECT count(*), sum(hashtextextended(ROW({})::text, 0)) FROM {} WHERE {{range}}", row, comparison.table);
    };
    comparison.left_sql = figures(expected);
    comparison.right_sql = figures(found);
    std::string list;
    for (const std::string &column : comparison.key.empty() ? std::vector<std::string>{"ctid"} : comparison.key)
        list += column + ", ";
    for (std::size_t i = 0; i < expected.size(); ++i)
        list += fmt::format("{}{} AS expected_{}, {} AS found_{}", i == 0 ? "" : ", ", expected[i], i + 1, found[i], i + 1);
    comparison.differences_sql = fmt::format("SELECT {} FROM {} WHERE {{range}} AND ({})", list, comparison.table, differences);
    return comparison;
}

std::string triggerNote(const TableParts &parts)
{
    if (parts.update_triggers.empty())
        return {};
    std::string names;
    for (const std::string &name : parts.update_triggers)
        names += (names.empty() ? "" : ", ") + name;
    return fmt::format("The table's own triggers fire for each row that is filled: {}.", names);
}

void askSubscribers(Draft &draft, const pg::CatalogRelation &table, const TableParts &parts, const std::string &columns)
{
    if (parts.publications.empty())
        return;
    std::string names;
    for (const std::string &name : parts.publications)
        names += (names.empty() ? "" : ", ") + name;
    draft.deploy(Phase::Expand, fmt::format("Give {} the column {} on every subscriber of the publication {}, or replication of it stops", nameOf(table), columns, names));
}

namespace {

std::string body(const TwoWay &both)
{
    std::string given, changed, other, changed_old, forward, backward;
    for (const SyncedColumn &column : both.news) {
        const std::string name = sql::quoteIdentifier(column.name);
        given += (given.empty() ? "" : " AND ") + fmt::format("NEW.{} IS NULL", name);
        changed += (changed.empty() ? "" : " OR ") + differs("NEW." + name, "OLD." + name, column.type);
        other += (other.empty() ? "" : " OR ") + differs("NEW." + name, fmt::format("({})::{}", ofNewRow(column.expression), column.type), column.type);
        forward += fmt::format("    NEW.{} := {};\n", name, ofNewRow(column.expression));
    }
    for (const SyncedColumn &column : both.olds) {
        const std::string name = sql::quoteIdentifier(column.name);
        backward += fmt::format("    NEW.{} := {};\n", name, ofNewRow(column.expression));
        changed_old += (changed_old.empty() ? "" : " OR ") + differs("NEW." + name, "OLD." + name, column.type);
    }
    // Whoever writes the new columns knows them; everybody else means the old ones. What only follows from the old ones,
    // as the backfill writes it, changes nothing in them.
    return fmt::format("  IF TG_OP = 'INSERT' THEN\n    IF {} THEN\n  {}    ELSE\n  {}    END IF;\n  ELSIF ({}) AND ({}) THEN\n{}  ELSIF {} OR ({}) THEN\n{}  END IF;\n", given, forward, backward, changed, other, backward,
                       changed_old, given, forward);
}

} // namespace

SyncTrigger twoWaySteps(const Ground &, Draft &draft, const TableParts &parts, const TwoWay &both)
{
    const std::string table = nameOf(*both.table);
    std::string add, drop, names, set, stale, differences;
    std::vector<std::string> expected, found;
    for (const SyncedColumn &column : both.news) {
        const std::string name = sql::quoteIdentifier(column.name);
        add += fmt::format("{}ADD COLUMN {} {}", add.empty() ? "" : ", ", name, column.type);
        drop += fmt::format("{}DROP COLUMN IF EXISTS {}", drop.empty() ? "" : ", ", name);
        names += (names.empty() ? "" : ", ") + name;
        set += fmt::format("{}{} = {}", set.empty() ? "" : ", ", name, column.expression);
        const std::string typed = fmt::format("({})::{}", column.expression, column.type);
        stale += (stale.empty() ? "" : " OR ") + differs(name, typed, column.type);
        expected.push_back(typed);
        found.push_back(name);
    }
    std::string settings;
    for (const ColumnPart &column : parts.columns) {
        for (const std::string &grant : column.grants) {
            for (const SyncedColumn &fresh : both.news)
                settings += ";\n" + filled(grant, sql::quoteIdentifier(fresh.name));
        }
    }
    draft.add(Phase::Expand, "Add " + names, fmt::format("ALTER TABLE {} {}{}", table, add, settings), fmt::format("ALTER TABLE {} {}", table, drop)).note = "Nothing reads it yet.";
    SyncTrigger trigger = syncTrigger(*both.table, parts, both.purpose, both.olds.front().name, body(both));
    trigger.when = whenStale(*both.table, stale);
    draft.add(Phase::Expand, "Keep old and new in step", trigger.createFunction() + ";\n" + trigger.createTrigger(), trigger.dropTrigger(true) + ";\n" + trigger.dropFunction(true)).note =
        "On INSERT and on UPDATE, both ways: versions of the application that know only the old or only the new may run at the same time.";
    ChangeStep &fill = draft.add(Phase::Backfill, "Fill " + names + " of the rows that are there", "", "");
    fill.batches = BatchWork{table, walkKey(*both.table), fmt::format("UPDATE {} SET {} WHERE {{range}} AND ({})", table, set, stale), 1000, true};
    fill.no_undo_reason = "Nothing to take back: what was filled goes with the new columns";
    fill.note = triggerNote(parts);
    ChangeStep &compare = draft.patient(Phase::Validate, "Compare old and new", "", "");
    compare.comparison = comparisonOf(*both.table, expected, found, stale);
    compare.no_undo_reason = "Nothing to take back: it only reads";
    askSubscribers(draft, *both.table, parts, names);
    return trigger;
}

} // namespace howdah::migration::recipes
