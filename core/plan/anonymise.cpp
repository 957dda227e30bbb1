// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/plan/anonymise.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

#include "core/plan/keys.h"
#include "core/plan/subplans.h"

namespace howdah::plan {

namespace {

bool isWord(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'
           || static_cast<unsigned char>(c) >= 0x80;
}

/// Words of SQL and of EXPLAIN that are nobody's secret.
const std::unordered_set<std::string_view> &commonWords()
{
    static const std::unordered_set<std::string_view> words{
        "select", "from", "where", "and", "or", "not", "in", "is", "null", "true", "false", "any", "all", "some",
        "array", "row", "case", "when", "then", "else", "end", "as", "on", "using", "join", "left", "right", "full",
        "inner", "outer", "cross", "lateral", "natural", "order", "by", "group", "having", "limit", "offset", "fetch",
        "first", "next", "last", "nulls", "asc", "desc", "distinct", "union", "intersect", "except", "with",
        "recursive", "materialized", "insert", "into", "values", "update", "set", "delete", "merge", "matched",
        "returning", "conflict", "do", "nothing", "default", "over", "partition", "range", "rows", "groups", "between",
        "unbounded", "preceding", "following", "current", "filter", "within", "exists", "like", "ilike", "similar",
        "to", "escape", "at", "time", "zone", "without", "interval", "cast", "collate", "for", "of", "no", "key",
        "share", "skip", "locked", "nowait", "only", "ordinality", "tablesample", "repeatable", "explain", "analyze",
        "verbose", "partial", "initplan", "subplan", "hashed", "alternatives", "returns", "returned", "columns", "path",
        "passing", "ctid", "tableoid", "oid", "xmin", "excluded", "old", "new", "precision", "varying", "double",
        "year", "month", "day", "hour", "minute", "second", "week", "quarter", "epoch",
        // types
        "integer", "int", "int2", "int4", "int8", "bigint", "smallint", "numeric", "decimal", "real", "float", "float4",
        "float8", "text", "character", "varchar", "char", "bpchar", "name", "boolean", "bool", "date", "timestamp",
        "timestamptz", "timetz", "uuid", "json", "jsonb", "jsonpath", "xml", "bytea", "inet", "cidr", "regclass",
        "record", "tsvector", "tsquery", "vector", "money", "bit", "int4range", "int8range", "numrange", "daterange",
        "tsrange", "tstzrange",
        // functions of every server
        "count", "sum", "avg", "min", "max", "coalesce", "nullif", "greatest", "least", "lower", "upper", "length",
        "substring", "substr", "trim", "btrim", "ltrim", "rtrim", "replace", "concat", "now", "date_trunc", "date_part",
        "extract", "age", "abs", "round", "ceil", "floor", "mod", "random", "generate_series", "unnest", "array_agg",
        "string_agg", "json_agg", "jsonb_agg", "row_number", "rank", "dense_rank", "lag", "lead", "first_value",
        "last_value", "ntile", "nextval", "to_char", "to_date", "to_timestamp", "to_tsvector", "to_tsquery", "md5",
        "pg_sleep", "stddev", "variance", "bool_and", "bool_or", "every", "current_date", "current_timestamp",
        "current_user", "session_user", "localtimestamp", "pg_catalog", "json_table", "xmltable", "string_to_array",
        "format", "left", "right", "position", "split_part", "regexp_replace", "regexp_matches", "jsonb_array_elements",
        "json_array_elements", "jsonb_extract_path_text", "row_to_json", "to_json", "to_jsonb", "percentile_cont"};
    return words;
}

class Anonymiser
{
public:
    void name(std::string &text, char kind);
    void words(std::string &text);
    void value(PropertyValue &value);
    void properties(std::vector<Property> &properties);

private:
    std::string replacement(const std::string &original, char kind);
    std::string literal(std::string_view original);

