// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/ddl/dependencies.h"

#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>

#include "core/ddl/reading.h"

namespace howdah::ddl {

namespace {

using Address = std::pair<std::string, std::uint32_t>; ///< catalog, OID

// pg_depend speaks of rules, defaults and row types; people of views, tables and columns. What is found is named by
// the object that it stands for; the objects asked about are widened by everything that stands for them first.
//
// {0} and {1}: prefix of the columns of the near side (what we start from) and of the far side.
constexpr const char *edges_sql = R"(
WITH asked AS (SELECT to_regclass('pg_catalog.' || a.cat)::oid AS cls, a.obj AS obj FROM unnest($1::text[], $2::oid[]) AS a(cat, obj)),
near AS (
  SELECT a.cls, a.obj, a.cls AS own_cls, a.obj AS own_obj FROM asked a
  UNION ALL SELECT 'pg_rewrite'::regclass, r.oid, a.cls, a.obj FROM asked a JOIN pg_rewrite r ON a.cls = 'pg_class'::regclass AND r.ev_class = a.obj AND r.rulename = '_RETURN'
  UNION ALL SELECT 'pg_attrdef'::regclass, d.oid, a.cls, a.obj FROM asked a JOIN pg_attrdef d ON a.cls = 'pg_class'::regclass AND d.adrelid = a.obj
  UNION ALL SELECT 'pg_type'::regclass, t.oid, a.cls, a.obj FROM asked a JOIN pg_class c ON a.cls = 'pg_class'::regclass AND c.oid = a.obj JOIN pg_type t ON t.oid = c.reltype
  UNION ALL SELECT 'pg_type'::regclass, t.typarray, a.cls, a.obj FROM asked a JOIN pg_type t ON a.cls = 'pg_type'::regclass AND t.oid = a.obj WHERE t.typarray <> 0
  UNION ALL SELECT 'pg_constraint'::regclass, o.oid, a.cls, a.obj FROM asked a JOIN pg_constraint o ON a.cls = 'pg_class'::regclass AND o.conrelid = a.obj AND o.contype = 'f'
  UNION ALL SELECT 'pg_constraint'::regclass, o.oid, a.cls, a.obj FROM asked a JOIN pg_constraint o ON a.cls = 'pg_class'::regclass AND o.conrelid = a.obj AND o.contype IN ('p', 'u')
),
far AS (
  SELECT n.own_cls, n.own_obj, d.{1}classid AS cls, d.{1}objid AS obj, d.{1}objsubid AS sub, d.refobjsubid, d.refobjid, d.deptype, d.classid, d.objid
  FROM near n JOIN pg_depend d ON d.{0}classid = n.cls AND d.{0}objid = n.obj
  WHERE d.{1}objid >= 16384 OR d.{1}classid = 'pg_namespace'::regclass
),
named AS (
  SELECT f.own_cls, f.own_obj,
         CASE WHEN r.oid IS NOT NULL AND r.rulename = '_RETURN' OR ad.oid IS NOT NULL OR ct.oid IS NOT NULL OR co.contype = 'f' THEN 'pg_class'::regclass::oid
              WHEN el.oid IS NOT NULL THEN 'pg_type'::regclass::oid
              WHEN co.contype IN ('p', 'u', 'x', 'c', 'n') AND co.conrelid <> 0 THEN 'pg_class'::regclass::oid
              WHEN co.contypid <> 0 THEN 'pg_type'::regclass::oid ELSE f.cls END AS cls,
         CASE WHEN r.rulename = '_RETURN' THEN r.ev_class WHEN ad.oid IS NOT NULL THEN ad.adrelid WHEN ct.oid IS NOT NULL THEN ct.oid
              WHEN el.oid IS NOT NULL THEN el.oid WHEN co.conrelid <> 0 THEN co.conrelid WHEN co.contypid <> 0 THEN co.contypid ELSE f.obj END AS obj,
         CASE WHEN co.contype = 'f' OR here.contype = 'f' THEN 'f' WHEN f.deptype = 'e' THEN 'e'
              WHEN f.cls = 'pg_class'::regclass AND EXISTS (SELECT FROM pg_inherits i WHERE i.inhrelid = f.objid AND i.inhparent = f.refobjid) THEN 'h'
              WHEN f.deptype IN ('a', 'i', 'P', 'S') AND ad.oid IS NULL AND r.oid IS NULL AND f.classid NOT IN ('pg_attrdef'::regclass, 'pg_rewrite'::regclass) THEN 'a' ELSE 'n' END AS reason,
         CASE WHEN co.contype = 'f' THEN co.conname WHEN here.contype = 'f' THEN here.conname
              WHEN f.refobjsubid > 0 THEN (SELECT attname FROM pg_attribute WHERE attrelid = f.refobjid AND attnum = f.refobjsubid) END AS detail,
         co.conindid, f.cls AS raw_cls
  FROM far f
  LEFT JOIN pg_rewrite r ON f.cls = 'pg_rewrite'::regclass AND r.oid = f.obj
  LEFT JOIN pg_attrdef ad ON f.cls = 'pg_attrdef'::regclass AND ad.oid = f.obj
  LEFT JOIN pg_type ty ON f.cls = 'pg_type'::regclass AND ty.oid = f.obj
  LEFT JOIN pg_type el ON ty.typcategory = 'A' AND el.typarray = ty.oid
  LEFT JOIN pg_class ct ON ct.oid = COALESCE(NULLIF(ty.typrelid, 0), el.typrelid) AND ct.relkind <> 'c'
  LEFT JOIN pg_constraint co ON f.cls = 'pg_constraint'::regclass AND co.oid = f.obj
  LEFT JOIN pg_constraint here ON f.classid = 'pg_constraint'::regclass AND here.oid = f.objid
)
SELECT (SELECT relname FROM pg_class WHERE oid = n.own_cls), n.own_obj, (SELECT relname FROM pg_class WHERE oid = n.cls), n.obj, i.type, i.identity,
       min(n.reason), string_agg(DISTINCT n.detail, ', ' ORDER BY n.detail)
FROM named n CROSS JOIN LATERAL pg_identify_object(n.cls, n.obj, 0) i
LEFT JOIN pg_class c ON n.cls = 'pg_class'::regclass AND c.oid = n.obj
LEFT JOIN pg_trigger tg ON n.cls = 'pg_trigger'::regclass AND tg.oid = n.obj
WHERE NOT (n.own_cls = n.cls AND n.own_obj = n.obj) AND i.identity IS NOT NULL
  AND (c.oid IS NULL OR c.relkind <> 't') AND NOT COALESCE(tg.tgisinternal, false)
  AND NOT (c.relkind IN ('i', 'I') AND EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = c.oid AND k.contype = 'f'))
GROUP BY 1, 2, 3, 4, 5, 6
ORDER BY CASE i.type WHEN 'schema' THEN 2 WHEN 'index' THEN 1 ELSE 0 END, i.type DESC, i.identity
LIMIT 5001)";

