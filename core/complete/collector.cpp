// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/complete/collector.h"

#include <algorithm>
#include <array>
#include <bit>
#include <set>
#include <unordered_map>

#include "core/complete/match.h"
#include "core/sql/quote.h"

namespace howdah::complete {

namespace {

constexpr std::size_t least_kept = 1'000;      ///< candidates before ranking
constexpr std::size_t most_columns_of_all = 400'000;

Kind kindOf(const pg::CatalogRelation &relation)
{
    switch (relation.kind) {
    case 'p': return Kind::PartitionedTable;
    case 'v': return Kind::View;
    case 'm': return Kind::MaterializedView;
    case 'f': return Kind::ForeignTable;
    case 'S': return Kind::Sequence;
    default: return Kind::Table;
    }
}

bool isWanted(char kind, std::uint32_t wants)
{
    using namespace want;
    switch (kind) {
    case 'r':
    case 'p':
    case 'f': return (wants & (relations | tables)) != 0;
    case 'v': return (wants & (relations | tables | views)) != 0;
    case 'm': return (wants & (relations | tables | materialized_views)) != 0;
    case 'S': return (wants & sequences) != 0;
    default: return false;
    }
}

} // namespace

Candidate *Collector::offer(Kind kind, std::string_view name, std::string detail, int weight, std::string insert)
{
    const int score = scoreOf(kind, name, weight);
    if (score == 0)
        return nullptr;
    keepTheBest();
    Candidate candidate;
    candidate.kind = kind;
    candidate.label = std::string(name);
    candidate.insert = insert.empty() ? quoted(name) : std::move(insert);
    candidate.detail = std::move(detail);
    candidate.score = score;
    candidates_.push_back(std::move(candidate));
    return &candidates_.back();
}

/// 0: not to be offered, for it does not fit or better ones are enough.
int Collector::scoreOf(Kind kind, std::string_view name, int weight) const
{
    const int fit = name.empty() ? 0 : match(statement_.typed, name);
    if (fit == 0)
        return 0;
    int used = 0;
    if (request_.uses != nullptr) {
        const auto found = request_.uses->find(useKey(kind, name));
        if (found != request_.uses->end())
            used = std::min(140, 28 * static_cast<int>(std::bit_width(found->second)));
    }
    const int score = std::max(1, fit + weight + used);
    return score > floor_ ? score : 0;
}

/// Of many thousands only as many are kept as can be among the first ones.
void Collector::keepTheBest()
{
    const std::size_t most = std::max(least_kept, request_.limit * 8);
    if (candidates_.size() < most)
        return;
    const auto middle = candidates_.begin() + static_cast<std::ptrdiff_t>(most / 2);
    std::nth_element(candidates_.begin(), middle, candidates_.end(), [](const Candidate &a, const Candidate &b) { return a.score > b.score; });
    floor_ = std::max(floor_, middle->score);
    candidates_.erase(middle, candidates_.end());
}

std::string Collector::quoted(std::string_view name) const
{
    std::string text = sql::quoteIdentifier(name);
    // Someone who has typed the quote wants one.
    return statement_.quoted && !text.starts_with('"') ? '"' + text + '"' : text;
}

std::string Collector::qualifiedName(const pg::CatalogRelation &relation) const
{
    return snapshot_.isVisible(relation) || !place_.qualifier.empty() ? quoted(relation.name) : quoted(relation.schema) + "." + quoted(relation.name);
}

/// In the case of the statement's first keyword; of what is being typed where that may be the keyword itself.
bool Collector::lowerKeywords(bool typed) const
{
    std::string_view sample = typed ? std::string_view(statement_.typed) : std::string_view();
    if (sample.find_first_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ") == std::string_view::npos) {
        for (const Word &word : statement_.words) {
            if (!word.lower.empty()) {
                sample = word.text;
                break;
            }
        }
    }
    return !sample.empty() && std::ranges::none_of(sample, [](char c) { return c >= 'A' && c <= 'Z'; });
}

void Collector::collect()
{
    if (!place_.qualifier.empty()) {
        offerQualified();
        return;
    }
    if (!statement_.quoted)
        offerKeywords();
    if (place_.common_columns)
        return offerCommonColumns();
    offerConditions();
    offerJoins();
    if (wants(want::columns))
        offerColumns();
    if (wants(want::columns_of) && place_.relation != nullptr)
        offerOfRelation();
    offerOutputs();
    if (wants(want::relations | want::tables | want::views | want::materialized_views | want::sequences)) {
        offerRelations(place_.wants, {});
        offerSchemas(105);
    }
    if (wants(want::relations)) {
        for (const Cte &cte : place_.ctes)
            offer(Kind::Cte, cte.name, std::to_string(cte.columns.size()) + (cte.columns.size() == 1 ? " column" : " columns"), 260);
    }
    if (wants(want::functions | want::set_functions | want::procedures | want::trigger_functions)) {
        offerFunctions(place_.wants, {});
        if (!wants(want::relations | want::tables))
            offerSchemas(20);
    }
    if (wants(want::types)) {
        offerTypes({});
        offerSchemas(30);
    }
    if (wants(want::settings))
        offerSettings();
    if (wants(want::setting_values))
        offerSettingValues();
    offerLists();
    offerNamed();
    offerWords();
}

void Collector::offerKeywords()
{
    const int weight = place_.keywords_first ? 330 : place_.operand || place_.item ? 60 : 230;
    int order = 0;
    const bool lower = lowerKeywords(true);
    for (const std::string_view word : place_.keywords) {
        std::string text = lower ? folded(word) : std::string(word);
        const bool open = text.ends_with('(');
        const bool whole = open || text.ends_with(' ') || text.ends_with(')');
        std::string insert = whole || text == "=" ? text : text + " ";
        // A blank follows where something always does.
        if (!whole && (text == "null" || text == "NULL" || text == "true" || text == "TRUE" || text == "false" || text == "FALSE" || text == "nothing" || text == "end" || text == "END" ||
                       text.starts_with("current_") || text.starts_with("CURRENT_") || text.ends_with("null") || text.ends_with("NULL")))
            insert = text;
        // Ordered as they are listed: what follows most often comes first.
        offer(Kind::Keyword, text, {}, weight - std::min(order++, 50), insert);
    }
}

void Collector::offerColumn(const Column &column, const Source &source, bool ambiguous, int weight)
{
    std::string detail = column.type;
    if (!source.name.empty())
        detail += (detail.empty() ? "" : "  ") + source.name;
    std::string insert = quoted(column.name);
    if (ambiguous && !source.name.empty())
        insert = quoted(source.name) + "." + insert;
    if (Candidate *made = offer(Kind::Column, column.name, std::move(detail), weight, insert)) {
        if (ambiguous)
            made->label = source.name + "." + column.name;
    }
}

void Collector::offerColumns()
{
    int weight = 280;
    std::unordered_map<std::string_view, int> times;
    for (const auto &sources : place_.scopes) {
        for (const Source &source : sources) {
            for (const Column &column : source.columns)
                ++times[column.name];
        }
    }
    bool any = false;
    for (const auto &sources : place_.scopes) {
        for (const Source &source : sources) {
            any = any || !source.columns.empty();
            int order = 0;
            for (const Column &column : source.columns)
                offerColumn(column, source, times[column.name] > 1, weight - (statement_.typed.empty() ? std::min(order++, 40) : 0) - (source.name == "excluded" ? 60 : 0));
            offer(Kind::Alias, source.name, source.relation != nullptr && source.aliased ? source.relation->name : std::string(), weight - 90, quoted(source.name) + ".");
        }
        weight -= 70;
    }
    if (!any && place_.clause == Clause::Select && statement_.typed.size() >= 2)
        offerColumnsOfAll();
    for (const std::string &name : statement_.names)
        offer(Kind::Word, name, "variable", 250);
}

/// Before FROM is written: columns of every relation, each name once with the relations that have it.
void Collector::offerColumnsOfAll()
{
    struct Found {
        std::string_view name, type, first, second;
        int count = 0;
    };
    std::unordered_map<std::string_view, Found> found;
    std::size_t looked = 0;
    for (const auto &relation : snapshot_.catalog().relations) {
        if ((looked += relation.columns.size()) > most_columns_of_all)
            break;
        if (relation.is_partition)
            continue;
        for (const auto &column : relation.columns) {
            if (match(statement_.typed, column.name) < 600)
                continue;
            Found &entry = found[column.name];
            if (entry.count++ == 0)
                entry = {column.name, column.type, relation.name, {}, 1};
            else if (entry.count == 2)
                entry.second = relation.name;
        }
    }
    for (const auto &[name, entry] : found) {
        std::string detail = std::string(entry.type) + "  " + std::string(entry.first);
        if (entry.count > 1)
            detail += ", " + std::string(entry.second) + (entry.count > 2 ? " …" : "");
        offer(Kind::Column, name, std::move(detail), 100);
    }
}

void Collector::offerOutputs()
{
    for (const Column &column : place_.outputs) {
        const bool known = std::ranges::any_of(candidates_, [&](const Candidate &other) { return other.kind == Kind::Column && other.insert == quoted(column.name); });
        if (!known)
            offer(Kind::Column, column.name, column.type.empty() ? "output" : column.type + "  output", 310);
    }
}

void Collector::offerCommonColumns()
{
    if (place_.scopes.empty() || place_.scopes.front().empty())
        return;
    const auto &sources = place_.scopes.front();
    const Source *last = nullptr;
    for (const Source &source : sources) {
        if (source.word < statement_.hole && (last == nullptr || source.word > last->word))
            last = &source;
    }
    if (last == nullptr)
        return;
    for (const Column &column : last->columns) {
        const bool common = std::ranges::any_of(sources, [&](const Source &source) {
            return source.word < last->word && std::ranges::any_of(source.columns, [&](const Column &other) { return other.name == column.name; });
        });
        const bool listed = std::ranges::find(place_.listed, column.name) != place_.listed.end();
        if (common && !listed)
            offer(Kind::Column, column.name, column.type, 300);
    }
}

/// After a dot: what the name before it has.
void Collector::offerQualified()
{
    const std::string &last = place_.qualifier.back();
    const auto offerAll = [&](const std::vector<Column> &columns, const std::string &of) {
        int order = 0;
        for (const Column &column : columns)
            offer(Kind::Column, column.name, column.type + (of.empty() ? "" : "  " + of), 280 - (statement_.typed.empty() ? std::min(order++, 100) : 0));
        if (place_.clause == Clause::Select || place_.clause == Clause::Returning)
            offer(Kind::Keyword, "*", "all columns", 150, "*");
    };
    const bool needs_relation = place_.item && !wants(want::columns);
    if (place_.qualifier.size() == 1 && !needs_relation) {
        for (const auto &sources : place_.scopes) {
            const auto source = std::ranges::find_if(sources, [&](const Source &each) { return each.name == last; });
            if (source != sources.end())
                return offerAll(source->columns, source->relation != nullptr && source->aliased ? source->relation->name : std::string());
        }
    }
    const std::string schema = place_.qualifier.size() > 1 ? place_.qualifier[place_.qualifier.size() - 2] : std::string();
    if (!needs_relation || wants(want::relations)) {
        if (const auto *relation = snapshot_.relation(schema, last); relation != nullptr && !(needs_relation && schema.empty() && snapshot_.hasSchema(last))) {
            std::vector<Column> columns;
            for (const auto &column : relation->columns)
                columns.push_back({column.name, column.type});
            offerAll(columns, {});
            if (!snapshot_.hasSchema(last))
                return;
        }
    }
    if (place_.qualifier.size() > 1 || !snapshot_.hasSchema(last))
        return;
    const std::uint32_t relations = want::relations | want::tables | want::views | want::materialized_views | want::sequences;
    if (wants(relations | want::columns))
        offerRelations(wants(relations) ? place_.wants : std::uint32_t{want::relations}, last);
    if (wants(want::functions | want::set_functions | want::procedures | want::trigger_functions))
        offerFunctions(place_.wants, last);
    if (wants(want::types))
        offerTypes(last);
    if (wants(want::indexes))
        offerNamed();
}

void Collector::offerRelation(const pg::CatalogRelation &relation, int weight, bool qualify)
{
    if (scoreOf(kindOf(relation), relation.name, weight) == 0)
        return;
    std::string insert = qualify ? qualifiedName(relation) : quoted(relation.name);
    offer(kindOf(relation), relation.name, relation.is_partition ? relation.schema + "  partition" : relation.schema, weight, std::move(insert));
}

void Collector::offerRelations(std::uint32_t wanted, std::string_view schema)
{
    for (const auto *list : {&snapshot_.catalog().relations, &snapshot_.systemRelations()}) {
        for (const auto &relation : *list) {
            if ((!schema.empty() && relation.schema != schema) || !isWanted(relation.kind, wanted))
                continue;
            const bool system = relation.schema == "pg_catalog" || relation.schema == "information_schema";
            const bool writes = (wanted & want::relations) == 0;
            if (system && schema.empty() && (writes || statement_.typed.size() < 2))
                continue;
            int weight = system ? 30 : snapshot_.onPath(relation.schema) ? 210 : 150;
            weight -= relation.is_partition ? 80 : 0;
            weight -= writes && (relation.kind == 'v' || relation.kind == 'm') ? 40 : 0;
            offerRelation(relation, weight, schema.empty());
        }
    }
}

void Collector::offerSchemas(int weight)
{
    for (const auto &schema : snapshot_.catalog().schemas) {
        if (!schema.is_system)
            offer(Kind::Schema, schema.name, "schema", weight, quoted(schema.name) + ".");
    }
    if (statement_.typed.size() >= 2) {
        for (const char *name : {"pg_catalog", "information_schema"})
            offer(Kind::Schema, name, "schema", weight - 60, std::string(name) + ".");
    }
}

void Collector::offerFunction(const pg::CatalogFunction &function, std::size_t more, int weight, bool qualify)
{
    if (scoreOf(function.kind == 'p' ? Kind::Procedure : Kind::Function, function.name, weight) == 0)
        return;
    std::string detail = "(" + function.arguments + ")" + (function.result.empty() ? "" : " → " + function.result);
    if (more > 0)
        detail += "  +" + std::to_string(more);
    // Keywords that the grammar takes as names of functions all the same.
    static constexpr std::array<std::string_view, 7> callable{"left", "right", "substring", "overlay", "position", "normalize", "trim"};
    const bool plain = !statement_.quoted && std::ranges::find(callable, function.name) != callable.end();
    std::string insert = (qualify ? quoted(function.schema) + "." : std::string()) + (plain ? function.name : quoted(function.name));
    const std::size_t after = statement_.replaced.end.value;
    const bool called = after < statement_.text.size() && statement_.text[after] == '(';
    const bool no_arguments = function.arguments.empty() && more == 0;
    if (!called)
        insert += function.arguments.empty() && function.kind == 'a' ? "(*)" : "()";
    Candidate *made = offer(function.kind == 'p' ? Kind::Procedure : Kind::Function, function.name, std::move(detail), weight, std::move(insert));
    if (made != nullptr && !called && !no_arguments && made->insert.ends_with("()"))
        made->caret_back = 1;
}

void Collector::offerFunctions(std::uint32_t wanted, std::string_view schema)
{
    const bool only_sets = (wanted & want::functions) == 0 && (wanted & want::set_functions) != 0;
    const auto fits = [&](const pg::CatalogFunction &function) {
        const bool trigger = function.result == "trigger" || function.result == "event_trigger";
        if ((wanted & want::trigger_functions) != 0)
            return trigger;
        if ((wanted & want::procedures) != 0)
            return function.kind == 'p';
        if (trigger || function.kind == 'p')
            return false;
        return !only_sets || function.result.starts_with("SETOF") || function.result.starts_with("TABLE(");
    };
    for (const auto *list : {&snapshot_.catalog().functions, &snapshot_.words().functions}) {
        for (std::size_t i = 0; i < list->size();) {
            const auto &function = (*list)[i];
            std::size_t next = i + 1;
            while (next < list->size() && (*list)[next].name == function.name && (*list)[next].schema == function.schema)
                ++next;
            const std::size_t more = next - i - 1;
            i = next;
            if ((!schema.empty() && function.schema != schema) || !fits(function))
                continue;
            const bool system = function.schema == "pg_catalog";
            const bool on_path = snapshot_.onPath(function.schema);
            int weight = only_sets ? 60 : 120;
            weight += system ? 0 : on_path ? 60 : 20;
            weight -= system && (function.name.starts_with("pg_") || function.name.find("_in") != std::string::npos) ? 30 : 0;
            // Nothing typed yet: the server's thousands wait behind everything else.
            weight -= system && statement_.typed.empty() ? 120 : 0;
            weight -= system && snapshot_.type("pg_catalog", function.name) != nullptr ? 60 : 0;
            offerFunction(function, more, weight, !on_path && schema.empty());
        }
    }
}

std::vector<Candidate> Collector::take()
{
    const auto better = [](const Candidate &a, const Candidate &b) {
        if (a.score != b.score)
            return a.score > b.score;
        return a.label.size() != b.label.size() ? a.label.size() < b.label.size() : a.label < b.label;
    };
    std::vector<Candidate> best;
    // Some more than asked for, since the same may have been offered twice.
    const std::size_t count = std::min(candidates_.size(), request_.limit * 2);
    std::partial_sort(candidates_.begin(), candidates_.begin() + static_cast<std::ptrdiff_t>(count), candidates_.end(), better);
    std::set<std::string> seen;
    for (std::size_t i = 0; i < count && best.size() < request_.limit; ++i) {
        Candidate &candidate = candidates_[i];
        std::string key = candidate.insert;
        while (key.ends_with(' '))
            key.pop_back();
        if (!seen.insert(std::move(key)).second)
            continue;
        candidate.matched = matchedBytes(statement_.typed, candidate.label);
        best.push_back(std::move(candidate));
    }
    return best;
}

} // namespace howdah::complete
