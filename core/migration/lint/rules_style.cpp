// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>

#include "core/migration/lint/words.h"
#include "core/sql/lexer.h"
#include "core/sql/quote.h"

namespace howdah::migration::linting {

namespace {

constexpr const char *numeric_page = "https://www.postgresql.org/docs/current/datatype-numeric.html";
constexpr const char *text_page = "https://www.postgresql.org/docs/current/datatype-character.html";
constexpr const char *time_page = "https://www.postgresql.org/docs/current/datatype-datetime.html";
constexpr const char *json_page = "https://www.postgresql.org/docs/current/datatype-json.html";
constexpr const char *identity_page = "https://www.postgresql.org/docs/current/ddl-identity-columns.html";

struct NewColumn {
    Node definition;
    std::string name, type; ///< pg_type's name of the type, "serial" for those
    std::size_t modifiers = 0;
    ByteSpan span;          ///< of the type
};

ByteSpan spanOfType(const Statement &statement, const Node &type)
{
    const std::size_t base = statement.place.span.begin.value, at = static_cast<std::size_t>(type.number("location"));
    if (statement.place.span.size() != statement.text.size() || at >= statement.text.size())
        return statement.place.span;
    sql::Lexer lexer(statement.text, {at});
    sql::Token token;
    const std::size_t end = lexer.next(token) ? token.span.end.value : at + 1;
    return {{base + at}, {base + end}};
}

template <typename Use> void newColumns(const Statement &statement, const Use &use)
{
    const auto take = [&](const Node &definition) {
        const Node type = definition.get("typeName");
        const auto names = type.names("names");
        if (!names.empty())
            use(NewColumn{definition, definition.text("colname"), names.back(), type.list("typmods").size(), spanOfType(statement, type)});
    };
    if (statement.root.is("CreateStmt")) {
        for (const Node &element : statement.root.list("tableElts")) {
            if (element.is("ColumnDef"))
                take(element);
        }
    }
    for (const SubCommand &command : statement.commands) {
        if (command.is("AT_AddColumn"))
            take(command.def());
        else if (command.is("AT_AlterColumnType")) {
            const auto names = command.def().get("typeName").names("names");
            if (!names.empty())
                use(NewColumn{Node(), command.column, names.back(), command.def().get("typeName").list("typmods").size(), spanOfType(statement, command.def().get("typeName"))});
        }
    }
}

bool hasConstraint(const Node &definition, const char *kind)
{
    const auto constraints = definition.list("constraints");
    return std::any_of(constraints.begin(), constraints.end(), [&](const Node &constraint) { return constraint.text("contype") == kind; });
}

/// Keys of the statement's table constraints too.
bool isKey(const Statement &statement, const NewColumn &column)
{
    if (hasConstraint(column.definition, "CONSTR_PRIMARY") || hasConstraint(column.definition, "CONSTR_IDENTITY"))
        return true;
    for (const Node &element : statement.root.is("CreateStmt") ? statement.root.list("tableElts") : std::vector<Node>()) {
        if (!element.is("Constraint") || element.text("contype") != "CONSTR_PRIMARY")
            continue;
        const auto keys = element.names("keys");
        if (std::find(keys.begin(), keys.end(), column.name) != keys.end())
            return true;
    }
    return false;
}

bool isSerial(const std::string &type)
{
    return type == "serial" || type == "serial4" || type == "smallserial" || type == "serial2" || type == "bigserial" || type == "serial8";
}

void intKey(const Statement &statement, Report &report)
{
    newColumns(statement, [&](const NewColumn &column) {
        const bool four = column.type == "int4" || column.type == "serial" || column.type == "serial4", two = column.type == "int2" || column.type == "smallserial" || column.type == "serial2";
        if ((four || two) && (isKey(statement, column) || isSerial(column.type)))
            report.say({"The key " + column.name + " ends at " + (four ? "2,147,483,647" : "32,767"), {}, column.span});
    });
}

void serial(const Statement &statement, Report &report)
{
    newColumns(statement, [&](const NewColumn &column) {
        if (isSerial(column.type))
            report.say({column.name + " is a serial, an integer with a sequence that has privileges and an owner of its own", {}, column.span});
    });
}

void charType(const Statement &statement, Report &report)
{
    newColumns(statement, [&](const NewColumn &column) {
        if (column.type == "bpchar")
            report.say({column.name + " is padded with blanks, which comparisons ignore", {}, column.span});
    });
}

void varcharLimit(const Statement &statement, Report &report)
{
    newColumns(statement, [&](const NewColumn &column) {
        if (column.type == "varchar" && column.modifiers > 0)
            report.say({column.name + " has a length that only a type change can change", {}, column.span});
    });
}

void timestampType(const Statement &statement, Report &report)
{
    newColumns(statement, [&](const NewColumn &column) {
        if (column.type == "timestamp")
            report.say({column.name + " holds a wall clock's reading, not a moment", {}, column.span});
        else if (column.type == "timetz")
            report.say({column.name + " has a time zone but no date, so its offset means little", {}, column.span});
    });
}

void jsonType(const Statement &statement, Report &report)
{
    newColumns(statement, [&](const NewColumn &column) {
        if (column.type == "json")
            report.say({column.name + " is kept as text: no index, no equality, parsed at each use", {}, column.span});
        else if (column.type == "money")
            report.say({column.name + " depends on lc_monetary, and knows no currency", {}, column.span});
    });
}

} // namespace

const std::vector<RuleRow> &styleRules()
{
    static const std::vector<RuleRow> rules{
        {{"int-key", "style", "A key of four bytes or fewer", "Changing a key's type later rewrites the table and every table that refers to it.", "Use bigint.", numeric_page, LintSeverity::Warning, true}, intKey},
        {{"serial-type", "style", "serial", "Identity columns belong to the SQL standard and to their table.", "Use GENERATED ALWAYS AS IDENTITY.", identity_page, LintSeverity::Info, true}, serial},
        {{"char-type", "style", "char(n)", "It is slower than text and surprises in comparisons and LIKE.", "Use text, with a CHECK where the length matters.", text_page, LintSeverity::Warning, true}, charType},
        {{"varchar-limit", "style", "varchar(n)", "A CHECK can be changed without rewriting the table; a narrower varchar cannot.", "Use text, with a CHECK where the length matters.", text_page, LintSeverity::Info, true}, varcharLimit},
        {{"timestamp-type", "style", "timestamp without time zone", "Which moment it is depends on who reads it.", "Use timestamptz.", time_page, LintSeverity::Warning, true}, timestampType},
        {{"json-type", "style", "json and money", "Their successors do the same without these limits.", "Use jsonb, and numeric for amounts.", json_page, LintSeverity::Info, true}, jsonType},
    };
    return rules;
}

} // namespace howdah::migration::linting
