// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>

#include "core/migration/effects/analysis.h"
#include "core/migration/effects/expression.h"

namespace howdah::migration::effects {

namespace {

constexpr const char *alter_table_page = "https://www.postgresql.org/docs/current/sql-altertable.html";
constexpr const char *storage_page = "https://www.postgresql.org/docs/current/sql-createtable.html#SQL-CREATETABLE-STORAGE-PARAMETERS";

constexpr Lock ae = Lock::AccessExclusive;
constexpr Lock sue = Lock::ShareUpdateExclusive;
constexpr Lock sre = Lock::ShareRowExclusive;

constexpr Rule composite_rule{"alter-composite-type", "the catalog alone is changed; a type that columns have cannot change its attributes' types",
                              "https://www.postgresql.org/docs/current/sql-altertype.html"};

enum class Reach : std::uint8_t { Table, Tree };

/// Sub-commands that touch the catalog alone, or whose further work is done in workOf().
struct SubCommand {
    const char *subtype;
    const char *words;
    Lock lock;
    Reach reach;   ///< whether ALTER TABLE without ONLY goes on to partitions and inheritors
    Rule rule;
};

const SubCommand sub_commands[] = {
    {"AT_AddColumn", "ADD COLUMN", ae, Reach::Tree, {"add-column", "the table's row type changes", alter_table_page}},
    {"AT_DropColumn", "DROP COLUMN", ae, Reach::Tree, {"drop-column", "the column is only marked as dropped; its space is reused later", alter_table_page}},
    {"AT_ColumnDefault", "ALTER COLUMN … DEFAULT", ae, Reach::Tree, {"column-default", "only rows inserted later are affected", alter_table_page}},
    {"AT_DropNotNull", "DROP NOT NULL", ae, Reach::Tree, {"drop-not-null", "the catalog alone is changed", alter_table_page}},
    {"AT_SetNotNull", "SET NOT NULL", ae, Reach::Tree, {"set-not-null", "all rows are read, unless a valid CHECK proves that there is no null", alter_table_page}},
    {"AT_SetExpression", "SET EXPRESSION", ae, Reach::Tree, {"set-expression", "stored values are computed anew by rewriting the table", alter_table_page}},
    {"AT_DropExpression", "DROP EXPRESSION", ae, Reach::Tree, {"drop-expression", "the catalog alone is changed", alter_table_page}},
    {"AT_SetStatistics", "SET STATISTICS", sue, Reach::Tree, {"set-statistics", "the catalog alone is changed, beside reads and writes", alter_table_page}},
    {"AT_SetOptions", "SET (attribute option)", sue, Reach::Table, {"set-attribute-option", "the catalog alone is changed, beside reads and writes", alter_table_page}},
    {"AT_ResetOptions", "RESET (attribute option)", sue, Reach::Table, {"reset-attribute-option", "the catalog alone is changed, beside reads and writes", alter_table_page}},
    {"AT_SetStorage", "SET STORAGE", ae, Reach::Tree, {"set-storage", "only values stored later are affected", alter_table_page}},
    {"AT_SetCompression", "SET COMPRESSION", ae, Reach::Table, {"set-compression", "only values stored later are affected", alter_table_page}},
    {"AT_AlterColumnType", "ALTER COLUMN … TYPE", ae, Reach::Tree, {"alter-column-type", "", alter_table_page}},
    {"AT_AddIdentity", "ADD IDENTITY", ae, Reach::Table, {"add-identity", "a sequence is made; only rows inserted later are affected", alter_table_page}},
    {"AT_SetIdentity", "SET IDENTITY", ae, Reach::Table, {"set-identity", "the catalog alone is changed", alter_table_page}},
    {"AT_DropIdentity", "DROP IDENTITY", ae, Reach::Table, {"drop-identity", "the sequence is dropped with it", alter_table_page}},
    {"AT_AddConstraint", "ADD CONSTRAINT", ae, Reach::Table, {"add-constraint", "", alter_table_page}},
    {"AT_AddIndexConstraint", "ADD CONSTRAINT … USING INDEX", ae, Reach::Table, {"add-constraint-using-index", "the index is there already and is not built", alter_table_page}},
    {"AT_ValidateConstraint", "VALIDATE CONSTRAINT", sue, Reach::Table, {"validate-constraint", "all rows are read beside reads and writes", alter_table_page}},
    {"AT_AlterConstraint", "ALTER CONSTRAINT", ae, Reach::Table, {"alter-constraint", "the catalog alone is changed", alter_table_page}},
    {"AT_DropConstraint", "DROP CONSTRAINT", ae, Reach::Table, {"drop-constraint", "the catalog alone is changed", alter_table_page}},
    {"AT_ClusterOn", "CLUSTER ON", sue, Reach::Table, {"cluster-on", "only later CLUSTER runs are affected", alter_table_page}},
    {"AT_DropCluster", "SET WITHOUT CLUSTER", sue, Reach::Table, {"without-cluster", "only later CLUSTER runs are affected", alter_table_page}},
    {"AT_SetLogged", "SET LOGGED", ae, Reach::Table, {"set-logged", "the whole table is rewritten into the write-ahead log", alter_table_page}},
    {"AT_SetUnLogged", "SET UNLOGGED", ae, Reach::Table, {"set-unlogged", "the whole table is rewritten", alter_table_page}},
    {"AT_SetAccessMethod", "SET ACCESS METHOD", ae, Reach::Table, {"set-access-method", "the table is rewritten when the method is another one", alter_table_page}},
    {"AT_SetTableSpace", "SET TABLESPACE", ae, Reach::Table, {"set-tablespace", "the files are copied; indexes stay where they are", alter_table_page}},
    {"AT_SetRelOptions", "SET (storage parameter)", sue, Reach::Table, {"set-storage-parameter", "the catalog alone is changed", storage_page}},
    {"AT_ResetRelOptions", "RESET (storage parameter)", sue, Reach::Table, {"reset-storage-parameter", "the catalog alone is changed", storage_page}},
    {"AT_EnableTrig", "ENABLE TRIGGER", sre, Reach::Tree, {"enable-trigger", "writers must see one state", alter_table_page}},
    {"AT_EnableAlwaysTrig", "ENABLE ALWAYS TRIGGER", sre, Reach::Tree, {"enable-trigger", "writers must see one state", alter_table_page}},
    {"AT_EnableReplicaTrig", "ENABLE REPLICA TRIGGER", sre, Reach::Tree, {"enable-trigger", "writers must see one state", alter_table_page}},
    {"AT_DisableTrig", "DISABLE TRIGGER", sre, Reach::Tree, {"disable-trigger", "writers must see one state", alter_table_page}},
    {"AT_EnableTrigAll", "ENABLE TRIGGER ALL", sre, Reach::Tree, {"enable-trigger", "writers must see one state", alter_table_page}},
    {"AT_DisableTrigAll", "DISABLE TRIGGER ALL", sre, Reach::Tree, {"disable-trigger", "writers must see one state", alter_table_page}},
    {"AT_EnableTrigUser", "ENABLE TRIGGER USER", sre, Reach::Tree, {"enable-trigger", "writers must see one state", alter_table_page}},
    {"AT_DisableTrigUser", "DISABLE TRIGGER USER", sre, Reach::Tree, {"disable-trigger", "writers must see one state", alter_table_page}},
    {"AT_EnableRule", "ENABLE RULE", ae, Reach::Table, {"enable-rule", "queries are rewritten differently from now on", alter_table_page}},
    {"AT_EnableAlwaysRule", "ENABLE ALWAYS RULE", ae, Reach::Table, {"enable-rule", "queries are rewritten differently from now on", alter_table_page}},
    {"AT_EnableReplicaRule", "ENABLE REPLICA RULE", ae, Reach::Table, {"enable-rule", "queries are rewritten differently from now on", alter_table_page}},
    {"AT_DisableRule", "DISABLE RULE", ae, Reach::Table, {"disable-rule", "queries are rewritten differently from now on", alter_table_page}},
    {"AT_AddInherit", "INHERIT", ae, Reach::Table, {"inherit", "the parent's queries read the table from now on", alter_table_page}},
    {"AT_DropInherit", "NO INHERIT", ae, Reach::Table, {"no-inherit", "the parent's queries no longer read the table", alter_table_page}},
    {"AT_AddOf", "OF type", ae, Reach::Table, {"of-type", "the catalog alone is changed", alter_table_page}},
    {"AT_DropOf", "NOT OF", ae, Reach::Table, {"not-of", "the catalog alone is changed", alter_table_page}},
    {"AT_ReplicaIdentity", "REPLICA IDENTITY", ae, Reach::Table, {"replica-identity", "the catalog alone is changed", alter_table_page}},
    {"AT_EnableRowSecurity", "ENABLE ROW LEVEL SECURITY", ae, Reach::Table, {"row-security", "queries are filtered from now on", alter_table_page}},
    {"AT_DisableRowSecurity", "DISABLE ROW LEVEL SECURITY", ae, Reach::Table, {"row-security", "queries are no longer filtered", alter_table_page}},
    {"AT_ForceRowSecurity", "FORCE ROW LEVEL SECURITY", ae, Reach::Table, {"row-security", "the owner's queries are filtered from now on", alter_table_page}},
    {"AT_NoForceRowSecurity", "NO FORCE ROW LEVEL SECURITY", ae, Reach::Table, {"row-security", "the owner's queries are no longer filtered", alter_table_page}},
    {"AT_ChangeOwner", "OWNER TO", ae, Reach::Table, {"owner", "the catalog alone is changed", alter_table_page}},
    {"AT_AttachPartition", "ATTACH PARTITION", sue, Reach::Table, {"attach-partition", "", alter_table_page}},
    {"AT_DetachPartition", "DETACH PARTITION", ae, Reach::Table, {"detach-partition", "", alter_table_page}},
    {"AT_DetachPartitionFinalize", "DETACH PARTITION … FINALIZE", sue, Reach::Table, {"detach-finalize", "the second half of a concurrent detach", alter_table_page}},
    {"AT_GenericOptions", "OPTIONS", ae, Reach::Table, {"foreign-options", "the catalog alone is changed", alter_table_page}},
};

const SubCommand *ruleOf(const std::string &subtype)
{
    for (const SubCommand &command : sub_commands) {
        if (subtype == command.subtype)
            return &command;
    }
    return nullptr;
}

bool weakOption(const std::string &name)
{
    return name.rfind("autovacuum_", 0) == 0 || name.rfind("log_autovacuum", 0) == 0 || name == "fillfactor" || name == "parallel_workers" || name == "toast_tuple_target"
        || name.rfind("vacuum_", 0) == 0 || name == "fastupdate" || name == "gin_pending_list_limit" || name == "pages_per_range" || name == "autosummarize"
        || name == "deduplicate_items" || name == "buffering" || name == "n_distinct" || name == "n_distinct_inherited" || name == "security_barrier";
}

bool isForeignKey(const Node &definition)
{
    return definition.text("contype") == "CONSTR_FOREIGN";
}

/// What the sub-command would take alone, on the table.
Lock lockOf(Analysis &at, const Node &command, const SubCommand &rule, const Relation &table)
{
    const Node definition = command.get("def");
    const std::string subtype = command.text("subtype");
    if (subtype == "AT_SetRelOptions" || subtype == "AT_ResetRelOptions") {
        const auto options = command.list("def");
        const bool weak = std::all_of(options.begin(), options.end(), [](const Node &option) { return weakOption(option.text("defname")); });
        return weak && table.kind != 'v' ? sue : ae;
    }
    if (subtype == "AT_AddConstraint" && isForeignKey(definition))
        return sre;
    if (subtype == "AT_DetachPartition" && definition.flag("concurrent"))
        return sue;
    if (table.isIndex() && subtype == "AT_AttachPartition")
        return sue;
    (void)at;
    return rule.lock;
}

std::string subjectOf(const Node &command, const SubCommand &rule)
{
    const Node definition = command.get("def");
    std::string name = command.text("name");
    if (name.empty())
        name = definition.text("colname");
    if (name.empty())
        name = definition.text("conname");
    if (name.empty())
        name = definition.get("name").text("relname");
    std::string words(rule.words);
    const std::size_t gap = words.find("…");
    if (name.empty())
        return words;
    return gap == std::string::npos ? words + " " + name : words.replace(gap, std::string_view("…").size(), name);
}

/// Lock of a relation by name within a sub-command: INHERIT parent and the like.
void relatedWork(Analysis &at, Relation &table, const Node &command, const std::string &subtype)
{
    const auto indexNamed = [&](const std::string &name) { return at.schema.find(table.schema, name); };
    if (subtype == "AT_AddInherit" || subtype == "AT_DropInherit") {
        Relation *parent = at.relation(command.get("def"));
        at.lock(parent, subtype == "AT_AddInherit" ? sue : Lock::AccessShare);
        if (parent != nullptr && subtype == "AT_AddInherit") {
            refuseUnlike(at, *parent, table);
            parent->children.push_back(&table);
            table.parents.push_back(parent);
        } else if (parent != nullptr) {
            remove(parent->children, &table);
            remove(table.parents, parent);
        }
    } else if (subtype == "AT_DropOf") {
        table.of_type.clear();
    } else if (subtype == "AT_AddOf") {
        const auto type = command.get("def").names("names");
        table.of_type = type.empty() ? "" : type.back();
    } else if (subtype == "AT_ClusterOn") {
        at.lock(indexNamed(command.text("name")), sue);
    } else if (subtype == "AT_ReplicaIdentity") {
        if (const std::string name = command.get("def").text("name"); !name.empty())
            at.lock(indexNamed(name), Lock::Share);
    } else if (subtype == "AT_ChangeOwner") {
        const Node role = command.get("newowner");
        const std::string name = role.text("roletype") == "ROLESPEC_CSTRING" ? role.text("rolename") : at.schema.role;
        if (table.owner.empty() || name != table.owner) {
            at.lockIndexes(table, ae);
            for (Relation *sequence : table.sequences)
                at.lock(sequence, ae);
            table.owner = name;
        }
    } else if (subtype == "AT_DropIdentity" || subtype == "AT_SetIdentity") {
        for (Relation *sequence : std::vector<Relation *>(table.sequences)) {
            if (sequence->owner_column != command.text("name"))
                continue;
            at.lock(sequence, subtype == "AT_DropIdentity" ? ae : sre);
            if (subtype == "AT_DropIdentity")
                at.schema.drop(*sequence);
            else if (const auto options = command.list("def"); std::any_of(options.begin(), options.end(), [](const Node &option) { return option.text("defname") != "generated"; }))
                at.rewrite(*sequence);
        }
        if (Column *column = table.column(command.text("name")); column != nullptr && subtype == "AT_DropIdentity")
            column->identity = false;
    } else if (subtype == "AT_AddIdentity") {
        std::vector<std::string> named{table.schema, at.freeName(table, command.text("name"), "seq")};
        for (const Node &option : command.get("def").list("options")) {
            if (const auto name = option.text("defname") == "sequence_name" ? option.names("arg") : std::vector<std::string>(); !name.empty())
                named = {name.size() > 1 ? name[name.size() - 2] : table.schema, name.back()};
        }
        Relation &sequence = at.make(named[0], named[1], 'S');
        sequence.owner_column = command.text("name");
        table.sequences.push_back(&sequence);
        if (Column *column = table.column(command.text("name")))
            column->identity = true;
    }
}

bool refusePersistence(Analysis &at, const Relation &table, bool unlogged)
{
    const char *word = unlogged ? "unlogged" : "logged";
    if (table.kind == 'p' && at.major >= 18) {
        at.error(std::string("ALTER action SET ") + (unlogged ? "UNLOGGED" : "LOGGED") + " cannot be performed on relation \"" + table.name + "\"", "42809");
        return true;
    }
    for (const auto &[name, publication] : at.schema.publications) {
        if (unlogged && std::find(publication.tables.begin(), publication.tables.end(), &table) != publication.tables.end()) {
            at.error("cannot change table \"" + table.name + "\" to unlogged because it is part of a publication", "55000", "It is " + name);
            return true;
        }
    }
    for (const Relation &other : at.schema.relations) {
        for (const Constraint &key : other.alive ? other.constraints : std::vector<Constraint>()) {
            if (key.type != 'f' || key.referenced == nullptr || &other == key.referenced)
                continue;
            const Relation *beside = unlogged && key.referenced == &table ? &other : !unlogged && &other == &table ? key.referenced : nullptr;
            if (beside == nullptr || beside->unlogged == unlogged)
                continue;
            at.error("could not change table \"" + table.name + "\" to " + word + " because it references " + (unlogged ? "logged" : "unlogged") + " table \"" + beside->name + "\"", "42P16");
            return true;
        }
    }
    return false;
}

void fileWork(Analysis &at, Passes &passes, Relation &table, const Node &command, const std::string &subtype)
{
    if (subtype == "AT_SetLogged" || subtype == "AT_SetUnLogged") {
        const bool unlogged = subtype == "AT_SetUnLogged";
        if (table.known && table.unlogged == unlogged)
            return; // it is that already
        if (refusePersistence(at, table, unlogged))
            return;
        passes[&table].rewrite = passes[&table].rewrite || table.unlogged != unlogged || !table.known;
        table.unlogged = unlogged;
        if (unlogged)
            at.breaks("After a crash " + table.label() + " is empty, and standbys do not have its rows");
        // sequences of the columns follow (15 and newer)
        for (Relation *sequence : table.sequences) {
            if (at.major >= 15) {
                at.lock(sequence, ae);
                at.rewrite(*sequence);
            }
        }
    } else if (subtype == "AT_SetAccessMethod") {
        if (at.major < 15)
            at.error("syntax error at or near \"ACCESS\"", "42601", "SET ACCESS METHOD came with PostgreSQL 15");
        const std::string method = command.text("name");
        passes[&table].rewrite = passes[&table].rewrite || (!method.empty() && method != "heap" && table.kind != 'p');
    } else if (subtype == "AT_SetTableSpace") {
        if (command.text("name") != "pg_default") {
            at.rewrite(table);
            at.note("If the table lies in that tablespace already, nothing is copied.");
        }
    } else if (subtype == "AT_SetCompression" && at.major < 14) {
        at.error("syntax error at or near \"COMPRESSION\"", "42601", "SET COMPRESSION came with PostgreSQL 14");
    }
}

void columnWork(Analysis &at, Passes &passes, Relation &table, const Node &command, const std::string &subtype)
{
    const std::string name = command.text("name");
    Column *column = table.column(name);
    if (column == nullptr && table.known && !table.isIndex() && table.kind != 'v') {
        at.error("column \"" + name + "\" of relation \"" + table.name + "\" does not exist", "42703");
        return;
    }
    if (subtype == "AT_SetNotNull") {
        setNotNull(at, passes, table, name);
    } else if (subtype == "AT_DropNotNull") {
        if (column != nullptr)
            column->not_null = false;
        at.breaks("Code that reads " + table.label() + "." + name + " may now meet NULL");
    } else if (subtype == "AT_SetExpression") {
        if (at.major < 17)
            at.error("syntax error at or near \"EXPRESSION\"", "42601", "SET EXPRESSION came with PostgreSQL 17");
        if (column == nullptr || column->generated != 'v')
            passes[&table].rewrite = true;
        for (Relation *index : table.indexes) {
            if (index->uses.count(name) > 0) {
                passes[&table].rebuilt.insert(index);
                at.lock(index, ae);
            }
        }
    } else if (subtype == "AT_DropExpression" && column != nullptr) {
        column->generated = 0;
    }
}

void workOf(Analysis &at, Passes &passes, Relation &table, const Node &command, const std::string &subtype)
{
    const bool cascade = command.text("behavior") == "DROP_CASCADE";
    if (subtype == "AT_AddColumn")
        addColumn(at, passes, table, command.get("def"), command.flag("missing_ok"));
    else if (subtype == "AT_DropColumn")
        dropColumn(at, table, command.text("name"), cascade, command.flag("missing_ok"));
    else if (subtype == "AT_AlterColumnType")
        alterColumnType(at, passes, table, command);
    else if (subtype == "AT_SetNotNull" || subtype == "AT_DropNotNull" || subtype == "AT_SetExpression" || subtype == "AT_DropExpression" || subtype == "AT_ColumnDefault")
        columnWork(at, passes, table, command, subtype);
    else if (subtype == "AT_AddConstraint" || subtype == "AT_AddIndexConstraint")
        addConstraint(at, passes, table, {command.get("def"), {}, true}, false);
    else if (subtype == "AT_DropConstraint")
        dropConstraint(at, table, command.text("name"), cascade, command.flag("missing_ok"));
    else if (subtype == "AT_ValidateConstraint")
        validateConstraint(at, passes, table, command.text("name"));
    else if (subtype == "AT_AlterConstraint")
        alterConstraint(at, passes, table, command.get("def"));
    else if (subtype == "AT_AttachPartition")
        attachPartition(at, passes, table, command.get("def"));
    else if (subtype == "AT_DetachPartition" || subtype == "AT_DetachPartitionFinalize")
        detachPartition(at, table, command);
    else if (subtype == "AT_EnableRowSecurity")
        at.breaks("Roles that are neither owner nor exempt see only rows that a policy of " + table.label() + " lets through");
    relatedWork(at, table, command, subtype);
    fileWork(at, passes, table, command, subtype);
}

/// The third phase: rewriting, verifying, building indexes, validating foreign keys.
void finish(Analysis &at, Passes &passes)
{
    for (auto &[table, pass] : passes) {
        const bool stores = table->kind == 'r' || table->kind == 'm';
        if (pass.rewrite && stores) {
            at.rewrite(*table);
            at.scan(*table, true);
            for (Relation *index : table->indexes) {
                at.lock(index, Lock::AccessExclusive);
                if (index->made_by != at.number && pass.rebuilt.count(index) == 0 && pass.rebuilt_empty.count(index) == 0)
                    at.rewrite(*index);
                at.build(index->label());
            }
        } else {
            if (pass.verify && stores)
                at.scan(*table, true);
            for (Relation *index : pass.rebuilt) {
                if (index->kind == 'i') {
                    at.build(index->label());
                    at.scan(*table);
                }
            }
        }
        for (Relation *referenced : pass.foreign_keys)
            validateForeignKey(at, *table, *referenced);
    }
}

/// Whether a sub-command that goes on to partitions finds something to do there.
bool reachesParts(const Analysis &at, const Relation &table, const Node &command, const std::string &subtype)
{
    if (subtype == "AT_DropNotNull" && at.major >= 18) {
        const auto column = std::find_if(table.columns.begin(), table.columns.end(), [&](const Column &each) { return each.name == command.text("name"); });
        return column == table.columns.end() || column->not_null;
    }
    if (subtype.size() < 4 || subtype.find("Trig") == std::string::npos || !table.known)
        return true;
    // Partitions are opened for each trigger that fires by row; those of foreign keys count for ALL.
    const std::string name = command.text("name");
    const bool by_row = std::any_of(table.triggers.begin(), table.triggers.end(), [&](const Trigger &trigger) { return trigger.for_each_row && (name.empty() || name == trigger.name); });
    const bool has_key = std::any_of(at.schema.relations.begin(), at.schema.relations.end(), [&](const Relation &other) {
        return other.alive && std::any_of(other.constraints.begin(), other.constraints.end(), [&](const Constraint &key) { return key.type == 'f' && (&other == &table || key.referenced == &table); });
    });
    return by_row || (has_key && at.major >= 15 && subtype.find("All") != std::string::npos);
}

void sayCombined(Analysis &at, const std::vector<std::pair<Lock, std::string>> &alone, Lock strongest)
{
    for (const auto &[lock, subject] : alone) {
        if (lock < strongest)
            at.note(subject + " alone would need only " + lockName(lock) + "; combined, all of this statement's work is done under " + lockName(strongest) + ".");
    }
}

/// ALTER TYPE … ATTRIBUTE: tables of the type follow with CASCADE only.
void alterComposite(Analysis &at, const Node &statement)
{
    const std::string of = statement.get("relation").text("relname");
    at.because(composite_rule, of);
    for (const Node &command : statement.list("cmds")) {
        const std::string subtype = command.text("subtype");
        for (Relation &table : at.schema.relations) {
            const auto uses = std::find_if(table.columns.begin(), table.columns.end(), [&](const Column &column) { return column.type == of; });
            if (table.alive && subtype == "AT_AlterColumnType" && uses != table.columns.end()) {
                at.error("cannot alter type \"" + of + "\" because column \"" + table.name + "." + uses->name + "\" uses it", "0A000");
                return;
            }
            if (!table.alive || table.of_type != of)
                continue;
            if (command.text("behavior") != "DROP_CASCADE") {
                at.error("cannot alter type \"" + of + "\" because it is the type of a typed table", "2BP01", "Use ALTER ... CASCADE to alter the typed tables too.");
                return;
            }
            at.lock(&table, Lock::AccessExclusive);
            Passes passes;
            if (subtype == "AT_AddColumn")
                addColumn(at, passes, table, command.get("def"), false);
            else if (subtype == "AT_DropColumn")
                dropColumn(at, table, command.text("name"), true, true);
            else
                alterColumnType(at, passes, table, command);
            finish(at, passes);
        }
    }
}

} // namespace

bool alterTable(Analysis &at, const Node &statement)
{
    if (statement.text("objtype") == "OBJECT_TYPE") {
        alterComposite(at, statement);
        return true;
    }
    Relation *table = at.relation(statement.get("relation"), statement.flag("missing_ok"));
    if (table == nullptr) {
        if (!at.failed)
            at.note("There is no such table, and IF EXISTS makes this do nothing.");
        return true;
    }
    const bool only = !statement.get("relation").flag("inh");
    Passes passes;
    Lock strongest = Lock::None;
    std::vector<std::pair<Lock, std::string>> alone;
    for (const Node &command : statement.list("cmds")) {
        const SubCommand *rule = ruleOf(command.text("subtype"));
        if (rule == nullptr) {
            strongest = Lock::AccessExclusive;
            at.note("No rule knows " + command.text("subtype") + "; ACCESS EXCLUSIVE is what ALTER TABLE takes unless noted otherwise.");
            continue;
        }
        const Lock lock = at.tree.alters_enforcement ? Lock::AccessExclusive : lockOf(at, command, *rule, *table);
        const std::string subject = subjectOf(command, *rule);
        alone.emplace_back(lock, subject);
        strongest = std::max(strongest, lock);
        at.because(rule->rule, subject, lock);
    }
    at.lock(table, strongest);
    sayCombined(at, alone, strongest);
    // The server sorts sub-commands into passes: drops, types, columns, then constraints and indexes.
    std::vector<Node> commands = statement.list("cmds");
    const auto passNumber = [](const Node &command) {
        const std::string subtype = command.text("subtype");
        const bool foreign = subtype == "AT_AddConstraint" && isForeignKey(command.get("def")); // may rely on a key added beside it
        return subtype.rfind("AT_Drop", 0) == 0 ? 0 : subtype == "AT_AlterColumnType" ? 1 : subtype == "AT_AddColumn" ? 2 : foreign ? 5 : subtype.rfind("AT_Add", 0) == 0 ? 4 : 3;
    };
    std::stable_sort(commands.begin(), commands.end(), [&](const Node &a, const Node &b) { return passNumber(a) < passNumber(b); });
    for (const Node &command : commands) {
        const std::string subtype = command.text("subtype");
        const SubCommand *rule = ruleOf(subtype);
        refuseSubCommand(at, *table, command, subtype, only);
        if (only && subtype == "AT_DropColumn" && !at.failed) { // the column becomes their own
            for (Relation *child : table->children)
                at.lock(child, strongest);
        }
        const bool recurses = rule != nullptr && rule->reach == Reach::Tree && !only && reachesParts(at, *table, command, subtype);
        for (Relation *member : recurses ? tree(*table) : std::vector<Relation *>{table}) {
            if (member != table)
                at.lock(member, strongest);
            if (!at.failed)
                workOf(at, passes, *member, command, subtype);
        }
    }
    finish(at, passes);
    return true;
}

} // namespace howdah::migration::effects
