// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>

#include "core/migration/lint/words.h"
#include "core/sql/quote.h"

namespace howdah::migration::linting {

namespace {

constexpr const char *notes_page = "https://www.postgresql.org/docs/current/sql-altertable.html#SQL-ALTERTABLE-NOTES";
constexpr const char *tips_page = "https://www.postgresql.org/docs/current/ddl-alter.html";

constexpr LintSeverity serious = LintSeverity::Serious;

std::string alter(const Statement &statement)
{
    return "ALTER TABLE " + nameOf(statement.root.get("relation")) + " ";
}

std::string place(const Statement &statement, const SubCommand &command)
{
    return nameOf(statement.root.get("relation")) + "." + sql::quoteIdentifier(command.column);
}

/// ADD COLUMN sub-commands that the effects gave `reason`.
template <typename Use> void columnsWith(const Statement &statement, const char *reason, const Use &use)
{
    if (!statement.blocks_work)
        return;
    for (const SubCommand &command : statement.commands) {
        if (command.is("AT_AddColumn") && statement.reason(reason, command.column) != nullptr)
            use(command);
    }
}

const char *const fill = "-- then fill it in batches, each in a transaction of its own";

std::string notNullLater(const Statement &statement, const SubCommand &command, const ColumnParts &parts)
{
    if (parts.textOf("CONSTR_NOTNULL").empty())
        return {};
    const std::string column = sql::quoteIdentifier(command.column);
    const std::string name = sql::quoteIdentifier(statement.root.get("relation").text("relname") + "_" + command.column + "_not_null");
    if (statement.major() >= 18)
        return "\n" + alter(statement) + "ADD CONSTRAINT " + name + " NOT NULL " + column + " NOT VALID;\n" + alter(statement) + "VALIDATE CONSTRAINT " + name + ";";
    return "\n" + alter(statement) + "ADD CONSTRAINT " + name + " CHECK (" + column + " IS NOT NULL) NOT VALID;\n" + alter(statement) + "VALIDATE CONSTRAINT " + name + ";\n"
        + alter(statement) + "ALTER COLUMN " + column + " SET NOT NULL;\n" + alter(statement) + "DROP CONSTRAINT " + name + ";";
}

void volatileDefault(const Statement &statement, Report &report)
{
    columnsWith(statement, "add-column-volatile-default", [&](const SubCommand &command) {
        const ColumnParts parts = partsOf(statement, command);
        std::string fix;
        if (!parts.head.empty()) {
            fix = alter(statement) + "ADD COLUMN " + parts.without({"CONSTR_DEFAULT", "CONSTR_NOTNULL"}) + ";\n" + alter(statement) + "ALTER COLUMN "
                + sql::quoteIdentifier(command.column) + " SET " + parts.textOf("CONSTR_DEFAULT") + ";\n" + fill + notNullLater(statement, command, parts);
        }
        report.say({"The default of " + place(statement, command) + " differs from row to row: " + statement.workWords() + " is rewritten with its indexes while readers and writers wait", fix, command.span});
    });
}

void serialColumn(const Statement &statement, Report &report)
{
    columnsWith(statement, "add-column-serial", [&](const SubCommand &command) {
        const std::string column = sql::quoteIdentifier(command.column), table = nameOf(statement.root.get("relation"));
        const auto names = command.def().get("typeName").names("names");
        const std::string serial = names.empty() ? "" : names.back();
        const std::string type = serial.find('2') != std::string::npos || serial == "smallserial" ? "smallint" : serial.find('8') != std::string::npos || serial == "bigserial" ? "bigint" : "integer";
        const std::string sequence = sql::quoteQualified(statement.root.get("relation").text("schemaname"), statement.root.get("relation").text("relname") + "_" + command.column + "_seq");
        report.say({"Numbering the rows for " + place(statement, command) + " rewrites " + statement.workWords() + " while readers and writers wait",
                    alter(statement) + "ADD COLUMN " + column + " " + type + ";\nCREATE SEQUENCE " + sequence + " AS " + type + " OWNED BY " + table + "." + column + ";\n"
                        + alter(statement) + "ALTER COLUMN " + column + " SET DEFAULT nextval(" + sql::quoteLiteral(sequence) + ");\n" + fill,
                    command.span});
    });
}

void identityColumn(const Statement &statement, Report &report)
{
    columnsWith(statement, "add-column-identity", [&](const SubCommand &command) {
        const ColumnParts parts = partsOf(statement, command);
        const std::string column = sql::quoteIdentifier(command.column);
        std::string fix;
        if (!parts.head.empty())
            fix = alter(statement) + "ADD COLUMN " + parts.without({"CONSTR_IDENTITY", "CONSTR_NOTNULL", "CONSTR_PRIMARY", "CONSTR_UNIQUE"}) + ";\n" + fill
                + "\n-- then make it NOT NULL by a validated constraint, and\n" + alter(statement) + "ALTER COLUMN " + column + " ADD " + parts.textOf("CONSTR_IDENTITY") + ";";
        report.say({"Numbering the rows for " + place(statement, command) + " rewrites " + statement.workWords() + " while readers and writers wait", fix, command.span});
    });
}

void storedColumn(const Statement &statement, Report &report)
{
    columnsWith(statement, "add-column-generated-stored", [&](const SubCommand &command) {
        std::string fix;
        if (statement.major() >= 18 && command.text.size() > 0)
            fix = alter(statement) + without(command.text, {"STORED"}) + " VIRTUAL;";
        report.say({"Computing " + place(statement, command) + " for every row rewrites " + statement.workWords() + " while readers and writers wait", fix, command.span});
    });
}

void domainColumn(const Statement &statement, Report &report)
{
    columnsWith(statement, "add-column-constrained-domain", [&](const SubCommand &command) {
        report.say({"The domain of " + place(statement, command) + " has constraints, which are checked by rewriting " + statement.workWords() + " while readers and writers wait", {}, command.span});
    });
}

template <typename Use> void columnsWithConstraint(const Statement &statement, const std::vector<std::string> &kinds, const Use &use)
{
    if (!statement.blocks_work)
        return;
    for (const SubCommand &command : statement.commands) {
        if (!command.is("AT_AddColumn"))
            continue;
        for (const Node &constraint : command.def().list("constraints")) {
            if (std::find(kinds.begin(), kinds.end(), constraint.text("contype")) != kinds.end() && !constraint.flag("howdah_not_enforced"))
                use(command, constraint);
        }
    }
}

void inlineCheck(const Statement &statement, Report &report)
{
    columnsWithConstraint(statement, {"CONSTR_CHECK"}, [&](const SubCommand &command, const Node &constraint) {
        const ColumnParts parts = partsOf(statement, command);
        std::string fix;
        if (!parts.head.empty()) {
            std::string name = constraint.text("conname");
            if (name.empty())
                name = statement.root.get("relation").text("relname") + "_" + command.column + "_check";
            std::string check = parts.textOf("CONSTR_CHECK");
            if (check.size() < 5 || std::toupper(static_cast<unsigned char>(check[1])) != 'H') // CONSTRAINT name CHECK …
                check = check.find_first_of("(") == std::string::npos ? "" : "CHECK " + check.substr(check.find_first_of("("));
            fix = alter(statement) + "ADD COLUMN " + parts.without({"CONSTR_CHECK"}) + ";\n" + alter(statement) + "ADD CONSTRAINT " + sql::quoteIdentifier(name) + " " + check
                + " NOT VALID;\n" + alter(statement) + "VALIDATE CONSTRAINT " + sql::quoteIdentifier(name) + ";";
        }
        report.say({"The CHECK of " + place(statement, command) + " reads " + statement.workWords() + " while readers and writers wait, though the new column holds one value only", fix, command.span});
    });
}

void inlineUnique(const Statement &statement, Report &report)
{
    columnsWithConstraint(statement, {"CONSTR_UNIQUE", "CONSTR_PRIMARY"}, [&](const SubCommand &command, const Node &constraint) {
        const bool primary = constraint.text("contype") == "CONSTR_PRIMARY";
        const ColumnParts parts = partsOf(statement, command);
        const std::string column = sql::quoteIdentifier(command.column);
        const std::string name = sql::quoteIdentifier(statement.root.get("relation").text("relname") + (primary ? "_pkey" : "_" + command.column + "_key"));
        std::string fix;
        if (!parts.head.empty() && !primary)
            fix = alter(statement) + "ADD COLUMN " + parts.without({"CONSTR_UNIQUE"}) + ";\nCREATE UNIQUE INDEX CONCURRENTLY " + name + " ON " + nameOf(statement.root.get("relation")) + " (" + column
                + ");\n" + alter(statement) + "ADD CONSTRAINT " + name + " UNIQUE USING INDEX " + name + ";";
        report.say({std::string(primary ? "PRIMARY KEY" : "UNIQUE") + " of " + place(statement, command) + " builds its index on " + statement.workWords() + " while readers and writers wait", fix, command.span});
    });
}

void inlineReference(const Statement &statement, Report &report)
{
    columnsWithConstraint(statement, {"CONSTR_FOREIGN"}, [&](const SubCommand &command, const Node &constraint) {
        const bool has_value = statement.reason("add-foreign-key") != nullptr;
        if (!has_value)
            return;
        const ColumnParts parts = partsOf(statement, command);
        std::string fix;
        if (!parts.head.empty()) {
            const std::string column = sql::quoteIdentifier(command.column);
            const std::string name = sql::quoteIdentifier(statement.root.get("relation").text("relname") + "_" + command.column + "_fkey");
            fix = alter(statement) + "ADD COLUMN " + parts.without({"CONSTR_FOREIGN"}) + ";\n" + alter(statement) + "ADD CONSTRAINT " + name + " FOREIGN KEY (" + column + ") "
                + parts.textOf("CONSTR_FOREIGN") + " NOT VALID;\n" + alter(statement) + "VALIDATE CONSTRAINT " + name + ";";
        }
        report.say({"The new column " + place(statement, command) + " has a default, so every row is compared with " + nameOf(constraint.get("pktable")) + " while readers and writers of "
                        + nameOf(statement.root.get("relation")) + " wait", fix, command.span});
    });
}

void requiredColumn(const Statement &statement, Report &report)
{
    if (!statement.onOldTable() || statement.failed())
        return;
    for (const SubCommand &command : statement.commands) {
        if (!command.is("AT_AddColumn") || statement.reason("add-column-not-null", command.column) == nullptr)
            continue;
        const ColumnParts parts = partsOf(statement, command);
        std::string fix;
        if (!parts.head.empty())
            fix = alter(statement) + "ADD COLUMN " + parts.without({"CONSTR_NOTNULL"}) + ";\n" + fill + notNullLater(statement, command, parts);
        report.say({place(statement, command) + " must have a value and has no default: with a single row in the table the statement fails, and until it ends readers and writers wait", fix, command.span});
    }
}

void setNotNull(const Statement &statement, Report &report)
{
    if (!statement.blocks_work)
        return;
    for (const SubCommand &command : statement.commands) {
        if (!command.is("AT_SetNotNull") || statement.reason("set-not-null-proved", command.column) != nullptr)
            continue;
        const Relation *table = statement.target();
        const auto column = table == nullptr ? std::vector<Column>::const_iterator() : std::find_if(table->columns.begin(), table->columns.end(), [&](const Column &c) { return c.name == command.column; });
        const bool was_strict = table != nullptr && column != table->columns.end() && column->not_null;
        const bool unproved = table != nullptr && std::any_of(table->constraints.begin(), table->constraints.end(), [&](const Constraint &c) {
            return c.type == 'n' && !c.validated && c.columns == std::vector<std::string>{command.column};
        });
        if (was_strict && !unproved)
            continue;
        ColumnParts strict;
        strict.parts.push_back({"CONSTR_NOTNULL", "NOT NULL"});
        std::string fix = notNullLater(statement, command, strict).substr(1);
        if (unproved) {
            for (const Constraint &constraint : table->constraints) {
                if (constraint.type == 'n' && !constraint.validated && constraint.columns == std::vector<std::string>{command.column})
                    fix = alter(statement) + "VALIDATE CONSTRAINT " + sql::quoteIdentifier(constraint.name) + ";";
            }
        }
        report.say({"SET NOT NULL on " + place(statement, command) + " reads " + statement.workWords() + " while readers and writers wait", fix, command.span});
    }
}

void setExpression(const Statement &statement, Report &report)
{
    for (const SubCommand &command : statement.commands) {
        if (command.is("AT_SetExpression") && statement.blocks_work)
            report.say({"Computing " + place(statement, command) + " anew rewrites " + statement.workWords() + " while readers and writers wait", {}, command.span});
    }
}

} // namespace

const std::vector<RuleRow> &columnRules()
{
    static const std::vector<RuleRow> rules{
        {{"add-column-volatile-default", "blocking", "A new column whose default is volatile", "A constant or stable default (now() too) is kept in the catalog since PostgreSQL 11; a volatile one must be stored in every row under ACCESS EXCLUSIVE.",
          "Add the column without the default, set the default for new rows, and fill the old rows in batches.", notes_page, serious}, volatileDefault},
        {{"add-column-serial", "blocking", "A new serial column", "serial is a default of nextval(): every row gets its number under ACCESS EXCLUSIVE.",
          "Add a plain integer column, attach a sequence as its default, and fill the old rows in batches.", notes_page, serious}, serialColumn},
        {{"add-column-identity", "blocking", "A new identity column", "Every row gets its number under ACCESS EXCLUSIVE.",
          "Add a plain column, fill it in batches, make it NOT NULL by a validated constraint, and add the identity then; a trigger gives new rows their number meanwhile.", notes_page, serious}, identityColumn},
        {{"add-column-generated-stored", "blocking", "A new stored generated column", "Its value is computed and stored in every row under ACCESS EXCLUSIVE.",
          "Use a plain column that a trigger keeps and batches fill; PostgreSQL 18 has VIRTUAL columns, which touch no row.", notes_page, serious}, storedColumn},
        {{"add-column-constrained-domain", "blocking", "A new column of a domain with constraints", "PostgreSQL checks the domain by rewriting the table under ACCESS EXCLUSIVE, even where the column is empty.",
          "Add the column with the domain's base type, and put the check on the table with NOT VALID and VALIDATE CONSTRAINT.", notes_page, serious}, domainColumn},
        {{"add-column-check", "blocking", "A new column with an inline CHECK", "An inline CHECK is verified for all rows under ACCESS EXCLUSIVE, even without a default.",
          "Add the column, then the CHECK with NOT VALID, and validate it in a later transaction.", notes_page, serious}, inlineCheck},
        {{"add-column-unique", "blocking", "A new column with UNIQUE or PRIMARY KEY", "The index is built under ACCESS EXCLUSIVE.",
          "Add the column, build a unique index CONCURRENTLY, and make it the constraint with USING INDEX.", notes_page, serious}, inlineUnique},
        {{"add-column-reference", "blocking", "A new column with a default and a foreign key", "Without a default there is nothing to compare; with one all rows are compared with the other table under ACCESS EXCLUSIVE.",
          "Add the column, then the foreign key with NOT VALID, and validate it in a later transaction.", notes_page, serious}, inlineReference},
        {{"add-column-required", "blocking", "A new NOT NULL column without a default", "Rows that are there have no value for it.",
          "Give it a constant default, or add it without NOT NULL, fill it, and make it NOT NULL by a validated constraint.", tips_page, serious}, requiredColumn},
        {{"set-not-null-scan", "blocking", "SET NOT NULL that reads the table", "All rows are read under ACCESS EXCLUSIVE, unless a valid CHECK (column IS NOT NULL) proves that there is no null.",
          "Prove it first by a constraint that is validated beside reads and writes, each statement in a transaction of its own.", notes_page, serious}, setNotNull},
        {{"set-expression-rewrite", "blocking", "SET EXPRESSION of a stored column", "Stored values are computed anew for every row under ACCESS EXCLUSIVE.",
          "Use a new column that a trigger keeps and batches fill, and switch to it.", notes_page, serious}, setExpression},
    };
    return rules;
}

} // namespace howdah::migration::linting