    std::unordered_map<std::string, std::string> names_; ///< one table for all kinds: a name is one thing everywhere
    std::unordered_map<std::string, std::string> literals_;
    std::unordered_map<char, std::size_t> counts_;
};

std::string Anonymiser::replacement(const std::string &original, char kind)
{
    const auto [found, fresh] = names_.try_emplace(original);
    if (fresh)
        found->second = std::string(1, kind) + std::to_string(++counts_[kind]);
    return found->second;
}

std::string Anonymiser::literal(std::string_view original)
{
    const auto [found, fresh] = literals_.try_emplace(std::string(original));
    if (fresh)
        found->second = "'x" + std::to_string(literals_.size()) + "'";
    return found->second;
}

void Anonymiser::name(std::string &text, char kind)
{
    if (text.empty() || text.starts_with("*") || text == "pg_catalog" || commonWords().contains(text))
        return;
    text = replacement(text, kind);
}

/// Offset behind a quoted stretch that begins at `at`; a doubled quote does not end it.
std::size_t quotedEnd(std::string_view text, std::size_t at)
{
    const char quote = text[at];
    for (std::size_t i = at + 1; i < text.size(); ++i) {
        if (text[i] != quote)
            continue;
        if (i + 1 < text.size() && text[i + 1] == quote)
            ++i;
        else
            return i + 1;
    }
    return text.size();
}

/// Expressions and statements: every name and literal, comments dropped, numbers kept to a length.
void Anonymiser::words(std::string &text)
{
    std::string out;
    out.reserve(text.size());
    const std::string_view view = text;
    for (std::size_t at = 0; at < view.size();) {
        const char c = view[at];
        if (c == '\'') {
            const std::size_t end = quotedEnd(view, at);
            out += literal(view.substr(at, end - at));
            at = end;
        } else if (c == '"') {
            const std::size_t end = quotedEnd(view, at);
            out += replacement(std::string(view.substr(at + 1, end - at - (end > at + 1 ? 2 : 1))), 'c');
            at = end;
        } else if (view.substr(at, 2) == "--") {
            at = std::min(view.find('\n', at), view.size());
        } else if (view.substr(at, 2) == "/*") {
            const std::size_t end = view.find("*/", at + 2);
            at = end == std::string_view::npos ? view.size() : end + 2;
        } else if (c == '$' && at + 1 < view.size() && !(view[at + 1] >= '0' && view[at + 1] <= '9')) {
            // $tag$ … $tag$
            const std::size_t tag = view.find('$', at + 1);
            const std::string_view mark =
                tag == std::string_view::npos ? std::string_view() : view.substr(at, tag - at + 1);
            const std::size_t end = mark.empty() ? std::string_view::npos : view.find(mark, tag + 1);
            if (end == std::string_view::npos) {
                out += c;
                ++at;
            } else {
                out += literal(view.substr(at, end + mark.size() - at));
                at = end + mark.size();
            }
        } else if (isWord(c) || c == '$') {
            std::size_t end = at + 1;
            while (end < view.size() && isWord(view[end]))
                ++end;
            const std::string_view word = view.substr(at, end - at);
            std::string lower(word);
            std::transform(lower.begin(), lower.end(), lower.begin(),
                           [](char x) { return x >= 'A' && x <= 'Z' ? static_cast<char>(x - 'A' + 'a') : x; });
            const bool subplan = lower.starts_with("expr_") || lower.starts_with("exists_") || lower.starts_with("any_")
                                 || (lower.starts_with("col") && lower.size() > 3
                                     && lower.find_first_not_of("0123456789", 3) == std::string::npos);
            if ((c >= '0' && c <= '9') || c == '$') {
                out += word; // numbers of a statement are mostly ids: kept short ones only
                if (c != '$' && word.size() > 3)
                    std::fill(out.end() - static_cast<std::ptrdiff_t>(word.size()), out.end(), '9');
            } else if (subplan || commonWords().contains(lower)) {
                out += word;
            } else {
                out += replacement(std::string(word), end < view.size() && view[end] == '(' ? 'f' : 'c');
            }
            at = end;
        } else {
            out += c;
            ++at;
        }
    }
    text = std::move(out);
}

void Anonymiser::value(PropertyValue &root)
{
    std::vector<PropertyValue *> pending{&root};
    while (!pending.empty()) {
        PropertyValue &next = *pending.back();
        pending.pop_back();
        if (auto *text = std::get_if<std::string>(&next.value)) {
            words(*text);
        } else if (auto *list = std::get_if<PropertyValue::List>(&next.value)) {
            for (PropertyValue &item : *list)
                pending.push_back(&item);
        } else if (auto *group = std::get_if<PropertyValue::Group>(&next.value)) {
            for (auto &[key, item] : *group)
                pending.push_back(&item);
        }
    }
}

/// Texts that EXPLAIN itself words stay.
bool isFixedText(std::string_view key)
{
    static constexpr std::array<std::string_view, 16> keys{"Sort Method",
                                                           "Sort Space Type",
                                                           "Storage",
                                                           "Cache Mode",
                                                           "Sampling Method",
                                                           "Conflict Resolution",
                                                           "Format",
                                                           "Sort Methods Used",
                                                           "Full-sort Groups",
                                                           "Pre-sorted Groups",
                                                           "Command Type",
                                                           "Flags",
                                                           "Kind",
                                                           "Relation Kind",
                                                           "Relation Lock Mode",
                                                           "Subplans Needing Rewind"};
    return std::find(keys.begin(), keys.end(), key) != keys.end();
}

void Anonymiser::properties(std::vector<Property> &all)
{
    for (Property &property : all) {
        if (!isFixedText(property.first))
            value(property.second);
    }
}

void renameObjects(Node &node, Anonymiser &a)
{
    a.name(node.schema, 's');
    a.name(node.relation_name, 't');
    a.name(node.alias, 'a');
    a.name(node.index_name, 'i');
    a.name(node.function_name, 'f');
    a.name(node.cte_name, 'q');
    a.name(node.tuplestore_name, 't');
    if (node.table_function_name != "xmltable" && node.table_function_name != "json_table")
        a.name(node.table_function_name, 'f');
    if (isCteBody(node)) {
        std::string name = node.subplan_name.substr(4);
        a.name(name, 'q');
        node.subplan_name = "CTE " + name;
    }
}

void anonymiseTexts(Node &node, Anonymiser &a)
{
    a.properties(node.properties);
    for (WorkerStats &worker : node.workers)
        a.properties(worker.properties);
    for (std::string &line : node.extra_lines)
        a.words(line);
}

} // namespace

Plan anonymised(Plan plan)
{
    Anonymiser a;
    // Objects first: where an expression names one, it must not pass for a column.
    for (Node &node : plan.nodes)
        renameObjects(node, a);
    for (Node &node : plan.nodes)
        anonymiseTexts(node, a);
    for (TriggerTime &trigger : plan.triggers) {
        a.name(trigger.name, 'g');
        a.name(trigger.constraint, 'k');
        a.name(trigger.relation, 't');
    }
    for (Property &setting : plan.settings) {
        if (setting.first == "search_path" || setting.first.find('.') != std::string::npos)
            a.value(setting.second);
    }
    a.properties(plan.properties);
    for (std::string &line : plan.extra_lines)
        a.words(line);
    a.words(plan.query_text);
    return plan;
}

} // namespace howdah::plan
