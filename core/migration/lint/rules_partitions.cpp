// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>

#include "core/migration/lint/words.h"
#include "core/sql/quote.h"

namespace howdah::migration::linting {

namespace {

constexpr const char *attach_page = "https://www.postgresql.org/docs/current/sql-altertable.html#SQL-ALTERTABLE-ATTACH-PARTITION";
constexpr const char *detach_page = "https://www.postgresql.org/docs/current/sql-altertable.html#SQL-ALTERTABLE-DETACH-PARTITION";
constexpr const char *maintenance_page = "https://www.postgresql.org/docs/current/ddl-partitioning.html#DDL-PARTITIONING-DECLARATIVE-MAINTENANCE";
constexpr LintSeverity serious = LintSeverity::Serious;

const SubCommand *attachOf(const Statement &statement)
{
    for (const SubCommand &command : statement.commands) {
        if (command.is("AT_AttachPartition") && statement.root.text("objtype") != "OBJECT_INDEX")
            return &command;
    }
    return nullptr;
}

/// The literal of a bound, or "" for MINVALUE and MAXVALUE.
std::string literal(const std::string &value)
{
    const bool is_number = !value.empty() && value.find_first_not_of("0123456789.-") == std::string::npos;
    return is_number ? value : sql::quoteLiteral(value);
}

/// CHECK that proves that all rows of a table lie within a bound of one column; "" where it cannot be written.
std::string checkFor(const Relation &parent, const effects::Bound &bound)
{
    if (parent.partition_key.size() != 1 || parent.partition_key[0].empty() || bound.is_default || bound.strategy == 'h' || bound.with_null)
        return {};
    const std::string key = sql::quoteIdentifier(parent.partition_key[0]);
    std::string text = key + " IS NOT NULL";
    if (bound.strategy == 'l') {
        std::string values;
        for (const std::string &value : bound.values)
            values += (values.empty() ? "" : ", ") + literal(value);
        return text + " AND " + key + " IN (" + values + ")";
    }
    if (!bound.lower.empty() && !bound.lower[0].empty())
        text += " AND " + key + " >= " + literal(bound.lower[0]);
    if (!bound.upper.empty() && !bound.upper[0].empty())
        text += " AND " + key + " < " + literal(bound.upper[0]);
    return text;
}

std::string prove(const std::string &table, const std::string &name, const std::string &check)
{
    const std::string quoted = sql::quoteIdentifier(name);
    return "ALTER TABLE " + table + " ADD CONSTRAINT " + quoted + " CHECK (" + check + ") NOT VALID;\nALTER TABLE " + table + " VALIDATE CONSTRAINT " + quoted + ";";
}

void attachScan(const Statement &statement, Report &report)
{
    const SubCommand *attach = attachOf(statement);
    if (attach == nullptr || !statement.blocks_work || statement.reason("attach-scan") == nullptr)
        return;
    const Node range = attach->def().get("name");
    const Relation *table = statement.named(range), *parent = statement.target();
    if (table != nullptr && !Statement::isOld(table))
        return;
    const std::string check = parent == nullptr || !attach->def().get("bound").exists() ? "" : checkFor(*parent, effects::boundOf(*attach->def().get("bound").body()));
    report.say({"ATTACH reads all rows of " + nameOf(range) + " to see that they fit the bound, under ACCESS EXCLUSIVE on it",
                check.empty() ? "" : prove(nameOf(range), range.text("relname") + "_bound", check) + "\n" + statement.text + ";\nALTER TABLE " + nameOf(range) + " DROP CONSTRAINT " + sql::quoteIdentifier(range.text("relname") + "_bound") + ";",
                attach->span});
}

void defaultScan(const Statement &statement, Report &report)
{
    if (!statement.blocks_work)
        return;
    const SubCommand *attach = attachOf(statement);
    const bool creates = statement.root.is("CreateStmt") && statement.root.get("partbound").exists();
    if (attach == nullptr && !creates)
        return;
    const EffectReason *reason = statement.reason("attach-default");
    if (reason == nullptr)
        return;
    const auto inherited = creates ? statement.root.list("inhRelations") : std::vector<Node>();
    const Relation *parent = creates ? (inherited.empty() ? nullptr : statement.named(inherited[0])) : statement.target();
    const Node bound = creates ? statement.root.get("partbound") : attach->def().get("bound");
    const std::string check = parent == nullptr || !bound.exists() ? "" : checkFor(*parent, effects::boundOf(*bound.body()));
    report.say({"The default partition " + reason->subject + " is read for rows of the new bound while its readers and writers wait" + (creates ? ", and those of the parent with them" : ""),
                check.empty() ? "" : prove(reason->subject, "no_row_for_new_partition", "NOT (" + check + ")") + "\n" + statement.text + ";",
                attach == nullptr ? std::optional<ByteSpan>() : attach->span});
}

void attachBuilds(const Statement &statement, Report &report)
{
    const SubCommand *attach = attachOf(statement);
    if (attach == nullptr || !statement.blocks_work || statement.reason("attach-index") == nullptr)
        return;
    std::vector<std::string> missing;
    std::string fix;
    const std::string table = nameOf(attach->def().get("name"));
    for (const EffectReason &reason : statement.effects().reasons) {
        if (reason.rule == "attach-index")
            missing.push_back(reason.subject);
    }
    for (const Relation *index : statement.target() == nullptr ? std::vector<Relation *>() : statement.target()->indexes) {
        const bool named = std::none_of(index->keys.begin(), index->keys.end(), [](const std::string &key) { return key.empty(); });
        if (index->plain && named && !index->primary)
            fix += "CREATE " + std::string(index->unique ? "UNIQUE " : "") + "INDEX CONCURRENTLY ON " + table + " (" + columnList(index->keys) + ");\n";
    }
    report.say({"ATTACH builds " + listed(missing) + " on " + table + ", which the parent has and it lacks, under ACCESS EXCLUSIVE", fix.empty() ? "" : fix + statement.text + ";", attach->span});
}

void attachKey(const Statement &statement, Report &report)
{
    const SubCommand *attach = attachOf(statement);
    if (attach == nullptr || statement.failed())
        return;
    for (const EffectReason &reason : statement.effects().reasons) {
        if (reason.rule == "attach-foreign-key" && statement.blocks_work)
            report.say({"ATTACH compares all rows of " + nameOf(attach->def().get("name")) + " with the table that foreign key " + reason.subject + " refers to, under ACCESS EXCLUSIVE on the former", {}, attach->span, serious});
    }
}

/// Rows moved out of the default and the new table attached in one transaction.
void movedRows(const Statement &statement, Report &report)
{
    const SubCommand *attach = attachOf(statement);
    const Transaction &transaction = statement.script.transaction;
    if (attach == nullptr || !transaction.open || transaction.rows_taken.empty())
        return;
    const std::string parent = nameOf(statement.root.get("relation"));
    const bool locked = std::any_of(transaction.held.begin(), transaction.held.end(), [&](const HeldLock &lock) {
        return lock.mode == Lock::AccessExclusive && statement.target() != nullptr && lock.label == statement.target()->label();
    });
    if (locked)
        return;
    report.say({"Rows were moved in this transaction and their table is attached now: a query that waited for the lock misses them, an UPDATE of theirs is lost, an INSERT fails",
                "LOCK TABLE " + parent + " IN ACCESS EXCLUSIVE MODE;\n" + statement.text + ";", attach->span});
}

void createPartition(const Statement &statement, Report &report)
{
    const Node &root = statement.root;
    if (!root.is("CreateStmt") || !root.get("partbound").exists() || statement.failed())
        return;
    const auto inherited = root.list("inhRelations");
    const Relation *parent = inherited.empty() ? nullptr : statement.named(inherited[0]);
    if (!Statement::isOld(parent))
        return;
    const std::string name = nameOf(root.get("relation")), over = nameOf(inherited[0]);
    const std::size_t bound = statement.text.find("FOR VALUES") != std::string::npos ? statement.text.find("FOR VALUES") : statement.text.find("DEFAULT");
    const bool simple = bound != std::string::npos && root.list("tableElts").empty() && !root.get("partspec").exists();
    report.say({"CREATE TABLE … PARTITION OF locks " + over + " against reads and writes while it waits for its turn; ATTACH PARTITION lets them go on",
                simple ? "CREATE TABLE " + name + " (LIKE " + over + " INCLUDING ALL);\nALTER TABLE " + over + " ATTACH PARTITION " + name + " " + statement.text.substr(bound) + ";" : ""});
}

void detach(const Statement &statement, Report &report)
{
    for (const SubCommand &command : statement.commands) {
        if (!command.is("AT_DetachPartition") || command.def().flag("concurrent") || !statement.onOldTable() || statement.failed())
            continue;
        const bool has_default = !effects::defaultsOf(*statement.target()).empty();
        std::string text = statement.text;
        const bool possible = statement.major() >= 14 && !has_default;
        report.say({"DETACH locks " + nameOf(statement.root.get("relation")) + " and the partition against reads and writes" + (statement.blocks_work ? ", and reads tables that refer to it" : ""),
                    possible ? text + " CONCURRENTLY;" : "", command.span, {},
                    has_default ? "With a default partition CONCURRENTLY is refused: give it a short lock_timeout and try again." : statement.major() < 14 ? "CONCURRENTLY came with PostgreSQL 14: give it a short lock_timeout and try again." : ""});
    }
}

void detachScan(const Statement &statement, Report &report)
{
    for (const SubCommand &command : statement.commands) {
        if (command.is("AT_DetachPartition") && statement.blocks_work)
            report.say({"Tables that refer to the partitioned table are read to see that no row needs the partition: " + statement.workWords() + " while readers and writers wait", {}, command.span});
    }
}

} // namespace

const std::vector<RuleRow> &partitionRules()
{
    static const std::vector<RuleRow> rules{
        {{"attach-partition-scan", "blocking", "ATTACH PARTITION that reads the new partition", "Only a valid CHECK of the same bound, with IS NOT NULL of the key where it allows nulls, spares the scan.",
          "Add such a CHECK with NOT VALID, validate it, attach, and drop it.", attach_page, serious}, attachScan},
        {{"attach-default-scan", "blocking", "A new partition beside a default partition", "The default is locked under ACCESS EXCLUSIVE and read, unless a valid CHECK says that it holds no row of the new bound.",
          "Add such a CHECK to the default partition with NOT VALID and validate it first.", attach_page, serious}, defaultScan},
        {{"attach-index-build", "blocking", "ATTACH PARTITION that builds indexes", "Indexes of the parent that the table lacks are built within ATTACH.",
          "Build them CONCURRENTLY on the table first, with the same columns.", attach_page, serious}, attachBuilds},
        {{"attach-foreign-key-scan", "blocking", "ATTACH PARTITION that validates a foreign key", "Where the table has the same foreign key, validated, nothing is compared; the referenced table is then locked under ACCESS EXCLUSIVE for a moment instead.",
          "Add the same foreign key to the table with NOT VALID, validate it, and attach then.", attach_page, serious}, attachKey},
        {{"attach-moved-rows", "trap", "Rows moved and their new partition attached in one transaction", "ATTACH lets queries of the parent begin, which have planned without the new partition and find the rows gone from where they were.",
          "Lock the parent in ACCESS EXCLUSIVE MODE before ATTACH; with validated CHECKs it is held for milliseconds.", maintenance_page, serious}, movedRows},
        {{"create-partition-lock", "locking", "CREATE TABLE … PARTITION OF", "It takes ACCESS EXCLUSIVE on the parent, ATTACH PARTITION only SHARE UPDATE EXCLUSIVE.",
          "Make the table with LIKE … INCLUDING ALL and attach it.", maintenance_page, LintSeverity::Warning}, createPartition},
        {{"detach-partition-lock", "locking", "DETACH PARTITION without CONCURRENTLY", "It takes ACCESS EXCLUSIVE on the parent and the partition.",
          "Detach it CONCURRENTLY, outside of a transaction and without a short lock_timeout.", detach_page, LintSeverity::Warning}, detach},
        {{"detach-partition-scan", "blocking", "DETACH PARTITION of a table that others refer to", "Every table with a foreign key to the partitioned table is read under ACCESS EXCLUSIVE.",
          "Use a short lock_timeout, and make sure that foreign keys have indexes.", detach_page, serious}, detachScan},
    };
    return rules;
}

} // namespace howdah::migration::linting
