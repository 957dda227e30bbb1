// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <unordered_map>

#include "core/base/human.h"
#include "core/index/health/rule.h"
#include "core/pg/catalog_row.h"
#include "core/pg/connection.h"
#include "core/sql/quote.h"

namespace howdah::index_health {

namespace {

/// What only the server can say of an index.
struct Definition {
    std::string create;     ///< pg_get_indexdef
    std::string predicate;  ///< as it ends, when it has one
    std::string tablespace; ///< "" for the database's
};
using Definitions = std::unordered_map<Oid, Definition>;

Result<Definitions> readDefinitions(const std::vector<Draft> &drafts, pg::Connection &connection)
{
    std::string list = "{";
    for (const Draft &draft : drafts) {
        for (const Mend &mend : draft.mends) {
            if (mend.kind == Mend::Kind::Drop || mend.kind == Mend::Kind::AttachParts)
                list += (list.size() > 1 ? "," : "") + std::to_string(mend.index);
        }
    }
    Definitions definitions;
    if (list.size() == 1)
        return definitions;
    const auto read = connection.query("SELECT x.indexrelid, pg_get_indexdef(x.indexrelid), pg_get_expr(x.indpred, x.indrelid), t.spcname "
                                       "FROM pg_index x JOIN pg_class c ON c.oid = x.indexrelid LEFT JOIN pg_tablespace t ON t.oid = c.reltablespace "
                                       "WHERE x.indexrelid = ANY ($1::oid[])", {list + "}"});
    if (!read)
        return tl::unexpected(read.error());
    for (std::int64_t i = 0; i < read->result->rowCount(); ++i) {
        pg::CatalogRow row(*read->result, i);
        const Oid oid = row.number<Oid>();
        Definition definition;
        definition.create = row.text();
        definition.predicate = row.text();
        definition.tablespace = row.text();
        definitions.emplace(oid, std::move(definition));
    }
    return definitions;
}

/// "CREATE UNIQUE INDEX name ON ONLY t USING …" in its parts; pg_get_indexdef() words it one way only.
struct Words {
    std::string head; ///< "CREATE UNIQUE INDEX "
    std::string tail; ///< " USING btree (a) WHERE …", with its tablespace
};

std::optional<Words> wordsOf(const Definition &definition, const IndexFacts &index, const std::string &table)
{
    Words words;
    words.head = index.unique ? "CREATE UNIQUE INDEX " : "CREATE INDEX ";
    const std::string begin = words.head + sql::quoteIdentifier(index.name) + (index.kind == 'I' ? " ON ONLY " : " ON ") + table;
    if (!definition.create.starts_with(begin))
        return {};
    words.tail = definition.create.substr(begin.size());
    if (!definition.tablespace.empty()) {
        const std::string where = definition.predicate.empty() ? "" : " WHERE " + definition.predicate;
        const std::size_t at = words.tail.ends_with(where) ? words.tail.size() - where.size() : std::string::npos;
        if (at == std::string::npos)
            return {};
        words.tail.insert(at, " TABLESPACE " + sql::quoteIdentifier(definition.tablespace));
    }
    return words;
}

/// What an interrupted REINDEX CONCURRENTLY leaves: the name with an ending, cut as PostgreSQL cuts it.
std::string leftoverName(const std::string &name)
{
    constexpr std::size_t longest = 63;
    const std::string ending = "_ccnew";
    std::size_t end = std::min(name.size(), longest - ending.size());
    while (end > 0 && end < name.size() && (static_cast<unsigned char>(name[end]) & 0xC0U) == 0x80U) // not within a character
        --end;
    return name.substr(0, end) + ending;
}

class Writer
{
public:
    Writer(const Facts &facts, const Definitions &definitions) : facts_(facts), definitions_(definitions) {}