DependencyReason reasonOf(const std::string &letter)
{
    if (letter == "f")
        return DependencyReason::ForeignKey;
    if (letter == "h")
        return DependencyReason::Inherits;
    if (letter == "e")
        return DependencyReason::Extension;
    return letter == "a" ? DependencyReason::Owns : DependencyReason::Uses;
}

std::string arrayOf(const std::vector<Address> &addresses, bool catalogs)
{
    std::string text = "{";
    for (const Address &address : addresses)
        text += (text.size() > 1 ? "," : "") + (catalogs ? address.first : std::to_string(address.second));
    return text + "}";
}

struct Edge {
    ObjectRef to;
    DependencyReason reason = DependencyReason::Uses;
    std::string detail;
};
using Edges = std::map<Address, std::vector<Edge>>;

/// Breadth first, a query a level, so that no path is walked twice.
Result<Edges> gather(pg::Connection &connection, const ObjectRef &start, bool needs, const DependencyOptions &options)
{
    const std::string sql = fmt::format(fmt::runtime(edges_sql), needs ? "" : "ref", needs ? "ref" : "");
    Edges edges;
    std::set<Address> seen{{start.catalog, start.oid}};
    std::vector<Address> level{{start.catalog, start.oid}};
    for (int depth = 0; depth < options.max_depth && !level.empty() && seen.size() <= options.max_nodes; ++depth) {
        const auto found = records(connection, sql, {arrayOf(level, true), arrayOf(level, false)});
        if (!found)
            return tl::unexpected(found.error());
        std::vector<Address> next;
        for (const Record &row : *found) {
            const Edge edge{{row[2], row.number<std::uint32_t>(3), row[4], row[5]}, reasonOf(row[6]), row[7]};
            edges[{row[0], row.number<std::uint32_t>(1)}].push_back(edge);
            // A schema or an extension is where things stop: everything in it would follow.
            const bool goes_on = edge.to.kind != "schema" && edge.to.kind != "extension" && edge.to.kind != "role";
            if (seen.insert({edge.to.catalog, edge.to.oid}).second && goes_on)
                next.emplace_back(edge.to.catalog, edge.to.oid);
        }
        level = std::move(next);
    }
    return edges;
}

