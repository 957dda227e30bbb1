// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "core/index/shape.h"

namespace howdah::index {

struct IndexKey {
    std::string expression;      ///< a quoted column name, or an expression in parentheses
    int attnum = 0;              ///< 0: an expression
    bool descending = false;
    bool nulls_first = false;
    std::string operator_class;  ///< "": the default
    [[nodiscard]] std::string text() const;
    bool operator==(const IndexKey &) const = default;
};

/// What an index was thought of for.
enum class Purpose : std::uint8_t { Lookup, Range, Sort, Join, Group, Covering, Partial, Pattern, Search, Nearest, Summary, ForeignKey };

/// An index that could be made.
struct Candidate {
    std::size_t table = 0;       ///< in Facts::tables
    std::string method = "btree";
    std::vector<IndexKey> keys;
    std::vector<std::string> include; ///< quoted
    std::string predicate;
    std::string options;         ///< "pages_per_range = 32"
    Purpose purpose = Purpose::Lookup;
    std::set<std::size_t> statements; ///< of the workload: those that it was thought of for
    std::set<int> attnums;       ///< of all columns in it
    int rank = 0;                ///< among classes and methods that serve the same: lower is tried first
    // What is known of its entries
    double rows_fraction = 1;    ///< of the table, by its predicate
    double elements = 1;         ///< entries a row: GIN
    double distinct = 0;         ///< different values of all keys together, from a sample; 0: the statistics' product
    std::int64_t size_bytes = 0; ///< as it would be, see size.h
    std::int64_t pretended_bytes = 0; ///< what HypoPG says
    bool size_measured = false;

    /// "CREATE INDEX name ON …"; without a name the server gives one. CONCURRENTLY is the script's.
    [[nodiscard]] std::string ddl(const TableFacts &table_facts, const std::string &name = {}, bool concurrently = false) const;
    /// Everything that makes it this one, in one string.
    [[nodiscard]] std::string signature() const;
    /// HypoPG can pretend it, and its cost can be believed.
    [[nodiscard]] bool pretendable() const { return method == "btree" || method == "hash" || method == "bloom"; }
};

/// What the server says of an expression that an index would hold; read by readExpressions().
struct ExpressionFacts {
    ColumnFacts value;           ///< type, width, distinct … of a sample
    bool known = false;
    bool immutable = true;
};
using Expressions = std::map<std::pair<std::size_t, std::string>, ExpressionFacts>; ///< by table and expression

/// Types of the expressions that terms and orders are on, and statistics of a sample of a few thousand rows. Runs the
/// expressions on rows of the table unless a volatile function is in them. `connection` is in a transaction.
[[nodiscard]] Expressions readExpressions(pg::Connection &connection, const std::vector<Shape> &shapes, const Facts &facts);

struct CandidateLimits {
    std::size_t width = 4;         ///< key columns
    std::size_t include = 8;       ///< INCLUDE columns
    std::set<std::string> methods; ///< empty: all
    /// Also what an existing index serves by its first columns. The planner thinks a thinner one cheaper; it is not, in truth:
    /// only to compare with tools that fall for it.
    bool repeat_existing = false;
    double least_pages = 10;       ///< of a table: below it is read as a whole anyway
    double least_summary_pages = 1024; ///< below it no BRIN
};

/// All that is worth a thought, each once, in a stable order. What an existing index serves already is left out.
/// `rewrites` of a shape gets what would be needed for an index that cannot be.
[[nodiscard]] std::vector<Candidate> candidatesFor(std::vector<Shape> &shapes, const std::vector<double> &weights, const Facts &facts,
                                                   const Expressions &expressions, const CandidateLimits &limits = {});

/// Whether an index that is there has those keys in front (and the rest), so that the candidate adds nothing.
[[nodiscard]] const IndexFacts *servedBy(const Candidate &candidate, const TableFacts &table, const AccessMethods &methods);

/// A fraction of the table's rows, from statistics; 0.005 where they tell nothing.
[[nodiscard]] double fractionOf(const Term &term, const ColumnFacts *column);

/// The column's, or what is known of the expression; null when nothing is.
[[nodiscard]] const ColumnFacts *valueFacts(std::size_t table, const std::string &expression, int attnum, const Facts &facts, const Expressions &expressions);

} // namespace howdah::index