    void write(Draft &draft) const
    {
        Finding &finding = draft.finding;
        finding.script.title = finding.message;
        finding.script.reason = finding.why;
        if (facts_.in_recovery)
            return;
        for (const Mend &mend : draft.mends) {
            switch (mend.kind) {
            case Mend::Kind::Step: finding.script.steps.push_back(mend.step); break;
            case Mend::Kind::Drop: addDrop(mend, finding); break;
            case Mend::Kind::Reindex: addReindex(mend, finding); break;
            case Mend::Kind::AttachParts: addParts(mend, finding); break;
            }
        }
    }

private:
    void addDrop(const Mend &mend, Finding &finding) const
    {
        const IndexFacts &index = *facts_.index(mend.index);
        const TableFacts &table = *facts_.table(index.table);
        const std::string name = qualified(index), literal = sql::quoteLiteral(name);
        const bool whole = index.kind == 'I'; // CONCURRENTLY does not take partitioned indexes
        migration::ChangeStep step = stepOf("Drop index " + index.name, (whole ? "DROP INDEX " : "DROP INDEX CONCURRENTLY ") + name,
                                            whole ? "ACCESS EXCLUSIVE" : "SHARE UPDATE EXCLUSIVE", whole);
        step.note = whole ? "Reads and writes of the table wait for an instant; its parts go along."
                          : "Reads and writes go on meanwhile; it waits for transactions that use the index. Gives back " + human::bytes(facts_.bytesOf(index)) + ".";
        step.check_after = "SELECT to_regclass(" + literal + ") IS NULL";
        const auto found = definitions_.find(mend.index);
        if (found != definitions_.end()) {
            step.check_before = "SELECT pg_get_indexdef(to_regclass(" + literal + ")) = " + sql::quoteLiteral(found->second.create);
            if (mend.expect_no_scans && !whole)
                step.check_before += " AND pg_stat_get_numscans(to_regclass(" + literal + ")) = " + std::to_string(index.scans);
            if (const IndexFacts *kept = finding.kept_index != 0 ? facts_.index(finding.kept_index) : nullptr)
                step.check_before += " AND EXISTS (SELECT FROM pg_index WHERE indexrelid = to_regclass(" + sql::quoteLiteral(qualified(*kept)) + ") AND indisvalid)";
            if (const auto words = wordsOf(found->second, index, qualified(table)))
                step.undo_sql = whole ? words->head + sql::quoteIdentifier(index.name) + " ON " + qualified(table) + words->tail
                                      : words->head + "CONCURRENTLY " + sql::quoteIdentifier(index.name) + " ON " + qualified(table) + words->tail;
            else
                step.undo_sql = found->second.create;
        } else {
            step.no_undo_reason = "Its definition could not be read.";
        }
        finding.script.steps.push_back(std::move(step));
    }

    void addReindex(const Mend &mend, Finding &finding) const
    {
        const IndexFacts &index = *facts_.index(mend.index);
        const std::string name = qualified(index);
        migration::ChangeStep step = stepOf("Rebuild index " + index.name, (index.exclusion ? "REINDEX INDEX " : "REINDEX INDEX CONCURRENTLY ") + name,
                                            index.exclusion ? "ACCESS EXCLUSIVE" : "SHARE UPDATE EXCLUSIVE", index.exclusion);
        step.check_before = "SELECT to_regclass(" + sql::quoteLiteral(name) + ") IS NOT NULL";
        step.check_after = "SELECT indisvalid AND indisready FROM pg_index WHERE indexrelid = to_regclass(" + sql::quoteLiteral(name) + ")";
        if (!index.exclusion)
            step.repair_sql = "DROP INDEX CONCURRENTLY IF EXISTS " + sql::quoteQualified(index.schema, leftoverName(index.name));
        step.no_undo_reason = "The index is the same afterwards, only packed anew; there is nothing to go back to.";
        step.note = index.exclusion ? "The index of an exclusion constraint cannot be rebuilt concurrently: writes wait until it is done."
                                    : "Reads and writes go on meanwhile; it needs room for the new index beside the old one. Interrupted, it leaves an invalid index to drop.";
        finding.script.steps.push_back(std::move(step));
    }

