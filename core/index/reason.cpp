// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <cctype>

#include <fmt/format.h>

#include "core/index/advise_parts.h"
#include "core/sql/quote.h"

namespace howdah::index {

namespace {

/// Letters and digits of it, for a name.
std::string wordsOf(const std::string &expression)
{
    std::string words;
    for (const char c : expression) {
        if (std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || static_cast<unsigned char>(c) >= 0x80)
            words += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
        else if (!words.empty() && words.back() != '_')
            words += '_';
    }
    while (!words.empty() && words.back() == '_')
        words.pop_back();
    return words;
}

std::string cut(std::string name, std::size_t bytes)
{
    if (name.size() <= bytes)
        return name;
    while (bytes > 0 && (static_cast<unsigned char>(name[bytes]) & 0xC0U) == 0x80U)
        --bytes;
    name.resize(bytes);
    return name;
}

std::string list(const std::vector<std::string> &items)
{
    std::string text;
    for (std::size_t i = 0; i < items.size(); ++i)
        text += (i == 0 ? "" : i + 1 == items.size() ? " and " : ", ") + items[i];
    return text;
}

/// How a statement uses one key.
std::string roleOf(const IndexKey &key, const Shape &shape, std::size_t table)
{
    for (const TableUse &use : shape.uses) {
        if (use.table != table)
            continue;
        const auto roleIn = [&](const std::vector<Term> &terms) -> std::string {
            for (const Term &term : terms) {
                if (term.expression == key.expression)
                    return term.join ? "joined on" : term.op == "=" || term.op == "IS NULL" ? "compared for equality" : term.op.find('~') != std::string::npos ? "matched" : "searched by " + term.op;
            }
            return {};
        };
        if (std::string role = roleIn(use.terms); !role.empty())
            return role;
        for (const auto &arm : use.alternatives) {
            if (std::string role = roleIn(arm); !role.empty())
                return role;
        }
        for (const SortWish &wish : use.sorts) {
            for (const SortTerm &term : wish.terms) {
                if (term.expression == key.expression)
                    return !term.distance.empty() ? "nearest first" : wish.grouping ? "grouped" : wish.limited ? "sorted, first rows only" : "sorted";
            }
        }
    }
    return {};
}

std::string methodReason(const Candidate &candidate)
{
    if (candidate.method == "gin")
        return "GIN keeps each element of a value apart, so that a value is found by what it contains. ";
    if (candidate.method == "gist" || candidate.method == "spgist")
        return candidate.purpose == Purpose::Nearest ? "The index gives rows in the order of their distance, so that no more are read than are wanted. "
                                                     : "The index bounds values that overlap or contain each other, which no B-tree can. ";
    if (candidate.method == "brin")
        return "The rows lie in the order of this column, so that a minimum and a maximum for each stretch of the table leave most of it unread, at almost no size. ";
    if (candidate.method == "hash")
        return "The values are long and only compared for equality: a hash index keeps four bytes of each. ";
    if (candidate.method == "hnsw" || candidate.method == "ivfflat")
        return "Nearest neighbours of a vector are found approximately, without reading all of them. ";
    return {};
}

} // namespace

const char *proofName(Proof proof)
{
    switch (proof) {
    case Proof::Estimated: return "estimated from statistics";
    case Proof::Probe: return "probed";
    case Proof::WhatIf: return "what-if";
    case Proof::Sample: return "measured on a sample";
    case Proof::Copy: return "measured on a copy";
    }
    return "";
}

std::string reasonOf(const AdvisedIndex &index, const Ground &ground)
{
    const Candidate &candidate = index.candidate;
    std::string text = methodReason(candidate);
    std::vector<std::string> roles;
    for (const IndexKey &key : candidate.keys) {
        std::string role;
        for (const std::size_t statement : index.queries) {
            if (role.empty())
                role = roleOf(key, ground.shapes[statement], candidate.table);
        }
        roles.push_back(key.expression + (role.empty() ? std::string() : " is " + role));
    }
    text += (roles.size() > 1 ? "In this order, because " : "") + list(roles) + (roles.size() > 1 ? ": what is equal comes first, then the order or the range. " : ". ");
    if (candidate.purpose == Purpose::ForeignKey)
        text += "Deleting a referenced row looks for rows that refer to it, and without the index reads all of them. ";
    if (!candidate.predicate.empty())
        text += fmt::format("Only rows with {} are in it ({:.2g} % of the table), so that it is small, and other rows cost nothing to write. ", candidate.predicate, candidate.rows_fraction * 100);
    if (!candidate.include.empty())
        text += "With " + list(candidate.include) + " in it the table itself need not be read. ";
    for (const IndexKey &key : candidate.keys) {
        if (key.operator_class.find("pattern") != std::string::npos)
            text += "The class sorts by bytes, as LIKE 'x%' needs under this collation. ";
        else if (key.operator_class.find("path") != std::string::npos)
            text += "The class knows containment and paths alone, which is all that is asked, and is smaller than jsonb_ops. ";
    }
    if (index.unique_values)
        text += "No value occurs twice, as far as the statistics tell: it could be UNIQUE. ";
    while (!text.empty() && text.back() == ' ')
        text.pop_back();
    return text;
}

std::string nameFor(const Candidate &candidate, const Ground &ground, std::set<std::string> &taken)
{
    const TableFacts &table = ground.facts.tables[candidate.table];
    std::string name = cut(table.name, 29);
    for (const IndexKey &key : candidate.keys)
        name += "_" + wordsOf(key.attnum > 0 ? table.column(key.attnum)->name : key.expression);
    if (!candidate.predicate.empty())
        name += "_part";
    name = cut(name, 55);
    const std::string suffix = candidate.method == "btree" ? "_idx" : "_" + candidate.method;
    std::string result = name + suffix;
    for (int number = 1; taken.count(table.schema + "." + result) > 0; ++number)
        result = name + suffix + std::to_string(number);
    taken.insert(table.schema + "." + result);
    return result;
}

} // namespace howdah::index