/// Routines that only mention a relation's name: bodies in strings have no entry in pg_depend.
Result<void> addNamed(pg::Connection &connection, const ObjectRef &start, std::vector<Edge> &direct)
{
    if (start.catalog != "pg_class")
        return {};
    const auto found = records(connection, R"(
SELECT p.oid, i.type, i.identity FROM pg_class c JOIN pg_proc p ON p.oid >= 16384 AND strpos(lower(p.prosrc), lower(c.relname)) > 0
JOIN pg_language l ON l.oid = p.prolang AND l.lanname NOT IN ('c', 'internal')
CROSS JOIN LATERAL pg_identify_object('pg_proc'::regclass, p.oid, 0) i
WHERE c.oid = $1::oid AND length(c.relname) > 2
  AND p.prosrc ~* ('\m' || regexp_replace(c.relname, '([^[:alnum:]_])', '\\\1', 'g') || '\M')
  AND NOT EXISTS (SELECT FROM pg_depend e WHERE e.classid = 'pg_proc'::regclass AND e.objid = p.oid AND e.deptype = 'e')
ORDER BY 3 LIMIT 200)", {std::to_string(start.oid)});
    if (!found)
        return tl::unexpected(found.error());
    for (const Record &row : *found) {
        const auto oid = row.number<std::uint32_t>(0);
        if (std::none_of(direct.begin(), direct.end(), [&](const Edge &edge) { return edge.to.catalog == "pg_proc" && edge.to.oid == oid; }))
            direct.push_back({{"pg_proc", oid, row[1], row[2]}, DependencyReason::Named, {}});
    }
    return {};
}

void lay(DependencyTree &tree, const Edges &edges, const Address &start, const Address &from, std::int64_t parent, int depth, std::set<Address> &shown, const DependencyOptions &options)
{
    const auto found = edges.find(from);
    if (found == edges.end() || depth >= options.max_depth)
        return;
    for (const Edge &edge : found->second) {
        // The object itself again, and the schema of each thing on the way, would only be noise.
        if ((edge.to.catalog == start.first && edge.to.oid == start.second) || (depth > 0 && edge.to.kind == "schema"))
            continue;
        if (tree.nodes.size() >= options.max_nodes) {
            tree.truncated = true;
            return;
        }
        const Address to{edge.to.catalog, edge.to.oid};
        const bool repeated = !shown.insert(to).second;
        const auto place = static_cast<std::int64_t>(tree.nodes.size());
        tree.nodes.push_back({edge.to, edge.reason, edge.detail, depth, parent, repeated});
        if (!repeated)
            lay(tree, edges, start, to, place, depth + 1, shown, options);
    }
}

} // namespace

const char *reasonName(DependencyReason reason)
{
    switch (reason) {
    case DependencyReason::Owns: return "owns";
    case DependencyReason::ForeignKey: return "foreign_key";
    case DependencyReason::Inherits: return "inherits";
    case DependencyReason::Extension: return "extension";
    case DependencyReason::Named: return "named";
    case DependencyReason::Uses: break;
    }
    return "uses";
}

Result<Dependencies> dependenciesOf(pg::Connection &connection, const ObjectRef &object, const DependencyOptions &options)
{
    const Snapshot snapshot(connection, false);
    if (snapshot.failure())
        return tl::unexpected(*snapshot.failure());
    Dependencies result;
    result.object = object;
    const Address start{object.catalog, object.oid};
    for (const bool needs : {true, false}) {
        auto edges = gather(connection, object, needs, options);
        if (!edges)
            return tl::unexpected(edges.error());
        if (!needs && options.by_text) {
            if (auto added = addNamed(connection, object, (*edges)[start]); !added)
                return tl::unexpected(added.error());
        }
        std::set<Address> shown{start};
        lay(needs ? result.needs : result.needed_by, *edges, start, start, -1, 0, shown, options);
    }
    return result;
}

} // namespace howdah::ddl
