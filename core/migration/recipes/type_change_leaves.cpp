// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/migration/recipes/type_change_leaves.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "core/ddl/reading.h"
#include "core/migration/recipes/indexes.h"
#include "core/migration/recipes/text.h"
#include "core/sql/quote.h"

namespace howdah::migration::recipes {

namespace {

constexpr const char *indexes_below_sql = R"(
WITH RECURSIVE below(oid) AS (SELECT inhrelid FROM pg_inherits WHERE inhparent = $1::oid
  UNION ALL SELECT i.inhrelid FROM below JOIN pg_inherits i ON i.inhparent = below.oid)
SELECT c.oid, x.indrelid, format('%I.%I', tn.nspname, t.relname), n.nspname, c.relname, o.conname, t.relkind = 'p'
FROM below JOIN pg_class c ON c.oid = below.oid JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_index x ON x.indexrelid = c.oid
JOIN pg_class t ON t.oid = x.indrelid JOIN pg_namespace tn ON tn.oid = t.relnamespace
LEFT JOIN pg_constraint o ON o.conindid = c.oid AND o.conrelid = x.indrelid AND o.contype IN ('p', 'u') ORDER BY t.oid)";

/// Partitions with something that their parent does not have.
constexpr const char *with_own_sql = R"(
WITH RECURSIVE below(oid) AS (SELECT inhrelid FROM pg_inherits WHERE inhparent = $1::oid
  UNION ALL SELECT i.inhrelid FROM below JOIN pg_inherits i ON i.inhparent = below.oid)
SELECT b.oid FROM below b
WHERE EXISTS (SELECT FROM pg_index x WHERE x.indrelid = b.oid AND (x.indisreplident OR NOT EXISTS (SELECT FROM pg_inherits h WHERE h.inhrelid = x.indexrelid)))
   OR EXISTS (SELECT FROM pg_constraint o WHERE o.conrelid = b.oid AND o.contype IN ('c', 'f', 'x') AND o.conparentid = 0 AND o.coninhcount = 0)
   OR EXISTS (SELECT FROM pg_constraint o WHERE o.confrelid = b.oid AND o.contype = 'f' AND o.conparentid = 0)
   OR EXISTS (SELECT FROM pg_depend d WHERE d.refclassid = 'pg_class'::regclass AND d.refobjid = b.oid
              AND d.classid IN ('pg_rewrite'::regclass, 'pg_policy'::regclass, 'pg_statistic_ext'::regclass, 'pg_proc'::regclass))
   OR EXISTS (SELECT FROM pg_trigger t WHERE t.tgrelid = b.oid AND t.tgparentid = 0 AND NOT t.tgisinternal)
ORDER BY 1)";

const pg::CatalogRelation *byOid(const Ground &ground, std::uint32_t oid)
{
    for (const pg::CatalogRelation &relation : ground.catalog.relations) {
        if (relation.oid == oid)
            return &relation;
    }
    return nullptr;
}

/// The index names that partitionedIndexSteps() gives, by table.
void freshNames(const Ground &ground, const pg::CatalogRelation &table, const std::string &whole, std::map<std::uint32_t, std::string> &names)
{
    for (const pg::CatalogRelation &child : ground.catalog.relations) {
        if (!child.is_partition || child.parent_oid != table.oid)
            continue;
        names[child.oid] = partitionIndexName(child, whole);
        if (child.kind == 'p')
            freshNames(ground, child, names[child.oid], names);
    }
}

class Leaves
{
public:
    Leaves(const Ground &ground, const pg::CatalogRelation &table, TableParts &parts, const std::vector<std::string> &columns) : ground_(ground), table_(table), parts_(parts), columns_(columns) {}

