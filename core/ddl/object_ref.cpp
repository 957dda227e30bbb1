// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/ddl/object_ref.h"

#include "core/ddl/reading.h"

namespace howdah::ddl {

namespace {

// Each branch: rank, catalog, oid, whether the name's schema is searched. "$1" is the name as typed, "$2" the same folded
// as an identifier would be; compared with bare and qualified names, so nothing has to be taken apart.
constexpr const char *find_sql = R"(
WITH wanted AS (SELECT $1::text AS typed, lower($1::text) AS folded, replace(lower($1::text), ' ', '') AS tight),
schemas AS (SELECT oid, nspname, array_position(current_schemas(true), nspname) AS place FROM pg_namespace
            WHERE nspname !~ '^pg_toast'),
named AS (
  SELECT 1 AS rank, 'pg_class' AS catalog, c.oid, c.relname::text AS name, s.nspname::text AS schema, s.place,
         NULL::text AS other
  FROM pg_class c JOIN schemas s ON s.oid = c.relnamespace WHERE c.relkind IN ('r','p','v','m','f','S','i','I')
  UNION ALL
  SELECT 2, 'pg_proc', p.oid, p.proname, s.nspname, s.place,
         replace(p.proname || '(' || oidvectortypes(p.proargtypes) || ')', ' ', '')
  FROM pg_proc p JOIN schemas s ON s.oid = p.pronamespace
  UNION ALL
  SELECT 3, 'pg_type', t.oid, t.typname, s.nspname, s.place, NULL
  FROM pg_type t JOIN schemas s ON s.oid = t.typnamespace LEFT JOIN pg_class c ON c.oid = t.typrelid
  WHERE (c.oid IS NULL OR c.relkind = 'c') AND t.typcategory <> 'A' AND t.typtype IN ('e','d','c','r','b')
  UNION ALL
  SELECT 4, 'pg_statistic_ext', x.oid, x.stxname, s.nspname, s.place, NULL
  FROM pg_statistic_ext x JOIN schemas s ON s.oid = x.stxnamespace
  UNION ALL SELECT 5, 'pg_namespace', oid, nspname, NULL, 0, NULL FROM pg_namespace
  UNION ALL SELECT 6, 'pg_extension', oid, extname, NULL, 0, NULL FROM pg_extension
  UNION ALL
  SELECT 7, 'pg_constraint', o.oid, o.conname, s.nspname, s.place, o.conname || ' on ' || c.relname
  FROM pg_constraint o JOIN pg_class c ON c.oid = o.conrelid JOIN schemas s ON s.oid = c.relnamespace
  UNION ALL
  SELECT 8, 'pg_trigger', t.oid, t.tgname, s.nspname, s.place, t.tgname || ' on ' || c.relname
  FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN schemas s ON s.oid = c.relnamespace WHERE NOT t.tgisinternal
  UNION ALL
  SELECT 9, 'pg_policy', p.oid, p.polname, s.nspname, s.place, p.polname || ' on ' || c.relname
  FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid JOIN schemas s ON s.oid = c.relnamespace
  UNION ALL
  SELECT 10, 'pg_rewrite', r.oid, r.rulename, s.nspname, s.place, r.rulename || ' on ' || c.relname
  FROM pg_rewrite r JOIN pg_class c ON c.oid = r.ev_class JOIN schemas s ON s.oid = c.relnamespace
  WHERE r.rulename <> '_RETURN'
  UNION ALL SELECT 11, 'pg_event_trigger', oid, evtname, NULL, 0, NULL FROM pg_event_trigger
  UNION ALL SELECT 12, 'pg_publication', oid, pubname, NULL, 0, NULL FROM pg_publication
  UNION ALL SELECT 13, 'pg_subscription', oid, subname, NULL, 0, NULL FROM pg_subscription
    WHERE subdbid = (SELECT oid FROM pg_database WHERE datname = current_database())
  UNION ALL SELECT 14, 'pg_foreign_server', oid, srvname, NULL, 0, NULL FROM pg_foreign_server
  UNION ALL SELECT 15, 'pg_foreign_data_wrapper', oid, fdwname, NULL, 0, NULL FROM pg_foreign_data_wrapper
  UNION ALL SELECT 16, 'pg_authid', oid, rolname, NULL, 0, NULL FROM pg_roles
  UNION ALL
  SELECT 17, 'pg_operator', o.oid, o.oprname, s.nspname, s.place,
         o.oprname || '(' || CASE WHEN o.oprleft = 0 THEN 'none' ELSE replace(format_type(o.oprleft, NULL), ' ', '') END || ','
         || CASE WHEN o.oprright = 0 THEN 'none' ELSE replace(format_type(o.oprright, NULL), ' ', '') END || ')'
  FROM pg_operator o JOIN schemas s ON s.oid = o.oprnamespace
  UNION ALL
  SELECT 18, 'pg_collation', l.oid, l.collname, s.nspname, s.place, NULL FROM pg_collation l JOIN schemas s ON s.oid = l.collnamespace
  UNION ALL
  SELECT 19, 'pg_ts_config', t.oid, t.cfgname, s.nspname, s.place, NULL FROM pg_ts_config t JOIN schemas s ON s.oid = t.cfgnamespace
  UNION ALL
  SELECT 20, 'pg_ts_dict', t.oid, t.dictname, s.nspname, s.place, NULL FROM pg_ts_dict t JOIN schemas s ON s.oid = t.dictnamespace
  UNION ALL
  SELECT 21, 'pg_ts_parser', t.oid, t.prsname, s.nspname, s.place, NULL FROM pg_ts_parser t JOIN schemas s ON s.oid = t.prsnamespace
  UNION ALL
  SELECT 22, 'pg_ts_template', t.oid, t.tmplname, s.nspname, s.place, NULL FROM pg_ts_template t JOIN schemas s ON s.oid = t.tmplnamespace
  UNION ALL
  SELECT 23, 'pg_conversion', t.oid, t.conname, s.nspname, s.place, NULL FROM pg_conversion t JOIN schemas s ON s.oid = t.connamespace
  UNION ALL
  SELECT 24, 'pg_opclass', t.oid, t.opcname, s.nspname, s.place, t.opcname || ' using ' || m.amname
  FROM pg_opclass t JOIN schemas s ON s.oid = t.opcnamespace JOIN pg_am m ON m.oid = t.opcmethod
  UNION ALL
  SELECT 25, 'pg_opfamily', t.oid, t.opfname, s.nspname, s.place, t.opfname || ' using ' || m.amname
  FROM pg_opfamily t JOIN schemas s ON s.oid = t.opfnamespace JOIN pg_am m ON m.oid = t.opfmethod
  UNION ALL SELECT 26, 'pg_language', oid, lanname, NULL, 0, NULL FROM pg_language
  UNION ALL
  SELECT 27, 'pg_cast', c.oid, '', NULL, 0, format('(%s AS %s)', format_type(c.castsource, NULL), format_type(c.casttarget, NULL)) FROM pg_cast c
  UNION ALL
  SELECT 28, 'pg_transform', t.oid, '', NULL, 0, format('for %s language %s', format_type(t.trftype, NULL), l.lanname)
  FROM pg_transform t JOIN pg_language l ON l.oid = t.trflang
)
SELECT n.catalog, n.oid, i.type, COALESCE(i.identity, quote_ident(n.name))
FROM named n CROSS JOIN wanted w
CROSS JOIN LATERAL pg_identify_object(to_regclass('pg_catalog.' || n.catalog), n.oid, 0) i
WHERE (n.name IN (w.typed, w.folded) OR quote_ident(n.name) = w.typed
       OR n.schema || '.' || n.name IN (w.typed, w.folded)
       OR quote_ident(n.schema) || '.' || quote_ident(n.name) = w.typed
       OR n.other IN (w.typed, w.folded, w.tight) OR n.schema || '.' || n.other IN (w.typed, w.folded, w.tight)
       OR i.identity = w.typed OR replace(i.identity, ' ', '') = w.tight)
  AND ($2::text = '' OR i.type = $2::text OR replace(i.type, ' ', '-') = $2::text
       OR ($2::text = 'matview' AND i.type = 'materialized view'))
  AND ($2::text <> '' OR n.schema IS NULL OR n.schema = ANY (current_schemas(true))
       OR n.schema NOT IN ('pg_catalog', 'information_schema'))
ORDER BY n.rank, n.place NULLS LAST, n.schema, 4
LIMIT 200)";

} // namespace

