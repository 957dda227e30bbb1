// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/migration/lint/words.h"
#include "core/sql/quote.h"

namespace howdah::migration::linting {

namespace {

constexpr const char *type_page = "https://www.postgresql.org/docs/current/sql-altertype.html";
constexpr const char *enum_page = "https://www.postgresql.org/docs/current/datatype-enum.html";

bool adds(const Statement &statement)
{
    return statement.root.is("AlterEnumStmt") && statement.root.text("oldVal").empty() && !statement.root.text("newVal").empty();
}

void usedEarly(const Statement &statement, Report &report)
{
    const auto &values = statement.script.transaction.new_values;
    if (values.empty() || statement.root.is("AlterEnumStmt"))
        return;
    std::string used;
    effects::walk(*statement.at.tree.document, [&](const std::string &kind, const nlohmann::json &value) {
        if (kind == "sval" && value.contains("sval") && value["sval"].is_string() && values.count(value["sval"].get<std::string>()) > 0)
            used = value["sval"].get<std::string>();
    });
    if (!used.empty())
        report.say({sql::quoteLiteral(used) + " was added to " + values.at(used) + " in the same transaction and cannot be used before it commits (55P04)"});
}

void position(const Statement &statement, Report &report)
{
    if (adds(statement) && statement.root.text("newValNeighbor").empty())
        report.say({sql::quoteLiteral(statement.root.text("newVal")) + " becomes the last value in the order of " + (statement.root.names("typeName").empty() ? "the type" : statement.root.names("typeName").back())});
}

void forGood(const Statement &statement, Report &report)
{
    if (adds(statement))
        report.say({sql::quoteLiteral(statement.root.text("newVal")) + " cannot be taken away again: there is no way back but a new type and a rewrite of every table"});
}

void renamed(const Statement &statement, Report &report)
{
    if (statement.root.is("AlterEnumStmt") && !statement.root.text("oldVal").empty())
        report.say({"Code that names " + sql::quoteLiteral(statement.root.text("oldVal")) + " fails from this moment on; code that names " + sql::quoteLiteral(statement.root.text("newVal")) + " fails until then"});
}

} // namespace

const std::vector<RuleRow> &enumRules()
{
    static const std::vector<RuleRow> rules{
        {{"enum-value-used-early", "trap", "A new enum value used in its own transaction", "PostgreSQL lets ALTER TYPE … ADD VALUE run in a transaction, but not the use of the value, unless the type itself was made there.",
          "Commit after ADD VALUE.", type_page, LintSeverity::Error}, usedEarly},
        {{"enum-value-position", "trap", "A new enum value without a place", "Values compare and sort in their order within the type, not by name.",
          "Say BEFORE or AFTER which value it stands.", type_page, LintSeverity::Info}, position},
        {{"enum-value-for-good", "trap", "A new enum value", "Values can be added and renamed, not removed.",
          "Where values come and go, a table with a foreign key is easier to change.", enum_page, LintSeverity::Info}, forGood},
        {{"enum-value-rename", "compatibility", "A renamed enum value", "Old and new code cannot both be right.",
          "Add the new value, let the application write it, change the rows in batches, and leave the old value unused.", type_page, LintSeverity::Warning}, renamed},
    };
    return rules;
}

} // namespace howdah::migration::linting
