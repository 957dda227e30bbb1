// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>

#include "core/migration/lint/words.h"
#include "core/pg/catalog.h"
#include "core/sql/quote.h"

namespace howdah::migration::linting {

namespace {

constexpr const char *create_page = "https://www.postgresql.org/docs/current/sql-createindex.html";
constexpr const char *concurrently_page = "https://www.postgresql.org/docs/current/sql-createindex.html#SQL-CREATEINDEX-CONCURRENTLY";
constexpr const char *drop_page = "https://www.postgresql.org/docs/current/sql-dropindex.html";
constexpr const char *reindex_page = "https://www.postgresql.org/docs/current/sql-reindex.html";
constexpr LintSeverity serious = LintSeverity::Serious;

/// CREATE INDEX on a partitioned table, leaf by leaf.
std::string leafByLeaf(const Statement &statement, const Relation &table)
{
    const Node &root = statement.root;
    const std::string name = root.text("idxname");
    const std::size_t on = statement.text.find('(');
    if (name.empty() || on == std::string::npos)
        return {};
    const std::string definition = statement.text.substr(on), unique = root.flag("unique") ? "UNIQUE " : "", schema = table.schema.empty() ? "" : sql::quoteIdentifier(table.schema) + ".";
    const std::string method = root.text("accessMethod") == "btree" ? "" : "USING " + root.text("accessMethod") + " ";
    std::string fix = "CREATE " + unique + "INDEX " + sql::quoteIdentifier(name) + " ON ONLY " + nameOf(root.get("relation")) + " " + method + definition + ";";
    for (const Relation *leaf : table.children) {
        if (leaf->kind == 'p')
            return {};
        const std::string own = sql::quoteIdentifier(leaf->name + "_" + name);
        fix += "\nCREATE " + unique + "INDEX CONCURRENTLY " + own + " ON " + leaf->label() + " " + method + definition + ";\nALTER INDEX " + schema + sql::quoteIdentifier(name)
            + " ATTACH PARTITION " + schema + own + ";";
    }
    return fix;
}

void createIndex(const Statement &statement, Report &report)
{
    if (!statement.root.is("IndexStmt") || statement.root.flag("concurrent") || !statement.blocks_work)
        return;
    const Relation *table = statement.target();
    const bool partitioned = table != nullptr && table->kind == 'p';
    report.say({"CREATE INDEX reads " + statement.workWords() + " while writers wait",
                partitioned ? leafByLeaf(statement, *table) : withAfter(without(statement.text, {"IF", "NOT", "EXISTS"}), "INDEX", "CONCURRENTLY") + ";", {}, {},
                partitioned ? "Create it ON ONLY the partitioned table, build one CONCURRENTLY on each partition, and attach those." : ""});
}

void dropIndex(const Statement &statement, Report &report)
{
    if (!statement.root.is("DropStmt") || statement.root.text("removeType") != "OBJECT_INDEX" || statement.root.flag("concurrent") || statement.failed())
        return;
    const bool old = std::any_of(statement.locks.begin(), statement.locks.end(), [](const HeldLock &lock) { return lock.mode == Lock::AccessExclusive; });
    const bool partitioned = std::any_of(statement.locks.begin(), statement.locks.end(), [](const HeldLock &lock) { return lock.relation->kind == 'I'; });
    if (!old)
        return;
    report.say({partitioned ? "DROP INDEX locks the partitioned table and all its partitions against reads and writes; a partitioned index cannot be dropped CONCURRENTLY"
                            : "DROP INDEX locks the table of the index against reads and writes while it waits for its turn",
                partitioned ? "" : withAfter(statement.text, "INDEX", "CONCURRENTLY") + ";", {}, {}, partitioned ? "Give it a short lock_timeout and try again." : ""});
}

bool reindexesConcurrently(const Node &root)
{
    for (const Node &parameter : root.list("params")) {
        if (parameter.text("defname") == "concurrently")
            return parameter.get("arg").value() != "false" && parameter.get("arg").value() != "off" && parameter.get("arg").value() != "0";
    }
    return false;
}

void reindex(const Statement &statement, Report &report)
{
    if (!statement.root.is("ReindexStmt") || reindexesConcurrently(statement.root) || statement.failed())
        return;
    const std::string kind = statement.root.text("kind");
    const bool is_index = kind == "REINDEX_OBJECT_INDEX";
    const bool known_table = !statement.worked.empty();
    if (statement.locks.empty() && kind != "REINDEX_OBJECT_SYSTEM" && kind != "REINDEX_OBJECT_DATABASE" && kind != "REINDEX_OBJECT_SCHEMA")
        return;
    const char *word = is_index ? "INDEX" : kind == "REINDEX_OBJECT_TABLE" ? "TABLE" : kind == "REINDEX_OBJECT_SCHEMA" ? "SCHEMA" : "DATABASE";
    report.say({"REINDEX builds " + std::string(is_index ? "the index" : "all indexes") + (known_table ? " of " + statement.workWords() : "")
                    + " while writers wait, and most readers too: the planner opens every index",
                kind == "REINDEX_OBJECT_SYSTEM" ? "" : withAfter(statement.text, word, "CONCURRENTLY") + ";"});
}

/// Whether the index of CREATE INDEX … IF NOT EXISTS is there: 0 not, 1 valid, 2 invalid, -1 not known.
int thereAlready(const Statement &statement)
{
    const pg::Catalog *catalog = statement.script.options->catalog;
    const Relation *table = statement.target();
    if (catalog == nullptr || table == nullptr)
        return -1;
    const pg::CatalogRelation *relation = catalog->find(table->oid);
    for (const pg::CatalogIndex &index : relation == nullptr ? std::vector<pg::CatalogIndex>() : relation->indexes) {
        if (index.name == statement.root.text("idxname"))
            return index.is_valid ? 1 : 2;
    }
    return 0;
}

void ifNotExists(const Statement &statement, Report &report)
{
    const Node &root = statement.root;
    if (!root.is("IndexStmt") || !root.flag("concurrent") || !root.flag("if_not_exists"))
        return;
    const int there = thereAlready(statement);
    const std::string name = sql::quoteQualified(root.get("relation").text("schemaname"), root.text("idxname"));
    const std::string again = "DROP INDEX CONCURRENTLY IF EXISTS " + name + ";\n" + without(statement.text, {"IF", "NOT", "EXISTS"}) + ";";
    if (there == 2)
        report.say({"Index " + name + " exists and is INVALID: IF NOT EXISTS skips it, and the script goes on without the index", again, {}, serious});
    else
        report.say({there == 1 ? "Index " + name + " exists and is valid, so nothing is built; were it left INVALID by a failed run, IF NOT EXISTS would skip it too"
                               : "If this build fails, an INVALID index " + name + " stays behind, and the next run's IF NOT EXISTS takes it for a good one",
                    again, {}, there == 1 ? LintSeverity::Info : LintSeverity::Warning});
}

/// DROP INDEX CONCURRENTLY and REINDEX CONCURRENTLY of nothing left are fine; what a failed one leaves is told here.
void unnamed(const Statement &statement, Report &report)
{
    const Node &root = statement.root;
    if (root.is("IndexStmt") && root.flag("concurrent") && root.text("idxname").empty())
        report.say({"The index has no name: a failed build leaves an INVALID one under a name of the server's choice, and the next run makes another beside it"});
}

} // namespace

const std::vector<RuleRow> &indexRules()
{
    static const std::vector<RuleRow> rules{
        {{"create-index-blocking", "blocking", "CREATE INDEX without CONCURRENTLY", "The table is read under SHARE, which lets readers go on but no writer.",
          "Build it CONCURRENTLY, outside of a transaction and without a short lock_timeout; if it fails, drop the invalid index and build it again.", concurrently_page, serious}, createIndex},
        {{"drop-index-blocking", "locking", "DROP INDEX without CONCURRENTLY", "It takes ACCESS EXCLUSIVE on the table: behind one long query, everybody queues.",
          "Drop it CONCURRENTLY, outside of a transaction.", drop_page, LintSeverity::Warning}, dropIndex},
        {{"reindex-blocking", "blocking", "REINDEX without CONCURRENTLY", "The table is locked under SHARE and the index under ACCESS EXCLUSIVE for as long as the build takes.",
          "Rebuild it CONCURRENTLY, outside of a transaction.", reindex_page, serious}, reindex},
        {{"concurrently-if-not-exists", "trap", "CREATE INDEX CONCURRENTLY IF NOT EXISTS", "IF NOT EXISTS looks at the name alone, not at pg_index.indisvalid.",
          "Drop what a failed build left, then build without IF NOT EXISTS; or look at indisvalid first.", create_page, LintSeverity::Warning}, ifNotExists},
        {{"concurrently-without-name", "trap", "CREATE INDEX CONCURRENTLY without a name", "What cannot be named cannot be cleaned up by a script.",
          "Name the index.", create_page, LintSeverity::Info}, unnamed},
    };
    return rules;
}

} // namespace howdah::migration::linting
