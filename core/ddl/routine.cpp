// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "core/ddl/writer.h"
#include "core/sql/quote.h"

namespace howdah::ddl {

namespace {

/// Settings whose value is a list of names: each is quoted for itself, or the list would become one name.
bool isListSetting(std::string_view name)
{
    constexpr std::array<std::string_view, 7> lists{"local_preload_libraries", "search_path", "session_preload_libraries", "shared_preload_libraries",
                                                    "temp_tablespaces", "unix_socket_directories", "synchronous_standby_names"};
    return std::find(lists.begin(), lists.end(), name) != lists.end();
}

/// The names of "a, \"B c\"" without their quotes.
std::vector<std::string> namesIn(std::string_view list)
{
    std::vector<std::string> names;
    std::string name;
    bool quoted = false;
    bool any = false;
    for (std::size_t at = 0; at < list.size(); ++at) {
        const char letter = list[at];
        if (letter == '"') {
            if (quoted && at + 1 < list.size() && list[at + 1] == '"')
                name += list[++at];
            else
                quoted = !quoted;
            any = true;
        } else if (letter == ',' && !quoted) {
            names.push_back(std::exchange(name, {}));
        } else if (letter != ' ' || quoted) {
            name += letter;
            any = true;
        }
    }
    if (any)
        names.push_back(name);
    return names;
}

std::string attributes(const Record &row)
{
    std::string text;
    if (row[5] == "w")
        text += " WINDOW";
    if (row[6] != "v")
        text += row[6] == "i" ? " IMMUTABLE" : " STABLE";
    if (row.flag(7))
        text += " STRICT";
    if (row.flag(8))
        text += " SECURITY DEFINER";
    if (row.flag(9))
        text += " LEAKPROOF";
    const bool cheap = row[4] == "internal" || row[4] == "c";
    if (row[10] != "0" && row[10] != (cheap ? "1" : "100"))
        text += " COST " + row[10];
    if (row.flag(12) && row[11] != "0" && row[11] != "1000")
        text += " ROWS " + row[11];
    if (!row.isNull(13))
        text += " SUPPORT " + row[13];
    if (row[14] != "u")
        text += row[14] == "s" ? " PARALLEL SAFE" : " PARALLEL RESTRICTED";
    return text;
}

void writeAggregate(Writer &writer, std::uint32_t oid, const std::string &signature)
{
    // Each term is the line itself, or NULL where the aggregate has nothing to say.
    const auto row = writer.row(R"(
SELECT array_to_string(ARRAY[
  'SFUNC = ' || a.aggtransfn::oid::regproc, 'STYPE = ' || format_type(a.aggtranstype, NULL),
  CASE WHEN a.aggtransspace <> 0 THEN 'SSPACE = ' || a.aggtransspace END,
  'INITCOND = ' || quote_literal(a.agginitval),
  CASE WHEN a.aggfinalfn <> 0 THEN 'FINALFUNC = ' || a.aggfinalfn::oid::regproc END,
  CASE WHEN a.aggfinalextra THEN 'FINALFUNC_EXTRA' END,
  CASE WHEN a.aggfinalmodify <> CASE WHEN a.aggkind = 'n' THEN 'r'::"char" ELSE 'w' END
       THEN 'FINALFUNC_MODIFY = ' || CASE a.aggfinalmodify WHEN 'r' THEN 'READ_ONLY' WHEN 's' THEN 'SHAREABLE' ELSE 'READ_WRITE' END END,
  CASE WHEN a.aggcombinefn <> 0 THEN 'COMBINEFUNC = ' || a.aggcombinefn::oid::regproc END,
  CASE WHEN a.aggserialfn <> 0 THEN 'SERIALFUNC = ' || a.aggserialfn::oid::regproc END,
  CASE WHEN a.aggdeserialfn <> 0 THEN 'DESERIALFUNC = ' || a.aggdeserialfn::oid::regproc END,
  CASE WHEN a.aggmtransfn <> 0 THEN 'MSFUNC = ' || a.aggmtransfn::oid::regproc END,
  CASE WHEN a.aggmtransfn <> 0 THEN 'MINVFUNC = ' || a.aggminvtransfn::oid::regproc END,
  CASE WHEN a.aggmtransfn <> 0 THEN 'MSTYPE = ' || format_type(a.aggmtranstype, NULL) END,
  CASE WHEN a.aggmtransspace <> 0 THEN 'MSSPACE = ' || a.aggmtransspace END,
  'MINITCOND = ' || quote_literal(a.aggminitval),
  CASE WHEN a.aggmfinalfn <> 0 THEN 'MFINALFUNC = ' || a.aggmfinalfn::oid::regproc END,
  CASE WHEN a.aggmfinalextra THEN 'MFINALFUNC_EXTRA' END,
  CASE WHEN a.aggsortop <> 0 THEN 'SORTOP = OPERATOR(' || (SELECT quote_ident(n.nspname) || '.' || o.oprname FROM pg_operator o JOIN pg_namespace n ON n.oid = o.oprnamespace WHERE o.oid = a.aggsortop) || ')' END,
  CASE p.proparallel WHEN 's' THEN 'PARALLEL = safe' WHEN 'r' THEN 'PARALLEL = restricted' END,
  CASE WHEN a.aggkind = 'h' THEN 'HYPOTHETICAL' END], E',\n    ')
FROM pg_aggregate a JOIN pg_proc p ON p.oid = a.aggfnoid WHERE a.aggfnoid = $1::oid)", {std::to_string(oid)});
    if (row)
        writer.add(fmt::format("CREATE AGGREGATE {} (\n    {}\n);", signature, (*row)[0]));
}

void writeFunction(Writer &writer, const Record &row)
{
    const bool procedure = row[5] == "p";
    std::string sql = fmt::format("CREATE {} {}({})", procedure ? "PROCEDURE" : "FUNCTION", row[0], row[1]);
    if (!procedure)
        sql += " RETURNS " + row[3];
    sql += "\n    LANGUAGE " + sql::quoteIdentifier(row[4]);
    if (!row.isNull(16))
        sql += " TRANSFORM " + row[16];
    sql += attributes(row);
    for (const Record &setting : writer.rows("SELECT split_part(c, '=', 1), substr(c, strpos(c, '=') + 1) FROM pg_proc, unnest(proconfig) c WHERE oid = $1::oid", {row[15]}))
        sql += fmt::format("\n    SET {} TO {}", sql::quoteIdentifier(setting[0]), configurationValue(setting[0], setting[1]));
    if (!row.isNull(19))
        sql += "\n    " + row[19];
    else if (!row.isNull(18) && !row[18].empty())
        sql += fmt::format("\n    AS {}, {}", sql::quoteLiteral(row[18]), sql::quoteLiteral(row[17]));
    else
        sql += "\n    AS " + dollarQuoted(row[17]);
    writer.add(sql + ";");
}

} // namespace

std::string configurationValue(const std::string &name, const std::string &value)
{
    if (!isListSetting(name))
        return sql::quoteLiteral(value);
    std::string list;
    for (const std::string &one : namesIn(value))
        list += (list.empty() ? "" : ", ") + sql::quoteLiteral(one);
    return list.empty() ? "''" : list;
}

void writeRoutine(Writer &writer, std::uint32_t oid)
{
    const auto row = writer.row(fmt::format(R"(
SELECT format('%I.%I', n.nspname, p.proname), pg_get_function_arguments(p.oid), pg_get_function_identity_arguments(p.oid), pg_get_function_result(p.oid),
       l.lanname, p.prokind, p.provolatile, p.proisstrict, p.prosecdef, p.proleakproof, p.procost, p.prorows, p.proretset,
       CASE WHEN p.prosupport <> 0 THEN p.prosupport::oid::regproc::text END, p.proparallel, p.oid,
       (SELECT string_agg('FOR TYPE ' || format_type(t, NULL), ', ') FROM unnest(p.protrftypes) t), p.prosrc, p.probin, {},
       quote_ident(pg_get_userbyid(p.proowner)), p.proowner, p.proacl, obj_description(p.oid, 'pg_proc')
FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace JOIN pg_language l ON l.oid = p.prolang WHERE p.oid = $1::oid)",
                                            writer.since(14, "pg_get_function_sqlbody(p.oid)", "NULL")), {std::to_string(oid)});
    if (!row)
        return;
    const bool aggregate = (*row)[5] == "a";
    std::string identity = (*row)[2];
    if (aggregate && identity.empty())
        identity = "*";
    const std::string signature = (*row)[0] + "(" + identity + ")";
    const std::string what = aggregate ? "AGGREGATE" : (*row)[5] == "p" ? "PROCEDURE" : "FUNCTION";
    if (aggregate)
        writeAggregate(writer, oid, (*row)[0] + "(" + ((*row)[1].empty() ? "*" : (*row)[1]) + ")");
    else
        writeFunction(writer, *row);
    writer.owner(what, signature, (*row)[20]);
    writer.comment(what + " " + signature, (*row)[23]);
    const std::string granted = (*row)[0] + "(" + (*row)[2] + ")";
    writer.privileges({aggregate ? "FUNCTION" : what, granted, 'f', row->number<std::uint32_t>(21), (*row)[22], {}});
}

} // namespace howdah::ddl
