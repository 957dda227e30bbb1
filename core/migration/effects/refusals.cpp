// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>

#include "core/migration/effects/analysis.h"

namespace howdah::migration::effects {

namespace {

const Column *columnIn(const Relation &table, const std::string &name)
{
    const auto found = std::find_if(table.columns.begin(), table.columns.end(), [&](const Column &column) { return column.name == name; });
    return found == table.columns.end() ? nullptr : &*found;
}

const Constraint *constraintIn(const Relation &table, const std::string &name)
{
    const auto found = std::find_if(table.constraints.begin(), table.constraints.end(), [&](const Constraint &constraint) { return constraint.name == name; });
    return found == table.constraints.end() ? nullptr : &*found;
}

/// Changes that ONLY must not keep from the tables below.
void refuseOnly(Analysis &at, const Relation &table, const Node &command, const std::string &subtype)
{
    const std::string name = command.text("name");
    const bool partitioned = table.kind == 'p';
    if (subtype == "AT_AddColumn")
        at.error("column must be added to child tables too", "42P16");
    else if (subtype == "AT_AlterColumnType")
        at.error("type of inherited column \"" + name + "\" must be changed in child tables too", "42P16");
    else if (subtype == "AT_SetNotNull" && partitioned)
        at.error("constraint must be added to child tables too", "42P16", "Do not specify the ONLY keyword.");
    else if (subtype == "AT_DropColumn" && partitioned)
        at.error("cannot drop column from only the partitioned table when partitions exist", "42P16", "Do not specify the ONLY keyword.");
    else if (subtype == "AT_AddConstraint" && command.get("def").text("contype") == "CONSTR_CHECK" && !command.get("def").flag("is_no_inherit"))
        at.error("constraint must be added to child tables too", "42P16");
}

bool inheritsConstraint(const Relation &table, const Constraint &constraint)
{
    for (const Relation *parent : table.parents) {
        for (const Constraint &above : parent->constraints) {
            if (above.type != constraint.type)
                continue;
            if (constraint.type == 'c' ? above.name == constraint.name
                                       : constraint.type == 'f' && above.referenced == constraint.referenced && above.columns == constraint.columns && table.is_partition)
                return true;
        }
    }
    return std::any_of(table.indexes.begin(), table.indexes.end(), [&](const Relation *index) { return index->name == constraint.name && !index->parents.empty(); });
}

void refuseInherited(Analysis &at, const Relation &table, const Node &command, const std::string &subtype)
{
    const std::string name = command.text("name");
    if (subtype == "AT_AddColumn" && table.is_partition)
        at.error("cannot add column to a partition", "42809");
    else if (subtype == "AT_AlterColumnType" && inheritsColumn(table, name))
        at.error("cannot alter inherited column \"" + name + "\"", "42P16");
    else if (subtype == "AT_DropColumn" && inheritsColumn(table, name))
        at.error("cannot drop inherited column \"" + name + "\"", "42P16");
    if (const Constraint *constraint = subtype == "AT_DropConstraint" ? constraintIn(table, name) : nullptr; constraint != nullptr && inheritsConstraint(table, *constraint))
        at.error("cannot drop inherited constraint \"" + name + "\" of relation \"" + table.name + "\"", "42P16");
}

void refuseDropNotNull(Analysis &at, const Relation &table, const std::string &name)
{
    const Column *column = columnIn(table, name);
    if (column == nullptr)
        return;
    if (column->identity) {
        at.error("column \"" + name + "\" of relation \"" + table.name + "\" is an identity column", "42601");
        return;
    }
    for (const Constraint &constraint : table.constraints) {
        if (constraint.type == 'p' && std::find(constraint.columns.begin(), constraint.columns.end(), name) != constraint.columns.end()) {
            at.error("column \"" + name + "\" is in a primary key", "42P16");
            return;
        }
    }
    for (const Relation *parent : table.parents) {
        const Column *above = table.is_partition ? columnIn(*parent, name) : nullptr;
        if (above != nullptr && above->not_null) {
            at.error("column \"" + name + "\" is marked NOT NULL in parent table", "42P16");
            return;
        }
    }
}

void refuseTrigger(Analysis &at, const Relation &table, const std::string &name)
{
    const bool is_there = std::any_of(table.triggers.begin(), table.triggers.end(), [&](const Trigger &trigger) { return trigger.name == name; });
    // Those of foreign keys have names too, which the catalog does not list here.
    if (!name.empty() && !is_there && at.schema.facts != nullptr && name.rfind("RI_ConstraintTrigger", 0) != 0)
        at.error("trigger \"" + name + "\" for table \"" + table.name + "\" does not exist", "42704");
}

} // namespace

bool inheritsColumn(const Relation &table, const std::string &column)
{
    return std::any_of(table.parents.begin(), table.parents.end(), [&](const Relation *parent) { return columnIn(*parent, column) != nullptr; });
}

void refuseSubCommand(Analysis &at, Relation &table, const Node &command, const std::string &subtype, bool only)
{
    if (at.failed || !table.known || table.isIndex())
        return;
    if (!table.of_type.empty() && (subtype == "AT_AddColumn" || subtype == "AT_DropColumn" || subtype == "AT_AlterColumnType")) {
        at.error(subtype == "AT_AddColumn" ? "cannot add column to typed table" : subtype == "AT_DropColumn" ? "cannot drop column from typed table" : "cannot alter column type of typed table", "42809");
        return;
    }
    if (only && !table.children.empty())
        refuseOnly(at, table, command, subtype);
    if (!at.failed)
        refuseInherited(at, table, command, subtype);
    if (at.failed)
        return;
    if (subtype == "AT_DropNotNull")
        refuseDropNotNull(at, table, command.text("name"));
    else if (subtype == "AT_SetRelOptions" && table.kind == 'p') {
        const auto options = command.list("def");
        if (!options.empty())
            at.error(at.major >= 17 ? std::string("cannot specify storage parameters for a partitioned table") : "unrecognized parameter \"" + options[0].text("defname") + "\"",
                     at.major >= 17 ? "42809" : "22023", "Specify storage parameters for its leaf partitions instead.");
    } else if (subtype.find("Trig") != std::string::npos && subtype.find("TrigAll") == std::string::npos && subtype.find("TrigUser") == std::string::npos) {
        refuseTrigger(at, table, command.text("name"));
    }
}

void refuseUnlike(Analysis &at, const Relation &parent, Relation &child)
{
    if (!parent.known || !child.known || parent.columns.empty() || parent.isIndex())
        return;
    for (const Column &above : parent.columns) {
        const Column *column = columnIn(child, above.name);
        if (column == nullptr)
            at.error("child table is missing column \"" + above.name + "\"", "42804");
        else if (column->type != above.type)
            at.error("child table \"" + child.name + "\" has different type for column \"" + above.name + "\"", "42804");
        else if (above.not_null && !column->not_null)
            at.error("column \"" + above.name + "\" in child table " + (at.major >= 17 ? "\"" + child.name + "\" " : "") + "must be marked NOT NULL", "42804");
        if (at.failed)
            return;
    }
    for (const Column &column : child.columns) {
        if (parent.kind == 'p' && columnIn(parent, column.name) == nullptr) {
            at.error("table \"" + child.name + "\" contains column \"" + column.name + "\" not found in parent \"" + parent.name + "\"", "42804",
                     "The new partition may contain only the columns present in parent.");
            return;
        }
    }
    for (const Constraint &check : parent.constraints) {
        if (check.type == 'c' && constraintIn(child, check.name) == nullptr) {
            at.error("child table is missing constraint \"" + check.name + "\"", "42804");
            return;
        }
    }
}

void refuseForeignKey(Analysis &at, const Relation &table, const Relation &referenced, const Constraint &key)
{
    for (const std::string &column : key.columns) {
        if (table.known && !table.columns.empty() && columnIn(table, column) == nullptr) {
            at.error("column \"" + column + "\" referenced in foreign key constraint does not exist", "42703");
            return;
        }
    }
    if (!referenced.known || referenced.columns.empty())
        return;
    if (key.referenced_columns.empty()) {
        at.error("there is no primary key for referenced table \"" + referenced.name + "\"", "42704");
        return;
    }
    for (const std::string &column : key.referenced_columns) {
        if (columnIn(referenced, column) == nullptr) {
            at.error("column \"" + column + "\" referenced in foreign key constraint does not exist", "42703");
            return;
        }
    }
    if (key.columns.size() != key.referenced_columns.size()) {
        at.error("number of referencing and referenced columns for foreign key disagree", "42830");
        return;
    }
    const std::set<std::string> wanted(key.referenced_columns.begin(), key.referenced_columns.end());
    const bool is_unique = std::any_of(referenced.indexes.begin(), referenced.indexes.end(), [&](const Relation *index) {
        return index->unique && index->plain && std::set<std::string>(index->keys.begin(), index->keys.end()) == wanted;
    });
    if (!is_unique)
        at.error("there is no unique constraint matching given keys for referenced table \"" + referenced.name + "\"", "42830");
}

void refuseNarrowKey(Analysis &at, const Relation &table, const std::vector<std::string> &columns, bool primary)
{
    if (at.failed || table.kind != 'p' || !table.known)
        return;
    for (const std::string &key : table.partition_key) {
        if (!key.empty() && std::find(columns.begin(), columns.end(), key) != columns.end())
            continue;
        at.error("unique constraint on partitioned table must include all partitioning columns", "0A000",
                 std::string(primary ? "PRIMARY KEY" : "UNIQUE") + " constraint on table \"" + table.name + "\" lacks column \"" + key + "\" which is part of the partition key.");
        return;
    }
}

} // namespace howdah::migration::effects
