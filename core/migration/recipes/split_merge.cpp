// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>

#include <fmt/format.h>

#include "core/migration/recipes/sync.h"
#include "core/migration/recipes/text.h"
#include "core/sql/quote.h"

namespace howdah::migration::recipes {

namespace {

struct Said {
    std::vector<std::string> columns;     ///< those between COLUMN(S) and INTO, as written
    std::vector<std::string> into, back;
};

/// SPLIT | MERGE COLUMN | COLUMNS list INTO list BACK list
Result<Said> read(const std::string &sql)
{
    const auto words = wordsOf(sql);
    std::size_t into = 0, back = 0;
    int depth = 0;
    for (std::size_t i = 2; i < words.size(); ++i) {
        depth += words[i].is_name ? 0 : words[i].text == "(" ? 1 : words[i].text == ")" ? -1 : 0;
        if (depth != 0 || !words[i].is_name || words[i].quoted)
            continue;
        if (words[i].text == "into" && into == 0)
            into = i;
        else if (words[i].text == "back" && into != 0)
            back = i;
    }
    const auto between = [&](std::size_t from, std::size_t to) {
        const std::size_t begin = words[from].span.end.value;
        const std::size_t end = to < words.size() ? words[to].span.begin.value : sql.size();
        return cutList(sql.substr(begin, end - begin));
    };
    if (words.size() < 4 || into == 0 || back == 0)
        return refuse("Say what the columns become and how the way back is computed", "SPLIT COLUMN t.name INTO first text = split_part(name, ' ', 1), last text = split_part(name, ' ', 2) BACK first || ' ' || last");
    return Said{between(1, into), between(into, back), between(back, words.size())};
}

/// "name type = expression"
Result<SyncedColumn> column(const std::string &said, bool with_type)
{
    const auto words = wordsOf(said);
    int depth = 0;
    for (std::size_t i = 1; i < words.size(); ++i) {
        depth += words[i].is_name ? 0 : words[i].text == "(" ? 1 : words[i].text == ")" ? -1 : 0;
        if (depth == 0 && words[i].text == "=" && !words[i].is_name) {
            SyncedColumn one;
            one.name = words[0].text;
            one.type = trimmed(said.substr(words[0].span.end.value, words[i].span.begin.value - words[0].span.end.value));
            one.expression = trimmed(said.substr(words[i].span.end.value));
            if (with_type == one.type.empty() || one.expression.empty())
                break;
            return one;
        }
    }
    return refuse(fmt::format("\"{}\" does not say {}", said, with_type ? "name type = expression" : "column = expression"));
}

Result<const pg::CatalogRelation *> tableOf(const Ground &ground, const std::vector<std::string> &columns, std::vector<std::string> *names)
{
    const pg::CatalogRelation *table = nullptr;
    for (const std::string &said : columns) {
        std::vector<std::string> parts;
        for (const WordAt &word : wordsOf(said)) {
            if (word.is_name)
                parts.push_back(word.text);
        }
        if (parts.size() < 2)
            return refuse("Name the column with its table: " + said);
        names->push_back(parts.back());
        parts.pop_back();
        const pg::CatalogRelation *found = ground.find(parts);
        if (found == nullptr)
            return refuse("relation \"" + parts.back() + "\" does not exist", {}, "42P01");
        if (columnOf(*found, names->back()) == nullptr)
            return refuse("column \"" + names->back() + "\" of relation \"" + found->name + "\" does not exist", {}, "42703");
        if (table != nullptr && table != found)
            return refuse("The columns must be of one table");
        table = found;
    }
    return table;
}

Result<void> checkExpression(const Ground &ground, const TwoWay &both)
{
    // The server says what is wrong with an expression, better than we could; nothing is read.
    std::string list, values;
    for (const SyncedColumn &column : both.news) {
        list += fmt::format("{}({})::{}", list.empty() ? "" : ", ", column.expression, column.type);
        values += fmt::format("{}NULL::{} AS {}", values.empty() ? "" : ", ", column.type, sql::quoteIdentifier(column.name));
    }
    if (const auto asked = ground.connection.query(fmt::format("EXPLAIN SELECT {} FROM {}", list, nameOf(*both.table))); !asked)
        return tl::unexpected(asked.error());
    std::string back;
    for (const SyncedColumn &column : both.olds)
        back += fmt::format("{}({})::{}", back.empty() ? "" : ", ", column.expression, column.type);
    if (const auto asked = ground.connection.query(fmt::format("EXPLAIN SELECT {} FROM (SELECT {}) AS r", back, values)); !asked)
        return tl::unexpected(asked.error());
    return {};
}

Result<void> reshape(const Ground &ground, const Wish &wish, Draft &draft, bool split)
{
    const auto said = read(wish.sql);
    if (!said)
        return tl::unexpected(said.error());
    std::vector<std::string> names;
    const auto table = tableOf(ground, said->columns, &names);
    if (!table)
        return tl::unexpected(table.error());
    TwoWay both;
    both.table = *table;
    both.purpose = split ? "split" : "merge";
    for (const std::string &one : said->into) {
        auto fresh = column(one, true);
        if (!fresh)
            return tl::unexpected(fresh.error());
        if (columnOf(**table, fresh->name) != nullptr)
            return refuse("column \"" + fresh->name + "\" of relation \"" + (*table)->name + "\" already exists", {}, "42701");
        both.news.push_back(std::move(*fresh));
    }
    for (std::size_t i = 0; i < names.size(); ++i) {
        SyncedColumn old{names[i], columnOf(**table, names[i])->type, {}};
        if (split) {
            std::string whole; // one expression; commas within belong to it
            for (const std::string &piece : said->back)
                whole += (whole.empty() ? "" : ", ") + piece;
            old.expression = whole;
        }
        for (const std::string &one : split ? std::vector<std::string>() : said->back) {
            const auto back = column(one, false);
            if (!back)
                return tl::unexpected(back.error());
            if (back->name == names[i])
                old.expression = back->expression;
        }
        if (old.expression.empty())
            return refuse("BACK does not say how " + names[i] + " is computed");
        both.olds.push_back(std::move(old));
    }
    if (auto checked = checkExpression(ground, both); !checked)
        return checked;
    const auto parts = partsOf(ground, **table, names);
    if (!parts)
        return tl::unexpected(parts.error());
    std::string standing;
    for (const auto *group : {&parts->dependants, &parts->materialized}) {
        for (const Dependant &dependant : *group)
            standing += (standing.empty() ? "" : ", ") + dependant.what;
    }
    for (const IncomingKey &key : parts->incoming)
        standing += (standing.empty() ? "" : ", ") + ("foreign key " + key.name + " of " + key.table);
    if (!standing.empty())
        draft.notes.push_back("The old columns can only be dropped when these no longer use them: " + standing + ".");
    for (const IndexPart &index : parts->indexes)
        draft.notes.push_back("The index " + index.sql() + " goes with the old columns; build one for the new ones if queries need it.");
    const SyncTrigger trigger = twoWaySteps(ground, draft, *parts, both);
    std::string drop, old_names, new_names;
    for (const SyncedColumn &old : both.olds) {
        drop += fmt::format("{}DROP COLUMN {}", drop.empty() ? "" : ", ", sql::quoteIdentifier(old.name));
        old_names += (old_names.empty() ? "" : ", ") + sql::quoteIdentifier(old.name);
        draft.moved.insert((*table)->schema + "." + (*table)->name + "." + old.name);
    }
    for (const SyncedColumn &fresh : both.news)
        new_names += (new_names.empty() ? "" : ", ") + sql::quoteIdentifier(fresh.name);
    draft.deploy(Phase::Contract, fmt::format("Deploy a version of the application that reads and writes {} and no longer {}", new_names, old_names));
    draft.add(Phase::Contract, "Drop the old columns", fmt::format("{};\n{};\nALTER TABLE {} {}", trigger.dropTrigger(), trigger.dropFunction(), nameOf(**table), drop), "").no_undo_reason = "The old values are gone";
    draft.why = "The new columns are kept in step with the old ones by a trigger, both ways, and filled in batches; the old ones go when no version uses them";
    return {};
}

} // namespace

Result<void> splitColumn(const Ground &ground, const std::vector<const Wish *> &wishes, Draft &draft)
{
    return reshape(ground, *wishes.front(), draft, true);
}

Result<void> mergeColumns(const Ground &ground, const std::vector<const Wish *> &wishes, Draft &draft)
{
    return reshape(ground, *wishes.front(), draft, false);
}

} // namespace howdah::migration::recipes
