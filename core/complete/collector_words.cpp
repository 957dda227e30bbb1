// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <array>
#include <unordered_set>

#include "core/complete/collector.h"
#include "core/complete/match.h"
#include "core/sql/keywords.h"
#include "core/sql/quote.h"

namespace howdah::complete {

namespace {

/// How people write the types that have other names in pg_type.
constexpr std::array<std::pair<const char *, const char *>, 24> usual_types{{
    {"integer", "int4"}, {"bigint", "int8"}, {"text", ""}, {"boolean", "bool"}, {"numeric", ""}, {"timestamptz", "timestamp with time zone"},
    {"timestamp", "timestamp without time zone"}, {"date", ""}, {"uuid", ""}, {"jsonb", ""}, {"varchar", "character varying"}, {"int", "integer"},
    {"smallint", "int2"}, {"real", "float4"}, {"double precision", "float8"}, {"bigserial", "bigint with a sequence"},
    {"serial", "integer with a sequence"}, {"bytea", ""}, {"interval", ""}, {"time", "time without time zone"}, {"json", ""}, {"char", "character"},
    {"timestamp with time zone", "timestamptz"}, {"character varying", "varchar"},
}};

std::string keyColumns(const pg::CatalogRelation &relation, const std::vector<std::int16_t> &numbers)
{
    std::string list;
    for (const std::int16_t number : numbers) {
        const auto column = std::ranges::find_if(relation.columns, [number](const auto &each) { return each.attnum == number; });
        if (column == relation.columns.end())
            return {};
        list += (list.empty() ? "" : ", ") + sql::quoteIdentifier(column->name);
    }
    return list;
}

} // namespace

void Collector::offerTypes(std::string_view schema)
{
    if (schema.empty()) {
        int order = 0;
        for (const auto &[name, other] : usual_types)
            offer(Kind::Type, name, other, 280 - order++, name);
    }
    for (const auto &type : snapshot_.words().types) {
        if (!schema.empty() && type.schema != schema)
            continue;
        const bool system = type.schema == "pg_catalog";
        const bool shown = snapshot_.onPath(type.schema) || !schema.empty();
        if (system && (type.name.starts_with("pg_") || type.name.starts_with("_")))
            continue;
        std::string detail = type.kind == 'e' ? "enum" : type.kind == 'd' ? "domain" : type.kind == 'c' ? "composite" : type.kind == 'r' ? "range" : "";
        if (system && type.spelling != type.name)
            detail = type.spelling;
        else if (!system)
            detail = type.schema + (detail.empty() ? "" : "  " + detail);
        std::string insert = shown ? quoted(type.name) : quoted(type.schema) + "." + quoted(type.name);
        offer(Kind::Type, type.name, std::move(detail), system ? 140 : 260, std::move(insert));
    }
}

void Collector::offerSettings()
{
    for (const auto &setting : snapshot_.words().settings) {
        std::string detail = setting.value + (setting.unit.empty() || setting.value.empty() ? "" : " × " + setting.unit);
        if (detail.size() > 40)
            detail.resize(detail.find_last_of(" ,", 40) == std::string::npos ? 0 : detail.find_last_of(" ,", 40));
        offer(Kind::Setting, setting.name, std::move(detail), 200, setting.name);
    }
}

void Collector::offerSettingValues()
{
    const auto &settings = snapshot_.words().settings;
    const std::string name = folded(place_.setting);
    const auto found = std::ranges::find_if(settings, [&](const auto &setting) { return folded(setting.name) == name; });
    if (found == settings.end())
        return;
    if (found->type == "bool") {
        for (const char *value : {"on", "off"})
            offer(Kind::Value, value, found->value == value ? "now" : "", 300, value);
    }
    for (const std::string &value : found->values) {
        // Such values are words, and quoted where they are more than that.
        const bool plain = !value.empty() && value.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_") == std::string::npos && !sql::mustBeQuoted(value);
        offer(Kind::Value, value, found->value == value ? "now" : "", 300, plain || value == "on" ? value : sql::quoteLiteral(value));
    }
    if (found->values.empty() && found->type != "bool" && !found->value.empty()) {
        const bool number = found->type == "integer" || found->type == "real";
        offer(Kind::Value, found->value + (number ? found->unit : ""), "now", 250,
              number && found->unit.empty() ? found->value : sql::quoteLiteral(found->value + (number ? found->unit : "")));
    }
}

/// Columns of the relation that the statement names, without those in the list already.
void Collector::offerOfRelation()
{
    int order = 0;
    for (const auto &column : place_.relation->columns) {
        const bool listed = std::ranges::find(place_.listed, column.name) != place_.listed.end();
        std::string detail = column.type + (column.not_null ? "  not null" : "") + (column.is_generated ? "  generated" : "");
        const int weight = 290 - (statement_.typed.empty() ? std::min(order++, 60) : 0) - (column.is_generated ? 100 : 0);
        if (!listed)
            offer(Kind::Column, column.name, std::move(detail), weight);
    }
}

/// Whole lists in parentheses: the columns to insert into, the columns of a key.
void Collector::offerLists()
{
    if (place_.relation == nullptr)
        return;
    if (wants(want::column_list)) {
        std::string every, needed;
        for (const auto &column : place_.relation->columns) {
            if (column.is_generated)
                continue;
            const std::string name = sql::quoteIdentifier(column.name);
            if (!column.is_identity)
                every += (every.empty() ? "" : ", ") + name;
            if (column.not_null && column.default_expr.empty() && !column.is_identity)
                needed += (needed.empty() ? "" : ", ") + name;
        }
        if (!every.empty())
            offer(Kind::List, "(" + every + ")", "all columns", 320, "(" + every + ") ");
        if (!needed.empty() && needed != every)
            offer(Kind::List, "(" + needed + ")", "columns without a default", 310, "(" + needed + ") ");
    }
    if (wants(want::conflict_keys)) {
        for (const auto &index : place_.relation->indexes) {
            const std::string list = index.is_unique && index.is_valid ? keyColumns(*place_.relation, index.key_columns) : std::string();
            if (!list.empty())
                offer(Kind::List, "(" + list + ")", index.name, index.is_primary ? 330 : 320, "(" + list + ") ");
        }
    }
}

void Collector::offerNamed()
{
    if (wants(want::constraints | want::unique_constraints) && place_.relation != nullptr) {
        for (const auto &constraint : place_.relation->constraints) {
            const bool unique = constraint.type == 'p' || constraint.type == 'u' || constraint.type == 'x';
            if (unique || wants(want::constraints))
                offer(Kind::Constraint, constraint.name, constraint.definition.substr(0, 80), 300 - (constraint.type == 'n' ? 50 : 0));
        }
    }
    if (wants(want::indexes)) {
        for (const auto &relation : snapshot_.catalog().relations) {
            if (place_.relation != nullptr && place_.relation != &relation)
                continue;
            for (const auto &index : relation.indexes) {
                const bool shown = snapshot_.onPath(relation.schema) || !place_.qualifier.empty();
                offer(Kind::Index, index.name, relation.name, 200, shown ? quoted(index.name) : quoted(relation.schema) + "." + quoted(index.name));
            }
        }
    }
    if (wants(want::schemas)) {
        for (const auto &schema : snapshot_.catalog().schemas)
            offer(Kind::Schema, schema.name, schema.owner, schema.is_system ? 100 : 220);
    }
    if (wants(want::roles)) {
        for (const std::string &role : snapshot_.words().roles)
            offer(Kind::Role, role, role.starts_with("pg_") ? "predefined" : "", role.starts_with("pg_") ? 120 : 220);
    }
    if (wants(want::extensions)) {
        for (const auto &extension : snapshot_.catalog().extensions)
            offer(Kind::Extension, extension.name, extension.version, 220);
    }
    if (wants(want::available)) {
        for (const auto &extension : snapshot_.words().available_extensions) {
            const bool installed = std::ranges::any_of(snapshot_.catalog().extensions, [&](const auto &other) { return other.name == extension.name; });
            if (!installed)
                offer(Kind::Extension, extension.name, extension.version, 220);
        }
    }
    if (wants(want::languages)) {
        for (const std::string &language : snapshot_.words().languages)
            offer(Kind::Value, language, "language", 220);
    }
    if (wants(want::access_methods)) {
        for (const std::string &method : snapshot_.words().access_methods)
            offer(Kind::Value, method, "access method", 220);
    }
}

/// Without a catalog, names that the buffer has already.
void Collector::offerWords()
{
    constexpr std::size_t most_bytes = 512 * 1024;
    if (!request_.with_words || wants(want::nothing) || statement_.typed.empty() || !(place_.operand || place_.item))
        return;
    std::unordered_set<std::string_view> seen;
    const std::size_t from = statement_.base + statement_.replaced.begin.value;
    sql::Lexer lexer(request_.text.substr(0, most_bytes), {}, request_.standard_conforming_strings);
    for (sql::Token token; lexer.next(token);) {
        const std::string_view word = token.span.of(request_.text);
        if (token.kind != sql::TokenKind::Identifier || token.span.begin.value == from || word.size() < 3 || sql::isKeyword(word) || !seen.insert(word).second)
            continue;
        offer(Kind::Word, word, "in this text", 90, std::string(word));
    }
}

} // namespace howdah::complete
