// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/migration/effects/analysis.h"

#include <algorithm>

#include "core/migration/effects/expression.h"
#include "core/sql/quote.h"

namespace howdah::migration::effects {

namespace {

void addOnce(std::vector<std::string> &list, std::string value)
{
    if (std::find(list.begin(), list.end(), value) == list.end())
        list.push_back(std::move(value));
}

} // namespace

void Analysis::lock(Relation *relation, Lock mode)
{
    if (relation == nullptr || relation->made_by == number || mode == Lock::None)
        return;
    Lock &held = locks[relation];
    held = std::max(held, mode);
}

void Analysis::lockIndexes(Relation &table, Lock mode)
{
    for (Relation *index : table.indexes)
        lock(index, mode);
}

void Analysis::rewrite(Relation &relation)
{
    if (relation.made_by != number)
        addOnce(out.rewrites, relation.label());
}

void Analysis::scan(Relation &relation, bool says_so)
{
    if (relation.empty && !says_so)
        return;
    if (relation.made_by != number && relation.kind != 'p' && relation.kind != 'v')
        addOnce(out.scans, relation.label());
}

void Analysis::build(const std::string &index)
{
    addOnce(out.builds, index);
}

void Analysis::breaks(std::string what)
{
    addOnce(out.breaks, std::move(what));
}

void Analysis::note(std::string what)
{
    addOnce(out.notes, std::move(what));
}

void Analysis::because(const Rule &rule, std::string subject, Lock mode, std::string more)
{
    std::string reason(rule.reason);
    if (!more.empty())
        reason += (reason.empty() ? "" : ": ") + more;
    out.reasons.push_back({std::move(subject), rule.name, lockName(mode), std::move(reason), rule.source});
}

void Analysis::error(std::string message, std::string sqlstate, std::string hint, std::size_t position)
{
    Error error;
    error.kind = ErrorKind::Server;
    error.sqlstate = std::move(sqlstate);
    error.message = std::move(message);
    error.hint = std::move(hint);
    error.position = ByteOffset{out.span.begin.value + position};
    out.errors.push_back(std::move(error));
    failed = true;
}

Relation *Analysis::relation(const Node &range_var, bool missing_ok)
{
    if (!range_var.exists())
        return nullptr;
    std::vector<std::string> name;
    if (const std::string in = range_var.text("schemaname"); !in.empty())
        name.push_back(in);
    name.push_back(range_var.text("relname"));
    return relation(name, missing_ok, 'r', static_cast<std::size_t>(range_var.number("location")));
}

Relation *Analysis::relation(const std::vector<std::string> &name, bool missing_ok, char kind, std::size_t position)
{
    if (name.empty())
        return nullptr;
    const std::string in = name.size() > 1 ? name[name.size() - 2] : "";
    if (Relation *found = schema.find(in, name.back()))
        return found;
    if (!schema.connected()) {
        if (missing_ok)
            note("Without a catalog it is not known whether " + sql::quoteQualified(in, name.back()) + " exists.");
        Relation &made = schema.add(in, name.back(), kind);
        made.known = false;
        return &made;
    }
    if (in == "pg_catalog" || in == "information_schema" || (in.empty() && name.back().rfind("pg_", 0) == 0))
        return nullptr;
    if (missing_ok)
        return nullptr;
    Relation *elsewhere = in.empty() ? schema.findAnywhere(name.back()) : nullptr;
    error("relation \"" + (in.empty() ? "" : in + ".") + name.back() + "\" does not exist", "42P01",
          elsewhere == nullptr ? "" : "There is " + elsewhere->label() + ", which search_path does not reach", position);
    return nullptr;
}

std::string Analysis::schemaFor(const Node &range_var) const
{
    const std::string in = range_var.text("schemaname");
    return in.empty() ? schema.creationSchema() : in;
}

Relation &Analysis::make(std::string in_schema, std::string name, char kind)
{
    Relation &relation = schema.add(std::move(in_schema), std::move(name), kind);
    relation.made_by = number;
    relation.owner = schema.role;
    relation.rows = 0;
    return relation;
}

std::string Analysis::freeName(const Relation &table, const std::string &middle, const std::string &label) const
{
    // makeObjectName(): the longer of the two parts is cut to fit 63 bytes
    std::string first = table.name, second = middle;
    const std::size_t overhead = (middle.empty() ? 0 : 1) + label.size() + 1;
    while (first.size() + second.size() + overhead > 63)
        (first.size() > second.size() ? first : second).pop_back();
    const std::string stem = first + (second.empty() ? "" : "_" + second) + "_" + label;
    std::string name = stem;
    for (int again = 1; schema.find(table.schema, name) != nullptr; ++again)
        name = stem + std::to_string(again);
    return name;
}

Relation &Analysis::makeIndex(Relation &table, const std::string &name, const std::vector<std::string> &keys, const std::set<std::string> &uses, bool unique,
                              bool plain, bool build_it)
{
    Relation &index = schema.addIndex(table, name);
    index.made_by = number;
    index.keys = keys;
    index.uses = uses;
    index.unique = unique;
    index.plain = plain;
    index.owner = table.owner;
    if (table.kind != 'p' && build_it)
        build(index.label());
    return index;
}

std::vector<Relation *> tree(Relation &root)
{
    std::vector<Relation *> all{&root};
    for (std::size_t i = 0; i < all.size(); ++i) {
        for (Relation *child : all[i]->children) {
            if (std::find(all.begin(), all.end(), child) == all.end())
                all.push_back(child);
        }
    }
    return all;
}

std::vector<Relation *> defaultsOf(const Relation &parent)
{
    std::vector<Relation *> found;
    for (Relation *child : parent.children) {
        if (child->bound.is_default)
            found.push_back(child);
    }
    return found;
}

void validateForeignKey(Analysis &at, Relation &table, Relation &referenced)
{
    for (Relation *side : {&table, &referenced}) {
        for (Relation *member : tree(*side)) {
            at.scan(*member);
            for (Relation *index : member->indexes) {
                // the planner opens indexes of partitioned tables since 16, and only to plan for them
                if (member->kind != 'p' || at.major >= 16)
                    at.lock(index, Lock::AccessShare);
            }
        }
    }
}

} // namespace howdah::migration::effects
