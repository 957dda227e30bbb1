// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/complete/snapshot.h"
#include "core/complete/words.h"

namespace howdah::complete {

/// A column that a query can name.
struct Column {
    std::string name;
    std::string type; ///< "" when it is not known
};

/// Something in FROM, or the target of INSERT, UPDATE, DELETE or MERGE.
struct Source {
    std::string name;                              ///< what it is called: the alias, else the relation's name
    std::string schema;                            ///< as written, "" when not qualified or aliased
    const pg::CatalogRelation *relation = nullptr; ///< null for CTEs, sub-selects, functions and unknown ones
    std::vector<Column> columns;
    std::size_t word = 0;                          ///< where it begins
    bool aliased = false;
    bool target = false;                           ///< what the statement writes to
};

struct Cte {
    std::string name;
    std::vector<Column> columns;
};

enum class Clause : std::uint8_t {
    Start, Select, SelectInto, From, Join, On, Using, Where, GroupBy, Having, Window, OrderBy, Limit, Lock, Returning, Values,
    InsertInto, Update, Set, DeleteFrom, DeleteUsing, MergeInto, MergeUsing, MergeOn, MergeWhen, MergeThen, Conflict, ConflictDo
};

/// Where a clause begins: its keyword, and the first word after the keyword.
struct Mark {
    Clause clause = Clause::Start;
    std::size_t word = 0;
    std::size_t body = 0;
};

/// One SELECT between UNIONs, or one INSERT, UPDATE …
struct Branch {
    std::size_t begin = 0, end = 0;
    std::vector<Mark> marks; ///< in order
    [[nodiscard]] Clause clauseAt(std::size_t word, std::size_t *body = nullptr) const;
    [[nodiscard]] bool has(Clause clause) const;
};

/// A query: WITH and branches.
struct Query {
    std::vector<Branch> branches;
    std::size_t body = 0; ///< after WITH
    [[nodiscard]] const Branch *branchAt(std::size_t word) const;
};

/// What the words of a statement mean: its queries, what they read from, and the columns these give. Tolerant: what
/// makes no sense is passed over.
class Scope
{
public:
    Scope(const Statement &statement, const Snapshot &snapshot) : statement_(statement), snapshot_(snapshot) {}

    /// Whether a query begins at that word.
    [[nodiscard]] bool beginsQuery(std::size_t word) const;
    [[nodiscard]] Query query(std::size_t begin, std::size_t end) const;
    /// The CTEs of a WITH that a word can see: all of them after WITH, inside one those before it.
    [[nodiscard]] std::vector<Cte> ctes(std::size_t begin, std::size_t end, std::size_t seen_from, const std::vector<Cte> &outer);
    [[nodiscard]] std::vector<Source> sources(const Branch &branch, const std::vector<Cte> &ctes);
    /// Columns of the rows that a query gives.
    [[nodiscard]] std::vector<Column> outputs(std::size_t begin, std::size_t end, const std::vector<Cte> &ctes);
    /// Of one select list: names and types as far as they are plain.
    [[nodiscard]] std::vector<Column> selectList(std::size_t begin, std::size_t end, const std::vector<Source> &sources);
    [[nodiscard]] Source sourceNamed(std::size_t &word, std::size_t end, const std::vector<Cte> &ctes);

private:
    void addItems(std::size_t begin, std::size_t end, const std::vector<Cte> &ctes, std::vector<Source> &sources);
    void addItem(std::size_t &word, std::size_t end, const std::vector<Cte> &ctes, std::vector<Source> &sources);
    void takeAlias(std::size_t &word, std::size_t end, Source &source);
    [[nodiscard]] std::vector<Column> functionColumns(std::string_view schema, std::string_view name) const;
    [[nodiscard]] Column outputOf(std::size_t begin, std::size_t end, const std::vector<Source> &sources) const;
    [[nodiscard]] std::string typeOf(const std::string &source, const std::string &column, const std::vector<Source> &sources) const;

    const Statement &statement_;
    const Snapshot &snapshot_;
    std::map<std::size_t, std::vector<Column>> known_; ///< of queries that were looked at, by where they begin
    int depth_ = 0;
    std::size_t work_ = 0;
};

/// "a integer DEFAULT f(1, 2), b text" in its parts, split at the commas that separate them.
[[nodiscard]] std::vector<std::string> splitList(std::string_view list);

} // namespace howdah::complete