    Result<LeafParts> read()
    {
        for (const IndexPart &index : parts_.indexes) {
            if (auto done = below(index); !done)
                return tl::unexpected(done.error());
        }
        const auto own = ddl::records(ground_.connection, with_own_sql, {std::to_string(table_.oid)});
        if (!own)
            return tl::unexpected(own.error());
        for (const ddl::Record &row : *own) {
            const pg::CatalogRelation *leaf = byOid(ground_, row.number<std::uint32_t>(0));
            if (leaf == nullptr)
                continue;
            if (auto done = one(*leaf); !done)
                return tl::unexpected(done.error());
        }
        return std::move(found_);
    }

private:
    Result<void> below(const IndexPart &index)
    {
        const auto rows = ddl::records(ground_.connection, indexes_below_sql, {std::to_string(index.oid)});
        if (!rows)
            return tl::unexpected(rows.error());
        std::map<std::uint32_t, std::string> names;
        freshNames(ground_, table_, objectName("new", {index.name}), names);
        for (const ddl::Record &row : *rows) {
            inherited_.insert(row.number<std::uint32_t>(0));
            if (!index.valid || (!index.constraint.empty() && row.flag(6)))
                continue; // the key of a table between goes and comes with that of the whole
            LeafIndex leaf{row[2], row[3], row[4], "", row[5]};
            leaf.fresh = index.constraint.empty() ? names[row.number<std::uint32_t>(1)] : objectName("new", {leaf.name});
            found_.indexes[index.name].push_back(std::move(leaf));
        }
        return {};
    }

    Result<void> one(const pg::CatalogRelation &leaf)
    {
        auto parts = partsOf(ground_, leaf, columns_);
        if (!parts)
            return tl::unexpected(parts.error());
        const std::string hint = "Drop it first, and make it again afterwards";
        for (const IndexPart &index : parts->indexes) {
            if (index.replica_identity)
                return refuse(fmt::format("{} is the replica identity of {}: no recipe puts another one in its place in a partition", index.sql(), nameOf(leaf)), "ALTER TABLE … REPLICA IDENTITY DEFAULT first");
            if (inherited_.count(index.oid) > 0)
                continue;
            if (!index.constraint.empty())
                return refuse(fmt::format("The constraint {} belongs to the partition {} alone: there is no recipe for that", index.constraint, nameOf(leaf)), hint);
            if (!index.valid)
                continue;
            found_.indexes[""].push_back({nameOf(leaf), index.schema, index.name, objectName("new", {index.name}), ""});
            found_.own.push_back(index);
        }
        for (const ConstraintPart &check : parts->checks) {
            if (std::none_of(parts_.checks.begin(), parts_.checks.end(), [&](const ConstraintPart &whole) { return whole.name == check.name; }))
                return refuse(fmt::format("The constraint {} belongs to the partition {} alone: there is no recipe for that", check.name, nameOf(leaf)), hint);
        }
        if (!parts->foreign_keys.empty())
            return refuse(fmt::format("The foreign key {} belongs to the partition {} alone: there is no recipe for that", parts->foreign_keys.front().name, nameOf(leaf)), hint);
        if (!parts->incoming.empty())
            return refuse(fmt::format("The foreign key {} of {} refers to the partition {}: there is no recipe for that", parts->incoming.front().name, parts->incoming.front().table, nameOf(leaf)), hint);
        if (!parts->exclusions.empty())
            return refuse(fmt::format("The exclusion constraint {} of the partition {} cannot be made anew without keeping readers and writers waiting", parts->exclusions.front(), nameOf(leaf)), hint);
        if (!parts->functions.empty())
            return refuse("The body of the function " + parts->functions.front() + " depends on the column of the partition " + nameOf(leaf), hint);
        const auto join = [](std::vector<Dependant> &all, const std::vector<Dependant> &more) {
            for (const Dependant &dependant : more) {
                if (std::none_of(all.begin(), all.end(), [&](const Dependant &known) { return known.what == dependant.what; }))
                    all.push_back(dependant);
            }
        };
        join(parts_.dependants, parts->dependants);
        join(parts_.materialized, parts->materialized);
        return {};
    }

    const Ground &ground_;
    const pg::CatalogRelation &table_;
    TableParts &parts_;
    const std::vector<std::string> &columns_;
    std::set<std::uint32_t> inherited_;
    LeafParts found_;
};

} // namespace

Result<LeafParts> leafPartsOf(const Ground &ground, const pg::CatalogRelation &table, TableParts &parts, const std::vector<std::string> &columns)
{
    return Leaves(ground, table, parts, columns).read();
}

} // namespace howdah::migration::recipes
