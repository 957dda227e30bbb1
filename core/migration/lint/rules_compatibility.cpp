// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>

#include "core/migration/lint/words.h"
#include "core/sql/lexer.h"
#include "core/sql/quote.h"

namespace howdah::migration::linting {

namespace {

constexpr const char *drop_page = "https://www.postgresql.org/docs/current/ddl-depend.html";
constexpr const char *alter_page = "https://www.postgresql.org/docs/current/sql-altertable.html";
constexpr const char *truncate_page = "https://www.postgresql.org/docs/current/sql-truncate.html";
constexpr const char *lexical_page = "https://www.postgresql.org/docs/current/sql-syntax-lexical.html#SQL-SYNTAX-IDENTIFIERS";
constexpr LintSeverity serious = LintSeverity::Serious;

/// Whether code names all of these, as whole words and in any case.
bool mentions(const std::string &source, const std::vector<std::string> &names)
{
    std::vector<bool> seen(names.size());
    const auto same = [](std::string_view a, std::string_view b) {
        return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(), [](unsigned char x, unsigned char y) { return std::tolower(x) == std::tolower(y); });
    };
    for (const std::string &name : names) {
        const auto found = std::search(source.begin(), source.end(), name.begin(), name.end(), [](unsigned char x, unsigned char y) { return std::tolower(x) == std::tolower(y); });
        if (found == source.end())
            return false; // most routines, quickly
    }
    std::vector<std::string> texts{source};
    for (std::size_t t = 0; t < texts.size() && t < 100; ++t) { // the statements that EXECUTE gets stand in literals
        const std::string text = texts[t];
        sql::Lexer lexer(text);
        for (sql::Token token; lexer.next(token);) {
            std::string_view word = token.span.of(text);
            if (token.kind == sql::TokenKind::String && word.size() > 2)
                texts.emplace_back(word.substr(1, word.size() - 2));
            if (token.kind == sql::TokenKind::QuotedIdentifier && word.size() > 2)
                word = word.substr(1, word.size() - 2);
            else if (token.kind != sql::TokenKind::Identifier)
                continue;
            for (std::size_t i = 0; i < names.size(); ++i)
                seen[i] = seen[i] || same(word, names[i]);
        }
    }
    return std::all_of(seen.begin(), seen.end(), [](bool one) { return one; });
}

/// Who else names a relation, or a column of it ("" for the relation).
std::vector<std::string> usersOf(const Statement &statement, const Relation &relation, const std::string &column)
{
    std::vector<std::string> users;
    for (const effects::Dependant &dependant : relation.dependants) {
        if (!column.empty() && dependant.column != column)
            continue;
        users.push_back(wordsOf(dependant));
    }
    const LintFacts *facts = statement.script.options->lint_facts;
    if (facts != nullptr) {
        for (const LintFacts::Routine &routine : facts->routines) {
            const bool depends = std::find(routine.relations.begin(), routine.relations.end(), relation.oid) != routine.relations.end();
            if (depends || mentions(routine.source, column.empty() ? std::vector<std::string>{relation.name} : std::vector<std::string>{relation.name, column}))
                users.push_back("function " + routine.signature);
        }
        for (const LintFacts::Publication &publication : facts->publications) {
            const bool is_table = relation.kind == 'r' || relation.kind == 'p';
            if (relation.oid != 0 && ((publication.all_tables && is_table && !relation.unlogged) || std::find(publication.relations.begin(), publication.relations.end(), relation.oid) != publication.relations.end()))
                users.push_back("publication " + sql::quoteIdentifier(publication.name));
        }
    }
    std::sort(users.begin(), users.end());
    users.erase(std::unique(users.begin(), users.end()), users.end());
    return users;
}

std::string withUsers(std::string message, const std::vector<std::string> &users)
{
    if (users.empty())
        return message;
    return message + (users.size() == 1 ? "; it is used by " : "; it is used by ") + listed(users);
}

std::string table(const Statement &statement)
{
    return nameOf(statement.root.get("relation"));
}

void dropColumn(const Statement &statement, Report &report)
{
    for (const SubCommand &command : statement.commands) {
        if (!command.is("AT_DropColumn") || !statement.onOldTable())
            continue;
        const Relation *target = statement.target();
        const bool is_there = std::any_of(target->columns.begin(), target->columns.end(), [&](const Column &column) { return column.name == command.column; });
        if (target->known && !is_there)
            continue;
        report.say({withUsers("Code that still names " + table(statement) + "." + command.column + " fails, and its data is gone", usersOf(statement, *target, command.column)), {}, command.span});
    }
}

void dropTable(const Statement &statement, Report &report)
{
    const Node &root = statement.root;
    const std::string type = root.is("DropStmt") ? root.text("removeType") : "";
    if (type != "OBJECT_TABLE" && type != "OBJECT_FOREIGN_TABLE")
        return;
    for (const auto &[label, relation] : statement.before) {
        if (!Statement::isOld(&relation))
            continue;
        std::vector<std::string> also;
        for (const HeldLock &lock : statement.locks) {
            if (lock.label != relation.label() && lock.mode == Lock::AccessExclusive && (lock.relation->kind == 'r' || lock.relation->kind == 'p'))
                also.push_back(lock.label);
        }
        std::string message = withUsers("Code that still names " + label + " fails, and its rows are gone", usersOf(statement, relation, {}));
        if (!also.empty())
            message += "; " + listed(also) + (also.size() == 1 ? " is" : " are") + " locked against reads and writes too";
        report.say({message});
    }
}

void dropOther(const Statement &statement, Report &report)
{
    const Node &root = statement.root;
    if (root.is("DropdbStmt")) {
        report.say({"The whole database " + root.text("dbname") + " is gone", {}, {}, serious});
        return;
    }
    const std::string type = root.is("DropStmt") ? root.text("removeType") : "";
    static const std::map<std::string, const char *> kinds{{"OBJECT_VIEW", "view"}, {"OBJECT_MATVIEW", "materialized view"}, {"OBJECT_SEQUENCE", "sequence"}, {"OBJECT_FUNCTION", "function"},
                                                           {"OBJECT_PROCEDURE", "procedure"}, {"OBJECT_TYPE", "type"}, {"OBJECT_SCHEMA", "schema"}, {"OBJECT_EXTENSION", "extension"}};
    const auto kind = kinds.find(type);
    if (kind == kinds.end() || statement.failed())
        return;
    const bool is_relation = type == "OBJECT_VIEW" || type == "OBJECT_MATVIEW" || type == "OBJECT_SEQUENCE";
    if (!is_relation) {
        report.say({std::string("Code that still uses the ") + kind->second + " fails", {}, {}, type == "OBJECT_SCHEMA" && root.text("behavior") == "DROP_CASCADE" ? serious : LintSeverity::Info});
        return;
    }
    for (const auto &[label, relation] : statement.before) {
        if (Statement::isOld(&relation))
            report.say({withUsers(std::string("Code that still names the ") + kind->second + " " + label + " fails", usersOf(statement, relation, {}))});
    }
}

void cascades(const Statement &statement, Report &report)
{
    const Node &root = statement.root;
    const bool is_drop = root.is("DropStmt") && root.text("behavior") == "DROP_CASCADE";
    std::vector<std::string> named, gone;
    for (const auto &[label, relation] : statement.before)
        named.push_back(relation.label());
    for (const EffectReason &reason : statement.effects().reasons) {
        if (reason.rule == "drop" && std::find(named.begin(), named.end(), reason.subject) == named.end())
            gone.push_back(reason.subject);
        else if (reason.rule == "drop-table-foreign-key")
            gone.push_back("foreign key " + reason.subject);
    }
    const bool known = statement.at.schema.connected();
    const std::string what = gone.empty() ? (known ? "" : "whatever depends on it, which is not known without a connection") : listed(gone);
    if (is_drop && !what.empty()) {
        report.say({"CASCADE drops " + what + " as well"});
        return;
    }
    for (const SubCommand &command : statement.commands) {
        if (command.node.text("behavior") == "DROP_CASCADE" && !what.empty())
            report.say({"CASCADE drops " + what + " as well", {}, command.span});
    }
}

void renames(const Statement &statement, Report &report)
{
    const Node &root = statement.root;
    if (!root.is("RenameStmt") || statement.failed())
        return;
    const std::string type = root.text("renameType");
    const Relation *relation = statement.target();
    if (!Statement::isOld(relation) || type == "OBJECT_INDEX" || type == "OBJECT_TABCONSTRAINT" || type == "OBJECT_TRIGGER" || type == "OBJECT_RULE" || type == "OBJECT_POLICY")
        return;
    const bool column = type == "OBJECT_COLUMN" || type == "OBJECT_ATTRIBUTE";
    const std::string what = column ? table(statement) + "." + root.text("subname") : table(statement);
    std::vector<std::string> users = usersOf(statement, *relation, column ? root.text("subname") : "");
    users.erase(std::remove_if(users.begin(), users.end(), [](const std::string &user) { return user.rfind("policy ", 0) == 0 || user.rfind("trigger ", 0) == 0; }), users.end());
    std::string message = "Code that names " + what + " fails from this moment on; code that names " + root.text("newname") + " fails until then";
    if (!users.empty())
        message += ". Beside the application it is " + listed(users) + ": views follow by themselves, functions with their code as text do not, subscribers look for the old name";
    report.say({message});
}

void moves(const Statement &statement, Report &report)
{
    if (!statement.root.is("AlterObjectSchemaStmt") || !statement.onOldTable() || statement.failed())
        return;
    report.say({withUsers("Code that finds " + table(statement) + " by its schema or by search_path fails", usersOf(statement, *statement.target(), {}))});
}

void weaker(const Statement &statement, Report &report)
{
    for (const SubCommand &command : statement.commands) {
        if (command.is("AT_DropNotNull") && statement.onOldTable())
            report.say({"Code that reads " + table(statement) + "." + command.column + " may meet NULL", {}, command.span});
    }
}

void truncates(const Statement &statement, Report &report)
{
    const Node &root = statement.root;
    if (!root.is("TruncateStmt") || statement.failed())
        return;
    std::vector<std::string> named, others;
    for (const auto &[label, relation] : statement.before) {
        if (Statement::isOld(&relation))
            named.push_back(relation.label());
    }
    for (const HeldLock &lock : statement.locks) {
        if ((lock.relation->kind == 'r' || lock.relation->kind == 'p') && lock.mode == Lock::AccessExclusive && std::find(named.begin(), named.end(), lock.label) == named.end())
            others.push_back(lock.label);
    }
    if (named.empty() && others.empty())
        return;
    std::string message = "All rows of " + listed(named.empty() ? others : named) + " are gone, while readers and writers wait";
    if (!named.empty() && !others.empty())
        message += ", and with CASCADE those of " + listed(others);
    else if (root.text("behavior") == "DROP_CASCADE" && !statement.at.schema.connected())
        message += ", and with CASCADE those of every table that refers to it";
    report.say({message});
}

/// A foreign key or a table with one goes: the other table is locked too.
void locksBoth(const Statement &statement, Report &report)
{
    const EffectReason *reason = statement.reason("drop-foreign-key");
    if (reason == nullptr || statement.failed())
        return;
    std::vector<std::string> both;
    for (const HeldLock &lock : statement.locks) {
        if (lock.mode == Lock::AccessExclusive && (lock.relation->kind == 'r' || lock.relation->kind == 'p'))
            both.push_back(lock.label);
    }
    if (both.size() > 1)
        report.say({"Dropping foreign key " + reason->subject + " locks " + listed(both) + " against reads and writes: its triggers stand on both tables"});
}

void tooLongName(const Statement &statement, Report &report)
{
    constexpr std::size_t longest = 63; // NAMEDATALEN - 1
    if (statement.root.is("DoStmt") || statement.place.span.size() != statement.text.size())
        return;
    sql::Lexer lexer(statement.text);
    for (sql::Token token; lexer.next(token);) {
        const bool quoted = token.kind == sql::TokenKind::QuotedIdentifier;
        if (token.kind != sql::TokenKind::Identifier && !quoted)
            continue;
        if (token.span.size() <= longest + (quoted ? 2 : 0))
            continue;
        const std::size_t base = statement.place.span.begin.value;
        const std::string cut(token.span.of(statement.text).substr(quoted ? 1 : 0, longest));
        report.say({"The name is longer than 63 bytes and is cut to " + cut, {}, ByteSpan{{base + token.span.begin.value}, {base + token.span.end.value}}});
    }
}

} // namespace

