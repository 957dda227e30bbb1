// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>

#include <fmt/format.h>

#include "core/migration/recipes/constraints.h"
#include "core/migration/recipes/indexes.h"
#include "core/migration/recipes/not_null.h"
#include "core/migration/recipes/parts.h"
#include "core/migration/recipes/text.h"
#include "core/sql/quote.h"

namespace howdah::migration::recipes {

namespace {

bool taken(const pg::CatalogRelation &table, const std::string &name)
{
    return std::any_of(table.constraints.begin(), table.constraints.end(), [&](const pg::CatalogConstraint &constraint) { return constraint.name == name; });
}

/// The clause from its first word on: "CHECK (…)" of "ADD CONSTRAINT k CHECK (…)".
std::string definitionOf(const Wish &wish)
{
    const auto words = wordsOf(wish.clause);
    std::size_t at = 1; // ADD
    if (at < words.size() && words[at].text == "constraint" && !words[at].quoted)
        at += 2;
    return at < words.size() ? wish.clause.substr(words[at].span.begin.value) : std::string();
}

bool endsNotValid(const std::string &definition)
{
    const auto words = wordsOf(definition);
    return words.size() > 2 && words[words.size() - 1].text == "valid" && words[words.size() - 2].text == "not";
}

} // namespace

std::string chosenName(const Ground &ground, const pg::CatalogRelation &table, const std::string &wanted, const std::vector<std::string> &columns, const std::string &label)
{
    if (!wanted.empty())
        return wanted;
    std::string middle;
    for (const std::string &column : columns)
        middle += (middle.empty() ? "" : "_") + column;
    std::string stem = table.name + (middle.empty() ? "" : "_" + middle);
    if (stem.size() + label.size() + 1 > 60)
        stem = objectName("k", {stem}).substr(0, 60 - label.size() - 1);
    std::string name = stem + "_" + label;
    for (int i = 1; taken(table, name) || ground.catalog.find(table.schema, name) != nullptr
         || std::any_of(ground.catalog.relations.begin(), ground.catalog.relations.end(), [&](const pg::CatalogRelation &other) {
                return other.schema == table.schema && std::any_of(other.indexes.begin(), other.indexes.end(), [&](const pg::CatalogIndex &index) { return index.name == name; });
            });
         ++i)
        name = stem + "_" + label + std::to_string(i);
    return name;
}

void checkSteps(Draft &draft, const std::string &table, const std::string &name, const std::string &definition, Phase begin)
{
    const std::string quoted = sql::quoteIdentifier(name);
    draft.add(begin, "Add the constraint " + quoted + " for new rows", fmt::format("ALTER TABLE {} ADD CONSTRAINT {} {}{}", table, quoted, definition, endsNotValid(definition) ? "" : " NOT VALID"),
              fmt::format("ALTER TABLE {} DROP CONSTRAINT IF EXISTS {}", table, quoted))
        .note = "Rows that are there are not looked at yet.";
    ChangeStep &validate = draft.patient(Phase::Validate, "Check the rows that are there against " + quoted, fmt::format("ALTER TABLE {} VALIDATE CONSTRAINT {}", table, quoted), "");
    validate.no_undo_reason = "Nothing to take back: the constraint goes with the step that added it";
}

Result<void> addCheck(const Ground &ground, const std::vector<const Wish *> &wishes, Draft &draft)
{
    const Wish &wish = *wishes.front();
    const Node constraint = wish.command.get("def");
    const std::string definition = definitionOf(wish);
    const auto words = wordsOf(definition);
    std::vector<std::string> columns;
    if (!words.empty() && words[0].text == "check") {
        columns = columnsOf(definition.substr(words[0].span.end.value));
        if (columns.size() != 1)
            columns.clear(); // as the server names it
    }
    checkSteps(draft, wish.on(), chosenName(ground, *wish.table, constraint.text("conname"), columns, "check"), definition, Phase::Expand);
    draft.why = "It is added NOT VALID, which is instant, and validated in a statement of its own while reads and writes go on";
    draft.deploy(Phase::Expand, "No version of the application that still writes rows which " + definition + " refuses");
    return {};
}

void foreignKeySteps(const Ground &ground, Draft &draft, const pg::CatalogRelation &table, const std::string &name, const std::vector<std::string> &columns, const std::string &definition)
{
    const std::string on = nameOf(table), quoted = sql::quoteIdentifier(name);
    if (ground.options.index_foreign_keys && !servesColumns(ground, table, columns) && table.kind != 'p') {
        std::string list;
        for (const std::string &column : columns)
            list += (list.empty() ? "" : ", ") + sql::quoteIdentifier(column);
        const std::string index = chosenName(ground, table, "", columns, "idx");
        draft.index(Phase::Expand, "Build an index on the referencing columns", fmt::format("CREATE INDEX CONCURRENTLY {} ON {} ({})", sql::quoteIdentifier(index), on, list), sql::quoteQualified(table.schema, index))
            .note = "Without it every delete and key update of the referenced table reads this one from end to end.";
    }
    if (table.kind != 'p' || ground.major >= 18) {
        checkSteps(draft, on, name, definition, Phase::Expand);
        return;
    }
    // Before 18 a partitioned table's key cannot be NOT VALID; with the same key valid on every leaf nothing is left to check.
    for (const pg::CatalogRelation *leaf : leavesOf(ground, table))
        checkSteps(draft, nameOf(*leaf), name, definition, Phase::Expand);
    draft.add(Phase::Switch, "Add the constraint " + quoted + " to the partitioned table", fmt::format("ALTER TABLE {} ADD CONSTRAINT {} {}", on, quoted, definition),
              fmt::format("ALTER TABLE {} DROP CONSTRAINT IF EXISTS {}", on, quoted))
        .note = "The partitions' constraints become its own; no row is read.";
}

Result<void> addForeignKey(const Ground &ground, const std::vector<const Wish *> &wishes, Draft &draft)
{
    const Wish &wish = *wishes.front();
    const Node constraint = wish.command.get("def");
    const auto columns = constraint.names("fk_attrs");
    foreignKeySteps(ground, draft, *wish.table, chosenName(ground, *wish.table, constraint.text("conname"), columns, "fkey"), columns, definitionOf(wish));
    draft.why = wish.table->kind == 'p' && ground.major < 18 ? "Each partition gets the constraint NOT VALID and has it validated; the partitioned table then takes them over without a scan"
                                                              : "It is added NOT VALID, which is instant, and validated in a statement of its own while reads and writes go on in both tables";
    return {};
}

bool servesColumns(const Ground &ground, const pg::CatalogRelation &table, const std::vector<std::string> &columns)
{
    for (const auto &[made_on, keys] : ground.built) {
        if (made_on == table.oid && keys.size() >= columns.size() && std::is_permutation(columns.begin(), columns.end(), keys.begin(), keys.begin() + static_cast<std::ptrdiff_t>(columns.size())))
            return true;
    }
    std::set<std::int16_t> wanted;
    for (const std::string &name : columns) {
        if (const pg::CatalogColumn *column = columnOf(table, name))
            wanted.insert(column->attnum);
    }
    return std::any_of(table.indexes.begin(), table.indexes.end(), [&](const pg::CatalogIndex &index) {
        if (!index.is_valid || index.key_columns.size() < wanted.size() || index.definition.find(" WHERE ") != std::string::npos)
            return false;
        return std::set<std::int16_t>(index.key_columns.begin(), index.key_columns.begin() + static_cast<std::ptrdiff_t>(wanted.size())) == wanted;
    });
}

void uniqueSteps(const Ground &ground, Draft &draft, const UniqueWanted &wanted, Phase begin)
{
    const pg::CatalogRelation &table = *wanted.table;
    const std::string on = nameOf(table), name = sql::quoteIdentifier(wanted.name), kind = wanted.primary ? "PRIMARY KEY" : "UNIQUE";
    if (table.kind == 'p') {
        draft.add(begin, "Add the constraint to the partitioned table alone", fmt::format("ALTER TABLE ONLY {} ADD CONSTRAINT {} {} {}", on, name, kind, wanted.definition),
                  fmt::format("ALTER TABLE {} DROP CONSTRAINT IF EXISTS {}", on, name))
            .note = "It stays invalid until every partition has its own.";
        for (const pg::CatalogRelation *leaf : leavesOf(ground, table)) {
            const std::string index = objectName("p", {leaf->name, wanted.name});
            draft.index(begin, "Build the unique index of " + nameOf(*leaf), fmt::format("CREATE UNIQUE INDEX CONCURRENTLY {} ON {} {}", sql::quoteIdentifier(index), nameOf(*leaf), wanted.index_tail), sql::quoteQualified(leaf->schema, index));
            draft.add(Phase::Switch, "Make it a constraint of " + nameOf(*leaf) + " and attach it",
                      fmt::format("ALTER TABLE {0} ADD CONSTRAINT {1} {2} USING INDEX {1};\nALTER INDEX {3} ATTACH PARTITION {4}", nameOf(*leaf), sql::quoteIdentifier(index), kind, sql::quoteQualified(table.schema, wanted.name),
                                  sql::quoteQualified(leaf->schema, index)), "")
                .no_undo_reason = "It goes with the partitioned table's constraint";
        }
        return;
    }
    draft.index(begin, "Build the unique index " + name, fmt::format("CREATE UNIQUE INDEX CONCURRENTLY {} ON {} {}", name, on, wanted.index_tail), sql::quoteQualified(table.schema, wanted.name))
        .note = "It fails when two rows are equal in these columns; nothing is left of it then.";
    draft.add(Phase::Switch, "Make the index the constraint " + name, fmt::format("ALTER TABLE {0} ADD CONSTRAINT {1} {2} USING INDEX {1}{3}", on, name, kind, wanted.deferrable),
              fmt::format("ALTER TABLE {} DROP CONSTRAINT IF EXISTS {}", on, name))
        .note = "The index is there already: only the catalog changes.";
}

UniqueWanted uniqueOf(const Node &constraint, const std::string &definition)
{
    UniqueWanted wanted;
    wanted.primary = constraint.text("contype") == "CONSTR_PRIMARY";
    wanted.columns = constraint.names("keys");
    // What follows UNIQUE or PRIMARY KEY, cut into the key, what belongs to the index and what to the constraint.
    const auto words = wordsOf(definition);
    std::string index, late;
    int depth = 0;
    std::string key, nulls;
    for (std::size_t at = 0; at < words.size(); ++at) {
        const std::string &text = words[at].text;
        const std::string raw(words[at].span.of(definition));
        if (depth == 0 && !words[at].quoted && (text == "deferrable" || text == "initially" || (text == "not" && at + 1 < words.size() && words[at + 1].text == "deferrable"))) {
            late = " " + definition.substr(words[at].span.begin.value);
            break;
        }
        if (depth == 0 && text == "nulls" && !words[at].quoted) {
            const bool distinct = at + 1 < words.size() && words[at + 1].text == "distinct";
            nulls = distinct ? " NULLS DISTINCT" : " NULLS NOT DISTINCT";
            at += distinct ? 1 : 2;
            continue;
        }
        if (depth == 0 && !words[at].quoted && (text == "unique" || text == "primary" || text == "key"))
            continue;
        if (depth == 0 && text == "using" && at + 2 < words.size() && words[at + 1].text == "index") {
            ++at; // USING INDEX TABLESPACE x
            continue;
        }
        depth += text == "(" && !words[at].is_name ? 1 : text == ")" && !words[at].is_name ? -1 : 0;
        index += (index.empty() || text == ")" || text == "," || index.back() == '(' ? "" : " ") + raw;
        if (depth == 0 && key.empty() && text == ")") {
            key = index;
            index.clear();
        }
    }
    wanted.deferrable = late;
    // INCLUDE (…), then NULLS …, then WITH (…), then TABLESPACE x
    std::string include;
    if (index.rfind("include", 0) == 0 || index.rfind("INCLUDE", 0) == 0) {
        const std::size_t end = index.find(')') + 1;
        include = " " + index.substr(0, end);
        index = trimmed(index.substr(end));
    }
    wanted.index_tail = key + include + nulls + (index.empty() ? "" : " " + index);
    wanted.definition = trimmed(nulls + " " + key + include + (index.empty() ? "" : " " + index) + late);
    return wanted;
}

Result<void> addUnique(const Ground &ground, const std::vector<const Wish *> &wishes, Draft &draft)
{
    const Wish &wish = *wishes.front();
    const Node constraint = wish.command.get("def");
    UniqueWanted wanted = uniqueOf(constraint, definitionOf(wish));
    wanted.table = wish.table;
    wanted.name = chosenName(ground, *wish.table, constraint.text("conname"), wanted.primary ? std::vector<std::string>() : wanted.columns, wanted.primary ? "pkey" : "key");
    if (wanted.primary) {
        for (const std::string &name : wanted.columns) {
            const pg::CatalogColumn *column = columnOf(*wish.table, name);
            if (column != nullptr && !column->not_null)
                notNullSteps(ground, draft, {wish.on(), wish.table->name, name, Phase::Expand, true, {}});
        }
    }
    uniqueSteps(ground, draft, wanted, Phase::Expand);
    draft.why = wanted.primary ? "The unique index is built concurrently and its columns become NOT NULL without a scan under a lock; the constraint then takes the index over"
                               : "The unique index is built concurrently; the constraint then takes it over, which is instant";
    return {};
}

Result<void> addExclusion(const Ground &, const std::vector<const Wish *> &wishes, Draft &draft)
{
    draft.approach = Approach::NoSafePath;
    draft.why = "An exclusion constraint can neither be added NOT VALID nor take over an index that is there; while its index is built, reads and writes wait";
    draft.notes.emplace_back("The only way without that wait is a new table with the constraint, filled in batches and kept in step by triggers, that takes the old one's place.");
    ChangeStep &step = draft.add(Phase::Expand, "Add the exclusion constraint", wishes.front()->sql, "");
    if (const std::string name = wishes.front()->command.get("def").text("conname"); !name.empty())
        step.undo_sql = fmt::format("ALTER TABLE {} DROP CONSTRAINT IF EXISTS {}", wishes.front()->on(), sql::quoteIdentifier(name));
    else
        step.no_undo_reason = "The constraint has no name of yours; drop it by the one that the server gave it";
    return {};
}

} // namespace howdah::migration::recipes
