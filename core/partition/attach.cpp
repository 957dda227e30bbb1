// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>

#include <fmt/format.h>

#include "core/ddl/reading.h"
#include "core/partition/iso_session.h"
#include "core/partition/steps.h"
#include "core/sql/quote.h"

namespace howdah::partition {

using ddl::Record;
using ddl::records;

namespace {

class Attach
{
public:
    Attach(pg::Connection &connection, const Scheme &scheme, const Table &parent, std::uint32_t oid, std::string name, Bound bound)
        : connection_(connection), scheme_(scheme), parent_(parent), oid_(std::to_string(oid)), name_(std::move(name)), bound_(std::move(bound))
    {
    }

    Result<ChangeScript> script()
    {
        script_.title = fmt::format("Attach {} to {} {}", name_, parent_.sqlName(), bound_.sql());
        script_.reason = "ATTACH reads the whole table under a lock unless a valid CHECK proves its bounds, and builds the indexes that it lacks under the same lock: all of that is done before.";
        for (const auto part : {&Attach::columns, &Attach::indexes, &Attach::foreignKeys}) {
            if (auto done = (this->*part)(); !done)
                return tl::unexpected(done.error());
        }
        bounds();
        return std::move(script_);
    }

private:
    Result<void> columns();
    Result<void> indexes();
    Result<void> foreignKeys();
    void bounds();
    void provenNotNull(const std::string &column);

