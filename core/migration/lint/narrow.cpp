// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/migration/lint/narrow.h"

#include <algorithm>
#include <cctype>
#include <string>
#include <unordered_set>
#include <vector>

#include "core/sql/lexer.h"

namespace howdah::migration::linting {

namespace {

constexpr std::size_t small_catalog = 2000;

using Names = std::unordered_set<std::string>;
using Oids = std::unordered_set<std::uint32_t>;

std::string lower(std::string_view word)
{
    std::string text(word);
    std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return text;
}

/// Every identifier, within texts and bodies too, for what EXECUTE puts together.
void gather(std::string_view text, Names &names, int depth)
{
    sql::Lexer lexer(text);
    for (sql::Token token; lexer.next(token);) {
        const std::string_view word = token.span.of(text);
        if (token.kind == sql::TokenKind::Identifier) {
            names.insert(lower(word));
        } else if (token.kind == sql::TokenKind::QuotedIdentifier && word.size() > 2) {
            names.emplace(word.substr(1, word.size() - 2));
        } else if ((token.kind == sql::TokenKind::String || token.kind == sql::TokenKind::DollarString) && word.size() > 2 && depth < 4) {
            gather(word.substr(1, word.size() - 2), names, depth + 1);
        }
    }
}

bool mayNeedAll(const Names &names)
{
    static const std::vector<std::string> wide{"schema", "database", "system", "domain", "owned", "vacuum", "analyze", "cluster"};
    return std::any_of(wide.begin(), wide.end(), [&](const std::string &word) { return names.count(word) > 0; });
}

bool isNamed(const pg::CatalogRelation &relation, const Names &names)
{
    return names.count(relation.name) > 0 || std::any_of(relation.indexes.begin(), relation.indexes.end(), [&](const pg::CatalogIndex &index) { return names.count(index.name) > 0; });
}

/// One step outwards; true when it found more.
bool reach(const pg::Catalog &catalog, const SchemaFacts *facts, Oids &taken)
{
    Oids more;
    const auto want = [&](std::uint32_t oid) {
        if (oid != 0 && taken.count(oid) == 0)
            more.insert(oid);
    };
    for (const pg::CatalogRelation &relation : catalog.relations) {
        const bool is_taken = taken.count(relation.oid) > 0;
        if (is_taken)
            want(relation.parent_oid);
        else if (taken.count(relation.parent_oid) > 0)
            want(relation.oid);
        for (const pg::CatalogConstraint &constraint : relation.constraints) {
            if (is_taken)
                want(constraint.referenced_oid);
            else if (taken.count(constraint.referenced_oid) > 0)
                want(relation.oid);
        }
    }
    const auto pair = [&](std::uint32_t a, std::uint32_t b) {
        if (taken.count(a) > 0)
            want(b);
        if (taken.count(b) > 0)
            want(a);
    };
    if (facts != nullptr) {
        for (const auto &[child, parent] : facts->inherits)
            pair(child, parent);
        for (const SchemaFacts::Dependant &dependant : facts->dependants)
            pair(dependant.relation, dependant.owner);
        for (const SchemaFacts::Sequence &sequence : facts->owned_sequences)
            pair(sequence.sequence, sequence.table);
    }
    taken.insert(more.begin(), more.end());
    return !more.empty();
}

} // namespace

std::shared_ptr<const pg::Catalog> narrowed(const pg::Catalog &catalog, const SchemaFacts *facts, std::string_view script)
{
    if (catalog.relations.size() <= small_catalog)
        return nullptr;
    Names names;
    gather(script, names, 0);
    if (mayNeedAll(names))
        return nullptr;
    Oids taken;
    for (const pg::CatalogRelation &relation : catalog.relations) {
        if (isNamed(relation, names))
            taken.insert(relation.oid);
    }
    const bool cascades = names.count("cascade") > 0;
    constexpr int steps = 3; // partitions of a referenced table, the view on a view
    for (int step = 0; (cascades || step < steps) && reach(catalog, facts, taken); ++step) {
    }
    auto part = std::make_shared<pg::Catalog>();
    part->schemas = catalog.schemas;
    part->extensions = catalog.extensions;
    part->search_path = catalog.search_path;
    for (const pg::CatalogRelation &relation : catalog.relations) {
        if (taken.count(relation.oid) > 0)
            part->relations.push_back(relation);
    }
    part->buildLookups();
    return part;
}

} // namespace howdah::migration::linting
