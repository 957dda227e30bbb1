// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>

#include "core/migration/effects/analysis.h"
#include "core/migration/effects/expression.h"

namespace howdah::migration::effects {

namespace {

constexpr const char *notes_page = "https://www.postgresql.org/docs/current/sql-altertable.html#SQL-ALTERTABLE-NOTES";
constexpr const char *add_page = "https://www.postgresql.org/docs/current/sql-altertable.html#SQL-ALTERTABLE-DESC-ADD-TABLE-CONSTRAINT";

constexpr Rule check_rule{"add-check", "all rows are read to verify the condition", notes_page};
constexpr Rule check_not_valid{"add-check-not-valid", "rows that are there are not read; only new ones are checked", notes_page};
constexpr Rule not_enforced{"add-not-enforced", "a constraint that is not enforced reads nothing", add_page};
constexpr Rule foreign_rule{"add-foreign-key", "both tables are read and compared, and writes to both wait", notes_page};
constexpr Rule foreign_not_valid{"add-foreign-key-not-valid", "triggers are put on both tables; no row is read", notes_page};
constexpr Rule foreign_no_value{"add-foreign-key-no-value", "the new column holds nothing yet, so nothing is compared", notes_page};
constexpr Rule unique_rule{"add-unique", "its index is built while reads and writes wait", add_page};
constexpr Rule primary_rule{"add-primary-key", "its index is built, and columns that allow nulls are verified, while reads and writes wait", add_page};
constexpr Rule exclude_rule{"add-exclusion", "its index is built and every row compared while reads and writes wait", add_page};
constexpr Rule using_index{"using-index", "the index becomes the constraint's; columns that allow nulls are still verified for a primary key", add_page};
constexpr Rule not_null_rule{"add-not-null", "all rows are read unless it is NOT VALID or a CHECK proves it", notes_page};
constexpr Rule validate_rule{"validate", "all rows are read beside reads and writes", notes_page};
constexpr Rule drop_foreign{"drop-foreign-key", "its triggers on the referenced table go too, so that table is locked as well", notes_page};
constexpr Rule enforce_rule{"alter-constraint-enforced", "both tables are compared in full while reads and writes wait", add_page};

std::string joined(const std::vector<std::string> &columns)
{
    std::string text;
    for (const std::string &column : columns)
        text += (text.empty() ? "" : "_") + (column.empty() ? std::string("expr") : column);
    return text;
}

std::vector<std::string> columnsOf(const AddedConstraint &added, const char *field)
{
    std::vector<std::string> columns = added.node.names(field);
    if (columns.empty() && !added.column.empty())
        columns.push_back(added.column);
    return columns;
}

std::shared_ptr<nlohmann::json> wrapped(const Node &node)
{
    auto value = std::make_shared<nlohmann::json>();
    if (node.kind().empty())
        *value = *node.body();
    else
        (*value)[node.kind()] = *node.body();
    return value;
}

void addCheck(Analysis &at, Passes &passes, Relation &table, const AddedConstraint &added, bool creating)
{
    const Node &node = added.node;
    const bool is_not_null = node.flag("howdah_not_null"), off = node.flag("howdah_not_enforced");
    const bool not_valid = node.flag("skip_validation");
    Constraint constraint;
    constraint.type = is_not_null ? 'n' : 'c';
    constraint.check = wrapped(node.get("raw_expr"));
    constraint.validated = !not_valid;
    constraint.enforced = !off;
    const auto columns = columnsIn(*constraint.check);
    constraint.columns.assign(columns.begin(), columns.end());
    constraint.name = node.text("conname");
    if (constraint.name.empty())
        constraint.name = at.freeName(table, columns.size() == 1 ? *columns.begin() : "", is_not_null ? "not_null" : "check");
    if (!creating)
        at.because(off ? not_enforced : not_valid ? check_not_valid : is_not_null ? not_null_rule : check_rule, constraint.name);
    for (Relation *member : node.flag("is_no_inherit") && at.major >= 18 ? tree(table) : std::vector<Relation *>()) {
        if (member != &table) // locked, though nothing is done to them
            at.lock(member, Lock::AccessExclusive);
    }
    for (Relation *member : node.flag("is_no_inherit") ? std::vector<Relation *>{&table} : tree(table)) {
        if (member != &table)
            at.lock(member, Lock::AccessExclusive);
        const bool proved = is_not_null && !constraint.columns.empty() && provesNotNull(*member, constraint.columns[0]);
        if (is_not_null && !constraint.columns.empty()) {
            if (Column *column = member->column(constraint.columns[0]))
                column->not_null = true;
        }
        member->constraints.push_back(constraint);
        if (!not_valid && !off && !creating && !proved)
            passes[member].verify = true;
    }
    if (!off && !creating)
        at.breaks("INSERTs and UPDATEs of " + table.label() + " that violate " + constraint.name + " fail");
}

/// Whether a partition has the same foreign key already, so that it is taken over unread.
Constraint *sameKey(Relation &table, const Constraint &wanted)
{
    for (Constraint &constraint : table.constraints) {
        if (constraint.type == 'f' && constraint.referenced == wanted.referenced && constraint.columns == wanted.columns && constraint.validated)
            return &constraint;
    }
    return nullptr;
}

void addForeignKey(Analysis &at, Passes &passes, Relation &table, const AddedConstraint &added, bool creating)
{
    const Node &node = added.node;
    const bool off = node.flag("howdah_not_enforced"), not_valid = node.flag("skip_validation");
    Relation *referenced = at.relation(node.get("pktable"));
    if (referenced == nullptr)
        return;
    if (not_valid && !off && table.kind == 'p' && at.major < 18) {
        at.error("cannot add NOT VALID foreign key on partitioned table \"" + table.name + "\" referencing relation \"" + referenced->name + "\"", "42809");
        return;
    }
    Constraint constraint;
    constraint.type = 'f';
    constraint.columns = columnsOf(added, "fk_attrs");
    constraint.referenced = referenced;
    constraint.referenced_columns = node.names("pk_attrs");
    if (constraint.referenced_columns.empty()) {
        for (const Relation *index : referenced->indexes) {
            if (index->primary)
                constraint.referenced_columns = index->keys;
        }
    }
    refuseForeignKey(at, table, *referenced, constraint);
    if (at.failed)
        return;
    constraint.validated = !not_valid && !off;
    constraint.enforced = !off;
    constraint.name = node.text("conname");
    if (constraint.name.empty())
        constraint.name = at.freeName(table, joined(constraint.columns), "fkey");
    const bool validates = !not_valid && !off && !creating && added.validate_foreign_key;
    if (!creating)
        at.because(off ? not_enforced : not_valid ? foreign_not_valid : validates ? foreign_rule : foreign_no_value, constraint.name, Lock::ShareRowExclusive);
    for (Relation *member : tree(*referenced))
        at.lock(member, Lock::ShareRowExclusive);
    for (Relation *member : tree(table)) {
        at.lock(member, Lock::ShareRowExclusive);
        if (member != &table && sameKey(*member, constraint) != nullptr) {
            at.lock(referenced, Lock::AccessExclusive); // the triggers of the partition's own key are dropped
            continue;
        }
        if (validates && member->kind != 'p')
            passes[member].foreign_keys.push_back(referenced);
        member->constraints.push_back(constraint);
    }
    if (!off && !creating)
        at.breaks("Writes to " + table.label() + " and deletes from " + referenced->label() + " that violate " + constraint.name + " fail");
}

/// Columns of a primary key become NOT NULL; those that allowed nulls are verified.
void keyNotNull(Analysis &at, Passes &passes, Relation &table, const std::vector<std::string> &columns, bool creating)
{
    for (Relation *member : tree(table)) {
        for (const std::string &name : columns) {
            Column *column = member->column(name);
            if (column == nullptr || column->not_null)
                continue;
            column->not_null = true;
            if (member != &table)
                at.lock(member, Lock::AccessExclusive);
            if (!creating && !provesNotNull(*member, name))
                passes[member].verify = true;
        }
    }
}

void takeIndex(Analysis &at, Passes &passes, Relation &table, const Node &node, bool primary)
{
    const std::string index_name = node.text("indexname"), wanted = node.text("conname");
    Relation *index = at.schema.find(table.schema, index_name);
    if (index == nullptr) {
        if (at.schema.connected()) {
            at.error("index \"" + index_name + "\" does not exist", "42704");
            return;
        }
        index = &at.schema.addIndex(table, index_name);
        index->known = false;
    }
    if (table.kind == 'p') {
        at.error("ALTER TABLE / ADD CONSTRAINT USING INDEX is not supported on partitioned tables", "0A000");
        return;
    }
    if (const Constraint *taken = table.constraint(index_name); taken != nullptr && taken->type != 'c') {
        at.error("index \"" + index_name + "\" is already associated with a constraint", "55000");
        return;
    }
    at.because(using_index, wanted.empty() ? index_name : wanted);
    const bool renamed = !wanted.empty() && wanted != index_name;
    at.lock(index, renamed ? Lock::ShareUpdateExclusive : Lock::AccessShare);
    if (primary)
        keyNotNull(at, passes, table, index->keys, false);
    index->primary = primary;
    Constraint constraint;
    constraint.name = wanted.empty() ? index_name : wanted;
    constraint.type = primary ? 'p' : 'u';
    constraint.columns = index->keys;
    table.constraints.push_back(constraint);
    // The index is known by its new name from now on, but its locks were taken under the old one.
    if (renamed) {
        at.note("The index " + index->label() + " is renamed to " + wanted + ".");
        renameRelation(at, *index, wanted);
    }
}

void addIndexed(Analysis &at, Passes &passes, Relation &table, const AddedConstraint &added, bool creating)
{
    const Node &node = added.node;
    const std::string kind = node.text("contype");
    const bool primary = kind == "CONSTR_PRIMARY", exclusion = kind == "CONSTR_EXCLUSION";
    if (!node.text("indexname").empty()) {
        takeIndex(at, passes, table, node, primary);
        return;
    }
    std::vector<std::string> columns = columnsOf(added, "keys");
    std::set<std::string> uses(columns.begin(), columns.end());
    if (exclusion) {
        columns.clear();
        for (const std::string &column : columnsIn(*node.body()))
            columns.push_back(column);
        uses = {columns.begin(), columns.end()};
    }
    if (!exclusion)
        refuseNarrowKey(at, table, columns, primary);
    if (at.failed)
        return;
    if (primary && std::any_of(table.constraints.begin(), table.constraints.end(), [](const Constraint &own) { return own.type == 'p'; })) {
        at.error("multiple primary keys for table \"" + table.name + "\" are not allowed", "42P16");
        return;
    }
    if (primary)
        keyNotNull(at, passes, table, columns, creating);
    Relation *whole = nullptr;
    const std::string given = node.text("conname");
    for (Relation *member : tree(table)) {
        const bool top = member == &table;
        if (!top) {
            at.lock(member, at.major >= 18 ? Lock::AccessExclusive : Lock::Share);
            // a key of the partition's own is taken over, one that belongs to another key of the parent is not
            const auto has_it = std::find_if(member->indexes.begin(), member->indexes.end(), [&](const Relation *index) {
                return index->unique && index->keys == columns && index->parents.empty() && index->primary == primary && member->constraint(index->name) != nullptr;
            });
            if (has_it != member->indexes.end()) {
                at.lock(*has_it, Lock::Share);
                (*has_it)->parents.push_back(whole);
                whole->children.push_back(*has_it);
                continue;
            }
        }
        const std::string label = exclusion ? "excl" : primary ? "pkey" : "key";
        const std::string name = top && !given.empty() ? given : at.freeName(*member, primary ? "" : joined(columns), label);
        Relation &index = at.makeIndex(*member, name, columns, uses, true, true, true);
        index.primary = primary;
        if (top) {
            whole = &index;
        } else {
            index.parents.push_back(whole);
            whole->children.push_back(&index);
        }
        Constraint constraint;
        constraint.name = name;
        constraint.type = exclusion ? 'x' : primary ? 'p' : 'u';
        constraint.columns = columns;
        member->constraints.push_back(constraint);
        at.scan(*member);
        if (top && !creating) {
            at.because(exclusion ? exclude_rule : primary ? primary_rule : unique_rule, name);
            at.breaks("INSERTs and UPDATEs of " + table.label() + " that violate " + name + " fail");
        }
    }
}

} // namespace

void addConstraint(Analysis &at, Passes &passes, Relation &table, const AddedConstraint &added, bool creating)
{
    const std::string kind = added.node.text("contype");
    if (const std::string name = added.node.text("conname"); !name.empty() && table.constraint(name) != nullptr) {
        at.error("constraint \"" + name + "\" for relation \"" + table.name + "\" already exists", "42710");
        return;
    }
    if (kind == "CONSTR_CHECK")
        addCheck(at, passes, table, added, creating);
    else if (kind == "CONSTR_FOREIGN")
        addForeignKey(at, passes, table, added, creating);
    else if (kind == "CONSTR_UNIQUE" || kind == "CONSTR_PRIMARY" || kind == "CONSTR_EXCLUSION")
        addIndexed(at, passes, table, added, creating);
}

void dropConstraint(Analysis &at, Relation &table, const std::string &name, bool cascade, bool missing_ok)
{
    Constraint *found = table.constraint(name);
    if (found == nullptr) {
        if (table.known && !missing_ok)
            at.error("constraint \"" + name + "\" of relation \"" + table.name + "\" does not exist", "42704");
        return;
    }
    const Constraint dropped = *found;
    const bool key = dropped.type == 'p' || dropped.type == 'u' || dropped.type == 'x';
    for (Relation &other : at.schema.relations) {
        for (const Constraint &constraint : std::vector<Constraint>(other.constraints)) {
            if (!key || !other.alive || constraint.type != 'f' || constraint.referenced != &table || constraint.referenced_columns != dropped.columns)
                continue;
            if (!cascade) {
                at.error("cannot drop constraint " + name + " on table " + table.name + " because other objects depend on it", "2BP01",
                         "It is " + constraint.name + " of " + other.label());
                return;
            }
            at.lock(&other, Lock::AccessExclusive);
        }
    }
    std::vector<Relation *> own; // the key's index, and those of partitions that belong to it
    for (Relation *index : table.indexes) {
        if (key && index->name == name)
            own = tree(*index);
    }
    for (Relation *member : tree(table)) {
        if (member != &table) {
            const bool has_it = std::any_of(member->constraints.begin(), member->constraints.end(),
                                            [&](const Constraint &c) { return c.type == dropped.type && c.columns == dropped.columns; });
            if (!has_it)
                continue;
            at.lock(member, Lock::AccessExclusive);
        }
        for (Relation *index : std::vector<Relation *>(member->indexes)) {
            if (std::find(own.begin(), own.end(), index) == own.end())
                continue;
            at.lock(index, Lock::AccessExclusive);
            member->constraints.erase(std::remove_if(member->constraints.begin(), member->constraints.end(), [&](const Constraint &c) { return c.name == index->name && c.type == dropped.type; }), member->constraints.end());
            at.schema.drop(*index);
        }
        member->constraints.erase(std::remove_if(member->constraints.begin(), member->constraints.end(),
                                                 [&](const Constraint &c) { return c.name == name && c.type == dropped.type; }),
                                  member->constraints.end());
    }
    if (dropped.referenced != nullptr) {
        at.because(drop_foreign, name);
        for (Relation *member : tree(*dropped.referenced))
            at.lock(member, Lock::AccessExclusive);
    }
}

void validateConstraint(Analysis &at, Passes &passes, Relation &table, const std::string &name)
{
    Constraint *constraint = table.constraint(name);
    if (constraint == nullptr) {
        if (table.known)
            at.error("constraint \"" + name + "\" of relation \"" + table.name + "\" does not exist", "42704");
        else
            passes[&table].verify = true;
        return;
    }
    if (constraint->validated)
        return;
    at.because(validate_rule, name, Lock::ShareUpdateExclusive);
    const Constraint wanted = *constraint;
    for (Relation *member : tree(table)) {
        Constraint *own = member->constraint(name);
        if (own == nullptr || own->validated)
            continue;
        own->validated = true;
        if (member != &table)
            at.lock(member, Lock::ShareUpdateExclusive);
        if (wanted.type != 'f') {
            passes[member].verify = true;
            continue;
        }
        at.lock(wanted.referenced, Lock::RowShare);
        if (wanted.referenced != nullptr && member->kind != 'p')
            passes[member].foreign_keys.push_back(wanted.referenced);
    }
}

void alterConstraint(Analysis &at, Passes &passes, Relation &table, const Node &definition)
{
    Node actual = definition;
    if (actual.get("conname").exists() == false && definition.get("def").exists())
        actual = definition.get("def");
    Constraint *constraint = table.constraint(actual.text("conname"));
    if (constraint == nullptr) {
        if (table.known)
            at.error("constraint \"" + actual.text("conname") + "\" of relation \"" + table.name + "\" does not exist", "42704");
        return;
    }
    if (!at.tree.alters_enforcement || constraint->enforced || constraint->referenced == nullptr)
        return;
    at.because(enforce_rule, constraint->name, Lock::AccessExclusive);
    at.lock(constraint->referenced, Lock::ShareRowExclusive);
    passes[&table].foreign_keys.push_back(constraint->referenced);
    constraint->enforced = constraint->validated = true;
}

} // namespace howdah::migration::effects
