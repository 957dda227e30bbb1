// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>

#include "core/migration/effects/analysis.h"
#include "core/migration/effects/expression.h"
#include "core/sql/quote.h"

namespace howdah::migration::effects {

namespace {

constexpr const char *drop_page = "https://www.postgresql.org/docs/current/sql-droptable.html";
constexpr const char *drop_index_page = "https://www.postgresql.org/docs/current/sql-dropindex.html";
constexpr const char *rename_page = "https://www.postgresql.org/docs/current/sql-altertable.html";
constexpr const char *rename_index_page = "https://www.postgresql.org/docs/current/sql-alterindex.html";
constexpr const char *locks_page = "https://www.postgresql.org/docs/current/explicit-locking.html";

constexpr Rule drop_rule{"drop", "the relation goes with its indexes; readers and writers are waited for", drop_page};
constexpr Rule drop_foreign{"drop-table-foreign-key", "foreign keys go too, and the tables at their other ends are locked", drop_page};
constexpr Rule drop_partition{"drop-partition", "the parent is locked against reads and writes", drop_page};
constexpr Rule drop_index{"drop-index", "the table of the index is locked against reads and writes", drop_index_page};
constexpr Rule drop_index_concurrently{"drop-index-concurrently", "reads and writes go on; old transactions are waited for, so give it no short lock_timeout", drop_index_page};
constexpr Rule drop_part{"drop-trigger-rule-policy", "its table is locked against reads and writes", locks_page};
constexpr Rule drop_sequence{"drop-sequence-default", "columns whose default draws from the sequence lose it, so their tables are locked", drop_page};
constexpr Rule drop_type{"drop-type-column", "columns of the type go with it, so their tables are locked", "https://www.postgresql.org/docs/current/sql-droptype.html"};
constexpr Rule drop_function{"drop-function-dependants", "what calls the function goes with it, so its tables are locked", "https://www.postgresql.org/docs/current/sql-dropfunction.html"};
constexpr Rule drop_statistics{"drop-statistics", "the catalog alone is changed, beside reads and writes", "https://www.postgresql.org/docs/current/sql-dropstatistics.html"};
constexpr Rule rename_rule{"rename", "the catalog alone is changed", rename_page};
constexpr Rule rename_index{"rename-index", "the catalog alone is changed, beside reads and writes", rename_index_page};
constexpr Rule schema_rule{"set-schema", "the catalog alone is changed", rename_page};

void dropIndex(Analysis &at, Relation &index, bool concurrent)
{
    at.because(concurrent ? drop_index_concurrently : drop_index, index.label());
    if (concurrent && index.kind == 'I') {
        at.error("cannot drop partitioned index \"" + index.name + "\" concurrently", "0A000");
        return;
    }
    if (index.table != nullptr) {
        if (Constraint *constraint = index.table->constraint(index.name); constraint != nullptr && constraint->type != 'c') {
            at.error("cannot drop index " + index.name + " because constraint " + index.name + " on table " + index.table->name + " requires it", "2BP01");
            return;
        }
    } else {
        at.note("The index's table is locked too; without a catalog it is not known.");
    }
    for (Relation *member : tree(index)) {
        at.lock(member, concurrent ? Lock::ShareUpdateExclusive : Lock::AccessExclusive);
        at.lock(member->table, concurrent ? Lock::ShareUpdateExclusive : Lock::AccessExclusive);
        at.schema.drop(*member);
    }
    at.note("Queries that used the index get slower.");
}

char kindOf(const std::string &type)
{
    return type == "OBJECT_INDEX" ? 'i' : type == "OBJECT_VIEW" ? 'v' : type == "OBJECT_MATVIEW" ? 'm' : type == "OBJECT_SEQUENCE" ? 'S' : 'r';
}

/// DROP TRIGGER, RULE, POLICY name ON table.
void dropPart(Analysis &at, const std::vector<std::string> &name, const std::string &type, bool missing_ok)
{
    if (name.size() < 2)
        return;
    Relation *table = at.relation(std::vector<std::string>(name.begin(), name.end() - 1), missing_ok);
    if (table == nullptr)
        return;
    at.because(drop_part, name.back());
    bool for_each_row = false;
    for (Relation *member : tree(*table)) {
        for (const Trigger &trigger : member->triggers)
            for_each_row = for_each_row || (trigger.name == name.back() && trigger.for_each_row);
    }
    for (Relation *member : type == "OBJECT_TRIGGER" && for_each_row && table->kind == 'p' ? tree(*table) : std::vector<Relation *>{table}) {
        at.lock(member, Lock::AccessExclusive);
        member->triggers.erase(std::remove_if(member->triggers.begin(), member->triggers.end(), [&](const Trigger &t) { return t.name == name.back(); }), member->triggers.end());
    }
    const char kind = type == "OBJECT_POLICY" ? 'p' : 't';
    for (Relation &read : at.schema.relations) {
        read.dependants.erase(std::remove_if(read.dependants.begin(), read.dependants.end(), [&](const Dependant &d) { return d.owner == table && d.kind == kind && d.name == name.back(); }),
                              read.dependants.end());
    }
}

/// '"t" is not a view': DROP names the kind.
bool refuseKind(Analysis &at, const Relation &relation, const std::string &type)
{
    struct Kind {
        const char *type, *kinds, *words;
    };
    static constexpr Kind kinds[] = {{"OBJECT_TABLE", "rp", "a table"}, {"OBJECT_VIEW", "v", "a view"}, {"OBJECT_MATVIEW", "m", "a materialized view"},
                                     {"OBJECT_SEQUENCE", "S", "a sequence"}, {"OBJECT_INDEX", "iI", "an index"}, {"OBJECT_FOREIGN_TABLE", "f", "a foreign table"}};
    for (const Kind &kind : kinds) {
        if (type != kind.type || !relation.known || std::string_view(kind.kinds).find(relation.kind) != std::string_view::npos)
            continue;
        const auto named = std::find_if(std::begin(kinds), std::end(kinds), [&](const Kind &own) { return std::string_view(own.kinds).find(relation.kind) != std::string_view::npos; });
        at.error("\"" + relation.name + "\" is not " + kind.words, "42809", named == std::end(kinds) ? "" : "It is " + std::string(named->words));
        return true;
    }
    return false;
}

/// Defaults that draw from a sequence: they go with it, or stand in its way.
void dropDefaults(Analysis &at, const Relation &sequence, bool cascade)
{
    for (Relation &table : at.schema.relations) {
        for (Column &column : table.columns) {
            const bool owned = std::find(table.sequences.begin(), table.sequences.end(), &sequence) != table.sequences.end() && sequence.owner_column == column.name;
            if (!table.alive || table.kind == 'v' || (!(owned && column.identity) && !drawsFrom(column.expression, sequence)))
                continue;
            if (column.identity) {
                at.error("cannot drop sequence " + sequence.name + " because column " + column.name + " of table " + table.name + " requires it", "2BP01",
                         "You can drop column " + column.name + " of table " + table.name + " instead.");
                return;
            }
            if (!cascade) {
                at.error("cannot drop sequence " + sequence.name + " because other objects depend on it", "2BP01", "It is the default of " + table.label() + "." + column.name);
                return;
            }
            at.because(drop_sequence, table.label() + "." + column.name, Lock::AccessExclusive);
            at.lock(&table, Lock::AccessExclusive);
            at.breaks("INSERTs into " + table.label() + " that leave out " + column.name + " get no number");
            column.expression.clear();
        }
    }
}

/// DROP TYPE and DROP DOMAIN with CASCADE drop the columns that have the type.
void dropType(Analysis &at, const std::vector<std::string> &name, bool cascade)
{
    if (name.empty() || !at.schema.connected())
        return;
    const std::string bare = sql::quoteIdentifier(name.back());
    const auto is = [&](std::string_view type) {
        if (type.size() > 2 && type.substr(type.size() - 2) == "[]")
            type.remove_suffix(2);
        if (name.size() > 1)
            return type == sql::quoteQualified(name[name.size() - 2], name.back()) || type == bare;
        return type == bare || (type.size() > bare.size() + 1 && type.substr(type.size() - bare.size() - 1) == "." + bare);
    };
    for (Relation &table : at.schema.relations) {
        for (const Column &column : std::vector<Column>(table.columns)) {
            if (!table.alive || at.failed || !is(column.type))
                continue;
            if (!cascade) {
                at.error("cannot drop type " + name.back() + " because other objects depend on it", "2BP01", "It is the type of " + table.label() + "." + column.name);
                return;
            }
            at.because(drop_type, table.label() + "." + column.name, Lock::AccessExclusive);
            at.lock(&table, Lock::AccessExclusive);
            dropColumn(at, table, column.name, true, true);
        }
    }
}

void dropStatistics(Analysis &at, const std::vector<std::string> &name, bool missing_ok)
{
    if (name.empty())
        return;
    auto &all = at.schema.statistics;
    const auto found = std::find_if(all.begin(), all.end(), [&](const Statistics &each) { return each.name == name.back() && (name.size() == 1 || each.schema == name[name.size() - 2]); });
    if (found == all.end()) {
        if (at.schema.connected() && at.schema.facts != nullptr && !missing_ok)
            at.error("statistics object \"" + name.back() + "\" does not exist", "42704");
        return;
    }
    at.because(drop_statistics, name.back(), Lock::ShareUpdateExclusive);
    at.lock(found->table, Lock::ShareUpdateExclusive);
    all.erase(found);
}

/// Triggers, views, defaults, constraints and indexes that call it stand in the way, or go with it.
void dropFunction(Analysis &at, const std::string &name, bool cascade, bool missing_ok)
{
    if (at.schema.facts->functions.count(name) + at.schema.functions.count(name) == 0) {
        if (!missing_ok)
            at.error("function " + name + "() does not exist", "42883");
        return;
    }
    for (const SchemaFacts::RoutineUse &use : at.schema.facts->routine_uses) {
        Relation *relation = use.routine == name ? at.schema.byOid(use.relation) : nullptr;
        if (relation == nullptr || !relation->alive || at.failed)
            continue;
        if (!cascade) {
            at.error("cannot drop function " + name + "() because other objects depend on it", "2BP01", "It is used by " + relation->label());
            return;
        }
        at.because(drop_function, use.name.empty() ? relation->label() : use.name, Lock::AccessExclusive);
        if (use.kind == 't') {
            dropPart(at, {relation->schema, relation->name, use.name}, "OBJECT_TRIGGER", true);
        } else if (use.kind == 'v') {
            dropRelation(at, *relation, true);
        } else if (use.kind == 'i') {
            dropIndex(at, *relation, false);
        } else {
            at.lock(relation, Lock::AccessExclusive);
            if (use.kind == 'c')
                dropConstraint(at, *relation, use.name, true, true);
        }
    }
}

void dropPublication(Analysis &at, const std::string &name, bool missing_ok)
{
    if (at.schema.publications.erase(name) > 0) {
        at.breaks("Subscribers of the publication " + name + " stop");
        for (Relation &relation : at.schema.relations) {
            auto &all = relation.dependants;
            all.erase(std::remove_if(all.begin(), all.end(), [&](const Dependant &one) { return (one.kind == 'l' || one.kind == 'w') && one.name == name; }), all.end());
        }
    } else if (at.schema.connected() && at.schema.facts != nullptr && !missing_ok) {
        at.error("publication \"" + name + "\" does not exist", "42704");
    }
}

} // namespace

void dropRelation(Analysis &at, Relation &relation, bool cascade)
{
    if (!relation.alive || at.failed)
        return;
    at.because(drop_rule, relation.label());
    at.breaks("Code that names " + relation.label() + " fails");
    for (const std::string &publication : at.schema.publicationsOf(relation))
        at.breaks("Subscribers of the publication " + publication + " get no more changes of " + relation.label());
    if (relation.kind == 'S')
        dropDefaults(at, relation, cascade);
    const auto members = tree(relation);
    for (const Relation *child : relation.children) {
        if (!cascade && !child->is_partition && !relation.isIndex()) {
            at.error("cannot drop table " + relation.name + " because other objects depend on it", "2BP01", "It is table " + child->label() + ", which inherits from it");
            return;
        }
    }
    for (Relation *parent : relation.parents) {
        if (!relation.is_partition)
            continue; // an inheritor goes without its parent being locked
        at.because(drop_partition, parent->label());
        at.lock(parent, Lock::AccessExclusive);
        for (Relation *other : defaultsOf(*parent))
            at.lock(other, Lock::AccessExclusive);
    }
    for (Relation *member : members) {
        for (const Dependant &dependant : std::vector<Dependant>(member->dependants)) {
            if (dependant.kind != 'v' || !dependant.owner->alive || dependant.owner == &relation)
                continue;
            if (!cascade) {
                at.error("cannot drop " + relation.name + " because other objects depend on it", "2BP01", "It is view " + dependant.owner->label());
                return;
            }
            dropRelation(at, *dependant.owner, true);
        }
        for (Relation &other : at.schema.relations) {
            for (const Constraint &key : std::vector<Constraint>(other.constraints)) {
                const bool inside = std::find(members.begin(), members.end(), &other) != members.end();
                if (!other.alive || inside || key.type != 'f' || key.referenced != member)
                    continue;
                if (!cascade) {
                    at.error("cannot drop table " + relation.name + " because other objects depend on it", "2BP01", "It is constraint " + key.name + " of " + other.label());
                    return;
                }
                at.because(drop_foreign, key.name);
                at.lock(&other, Lock::AccessExclusive);
                other.constraints.erase(std::remove_if(other.constraints.begin(), other.constraints.end(), [&](const Constraint &c) { return c.name == key.name; }), other.constraints.end());
            }
        }
    }
    for (Relation *member : members) {
        at.lock(member, Lock::AccessExclusive);
        at.lockIndexes(*member, Lock::AccessExclusive);
        for (const Constraint &key : member->constraints) {
            // a key that a partition has from its parent owns no triggers on the referenced table
            const bool inherited = member->is_partition && std::any_of(member->parents.begin(), member->parents.end(), [&](const Relation *parent) {
                return std::any_of(parent->constraints.begin(), parent->constraints.end(), [&](const Constraint &own) { return own.type == 'f' && own.referenced == key.referenced && own.columns == key.columns; });
            });
            if (key.type != 'f' || key.referenced == nullptr || inherited)
                continue;
            at.because(drop_foreign, key.name);
            for (Relation *end : tree(*key.referenced))
                at.lock(end, Lock::AccessExclusive);
        }
        for (Relation *sequence : std::vector<Relation *>(member->sequences)) {
            at.lock(sequence, Lock::AccessExclusive);
            at.schema.drop(*sequence);
        }
        for (Relation *index : std::vector<Relation *>(member->indexes))
            at.schema.drop(*index);
        at.schema.drop(*member);
    }
}

Relation &renameRelation(Analysis &at, Relation &relation, const std::string &to)
{
    // The old name's entry stays: locks of this statement are told under it. A copy takes over.
    Relation &renamed = at.schema.add(relation.schema, to, relation.kind);
    const std::string name = renamed.name;
    renamed = relation;
    renamed.name = name;
    relation.alive = false;
    for (Relation *index : renamed.indexes)
        index->table = &renamed;
    const auto swap = [&](std::vector<Relation *> &list) { std::replace(list.begin(), list.end(), &relation, &renamed); };
    for (auto &[name_of, publication] : at.schema.publications)
        swap(publication.tables);
    for (Relation &other : at.schema.relations) {
        for (auto *list : {&other.indexes, &other.sequences, &other.children, &other.parents, &other.reads})
            swap(*list);
        for (Constraint &constraint : other.constraints) {
            if (constraint.referenced == &relation)
                constraint.referenced = &renamed;
        }
        for (Dependant &dependant : other.dependants) {
            if (dependant.owner == &relation)
                dependant.owner = &renamed;
        }
    }
    return renamed;
}

bool dropSomething(Analysis &at, const Node &statement)
{
    if (!statement.is("DropStmt"))
        return false;
    const std::string type = statement.text("removeType");
    const bool missing_ok = statement.flag("missing_ok"), cascade = statement.text("behavior") == "DROP_CASCADE", concurrent = statement.flag("concurrent");
    at.out.in_transaction = !concurrent;
    for (const Node &object : statement.list("objects")) {
        const auto name = object.names("items");
        if (type == "OBJECT_TRIGGER" || type == "OBJECT_RULE" || type == "OBJECT_POLICY") {
            dropPart(at, name, type, missing_ok);
        } else if (type == "OBJECT_TABLE" || type == "OBJECT_VIEW" || type == "OBJECT_MATVIEW" || type == "OBJECT_SEQUENCE" || type == "OBJECT_FOREIGN_TABLE" || type == "OBJECT_INDEX") {
            Relation *relation = at.relation(name, missing_ok, kindOf(type));
            if (relation == nullptr || refuseKind(at, *relation, type))
                continue;
            if (type == "OBJECT_INDEX")
                dropIndex(at, *relation, concurrent);
            else
                dropRelation(at, *relation, cascade);
        } else if (type == "OBJECT_SCHEMA" && !cascade) {
            for (const Relation &relation : at.schema.relations) {
                if (!relation.alive || relation.schema != object.value())
                    continue;
                at.error("cannot drop schema " + object.value() + " because other objects depend on it", "2BP01", "There is " + relation.label());
                break;
            }
        } else if (type == "OBJECT_SCHEMA") {
            const std::string schema = object.value();
            for (const bool sequences : {false, true}) { // those of columns go with their tables
                for (Relation &relation : at.schema.relations) {
                    if (relation.alive && relation.schema == schema && !relation.isIndex() && (relation.kind == 'S') == sequences)
                        dropRelation(at, relation, true);
                }
            }
        } else if (type == "OBJECT_PUBLICATION") {
            dropPublication(at, object.value(), missing_ok);
        } else if (type == "OBJECT_STATISTIC_EXT") {
            dropStatistics(at, name, missing_ok);
        } else if (type == "OBJECT_TYPE" || type == "OBJECT_DOMAIN") {
            dropType(at, object.names("names"), cascade);
        } else if (type == "OBJECT_FUNCTION" && at.schema.facts != nullptr) {
            const auto function = object.names("objname");
            dropFunction(at, function.empty() ? "" : function.back(), cascade, missing_ok);
        } else if ((type == "OBJECT_FUNCTION" || type == "OBJECT_EXTENSION") && cascade) {
            at.note("CASCADE drops what depends on it, which this analysis does not follow; measure it.");
        }
    }
    return true;
}

namespace {

void renameConstraint(Analysis &at, Relation &table, const std::string &from, const std::string &to)
{
    for (Relation *index : table.indexes) {
        if (index->name == from)
            at.lock(index, Lock::ShareUpdateExclusive);
    }
    for (Relation *member : tree(table)) {
        if (Constraint *constraint = member->constraint(from)) {
            if (member != &table)
                at.lock(member, Lock::AccessExclusive);
            constraint->name = to;
        }
    }
}

void renameIn(nlohmann::json &expression, const std::string &from, const std::string &to)
{
    if (expression.is_object() && expression.contains("ColumnRef")) {
        auto &fields = expression["ColumnRef"]["fields"];
        if (!fields.empty() && fields.back().contains("String") && fields.back()["String"].value("sval", "") == from)
            fields.back()["String"]["sval"] = to;
        return;
    }
    if (expression.is_structured()) {
        for (auto &inner : expression)
            renameIn(inner, from, to);
    }
}

/// Everything that names the column follows it.
void renameColumn(Analysis &at, Relation &table, const std::string &from, const std::string &to)
{
    const auto follow = [&](std::vector<std::string> &names) { std::replace(names.begin(), names.end(), from, to); };
    if (Column *column = table.column(from))
        column->name = to;
    for (Relation *index : table.indexes) {
        follow(index->keys);
        if (index->uses.erase(from) > 0)
            index->uses.insert(to);
    }
    for (Constraint &constraint : table.constraints) {
        follow(constraint.columns);
        if (constraint.check)
            renameIn(*constraint.check, from, to);
    }
    for (Relation &other : at.schema.relations) {
        for (Constraint &constraint : other.constraints) {
            if (constraint.referenced == &table)
                follow(constraint.referenced_columns);
        }
    }
    for (Dependant &dependant : table.dependants) {
        if (dependant.column == from)
            dependant.column = to;
    }
    for (Relation *sequence : table.sequences) {
        if (sequence->owner_column == from)
            sequence->owner_column = to;
    }
    follow(table.partition_key);
}

void rename(Analysis &at, const Node &statement)
{
    const std::string type = statement.text("renameType"), to = statement.text("newname"), part = statement.text("subname");
    if (type == "OBJECT_ATTRIBUTE" && statement.text("relationType") == "OBJECT_TYPE") {
        at.because(rename_rule, part);
        const std::string of = statement.get("relation").text("relname");
        for (Relation &typed : at.schema.relations) {
            if (!typed.alive || typed.of_type != of)
                continue;
            if (statement.text("behavior") != "DROP_CASCADE") {
                at.error("cannot alter type \"" + of + "\" because it is the type of a typed table", "2BP01", "Use ALTER ... CASCADE to alter the typed tables too.");
                return;
            }
            at.lock(&typed, Lock::AccessExclusive);
            renameColumn(at, typed, part, to);
        }
        return;
    }
    Relation *relation = at.relation(statement.get("relation"), statement.flag("missing_ok"));
    if (relation == nullptr)
        return;
    const bool is_index = type == "OBJECT_INDEX" && (relation->isIndex() || !relation->known);
    const Lock mode = is_index ? Lock::ShareUpdateExclusive : Lock::AccessExclusive;
    at.lock(relation, mode);
    at.because(is_index ? rename_index : rename_rule, part.empty() ? relation->label() : part, mode);
    if (type == "OBJECT_COLUMN" || type == "OBJECT_ATTRIBUTE") {
        if (relation->known && relation->column(part) == nullptr && !relation->columns.empty()) {
            at.error("column \"" + part + "\" does not exist", "42703");
            return;
        }
        if (inheritsColumn(*relation, part)) {
            at.error("cannot rename inherited column \"" + part + "\"", "42P16");
            return;
        }
        if (!statement.get("relation").flag("inh") && !relation->children.empty()) {
            at.error("inherited column \"" + part + "\" must be renamed in child tables too", "42P16");
            return;
        }
        for (Relation *member : tree(*relation)) {
            at.lock(member, Lock::AccessExclusive);
            renameColumn(at, *member, part, to);
        }
        at.breaks("Code that names " + relation->label() + "." + part + " fails; views and functions in SQL-standard form follow");
        for (const std::string &publication : at.schema.publicationsOf(*relation))
            at.breaks("Subscribers of the publication " + publication + " stop at the next change of " + relation->label() + " until the column has the new name there");
    } else if (type == "OBJECT_TABCONSTRAINT") {
        if (relation->known && relation->constraint(part) == nullptr) {
            at.error("constraint \"" + part + "\" for table \"" + relation->name + "\" does not exist", "42704");
            return;
        }
        renameConstraint(at, *relation, part, to);
    } else if (type == "OBJECT_TRIGGER") {
        for (Relation *member : relation->kind == 'p' && at.major >= 15 ? tree(*relation) : std::vector<Relation *>{relation})
            at.lock(member, Lock::AccessExclusive);
    } else if (type == "OBJECT_TABLE" || type == "OBJECT_VIEW" || type == "OBJECT_MATVIEW" || type == "OBJECT_SEQUENCE" || type == "OBJECT_INDEX" || type == "OBJECT_FOREIGN_TABLE") {
        if (!is_index)
            at.breaks("Code that names " + relation->label() + " fails");
        for (const std::string &publication : at.schema.publicationsOf(*relation))
            at.breaks("Subscribers of the publication " + publication + " stop at the next change of " + relation->label() + " until the table has the new name there");
        renameRelation(at, *relation, to);
    }
}

void moveToSchema(Analysis &at, const Node &statement)
{
    Relation *relation = at.relation(statement.get("relation"), statement.flag("missing_ok"));
    if (relation == nullptr)
        return;
    if (relation->kind == 'S' && !relation->owner_column.empty()) {
        at.error("cannot move an owned sequence into another schema", "0A000");
        return;
    }
    at.because(schema_rule, relation->label(), Lock::AccessExclusive);
    at.lock(relation, Lock::AccessExclusive);
    at.breaks("Code that finds " + relation->label() + " by its schema or search_path fails");
    for (Relation *sequence : relation->sequences)
        at.lock(sequence, Lock::AccessExclusive);
}

} // namespace

bool renameOrMove(Analysis &at, const Node &statement)
{
    if (statement.is("RenameStmt") && statement.get("relation").exists())
        rename(at, statement);
    else if (statement.is("AlterObjectSchemaStmt") && statement.get("relation").exists())
        moveToSchema(at, statement);
    else
        return false;
    return true;
}

} // namespace howdah::migration::effects
