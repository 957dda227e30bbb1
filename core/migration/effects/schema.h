// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "core/migration/effects_facts.h"
#include "core/pg/catalog.h"

namespace howdah::migration::effects {

struct Relation;

struct Column {
    std::string name;
    std::string type;          ///< as format_type writes it
    std::int16_t attnum = 0;   ///< 0 for one that the script added
    bool not_null = false;
    bool identity = false;
    char generated = 0;        ///< 's' stored, 'v' virtual
    std::string expression;    ///< default or generation expression, "" when none
};

struct Constraint {
    std::string name;
    char type = 'c';           ///< pg_constraint.contype
    bool validated = true;
    bool enforced = true;
    std::vector<std::string> columns;
    std::shared_ptr<nlohmann::json> check; ///< the wrapped expression, for c
    Relation *referenced = nullptr;        ///< for f
    std::vector<std::string> referenced_columns;
};

struct Trigger {
    std::string name;
    bool for_each_row = false;
};

/// A column (or "" for the relation) that a view, policy, trigger or publication names.
struct Dependant {
    std::string column;
    char kind = 'v';           ///< v view, p policy, t trigger, l list of a publication's columns, w WHERE of one
    Relation *owner = nullptr;
    std::string name;
};

/// What a publication publishes.
struct Publication {
    std::vector<Relation *> tables;        ///< listed one by one
    std::vector<std::string> schemas;
    bool all_tables = false;
};

/// The bound of a partition, its datums as text.
struct Bound {
    char strategy = 'r';       ///< r l h
    bool is_default = false;
    std::vector<std::string> lower, upper; ///< "" for MINVALUE and MAXVALUE
    std::vector<std::string> values;       ///< of a list; NULL is left out
    bool with_null = false;
};

/// Anything in pg_class, as the script has left it so far.
struct Relation {
    std::string schema, name;
    char kind = 'r';           ///< pg_class.relkind: r p v m f S i I
    std::uint32_t oid = 0;     ///< 0 for one that the script made
    bool known = true;         ///< false: named by the script, with no catalog to look in
    bool alive = true;
    bool unlogged = false;
    bool empty = false;        ///< made by the script, with no rows put into it so far
    std::size_t made_by = 0;   ///< the statement that made it, from 1; 0 when it was there
    std::vector<Column> columns;
    std::vector<Constraint> constraints;
    std::vector<Trigger> triggers;
    std::vector<Dependant> dependants;
    std::vector<Relation *> indexes;
    std::vector<Relation *> sequences;     ///< owned by its columns
    std::vector<Relation *> children, parents; ///< partitions and inheritance; of indexes too
    std::vector<Relation *> reads;         ///< what a view reads
    bool is_partition = false;
    std::vector<std::string> partition_key; ///< columns; "" for an expression
    char partition_strategy = 0;
    Bound bound;
    std::string owner;
    std::string of_type;                   ///< of a typed table: the bare name
    double rows = -1;
    std::int64_t bytes = 0;
    // indexes
    Relation *table = nullptr;
    bool unique = false, primary = false, plain = true; ///< plain: no expression and no predicate
    std::vector<std::string> keys;         ///< "" for an expression
    std::vector<std::string> key_names;    ///< as the server names columns of the index; empty: `keys`
    std::set<std::string> uses;            ///< every column in keys, INCLUDE, expressions and predicate
    // sequences
    std::string owner_column;

    [[nodiscard]] Column *column(std::string_view wanted);
    [[nodiscard]] Constraint *constraint(std::string_view wanted);
    [[nodiscard]] bool isIndex() const { return kind == 'i' || kind == 'I'; }
    [[nodiscard]] bool stored() const { return kind == 'r' || kind == 'm' || kind == 'i' || kind == 'S'; }
    [[nodiscard]] std::string label() const;
};

/// "view w.v", "policy p", "trigger x", "publication p"
[[nodiscard]] std::string wordsOf(const Dependant &dependant);

struct Domain {
    std::string schema, name, base_type, default_expr;
    bool has_constraint = false;
};

/// What CREATE STATISTICS made.
struct Statistics {
    std::string schema, name;
    Relation *table = nullptr;
};

/// The catalog as a script changes it. Pointers to relations stay good as long as it lives.
class Schema
{
public:
    Schema(const pg::Catalog *catalog, const SchemaFacts *facts);

    [[nodiscard]] bool connected() const { return connected_; }
    /// Null when there is none. An empty schema searches the path.
    [[nodiscard]] Relation *find(std::string_view schema, std::string_view name);
    /// In any schema, where there is exactly one of that name.
    [[nodiscard]] Relation *findAnywhere(std::string_view name);
    Relation &add(std::string schema, std::string name, char kind);
    Relation &addIndex(Relation &table, std::string name);
    void drop(Relation &relation);
    [[nodiscard]] const Domain *domain(std::string_view schema, std::string_view name) const;
    [[nodiscard]] const Domain *domain(std::string_view type) const;
    [[nodiscard]] std::string creationSchema() const { return search_path.empty() ? std::string() : search_path.front(); }
    /// Every relation, dropped ones too.
    std::deque<Relation> relations;
    std::vector<Domain> domains;
    std::vector<Statistics> statistics;
    std::map<std::string, Publication> publications;
    /// Those that send changes of the table: it is listed, or a parent of it, its schema is, or all tables are.
    [[nodiscard]] std::vector<std::string> publicationsOf(const Relation &table) const;
    std::vector<std::string> search_path;
    std::vector<std::string> schemas;
    std::string role;
    bool time_zone_is_utc = false, time_zone_known = false;
    std::map<std::string, bool> functions; ///< made by the script: whether volatile
    std::set<std::string> types;           ///< made by the script
    bool types_unknown = false;            ///< an extension that the script makes may bring some
    /// Whether a type of that name may exist, in whatever schema.
    [[nodiscard]] bool mayBeType(const std::string &name) const;
    const SchemaFacts *facts = nullptr;
    Relation *byOid(std::uint32_t oid);

private:
    void take(const pg::CatalogRelation &from);
    void takeLinks(const pg::Catalog &catalog);
    void takeFacts();
    void takeIndex(Relation &table, const pg::CatalogIndex &from);
    bool connected_ = false;
    std::multimap<std::string, Relation *, std::less<>> by_name_;
    std::map<std::uint32_t, Relation *> by_oid_;
};

void remove(std::vector<Relation *> &from, const Relation *what);

/// From the parse tree of a PartitionBoundSpec.
[[nodiscard]] Bound boundOf(const nlohmann::json &spec);

} // namespace howdah::migration::effects
