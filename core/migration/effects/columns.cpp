// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>

#include "core/migration/effects/analysis.h"
#include "core/migration/effects/expression.h"
#include "core/migration/effects/type_change.h"

namespace howdah::migration::effects {

namespace {

constexpr const char *notes_page = "https://www.postgresql.org/docs/current/sql-altertable.html#SQL-ALTERTABLE-NOTES";
constexpr const char *ddl_page = "https://www.postgresql.org/docs/current/ddl-alter.html";

constexpr Rule constant_default{"add-column-constant-default", "the default is evaluated once and kept in the catalog; no row is touched", notes_page};
constexpr Rule volatile_default{"add-column-volatile-default", "the default differs from row to row, so the table and its indexes are rewritten", notes_page};
constexpr Rule serial_column{"add-column-serial", "a sequence numbers every row, so the table and its indexes are rewritten", notes_page};
constexpr Rule identity_column{"add-column-identity", "an identity column numbers every row, so the table and its indexes are rewritten", notes_page};
constexpr Rule stored_column{"add-column-generated-stored", "the expression is computed for every row, so the table and its indexes are rewritten", notes_page};
constexpr Rule virtual_column{"add-column-generated-virtual", "the expression is computed when the column is read; no row is touched", notes_page};
constexpr Rule domain_column{"add-column-constrained-domain", "the domain's constraints are checked by rewriting the table and its indexes", notes_page};
constexpr Rule needs_value{"add-column-not-null", "every row must have a value: all rows are read, and any row at all fails it", notes_page};
constexpr Rule type_rule{"column-type", "", notes_page};
constexpr Rule type_index{"column-type-index", "indexes on the column are made again; a plain one keeps its file when no value changes", notes_page};
constexpr Rule type_check{"column-type-check", "checks that name the column are verified again on all rows", notes_page};
constexpr Rule type_key{"column-type-foreign-key", "foreign keys on the column are made again: both tables are locked and compared", notes_page};
constexpr Rule identity_type{"identity-type", "the sequence of an identity column changes its type too and gets a new file", notes_page};
constexpr Rule not_null_proved{"set-not-null-proved", "a valid CHECK proves that there is no null: no row is read", notes_page};
constexpr Rule drop_dependants{"drop-column-dependants", "indexes and constraints that name the column are dropped with it", ddl_page};

/// An integer type behind serial, or "".
std::string serialType(const std::string &name)
{
    return name == "serial" || name == "serial4" ? "integer" : name == "bigserial" || name == "serial8" ? "bigint" : name == "smallserial" || name == "serial2" ? "smallint" : "";
}

bool readsColumn(const Constraint &constraint, const std::string &column)
{
    return std::find(constraint.columns.begin(), constraint.columns.end(), column) != constraint.columns.end()
        || (constraint.check && columnsIn(*constraint.check).count(column) > 0);
}

/// Generated columns that a column goes into.
std::vector<std::string> computedFrom(const Relation &table, const std::string &column)
{
    std::vector<std::string> names;
    for (const Column &other : table.columns) {
        if (other.generated == 0 || other.expression.empty() || other.name == column)
            continue;
        const auto expression = parseCheck("CHECK (" + other.expression + ")");
        if (expression && columnsIn(*expression).count(column) > 0)
            names.push_back(other.name);
    }
    return names;
}

/// What stands in the way of changing or dropping a column: a view, trigger, policy or generated column.
std::string blockerOf(const Relation &table, const std::string &column, bool with_generated = true)
{
    for (const Dependant &dependant : table.dependants) {
        if (dependant.column == column)
            return wordsOf(dependant);
    }
    const auto computed = with_generated ? computedFrom(table, column) : std::vector<std::string>();
    if (!computed.empty())
        return "generated column " + computed.front();
    return {};
}

bool refuseType(Analysis &at, const Node &type_name)
{
    const auto names = type_name.names("names");
    if (names.empty() || !serialType(names.back()).empty() || at.schema.mayBeType(names.back()))
        return false;
    at.error("type \"" + names.back() + "\" does not exist", "42704", {}, static_cast<std::size_t>(std::max<std::int64_t>(type_name.number("location"), 0)));
    return true;
}

bool listsColumns(const Relation &table, const std::string &publication)
{
    return std::any_of(table.dependants.begin(), table.dependants.end(), [&](const Dependant &one) { return one.kind == 'l' && one.name == publication; });
}

} // namespace

Column columnOf(Analysis &at, Relation &table, const Node &definition, bool *needs_rewrite, bool *has_default)
{
    Column column;
    column.name = definition.text("colname");
    if (refuseType(at, definition.get("typeName")))
        return column;
    const Type type = typeOf(at.schema, definition.get("typeName"));
    column.type = typeText(type);
    const std::string integer = type.domain == nullptr ? serialType(type.name) : "";
    const auto addSequence = [&] {
        Relation &sequence = at.make(table.schema, at.freeName(table, column.name, "seq"), 'S');
        sequence.owner_column = column.name;
        table.sequences.push_back(&sequence);
        *needs_rewrite = *has_default = true;
    };
    if (!integer.empty()) {
        column.type = integer;
        column.not_null = true;
        addSequence();
        at.because(serial_column, column.name);
    }
    if (type.domain != nullptr && type.domain->has_constraint) {
        *needs_rewrite = true;
        at.because(domain_column, column.name);
    }
    *has_default = *has_default || (type.domain != nullptr && !type.domain->default_expr.empty());
    for (const Node &constraint : definition.list("constraints")) {
        const std::string kind = constraint.text("contype");
        if (kind == "CONSTR_NOTNULL" || kind == "CONSTR_PRIMARY") {
            column.not_null = true;
        } else if (kind == "CONSTR_IDENTITY") {
            column.identity = column.not_null = true;
            addSequence();
            at.because(identity_column, column.name);
        } else if (kind == "CONSTR_GENERATED") {
            column.generated = constraint.flag("howdah_virtual") ? 'v' : 's';
            column.expression = "?";
            *has_default = true;
            *needs_rewrite = *needs_rewrite || column.generated == 's';
            at.because(column.generated == 's' ? stored_column : virtual_column, column.name);
        } else if (kind == "CONSTR_DEFAULT") {
            const Node value = constraint.get("raw_expr");
            const bool is_null = value.is("A_Const") && value.get("isnull").exists();
            const bool is_volatile = isVolatile(at.schema, *constraint.body());
            *has_default = *has_default || !is_null;
            *needs_rewrite = *needs_rewrite || is_volatile;
            lockSequences(at, *constraint.body());
            if (!is_null)
                at.because(is_volatile ? volatile_default : constant_default, column.name);
        }
    }
    return column;
}

void addColumn(Analysis &at, Passes &passes, Relation &table, const Node &definition, bool if_not_exists)
{
    const std::string name = definition.text("colname");
    if (table.column(name) != nullptr) {
        if (!if_not_exists)
            at.error("column \"" + name + "\" of relation \"" + table.name + "\" already exists", "42701");
        return;
    }
    bool needs_rewrite = false, has_default = false;
    const Column column = columnOf(at, table, definition, &needs_rewrite, &has_default);
    for (const std::string &publication : table.made_by == 0 ? at.schema.publicationsOf(table) : std::vector<std::string>()) {
        if (!listsColumns(table, publication))
            at.breaks("Subscribers of the publication " + publication + " stop at the next change of " + table.label() + " until they have a column " + name);
    }
    table.columns.push_back(column);
    passes[&table].rewrite = passes[&table].rewrite || needs_rewrite;
    if (column.not_null && !has_default && !needs_rewrite) {
        passes[&table].verify = true;
        at.because(needs_value, name);
        at.breaks("INSERTs into " + table.label() + " that leave out " + name + " fail");
    }
    for (const Node &constraint : definition.list("constraints")) {
        const std::string kind = constraint.text("contype");
        if (kind == "CONSTR_CHECK" || kind == "CONSTR_UNIQUE" || kind == "CONSTR_PRIMARY" || kind == "CONSTR_FOREIGN")
            addConstraint(at, passes, table, {constraint, name, has_default}, false);
    }
}

void setNotNull(Analysis &at, Passes &passes, Relation &table, const std::string &name)
{
    Column *column = table.column(name);
    Constraint *unproved = nullptr;
    for (Constraint &constraint : table.constraints) {
        if (constraint.type == 'n' && !constraint.validated && readsColumn(constraint, name))
            unproved = &constraint;
    }
    if (column != nullptr && column->not_null && unproved == nullptr)
        return;
    if (provesNotNull(table, name))
        at.because(not_null_proved, name);
    else
        passes[&table].verify = true;
    if (unproved != nullptr)
        unproved->validated = true;
    if (column != nullptr)
        column->not_null = true;
    at.breaks("INSERTs and UPDATEs that leave " + table.label() + "." + name + " without a value fail");
}

void dropColumn(Analysis &at, Relation &table, const std::string &name, bool cascade, bool missing_ok)
{
    if (table.known && table.column(name) == nullptr) {
        if (!missing_ok)
            at.error("column \"" + name + "\" of relation \"" + table.name + "\" does not exist", "42703");
        return;
    }
    at.breaks("Code that names " + table.label() + "." + name + " fails");
    if (const std::string blocker = blockerOf(table, name, at.major >= 14); !blocker.empty() && !cascade) {
        at.error("cannot drop column " + name + " of table " + table.name + " because other objects depend on it", "2BP01", "It is " + blocker);
        return;
    }
    for (const Dependant &dependant : std::vector<Dependant>(table.dependants)) {
        if (dependant.column != name)
            continue;
        if (dependant.kind == 'v')
            dropRelation(at, *dependant.owner, cascade);
        if (dependant.kind == 'l' || dependant.kind == 'w') {
            remove(at.schema.publications[dependant.name].tables, &table);
            auto &named = table.dependants;
            named.erase(std::remove_if(named.begin(), named.end(), [&](const Dependant &one) { return (one.kind == 'l' || one.kind == 'w') && one.name == dependant.name; }), named.end());
            at.breaks("Subscribers of the publication " + dependant.name + " get no more changes of " + table.label());
        }
    }
    for (const std::string &publication : at.schema.publicationsOf(table))
        at.breaks("Subscribers of the publication " + publication + " get " + table.label() + " without " + name);
    for (const std::string &computed : computedFrom(table, name)) // 13 drops them without being asked
        dropColumn(at, table, computed, cascade, true);
    std::vector<std::string> constraints;
    for (const Constraint &constraint : table.constraints) {
        if (readsColumn(constraint, name))
            constraints.push_back(constraint.name);
    }
    for (const std::string &constraint : constraints)
        dropConstraint(at, table, constraint, cascade, true);
    for (Relation *index : std::vector<Relation *>(table.indexes)) {
        if (index->uses.count(name) == 0)
            continue;
        at.because(drop_dependants, index->label());
        at.lock(index, Lock::AccessExclusive);
        at.schema.drop(*index);
    }
    for (Relation *sequence : std::vector<Relation *>(table.sequences)) {
        if (sequence->owner_column == name) {
            at.lock(sequence, Lock::AccessExclusive);
            at.schema.drop(*sequence);
        }
    }
    table.columns.erase(std::remove_if(table.columns.begin(), table.columns.end(), [&](const Column &column) { return column.name == name; }), table.columns.end());
}

namespace {

/// Indexes of the column: all are made again, those of unchanged plain columns keep their file.
void rebuildIndexes(Analysis &at, TablePass &pass, Relation &table, const std::string &name, bool same_values, bool collation)
{
    for (Relation *index : table.indexes) {
        if (index->uses.count(name) == 0)
            continue;
        at.because(type_index, index->label());
        at.lock(index, Lock::AccessExclusive);
        (same_values && index->plain && !collation ? pass.rebuilt_empty : pass.rebuilt).insert(index);
    }
}

void rebuildForeignKeys(Analysis &at, Passes &passes, Relation &table, const std::string &name, bool same_values)
{
    const auto names = [&](const std::vector<std::string> &columns) { return std::find(columns.begin(), columns.end(), name) != columns.end(); };
    for (Relation &other : at.schema.relations) {
        for (const Constraint &constraint : other.constraints) {
            const bool refers = constraint.referenced == &table && names(constraint.referenced_columns);
            const bool own = &other == &table && names(constraint.columns);
            if (!other.alive || constraint.type != 'f' || constraint.referenced == nullptr || !(refers || own))
                continue;
            at.because(type_key, constraint.name);
            at.lock(&other, Lock::AccessExclusive);
            at.lock(constraint.referenced, Lock::AccessExclusive);
            if (!same_values && constraint.validated)
                passes[&other].foreign_keys.push_back(constraint.referenced);
        }
    }
}

} // namespace

void alterColumnType(Analysis &at, Passes &passes, Relation &table, const Node &command)
{
    const std::string name = command.text("name");
    const Node definition = command.get("def");
    Column *column = table.column(name);
    if (column == nullptr && table.known) {
        at.error("column \"" + name + "\" of relation \"" + table.name + "\" does not exist", "42703");
        return;
    }
    const Type to = typeOf(at.schema, definition.get("typeName"));
    const std::optional<Type> from = column == nullptr ? std::nullopt : std::optional(typeOf(at.schema, column->type));
    if (const std::string blocker = blockerOf(table, name); !blocker.empty()) {
        at.error("cannot alter type of a column used by a view, rule, policy, trigger, publication WHERE clause or generated column", "0A000", "It is " + blocker);
        return;
    }
    if (std::find(table.partition_key.begin(), table.partition_key.end(), name) != table.partition_key.end()) {
        at.error("cannot alter column \"" + name + "\" because it is part of the partition key of relation \"" + table.name + "\"", "42P16");
        return;
    }
    if (refuseType(at, definition.get("typeName")))
        return;
    if (from && !definition.get("raw_default").exists() && !changesByItself(at.schema, *from, to)) {
        at.error("column \"" + name + "\" cannot be cast automatically to type " + typeText(to), "42804", "You might need to specify \"USING " + name + "::" + typeText(to) + "\".");
        return;
    }
    const TypeChange change = typeChange(at.schema, from, to, definition.get("raw_default"), name);
    at.because(type_rule, name, Lock::None, change.reason);
    TablePass &pass = passes[&table];
    const bool generated_virtual = column != nullptr && column->generated == 'v';
    pass.rewrite = pass.rewrite || (change.rewrites && !generated_virtual);
    rebuildIndexes(at, pass, table, name, !change.rewrites, definition.get("collClause").exists());
    for (const Constraint &constraint : table.constraints) {
        if (constraint.type == 'c' && constraint.validated && constraint.enforced && readsColumn(constraint, name)) {
            pass.verify = true;
            at.because(type_check, constraint.name);
        }
    }
    rebuildForeignKeys(at, passes, table, name, !change.rewrites);
    if (column != nullptr && column->identity && !(from && *from == to)) {
        for (Relation *sequence : table.sequences) {
            if (sequence->owner_column != name)
                continue;
            at.because(identity_type, sequence->label(), Lock::ShareRowExclusive);
            at.lock(sequence, Lock::ShareRowExclusive);
            at.rewrite(*sequence);
        }
    }
    if (column != nullptr) {
        if (!(from && *from == to))
            at.breaks("Code that relies on " + table.label() + "." + name + " being " + column->type + " meets " + typeText(to));
        column->type = typeText(to);
    }
}

} // namespace howdah::migration::effects
