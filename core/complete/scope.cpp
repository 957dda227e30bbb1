// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/complete/scope.h"

#include <algorithm>

#include "core/complete/match.h"
#include "core/sql/keywords.h"

namespace howdah::complete {

namespace {

using sql::TokenKind;

constexpr int most_depth = 24;
constexpr std::size_t most_columns = 1'700;   ///< PostgreSQL's own limit is 1,600
constexpr std::size_t most_work = 400'000;    ///< columns made for one completion

bool isName(const Word &word)
{
    return word.kind == TokenKind::QuotedIdentifier || (word.kind == TokenKind::Identifier && !word.lower.empty());
}

/// A word that may stand as an alias without AS.
bool isAlias(const Word &word)
{
    if (word.kind == TokenKind::QuotedIdentifier)
        return true;
    return isName(word) && !sql::mustBeQuoted(word.lower) && !word.is("set") && !word.is("by") && !word.is("tablesample");
}

void append(std::vector<Column> &columns, const std::vector<Column> &more, std::size_t &work)
{
    const std::size_t room = most_columns - std::min(most_columns, columns.size());
    const std::size_t count = std::min({more.size(), room, most_work - std::min(most_work, work)});
    columns.insert(columns.end(), more.begin(), more.begin() + static_cast<std::ptrdiff_t>(count));
    work += count;
}

std::vector<Column> columnsOf(const pg::CatalogRelation &relation)
{
    std::vector<Column> columns;
    columns.reserve(relation.columns.size());
    for (const auto &column : relation.columns)
        columns.push_back({column.name, column.type});
    return columns;
}

const Source *find(const std::vector<Source> &sources, std::string_view name)
{
    const auto found = std::ranges::find_if(sources, [name](const Source &source) { return source.name == name; });
    return found == sources.end() ? nullptr : &*found;
}

/// "a integer" and "OUT b numeric DEFAULT 1": the name and type of a part of an argument list.
Column argumentOf(std::string_view part, bool &out)
{
    out = false;
    for (const std::string_view mode : {"OUT ", "INOUT ", "IN ", "VARIADIC "}) {
        if (part.starts_with(mode)) {
            out = mode == "OUT " || mode == "INOUT ";
            part.remove_prefix(mode.size());
        }
    }
    part = part.substr(0, part.find(" DEFAULT "));
    const std::size_t blank = part.starts_with('"') ? part.find('"', 1) + 1 : part.find(' ');
    if (blank == std::string_view::npos || blank >= part.size())
        return {std::string(), std::string(part)};
    const std::string_view name = part.substr(0, blank);
    return {identifierOf(name, name.starts_with('"')), std::string(part.substr(blank + 1))};
}

} // namespace

std::vector<std::string> splitList(std::string_view list)
{
    std::vector<std::string> parts;
    int depth = 0;
    std::size_t begin = 0;
    const auto finish = [&](std::size_t end) {
        std::string_view part = list.substr(begin, end - begin);
        part.remove_prefix(std::min(part.find_first_not_of(" \n"), part.size()));
        if (!part.empty() || !parts.empty())
            parts.emplace_back(part);
        begin = end + 1;
    };
    sql::Lexer lexer(list);
    for (sql::Token token; lexer.next(token);) {
        if (token.kind != TokenKind::Punctuation)
            continue;
        const char c = list[token.span.begin.value];
        depth += c == '(' || c == '[' ? 1 : c == ')' || c == ']' ? -1 : 0;
        if (c == ',' && depth == 0)
            finish(token.span.begin.value);
    }
    finish(list.size());
    return parts;
}

std::vector<Cte> Scope::ctes(std::size_t begin, std::size_t end, std::size_t seen_from, const std::vector<Cte> &outer)
{
    std::vector<Cte> visible = outer;
    if (begin >= end || !statement_.at(begin).is("with"))
        return visible;
    std::size_t word = begin + 1;
    const bool recursive = word < end && statement_.at(word).is("recursive");
    word += recursive ? 1 : 0;
    while (word < end && isName(statement_.at(word)) && !beginsQuery(word)) {
        Cte cte{statement_.at(word++).name, {}};
        std::vector<std::string> names;
        if (word < end && statement_.at(word).isText("(")) {
            const std::size_t close = statement_.past(word, end);
            for (std::size_t i = word + 1; i + 1 < close; ++i) {
                if (isName(statement_.at(i)))
                    names.push_back(statement_.at(i).name);
            }
            word = close;
        }
        while (word < end && (statement_.at(word).is("as") || statement_.at(word).is("not") || statement_.at(word).is("materialized")))
            ++word;
        if (word >= end || !statement_.at(word).isText("("))
            break;
        const std::size_t close = statement_.past(word, end);
        const bool inside = seen_from >= word && seen_from < close;
        const std::size_t inner_end = statement_.at(word).match == nowhere ? close : close - 1;
        if (!inside || recursive)
            cte.columns = outputs(word + 1, inner_end, visible);
        for (std::size_t i = 0; i < names.size(); ++i) {
            if (i >= cte.columns.size())
                cte.columns.emplace_back();
            cte.columns[i].name = names[i];
        }
        if (!inside || recursive)
            visible.insert(visible.begin(), std::move(cte));
        if (inside)
            return visible;
        word = close;
        // SEARCH and CYCLE clauses.
        while (word < end && !statement_.at(word).isText(",") && !beginsQuery(word))
            ++word;
        if (word >= end || !statement_.at(word).isText(","))
            break;
        ++word;
    }
    return visible;
}

std::vector<Source> Scope::sources(const Branch &branch, const std::vector<Cte> &ctes)
{
    std::vector<Source> found;
    for (std::size_t i = 0; i < branch.marks.size(); ++i) {
        const Mark &mark = branch.marks[i];
        const std::size_t end = i + 1 < branch.marks.size() ? branch.marks[i + 1].word : branch.end;
        switch (mark.clause) {
        case Clause::From:
        case Clause::Join:
        case Clause::DeleteUsing:
        case Clause::MergeUsing:
            addItems(mark.body, end, ctes, found);
            break;
        case Clause::InsertInto:
        case Clause::Update:
        case Clause::DeleteFrom:
        case Clause::MergeInto: {
            const std::size_t count = found.size();
            std::size_t word = mark.body;
            addItem(word, end, ctes, found);
            if (found.size() > count)
                found.back().target = true;
            break;
        }
        default:
            break;
        }
    }
    if (branch.has(Clause::ConflictDo)) {
        const auto target = std::ranges::find_if(found, [](const Source &source) { return source.target; });
        if (target != found.end()) {
            Source excluded = *target;
            excluded.name = "excluded";
            excluded.aliased = true;
            excluded.target = false;
            found.push_back(std::move(excluded));
        }
    }
    return found;
}

void Scope::addItems(std::size_t begin, std::size_t end, const std::vector<Cte> &ctes, std::vector<Source> &sources)
{
    for (std::size_t word = begin; word < end;) {
        addItem(word, end, ctes, sources);
        while (word < end && !statement_.at(word).isText(",")) {
            const bool open = statement_.at(word).isText("(");
            word = open ? statement_.past(word, end) : word + 1;
        }
        ++word;
    }
}

void Scope::addItem(std::size_t &word, std::size_t end, const std::vector<Cte> &ctes, std::vector<Source> &sources)
{
    while (word < end && (statement_.at(word).is("only") || statement_.at(word).is("lateral")))
        ++word;
    if (word >= end)
        return;
    if (statement_.at(word).isText("(")) {
        const std::size_t open = word;
        word = statement_.past(open, end);
        const std::size_t inner_end = statement_.at(open).match == nowhere ? word : word - 1;
        if (beginsQuery(open + 1)) {
            Source source;
            source.word = open;
            source.columns = outputs(open + 1, inner_end, ctes);
            takeAlias(word, end, source);
            sources.push_back(std::move(source));
            return;
        }
        if (++depth_ < most_depth) { // (a JOIN b ON …)
            Query joined = query(open + 1, inner_end);
            Branch branch = joined.branches.front();
            branch.marks.insert(branch.marks.begin(), {Clause::From, open, open + 1});
            for (Source &source : this->sources(branch, ctes))
                sources.push_back(std::move(source));
        }
        --depth_;
        return;
    }
    if (!isName(statement_.at(word)) || (statement_.at(word).kind == TokenKind::Identifier && sql::mustBeQuoted(statement_.at(word).lower)))
        return;
    Source source = sourceNamed(word, end, ctes);
    takeAlias(word, end, source);
    sources.push_back(std::move(source));
}

Source Scope::sourceNamed(std::size_t &word, std::size_t end, const std::vector<Cte> &ctes)
{
    Source source;
    source.word = word;
    source.name = statement_.at(word++).name;
    while (word + 1 < end && statement_.at(word).isText(".") && isName(statement_.at(word + 1))) {
        source.schema = source.name;
        source.name = statement_.at(word + 1).name;
        word += 2;
    }
    if (word < end && statement_.at(word).isText("*"))
        ++word;
    if (word < end && statement_.at(word).isText("(") && !snapshot_.functionsNamed(source.name).empty()) {
        source.columns = functionColumns(source.schema, source.name);
        word = statement_.past(word, end);
        if (word + 1 < end && statement_.at(word).is("with") && statement_.at(word + 1).is("ordinality")) {
            source.columns.push_back({"ordinality", "bigint"});
            word += 2;
        }
        return source;
    }
    if (source.schema.empty()) {
        const auto cte = std::ranges::find_if(ctes, [&](const Cte &other) { return other.name == source.name; });
        if (cte != ctes.end()) {
            append(source.columns, cte->columns, work_);
            return source;
        }
    }
    source.relation = snapshot_.relation(source.schema, source.name);
    if (source.relation != nullptr)
        append(source.columns, columnsOf(*source.relation), work_);
    return source;
}

void Scope::takeAlias(std::size_t &word, std::size_t end, Source &source)
{
    const bool as = word < end && statement_.at(word).is("as");
    word += as ? 1 : 0;
    if (word >= end || word == statement_.hole || !(as ? isName(statement_.at(word)) : isAlias(statement_.at(word))))
        return;
    // A function of one column lends it its alias.
    if (source.relation == nullptr && source.columns.size() == 1 && source.columns[0].name == source.name)
        source.columns[0].name = statement_.at(word).name;
    source.name = statement_.at(word++).name;
    source.schema.clear();
    source.aliased = true;
    if (word >= end || !statement_.at(word).isText("("))
        return;
    const std::size_t close = statement_.past(word, end);
    std::size_t column = 0;
    for (const std::size_t open = word; word < close; ++word) {
        if ((word != open && !statement_.at(word).isText(",")) || word + 1 >= close || !isName(statement_.at(word + 1)))
            continue;
        if (column >= source.columns.size())
            source.columns.emplace_back();
        source.columns[column++].name = statement_.at(word + 1).name;
    }
    word = close;
}

std::vector<Column> Scope::functionColumns(std::string_view schema, std::string_view name) const
{
    for (const auto *function : snapshot_.functionsNamed(name)) {
        if (!schema.empty() && function->schema != schema)
            continue;
        std::vector<Column> columns;
        bool out = false;
        if (function->result.starts_with("TABLE(")) {
            for (const std::string &part : splitList(std::string_view(function->result).substr(6, function->result.size() - 7)))
                columns.push_back(argumentOf(part, out));
            return columns;
        }
        for (const std::string &part : splitList(function->arguments)) {
            Column column = argumentOf(part, out);
            if (out)
                columns.push_back(std::move(column));
        }
        if (!columns.empty())
            return columns;
        std::string_view result = function->result;
        if (result.starts_with("SETOF "))
            result.remove_prefix(6);
        const std::size_t dot = result.find('.');
        const auto *row = dot == std::string_view::npos ? snapshot_.relation({}, result) : snapshot_.relation(result.substr(0, dot), result.substr(dot + 1));
        if (row != nullptr)
            return columnsOf(*row);
        return {{std::string(name), std::string(result)}};
    }
    return {};
}

std::vector<Column> Scope::outputs(std::size_t begin, std::size_t end, const std::vector<Cte> &outer)
{
    if (const auto known = known_.find(begin); known != known_.end())
        return known->second;
    if (depth_ >= most_depth || work_ >= most_work || begin >= end)
        return {};
    ++depth_;
    std::vector<Column> columns;
    const std::vector<Cte> visible = ctes(begin, end, nowhere, outer);
    const Query inner = query(begin, end);
    const Branch &branch = inner.branches.front();
    if (branch.begin < end && statement_.at(branch.begin).isText("(")) {
        columns = outputs(branch.begin + 1, statement_.past(branch.begin, end) - 1, visible); // (SELECT …) UNION …
    } else {
        for (std::size_t i = 0; i < branch.marks.size(); ++i) {
            const Mark &mark = branch.marks[i];
            const std::size_t next = i + 1 < branch.marks.size() ? branch.marks[i + 1].word : branch.end;
            if (mark.clause == Clause::Returning || mark.clause == Clause::Select) {
                columns = selectList(mark.body, next, sources(branch, visible));
                if (mark.clause == Clause::Returning || !branch.has(Clause::InsertInto))
                    break;
                columns.clear();
            } else if (mark.clause == Clause::Values && i == 0 && mark.body < next && statement_.at(mark.body).isText("(")) {
                const std::size_t close = statement_.past(mark.body, next);
                std::size_t count = 1;
                for (std::size_t word = mark.body + 1; word < close;) {
                    count += statement_.at(word).isText(",") ? 1 : 0;
                    word = statement_.at(word).isText("(") ? statement_.past(word, close) : word + 1;
                }
                for (std::size_t number = 1; number <= std::min(count, most_columns); ++number)
                    columns.push_back({"column" + std::to_string(number), {}});
            } else if (mark.clause == Clause::From && i == 0) { // TABLE name
                for (const Source &source : sources(branch, visible))
                    append(columns, source.columns, work_);
            }
        }
    }
    --depth_;
    work_ += columns.size();
    known_.emplace(begin, columns);
    return columns;
}

std::vector<Column> Scope::selectList(std::size_t begin, std::size_t end, const std::vector<Source> &sources)
{
    std::vector<Column> columns;
    const auto take = [&](std::size_t from, std::size_t to) {
        if (from >= to)
            return;
        const bool star = statement_.at(to - 1).isText("*");
        if (star && to - from == 1) {
            for (const Source &source : sources)
                append(columns, source.columns, work_);
        } else if (star && to - from >= 3 && statement_.at(to - 2).isText(".")) {
            if (const Source *source = find(sources, statement_.at(to - 3).name))
                append(columns, source->columns, work_);
        } else {
            columns.push_back(outputOf(from, to, sources));
        }
    };
    std::size_t from = begin;
    for (std::size_t word = begin; word < end && columns.size() < most_columns;) {
        if (statement_.at(word).isText(",")) {
            take(from, word);
            from = word + 1;
        }
        word = statement_.at(word).isText("(") ? statement_.past(word, end) : word + 1;
    }
    take(from, end);
    std::erase_if(columns, [](const Column &column) { return column.name.empty(); });
    return columns;
}

Column Scope::outputOf(std::size_t begin, std::size_t end, const std::vector<Source> &sources) const
{
    const Word &last = statement_.at(end - 1);
    std::string type;
    // The type of "a", "s.a" and "… ::type", with or without a name after it.
    const auto typeBefore = [&](std::size_t to) {
        if (to >= begin + 2 && statement_.at(to - 2).isText("::"))
            return statement_.at(to - 1).name;
        if (to == begin + 1)
            return typeOf({}, statement_.at(begin).name, sources);
        if (to == begin + 3 && statement_.at(begin + 1).isText("."))
            return typeOf(statement_.at(begin).name, statement_.at(begin + 2).name, sources);
        return std::string();
    };
    if (end - 1 == statement_.hole)
        return {};
    const bool after_as = end - begin >= 2 && statement_.at(end - 2).is("as");
    if (isName(last) && after_as)
        return {last.name, typeBefore(end - 2)};
    if (isName(last) && end - begin == 1)
        return {last.name, typeBefore(end)};
    if (isName(last) && statement_.at(end - 2).isText("."))
        return {last.name, typeBefore(end)};
    if (isName(last) && statement_.at(end - 2).isText("::")) {
        Column cast = end - begin > 2 ? outputOf(begin, end - 2, sources) : Column{};
        cast.type = last.name;
        return cast;
    }
    if (last.is("end"))
        return {"case", {}};
    if (isName(last) && isAlias(last) && statement_.at(end - 2).kind != TokenKind::Operator)
        return {last.name, typeBefore(end - 1)};
    if (last.isText(")") && last.match != nowhere && last.match > begin && isName(statement_.at(last.match - 1))) {
        const std::string &name = statement_.at(last.match - 1).name;
        const auto &functions = snapshot_.functionsNamed(name);
        if (last.match - 1 > begin && statement_.at(last.match - 2).is("over"))
            return {};
        return {name, functions.size() == 1 ? functions.front()->result : std::string()};
    }
    return {};
}

std::string Scope::typeOf(const std::string &source, const std::string &column, const std::vector<Source> &sources) const
{
    for (const Source &each : sources) {
        if (!source.empty() && each.name != source)
            continue;
        const auto found = std::ranges::find_if(each.columns, [&](const Column &other) { return other.name == column; });
        if (found != each.columns.end())
            return found->type;
    }
    return {};
}

} // namespace howdah::complete
