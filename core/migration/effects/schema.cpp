// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/migration/effects/schema.h"

#include <algorithm>

#include "core/migration/effects/expression.h"
#include "core/migration/effects/tree.h"
#include "core/sql/quote.h"

namespace howdah::migration::effects {

Column *Relation::column(std::string_view wanted)
{
    const auto found = std::find_if(columns.begin(), columns.end(), [&](const Column &column) { return column.name == wanted; });
    return found == columns.end() ? nullptr : &*found;
}

Constraint *Relation::constraint(std::string_view wanted)
{
    const auto found = std::find_if(constraints.begin(), constraints.end(), [&](const Constraint &constraint) { return constraint.name == wanted; });
    return found == constraints.end() ? nullptr : &*found;
}

std::string Relation::label() const
{
    return sql::quoteQualified(schema, name);
}

std::string wordsOf(const Dependant &dependant)
{
    switch (dependant.kind) {
    case 'v': return "view " + dependant.owner->label();
    case 'p': return "policy " + dependant.name;
    case 't': return "trigger " + dependant.name;
    default: return "publication " + sql::quoteIdentifier(dependant.name);
    }
}

std::vector<std::string> Schema::publicationsOf(const Relation &table) const
{
    std::vector<std::string> names;
    if ((table.kind != 'r' && table.kind != 'p') || table.unlogged)
        return names;
    std::vector<const Relation *> line{&table};
    for (std::size_t i = 0; i < line.size(); ++i) {
        if (line[i]->is_partition)
            line.insert(line.end(), line[i]->parents.begin(), line[i]->parents.end());
    }
    for (const auto &[name, publication] : publications) {
        const bool sends = publication.all_tables || std::any_of(line.begin(), line.end(), [&p = publication](const Relation *one) {
            return std::find(p.tables.begin(), p.tables.end(), one) != p.tables.end() || std::find(p.schemas.begin(), p.schemas.end(), one->schema) != p.schemas.end();
        });
        if (sends)
            names.push_back(name);
    }
    return names;
}

void remove(std::vector<Relation *> &from, const Relation *what)
{
    from.erase(std::remove(from.begin(), from.end(), what), from.end());
}

Bound boundOf(const nlohmann::json &spec)
{
    const Node node(spec);
    Bound bound;
    const std::string strategy = node.text("strategy");
    bound.strategy = strategy.empty() ? 'r' : strategy.front();
    bound.is_default = node.flag("is_default");
    const auto limit = [](const Node &datum) {
        // MINVALUE and MAXVALUE arrive as column references of that name
        return datum.is("ColumnRef") ? std::string() : constantText(datum);
    };
    for (const Node &datum : node.list("lowerdatums"))
        bound.lower.push_back(limit(datum));
    for (const Node &datum : node.list("upperdatums"))
        bound.upper.push_back(limit(datum));
    for (const Node &datum : node.list("listdatums")) {
        if (datum.get("isnull").exists())
            bound.with_null = true;
        else
            bound.values.push_back(constantText(datum));
    }
    return bound;
}

namespace {

/// A bound as pg_get_expr writes it: "FOR VALUES FROM (0) TO (1000)", "DEFAULT".
Bound parseBound(const std::string &text)
{
    const auto tree = parseStatement("ALTER TABLE t ATTACH PARTITION x " + text, 17);
    Bound bound;
    if (!tree)
        return bound;
    const auto commands = tree->root().list("cmds");
    const Node spec = commands.empty() ? Node() : commands[0].get("def").get("bound");
    return spec.exists() ? boundOf(*spec.body()) : bound;
}

} // namespace

Schema::Schema(const pg::Catalog *catalog, const SchemaFacts *given) : facts(given), connected_(catalog != nullptr)
{
    if (catalog != nullptr) {
        for (const pg::CatalogRelation &relation : catalog->relations)
            take(relation);
        takeLinks(*catalog);
        for (const std::string &name : catalog->search_path) {
            if (name != "pg_catalog" && name.rfind("pg_temp", 0) != 0)
                search_path.push_back(name);
        }
        for (const pg::CatalogSchema &schema : catalog->schemas)
            schemas.push_back(schema.name);
    }
    if (facts != nullptr)
        takeFacts();
}

Relation &Schema::add(std::string schema, std::string name, char kind)
{
    Relation &relation = relations.emplace_back();
    relation.schema = std::move(schema);
    relation.name = std::move(name);
    relation.kind = kind;
    by_name_.emplace(relation.name, &relation);
    return relation;
}

Relation &Schema::addIndex(Relation &table, std::string name)
{
    Relation &index = add(table.schema, std::move(name), table.kind == 'p' ? 'I' : 'i');
    index.table = &table;
    table.indexes.push_back(&index);
    return index;
}

void Schema::drop(Relation &relation)
{
    relation.alive = false;
    if (relation.table != nullptr)
        remove(relation.table->indexes, &relation);
    for (Relation *parent : relation.parents)
        remove(parent->children, &relation);
    for (auto &[name, publication] : publications)
        remove(publication.tables, &relation);
    for (Relation &other : relations) {
        remove(other.sequences, &relation);
        other.dependants.erase(std::remove_if(other.dependants.begin(), other.dependants.end(), [&](const Dependant &d) { return d.owner == &relation; }),
                               other.dependants.end());
    }
}

Relation *Schema::find(std::string_view schema, std::string_view name)
{
    const auto [begin, end] = by_name_.equal_range(name);
    const auto in = [&, first = begin, last = end](std::string_view wanted) -> Relation * {
        for (auto at = first; at != last; ++at) {
            if (at->second->alive && at->second->name == name && at->second->schema == wanted)
                return at->second;
        }
        return nullptr;
    };
    if (!schema.empty() || !connected_)
        return in(schema);
    for (const std::string &candidate : search_path) {
        if (Relation *found = in(candidate))
            return found;
    }
    return nullptr;
}

Relation *Schema::findAnywhere(std::string_view name)
{
    Relation *only = nullptr;
    const auto [begin, end] = by_name_.equal_range(name);
    for (auto at = begin; at != end; ++at) {
        if (!at->second->alive)
            continue;
        if (only != nullptr)
            return nullptr;
        only = at->second;
    }
    return only;
}

const Domain *Schema::domain(std::string_view schema, std::string_view name) const
{
    const Domain *found = nullptr;
    for (const Domain &domain : domains) {
        if (domain.name == name && (domain.schema == schema || schema.empty()))
            found = &domain;
    }
    return found;
}

const Domain *Schema::domain(std::string_view type) const
{
    for (const Domain &domain : domains) {
        if (type == domain.name || type == sql::quoteQualified(domain.schema, domain.name))
            return &domain;
    }
    return nullptr;
}

bool Schema::mayBeType(const std::string &name) const
{
    if (facts == nullptr || facts->types.empty() || types_unknown || types.count(name) > 0 || facts->types.count(name) > 0)
        return true;
    return by_name_.find(name) != by_name_.end(); // every table is a type too
}

Relation *Schema::byOid(std::uint32_t oid)
{
    const auto found = by_oid_.find(oid);
    return found == by_oid_.end() ? nullptr : found->second;
}

void Schema::take(const pg::CatalogRelation &from)
{
    Relation &relation = add(from.schema, from.name, from.kind);
    relation.oid = from.oid;
    relation.owner = from.owner;
    relation.rows = from.estimated_rows;
    relation.bytes = from.size_bytes;
    relation.is_partition = from.is_partition;
    by_oid_.emplace(from.oid, &relation);
    for (const pg::CatalogColumn &column : from.columns)
        relation.columns.push_back({column.name, column.type, column.attnum, column.not_null, column.is_identity, column.is_generated ? 's' : '\0', column.default_expr});
    if (from.is_partition)
        relation.bound = parseBound(from.partition_bound);
    if (!from.partition_key.empty()) {
        relation.partition_strategy = from.partition_key.front() == 'L' ? 'l' : from.partition_key.front() == 'H' ? 'h' : 'r';
        const auto tree = parseStatement("CREATE TABLE t (x int) PARTITION BY " + from.partition_key, 17);
        if (tree) {
            for (const Node &key : tree->root().get("partspec").list("partParams"))
                relation.partition_key.push_back(key.text("name"));
        }
    }
    for (const pg::CatalogIndex &index : from.indexes)
        takeIndex(relation, index);
}

void Schema::takeIndex(Relation &table, const pg::CatalogIndex &from)
{
    Relation &index = addIndex(table, from.name);
    index.oid = from.oid;
    index.unique = from.is_unique;
    index.primary = from.is_primary;
    index.bytes = from.size_bytes;
    index.owner = table.owner;
    by_oid_.emplace(from.oid, &index);
    bool has_expression = false;
    for (const std::int16_t attnum : from.key_columns) {
        const auto column = std::find_if(table.columns.begin(), table.columns.end(), [&](const Column &c) { return c.attnum == attnum; });
        index.keys.push_back(column == table.columns.end() ? "" : column->name);
        has_expression = has_expression || attnum == 0;
        if (column != table.columns.end())
            index.uses.insert(column->name);
    }
    index.plain = !has_expression && from.definition.find(" WHERE ") == std::string::npos;
    if (index.plain)
        return;
    if (const auto tree = parseStatement(from.definition, 17)) {
        for (const Node &element : tree->root().list("indexParams"))
            index.key_names.push_back(indexColumnName(element));
        for (const std::string &column : columnsIn(*tree->document))
            index.uses.insert(column);
    }
}

void Schema::takeLinks(const pg::Catalog &catalog)
{
    const auto named = [](const Relation &relation, const std::vector<std::int16_t> &attnums) {
        std::vector<std::string> names;
        for (const std::int16_t attnum : attnums) {
            for (const Column &column : relation.columns) {
                if (column.attnum == attnum)
                    names.push_back(column.name);
            }
        }
        return names;
    };
    for (const pg::CatalogRelation &from : catalog.relations) {
        Relation &relation = *byOid(from.oid);
        if (Relation *parent = byOid(from.parent_oid); parent != nullptr && facts == nullptr) {
            parent->children.push_back(&relation);
            relation.parents.push_back(parent);
        }
        for (const pg::CatalogConstraint &constraint : from.constraints) {
            Constraint taken;
            taken.name = constraint.name;
            taken.type = constraint.type;
            taken.validated = constraint.validated;
            taken.enforced = constraint.definition.find(" NOT ENFORCED") == std::string::npos;
            taken.columns = named(relation, constraint.columns);
            if (constraint.type == 'c')
                taken.check = parseCheck(constraint.definition);
            taken.referenced = byOid(constraint.referenced_oid);
            if (taken.referenced != nullptr)
                taken.referenced_columns = named(*taken.referenced, constraint.referenced_columns);
            relation.constraints.push_back(std::move(taken));
        }
    }
}

void Schema::takeFacts()
{
    role = facts->role;
    time_zone_known = true;
    time_zone_is_utc = facts->time_zone_is_utc;
    for (const SchemaFacts::Domain &domain : facts->domains)
        domains.push_back({domain.schema, domain.name, domain.base_type, domain.default_expr, domain.has_constraint});
    const auto columnName = [](const Relation &relation, std::int16_t attnum) {
        for (const Column &column : relation.columns) {
            if (column.attnum == attnum)
                return column.name;
        }
        return std::string();
    };
    for (const SchemaFacts::Dependant &dependant : facts->dependants) {
        Relation *relation = byOid(dependant.relation), *owner = byOid(dependant.owner);
        if (relation == nullptr || owner == nullptr)
            continue;
        relation->dependants.push_back({columnName(*relation, dependant.attnum), dependant.kind, owner, dependant.name});
        if (dependant.kind == 'v' && std::find(owner->reads.begin(), owner->reads.end(), relation) == owner->reads.end())
            owner->reads.push_back(relation);
    }
    for (const SchemaFacts::Trigger &trigger : facts->triggers) {
        if (Relation *relation = byOid(trigger.relation))
            relation->triggers.push_back({trigger.name, trigger.for_each_row});
    }
    for (const SchemaFacts::Sequence &owned : facts->owned_sequences) {
        Relation *sequence = byOid(owned.sequence), *table = byOid(owned.table);
        if (sequence == nullptr || table == nullptr)
            continue;
        sequence->owner_column = columnName(*table, owned.attnum);
        table->sequences.push_back(sequence);
    }
    for (const SchemaFacts::Statistics &made : facts->statistics) {
        if (Relation *table = byOid(made.relation))
            statistics.push_back({made.schema, made.name, table});
    }
    for (const SchemaFacts::Publication &publication : facts->publications) {
        Publication &taken = publications[publication.name];
        taken.schemas = publication.schemas;
        taken.all_tables = publication.all_tables;
        for (const std::uint32_t listed : publication.tables) {
            if (Relation *table = byOid(listed))
                taken.tables.push_back(table);
        }
    }
    for (const SchemaFacts::PublishedColumn &named : facts->published_columns) {
        if (Relation *table = byOid(named.relation))
            table->dependants.push_back({columnName(*table, named.attnum), named.is_filter ? 'w' : 'l', table, named.publication});
    }
    for (const auto &[child_oid, parent_oid] : facts->inherits) {
        Relation *child = byOid(child_oid), *parent = byOid(parent_oid);
        if (child == nullptr || parent == nullptr)
            continue;
        parent->children.push_back(child);
        child->parents.push_back(parent);
    }
    for (const auto &[oid, type] : facts->typed_tables) {
        if (Relation *relation = byOid(oid))
            relation->of_type = type;
    }
    for (const std::uint32_t oid : facts->unlogged) {
        if (Relation *relation = byOid(oid))
            relation->unlogged = true;
    }
    for (const auto &[oid, attnum] : facts->virtual_columns) {
        Relation *relation = byOid(oid);
        if (relation == nullptr)
            continue;
        for (Column &column : relation->columns) {
            if (column.attnum == attnum)
                column.generated = 'v';
        }
    }
}

} // namespace howdah::migration::effects