    /// Each partition gets its part, built concurrently, or the one it has already, and it is attached.
    void addParts(const Mend &mend, Finding &finding) const
    {
        const IndexFacts &whole = *facts_.index(mend.index);
        const auto found = definitions_.find(mend.index);
        const TableFacts &parent = *facts_.table(whole.table);
        const auto words = found == definitions_.end() ? std::nullopt : wordsOf(found->second, whole, qualified(parent));
        if (!words)
            return;
        for (const Oid oid : mend.tables) {
            const TableFacts &table = *facts_.table(oid);
            std::string name;
            if (const IndexFacts *has = alike(whole, parent, table)) {
                name = qualified(*has);
            } else {
                std::vector<std::string> columns;
                for (std::size_t i = 0; i < whole.keys; ++i) {
                    const auto column = parent.columns.find(whole.parts[i].attnum);
                    columns.push_back(column == parent.columns.end() ? "expr" : column->second.name);
                }
                Mend build = createIndex(table, freshIndexName(facts_, table, columns), "");
                const bool nested = table.kind == 'p';
                const std::string made = build.step.title.substr(std::string_view("Build index ").size());
                name = sql::quoteQualified(table.schema, made);
                build.step.sql = words->head + (nested ? "" : "CONCURRENTLY ") + sql::quoteIdentifier(made) + " ON " + qualified(table) + words->tail;
                if (nested) {
                    build.step.lock_policy = migration::LockPolicy::Brief;
                    build.step.repair_sql.clear();
                    build.step.in_transaction = true;
                    build.step.lock_level = "SHARE";
                    build.step.undo_sql = "DROP INDEX " + name;
                    build.step.note = "A partition that is partitioned itself: writes to it wait until it is built.";
                }
                finding.script.steps.push_back(std::move(build.step));
            }
            migration::ChangeStep attach = stepOf("Attach the part of " + table.name, "ALTER INDEX " + qualified(whole) + " ATTACH PARTITION " + name, "ACCESS EXCLUSIVE", true);
            attach.note = "On the two indexes, for an instant.";
            attach.no_undo_reason = "An attached index cannot be detached; dropping the index of the partitioned table takes it along.";
            finding.script.steps.push_back(std::move(attach));
        }
        if (!finding.script.steps.empty())
            finding.script.steps.back().check_after = "SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass(" + sql::quoteLiteral(qualified(whole)) + ")";
    }

    /// An index of the partition that could be attached as it is: columns by name, because their numbers may differ.
    [[nodiscard]] const IndexFacts *alike(const IndexFacts &whole, const TableFacts &parent, const TableFacts &table) const
    {
        for (const std::size_t i : table.indexes) {
            const IndexFacts &index = facts_.indexes[i];
            bool same = index.isUsable() && index.parent == 0 && index.access_method == whole.access_method && index.predicate == whole.predicate &&
                        index.unique == whole.unique && index.constraint.empty() == whole.constraint.empty() && index.keys == whole.keys && index.parts.size() == whole.parts.size();
            for (std::size_t part = 0; same && part < whole.parts.size(); ++part) {
                const PartFacts &a = whole.parts[part], &b = index.parts[part];
                same = partName(parent, a) == partName(table, b) && a.opclass == b.opclass && a.collation == b.collation && a.options == b.options;
            }
            if (same)
                return &index;
        }
        return nullptr;
    }

    const Facts &facts_;
    const Definitions &definitions_;
};

} // namespace

Result<std::vector<Finding>> finish(std::vector<Draft> drafts, const Facts &facts, pg::Connection *connection)
{
    Definitions definitions;
    if (connection != nullptr) {
        auto read = readDefinitions(drafts, *connection);
        if (!read)
            return tl::unexpected(read.error());
        definitions = std::move(*read);
    }
    const Writer writer(facts, definitions);
    std::vector<Finding> findings;
    findings.reserve(drafts.size());
    for (Draft &draft : drafts) {
        writer.write(draft);
        findings.push_back(std::move(draft.finding));
    }
    return findings;
}

} // namespace howdah::index_health
