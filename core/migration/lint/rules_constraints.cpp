// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>

#include "core/migration/lint/words.h"
#include "core/sql/quote.h"

namespace howdah::migration::linting {

namespace {

constexpr const char *notes_page = "https://www.postgresql.org/docs/current/sql-altertable.html#SQL-ALTERTABLE-NOTES";
constexpr const char *add_page = "https://www.postgresql.org/docs/current/sql-altertable.html#SQL-ALTERTABLE-DESC-ADD-TABLE-CONSTRAINT";
constexpr const char *domain_page = "https://www.postgresql.org/docs/current/sql-alterdomain.html";
constexpr LintSeverity serious = LintSeverity::Serious;

std::string table(const Statement &statement)
{
    return nameOf(statement.root.get("relation"));
}

template <typename Use> void added(const Statement &statement, const char *contype, const Use &use)
{
    if (!statement.blocks_work)
        return;
    for (const SubCommand &command : statement.commands) {
        const Node definition = command.def();
        if (command.is("AT_AddConstraint") && definition.text("contype") == contype && !definition.flag("skip_validation") && !definition.flag("howdah_not_enforced"))
            use(command, definition);
    }
}

std::string inTwo(const Statement &statement, const SubCommand &command, const std::string &name)
{
    if (command.text.empty())
        return {};
    std::string text = command.text;
    if (command.def().text("conname").empty()) // ADD CHECK … needs a name to be validated by
        text = withAfter(text, "ADD", "CONSTRAINT " + sql::quoteIdentifier(name));
    return "ALTER TABLE " + table(statement) + " " + text + " NOT VALID;\nALTER TABLE " + table(statement) + " VALIDATE CONSTRAINT " + sql::quoteIdentifier(name) + ";";
}

/// The name given, or the one that the server will make.
std::string nameFor(const Statement &statement, const Node &definition, const std::string &reason)
{
    if (!definition.text("conname").empty())
        return definition.text("conname");
    const EffectReason *found = statement.reason(reason.c_str());
    return found == nullptr ? "" : found->subject;
}

void check(const Statement &statement, Report &report)
{
    added(statement, "CONSTR_CHECK", [&](const SubCommand &command, const Node &definition) {
        const bool not_null = definition.flag("howdah_not_null");
        const std::string name = nameFor(statement, definition, not_null ? "add-not-null" : "add-check");
        report.say({std::string(not_null ? "NOT NULL" : "CHECK") + " constraint " + name + " reads " + statement.workWords() + " while readers and writers wait", inTwo(statement, command, name), command.span});
    });
}

void foreignKey(const Statement &statement, Report &report)
{
    added(statement, "CONSTR_FOREIGN", [&](const SubCommand &command, const Node &definition) {
        const std::string name = nameFor(statement, definition, "add-foreign-key");
        std::string fix = inTwo(statement, command, name), instead;
        if (const Relation *on = statement.target(); on != nullptr && on->kind == 'p' && statement.major() < 18) {
            instead = "Before PostgreSQL 18 a partitioned table takes no NOT VALID key: add it NOT VALID to each partition, validate it there, and add it to the parent last, which then reads nothing.";
            fix.clear();
            for (const Relation *leaf : on->children) {
                fix += "ALTER TABLE " + leaf->label() + " " + command.text + " NOT VALID;\n";
                if (!definition.text("conname").empty())
                    fix += "ALTER TABLE " + leaf->label() + " VALIDATE CONSTRAINT " + sql::quoteIdentifier(name) + ";\n";
            }
            fix = definition.text("conname").empty() ? "" : fix + statement.text + ";";
        }
        report.say({"Foreign key " + name + " compares all rows of " + table(statement) + " with " + nameOf(definition.get("pktable")) + " while writers of both wait: " + statement.workWords(), fix, command.span, {}, instead});
    });
}

std::string indexFirst(const Statement &statement, const Node &definition, const std::string &name, const char *words)
{
    const std::string quoted = sql::quoteIdentifier(name);
    std::string fix = "CREATE UNIQUE INDEX CONCURRENTLY " + quoted + " ON " + table(statement) + " (" + columnList(definition.names("keys")) + ")";
    if (const auto including = definition.names("including"); !including.empty())
        fix += " INCLUDE (" + columnList(including) + ")";
    return fix + ";\nALTER TABLE " + table(statement) + " ADD CONSTRAINT " + quoted + " " + words + " USING INDEX " + quoted + ";";
}

void unique(const Statement &statement, Report &report)
{
    added(statement, "CONSTR_UNIQUE", [&](const SubCommand &command, const Node &definition) {
        const std::string name = nameFor(statement, definition, "add-unique");
        const bool partitioned = statement.target() != nullptr && statement.target()->kind == 'p';
        report.say({"UNIQUE constraint " + name + " builds its index on " + statement.workWords() + " while readers and writers wait",
                    partitioned || definition.flag("nulls_not_distinct") ? "" : indexFirst(statement, definition, name, "UNIQUE"), command.span, {},
                    partitioned ? "Make a unique index ON ONLY the partitioned table, build one CONCURRENTLY on each partition, and attach those." : ""});
    });
}

void primaryKey(const Statement &statement, Report &report)
{
    if (!statement.blocks_work)
        return;
    for (const SubCommand &command : statement.commands) {
        const Node definition = command.def();
        if (definition.text("contype") != "CONSTR_PRIMARY" || !(command.is("AT_AddConstraint") || command.is("AT_AddIndexConstraint")))
            continue;
        if (!definition.text("indexname").empty()) {
            report.say({"The primary key takes an index that is there, but its columns allow nulls: " + statement.workWords() + " is read to verify them while readers and writers wait", {}, command.span, {},
                        "Make the columns NOT NULL first by a validated CHECK (column IS NOT NULL), or on PostgreSQL 18 by NOT NULL … NOT VALID and VALIDATE CONSTRAINT."});
            continue;
        }
        const std::string name = nameFor(statement, definition, "add-primary-key");
        report.say({"Primary key " + name + " builds its index on " + statement.workWords() + " while readers and writers wait", indexFirst(statement, definition, name, "PRIMARY KEY"), command.span});
    }
}

void exclusion(const Statement &statement, Report &report)
{
    added(statement, "CONSTR_EXCLUSION", [&](const SubCommand &command, const Node &definition) {
        report.say({"EXCLUDE constraint " + nameFor(statement, definition, "add-exclusion") + " compares all rows of " + statement.workWords() + " while readers and writers wait", {}, command.span});
    });
}

void enforced(const Statement &statement, Report &report)
{
    for (const SubCommand &command : statement.commands) {
        if (command.is("AT_AlterConstraint") && statement.at.tree.alters_enforcement && statement.blocks_work)
            report.say({"ENFORCED compares all rows of both tables while readers and writers of " + table(statement) + " wait", {}, command.span});
    }
}

void combined(const Statement &statement, Report &report)
{
    if (statement.commands.size() < 2 || !statement.onOldTable())
        return;
    for (const SubCommand &command : statement.commands) {
        if (!command.is("AT_ValidateConstraint"))
            continue;
        std::string fix;
        for (const SubCommand &one : statement.commands)
            fix += (fix.empty() ? "" : "\n") + ("ALTER TABLE " + table(statement)) + " " + one.text + ";";
        Lock strongest = Lock::None;
        for (const HeldLock &lock : statement.locks) {
            if (lock.label == statement.target()->label())
                strongest = lock.mode;
        }
        const bool waits = strongest >= Lock::Share;
        report.say({waits ? "VALIDATE CONSTRAINT " + command.column + " reads all rows under the " + lockWords(strongest) + " lock that its neighbours take, and " + waiters(strongest)
                          : "VALIDATE CONSTRAINT " + command.column + " is combined with other work; they end together or not at all",
                    fix, command.span, waits ? serious : LintSeverity::Info});
        return;
    }
}

void domainScan(const Statement &statement, Report &report)
{
    if (!statement.root.is("AlterDomainStmt"))
        return;
    const std::string subtype = statement.root.text("subtype");
    const bool reads = (subtype == "C" && !statement.root.get("def").flag("skip_validation")) || subtype == "O" || subtype == "V";
    const bool known = statement.at.schema.connected();
    const auto name = statement.root.names("typeName");
    if (!reads || statement.failed() || (known && statement.worked.empty()))
        return;
    report.say({known ? "The domain " + (name.empty() ? "" : name.back()) + " is checked on " + statement.workWords() + " while writers wait"
                      : "Every table that uses the domain " + (name.empty() ? "" : name.back()) + " is read while writers wait"});
}

void leftUnvalidated(const Script &script, Report &report)
{
    for (const AddedNotValid &left : script.not_valid)
        report.say({"Constraint " + left.name + " of " + left.table + " is added NOT VALID and not validated in this script: old rows may violate it, and the planner does not trust it",
                    "ALTER TABLE " + left.table + " VALIDATE CONSTRAINT " + sql::quoteIdentifier(left.name) + ";"}, left.spot);
}

} // namespace

const std::vector<RuleRow> &constraintRules()
{
    static const std::vector<RuleRow> rules{
        {{"add-check-scan", "blocking", "A CHECK or NOT NULL constraint that is verified at once", "All rows are read under ACCESS EXCLUSIVE.",
          "Add it with NOT VALID and validate it in a later transaction, beside reads and writes.", notes_page, serious}, check},
        {{"add-foreign-key-scan", "blocking", "A foreign key that is verified at once", "Both tables are read and compared under SHARE ROW EXCLUSIVE.",
          "Add it with NOT VALID and validate it in a later transaction, beside reads and writes.", notes_page, serious}, foreignKey},
        {{"add-unique-build", "blocking", "A UNIQUE constraint that builds its index", "The index is built under ACCESS EXCLUSIVE.",
          "Build a unique index CONCURRENTLY and make it the constraint with USING INDEX.", add_page, serious}, unique},
        {{"add-primary-key-build", "blocking", "A primary key that builds its index or verifies its columns", "The index is built, and columns that allow nulls are verified, under ACCESS EXCLUSIVE.",
          "Make the columns NOT NULL by validated constraints, build a unique index CONCURRENTLY, and use it with USING INDEX.", add_page, serious}, primaryKey},
        {{"add-exclusion-build", "blocking", "An EXCLUDE constraint on a table with rows", "Its index is built and all rows are compared under ACCESS EXCLUSIVE; there is no NOT VALID for it.",
          "Copy the table into a new one that has the constraint, kept in step by a trigger, and switch to it.", add_page, serious}, exclusion},
        {{"alter-constraint-enforced", "blocking", "ALTER CONSTRAINT … ENFORCED", "It takes ACCESS EXCLUSIVE for the whole comparison.",
          "Drop the constraint, add it again as NOT VALID, and validate it in a later transaction.", add_page, serious}, enforced},
        {{"validate-combined", "blocking", "VALIDATE CONSTRAINT combined with anything", "One ALTER TABLE takes its strongest lock for all its work, so validation loses what it is for.",
          "Give VALIDATE CONSTRAINT a statement and a transaction of its own.", notes_page, serious}, combined},
        {{"domain-constraint-scan", "blocking", "A constraint of a domain that is in use", "Every table with a column of the domain is read under SHARE, even by VALIDATE CONSTRAINT.",
          "Put the check on the tables instead, with NOT VALID and VALIDATE CONSTRAINT.", domain_page, serious}, domainScan},
        {{"not-valid-left", "performance", "A constraint that stays NOT VALID", "It holds for new rows only.",
          "Validate it in a later transaction, which may be another script.", notes_page, LintSeverity::Info}, nullptr, leftUnvalidated},
    };
    return rules;
}

} // namespace howdah::migration::linting
