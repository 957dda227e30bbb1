// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "core/migration/effects.h"
#include "core/migration/effects/lock.h"
#include "core/migration/effects/schema.h"
#include "core/migration/effects/tree.h"

namespace howdah::migration::effects {

/// A row of a table of rules: what is said, and where PostgreSQL's documentation says it.
struct Rule {
    const char *name;
    const char *reason;
    const char *source;
};

/// One statement being looked at: the schema before it, and what is known of its effects so far.
struct Analysis {
    Schema &schema;
    int major = 17;
    std::size_t number = 1; ///< of the statement, from 1
    Tree tree;
    StatementEffects &out;
    std::map<Relation *, Lock> locks;
    bool failed = false;    ///< the server would refuse it

    void lock(Relation *relation, Lock mode);
    void lockIndexes(Relation &table, Lock mode);
    void rewrite(Relation &relation);
    /// `says_so`: the server tells of it even where there is no row to be read.
    void scan(Relation &relation, bool says_so = false);
    void build(const std::string &index);
    void breaks(std::string what);
    void note(std::string what);
    void because(const Rule &rule, std::string subject = {}, Lock mode = Lock::None, std::string more = {});
    void error(std::string message, std::string sqlstate = {}, std::string hint = {}, std::size_t at = 0);
    /// The relation a RangeVar names; made up when there is no catalog; with one an error and null when it is unknown.
    Relation *relation(const Node &range_var, bool missing_ok = false);
    Relation *relation(const std::vector<std::string> &name, bool missing_ok = false, char kind = 'r', std::size_t at = 0);
    /// A new relation where the statement says, and "already exists" when there is one.
    [[nodiscard]] std::string schemaFor(const Node &range_var) const;
    Relation &make(std::string in_schema, std::string name, char kind);
    /// An index as CREATE INDEX and constraints make it, recursing into partitions; builds it where there are rows.
    Relation &makeIndex(Relation &table, const std::string &name, const std::vector<std::string> &keys, const std::set<std::string> &uses, bool unique, bool plain, bool build_it);
    [[nodiscard]] std::string freeName(const Relation &table, const std::string &middle, const std::string &label) const;
};

/// All below a relation: partitions and inheritors; itself first.
[[nodiscard]] std::vector<Relation *> tree(Relation &root);
[[nodiscard]] std::vector<Relation *> defaultsOf(const Relation &parent);

/// RI_Initial_Check joins both tables; its plan opens every index of both.
void validateForeignKey(Analysis &at, Relation &table, Relation &referenced);
/// A query's relations: locks, indexes opened, and what it reads from end to end.
void readQuery(Analysis &at, const nlohmann::json &query, std::vector<Relation *> *reads);
/// What reading a query without planning it locks: the relations that it names.
void lockNames(Analysis &at, const nlohmann::json &query);
void dropRelation(Analysis &at, Relation &relation, bool cascade);
/// A copy takes over under the new name; the old entry stays for the locks of this statement. The relation as it is from now on.
Relation &renameRelation(Analysis &at, Relation &relation, const std::string &to);

/// A column that a parent has too: partitions and inheritors change it through the parent only.
[[nodiscard]] bool inheritsColumn(const Relation &table, const std::string &column);
/// What ALTER TABLE refuses before it does anything: ONLY on a parent, inherited columns, keys that lose their NOT NULL.
void refuseSubCommand(Analysis &at, Relation &table, const Node &command, const std::string &subtype, bool only);
/// What INHERIT and ATTACH PARTITION refuse: a table that lacks what its parent has.
void refuseUnlike(Analysis &at, const Relation &parent, Relation &child);
/// A foreign key that names no columns, too few of them, or what no unique key covers.
void refuseForeignKey(Analysis &at, const Relation &table, const Relation &referenced, const Constraint &key);
/// A unique key of a partitioned table that leaves out a column of the partition key.
void refuseNarrowKey(Analysis &at, const Relation &table, const std::vector<std::string> &columns, bool primary);
/// nextval(), setval() and currval() of a sequence named by a literal lock it.
void lockSequences(Analysis &at, const nlohmann::json &expression);

// A family each; false when the statement is not theirs.
bool alterTable(Analysis &at, const Node &statement);
bool createTable(Analysis &at, const Node &statement);
bool createOther(Analysis &at, const Node &statement);
bool dropSomething(Analysis &at, const Node &statement);
bool renameOrMove(Analysis &at, const Node &statement);
bool indexes(Analysis &at, const Node &statement);
bool maintenance(Analysis &at, const Node &statement);
bool objects(Analysis &at, const Node &statement);
bool queries(Analysis &at, const Node &statement);

/// A column constraint or table constraint added to a table that exists or is being made.
struct AddedConstraint {
    Node node;
    std::string column; ///< where it stood in a column's definition
    bool validate_foreign_key = true;
};

/// What ALTER TABLE's third phase does to one table.
struct TablePass {
    bool rewrite = false;
    bool verify = false;                              ///< reads all rows to check something
    std::set<Relation *> rebuilt;                     ///< indexes dropped and made again
    std::set<Relation *> rebuilt_empty;               ///< … that keep their file
    std::vector<std::pair<std::string, bool>> new_indexes; ///< name, built
    std::vector<Relation *> foreign_keys;             ///< referenced tables to validate against
};

using Passes = std::map<Relation *, TablePass>;

void attachPartition(Analysis &at, Passes &passes, Relation &parent, const Node &command);
/// CREATE TABLE … PARTITION OF.
void createPartition(Analysis &at, Relation &parent, Relation &table, const Node &bound_spec);
void detachPartition(Analysis &at, Relation &parent, const Node &command);
void addConstraint(Analysis &at, Passes &passes, Relation &table, const AddedConstraint &added, bool creating);
void dropConstraint(Analysis &at, Relation &table, const std::string &name, bool cascade, bool missing_ok);
void validateConstraint(Analysis &at, Passes &passes, Relation &table, const std::string &name);
void alterConstraint(Analysis &at, Passes &passes, Relation &table, const Node &definition);
void setNotNull(Analysis &at, Passes &passes, Relation &table, const std::string &column);
void addColumn(Analysis &at, Passes &passes, Relation &table, const Node &definition, bool if_not_exists);
void alterColumnType(Analysis &at, Passes &passes, Relation &table, const Node &command);
void dropColumn(Analysis &at, Relation &table, const std::string &column, bool cascade, bool missing_ok);
/// A column as CREATE TABLE and ADD COLUMN read it, its sequence made; `needs_rewrite` for volatile and computed values.
Column columnOf(Analysis &at, Relation &table, const Node &definition, bool *needs_rewrite, bool *has_default);

} // namespace howdah::migration::effects
