// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/sql/keywords.h"

#include <algorithm>
#include <array>
#include <string>

namespace howdah::sql {

namespace {

// select word from pg_get_keywords() where catcode <> 'U', all of 13 to 18 together, in byte order. A name that
// only a newer server reserves is quoted for older ones too: that is harmless, and dumps move between them.
constexpr std::array<std::string_view, 164> quoted_keywords{
    "all", "analyse", "analyze", "and", "any", "array", "as", "asc", "asymmetric", "authorization",
    "between", "bigint", "binary", "bit", "boolean", "both", "case", "cast", "char", "character", "check",
    "coalesce", "collate", "collation", "column", "concurrently", "constraint", "create", "cross",
    "current_catalog", "current_date", "current_role", "current_schema", "current_time",
    "current_timestamp", "current_user", "dec", "decimal", "default", "deferrable", "desc", "distinct",
    "do", "else", "end", "except", "exists", "extract", "false", "fetch", "float", "for", "foreign",
    "freeze", "from", "full", "grant", "greatest", "group", "grouping", "having", "ilike", "in",
    "initially", "inner", "inout", "int", "integer", "intersect", "interval", "into", "is", "isnull",
    "join", "json", "json_array", "json_arrayagg", "json_exists", "json_object", "json_objectagg",
    "json_query", "json_scalar", "json_serialize", "json_table", "json_value", "lateral", "leading",
    "least", "left", "like", "limit", "localtime", "localtimestamp", "merge_action", "national", "natural",
    "nchar", "none", "normalize", "not", "notnull", "null", "nullif", "numeric", "offset", "on", "only",
    "or", "order", "out", "outer", "overlaps", "overlay", "placing", "position", "precision", "primary",
    "real", "references", "returning", "right", "row", "select", "session_user", "setof", "similar",
    "smallint", "some", "substring", "symmetric", "system_user", "table", "tablesample", "then", "time",
    "timestamp", "to", "trailing", "treat", "trim", "true", "union", "unique", "user", "using", "values",
    "varchar", "variadic", "verbose", "when", "where", "window", "with", "xmlattributes", "xmlconcat",
    "xmlelement", "xmlexists", "xmlforest", "xmlnamespaces", "xmlparse", "xmlpi", "xmlroot", "xmlserialize",
    "xmltable"
};

/// Sorted, lower case.
constexpr std::array<std::string_view, 70> usual_keywords{
    "add",       "alter",     "begin",     "by",       "cascade",  "commit",  "conflict",  "cube",     "cycle",
    "database",  "declare",   "delete",    "drop",     "exclude",  "execute", "explain",   "extension", "following",
    "function",  "if",        "immutable", "increment", "index",   "inherits", "insert",   "language", "listen",
    "lock",      "matched",   "materialized", "merge", "nothing",  "notify",  "nulls",     "over",     "partition",
    "preceding", "prepare",   "procedure", "recursive", "refresh", "reindex", "release",   "rename",   "replace",
    "reset",     "restrict",  "returns",   "revoke",   "role",     "rollback", "rollup",   "savepoint", "schema",
    "sequence",  "set",       "show",      "stable",   "temporary", "transaction", "trigger", "truncate", "unbounded",
    "unlogged",  "update",    "vacuum",    "view",     "volatile", "without", "zone",
};

} // namespace

bool mustBeQuoted(std::string_view lower_case_name)
{
    return std::binary_search(quoted_keywords.begin(), quoted_keywords.end(), lower_case_name);
}

bool isKeyword(std::string_view word)
{
    std::string lower(word);
    std::transform(lower.begin(), lower.end(), lower.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    return mustBeQuoted(lower) || std::binary_search(usual_keywords.begin(), usual_keywords.end(), lower);
}

} // namespace howdah::sql
