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
    if (!place_.after_join || place_.clause != Clause::Join || place_.scopes.empty() || !place_.qualifier.empty())
        return;
    const auto &sources = place_.scopes.front();
    const bool aliased = std::ranges::any_of(sources, [](const Source &source) { return source.aliased; });
    std::size_t offered = 0;
    for (const Source &source : sources) {
        if (source.relation == nullptr || source.word > statement_.hole)
            continue;
        for (const ForeignKey &key : snapshot_.foreignKeys(source.relation->oid)) {
            for (const bool outgoing : {true, false}) {
                if ((outgoing ? key.referencing : key.referenced) != source.relation)
                    continue;
                const pg::CatalogRelation &other = outgoing ? *key.referenced : *key.referencing;
                if (other.is_partition || offered++ > most_neighbours)
                    continue;
                const std::string alias = aliased || &other == source.relation ? newAlias(other.name) : std::string();
                const std::string on = condition(key, !outgoing, alias.empty() ? other.name : alias, source.name);
                const std::string insert = qualifiedName(other) + (alias.empty() ? "" : " " + alias) + (lowerKeywords() ? " on " : " ON ") + on;
                Candidate *made = on.empty() ? nullptr : offer(Kind::Join, other.name, key.constraint->name, 330, insert);
                if (made != nullptr)
                    made->label = insert;
            }
        }
    }
}

/// "mine.a = theirs.b AND …": of a foreign key, seen from its referencing side or the other.
std::string Collector::condition(const ForeignKey &key, bool outgoing, std::string_view mine, std::string_view theirs) const
{
    const pg::CatalogRelation &near = outgoing ? *key.referencing : *key.referenced;
    const pg::CatalogRelation &far = outgoing ? *key.referenced : *key.referencing;
    const auto &near_columns = outgoing ? key.constraint->columns : key.constraint->referenced_columns;
    const auto &far_columns = outgoing ? key.constraint->referenced_columns : key.constraint->columns;
    std::string text;
    for (std::size_t i = 0; i < std::min(near_columns.size(), far_columns.size()); ++i) {
        const auto here = columnName(near, near_columns[i]), there = columnName(far, far_columns[i]);
        if (here.empty() || there.empty())
            return {};
        text += text.empty() ? "" : lowerKeywords() ? " and " : " AND ";
        text += quoted(mine) + "." + quoted(here) + " = " + quoted(theirs) + "." + quoted(there);
    }
    return text;
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
                    if (const std::string on = condition(key, outgoing, last->name, source.name); !on.empty())
                        offer(Kind::Join, on, key.constraint->name, 340, on);
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
            const std::string on = quoted(last->name) + "." + quoted(column.name) + " = " + quoted(source.name) + "." + quoted(column.name);
            offer(Kind::Join, on, "same name", 300, on);
        }
    }
}

} // namespace howdah::complete