const std::vector<RuleRow> &compatibilityRules()
{
    static const std::vector<RuleRow> rules{
        {{"drop-column", "compatibility", "A dropped column", "Queries that name it, and SELECT * of code that knows its columns, fail at once.",
          "Deploy code that no longer uses it first, and drop it in a later release.", alter_page, LintSeverity::Warning}, dropColumn},
        {{"drop-table", "data", "A dropped table", "There is no way back but a backup.",
          "Deploy code that no longer uses it, rename it for a while, and drop it when nobody missed it; drop its foreign keys before, each in its own transaction.", alter_page, LintSeverity::Warning}, dropTable},
        {{"drop-object", "compatibility", "A dropped view, function, type, schema or database", "Code that uses it fails at once.",
          "Deploy code that no longer uses it first.", drop_page, LintSeverity::Warning}, dropOther},
        {{"drop-cascade", "data", "DROP … CASCADE", "What goes with it is decided by the server when it runs, not by the script.",
          "Drop what depends on it by name, so that nothing else goes.", drop_page, serious}, cascades},
        {{"rename", "compatibility", "A renamed table or column", "Old and new code cannot both be right, and they never switch in the same moment.",
          "Rename a table behind a view of the old name; replace a column by a new one that a trigger keeps in step on INSERT and UPDATE, both ways.", alter_page, LintSeverity::Warning}, renames},
        {{"set-schema", "compatibility", "A table moved to another schema", "Names are looked for in search_path.",
          "Leave a view under the old name until no code uses it.", alter_page, LintSeverity::Warning}, moves},
        {{"drop-not-null", "compatibility", "DROP NOT NULL", "Code that was written against the old schema does not expect NULL.",
          "Deploy code that copes with NULL first.", alter_page, LintSeverity::Info}, weaker},
        {{"truncate", "data", "TRUNCATE", "It takes ACCESS EXCLUSIVE, cannot be seen by older snapshots, and there is no way back but a backup.",
          "Delete in batches where the table is in use.", truncate_page, serious}, truncates},
        {{"drop-locks-both", "locking", "A dropped foreign key", "ACCESS EXCLUSIVE is taken on the referenced table too, which is often the busiest one.",
          "Drop the key in a transaction of its own, with a short lock_timeout and several tries.", alter_page, LintSeverity::Warning}, locksBoth},
        {{"identifier-too-long", "trap", "A name of more than 63 bytes", "PostgreSQL cuts it with no more than a notice; two long names can become the same.",
          "Use a shorter name.", lexical_page, LintSeverity::Warning}, tooLongName},
    };
    return rules;
}

} // namespace howdah::migration::linting
