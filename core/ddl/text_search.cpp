// SPDX-License-Identifier: GPL-3.0-or-later
#include <fmt/format.h>

#include "core/ddl/writer.h"

// Full text search: pg_ts_parser, pg_ts_template, pg_ts_dict, pg_ts_config.

namespace howdah::ddl {

void writeTextSearchParser(Writer &writer, std::uint32_t oid)
{
    const auto row = writer.row(R"(
SELECT format('%I.%I', n.nspname, p.prsname), p.prsstart::oid::regproc, p.prstoken::oid::regproc, p.prsend::oid::regproc,
       CASE WHEN p.prsheadline <> 0 THEN p.prsheadline::oid::regproc::text END, p.prslextype::oid::regproc, obj_description(p.oid, 'pg_ts_parser')
FROM pg_ts_parser p JOIN pg_namespace n ON n.oid = p.prsnamespace WHERE p.oid = $1::oid)", {std::to_string(oid)});
    if (!row)
        return;
    writer.add(fmt::format("CREATE TEXT SEARCH PARSER {} (\n    START = {},\n    GETTOKEN = {},\n    END = {},\n{}    LEXTYPES = {} );", (*row)[0], (*row)[1], (*row)[2],
                           (*row)[3], row->isNull(4) ? "" : "    HEADLINE = " + (*row)[4] + ",\n", (*row)[5]));
    writer.comment("TEXT SEARCH PARSER " + (*row)[0], (*row)[6]);
}

void writeTextSearchTemplate(Writer &writer, std::uint32_t oid)
{
    const auto row = writer.row(R"(
SELECT format('%I.%I', n.nspname, t.tmplname), CASE WHEN t.tmplinit <> 0 THEN t.tmplinit::oid::regproc::text END, t.tmpllexize::oid::regproc,
       obj_description(t.oid, 'pg_ts_template')
FROM pg_ts_template t JOIN pg_namespace n ON n.oid = t.tmplnamespace WHERE t.oid = $1::oid)", {std::to_string(oid)});
    if (!row)
        return;
    writer.add(fmt::format("CREATE TEXT SEARCH TEMPLATE {} (\n{}    LEXIZE = {} );", (*row)[0], row->isNull(1) ? "" : "    INIT = " + (*row)[1] + ",\n", (*row)[2]));
    writer.comment("TEXT SEARCH TEMPLATE " + (*row)[0], (*row)[3]);
}

void writeTextSearchDictionary(Writer &writer, std::uint32_t oid)
{
    const auto row = writer.row(R"(
SELECT format('%I.%I', n.nspname, d.dictname), format('%I.%I', tn.nspname, t.tmplname), d.dictinitoption, quote_ident(pg_get_userbyid(d.dictowner)),
       obj_description(d.oid, 'pg_ts_dict')
FROM pg_ts_dict d JOIN pg_namespace n ON n.oid = d.dictnamespace JOIN pg_ts_template t ON t.oid = d.dicttemplate
JOIN pg_namespace tn ON tn.oid = t.tmplnamespace WHERE d.oid = $1::oid)", {std::to_string(oid)});
    if (!row)
        return;
    // The options are kept by the server as SQL already.
    writer.add(fmt::format("CREATE TEXT SEARCH DICTIONARY {} (\n    TEMPLATE = {}{} );", (*row)[0], (*row)[1], row->isNull(2) ? "" : ",\n    " + (*row)[2]));
    writer.owner("TEXT SEARCH DICTIONARY", (*row)[0], (*row)[3]);
    writer.comment("TEXT SEARCH DICTIONARY " + (*row)[0], (*row)[4]);
}

void writeTextSearchConfiguration(Writer &writer, std::uint32_t oid)
{
    const auto row = writer.row(R"(
SELECT format('%I.%I', n.nspname, c.cfgname), format('%I.%I', pn.nspname, p.prsname), quote_ident(pg_get_userbyid(c.cfgowner)), obj_description(c.oid, 'pg_ts_config')
FROM pg_ts_config c JOIN pg_namespace n ON n.oid = c.cfgnamespace JOIN pg_ts_parser p ON p.oid = c.cfgparser
JOIN pg_namespace pn ON pn.oid = p.prsnamespace WHERE c.oid = $1::oid)", {std::to_string(oid)});
    if (!row)
        return;
    const std::string &name = (*row)[0];
    writer.add(fmt::format("CREATE TEXT SEARCH CONFIGURATION {} (\n    PARSER = {} );", name, (*row)[1]));
    for (const Record &mapping : writer.rows(R"(
SELECT quote_ident(t.alias), string_agg(m.mapdict::regdictionary::text, ', ' ORDER BY m.mapseqno)
FROM pg_ts_config c JOIN pg_ts_config_map m ON m.mapcfg = c.oid CROSS JOIN LATERAL ts_token_type(c.cfgparser) t
WHERE c.oid = $1::oid AND t.tokid = m.maptokentype GROUP BY t.alias, m.maptokentype ORDER BY m.maptokentype)", {std::to_string(oid)}))
        writer.add(fmt::format("ALTER TEXT SEARCH CONFIGURATION {}\n    ADD MAPPING FOR {} WITH {};", name, mapping[0], mapping[1]));
    writer.owner("TEXT SEARCH CONFIGURATION", name, (*row)[2]);
    writer.comment("TEXT SEARCH CONFIGURATION " + name, (*row)[3]);
}

} // namespace howdah::ddl