    pg::Connection &connection_;
    const Scheme &scheme_;
    const Table &parent_;
    std::string oid_, name_;
    Bound bound_;
    ChangeScript script_;
};

/// What ATTACH would refuse, said before anything is done; what can be mended is.
Result<void> Attach::columns()
{
    const auto found = records(connection_, R"(
SELECT quote_ident(COALESCE(p.attname, c.attname)), p.attname IS NULL, c.attname IS NULL, format_type(p.atttypid, p.atttypmod), format_type(c.atttypid, c.atttypmod),
       p.attnotnull AND NOT c.attnotnull, c.attidentity <> '', p.attgenerated <> c.attgenerated, p.attcollation <> c.attcollation
FROM (SELECT * FROM pg_catalog.pg_attribute WHERE attrelid = $1::oid AND attnum > 0 AND NOT attisdropped) p
FULL JOIN (SELECT * FROM pg_catalog.pg_attribute WHERE attrelid = $2::oid AND attnum > 0 AND NOT attisdropped) c ON c.attname = p.attname
ORDER BY COALESCE(p.attnum, c.attnum))", {std::to_string(parent_.oid), oid_});
    if (!found)
        return tl::unexpected(found.error());
    for (const Record &row : *found) {
        if (row.flag(1))
            return fail(ErrorKind::Usage, fmt::format("{} has a column {} that {} has not", name_, row[0], parent_.sqlName()), "Drop it from the one or add it to the other.");
        if (row.flag(2))
            return fail(ErrorKind::Usage, fmt::format("{} lacks the column {}", name_, row[0]), "Add it first.");
        if (row[3] != row[4] || row.flag(8))
            return fail(ErrorKind::Usage, fmt::format("{}.{} is {}, but {} in {}", name_, row[0], row[4], row[3], parent_.sqlName()), "The types must be the same, their collations too.");
        if (row.flag(7))
            return fail(ErrorKind::Usage, fmt::format("{}.{} is generated in one table and not in the other", name_, row[0]));
        if (row.flag(6) && scheme_.server_major >= 17)
            script_.steps.push_back(forGood(step("Let the parent number the rows", fmt::format("ALTER TABLE {} ALTER COLUMN {} DROP IDENTITY", name_, row[0]), "ACCESS EXCLUSIVE"),
                                            "A partition cannot have an identity column of its own since 17."));
        if (row.flag(5))
            provenNotNull(row[0]);
    }
    return {};
}

void Attach::provenNotNull(const std::string &column)
{
    const std::string name = sql::quoteIdentifier(derivedName("howdah_not_null_" + column, ""));
    const std::string drop = fmt::format("ALTER TABLE {} DROP CONSTRAINT IF EXISTS {}", name_, name);
    script_.steps.push_back(undoable(step("Refuse NULL in " + column, fmt::format("ALTER TABLE {} ADD CONSTRAINT {} CHECK ({} IS NOT NULL) NOT VALID", name_, name, column), "ACCESS EXCLUSIVE"), drop));
    script_.steps.push_back(undoable(patient(step("Prove that " + column + " has no NULL", fmt::format("ALTER TABLE {} VALIDATE CONSTRAINT {}", name_, name), "SHARE UPDATE EXCLUSIVE")), drop));
    script_.steps.push_back(undoable(step("Declare it NOT NULL", fmt::format("ALTER TABLE {0} ALTER COLUMN {1} SET NOT NULL;\nALTER TABLE {0} DROP CONSTRAINT {2}", name_, column, name), "ACCESS EXCLUSIVE"),
                                     fmt::format("ALTER TABLE {} ALTER COLUMN {} DROP NOT NULL", name_, column)));
}

Result<void> Attach::indexes()
{
    const auto found = records(connection_, "SELECT pg_get_indexdef(indexrelid), indisunique, indisprimary, EXISTS (SELECT FROM pg_catalog.pg_constraint o WHERE o.conindid = indexrelid AND o.conrelid = indrelid "
                                            "AND o.contype IN ('p', 'u', 'x')), indisvalid FROM pg_catalog.pg_index WHERE indrelid = $1::oid", {oid_});
    if (!found)
        return tl::unexpected(found.error());
    std::string table = name_.substr(name_.rfind('.') + 1);
    for (const TreeIndex &index : parent_.indexes) {
        // Of an index that has a parent itself the text is not at hand; ATTACH builds that one.
        if (index.definition.empty())
            continue;
        const std::string tail = indexTail(index.definition);
        const auto same = std::find_if(found->begin(), found->end(), [&](const Record &row) {
            return row.flag(4) && row.flag(1) == index.unique && (!index.of_constraint || row.flag(3)) && indexTail(row[0]) == tail;
        });
        if (same != found->end())
            continue;
        const std::string name = derivedName(table, "_" + index.name);
        const std::string schema = name_.find('.') == std::string::npos ? "" : name_.substr(0, name_.find('.') + 1);
        ChangeStep build = patient(step("Build what corresponds to " + index.name, fmt::format("CREATE {}INDEX CONCURRENTLY {} ON {} {}", index.unique ? "UNIQUE " : "", sql::quoteIdentifier(name), name_, tail),
                                        "SHARE UPDATE EXCLUSIVE"));
        build.in_transaction = false;
        build.repair_sql = build.undo_sql = "DROP INDEX CONCURRENTLY IF EXISTS " + schema + sql::quoteIdentifier(name);
        script_.steps.push_back(std::move(build));
        if (!index.of_constraint)
            continue;
        script_.steps.push_back(undoable(step("Make it a constraint", fmt::format("ALTER TABLE {} ADD CONSTRAINT {} {} USING INDEX {}", name_, sql::quoteIdentifier(name),
                                                                                  index.primary ? "PRIMARY KEY" : "UNIQUE", sql::quoteIdentifier(name)), "ACCESS EXCLUSIVE"),
                                         fmt::format("ALTER TABLE {} DROP CONSTRAINT {}", name_, sql::quoteIdentifier(name))));
        const bool has_primary = std::any_of(found->begin(), found->end(), [](const Record &row) { return row.flag(2); });
        if (index.primary && has_primary)
            return fail(ErrorKind::Usage, fmt::format("{} has a primary key other than that of {}", name_, parent_.sqlName()), "A table has one only: drop it first (foreign keys that point at it stand in the way), or give the parent a unique constraint in place of its primary key.");
    }
    return {};
}

Result<void> Attach::foreignKeys()
{
    const auto own = records(connection_, "SELECT pg_get_constraintdef(oid) FROM pg_catalog.pg_constraint WHERE conrelid = $1::oid AND contype = 'f'", {oid_});
    if (!own)
        return tl::unexpected(own.error());
    for (const ForeignKey &key : scheme_.outgoing) {
        if (key.from_oid != parent_.oid || std::any_of(own->begin(), own->end(), [&](const Record &row) { return row[0] == key.definition; }))
            continue;
        const std::string drop = fmt::format("ALTER TABLE {} DROP CONSTRAINT {}", name_, sql::quoteIdentifier(key.name));
        script_.steps.push_back(undoable(step("Add the foreign key " + key.name, fmt::format("ALTER TABLE {} ADD CONSTRAINT {} {} NOT VALID", name_, sql::quoteIdentifier(key.name), key.definition),
                                              "SHARE ROW EXCLUSIVE"), drop));
        script_.steps.push_back(undoable(patient(step("Validate " + key.name, fmt::format("ALTER TABLE {} VALIDATE CONSTRAINT {}", name_, sql::quoteIdentifier(key.name)), "SHARE UPDATE EXCLUSIVE")), drop));
    }
    return {};
}

void Attach::bounds()
{
    const DefaultGuard guard = guardDefault(scheme_, parent_, {bound_});
    const std::string name = sql::quoteIdentifier("howdah_bound");
    const std::string drop = fmt::format("ALTER TABLE {} DROP CONSTRAINT IF EXISTS {}", name_, name);
    const bool proof = bound_.kind != Bound::Kind::Default;
    if (proof) {
        ChangeStep add = undoable(step("Refuse rows outside of the bounds", fmt::format("ALTER TABLE {} ADD CONSTRAINT {} CHECK ({}) NOT VALID", name_, name, boundCondition(*parent_.key, bound_, parent_.oid)),
                                       "ACCESS EXCLUSIVE"), drop);
        add.note = "Reads nothing: it holds for new rows at once.";
        script_.steps.push_back(std::move(add));
        ChangeStep validate = undoable(patient(step("Prove it for the rows that are there", fmt::format("ALTER TABLE {} VALIDATE CONSTRAINT {}", name_, name), "SHARE UPDATE EXCLUSIVE")), drop);
        validate.note = "Reads the table once; reads and writes go on. Fails when a row lies outside of the bounds.";
        script_.steps.push_back(std::move(validate));
    }
    script_.steps.insert(script_.steps.end(), guard.before.begin(), guard.before.end());
    ChangeStep attach = undoable(step("Attach", attachSql(scheme_, parent_, name_, bound_), attachLock(scheme_, parent_)),
                                 fmt::format("ALTER TABLE {} DETACH PARTITION {}", parent_.sqlName(), name_));
    attach.note = "Takes a moment: everything that it would have to look at is proved.";
    script_.steps.push_back(std::move(attach));
    if (proof)
        script_.steps.push_back(forGood(step("Drop the proof", drop, "ACCESS EXCLUSIVE"), "The partition's bounds say the same."));
    script_.steps.insert(script_.steps.end(), guard.after.begin(), guard.after.end());
}

} // namespace

Result<ChangeScript> attach(pg::Connection &connection, const Scheme &scheme, const Table &parent, const std::string &table, Bound bound)
{
    const IsoSession session(connection);
    if (!parent.key)
        return fail(ErrorKind::Usage, parent.sqlName() + " is not partitioned");
    const auto found = records(connection, "SELECT c.oid, format('%I.%I', n.nspname, c.relname), c.relispartition, c.relkind FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace "
                                           "WHERE c.oid = to_regclass($1)", {table});
    if (!found)
        return tl::unexpected(found.error());
    if (found->empty())
        return fail(ErrorKind::Usage, "There is no table " + table);
    const Record &row = found->front();
    if (row.flag(2))
        return fail(ErrorKind::Usage, row[1] + " is a partition already", "Detach it first.");
    if (row[3] != "r" && row[3] != "p")
        return fail(ErrorKind::Usage, row[1] + " is no table that can become a partition this way");
    if (auto good = canonicalise(connection, *parent.key, bound); !good)
        return tl::unexpected(good.error());
    std::vector<Bound *> all{&bound};
    std::vector<Bound> there;
    for (const std::size_t child : parent.children)
        there.push_back(scheme.tables[child].bound);
    for (Bound &other : there)
        all.push_back(&other);
    if (auto ranked = rankValues(connection, *parent.key, all); !ranked)
        return tl::unexpected(ranked.error());
    for (std::size_t i = 0; i < there.size(); ++i) {
        if (overlaps(bound, there[i]))
            return fail(ErrorKind::Usage, fmt::format("{} overlaps {} ({})", boundWords(bound), scheme.tables[parent.children[i]].name, boundWords(there[i])), "Choose bounds that no partition has yet.");
    }
    return Attach(connection, scheme, parent, row.number<std::uint32_t>(0), row[1], std::move(bound)).script();
}

} // namespace howdah::partition