Result<std::vector<ObjectRef>> findObjects(pg::Connection &connection, std::string_view name, std::string_view kind)
{
    // Calling pg_identify_object for every row of the catalog would be slow on a large one; a first pass by name keeps
    // it to what may be meant.
    const auto found = records(connection, find_sql, {std::string(name), std::string(kind)});
    if (!found)
        return tl::unexpected(found.error());
    if (found->empty())
        return fail(ErrorKind::Usage, "Nothing is called \"" + std::string(name) + "\" here" + (kind.empty() ? "." : " that is a " + std::string(kind) + "."),
                    "Write the schema too, or arguments for a function: schema.name, f(integer).");
    std::vector<ObjectRef> refs;
    for (const Record &row : *found)
        refs.push_back({row[0], row.number<std::uint32_t>(1), row[2], row[3]});
    return refs;
}

Result<ObjectRef> objectAt(pg::Connection &connection, std::string_view catalog, std::uint32_t oid)
{
    const auto found = records(connection, "SELECT i.type, i.identity FROM pg_identify_object(to_regclass('pg_catalog.' || $1), $2::oid, 0) i WHERE i.identity IS NOT NULL",
                               {std::string(catalog), std::to_string(oid)});
    if (!found)
        return tl::unexpected(found.error());
    if (found->empty())
        return fail(ErrorKind::Usage, "This object is no longer there.", "Refresh the browser.");
    return ObjectRef{std::string(catalog), oid, found->front()[0], found->front()[1]};
}

} // namespace howdah::ddl
