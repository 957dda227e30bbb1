// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>

#include "core/complete/collector.h"
#include "core/complete/match.h"
#include "core/sql/keywords.h"

namespace howdah::complete {

namespace {

std::string_view columnName(const pg::CatalogRelation &relation, std::int16_t attnum)
{
    for (const auto &column : relation.columns) {
        if (column.attnum == attnum)
            return column.name;
    }
    return {};
}

constexpr std::size_t most_neighbours = 60;

} // namespace

/// The initials of a name's words, told apart from what is in use: order_items is oi, then oi2.
std::string Collector::newAlias(std::string_view name) const
{
    std::string alias;
    for (std::size_t i = 0; i < name.size(); ++i) {
        const char c = name[i];
        const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        const bool first = i == 0 || name[i - 1] == '_' || name[i - 1] == ' ' || name[i - 1] == '.';
        if (letter && (first || (c >= 'A' && c <= 'Z' && name[i - 1] >= 'a' && name[i - 1] <= 'z')))
            alias += folded(std::string_view(&c, 1));
    }
    if (alias.empty())
        alias = "t";
    const auto taken = [&](const std::string &candidate) {
        if (sql::mustBeQuoted(candidate) || sql::isKeyword(candidate))
            return true;
        return std::ranges::any_of(place_.scopes, [&](const auto &sources) {
            return std::ranges::any_of(sources, [&](const Source &source) { return source.name == candidate; });
        });
    };
    std::string candidate = alias;
    for (int number = 2; taken(candidate) && number < 100; ++number)
        candidate = alias + std::to_string(number);
    return candidate;
}

/// Right after JOIN: the relations that a foreign key ties to one that is there already, with the whole condition.
void Collector::offerJoins()
{
    if (!place_.after_join || place_.scopes.empty() || !place_.qualifier.empty())
        return;
    const bool with_condition = place_.clause == Clause::Join;
    const auto &sources = place_.scopes.front();
    const bool aliased = std::ranges::any_of(sources, [](const Source &source) { return source.aliased; });
    std::size_t offered = 0;
    for (const Source &source : sources) {
        if (source.relation == nullptr || source.word > statement_.hole)
            continue;
        for (const ForeignKey &key : snapshot_.foreignKeys(source.relation->oid)) {
            const bool outgoing = key.referencing == source.relation;
            const pg::CatalogRelation &other = outgoing ? *key.referenced : *key.referencing;
            if (other.is_partition || offered++ > most_neighbours)
                continue;
            const std::string alias = aliased || &other == source.relation ? newAlias(other.name) : std::string();
            std::string insert = qualifiedName(other) + (alias.empty() ? "" : " " + alias);
            const std::string name = alias.empty() ? quoted(other.name) : alias;
            std::string condition;
            for (std::size_t i = 0; i < std::min(key.constraint->columns.size(), key.constraint->referenced_columns.size()); ++i) {
                const auto mine = columnName(*source.relation, outgoing ? key.constraint->columns[i] : key.constraint->referenced_columns[i]);
                const auto theirs = columnName(other, outgoing ? key.constraint->referenced_columns[i] : key.constraint->columns[i]);
                condition += (condition.empty() ? "" : lowerKeywords() ? " and " : " AND ") + name + "." + quoted(theirs) + " = " + quoted(source.name) + "." + quoted(mine);
            }
            if (condition.empty())
                continue;
            if (with_condition)
                insert += (lowerKeywords() ? " on " : " ON ") + condition;
            else
                continue;
            if (Candidate *made = offer(Kind::Join, other.name, {}, 330, insert)) {
                made->label = insert;
                made->detail = key.constraint->name;
            }
        }
    }
}

/// Right after ON: the conditions between the relation that was joined last and those before it.
void Collector::offerConditions()
{
    if (!place_.condition || place_.scopes.empty())
        return;
    const auto &sources = place_.scopes.front();
    const Source *last = nullptr;
    for (const Source &source : sources) {
        if (source.word < statement_.hole && (last == nullptr || source.word > last->word))
            last = &source;
    }
    if (last == nullptr)
        return;
    for (const Source &source : sources) {
        if (&source == last || source.word > last->word)
            continue;
        if (source.relation != nullptr && last->relation != nullptr) {
            for (const ForeignKey &key : snapshot_.foreignKeys(last->relation->oid)) {
                for (const bool outgoing : {true, false}) {
                    const auto *near = outgoing ? key.referencing : key.referenced;
                    const auto *far = outgoing ? key.referenced : key.referencing;
                    if (near != last->relation || far != source.relation)
                        continue;
                    std::string condition;
                    for (std::size_t i = 0; i < std::min(key.constraint->columns.size(), key.constraint->referenced_columns.size()); ++i) {
                        const auto mine = columnName(*near, outgoing ? key.constraint->columns[i] : key.constraint->referenced_columns[i]);
                        const auto theirs = columnName(*far, outgoing ? key.constraint->referenced_columns[i] : key.constraint->columns[i]);
                        condition += (condition.empty() ? "" : lowerKeywords() ? " and " : " AND ") + quoted(last->name) + "." + quoted(mine) + " = " + quoted(source.name) + "." + quoted(theirs);
                    }
                    if (!condition.empty())
                        offer(Kind::Join, condition, key.constraint->name, 340, condition);
                }
            }
        }
        // Names that say it: a.order_id = b.order_id, as CTEs and views have them.
        if (source.relation != nullptr && last->relation != nullptr && !snapshot_.foreignKeys(last->relation->oid).empty())
            continue;
        std::size_t named = 0;
        for (const Column &column : last->columns) {
            const bool key = column.name == "id" || column.name.ends_with("_id") || column.name.ends_with("_key");
            const bool both = key && std::ranges::any_of(source.columns, [&](const Column &other) { return other.name == column.name; });
            if (!both || ++named > 10)
                continue;
            const std::string condition = quoted(last->name) + "." + quoted(column.name) + " = " + quoted(source.name) + "." + quoted(column.name);
            offer(Kind::Join, condition, "same name", 300, condition);
        }
    }
}

} // namespace howdah::complete
